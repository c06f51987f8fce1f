//! SCAN's promise, under the changes that could break it.

use std::collections::BTreeMap;

use super::{MANY, SEED, add, filled, key, quiet, table, take};
use crate::table::{KeyHasher, Table};

/// Scans to the end, calling `between` between calls; how often each key was visited.
fn scan_all(table: &mut Table, budget: usize, mut between: impl FnMut(&mut Table)) -> BTreeMap<Vec<u8>, usize> {
    let mut visits = BTreeMap::new();
    let mut cursor = 0;
    loop {
        cursor = table.scan(cursor, budget, |entry| *visits.entry(entry.key().to_vec()).or_default() += 1);
        assert!(cursor < 1 << 48);
        if cursor == 0 {
            return visits;
        }
        between(table);
    }
}

#[test]
fn a_table_at_rest_is_visited_exactly_once() {
    for count in [1, 10, MANY / 40, MANY] {
        for &budget in if cfg!(miri) { &[2][..] } else { &[0, 1, 10, 1000, usize::MAX] } {
            let mut table = filled(KeyHasher::new(SEED), count);
            let visits = scan_all(&mut table, budget, |_| {});
            assert_eq!(visits.len(), count as usize);
            assert!(visits.values().all(|visits| *visits == 1));
        }
    }
}

#[test]
fn a_call_stops_soon_after_its_budget() {
    let table = filled(KeyHasher::new(SEED), MANY);
    let (mut cursor, mut calls) = (0, 0);
    loop {
        let mut visited = 0;
        cursor = table.scan(cursor, 10, |_| visited += 1);
        // The last bucket has its seven, the guests next door and a few in the stash.
        assert!(visited < 40);
        calls += 1;
        if cursor == 0 {
            break;
        }
    }
    assert!(calls > MANY / 40);
}

#[test]
fn nothing_is_lost_when_the_table_grows_from_its_smallest_shape_meanwhile() {
    let mut table = filled(KeyHasher::new(SEED), 60);
    let mut next = 60;
    let visits = scan_all(&mut table, 1, |table| {
        for _ in 0..MANY / 30 {
            if next < MANY {
                add(table, next);
                next += 1;
            }
        }
    });
    assert!((0..60).all(|number| visits.contains_key(&key(number))));
}

#[test]
fn nothing_is_lost_when_segments_merge_and_the_directory_halves_meanwhile() {
    let stay = |number: u32| number.is_multiple_of(23);
    for &budget in if cfg!(miri) { &[9][..] } else { &[3, 50, 400] } {
        let mut table = filled(KeyHasher::new(SEED), MANY);
        let mut next = 0;
        let visits = scan_all(&mut table, budget, |table| {
            for _ in 0..MANY / 10 {
                if next < MANY && !stay(next) {
                    drop(take(table, next));
                }
                next += 1;
            }
            table.shrink(quiet(), 3);
        });
        assert!((0..MANY).filter(|number| stay(*number)).all(|number| visits.contains_key(&key(number))));
    }
}

/// How many calls of a scan find the table changed.
const ROUNDS: u32 = if cfg!(miri) { 8 } else { 60 };

#[test]
fn nothing_is_lost_when_the_table_breathes() {
    let stay = |number: u32| number.is_multiple_of(31);
    let mut table = filled(KeyHasher::new(SEED), MANY);
    let mut full = true;
    let mut calls = 0;
    let visits = scan_all(&mut table, if cfg!(miri) { 5 } else { 30 }, |table| {
        calls += 1;
        if calls % 2 == 0 && calls < ROUNDS {
            for number in (0..MANY).filter(|number| !stay(*number)) {
                if full {
                    drop(take(table, number));
                } else {
                    add(table, number);
                }
            }
            full = !full;
            while table.shrink(quiet(), 100) {}
        }
    });
    assert!(calls >= ROUNDS / 4);
    assert!((0..MANY).filter(|number| stay(*number)).all(|number| visits.contains_key(&key(number))));
}

#[test]
fn any_number_is_a_cursor_and_every_scan_ends() {
    let table = filled(KeyHasher::new(SEED), MANY);
    let mut state = 1_u64;
    for _ in 0..if cfg!(miri) { 2 } else { 50 } {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut cursor = state;
        let mut calls = 0;
        loop {
            cursor = table.scan(cursor, 1000, |_| {});
            calls += 1;
            assert!(calls <= MANY);
            if cursor == 0 {
                break;
            }
        }
    }
    assert_eq!(table.scan(u64::MAX, 1, |_| {}), 0);
    assert_eq!(self::table().scan(u64::MAX, 1, |_| {}), 0);
}
