//! Tests of the table as a whole.

mod bulk;
mod draws;
mod model;
mod scans;
mod shape;

use super::Table;
use super::hash::MASK;
use super::page::{INDEXED_MAX_BYTES, Page};
use super::record;

/// Runs `test` while only these bits of positions come through.
fn with_mask<R>(mask: u64, test: impl FnOnce() -> R) -> R {
    MASK.set(mask);
    let result = test();
    MASK.set(u64::MAX);
    result
}

/// A key like `member:00000000123`, longer for every eleventh.
fn key(number: u32) -> Vec<u8> {
    let width = if number.is_multiple_of(11) { 80 } else { 11 };
    format!("member:{number:0width$}").into_bytes()
}

fn filled(keys: std::ops::Range<u32>) -> Table {
    let mut table = Table::new();
    for number in keys {
        assert!(table.insert(&key(number), b"", None));
    }
    table
}

/// Everything that must hold between two operations.
fn check(table: &Table) {
    let depth = table.depth();
    assert_eq!(table.directory.len(), 1 << depth);
    assert_eq!(table.pages.iter().map(|page| page.count as usize).sum::<usize>(), table.len());
    assert_eq!(table.iter().count(), table.len());
    assert_eq!(table.pages.iter().filter(|page| page.depth == depth).count(), table.deep as usize);

    let mut entries = 0;
    for (id, page) in table.pages.iter().enumerate() {
        assert!(page.depth <= depth);
        let shift = depth - page.depth;
        let first = (page.prefix as usize) << shift;
        assert!(table.directory[first..first + (1 << shift)].iter().all(|entry| *entry as usize == id));
        entries += 1 << shift;
        assert!(page.count <= table.peak.count(), "the peak covers every page");
        check_page(table, page);
    }
    assert_eq!(entries, table.directory.len(), "every page has its entries and no more");

    let mut apart: Vec<_> = table.pages.iter().flat_map(Page::records).filter_map(record::apart).collect();
    apart.sort_unstable();
    assert!(apart.iter().map(|(id, _)| *id as usize).eq(0..table.large.len()), "large records have one owner each");
    assert!(apart.iter().all(|(id, position)| table.large[*id as usize].position == *position));
}

fn check_page(table: &Table, page: &Page) {
    assert!(page.bucket_bits == 0 || page.len_bytes() <= INDEXED_MAX_BYTES);
    assert!(page.heap_bytes() <= page.len_bytes() + page.len_bytes() / 2 + 64, "no page keeps much room");
    let mut total = 0;
    for bucket in 0..page.buckets() {
        let mut count = 0;
        for bytes in page.bucket_records(bucket) {
            let position = record::position(bytes, table.salt);
            assert_eq!(page.bucket_of(position), bucket);
            assert_eq!(position >> 1 >> (63 - u32::from(page.depth)), u64::from(page.prefix));
            count += 1;
        }
        assert!(count <= page.crowd);
        total += count;
    }
    assert_eq!(total, page.count);
}
