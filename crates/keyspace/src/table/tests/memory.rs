//! Whatever was allocated is freed, and as little as planned is allocated.

use stdx::UnixMs;
use value::StringRef;

use super::{MANY, SEED, add, check, filled, owned_value, quiet, table, take};
use crate::table::entry::live_bytes;
use crate::table::{EntryBox, KeyHasher};

#[test]
fn dropping_a_table_frees_all_of_it() {
    let before = live_bytes();
    let mut table = filled(KeyHasher::new(SEED), MANY);
    for number in 0..50 {
        let key = super::key(number);
        let hash = table.hasher().hash(&key);
        table.get_mut(&key, hash).unwrap().set(owned_value(2000).into(), Some(UnixMs(5)));
    }
    assert!(live_bytes() > before + MANY as usize * 32);
    drop(table);
    assert_eq!(live_bytes(), before);
}

#[test]
fn a_prefetcher_that_outlives_its_table_keeps_only_the_tables_memory() {
    let before = live_bytes();
    let table = filled(KeyHasher::new(SEED), MANY);
    let (bytes, prefetcher) = (table.memory_bytes(), std::sync::Arc::clone(table.prefetcher()));
    drop(table);
    assert_eq!(live_bytes(), before + bytes);
    for hash in (0..64).map(|bit| 1 << bit) {
        prefetcher.prefetch_bucket(hash);
        prefetcher.prefetch_entry(hash);
    }
    drop(prefetcher);
    assert_eq!(live_bytes(), before);
}

#[test]
fn what_is_taken_out_is_freed_when_it_is_dropped_and_the_table_goes_on() {
    let before = live_bytes();
    let mut table = filled(KeyHasher::new(SEED), MANY);
    let prefetcher = std::sync::Arc::clone(table.prefetcher());
    let full = live_bytes();
    let remains = table.take_all(quiet());
    assert_eq!((remains.len(), table.len(), table.memory_bytes()), (MANY as usize, 0, 0));
    assert_eq!(live_bytes(), full);
    prefetcher.prefetch_entry(7);
    add(&mut table, 1);
    check(&table);
    prefetcher.prefetch_entry(7);
    drop(remains);
    assert_eq!(live_bytes(), before + table.memory_bytes() + 32);
    table.clear(quiet());
    assert_eq!(live_bytes(), before);
}

#[test]
fn taken_out_entries_may_be_freed_by_another_thread() {
    let mut table = filled(KeyHasher::new(SEED), MANY / 10);
    let remains = table.take_all(quiet());
    std::thread::scope(|scope| {
        scope.spawn(move || {
            assert_eq!(remains.len(), (MANY / 10) as usize);
            drop(remains);
        });
    });
}

#[test]
fn an_integer_under_16_bytes_takes_32_and_64_bytes_of_text_take_96() {
    let key = b"key:000000000042";
    assert_eq!(key.len(), 16);
    let before = live_bytes();
    let entry = EntryBox::new(key, StringRef::Int(i64::MIN).into(), None, 0);
    assert_eq!((live_bytes() - before, entry.as_entry().block_bytes()), (32, 32));
    drop(entry);
    let entry = EntryBox::new(key, StringRef::Raw(&[b'x'; 64]).into(), None, 0);
    assert_eq!(live_bytes() - before, 96);
    drop(entry);
    assert_eq!(live_bytes(), before);
}

#[test]
fn a_small_table_is_small() {
    let mut table = table();
    let before = live_bytes();
    add(&mut table, 1);
    assert_eq!(table.memory_bytes() + 32, live_bytes() - before);
    if !cfg!(miri) {
        assert!(table.memory_bytes() <= 1024 + 128);
    }
    drop(take(&mut table, 1));
    assert_eq!(table.memory_bytes(), live_bytes() - before);
}

#[test]
fn table_memory_is_what_is_allocated() {
    let before = live_bytes();
    let table = filled(KeyHasher::new(SEED), MANY);
    let blocks = MANY as usize * 32;
    assert_eq!(table.memory_bytes(), live_bytes() - before - blocks);
    if !cfg!(miri) {
        assert!(table.memory_bytes() < MANY as usize * 24);
    }
}
