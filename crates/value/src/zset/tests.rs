//! Sorted sets in both forms against a sorted vector.

use std::ops::{Bound, Range};

use arbtest::arbitrary::{Arbitrary, Result, Unstructured};
use arbtest::arbtest;
use stdx::num::IntText;

use super::*;
use crate::{Encoding, EncodingLimits};

fn limits(entries: u64) -> EncodingLimits {
    EncodingLimits { zset_max_listpack_entries: entries, ..EncodingLimits::default() }
}

const LARGE: u64 = 0;
const COMPACT: u64 = u64::MAX;

/// Members with their scores, in order.
#[derive(Clone, Debug, Default)]
struct Model {
    entries: Vec<(Vec<u8>, f64)>,
}

impl Model {
    fn rank(&self, member: &[u8]) -> Option<usize> {
        self.entries.iter().position(|(other, _)| other == member)
    }

    fn insert(&mut self, member: &[u8], score: f64) -> Option<f64> {
        let old = self.rank(member).map(|rank| self.entries[rank].1);
        if old != Some(score) {
            self.entries.retain(|(other, _)| other != member);
            self.entries.push((member.to_vec(), score));
            self.entries.sort_by(|one, other| one.1.partial_cmp(&other.1).unwrap().then_with(|| one.0.cmp(&other.0)));
        }
        old
    }

    fn remove(&mut self, member: &[u8]) -> Option<f64> {
        self.rank(member).map(|rank| self.entries.remove(rank).1)
    }
}

#[derive(Debug)]
enum Op {
    Insert(Vec<u8>, f64),
    Remove(Vec<u8>),
    RemoveRanks(usize, usize),
    ByScore(ScoreRange),
    Walk(usize, usize, Vec<bool>),
    Scan(u8),
}

fn member(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let number = u.int_in_range(0..=400)?;
    Ok(match u.int_in_range(0..=20)? {
        0 => vec![b'x'; number * 7],
        1 => vec![b'y'; 3000 + number % 5 * 700],
        2..=8 => number.to_string().into_bytes(),
        _ => format!("member:{number}").into_bytes(),
    })
}

fn score(u: &mut Unstructured<'_>) -> Result<f64> {
    Ok(match u.int_in_range(0..=9)? {
        0 => f64::INFINITY,
        1 => f64::NEG_INFINITY,
        2 => f64::from(u.int_in_range(-9..=9)?) / 8.0,
        3..=5 => f64::from(u.int_in_range(-1000..=1000)?),
        6 => Some(f64::arbitrary(u)?).filter(|score| !score.is_nan() && *score != 0.0).unwrap_or(1.0),
        _ => 0.0,
    })
}

fn bound(u: &mut Unstructured<'_>) -> Result<Bound<f64>> {
    Ok(match u.int_in_range(0..=4)? {
        0 => Bound::Unbounded,
        1 | 2 => Bound::Included(score(u)?),
        _ => Bound::Excluded(score(u)?),
    })
}

impl<'a> Arbitrary<'a> for Op {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(match u.int_in_range(0..=39)? {
            0..=25 => Self::Insert(member(u)?, score(u)?),
            26..=33 => Self::Remove(member(u)?),
            34 => Self::RemoveRanks(u.int_in_range(0..=200)?, u.int_in_range(0..=300)?),
            35 => Self::ByScore(ScoreRange { min: bound(u)?, max: bound(u)? }),
            36 => Self::Walk(u.int_in_range(0..=200)?, u.int_in_range(0..=300)?, u.arbitrary()?),
            _ => Self::Scan(u.arbitrary()?),
        })
    }
}

