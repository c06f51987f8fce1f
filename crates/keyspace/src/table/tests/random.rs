//! Random entries are drawn fairly.

use std::collections::BTreeMap;

use super::{MANY, SEED, check, filled, take};
use crate::table::{KeyHasher, Table};

fn draws(table: &Table, count: usize) -> BTreeMap<Vec<u8>, usize> {
    let mut state = 42_u64;
    let mut drawn = BTreeMap::new();
    for _ in 0..count {
        let entry = table.random(|| {
            // SplitMix64.
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^ mixed >> 31
        });
        *drawn.entry(entry.unwrap().key().to_vec()).or_default() += 1;
    }
    drawn
}

/// The generator is seeded, so these bounds (six standard deviations) hold always or never.
fn assert_fair(table: &Table, per_key: usize) {
    let drawn = draws(table, table.len() * per_key);
    let margin = 6.0 * (per_key as f64).sqrt();
    for count in drawn.values() {
        assert!((*count as f64 - per_key as f64).abs() < margin, "{count} of {per_key}");
    }
    assert_eq!(drawn.len(), table.len());
}

#[test]
fn every_key_of_a_small_table_is_as_likely() {
    for count in [1, 2, 5, 40, 130] {
        assert_fair(&filled(KeyHasher::new(SEED), count), 400);
    }
}

#[test]
fn every_key_of_a_large_table_is_as_likely() {
    assert_fair(&filled(KeyHasher::new(SEED), MANY), 100);
}

#[test]
fn keys_of_shallow_segments_the_stash_and_the_overflow_list_are_as_likely() {
    let count = MANY / 20;
    // Prefixes from a lopsided choice: most keys share their first bits.
    let table = filled(KeyHasher::masked(SEED, 0xf800_0000_0000_0f0f), count);
    check(&table);
    assert_fair(&table, 100);
}

#[test]
fn a_table_that_lost_almost_all_its_keys_still_answers() {
    let mut table = filled(KeyHasher::new(SEED), MANY);
    (0..MANY - 1).for_each(|number| drop(take(&mut table, number)));
    assert_eq!(draws(&table, 3).len(), 1);
}
