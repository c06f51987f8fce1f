//! A segment: some buckets, a stash for what does not fit into them, and nothing that a lookup must read first.
//!
//! ```text
//! line   0                 1                2 ..            217 ..      224
//!       +-----------------+----------------+---------------+-----------+
//!       | stash homes, 56 | stash tags, 56 | 215 buckets   | stash, 56 |
//!       | depth, overflow |                | of 7 entries  | pointers  |
//!       +-----------------+----------------+---------------+-----------+
//! ```
//!
//! 224 cache lines are 14 KiB, and that is no accident: it is jemalloc's largest small class, packed without loss, where 16 KiB is
//! a large one to which it adds a page for cache colouring, 25 % of the table. The first segments of a table are smaller (1 and
//! 4 KiB), so that an empty database of many stripes costs next to nothing; they are replaced whole when full, and only full-size
//! segments split.
//!
//! Filled at random, 1,561 slots take about 1,370 entries (88 %) before one finds no place. How that is reached, in order: the home
//! bucket, the next one, moving a guest of the home bucket back or a native of the next one onward, the stash.
//!
//! Every field is an atomic accessed in relaxed order, since prefetching threads read the buckets while a writer works. Writers
//! have the table exclusively, so no operation here needs to be atomic as a whole, and nothing here follows an entry's address.

#![expect(clippy::cast_possible_truncation, reason = "homes and depths are stored in bytes")]

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed};

use pack::prefetch;

use super::bucket::{Bucket, SLOTS, Slot};
use super::entry::Block;

const LINE_BYTES: usize = 64;
const HEAD_LINES: usize = 2;
const STASH_WORDS: usize = 7;
/// In a stash home byte: the slot is empty.
const NO_HOME: u8 = 0xff;

/// How a segment divides its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    index: u8,
    stash_lines: u8,
    buckets: u8,
}

impl Shape {
    const fn new(index: u8, lines: u8, stash_lines: u8) -> Self {
        Self { index, stash_lines, buckets: lines - stash_lines - HEAD_LINES as u8 }
    }

    // Miri interprets every access: it gets small segments, which meet the same cases sooner.
    const ALL: [Self; 3] = if cfg!(miri) {
        [Self::new(0, 6, 1), Self::new(1, 8, 1), Self::new(2, 12, 1)]
    } else {
        [Self::new(0, 16, 1), Self::new(1, 64, 2), Self::new(2, 224, 7)]
    };

    pub(super) const FULL: Self = Self::ALL[2];
    pub(super) const SMALLEST: Self = Self::ALL[0];
    /// How many shapes are not full.
    pub(super) const SMALL_COUNT: usize = Self::ALL.len() - 1;

    pub(super) const fn index(self) -> usize {
        self.index as usize
    }

    #[inline]
    pub(super) const fn from_index(index: usize) -> Self {
        Self::ALL[index]
    }

    pub(super) const fn is_full(self) -> bool {
        self.index == Self::FULL.index
    }

    pub(super) const fn buckets(self) -> usize {
        self.buckets as usize
    }

    pub(super) const fn stash_slots(self) -> usize {
        self.stash_lines as usize * (LINE_BYTES / size_of::<Slot>())
    }

    pub(super) const fn slots(self) -> usize {
        self.buckets() * SLOTS + self.stash_slots()
    }

    pub(super) const fn bytes(self) -> usize {
        (HEAD_LINES + self.buckets as usize + self.stash_lines as usize) * LINE_BYTES
    }

    const fn layout(self) -> Layout {
        match Layout::from_size_align(self.bytes(), LINE_BYTES) {
            Ok(layout) => layout,
            Err(_) => panic!("a segment is a few KiB"),
        }
    }
}

const _: () = assert!(Shape::FULL.buckets() <= NO_HOME as usize);
const _: () = assert!(Shape::FULL.stash_slots() <= STASH_WORDS * 8);

