//! Sets against a plain set of byte strings, in every form.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use arbitrary::Unstructured;
use arbtest::arbtest;

use super::{Set, difference, difference_of, intersection, intersection_of, union, union_of};
use crate::{Encoding, EncodingLimits};

type Model = BTreeSet<Vec<u8>>;
type Visit<'a> = &'a mut dyn FnMut(super::Member<'_>) -> ControlFlow<()>;

fn limits(u: &mut Unstructured<'_>) -> arbitrary::Result<EncodingLimits> {
    Ok(EncodingLimits {
        set_max_intset_entries: u.int_in_range(0..=20)?,
        set_max_listpack_entries: u.int_in_range(0..=20)?,
        set_max_listpack_value_bytes: u.int_in_range(0..=8)?,
        ..EncodingLimits::default()
    })
}

fn member(u: &mut Unstructured<'_>) -> arbitrary::Result<Vec<u8>> {
    Ok(match u.int_in_range(0..=3)? {
        0 => u.int_in_range(-20..=20)?.to_string().into_bytes(),
        1 => u.arbitrary::<i64>()?.to_string().into_bytes(),
        2 => vec![b'a' + u.int_in_range(0..=25)?],
        _ => u.arbitrary()?,
    })
}

fn some_set(u: &mut Unstructured<'_>, limits: &EncodingLimits) -> arbitrary::Result<(Set, Model)> {
    let (mut set, mut model) = (Set::default(), Model::new());
    for _ in 0..u.int_in_range(0..=40)? {
        let member = member(u)?;
        set.insert(&member, limits);
        model.insert(member);
    }
    Ok((set, model))
}

fn texts(set: &Set) -> Model {
    let all: Vec<_> = set.iter().map(super::Member::to_vec).collect();
    let texts: Model = all.iter().cloned().collect();
    assert_eq!(texts.len(), all.len(), "a member twice");
    texts
}

#[track_caller]
fn agrees(set: &Set, model: &Model) {
    assert_eq!((set.len(), set.is_empty()), (model.len(), model.is_empty()));
    assert_eq!(&texts(set), model);
    assert!(model.iter().all(|member| set.contains(member)));
    assert!(set.iter().all(|member| set.contains_member(member)));
}

#[test]
fn changes_agree_with_a_plain_set() {
    arbtest(|u| {
        let limits = limits(u)?;
        let mut rng = fastrand::Rng::with_seed(u.arbitrary()?);
        let (mut set, mut model) = (Set::default(), Model::new());
        for _ in 0..u.int_in_range(0..=60)? {
            let member = member(u)?;
            match u.int_in_range(0..=9)? {
                0..=4 => assert_eq!(set.insert(&member, &limits), model.insert(member)),
                5 | 6 => assert_eq!(set.remove(&member), model.remove(&member)),
                7 => {
                    let before = model.len();
                    set.pop(&mut rng, |member| assert!(model.remove(member)));
                    assert_eq!(model.len(), before.saturating_sub(1));
                }
                8 => {
                    let count = u.int_in_range(0..=model.len() + 1)?;
                    let left = model.len().saturating_sub(count);
                    set.pop_many(count, &mut rng, &limits, &mut |member| assert!(model.remove(member)));
                    assert_eq!(model.len(), left);
                }
                _ => {
                    let count = u.int_in_range(0..=40)?;
                    set.expect(&member, count, &limits);
                }
            }
            agrees(&set, &model);
            if set.encoding() == Encoding::Intset {
                assert!(set.len() as u64 <= limits.set_max_intset_entries);
            }
        }
        Ok(())
    });
}

#[test]
fn algebra_agrees_with_plain_sets() {
    arbtest(|u| {
        let limits = limits(u)?;
        let mut all = Vec::new();
        for _ in 0..u.int_in_range(1..=6)? {
            all.push(some_set(u, &limits)?);
        }
        let sets: Vec<&Set> = all.iter().map(|(set, _)| set).collect();
        let models = || all.iter().map(|(_, model)| model.clone());
        let common = models().reduce(|a, b| &a & &b).unwrap();
        let rest = models().reduce(|a, b| &a - &b).unwrap();
        let any = models().reduce(|a, b| &a | &b).unwrap();

        let told = |walk: &dyn Fn(Visit<'_>)| {
            let mut members = Vec::new();
            walk(&mut |member| {
                members.push(member.to_vec());
                ControlFlow::Continue(())
            });
            let texts: Model = members.iter().cloned().collect();
            assert_eq!(texts.len(), members.len(), "a member was told twice");
            let mut first = 0;
            walk(&mut |_| {
                first += 1;
                ControlFlow::Break(())
            });
            assert_eq!(first, members.len().min(1));
            texts
        };
        assert_eq!(told(&|visit| intersection(&sets, visit)), common);
        assert_eq!(told(&|visit| difference(sets[0], &sets[1..], visit)), rest);
        assert_eq!(told(&|visit| union(&sets, visit)), any);
        agrees(&intersection_of(&sets, &limits), &common);
        agrees(&difference_of(sets[0], &sets[1..], &limits), &rest);
        agrees(&union_of(&sets, &limits), &any);
        Ok(())
    });
}

#[test]
fn scans_tell_every_member_that_stays() {
    arbtest(|u| {
        let limits = limits(u)?;
        let (mut set, mut staying) = (Set::default(), Model::new());
        for int in 0..u.int_in_range(0..=300)? {
            let member = format!("member:{int}").into_bytes();
            set.insert(&member, &limits);
            if int % 3 > 0 {
                staying.insert(member);
            }
        }
        let (mut cursor, mut seen, mut step) = (0, Model::new(), 0);
        loop {
            cursor = set.scan(cursor, u.int_in_range(1..=30)?, &mut |member| {
                seen.insert(member.to_vec());
            });
            if cursor == 0 {
                break;
            }
            step += 1;
            set.remove(format!("member:{}", step * 3).as_bytes());
            set.insert(format!("other:{step}").as_bytes(), &limits);
        }
        assert!(staying.is_subset(&seen));
        Ok(())
    });
}

#[test]
fn draws_are_fair_in_every_form() {
    for (max_ints, max_listpack) in [(100, 100), (0, 100), (0, 0)] {
        let limits = EncodingLimits {
            set_max_intset_entries: max_ints,
            set_max_listpack_entries: max_listpack,
            ..EncodingLimits::default()
        };
        let mut set = Set::default();
        set.expect(b"0", 1, &limits);
        (0..60).for_each(|int: u32| assert!(set.insert(int.to_string().as_bytes(), &limits)));
        let mut rng = fastrand::Rng::with_seed(42);
        let (mut single, mut sampled, mut few, mut popped) = ([0; 60], [0; 60], [0; 60], [0; 60]);
        let index = |member: &[u8]| str::from_utf8(member).unwrap().parse::<usize>().unwrap();
        for _ in 0..3000 {
            for _ in 0..10 {
                single[index(&set.random(&mut rng).unwrap().to_vec())] += 1;
            }
            set.sample(10, &mut rng, &mut |member| few[index(&member.to_vec())] += 1);
            set.sample(40, &mut rng, &mut |member| sampled[index(&member.to_vec())] += 1);
            let mut copy = set.clone();
            copy.pop_many(10, &mut rng, &limits, &mut |member| popped[index(member)] += 1);
            assert_eq!(copy.len(), 50);
        }
        for (counts, expected) in [(single, 500), (few, 500), (sampled, 2000), (popped, 500)] {
            let most = expected / 5;
            assert!(counts.iter().all(|count| (expected - most..=expected + most).contains(count)), "{counts:?}");
        }
    }
}

#[test]
fn forms_change_where_redis_changes_them() {
    let limits = |ints, listpack, value| EncodingLimits {
        set_max_intset_entries: ints,
        set_max_listpack_entries: listpack,
        set_max_listpack_value_bytes: value,
        ..EncodingLimits::default()
    };
    let (few, tight) = (limits(5, 10, 64), limits(10, 5, 64));
    let short = limits(5, 10, 3);
    for (limits, chunks, expected) in [
        (few, &["0 1 2 3 4"][..], "intset"),
        (few, &["0 1 2 3 4 5"], "listpack"),
        (few, &["0 1 2 3 4", "5"], "hashtable"),
        (few, &["0", "1", "2", "3", "4", "5"], "hashtable"),
        (few, &["0 1 2 3 4 5 6 7 8 9 10"], "hashtable"),
        (few, &["1", "1 1 1 1 1 1"], "hashtable"),
        (few, &["1", "a a a a a"], "listpack"),
        (limits(0, 10, 64), &["1"], "listpack"),
        (limits(5, 0, 64), &["1"], "intset"),
        (limits(5, 0, 64), &["a"], "hashtable"),
        (tight, &["0 1 2 3 4", "a"], "hashtable"),
        (tight, &["0 1 2 3", "a"], "listpack"),
        (tight, &["0 1 2 3 4 5 6"], "intset"),
        (short, &["1234", "a"], "hashtable"),
        (short, &["-123", "a"], "hashtable"),
        (short, &["123", "a"], "listpack"),
        (short, &["a", "1234"], "hashtable"),
    ] {
        let mut set = Set::default();
        for chunk in chunks {
            let members: Vec<_> = chunk.split(' ').map(str::as_bytes).collect();
            set.expect(members[0], members.len(), &limits);
            for member in members {
                set.insert(member, &limits);
            }
        }
        assert_eq!(set.encoding().name(), expected, "{chunks:?} {limits:?}");
    }
}

#[test]
fn what_is_left_of_a_table_is_small_again_when_most_was_taken() {
    for (size, taken, expected) in [
        (600, 500, Encoding::Listpack),
        (600, 499, Encoding::Hashtable),
        (2000, 1800, Encoding::Hashtable),
        (1000, 872, Encoding::Listpack),
    ] {
        let limits = EncodingLimits::default();
        let mut set = Set::default();
        (0..size).for_each(|int| assert!(set.insert(format!("s{int}").as_bytes(), &limits)));
        let mut told = 0;
        set.pop_many(taken, &mut fastrand::Rng::with_seed(1), &limits, &mut |_| told += 1);
        assert_eq!((told, set.len(), set.encoding()), (taken, size - taken, expected));
    }
}
