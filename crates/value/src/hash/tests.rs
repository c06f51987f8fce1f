use std::collections::BTreeMap;
use std::sync::Arc;

use arbtest::arbitrary::{Result, Unstructured};
use stdx::UnixMs;

use crate::{Encoding, EncodingLimits, FieldTtl, Hash, HashTemplate, NotATemplate};

/// One thing to do with a hash. Fields are few, so that operations meet.
#[derive(Debug)]
enum Op {
    Set { field: Vec<u8>, value: Vec<u8>, ttl: FieldTtl },
    Remove { field: Vec<u8> },
    SetDeadline { field: Vec<u8>, deadline: Option<UnixMs> },
    TakeDue { now: UnixMs, max: usize },
    Expect { count: usize },
}

type Model = BTreeMap<Vec<u8>, (Vec<u8>, Option<UnixMs>)>;

fn op(u: &mut Unstructured<'_>) -> Result<Op> {
    Ok(match u.int_in_range(0..=20)? {
        0..=9 => {
            let ttl = match u.int_in_range(0..=3)? {
                0 => FieldTtl::Clear,
                1 => FieldTtl::Keep,
                _ => FieldTtl::At(time(u)?),
            };
            Op::Set { field: field(u)?, value: value(u)?, ttl }
        }
        10..=13 => Op::Remove { field: field(u)? },
        14..=17 => Op::SetDeadline { field: field(u)?, deadline: if u.arbitrary()? { Some(time(u)?) } else { None } },
        18..=19 => Op::TakeDue { now: time(u)?, max: u.int_in_range(0..=4)? },
        _ => Op::Expect { count: u.int_in_range(0..=9)? },
    })
}

fn field(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let number: i64 = u.int_in_range(-8..=8)?;
    Ok(if number % 3 == 0 { number.to_string() } else { format!("field:{number}") }.into_bytes())
}

fn value(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    Ok(match u.int_in_range(0..=3)? {
        0 => u.arbitrary::<i64>()?.to_string().into_bytes(),
        1 => vec![b'x'; u.int_in_range(0..=80)?],
        _ => u.bytes(u.len().min(3))?.to_vec(),
    })
}

fn time(u: &mut Unstructured<'_>) -> Result<UnixMs> {
    Ok(UnixMs(u.int_in_range(1..=30)?))
}

fn apply(op: Op, hash: &mut Hash, model: &mut Model, limits: &EncodingLimits) {
    match op {
        Op::Set { field, value, ttl } => {
            let before = model.get(&field).and_then(|(_, deadline)| *deadline);
            let is_new = hash.set(&field, &value, ttl, limits);
            assert_eq!(is_new, model.insert(field, (value, ttl.deadline(before))).is_none());
        }
        Op::Remove { field } => assert_eq!(hash.remove(&field), model.remove(&field).is_some()),
        Op::SetDeadline { field, deadline } => {
            let item = model.get_mut(&field);
            assert_eq!(hash.set_deadline(&field, deadline), item.is_some());
            if let Some(item) = item {
                item.1 = deadline;
            }
        }
        Op::TakeDue { now, max } => {
            let due = |(_, deadline): &(Vec<u8>, Option<UnixMs>)| deadline.filter(|at| *at < now);
            let mut times: Vec<UnixMs> = model.values().filter_map(due).collect();
            times.sort_unstable();
            times.truncate(max);
            let mut taken = Vec::new();
            assert_eq!(hash.take_due(now, max, &mut |field| taken.push(field.to_vec())), times.len());
            let taken_times: Vec<UnixMs> = taken.iter().filter_map(|field| model.remove(field)?.1).collect();
            assert_eq!(taken_times, times, "the earliest first");
        }
        Op::Expect { count } => hash.expect(count, limits),
    }
}

