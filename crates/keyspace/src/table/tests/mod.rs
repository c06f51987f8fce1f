//! The table under test: helpers, and the invariants that every test can ask for.

mod degenerate;
mod memory;
mod model;
// Many draws, and nothing in them that would be new to an interpreter.
#[cfg(not(miri))]
mod random;
mod scan;
mod shrink;
mod threads;

use std::collections::BTreeMap;

use value::{StringRef, StringValue, Value};

use super::hash::{self, PREFIX_BITS, span};
use super::{EntryBox, KeyHasher, Quiet, Table};

const SEED: [u8; 16] = *b"a seed for tests";

/// Enough keys for several full segments.
const MANY: u32 = if cfg!(miri) { 180 } else { 12_000 };

fn table() -> Table {
    Table::new(KeyHasher::new(SEED))
}

fn quiet() -> Quiet<'static> {
    // SAFETY: tests that prefetch on other threads make their own.
    unsafe { Quiet::assume() }
}

fn key(number: u32) -> Vec<u8> {
    // By hand, for Miri's sake.
    let mut key = b"key:00000".to_vec();
    let mut rest = number;
    for digit in key[4..].iter_mut().rev() {
        *digit += u8::try_from(rest % 10).unwrap();
        rest /= 10;
    }
    key
}

fn add(table: &mut Table, number: u32) {
    let key = key(number);
    let hash = table.hasher().hash(&key);
    assert!(table.insert(hash, EntryBox::new(&key, StringRef::Int(number.into()).into(), None, number)).is_none());
}

fn take(table: &mut Table, number: u32) -> Option<EntryBox> {
    let key = key(number);
    let hash = table.hasher().hash(&key);
    table.remove(&key, hash)
}

fn has(table: &Table, number: u32) -> bool {
    let key = key(number);
    let hash = table.hasher().hash(&key);
    table.get(&key, hash).is_some_and(|entry| {
        assert_eq!(entry.key(), key);
        true
    })
}

fn filled(hasher: KeyHasher, count: u32) -> Table {
    let mut table = Table::new(hasher);
    (0..count).for_each(|number| add(&mut table, number));
    table
}

/// A long string, as a stand-in for any value with memory of its own.
fn owned_value(len: usize) -> Value {
    Value::String(StringValue::Raw(vec![b'v'; len]))
}

/// Everything that is always true of a table between two calls.
fn check(table: &Table) {
    let Some(root) = table.root else {
        assert_eq!((table.len(), table.overflow.len(), table.segment_count()), (0, 0, 0));
        return;
    };
    let mut depths = [0_u32; PREFIX_BITS as usize + 1];
    let (mut entries, mut overflow) = (0, 0);
    let mut index = 0;
    while index < root.slot_count() {
        let segment = Table::segment(root, index);
        let depth = segment.depth();
        depths[depth as usize] += 1;
        let slots = 1 << (root.depth() - depth);
        for other in index..index + slots {
            assert_eq!(Table::segment(root, other).into_raw(), segment.into_raw(), "slot {other}");
        }
        let first = index as u64 * span(root.depth());
        let mut spilled: BTreeMap<usize, usize> = BTreeMap::new();
        let mut in_segment = 0;
        for home in 0..root.buckets() {
            let natives = segment.bucket(home).word().natives().len();
            let mut at_home = 0;
            segment.for_each_at_home(home, |block| {
                let hash = table.hash_of(block);
                assert_eq!(hash::home(hash, root.buckets()), home);
                assert!((first..first + span(depth)).contains(&hash::prefix(hash)));
                at_home += 1;
            });
            in_segment += at_home;
            spilled.insert(home, at_home - natives);
        }
        // What a walk by homes finds is all there is, so nothing lies where a lookup would not look.
        assert_eq!(in_segment, segment.entry_count());
        segment.for_each(|home, tag, block| {
            let hash = table.hash_of(block);
            assert_eq!((home, tag), (hash::home(hash, root.buckets()), hash::tag(hash)));
            in_segment -= 1;
        });
        assert_eq!(in_segment, 0);
        entries += segment.entry_count();
        let belonging: Vec<u64> = table.overflow.in_prefixes(first, span(depth)).map(|(hash, _)| hash).collect();
        assert_eq!(segment.overflow(), belonging.len());
        overflow += belonging.len();
        for home in 0..root.buckets() {
            let is_spilled = segment.bucket(home).word().is_spilled();
            let in_overflow = belonging.iter().any(|hash| hash::home(*hash, root.buckets()) == home);
            assert!(is_spilled || (spilled[&home] == 0 && !in_overflow), "home {home} hides entries");
            assert!(!is_spilled || spilled[&home] > 0 || segment.overflow() > 0 || belonging.is_empty());
        }
        index += slots;
    }
    assert_eq!(overflow, table.overflow.len());
    assert_eq!(entries + overflow, table.len());
    assert_eq!(depths, table.depths);
}