/// The first two lines.
#[repr(C, align(64))]
struct Head {
    /// One byte for each stash slot: the home of its entry, or [`NO_HOME`].
    homes: [AtomicU64; STASH_WORDS],
    /// How many hash bits all keys of this segment share.
    depth: AtomicU8,
    /// How many of the table's overflow entries belong to this segment.
    overflow: AtomicU32,
    /// One byte for each stash slot: the tag of its entry.
    tags: [AtomicU64; STASH_WORDS],
}

const _: () = assert!(size_of::<Head>() == HEAD_LINES * LINE_BYTES);

/// Where in a segment an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    Bucket { bucket: usize, slot: usize },
    Stash(usize),
}

/// A segment, by address. Lives for `'a`; copying it copies no ownership.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'a> {
    base: NonNull<u8>,
    /// Known from the directory's root, so that a lookup need not read it from the segment's head.
    shape: Shape,
    segment: PhantomData<&'a Bucket>,
}

impl<'a> Segment<'a> {
    /// An empty segment, to be freed with [`Self::free`].
    pub(super) fn allocate(shape: Shape, depth: u32) -> Self {
        let layout = shape.layout();
        // SAFETY: the size is not zero.
        let base = unsafe { alloc_zeroed(layout) };
        let Some(base) = NonNull::new(base) else { handle_alloc_error(layout) };
        #[cfg(test)]
        super::entry::count_live(|live| live.wrapping_add(layout.size()));
        let segment = Self { base, shape, segment: PhantomData };
        for homes in &segment.head().homes {
            homes.store(splat(NO_HOME), Relaxed);
        }
        segment.set_depth(depth);
        segment
    }

    /// # Safety
    /// Nobody uses the segment after.
    pub(super) unsafe fn free(self) {
        let layout = self.shape.layout();
        #[cfg(test)]
        super::entry::count_live(|live| live.wrapping_sub(layout.size()));
        // SAFETY: `allocate` made it with this layout.
        unsafe { dealloc(self.base.as_ptr(), layout) };
    }

    /// # Safety
    /// The address is of a segment of this shape that lives for the lifetime.
    #[inline]
    pub(super) unsafe fn from_raw(base: *mut u8, shape: Shape) -> Self {
        // SAFETY: a live segment's address is not null.
        let base = unsafe { NonNull::new_unchecked(base) };
        Self { base, shape, segment: PhantomData }
    }

    pub(super) const fn into_raw(self) -> *mut u8 {
        self.base.as_ptr()
    }

    pub(super) const fn shape(self) -> Shape {
        self.shape
    }

