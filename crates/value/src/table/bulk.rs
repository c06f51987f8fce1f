//! A table of records that come all at once, as from a dump.
//!
//! Record by record a table of 100,000 members is built by some 1000 splits, each of which copies its page, and by 100,000 insertions
//! into the middle of one. Here the records are gathered first, sorted into the pages that so many bytes will need, by one pass
//! of counting and one of placing, and each page is laid out once. It costs about twelve bytes a record while it lasts.
//!
//! That a key comes twice shows in its bucket, where a handful of records lie: nothing is looked up on the way.

#![expect(clippy::cast_possible_truncation, reason = "offsets that were checked against 32 bits, prefixes of as many")]

use stdx::UnixMs;

use super::build::{Loose, build};
use super::hash::{Salt, hash_of};
use super::map::Table;
use super::page::{PAGE_MAX_BYTES, Page};
use super::pages::Pages;
use super::record::{self, Head, INLINE_MAX_BYTES};

/// Bytes that a page gets at most on average: few then exceed [`PAGE_MAX_BYTES`] by chance, and those are split.
const PAGE_FILL_BYTES: usize = 2400;

/// No page of different keys gets so many records but by a chance that does not happen; one key a thousand times makes one. It is found
/// before the page is laid out, which takes memory for each record.
const CROWD: usize = 4096;

/// Records on their way into a table.
///
/// ```
/// use value::table::Bulk;
///
/// let mut bulk = Bulk::with_capacity(2, 16);
/// bulk.push(b"field", b"value");
/// bulk.push(b"other", b"");
/// let table = bulk.finish().unwrap();
/// assert_eq!(table.get(b"field").map(|record| record.value), Some(&b"value"[..]));
/// ```
#[derive(Debug, Default)]
pub struct Bulk {
    /// Records as they will lie in pages, one behind the other.
    bytes: Vec<u8>,
    starts: Vec<u32>,
    /// Hashes, then positions.
    positions: Vec<u64>,
    /// Records that do not lie in pages.
    apart: Vec<Apart>,
}

/// A long record.
#[derive(Debug)]
struct Apart {
    key: Box<[u8]>,
    value: Box<[u8]>,
}

impl Bulk {
    /// What is kept of a record beside its bytes.
    pub const RECORD_BYTES: usize = size_of::<u64>() + size_of::<u32>();