fn compare(hash: &Hash, model: &Model, seed: u64) {
    assert_eq!((hash.len(), hash.is_empty()), (model.len(), model.is_empty()));
    assert_eq!(hash.wake_at(), model.values().filter_map(|(_, deadline)| *deadline).min());
    let seen: Model = hash.iter().map(|entry| (entry.field.to_vec(), (entry.value.to_vec(), entry.deadline))).collect();
    assert_eq!(&seen, model);
    let now = UnixMs(15);
    let live = |deadline: Option<UnixMs>| deadline.is_none_or(|at| at >= now);
    let visible: Vec<&Vec<u8>> = model.iter().filter(|(_, item)| live(item.1)).map(|(field, _)| field).collect();
    assert_eq!(hash.live_len(now), visible.len());
    for (field, (value, deadline)) in model {
        let (found, at) = hash.get(field).unwrap();
        assert_eq!((found.to_vec(), at), (value.clone(), *deadline));
        assert_eq!(hash.get_live(field, now).is_some(), live(*deadline));
    }
    let mut scanned = Vec::new();
    let mut cursor = 0;
    loop {
        cursor = hash.scan(cursor, 3, &mut |entry| scanned.push(entry.field.to_vec()));
        if cursor == 0 {
            break;
        }
    }
    scanned.sort_unstable();
    assert_eq!(scanned, model.keys().cloned().collect::<Vec<_>>());
    let mut rng = fastrand::Rng::with_seed(seed);
    assert_eq!(hash.random(now, &mut rng).is_some(), !visible.is_empty());
    let mut sampled = Vec::new();
    hash.sample(3, now, &mut rng, &mut |entry| sampled.push(entry.field.to_vec()));
    sampled.sort_unstable();
    sampled.dedup();
    assert_eq!(sampled.len(), visible.len().min(3));
    assert!(sampled.iter().all(|field| visible.contains(&field)));
    let mut drawn = 0;
    hash.draw(5, now, &mut rng, &mut |entry| {
        assert!(visible.contains(&&entry.field.to_vec()));
        drawn += 1;
        true
    });
    assert_eq!(drawn, if visible.is_empty() { 0 } else { 5 });
}

fn run(u: &mut Unstructured<'_>, limits: EncodingLimits) -> Result<()> {
    follow(u, limits, Hash::default(), Model::new())
}

/// Begins with a hash that shares its names with another, which must not notice what is done to it.
fn run_templated(u: &mut Unstructured<'_>, limits: EncodingLimits) -> Result<()> {
    let mut model = Model::new();
    model.insert(field(u)?, (value(u)?, None));
    for _ in 0..u.int_in_range(0..=12)? {
        model.insert(field(u)?, (value(u)?, None));
    }
    // The fieldset in an order that is not the template's.
    let names: Vec<&[u8]> = model.keys().rev().map(|name| &**name).collect();
    let (template, order) = HashTemplate::new(&names).unwrap();
    let template = Arc::new(template);
    let values: Vec<&[u8]> = order.iter().map(|at| &*model[names[*at as usize]].0).collect();
    let make = || Hash::of_template(&template, values.iter().copied(), &limits);
    let (hash, other) = (make(), make());
    assert!(hash.encoding() == Encoding::TemplateListpack || hash.encoding() == Encoding::TemplateArray);
    compare(&hash, &model, 1);
    follow(u, limits, hash, model.clone())?;
    compare(&other, &model, 2);
    assert_eq!(Arc::strong_count(&template), 2, "what went its own way let the names go");
    Ok(())
}

fn follow(u: &mut Unstructured<'_>, limits: EncodingLimits, mut hash: Hash, mut model: Model) -> Result<()> {
    while !u.is_empty() {
        let op = op(u)?;
        let was = hash.encoding();
        apply(op, &mut hash, &mut model, &limits);
        compare(&hash, &model, u.arbitrary()?);
        let shrunk = matches!((was, hash.encoding()), (Encoding::Hashtable, now) if now != Encoding::Hashtable);
        let forgot = (was, hash.encoding()) == (Encoding::ListpackEx, Encoding::Listpack);
        let shares = |encoding| matches!(encoding, Encoding::TemplateListpack | Encoding::TemplateArray);
        assert!(!shrunk && !forgot && (shares(was) || !shares(hash.encoding())), "{was:?} to {:?}", hash.encoding());
        if !matches!(hash.encoding(), Encoding::Hashtable | Encoding::TemplateArray) {
            assert!(hash.len() as u64 <= limits.hash_max_listpack_entries);
        }
        if let Some(pairs) = hash.as_pairs().filter(|pairs| !pairs.is_empty()) {
            assert_eq!(Hash::from_pairs_bytes(pairs.as_bytes(), &limits).as_ref(), Ok(&hash));
        }
        if let Some(triples) = hash.as_triples().filter(|triples| !triples.is_empty()) {
            assert_eq!(Hash::from_triples_bytes(triples.as_bytes(), &limits).as_ref(), Ok(&hash));
        }
    }
    Ok(())
}