mod basics {
    use super::super::Lookup;
    use super::*;

    #[test]
    fn an_empty_table_answers_everything_and_allocates_nothing() {
        let mut table = table();
        assert!(table.is_empty() && !has(&table, 1) && take(&mut table, 1).is_none());
        assert_eq!(table.scan(0, 10, |_| panic!("nothing to visit")), 0);
        assert!(table.random(|| 7).is_none() && !table.wants_shrink() && !table.shrink(quiet(), 1));
        table.prefetcher().prefetch_bucket(1);
        table.prefetcher().prefetch_entry(1);
        table.clear(quiet());
        assert_eq!(table.memory_bytes(), 0);
        check(&table);
    }

    #[test]
    fn every_count_of_keys_can_be_filled_found_and_emptied() {
        let counts = if cfg!(miri) { (0..60).step_by(29).collect::<Vec<_>>() } else { (0..400).collect() };
        for count in counts {
            let mut table = filled(KeyHasher::new(SEED), count);
            check(&table);
            assert_eq!(table.len(), count as usize);
            assert!((0..count).all(|number| has(&table, number)) && !has(&table, count));
            for number in 0..count {
                assert_eq!(take(&mut table, number).unwrap().as_entry().clock(), number);
            }
            check(&table);
            assert!(table.is_empty() && (0..count).all(|number| !has(&table, number)));
        }
    }

    /// How often all is checked on the way: each time costs as much as the way so far.
    const CHECKS: u32 = if cfg!(miri) { 3 } else { 20 };

    #[test]
    fn keys_survive_growth_through_many_splits() {
        let mut table = table();
        for number in 0..MANY {
            add(&mut table, number);
            if number % (MANY / CHECKS) == 0 {
                check(&table);
                assert!((0..=number).all(|number| has(&table, number)));
            }
        }
        assert!(table.segment_count() > 3);
        assert_eq!(table.overflow.len(), 0);
        (0..MANY).filter(|number| number % 3 != 0).for_each(|number| drop(take(&mut table, number)));
        check(&table);
        assert!((0..MANY).all(|number| has(&table, number) == (number % 3 == 0)));
    }

    #[test]
    fn insert_replaces_the_same_key_only() {
        let mut table = filled(KeyHasher::new(SEED), 50);
        let hash = table.hasher().hash(&key(7));
        let old = table.insert(hash, EntryBox::new(&key(7), StringRef::Int(-1).into(), None, 0)).unwrap();
        assert_eq!((old.key(), table.len()), (&key(7)[..], 50));
        check(&table);
    }

    #[test]
    fn a_lookup_replaces_and_removes_what_it_found() {
        let mut table = filled(KeyHasher::new(SEED), 50);
        let (key, hash) = (key(3), table.hasher().hash(&key(3)));
        let Lookup::Occupied(mut slot) = table.lookup(&key, hash) else { panic!("it is there") };
        drop(slot.replace(EntryBox::new(&key, owned_value(3000).into(), None, 0)));
        assert_eq!(slot.entry_mut().into_value_mut(), Some(&mut owned_value(3000)));
        assert_eq!(slot.remove().into_value(), owned_value(3000));
        assert!(!has(&table, 3));
        let Lookup::Vacant(slot) = table.lookup(&key, hash) else { panic!("it is gone") };
        assert_eq!(slot.insert(EntryBox::new(&key, StringRef::Int(9).into(), None, 0)).into_entry().key(), key);
        assert_eq!(table.len(), 50);
        check(&table);
    }

    #[test]
    #[should_panic(expected = "same key")]
    fn replacing_by_another_key_is_refused() {
        let mut table = filled(KeyHasher::new(SEED), 5);
        let hash = table.hasher().hash(&key(3));
        let Lookup::Occupied(mut slot) = table.lookup(&key(3), hash) else { return };
        drop(slot.replace(EntryBox::new(b"other", StringRef::Int(0).into(), None, 0)));
    }

    #[test]
    fn find_by_hash_asks_for_the_whole_hash() {
        let mut table = filled(KeyHasher::new(SEED), MANY);
        for number in (0..MANY).step_by(17) {
            let hash = table.hasher().hash(&key(number));
            assert_eq!(table.find_by_hash(hash, |_| true).unwrap().key(), key(number));
            assert!(table.find_by_hash(hash, |_| false).is_none());
            // Another owner's bits: the same bucket and tag, but not this hash.
            assert!(table.find_by_hash(hash ^ 1 << 30, |_| true).is_none());
            assert_eq!(table.find_by_hash_mut(hash, |_| true).unwrap().remove().key(), key(number));
            assert!(!has(&table, number));
        }
        check(&table);
    }
}
