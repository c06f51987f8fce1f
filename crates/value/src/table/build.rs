//! Pages built anew from loose records: after a split, a merge, or for another number of buckets.

#![expect(clippy::cast_possible_truncation, reason = "counts within a page, starts of an indexed page")]

use super::hash::Salt;
use super::page::{INDEXED_MAX_BYTES, Page};
use super::record;
use super::size::class;

/// A new page has at most so many records in a bucket, on average...
const LOAD: u32 = 2;
/// ...and so many bytes: to step over a record is to look at the line that it begins in.
const LOAD_BYTES: usize = 64;

const BUCKET_BITS_MAX: u8 = 8;

/// A record on its way from one page to another.
#[derive(Clone, Copy)]
pub(super) struct Loose<'a> {
    pub(super) position: u64,
    pub(super) bytes: &'a [u8],
}

pub(super) fn loosen(page: &Page, salt: Salt) -> impl Iterator<Item = Loose<'_>> {
    page.records().map(move |bytes| Loose { position: record::position(bytes, salt), bytes })
}

/// How many buckets records of `bytes` deserve.
const fn wanted_buckets(count: u32, bytes: usize) -> usize {
    let (by_count, by_bytes) = (count.div_ceil(LOAD) as usize, bytes.div_ceil(LOAD_BYTES));
    if by_count > by_bytes { by_count } else { by_bytes }
}

/// Whether the page deserves half as many buckets again, or a fourth.
pub(super) const fn wants_other_buckets(page: &Page) -> bool {
    let wanted = wanted_buckets(page.count, page.len_bytes() - Page::index_bytes(page.bucket_bits));
    let crowded = 2 * wanted > 3 * page.buckets()
        && page.bucket_bits < BUCKET_BITS_MAX
        && page.len_bytes() < INDEXED_MAX_BYTES / 2;
    crowded || page.bucket_bits > 0 && 4 * wanted < page.buckets()
}

const fn bucket_bits_for(count: u32, bytes: usize) -> u8 {
    if bytes >= INDEXED_MAX_BYTES / 2 {
        return 0;
    }
    let bits = wanted_buckets(count, bytes).next_power_of_two().trailing_zeros() as u8;
    if bits < BUCKET_BITS_MAX { bits } else { BUCKET_BITS_MAX }
}

/// A page of these records, whose positions begin with the `depth` bits of `prefix`.
pub(super) fn build(prefix: u32, depth: u8, records: &[Loose<'_>]) -> Page {
    let len = records.iter().map(|record| record.bytes.len()).sum::<usize>();
    let count = records.len() as u32;
    let bits = bucket_bits_for(count, len);
    let mut page = Page::new(prefix, depth, bits, Vec::new(), count, 0);

    let (mut sizes, mut counts) = ([0_u32; 1 << BUCKET_BITS_MAX], [0_u32; 1 << BUCKET_BITS_MAX]);
    for record in records {
        let bucket = page.bucket_of(record.position);
        sizes[bucket] += record.bytes.len() as u32;
        counts[bucket] += 1;
    }
    page.crowd = counts.iter().copied().max().unwrap_or(0);

    let index_bytes = Page::index_bytes(bits);
    let mut bytes = Vec::with_capacity(class(index_bytes + len));
    bytes.resize(index_bytes + len, 0);
    let mut start = index_bytes;
    for bucket in 0..page.buckets() {
        if bucket > 0 {
            bytes[2 * (bucket - 1)..2 * bucket].copy_from_slice(&(start as u16).to_le_bytes());
        }
        let size = sizes[bucket] as usize;
        sizes[bucket] = start as u32;
        start += size;
    }
    // What was the size of a bucket is now where its next record goes.
    for record in records {
        let next = &mut sizes[page.bucket_of(record.position)];
        let at = *next as usize;
        bytes[at..at + record.bytes.len()].copy_from_slice(record.bytes);
        *next += record.bytes.len() as u32;
    }
    Page::new(prefix, depth, bits, bytes, count, page.crowd)
}
