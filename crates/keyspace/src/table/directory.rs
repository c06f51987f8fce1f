//! The directory: which segment holds the keys of a hash prefix.
//!
//! ```text
//!  root = address of the directory | 6 bits        directory, aligned to 64 bytes
//!  0-27   depth d: 2^d slots, full segments        +--------------+----------+----------+----------+-
//!  32-33  one slot, a segment of a small shape     | older root   | slot 0   | slot 1   | slot 2   | ...
//!                                                  +--------------+----------+----------+----------+-
//!                                                  0              64         72         80
//! ```
//!
//! A segment of depth s fills 2^(d-s) slots in a row. Doubling writes a new directory and keeps the old ones, chained, since another
//! thread may be looking through them: halving each time, they add up to less than the one in use. Only small retired
//! directories own what they point to: a small segment is replaced whole when the table outgrows it, while full
//! segments live on in the next directory.

#![expect(clippy::cast_possible_truncation, reason = "addresses and prefixes are cut to their bits")]

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ptr::{self, NonNull};
use std::sync::atomic::{
    AtomicPtr,
    Ordering::{Acquire, Release},
};

use super::hash::{self, PREFIX_BITS};
use super::segment::{Segment, Shape};

const ALIGN: usize = 64;
const SLOTS_AT: usize = 64;
const SMALL: usize = 32;
const _: () = assert!((PREFIX_BITS as usize) < SMALL && SMALL + Shape::SMALL_COUNT <= ALIGN);

/// The address of a directory and how to read it. Copying it copies no ownership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Root(NonNull<u8>);

// SAFETY: an address; what is behind it are atomics and, for the owner of the table, entries, which may be sent.
unsafe impl Send for Root {}
// SAFETY: as above, and entries may be shared.
unsafe impl Sync for Root {}

impl Root {
    /// A directory of empty slots, for one segment of any shape or for full segments. The caller fills every slot before anyone else
    /// sees it.
    pub(super) fn allocate(depth: u32, shape: Shape, older: Option<Self>) -> Self {
        assert!(depth <= PREFIX_BITS && (shape.is_full() || depth == 0));
        let layout = layout(depth);
        // SAFETY: the size is not zero.
        let base = unsafe { alloc_zeroed(layout) };
        let Some(base) = NonNull::new(base) else { handle_alloc_error(layout) };
        #[cfg(test)]
        super::entry::count_live(|live| live.wrapping_add(layout.size()));
        // SAFETY: the memory is new, aligned, and large enough for a pointer.
        unsafe { base.cast::<*mut u8>().write(Self::into_raw(older)) };
        let kind = if shape.is_full() { depth as usize } else { SMALL + shape.index() };
        Self(base.map_addr(|address| address | kind))
    }

    pub(super) fn from_raw(raw: *mut u8) -> Option<Self> {
        NonNull::new(raw).map(Self)
    }

    pub(super) fn into_raw(root: Option<Self>) -> *mut u8 {
        root.map_or(ptr::null_mut(), |root| root.0.as_ptr())
    }

    fn kind(self) -> usize {
        self.0.addr().get() % ALIGN
    }

    pub(super) fn depth(self) -> u32 {
        // Below 64.
        let kind = self.kind() as u32;
        if kind < SMALL as u32 { kind } else { 0 }
    }

    pub(super) fn shape(self) -> Shape {
        match self.kind().checked_sub(SMALL) {
            None => Shape::FULL,
            Some(index) => Shape::from_index(index),
        }
    }

    /// Buckets in each segment.
    #[inline]
    pub(super) fn buckets(self) -> usize {
        self.shape().buckets()
    }

    pub(super) fn slot_count(self) -> usize {
        1 << self.depth()
    }

    /// Which slot the keys of `hash` are behind.
    #[inline]
    pub(super) fn index(self, hash: u64) -> usize {
        self.index_of_prefix(hash::prefix(hash))
    }

    pub(super) fn index_of_prefix(self, prefix: u64) -> usize {
        // At most PREFIX_BITS bits.
        (prefix >> (PREFIX_BITS - self.depth())) as usize
    }

    fn base(self) -> NonNull<u8> {
        // SAFETY: the address without its low bits is that of an allocation, and not 0.
        unsafe { NonNull::new_unchecked(self.0.as_ptr().map_addr(|address| address & !(ALIGN - 1))) }
    }

    /// # Safety
    /// The directory lives for the lifetime, and `index` is below its slot count.
    unsafe fn slot<'a>(self, index: usize) -> &'a AtomicPtr<u8> {
        debug_assert!(index < self.slot_count());
        // SAFETY: the directory was allocated with this many slots behind its head.
        let slot = unsafe { self.base().add(SLOTS_AT + index * size_of::<*mut u8>()) };
        // SAFETY: aligned, initialized (zero at least), and only ever accessed as this atomic.
        unsafe { slot.cast().as_ref() }
    }

