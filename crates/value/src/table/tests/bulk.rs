//! A table made at once is the table that its records would have made one by one.

use super::{check, key, with_mask};
use crate::table::{Bulk, Table};

fn bulk(records: &[(Vec<u8>, Vec<u8>)]) -> Option<Table> {
    let mut bulk = Bulk::with_capacity(records.len(), 0);
    records.iter().for_each(|(key, value)| bulk.push(key, value));
    bulk.finish()
}

fn records(len: u32) -> Vec<(Vec<u8>, Vec<u8>)> {
    let value = |number: u32| vec![b'v'; [0, 1, 200, 130, 7, 2000][number as usize % 6]];
    (0..len).map(|number| (key(number), value(number))).collect()
}

#[test]
fn it_has_the_same_records_and_stays_a_table() {
    for len in [0, 1, 2, 60, 129, 1000, 30_000] {
        let records = records(len);
        let mut one_by_one = Table::new();
        records.iter().for_each(|(key, value)| assert!(one_by_one.insert(key, value, None)));
        let mut table = bulk(&records).unwrap();
        check(&table);
        assert_eq!(table, one_by_one, "{len}");
        for number in 0..len {
            assert!(!table.insert(&key(number), b"new", None));
            assert!(table.insert(&key(number + len), b"", None));
        }
        check(&table);
        (0..2 * len).for_each(|number| assert!(table.remove(&key(number))));
        check(&table);
    }
}

#[test]
fn it_takes_no_more_memory_than_one_by_one() {
    for len in [129, 1000, 20_000, 100_000_u32] {
        let members: Vec<_> =
            (0..len).map(|number| (format!("member:{number:013}").into_bytes(), Vec::new())).collect();
        let mut one_by_one = Table::new();
        members.iter().for_each(|(key, value)| assert!(one_by_one.insert(key, value, None)));
        let (made, grown) = (bulk(&members).unwrap().heap_bytes(), one_by_one.heap_bytes());
        assert!(made as f64 <= 1.1 * grown as f64, "{len}: {made} {grown}");
    }
}

#[test]
fn a_key_that_comes_twice_is_found() {
    for len in [2, 129, 5000] {
        for (first, second) in [(0, len - 1), (1, 0), (len / 3, len - 1)] {
            // Short ones, and ones that lie apart.
            for value in [0, 600] {
                let mut records = records(len);
                records[first as usize].1 = vec![b'a'; value];
                records[second as usize] = (key(first), vec![b'b'; value]);
                assert_eq!(bulk(&records), None, "{len} {first} {second}");
            }
            let mut records = records(len);
            records[first as usize].1 = vec![b'a'; 600];
            records[second as usize] = (key(first), Vec::new());
            assert_eq!(bulk(&records), None, "{len} {first} {second}");
        }
    }
}

#[test]
fn positions_that_share_all_bits_make_a_table_too() {
    for mask in [0, u64::MAX >> 40, 0x8000_0000_0000_0000] {
        with_mask(mask, || {
            let records = records(1500);
            let table = bulk(&records).unwrap();
            check(&table);
            assert!(records.iter().all(|(key, value)| table.get(key).is_some_and(|record| record.value == value)));
        });
    }
}
