//! Hashes that a keyed hash never gives: the stash, the overflow list and the bound on depth.

use super::{SEED, add, check, filled, has, key, quiet, take};
use crate::table::{KeyHasher, Table};

const SOME: u32 = if cfg!(miri) { 40 } else { 3000 };

fn masked(mask: u64, count: u32) -> Table {
    filled(KeyHasher::masked(SEED, mask), count)
}

fn exercise(mut table: Table, count: u32) {
    check(&table);
    assert!((0..count).all(|number| has(&table, number)) && !has(&table, count));
    let mut visited = 0;
    table.for_each(|_| visited += 1);
    assert_eq!(visited, count);
    let mut seen = std::collections::BTreeSet::new();
    let mut cursor = 0;
    loop {
        cursor = table.scan(cursor, 100, |entry| assert!(seen.insert(entry.key().to_vec())));
        if cursor == 0 {
            break;
        }
    }
    assert_eq!(seen.len(), count as usize);
    (0..count).filter(|number| number % 2 == 0).for_each(|number| drop(take(&mut table, number)));
    check(&table);
    while table.shrink(quiet(), 10) {}
    check(&table);
    assert!((0..count).all(|number| has(&table, number) == (number % 2 == 1)));
    (0..count).filter(|number| number % 2 == 0).for_each(|number| add(&mut table, number));
    check(&table);
    (0..count).for_each(|number| assert_eq!(take(&mut table, number).unwrap().key(), key(number)));
    check(&table);
    assert_eq!(table.overflow.len(), 0);
}

#[test]
fn equal_hashes_end_in_the_overflow_list() {
    let table = masked(0, SOME);
    assert!(table.overflow.len() > SOME as usize / 3 && table.segment_count() < 12);
    exercise(table, SOME);
}

#[test]
fn one_home_and_tag_with_good_prefixes_splits_in_proportion() {
    let table = masked(!0xff_ffff, SOME);
    assert!(table.memory_bytes() < SOME as usize * 4000);
    exercise(table, SOME);
}

#[test]
fn one_prefix_with_good_homes_cannot_double_the_directory_for_ever() {
    let table = masked(0xff_ffff, SOME);
    let root = table.root.unwrap();
    assert!(root.slot_count() <= 16 * table.segment_count());
    exercise(table, SOME);
}

#[test]
fn two_far_prefixes_share_only_what_they_must() {
    let table = masked(1 << 63 | 0xffff, SOME);
    exercise(table, SOME);
}

#[test]
fn few_bits_of_each_kind() {
    exercise(masked(0xe000_0000_0000_f803, SOME), SOME);
    exercise(masked(0x8000_0020_0000_0300, SOME), SOME);
}

#[test]
fn a_key_comes_back_from_the_overflow_list_when_its_segment_splits_or_shrinks() {
    let mut table = masked(0xff_ffff_0000_ffff, SOME);
    check(&table);
    let before = table.overflow.len();
    (0..SOME).filter(|number| number % 8 != 0).for_each(|number| drop(take(&mut table, number)));
    while table.shrink(quiet(), 100) {}
    check(&table);
    assert!(table.overflow.len() <= before);
    assert!((0..SOME).all(|number| has(&table, number) == (number % 8 == 0)));
}