    /// # Safety
    /// The directory and its segments live for the lifetime, `index` is below its slot count, and the slots are filled.
    #[inline]
    pub(super) unsafe fn segment<'a>(self, index: usize) -> Segment<'a> {
        // SAFETY: the caller's.
        let slot = unsafe { self.slot(index) };
        // SAFETY: a filled slot holds a live segment, and the acquire pairs with the release that published it.
        unsafe { Segment::from_raw(slot.load(Acquire), self.shape()) }
    }

    /// Puts a segment behind `count` slots from `first` on.
    ///
    /// # Safety
    /// The directory lives, and has these slots.
    pub(super) unsafe fn fill(self, first: usize, count: usize, segment: Segment<'_>) {
        for index in first..first + count {
            // SAFETY: the caller's.
            let slot = unsafe { self.slot(index) };
            slot.store(segment.into_raw(), Release);
        }
    }

    /// A directory of twice the slots with the same segments, which keeps this one.
    ///
    /// # Safety
    /// The directory and its segments live, and its segments are full.
    pub(super) unsafe fn doubled(self) -> Self {
        let next = Self::allocate(self.depth() + 1, Shape::FULL, Some(self));
        for index in 0..self.slot_count() {
            // SAFETY: the caller's.
            let segment = unsafe { self.segment(index) };
            // SAFETY: the next directory has twice the slots.
            unsafe { next.fill(index * 2, 2, segment) };
        }
        next
    }

    /// A directory of half the slots, with no memory of older ones.
    ///
    /// # Safety
    /// The directory and its segments live, and no segment is as deep as the directory.
    pub(super) unsafe fn halved(self) -> Self {
        let next = Self::allocate(self.depth() - 1, Shape::FULL, None);
        for index in 0..next.slot_count() {
            // SAFETY: the caller's.
            let segment = unsafe { self.segment(index * 2) };
            // SAFETY: the index is below the next directory's slot count.
            unsafe { next.fill(index, 1, segment) };
        }
        next
    }

    /// # Safety
    /// The directory lives.
    unsafe fn older(self) -> Option<Self> {
        // SAFETY: written by `allocate` and never since.
        Self::from_raw(unsafe { self.base().cast::<*mut u8>().read() })
    }

    /// Bytes of this directory and of those it keeps, with those of their segments that are theirs alone.
    ///
    /// # Safety
    /// The directory lives.
    pub(super) unsafe fn bytes(self) -> usize {
        let mut bytes = layout(self.depth()).size();
        // SAFETY: the caller's.
        let mut next = unsafe { self.older() };
        while let Some(root) = next {
            bytes += layout(root.depth()).size() + if root.shape().is_full() { 0 } else { root.shape().bytes() };
            // SAFETY: kept directories live as long as the one that keeps them.
            next = unsafe { root.older() };
        }
        bytes
    }

    /// Frees the directories that this one keeps, with those of their segments that are theirs alone.
    ///
    /// # Safety
    /// Nobody uses any of them after.
    pub(super) unsafe fn free_older(self) {
        // SAFETY: the directory lives, and begins with this pointer.
        let older = unsafe { self.base().cast::<*mut u8>().replace(ptr::null_mut()) };
        let mut next = Self::from_raw(older);
        while let Some(root) = next {
            if !root.shape().is_full() {
                // SAFETY: the directory lives until the end of this turn.
                let segment = unsafe { root.segment(0) };
                // SAFETY: a small segment belongs to its directory alone, and nobody uses it after.
                unsafe { segment.free() };
            }
            // SAFETY: as above.
            next = unsafe { root.older() };
            // SAFETY: the caller's.
            unsafe { root.deallocate() };
        }
    }

    /// Frees this directory and those it keeps, but not this one's segments.
    ///
    /// # Safety
    /// Nobody uses any of them after.
    pub(super) unsafe fn free(self) {
        // SAFETY: the caller's.
        unsafe { self.free_older() };
        // SAFETY: the caller's.
        unsafe { self.deallocate() };
    }

    /// # Safety
    /// Nobody uses the directory after.
    unsafe fn deallocate(self) {
        let layout = layout(self.depth());
        #[cfg(test)]
        super::entry::count_live(|live| live.wrapping_sub(layout.size()));
        // SAFETY: allocated with this layout, and nobody uses it after.
        unsafe { dealloc(self.base().as_ptr(), layout) };
    }

    /// Frees the segments and the directories; the entries are the caller's.
    ///
    /// # Safety
    /// Nobody uses any of them after.
    pub(super) unsafe fn free_all(self) {
        let mut index = 0;
        while index < self.slot_count() {
            // SAFETY: the directory lives, and each segment is met once, at its first slot.
            let segment = unsafe { self.segment(index) };
            index += 1 << (self.depth() - segment.depth());
            // SAFETY: nobody uses it after.
            unsafe { segment.free() };
        }
        // SAFETY: the caller's.
        unsafe { self.free() };
    }
}

fn layout(depth: u32) -> Layout {
    let bytes = SLOTS_AT + (size_of::<*mut u8>() << depth);
    match Layout::from_size_align(bytes, ALIGN) {
        Ok(layout) => layout,
        // At most 2^27 slots.
        Err(_) => unreachable!("a directory of {bytes} bytes"),
    }
}
