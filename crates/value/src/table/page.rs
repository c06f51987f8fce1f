//! A page: the records of one range of positions, packed in the order of their buckets.
//!
//! ```text
//! bucket_bits = 2: three starts (bucket 0 begins after them, the last one ends with the page)
//!
//! 0c 00  0c 00  11 00  03 'a' 'b' 'c' ...
//! |      |      |
//! |      |      bucket 3 starts at byte 17
//! |      bucket 2 starts at byte 12
//! bucket 1 starts at byte 12: bucket 0 has the bytes 6-11, bucket 1 none
//! ```
//!
//! Starts are bytes 0-65534 of the page. A page that cannot split and grows past that has a single bucket and no starts.

use std::ops::Range;

use super::large::Large;
use super::record;
use super::size::class;

/// A page splits when its bytes are more.
pub(super) const PAGE_MAX_BYTES: usize = 3072;

/// The most bytes of a page with more than one bucket: a start has two bytes.
pub(super) const INDEXED_MAX_BYTES: usize = u16::MAX as usize;

const START_BYTES: usize = 2;

#[derive(Clone, Debug, Default)]
pub(super) struct Page {
    /// Starts of the buckets but the first, then the records.
    bytes: Vec<u8>,
    /// The first `depth` bits of all positions in this page.
    pub(super) prefix: u32,
    /// Records.
    pub(super) count: u32,
    /// At least the records of the fullest bucket.
    pub(super) crowd: u32,
    pub(super) depth: u8,
    /// The page has 2^this buckets.
    pub(super) bucket_bits: u8,
}

/// Where a record is or would be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) bucket: usize,
    pub(super) at: usize,
    /// 0 for a record that is not there.
    pub(super) len: usize,
    /// Records of the bucket, as far as the search came.
    seen: u32,
}

impl Page {
    pub(super) const fn new(prefix: u32, depth: u8, bucket_bits: u8, bytes: Vec<u8>, count: u32, crowd: u32) -> Self {
        Self { bytes, prefix, count, crowd, depth, bucket_bits }
    }

    pub(super) const fn len_bytes(&self) -> usize {
        self.bytes.len()
    }

    pub(super) const fn heap_bytes(&self) -> usize {
        self.bytes.capacity()
    }

    pub(super) const fn buckets(&self) -> usize {
        1 << self.bucket_bits
    }

    /// Bytes before the first record.
    pub(super) const fn index_bytes(bucket_bits: u8) -> usize {
        ((1 << bucket_bits) - 1) * START_BYTES
    }

    /// The bucket of a position that belongs to this page.
    #[inline]
    pub(super) const fn bucket_of(&self, position: u64) -> usize {
        (position >> 1 >> (63 - self.depth as u32 - self.bucket_bits as u32)) as usize & (self.buckets() - 1)
    }

    /// Of the page's bytes.
    pub(super) const fn address(&self) -> *const u8 {
        self.bytes.as_ptr()
    }

    /// Where the start of the bucket stands in the page's bytes. The first bucket has none: the answer is near.
    #[inline]
    pub(super) const fn start_at(&self, bucket: usize) -> usize {
        (bucket * START_BYTES).saturating_sub(START_BYTES)
    }

    #[inline]
    fn start(&self, bucket: usize) -> usize {
        let at = self.start_at(bucket);
        usize::from(u16::from_le_bytes([self.bytes[at], self.bytes[at + 1]]))
    }

    #[inline]
    pub(super) fn bucket(&self, bucket: usize) -> Range<usize> {
        let start = if bucket == 0 { Self::index_bytes(self.bucket_bits) } else { self.start(bucket) };
        let end = if bucket + 1 == self.buckets() { self.bytes.len() } else { self.start(bucket + 1) };
        start..end
    }