fn limits(entries: u64, bytes: u64) -> EncodingLimits {
    EncodingLimits {
        hash_max_listpack_entries: entries,
        hash_max_listpack_value_bytes: bytes,
        ..EncodingLimits::default()
    }
}

#[test]
fn small_hashes_agree_with_the_model() {
    arbtest::arbtest(|u| run(u, limits(512, 1000))).budget_ms(700);
}

#[test]
fn growing_hashes_agree_with_the_model() {
    arbtest::arbtest(|u| run(u, limits(6, 40))).budget_ms(700);
}

#[test]
fn large_hashes_agree_with_the_model() {
    arbtest::arbtest(|u| run(u, limits(0, 0))).budget_ms(700);
}

#[test]
fn small_templated_hashes_agree_with_the_model() {
    arbtest::arbtest(|u| run_templated(u, limits(512, 1000))).budget_ms(500);
}

#[test]
fn growing_templated_hashes_agree_with_the_model() {
    arbtest::arbtest(|u| run_templated(u, limits(6, 40))).budget_ms(500);
}

#[test]
fn large_templated_hashes_agree_with_the_model() {
    arbtest::arbtest(|u| run_templated(u, limits(0, 0))).budget_ms(500);
}

#[test]
fn a_template_keeps_its_names_shortest_first_and_each_once() {
    let (template, order) = HashTemplate::new(&[b"name", b"email", b"age", b"10", b""]).unwrap();
    assert_eq!(template.names().collect::<Vec<_>>(), [&b""[..], b"10", b"age", b"name", b"email"]);
    assert_eq!(&*order, [4, 3, 2, 0, 1]);
    assert_eq!((template.find(b"age"), template.find(b"agf"), template.find(b"longer")), (Some(2), None, None));
    assert_eq!(HashTemplate::new(&[b"a", b"b", b"a"]), Err(NotATemplate::Duplicate));
    assert_eq!(HashTemplate::new(&[]), Err(NotATemplate::Empty));
}

#[test]
fn fields_may_come_and_go_and_only_a_deadline_ends_the_sharing() {
    type Change = fn(&mut Hash, &EncodingLimits);
    let limits = EncodingLimits::default();
    let template = Arc::new(HashTemplate::new(&[b"a", b"b"]).unwrap().0);
    let make = || Hash::of_template(&template, [&b"1"[..], b"x"].into_iter(), &limits);
    let mut hash = make();
    assert_eq!(hash.encoding(), Encoding::TemplateListpack);
    assert!(!hash.set(b"a", b"2", FieldTtl::Clear, &limits) && !hash.remove(b"c"));
    assert!(hash.set_deadline(b"a", None) && !hash.set_deadline(b"c", Some(UnixMs(9))));
    assert_eq!(hash.encoding(), Encoding::TemplateListpack);
    assert!(!hash.set(b"b", &[b'y'; 65], FieldTtl::Clear, &limits));
    assert_eq!(hash.encoding(), Encoding::TemplateArray);
    assert!(hash.remove(b"a"));
    assert_eq!((hash.encoding(), hash.len()), (Encoding::TemplateArray, 1));
    assert!(hash.remove(b"b") && hash.is_empty());

    let changes: [(Change, Encoding); 4] = [
        (|hash, limits| assert!(hash.set(b"c", b"3", FieldTtl::Clear, limits)), Encoding::TemplateListpack),
        (|hash, _| assert!(hash.remove(b"b")), Encoding::TemplateListpack),
        (|hash, _| assert!(hash.set_deadline(b"b", Some(UnixMs(9)))), Encoding::ListpackEx),
        (|hash, limits| assert!(!hash.set(b"b", b"3", FieldTtl::At(UnixMs(9)), limits)), Encoding::ListpackEx),
    ];
    for (change, encoding) in changes {
        let mut hash = make();
        change(&mut hash, &limits);
        assert_eq!(hash.encoding(), encoding);
    }
    assert_eq!(Arc::strong_count(&template), 1);
}