fn owned((member, score): (pack::Element<'_>, f64)) -> (Vec<u8>, f64) {
    (member.bytes(&mut IntText::new()).to_vec(), score)
}

fn apply(op: &Op, zset: &mut SortedSet, model: &mut Model, limits: &EncodingLimits) {
    match op {
        Op::Insert(member, score) => {
            assert_eq!(zset.insert(member, *score, limits), model.insert(member, *score), "{op:?}");
            assert_eq!(zset.score(member), Some(*score));
        }
        Op::Remove(member) => {
            let rank = model.rank(member);
            assert_eq!(zset.rank(member), rank.map(|rank| (rank, model.entries[rank].1)));
            assert_eq!(zset.remove(member), model.remove(member));
            assert_eq!(zset.score(member), None);
        }
        Op::RemoveRanks(start, len) => {
            let ranks = within(*start..start + len, model.entries.len());
            zset.remove_ranks(*start..start + len);
            model.entries.drain(ranks);
        }
        Op::ByScore(range) => {
            let expected: Vec<_> =
                model.entries.iter().filter(|(_, score)| contains(*range, *score)).cloned().collect();
            let ranks = zset.ranks_by_score(*range);
            assert_eq!(ranks.len(), expected.len(), "{range:?}");
            assert_eq!(zset.range(ranks).map(owned).collect::<Vec<_>>(), expected);
        }
        Op::Walk(start, len, turns) => {
            let mut expected = model.entries[within(*start..start + len, model.entries.len())].iter().cloned();
            let mut entries = zset.range(*start..start + len);
            for forward in turns {
                assert_eq!(entries.len(), expected.len());
                let (entry, expected) = if *forward {
                    (entries.next(), expected.next())
                } else {
                    (entries.next_back(), expected.next_back())
                };
                assert_eq!(entry.map(owned), expected);
            }
        }
        Op::Scan(count) => {
            let (mut cursor, mut seen) = (0, Vec::new());
            loop {
                cursor = zset.scan(cursor, usize::from(*count), |member, score| seen.push(owned((member, score))));
                if cursor == 0 {
                    break;
                }
            }
            seen.sort_by(|one, other| one.0.cmp(&other.0));
            let mut expected = model.entries.clone();
            expected.sort_by(|one, other| one.0.cmp(&other.0));
            assert_eq!(seen, expected);
        }
    }
}

fn within(range: Range<usize>, len: usize) -> Range<usize> {
    range.start.min(len)..range.end.min(len)
}

fn contains(range: ScoreRange, score: f64) -> bool {
    let above = match range.min {
        Bound::Unbounded => true,
        Bound::Included(min) => score >= min,
        Bound::Excluded(min) => score > min,
    };
    above
        && match range.max {
            Bound::Unbounded => true,
            Bound::Included(max) => score <= max,
            Bound::Excluded(max) => score < max,
        }
}

fn check_model(limits: EncodingLimits) {
    arbtest(|u| {
        let (mut zset, mut model) = (SortedSet::new(), Model::default());
        // Some runs begin with members in order, so that leaves are full.
        let (start, step) = (u.int_in_range(0..=500)?, if u.arbitrary()? { 1.0 } else { -1.0 });
        for number in 0..start {
            let member = format!("member:{number}");
            zset.insert(member.as_bytes(), f64::from(number) * step, &limits);
            model.insert(member.as_bytes(), f64::from(number) * step);
        }
        while !u.is_empty() {
            let op = Op::arbitrary(u)?;
            apply(&op, &mut zset, &mut model, &limits);
            assert_eq!(zset.len(), model.entries.len());
        }
        for (entry, expected) in zset.iter().map(owned).zip(&model.entries) {
            assert_eq!(&entry, expected);
        }
        Ok(())
    })
    .size_max(20_000)
    .budget_ms(4_000);
}

#[test]
fn the_large_form_is_a_sorted_vector() {
    check_model(limits(LARGE));
}

#[test]
fn the_compact_form_is_a_sorted_vector() {
    check_model(EncodingLimits { zset_max_listpack_value_bytes: COMPACT, ..limits(COMPACT) });
}

#[test]
fn both_forms_with_the_change_in_between_are_a_sorted_vector() {
    check_model(limits(100));
}

/// Enough members that inner nodes split, merge and go, in several orders.
#[test]
fn many_members_come_and_go_in_any_order() {
    const COUNT: usize = 30_000;
    let limits = limits(LARGE);
    let shuffled = |step: usize| (0..COUNT).map(move |number| number * step % COUNT);
    for (inserting, removing) in [(1, 1), (7919, 1), (1, 7919), (7919, 104_729)] {
        let mut zset = SortedSet::new();
        for number in shuffled(inserting) {
            zset.insert(number.to_string().as_bytes(), (number / 3) as f64, &limits);
        }
        assert_eq!(zset.len(), COUNT);
        assert!(zset.iter().map(|(_, score)| score).is_sorted());
        for (at, number) in shuffled(removing).enumerate() {
            let member = number.to_string();
            if at % 1000 == 0 {
                let (rank, score) = zset.rank(member.as_bytes()).unwrap();
                assert_eq!(score, (number / 3) as f64);
                let (there, _) = zset.range(rank..rank + 1).next().unwrap();
                assert_eq!(there.to_vec(), member.as_bytes());
                assert_eq!(zset.iter().count(), COUNT - at);
                assert_eq!(zset.iter().rev().count(), COUNT - at);
            }
            assert_eq!(zset.remove(member.as_bytes()), Some((number / 3) as f64));
        }
        assert!(zset.is_empty());
        assert!(zset.heap_bytes() < 20_000, "{} bytes for nothing", zset.heap_bytes());
    }
}

#[test]
fn a_scan_sees_every_member_that_stays_whatever_moves() {
    let limits = limits(LARGE);
    let mut zset = SortedSet::new();
    for number in 0..5000_u32 {
        zset.insert(format!("stays:{number}").as_bytes(), f64::from(number), &limits);
    }
    let (mut cursor, mut seen, mut round) = (0, std::collections::BTreeSet::new(), 0_u32);
    loop {
        cursor = zset.scan(cursor, 10, |member, _| {
            seen.insert(member.to_vec());
        });
        if cursor == 0 {
            break;
        }
        for number in 0..20 {
            // Scores move, members come and go.
            zset.insert(
                format!("stays:{}", (round * 31 + number * 7) % 5000).as_bytes(),
                f64::from(number * round),
                &limits,
            );
            zset.insert(format!("other:{round}:{number}").as_bytes(), f64::from(number), &limits);
            zset.remove(format!("other:{}:{number}", round / 2).as_bytes());
        }
        round += 1;
        assert!(round < 10_000);
    }
    let missed = (0..5000).filter(|number| !seen.contains(format!("stays:{number}").as_bytes())).count();
    assert_eq!(missed, 0);
}

#[test]
fn members_between_bounds_are_found_where_scores_are_equal() {
    for entries in [LARGE, COMPACT] {
        let limits = limits(entries);
        let mut zset = SortedSet::new();
        for number in 0..1000 {
            zset.insert(format!("{number:04}").as_bytes(), 7.0, &limits);
        }
        let ranks = |min, max| zset.ranks_by_lex(LexRange { min, max });
        use LexBound::{Excluded, Greatest, Included, Least};
        assert_eq!(ranks(Least, Greatest), 0..1000);
        assert_eq!(ranks(Included(b"0100"), Included(b"0200")), 100..201);
        assert_eq!(ranks(Excluded(b"0100"), Excluded(b"0200")), 101..200);
        assert_eq!(ranks(Included(b"01"), Excluded(b"02")), 100..200);
        assert_eq!(ranks(Excluded(b"0999"), Greatest).len(), 0);
        assert_eq!(ranks(Least, Excluded(b"0000")).len(), 0);
        for (min, max) in [(Greatest, Least), (Greatest, Greatest), (Least, Least), (Included(b"5"), Included(b"4"))] {
            assert_eq!(ranks(min, max), 0..0);
        }
        assert_eq!(ranks(Included(b"0005"), Included(b"0005")), 5..6);
        assert_eq!(ranks(Included(b"0005"), Excluded(b"0005")), 0..0);
    }
}

#[test]
fn the_compact_form_has_redis_bytes() {
    let mut zset = SortedSet::new();
    let limits = EncodingLimits::default();
    zset.insert(b"b", 2.5, &limits);
    zset.insert(b"a", 1.0, &limits);
    let bytes = b"\x14\0\0\0\x04\0\x81a\x02\x01\x01\x81b\x02\x832.5\x04\xff";
    assert_eq!(zset.as_listpack(), Some(&bytes[..]));
    assert_eq!(SortedSet::from_listpack(bytes, &limits), Ok(zset));
}

#[test]
fn the_form_changes_with_the_first_member_beyond_the_limits() {
    let limits = EncodingLimits { zset_max_listpack_entries: 3, zset_max_listpack_value_bytes: 5, ..limits(3) };
    let of = |members: &[&[u8]]| {
        let mut zset = SortedSet::new();
        members.iter().for_each(|member| {
            zset.insert(member, 0.0, &limits);
        });
        zset.encoding()
    };
    assert_eq!(of(&[b"a", b"b", b"c", b"c"]), Encoding::Listpack);
    assert_eq!(of(&[b"a", b"b", b"c", b"d"]), Encoding::Skiplist);
    assert_eq!(of(&[b"abcde"]), Encoding::Listpack);
    assert_eq!(of(&[b"abcdef"]), Encoding::Skiplist);
    let mut zset = SortedSet::new();
    zset.expect(3, &limits);
    assert_eq!(zset.encoding(), Encoding::Listpack);
    zset.expect(4, &limits);
    assert_eq!(zset.encoding(), Encoding::Skiplist);
    zset.insert(b"a", 0.0, &limits);
    zset.compact(&limits);
    assert_eq!(zset.encoding(), Encoding::Listpack);
}

#[test]
fn bytes_that_are_no_sorted_set_are_refused() {
    let refused = |elements: &[&[u8]]| {
        let mut pack = pack::Listpack::new();
        elements.iter().for_each(|element| pack.push(*element));
        let (compact, large) = (limits(COMPACT), limits(LARGE));
        let kind = SortedSet::from_listpack(pack.as_bytes(), &compact).map_err(|error| error.kind);
        assert_eq!(SortedSet::from_listpack(pack.as_bytes(), &large).map_err(|error| error.kind), kind);
        kind.unwrap_err()
    };
    assert_eq!(refused(&[]), ZsetErrorKind::Empty);
    assert_eq!(refused(&[b"a"]), ZsetErrorKind::Unpaired);
    assert_eq!(refused(&[b"a", b"x"]), ZsetErrorKind::Score);
    assert_eq!(refused(&[b"a", b"nan"]), ZsetErrorKind::Score);
    assert_eq!(refused(&[b"a", b"2", b"b", b"1"]), ZsetErrorKind::Order);
    assert_eq!(refused(&[b"b", b"1", b"a", b"1"]), ZsetErrorKind::Order);
    assert_eq!(refused(&[b"a", b"1", b"b", b"1", b"a", b"2"]), ZsetErrorKind::Duplicate);
    assert_eq!(refused(&[b"7", b"1", b"7", b"2"]), ZsetErrorKind::Duplicate);
}

#[test]
fn any_bytes_are_refused_or_a_sorted_set() {
    arbtest(|u| {
        let mut pack = pack::Listpack::new();
        for _ in 0..u.int_in_range(0..=8)? {
            pack.push(&member(u)?);
            pack.push(stdx::num::DoubleText::new().format(score(u)?));
        }
        let mut bytes = pack.as_bytes().to_vec();
        if u.arbitrary()? {
            let at = u.choose_index(bytes.len())?;
            bytes[at] = u.arbitrary()?;
        }
        if let Ok(zset) = SortedSet::from_listpack(&bytes, &limits(u.int_in_range(0..=8)?)) {
            assert!(!zset.is_empty());
            for (rank, (member, score)) in zset.iter().enumerate() {
                assert_eq!(zset.rank(member.bytes(&mut IntText::new())), Some((rank, score)));
            }
        }
        Ok(())
    });
}