    /// The bytes of each record, in order.
    pub(super) fn records(&self) -> Spans<'_> {
        Spans { bytes: &self.bytes[Self::index_bytes(self.bucket_bits)..] }
    }

    pub(super) fn bucket_records(&self, bucket: usize) -> Spans<'_> {
        Spans { bytes: &self.bytes[self.bucket(bucket)] }
    }

    /// The place of the record with this key, or the place for it, with length 0.
    #[inline]
    pub(super) fn find(&self, position: u64, key: &[u8], large: &[Large]) -> Place {
        let bucket = self.bucket_of(position);
        let Range { start, end } = self.bucket(bucket);
        let mut rest = &self.bytes[start..end];
        let mut seen = 0;
        while !rest.is_empty() {
            let (len, found) = record::compare(rest, key, position, large);
            if found {
                return Place { bucket, at: end - rest.len(), len, seen };
            }
            rest = &rest[len..];
            seen += 1;
        }
        Place { bucket, at: end, len: 0, seen }
    }

    /// The record of this bucket that begins at this byte.
    pub(super) fn place_at(&self, bucket: usize, at: usize) -> Option<Place> {
        let bytes = &self.bytes[at..self.bucket(bucket).end];
        (!bytes.is_empty()).then(|| Place { bucket, at, len: record::span(bytes), seen: 0 })
    }

    #[inline]
    pub(super) fn at(&self, place: Place) -> &[u8] {
        &self.bytes[place.at..place.at + place.len]
    }

    pub(super) fn at_mut(&mut self, place: Place) -> &mut [u8] {
        &mut self.bytes[place.at..place.at + place.len]
    }

    /// Writes a record of three pieces to a place, over the one that is there.
    pub(super) fn put(&mut self, mut place: Place, pieces: [&[u8]; 3]) {
        let len = pieces.iter().map(|piece| piece.len()).sum::<usize>();
        if place.len == 0 {
            self.count += 1;
            self.crowd = self.crowd.max(place.seen + 1);
        }
        if self.bucket_bits > 0 && self.bytes.len() + len > INDEXED_MAX_BYTES {
            place.at -= Self::index_bytes(self.bucket_bits);
            place.bucket = 0;
            self.forget_buckets();
        }
        self.resize(place, len);
        let mut at = place.at;
        for piece in pieces {
            self.bytes[at..at + piece.len()].copy_from_slice(piece);
            at += piece.len();
        }
    }

    pub(super) fn cut(&mut self, place: Place) {
        self.count -= 1;
        self.resize(place, 0);
    }

    /// The place of a record that lies apart and has this number.
    pub(super) fn find_apart(&self, position: u64, id: u32) -> Option<Place> {
        let bucket = self.bucket_of(position);
        let mut at = self.bucket(bucket).start;
        while let Some(place) = self.place_at(bucket, at) {
            if record::apart(self.at(place)).is_some_and(|(other, _)| other == id) {
                return Some(place);
            }
            at += place.len;
        }
        None
    }

    /// Makes the record at a place `len` bytes long, moving what follows.
    fn resize(&mut self, place: Place, len: usize) {
        let (old, end) = (self.bytes.len(), place.at + place.len);
        let wanted = old - place.len + len;
        if wanted > self.bytes.capacity() || wanted + wanted / 2 + 64 < self.bytes.capacity() {
            let mut bytes = Vec::with_capacity(class(wanted));
            bytes.extend_from_slice(&self.bytes[..place.at]);
            bytes.resize(place.at + len, 0);
            bytes.extend_from_slice(&self.bytes[end..]);
            self.bytes = bytes;
        } else if len > place.len {
            self.bytes.resize(wanted, 0);
            self.bytes.copy_within(end..old, place.at + len);
        } else if len < place.len {
            self.bytes.copy_within(end..old, place.at + len);
            self.bytes.truncate(wanted);
        }
        self.shift_starts(place.bucket, place.len, len);
    }

    /// The starts of the buckets after `bucket`, in which `old` bytes became `new`.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a page with starts has less than 2^16 bytes; differences wrap"
    )]
    fn shift_starts(&mut self, bucket: usize, old: usize, new: usize) {
        let by = (new as u16).wrapping_sub(old as u16);
        let index = Self::index_bytes(self.bucket_bits);
        let (starts, _) = self.bytes[bucket * START_BYTES..index].as_chunks_mut::<START_BYTES>();
        for start in starts {
            *start = u16::from_le_bytes(*start).wrapping_add(by).to_le_bytes();
        }
    }

    /// Makes one bucket of all.
    fn forget_buckets(&mut self) {
        self.bytes.drain(..Self::index_bytes(self.bucket_bits));
        self.bucket_bits = 0;
        self.crowd = self.count;
    }
}

/// The bytes of one record after another.
#[derive(Clone)]
pub(super) struct Spans<'a> {
    bytes: &'a [u8],
}

impl<'a> Iterator for Spans<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        if self.bytes.is_empty() {
            return None;
        }
        let (record, rest) = self.bytes.split_at(record::span(self.bytes));
        self.bytes = rest;
        Some(record)
    }
}