#[test]
fn a_wider_or_narrower_template_is_that_of_the_names() {
    let limits = EncodingLimits::default();
    let template = Arc::new(HashTemplate::new(&[b"bb", b"dd"]).unwrap().0);
    for small in [true, false] {
        let limits = if small { limits } else { self::limits(0, 0) };
        for name in [&b""[..], b"a", b"aa", b"cc", b"zz", b"longer"] {
            let mut hash = Hash::of_template(&template, [&b"1"[..], b"x"].into_iter(), &limits);
            assert!(hash.set(name, b"7", FieldTtl::Clear, &limits));
            let names = [name, b"dd", b"bb"];
            assert_eq!(**hash.template().unwrap(), HashTemplate::new(&names).unwrap().0);
            assert_eq!(hash.get(name).unwrap().0.to_vec(), b"7");
            // Whoever has the same names can lend his template.
            let other = Arc::new(HashTemplate::new(&names).unwrap().0);
            hash.share_template(&other);
            assert!(Arc::ptr_eq(hash.template().unwrap(), &other));
            assert!(hash.remove(b"bb") && hash.get(b"dd").unwrap().0.to_vec() == b"x");
            assert_eq!(**hash.template().unwrap(), HashTemplate::new(&[name, b"dd"]).unwrap().0);
        }
    }
}

#[test]
fn a_plain_hash_without_deadlines_can_take_a_template() {
    for limits in [limits(512, 64), limits(0, 0)] {
        let mut hash = Hash::default();
        assert!(!hash.take_template(&limits), "no key holds an empty hash");
        for (field, value) in [(&b"name"[..], &b"x"[..]), (b"10", b"-5"), (b"", b"")] {
            hash.set(field, value, FieldTtl::Clear, &limits);
        }
        let plain = hash.clone();
        assert!(hash.take_template(&limits) && hash.take_template(&limits));
        assert!(matches!(hash.encoding(), Encoding::TemplateListpack | Encoding::TemplateArray));
        assert!(plain.iter().all(|entry| hash.get(&entry.field.to_vec()).unwrap().0.to_vec() == entry.value.to_vec()));
        assert_eq!(hash.len(), plain.len());
        hash.own_names();
        assert_eq!(hash.encoding(), plain.encoding());
        hash.set_deadline(b"10", Some(UnixMs(9)));
        assert!(!hash.take_template(&limits));
    }
}

#[test]
fn a_hash_that_grows_field_by_field_leaves_its_template_at_last() {
    let limits = EncodingLimits::default();
    let mut hash =
        Hash::of_template(&Arc::new(HashTemplate::new(&[b"x"]).unwrap().0), [&b"1"[..]].into_iter(), &limits);
    for number in 0..5000_u32 {
        assert!(hash.set(&number.to_le_bytes(), b"v", FieldTtl::Clear, &limits));
    }
    assert_eq!((hash.encoding(), hash.len()), (Encoding::Hashtable, 5001));
}

#[test]
fn what_is_no_hash_is_refused() {
    use crate::NotAHash;
    use pack::Listpack;
    let listpack = |texts: &[&str]| {
        let mut listpack = Listpack::new();
        texts.iter().for_each(|text| listpack.push(text.as_bytes()));
        listpack
    };
    let limits = EncodingLimits::default();
    let tiny = self::limits(1, 64);
    for limits in [&limits, &tiny] {
        assert_eq!(Hash::from_pairs(listpack(&[]), limits), Err(NotAHash::Empty));
        assert_eq!(Hash::from_pairs(listpack(&["a"]), limits), Err(NotAHash::Uneven));
        assert_eq!(Hash::from_pairs(listpack(&["a", "1", "a", "2"]), limits), Err(NotAHash::Duplicate));
        assert_eq!(Hash::from_triples(listpack(&["a", "1"]), limits), Err(NotAHash::Uneven));
        assert_eq!(Hash::from_triples(listpack(&["a", "1", "x"]), limits), Err(NotAHash::Deadline));
        assert_eq!(Hash::from_triples(listpack(&["a", "1", "-1"]), limits), Err(NotAHash::Deadline));
        assert_eq!(Hash::from_triples(listpack(&["a", "1", "0", "b", "1", "5"]), limits), Err(NotAHash::Deadline));
        assert_eq!(Hash::from_triples(listpack(&["a", "1", "5", "a", "1", "0"]), limits), Err(NotAHash::Duplicate));
    }
    assert!(matches!(Hash::from_pairs_bytes(b"", &limits), Err(NotAHash::Pack(_))));
}
