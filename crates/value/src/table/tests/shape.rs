//! How much memory a table takes, also when positions are unkind.

use super::{check, filled, key, with_mask};
use crate::table::Table;
use crate::table::page::PAGE_MAX_BYTES;

/// `len` members of 20 bytes.
fn set(len: u32) -> Table {
    let mut table = Table::new();
    for number in 0..len {
        table.insert(format!("member:{number:013}").as_bytes(), b"", None);
    }
    table
}

#[test]
fn members_of_twenty_bytes_take_less_than_twenty_seven() {
    for len in [129, 1000, 10_000, 100_000, 300_000] {
        let bytes = (set(len).heap_bytes() + size_of::<Table>()) as f64 / f64::from(len);
        println!("{len} members: {bytes:.2} bytes each");
        assert!(bytes < 27.0, "{len}: {bytes}");
    }
}

#[test]
fn equal_positions_make_one_large_page_and_a_bounded_directory() {
    for mask in [0, u64::MAX >> 40, 0x8000_0000_0000_0000] {
        with_mask(mask, || {
            let mut table = filled(0..6000);
            check(&table);
            assert!(table.directory.len() <= 8192);
            assert!(table.pages.iter().any(|page| page.len_bytes() > 65_535));
            assert!((0..6000).all(|number| table.contains(&key(number))));
            (0..6000).for_each(|number| assert!(table.remove(&key(number))));
            check(&table);
            assert!(table.heap_bytes() < 1000);
        });
    }
}

#[test]
fn a_copy_made_in_the_order_of_the_original_has_ordinary_pages() {
    let table = filled(0..60_000);
    let (mut copy, mut cursor) = (Table::new(), 0);
    loop {
        cursor = table.scan(cursor, 1000, &mut |record| assert!(copy.insert(record.key, b"", None)));
        // More buckets can carry a page over the limit; it splits when the next record comes.
        assert!(copy.pages.iter().all(|page| page.len_bytes() <= PAGE_MAX_BYTES + PAGE_MAX_BYTES / 8));
        assert!(copy.directory.len() <= 8 * copy.pages.len(), "no directory for the sake of one page");
        if cursor == 0 {
            break;
        }
    }
    check(&copy);
    assert_eq!(copy, table);
}

#[test]
fn a_cloned_table_has_its_own_records() {
    let table = filled(0..1000);
    let mut clone = table.clone();
    clone.remove(&key(1));
    assert!(table.contains(&key(1)));
    assert_ne!(clone, table);
}