    const fn head(self) -> &'a Head {
        // SAFETY: a live segment begins with its head, all of whose fields are atomics valid in any state of their bytes.
        unsafe { self.base.cast().as_ref() }
    }

    pub(super) fn depth(self) -> u32 {
        u32::from(self.head().depth.load(Relaxed))
    }

    pub(super) fn set_depth(self, depth: u32) {
        // At most 27.
        self.head().depth.store(depth as u8, Relaxed);
    }

    /// How many of the table's overflow entries belong here.
    pub(super) fn overflow(self) -> usize {
        self.head().overflow.load(Relaxed) as usize
    }

    pub(super) fn set_overflow(self, count: usize) {
        // Saturated, it stays above zero, which is all that lookups ask; nobody lives to see 4 G entries in a list.
        self.head().overflow.store(u32::try_from(count).unwrap_or(u32::MAX), Relaxed);
    }

    #[inline]
    pub(super) const fn bucket_address(self, index: usize) -> *const u8 {
        self.base.as_ptr().wrapping_add((HEAD_LINES + index) * LINE_BYTES)
    }

    #[inline]
    pub(super) fn bucket(self, index: usize) -> &'a Bucket {
        assert!(index < self.shape.buckets());
        // SAFETY: a live segment of this shape has this bucket, all of whose fields are atomics valid in any state.
        unsafe { &*self.bucket_address(index).cast() }
    }

    fn stash_slot(self, index: usize) -> &'a Slot {
        assert!(index < self.shape.stash_slots());
        let address = self.bucket_address(self.shape.buckets()).wrapping_add(index * size_of::<Slot>());
        // SAFETY: the stash follows the last bucket, has this slot, and slots are atomics valid in any state.
        unsafe { &*address.cast() }
    }

    pub(super) fn slot(self, at: At) -> &'a Slot {
        match at {
            At::Bucket { bucket, slot } => self.bucket(bucket).slot(slot),
            At::Stash(index) => self.stash_slot(index),
        }
    }

    /// The bucket after `index`, around the end.
    #[inline]
    pub(super) const fn next(self, index: usize) -> usize {
        if index + 1 == self.shape.buckets() { 0 } else { index + 1 }
    }

    /// The bucket before `index`, around the end.
    pub(super) const fn previous(self, index: usize) -> usize {
        if index == 0 { self.shape.buckets() - 1 } else { index - 1 }
    }

    /// The entry of this home and tag that `accept` takes.
    #[inline]
    pub(super) fn find(self, home: usize, tag: u8, mut accept: impl FnMut(Block) -> bool) -> Option<At> {
        let bucket = self.bucket(home);
        let word = bucket.word();
        for slot in word.matching(tag) {
            if !word.is_guest(slot) && bucket.slot(slot).block().is_some_and(&mut accept) {
                return Some(At::Bucket { bucket: home, slot });
            }
        }
        if word.is_spilled() { self.find_spilled(home, tag, accept) } else { None }
    }

    #[inline(never)]
    fn find_spilled(self, home: usize, tag: u8, mut accept: impl FnMut(Block) -> bool) -> Option<At> {
        let next = self.next(home);
        let bucket = self.bucket(next);
        let word = bucket.word();
        for slot in word.matching(tag) {
            if word.is_guest(slot) && bucket.slot(slot).block().is_some_and(&mut accept) {
                return Some(At::Bucket { bucket: next, slot });
            }
        }
        self.stash_of(home)
            .find(|&index| self.stash_tag(index) == tag && self.stash_slot(index).block().is_some_and(&mut accept))
            .map(At::Stash)
    }

    /// The stash slots with entries of this home.
    pub(super) fn stash_of(self, home: usize) -> impl Iterator<Item = usize> + use<'a> {
        self.stash_where(home as u8)
    }

    /// The stash slots whose home byte is `home`.
    fn stash_where(self, home: u8) -> impl Iterator<Item = usize> + use<'a> {
        let homes = &self.head().homes[..self.shape.stash_slots() / 8];
        homes.iter().enumerate().flat_map(move |(word, homes)| {
            let mut zeros = zero_bytes(homes.load(Relaxed) ^ splat(home));
            std::iter::from_fn(move || {
                let byte = zeros.trailing_zeros() as usize / 8;
                zeros &= zeros.checked_sub(1)?;
                Some(word * 8 + byte)
            })
        })
    }

    fn stash_home(self, index: usize) -> Option<usize> {
        let home = byte_of(&self.head().homes, index);
        (home != NO_HOME).then_some(usize::from(home))
    }

    fn stash_tag(self, index: usize) -> u8 {
        byte_of(&self.head().tags, index)
    }

    /// The first free stash slot.
    pub(super) fn stash_free(self) -> Option<usize> {
        self.stash_where(NO_HOME).next()
    }

    /// Fills a free stash slot.
    pub(super) fn stash_put(self, index: usize, home: usize, tag: u8, block: Block) {
        debug_assert!(self.stash_home(index).is_none());
        self.stash_slot(index).set(block);
        // Homes are below 255.
        set_byte(&self.head().homes, index, home as u8);
        set_byte(&self.head().tags, index, tag);
    }

    /// Empties a stash slot: its home, its tag and the entry.
    pub(super) fn stash_take(self, index: usize) -> Option<(usize, u8, Block)> {
        let home = self.stash_home(index)?;
        let block = self.stash_slot(index).block()?;
        set_byte(&self.head().homes, index, NO_HOME);
        self.stash_slot(index).clear();
        Some((home, self.stash_tag(index), block))
    }

    /// Every entry with its home and tag.
    pub(super) fn for_each(self, mut visit: impl FnMut(usize, u8, Block)) {
        for index in 0..self.shape.buckets() {
            self.prefetch_entries(index + 2);
            let bucket = self.bucket(index);
            let word = bucket.word();
            for slot in word.occupied() {
                let home = if word.is_guest(slot) { self.previous(index) } else { index };
                if let Some(block) = bucket.slot(slot).block() {
                    visit(home, word.tag(slot), block);
                }
            }
        }
        for index in 0..self.shape.stash_slots() {
            if let (Some(home), Some(block)) = (self.stash_home(index), self.stash_slot(index).block()) {
                visit(home, self.stash_tag(index), block);
            }
        }
    }

    /// Every entry whose home is `home`, wherever it lies.
    pub(super) fn for_each_at_home(self, home: usize, mut visit: impl FnMut(Block)) {
        let bucket = self.bucket(home);
        let word = bucket.word();
        word.natives().filter_map(|slot| bucket.slot(slot).block()).for_each(&mut visit);
        if word.is_spilled() {
            let next = self.bucket(self.next(home));
            next.word().guests().filter_map(|slot| next.slot(slot).block()).for_each(&mut visit);
            self.stash_of(home).filter_map(|index| self.stash_slot(index).block()).for_each(&mut visit);
        }
    }

    /// The entry in the `index`th of all slots, empty ones counted.
    pub(super) fn block_in_slot(self, index: usize) -> Option<Block> {
        let (bucket, slot) = (index / SLOTS, index % SLOTS);
        match index.checked_sub(self.shape.buckets() * SLOTS) {
            None => self.bucket(bucket).slot(slot).block(),
            Some(index) => self.stash_slot(index).block(),
        }
    }

    pub(super) fn entry_count(self) -> usize {
        let in_buckets: usize = (0..self.shape.buckets()).map(|index| self.bucket(index).word().occupied().len()).sum();
        in_buckets + self.shape.stash_slots() - self.stash_where(NO_HOME).count()
    }

    /// Asks for the entries of a bucket, if there is such a bucket: for walks that are going to read them all.
    #[inline]
    pub(super) fn prefetch_entries(self, index: usize) {
        if index < self.shape.buckets() {
            let bucket = self.bucket(index);
            bucket.word().occupied().for_each(|slot| prefetch_entry_lines(bucket.slot(slot).address()));
        }
    }

    /// Asks for the entries that a lookup of this home and tag would read.
    #[inline]
    pub(super) fn prefetch_matching(self, home: usize, tag: u8) {
        let bucket = self.bucket(home);
        let word = bucket.word();
        for slot in word.matching(tag) {
            prefetch_entry_lines(bucket.slot(slot).address());
        }
        if word.is_spilled() {
            let bucket = self.bucket(self.next(home));
            for slot in bucket.word().matching(tag) {
                prefetch_entry_lines(bucket.slot(slot).address());
            }
        }
    }
}

/// Header, key and the beginning of a small value lie in the first two lines.
#[inline(always)]
fn prefetch_entry_lines(address: *const u8) {
    prefetch::line(address);
    prefetch::line(address.wrapping_add(LINE_BYTES));
}

const fn splat(byte: u8) -> u64 {
    byte as u64 * 0x0101_0101_0101_0101
}

/// Bit 7 of each byte that is zero.
const fn zero_bytes(word: u64) -> u64 {
    let low_bits = splat(0x7f);
    !(((word & low_bits) + low_bits) | word | low_bits)
}

fn byte_of(words: &[AtomicU64], index: usize) -> u8 {
    (words[index / 8].load(Relaxed) >> (index % 8 * 8)) as u8
}

fn set_byte(words: &[AtomicU64], index: usize, byte: u8) {
    let shift = index % 8 * 8;
    let word = words[index / 8].load(Relaxed);
    words[index / 8].store(word & !(0xff << shift) | u64::from(byte) << shift, Relaxed);
}
