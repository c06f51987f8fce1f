//! What a scan promises.

use std::collections::{BTreeMap, BTreeSet};

use super::{check, filled, key, with_mask};
use crate::table::Table;

/// The whole table by scans of `count`, with what happens to it after each.
fn scan(table: &mut Table, count: usize, mut between: impl FnMut(&mut Table)) -> BTreeMap<Vec<u8>, usize> {
    let (mut cursor, mut told) = (0, BTreeMap::new());
    loop {
        cursor = table.scan(cursor, count, &mut |record| *told.entry(record.key.to_vec()).or_default() += 1);
        if cursor == 0 {
            return told;
        }
        between(table);
    }
}

#[test]
fn a_scan_of_a_quiet_table_tells_everything_once() {
    for len in [0, 1, 5, 129, 3000, 40_000] {
        let mut table = filled(0..len);
        for count in [0, 1, 10, 1000, usize::MAX] {
            let told = scan(&mut table, count, |_| {});
            assert_eq!(told.len(), len as usize);
            assert!(told.values().all(|times| *times == 1));
        }
    }
}

#[test]
fn a_call_tells_about_as_many_as_asked() {
    let table = filled(0..40_000);
    let mut cursor = 0;
    loop {
        let mut told = 0_u32;
        cursor = table.scan(cursor, 10, &mut |_| told += 1);
        if cursor == 0 {
            break;
        }
        assert!((10..40).contains(&told), "{told}");
        assert!(cursor < 1 << 20, "cursors of a small table are small");
    }
}

#[test]
fn any_number_is_a_cursor() {
    for table in [Table::new(), filled(0..1), filled(0..5000)] {
        let mut rng = fastrand::Rng::with_seed(3);
        for cursor in [1, 2, u64::MAX, u64::MAX - 1, 1 << 63, 1 << 31].into_iter().chain((0..200).map(|_| rng.u64(..)))
        {
            let mut told = 0;
            let next = table.scan(cursor, 100, &mut |_| told += 1);
            assert!(next == 0 || told >= 100);
        }
    }
}

#[test]
fn what_stays_is_told_however_the_table_changes() {
    arbtest::arbtest(|u| {
        let stay = u.int_in_range(0..=2000)?;
        let others = u.int_in_range(0..=6000)?;
        let count = u.int_in_range(1..=200)?;
        let mask = if u.ratio(1, 6)? { 0xff0f_0000_0000_0000 } else { u64::MAX };
        let seed = u.arbitrary()?;
        with_mask(mask, || {
            let mut rng = fastrand::Rng::with_seed(seed);
            let mut table = filled(0..stay);
            let wanted: BTreeSet<_> = (0..stay).map(key).collect();
            let told = scan(&mut table, count, |table| {
                let from = stay + rng.u32(..=others);
                for number in from..from + rng.u32(..=others) {
                    if rng.bool() {
                        table.insert(&key(number), b"", None);
                    }
                }
                let from = stay + rng.u32(..=others);
                for number in from..from + rng.u32(..=others) {
                    table.remove(&key(number));
                }
            });
            check(&table);
            assert!(wanted.iter().all(|key| told.contains_key(key)));
            Ok(())
        })
    })
    .budget_ms(2000);
}