    /// With room for so many records of so many bytes in all.
    #[must_use]
    pub fn with_capacity(count: usize, bytes: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
            starts: Vec::with_capacity(count),
            positions: Vec::with_capacity(count),
            apart: Vec::new(),
        }
    }

    /// What adding a record of such a key and value will allocate; not what [`Self::finish`] will, nor the room made beforehand.
    #[must_use]
    #[inline]
    pub fn growth(&self, key_len: usize, value_len: usize) -> usize {
        let room = self.bytes.capacity() - self.bytes.len();
        let fits = key_len + value_len <= room.saturating_sub(record::INLINE_HEAD_MAX_BYTES).min(INLINE_MAX_BYTES);
        if fits && self.starts.len() < self.starts.capacity() { 0 } else { self.growth_of(key_len, value_len) }
    }

    #[cold]
    fn growth_of(&self, key_len: usize, value_len: usize) -> usize {
        let len = key_len + value_len;
        if len > INLINE_MAX_BYTES {
            return len + 2 * size_of::<Apart>() * 2;
        }
        let (room, list) = (self.bytes.capacity() - self.bytes.len(), self.starts.capacity() - self.starts.len());
        let bytes = if room < Head::inline_len(key_len, value_len) + len { 2 * self.bytes.capacity() + len } else { 0 };
        let lists = if list == 0 { 2 * self.starts.capacity() * Self::RECORD_BYTES } else { 0 };
        bytes + lists
    }

    /// What [`Self::finish`] will allocate, about, and not less.
    #[must_use]
    pub fn finish_cost(&self) -> usize {
        const ORDER_BYTES: usize = size_of::<u32>();
        /// Pages are rounded up by at most a quarter, on average by less; their index, the directory and what is needed on the way.
        const PAGE_BYTES: usize = 4;
        /// The records of one page at a time, and small tables.
        const FIXED_BYTES: usize = 2 * CROWD * size_of::<Loose<'_>>();
        let apart: usize = self.apart.iter().map(|it| it.key.len() + it.value.len() + 256).sum();
        self.starts.len() * (ORDER_BYTES + PAGE_BYTES) + self.bytes.len() / 4 * 5 + apart + FIXED_BYTES
    }

    /// Adds a record without a deadline.
    pub fn push(&mut self, key: &[u8], value: &[u8]) {
        let start = u32::try_from(self.bytes.len());
        match start {
            Ok(start) if key.len() + value.len() <= INLINE_MAX_BYTES => {
                self.starts.push(start);
                self.positions.push(hash_of(key));
                self.bytes.extend_from_slice(Head::inline(key.len(), value.len(), None::<UnixMs>).bytes());
                self.bytes.extend_from_slice(key);
                self.bytes.extend_from_slice(value);
            }
            Ok(_) | Err(_) => self.apart.push(Apart { key: key.into(), value: value.into() }),
        }
    }

    /// The table; `None` if a key came twice.
    #[must_use]
    pub fn finish(mut self) -> Option<Table> {
        let mut table = Table::new();
        if let Some(first) = self.positions.first() {
            table.salt = Salt::from_first(*first);
            for position in &mut self.positions {
                *position = table.salt.position(*position);
            }
            if !self.lay_out(&mut table) {
                return None;
            }
        }
        // Before pages are split: one key a thousand times lies in one page, which no splitting helps.
        if !table.pages.iter().all(is_distinct) {
            return None;
        }
        split_the_full(&mut table);
        (self.apart.iter().all(|Apart { key, value }| table.insert(key, value, None))).then_some(table)
    }

    /// Returns whether no page is crowded by one key.
    fn lay_out(&self, table: &mut Table) -> bool {
        let depth = self.bytes.len().div_ceil(PAGE_FILL_BYTES).next_power_of_two().trailing_zeros() as u8;
        let prefix_of = |position: u64| (position >> 1 >> (63 - u32::from(depth))) as usize;
        // Where the records of each prefix begin, then where the next of them goes.
        let mut nexts = vec![0_u32; (1 << depth) + 1];
        for position in &self.positions {
            nexts[prefix_of(*position) + 1] += 1;
        }
        for prefix in 0..1 << depth {
            nexts[prefix + 1] += nexts[prefix];
        }
        let mut order = vec![0_u32; self.positions.len()];
        for (index, position) in self.positions.iter().enumerate() {
            let next = &mut nexts[prefix_of(*position)];
            order[*next as usize] = index as u32;
            *next += 1;
        }
        table.pages = Pages::default();
        table.directory = (0..1 << depth).collect();
        table.deep = 1 << depth;
        table.len = self.positions.len();
        // Each now says where the records of its prefix end.
        nexts.pop();
        let (mut loose, mut from) = (Vec::new(), 0);
        for (prefix, end) in nexts.into_iter().enumerate() {
            let of_page = &mut order[from..end as usize];
            from = end as usize;
            if of_page.len() > CROWD && self.has_twins(of_page) {
                return false;
            }
            loose.clear();
            loose.extend(of_page.iter().map(|index| self.loose(*index as usize)));
            table.pages.push(build(prefix as u32, depth, &loose));
            table.peak.note(loose.len() as u32);
        }
        true
    }

    /// Whether two of these records have the same key. Sorts them by their positions.
    fn has_twins(&self, records: &mut [u32]) -> bool {
        let record = |index: u32| self.loose(index as usize);
        records.sort_unstable_by_key(|index| self.positions[*index as usize]);
        records.windows(2).any(|pair| {
            let (one, other) = (record(pair[0]), record(pair[1]));
            one.position == other.position && key(one.bytes) == key(other.bytes)
        })
    }

    fn loose(&self, index: usize) -> Loose<'_> {
        let end = self.starts.get(index + 1).map_or(self.bytes.len(), |start| *start as usize);
        Loose { position: self.positions[index], bytes: &self.bytes[self.starts[index] as usize..end] }
    }
}

/// Pages that got too much by chance.
fn split_the_full(table: &mut Table) {
    let mut id = 0;
    while let Some(page) = table.pages.get(id) {
        if page.len_bytes() > PAGE_MAX_BYTES {
            let position = u64::from(page.prefix) << 1 << (63 - u32::from(page.depth));
            table.relieve(id, position);
        }
        id += 1;
    }
}

fn key(record: &[u8]) -> &[u8] {
    let parts = record::parts(record);
    &record[parts.key..parts.value]
}

/// Whether no two records of the page have the same key.
fn is_distinct(page: &Page) -> bool {
    (0..page.buckets()).all(|bucket| {
        let mut rest = page.bucket_records(bucket);
        while let Some(record) = rest.next() {
            if rest.clone().any(|other| key(other) == key(record)) {
                return false;
            }
        }
        true
    })
}
