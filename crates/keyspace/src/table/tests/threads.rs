//! Prefetching and reading while others write. What these assert is little; Miri's and the sanitizers' race detectors do the rest.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};

use super::{MANY, add, check, has, key, table, take};

#[test]
fn prefetching_needs_no_lock_while_the_table_grows_and_changes() {
    let mut table = table();
    let (prefetcher, hasher) = (Arc::clone(table.prefetcher()), table.hasher());
    let done = AtomicBool::new(false);
    let count = MANY / 2;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut number = 0;
            while !done.load(Ordering::Relaxed) {
                let hash = hasher.hash(&key(number % count));
                prefetcher.prefetch_bucket(hash);
                prefetcher.prefetch_entry(hash);
                number += 1;
            }
        });
        for number in 0..count {
            add(&mut table, number);
            if number % 3 == 0 {
                drop(take(&mut table, number / 3));
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    check(&table);
}

#[test]
fn readers_under_a_shared_lock_set_clocks_and_see_whole_entries() {
    let table = RwLock::new(super::filled(crate::table::KeyHasher::new(super::SEED), MANY / 8));
    std::thread::scope(|scope| {
        for reader in 1..=2 {
            let table = &table;
            scope.spawn(move || {
                for number in 0..MANY / 8 {
                    let table = table.read().unwrap();
                    let key = key(number);
                    if let Some(entry) = table.get(&key, table.hasher().hash(&key)) {
                        entry.set_clock(reader);
                        assert!((1..=2).contains(&entry.clock()));
                        assert_eq!(entry.key(), key);
                    }
                }
            });
        }
        for number in MANY / 8..MANY / 6 {
            add(&mut table.write().unwrap(), number);
        }
    });
    let table = table.into_inner().unwrap();
    assert!((0..MANY / 6).all(|number| has(&table, number)));
}
