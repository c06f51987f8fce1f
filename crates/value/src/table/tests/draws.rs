//! Random draws are fair.

use std::collections::BTreeMap;

use super::{filled, key};
use crate::table::Table;

/// The sum of squared deviations from an even spread, in units of what chance makes of it: 1 for a fair draw.
fn unevenness(table: &Table, seed: u64) -> f64 {
    const DRAWS_EACH: u32 = 40;
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut drawn: BTreeMap<&[u8], u32> = table.iter().map(|record| (record.key, 0)).collect();
    let len = u32::try_from(drawn.len()).unwrap();
    for _ in 0..DRAWS_EACH * len {
        *drawn.get_mut(table.random(&mut rng).unwrap().key).unwrap() += 1;
    }
    let expected = f64::from(DRAWS_EACH);
    let squares = drawn.values().map(|times| (f64::from(*times) - expected).powi(2) / expected).sum::<f64>();
    squares / f64::from(len)
}

/// Five standard deviations of chi-square over its mean.
fn bound(len: usize) -> f64 {
    1.0 + 5.0 * (2.0 / f64::from(u32::try_from(len).unwrap())).sqrt()
}

#[test]
fn draws_are_fair_in_tables_of_any_size() {
    for len in [1, 2, 7, 129, 1000, 20_000] {
        let table = filled(0..len);
        let found = unevenness(&table, 5);
        assert!(found < bound(table.len()), "{len}: {found}");
    }
}

#[test]
fn draws_are_fair_after_most_records_left() {
    let mut table = filled(0..20_000);
    (0..20_000).filter(|number| number % 16 != 3).for_each(|number| assert!(table.remove(&key(number))));
    let found = unevenness(&table, 6);
    assert!(found < bound(table.len()), "{found}");
}

#[test]
fn draws_are_fair_among_short_long_and_huge_records() {
    let mut table = Table::new();
    for number in 0..3000 {
        let len = [0, 1, 200, 900, 2000][number as usize % 5];
        table.insert(&key(number), &vec![b'v'; len], None);
    }
    let found = unevenness(&table, 7);
    assert!(found < bound(table.len()), "{found}");
}

#[test]
fn an_empty_table_has_nothing_to_draw() {
    let mut table = filled(0..100);
    (0..100).for_each(|number| assert!(table.remove(&key(number))));
    assert_eq!(table.random(&mut fastrand::Rng::with_seed(1)), None);
}
