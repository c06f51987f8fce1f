//! The memory of an encoding: one allocation behind one pointer.
//!
//! ```text
//! handle --> | size in 16 bytes | tag     | bytes ................ | zeros .... |
//!            | 4 bytes          | 4 bytes | in use, says the owner | room       |
//! ```
//!
//! Every encoding states its own length, so a handle that repeats it, as a `Vec` does with its three words, wastes 16 bytes for each
//! small collection. Sizes are those of an allocator's classes, which would be given out anyway: so room to grow costs nothing, and
//! since the classes are a quarter or less apart but never closer than 16 bytes, growing byte by byte copies each byte a bounded number
//! of times.
//!
//! All bytes are initialized, always: whatever an owner believes its length to be, reading is at worst a panic.
#![expect(unsafe_code, reason = "an allocation with a header behind a thin pointer")]

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error, realloc};
use std::ptr::{NonNull, slice_from_raw_parts, slice_from_raw_parts_mut};

/// What sizes are counted in.
const UNIT_BYTES: usize = 16;
const HEAD_BYTES: usize = size_of::<Head>();

#[repr(C)]
#[derive(Clone, Copy)]
struct Head {
    /// Size of the allocation, this head included.
    units: u32,
    tag: u32,
}

/// Owned bytes, of which the owner uses the first few, and a number of the owner's.
pub(crate) struct Block {
    /// Of an allocation of `units` times [`UNIT_BYTES`], aligned for a `Head`; all of its bytes are initialized.
    head: NonNull<Head>,
}

// SAFETY: the allocation belongs to this handle alone, and holds plain numbers.
unsafe impl Send for Block {}
// SAFETY: nothing is changed through `&Block`.
unsafe impl Sync for Block {}

impl Block {
    /// Room for `len` bytes, all zero; tag 0.
    pub(crate) fn new(len: usize) -> Self {
        Self::with(&[], len)
    }

    /// A copy of `bytes`; tag 0.
    pub(crate) fn copy_of(bytes: &[u8]) -> Self {
        Self::with(bytes, bytes.len())
    }

    /// `bytes`, and zeros up to at least `len`.
    fn with(bytes: &[u8], len: usize) -> Self {
        let units = units_for(len);
        let layout = layout(units);
        // SAFETY: the layout has at least one unit.
        let start = unsafe { alloc(layout) };
        let Some(head) = NonNull::new(start.cast::<Head>()) else { handle_alloc_error(layout) };
        // SAFETY: the allocation begins with room for a head, and is aligned for one.
        unsafe { head.write(Head { units, tag: 0 }) };
        // SAFETY: a head is followed by the rest of its allocation, and `units_for` made that no shorter than `len`.
        let body = unsafe { start.add(HEAD_BYTES) };
        // SAFETY: as above; the new allocation overlaps nothing.
        unsafe { body.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
        let mut block = Self { head };
        block.zero_from(bytes.len());
        block
    }

    pub(crate) fn tag(&self) -> u32 {
        self.head().tag
    }

    pub(crate) fn set_tag(&mut self, tag: u32) {
        // SAFETY: the allocation begins with a head, and it is ours alone.
        unsafe { self.head.as_mut() }.tag = tag;
    }

    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        let bytes = slice_from_raw_parts(self.body(), self.len());
        // SAFETY: all bytes behind the head are initialized, and nothing changes them while `self` is borrowed.
        unsafe { &*bytes }
    }

    #[inline]
    #[expect(clippy::needless_pass_by_ref_mut, reason = "the borrow is what makes the slice exclusive")]
    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        let bytes = slice_from_raw_parts_mut(self.body(), self.len());
        // SAFETY: all bytes behind the head are initialized, and `self` is borrowed for good.
        unsafe { &mut *bytes }
    }

    /// Makes the `old` bytes at `at`, of `len` in use, into `new` bytes, and moves what follows. The content of those is arbitrary.
    ///
    /// # Panics
    /// If `at + old` is beyond `len`, or `len` beyond the room there is.
    pub(crate) fn splice(&mut self, len: usize, at: usize, old: usize, new: usize) -> &mut [u8] {
        assert!(at + old <= len && len <= self.len());
        let new_len = len - old + new;
        if new_len > self.len() {
            self.resize(new_len);
        }
        if new != old {
            self.bytes_mut().copy_within(at + old..len, at + new);
        }
        // Half empty: give it back. The distance to the size at which it grew keeps this from happening at every turn.
        if new_len < self.len() / 2 && units_for(new_len) < self.head().units {
            self.resize(new_len);
        }
        &mut self.bytes_mut()[at..at + new]
    }

    /// What it takes of the heap.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.head().units as usize * UNIT_BYTES
    }

    /// Makes it the size that `len` bytes need.
    fn resize(&mut self, len: usize) {
        let (old, old_len) = (layout(self.head().units), self.len());
        let units = units_for(len);
        let new = layout(units);
        // SAFETY: the allocation has the layout of its `units`, and the new size is not zero and was checked by `layout`.
        let start = unsafe { realloc(self.head.as_ptr().cast(), old, new.size()) };
        let Some(head) = NonNull::new(start.cast::<Head>()) else { handle_alloc_error(new) };
        self.head = head;
        // SAFETY: the old head was copied with the rest, and the allocation is ours alone.
        unsafe { self.head.as_mut() }.units = units;
        self.zero_from(old_len);
    }

    /// Writes zeros from the byte `from` behind the head to the end of the allocation.
    fn zero_from(&mut self, from: usize) {
        if from < self.len() {
            // SAFETY: `from` lies within the allocation.
            let rest = unsafe { self.body().add(from) };
            // SAFETY: so does all up to the end.
            unsafe { rest.write_bytes(0, self.len() - from) };
        }
    }

    #[inline]
    fn head(&self) -> Head {
        // SAFETY: the allocation begins with a head.
        unsafe { self.head.read() }
    }

    /// The first byte behind the head.
    #[inline]
    fn body(&self) -> *mut u8 {
        // SAFETY: an allocation has at least one unit, which is longer than a head.
        unsafe { self.head.as_ptr().cast::<u8>().add(HEAD_BYTES) }
    }

    /// Bytes behind the head.
    #[inline]
    fn len(&self) -> usize {
        self.heap_bytes() - HEAD_BYTES
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        let layout = layout(self.head().units);
        // SAFETY: the allocation was made with this layout, and nothing uses it any more.
        unsafe { dealloc(self.head.as_ptr().cast(), layout) };
    }
}

/// Units of an allocation with room for `len` bytes behind the head: multiples of 16 bytes up to 128, then four sizes for each
/// doubling.
fn units_for(len: usize) -> u32 {
    let bytes = len.saturating_add(HEAD_BYTES);
    let step = match bytes.ilog2() {
        log @ 7.. => 1_usize << (log - 2),
        _ => UNIT_BYTES,
    };
    let units = bytes.checked_next_multiple_of(step).map(|bytes| u32::try_from(bytes / UNIT_BYTES));
    let Some(Ok(units)) = units else { panic!("an encoding of {len} bytes") };
    units
}

fn layout(units: u32) -> Layout {
    match Layout::from_size_align(units as usize * UNIT_BYTES, align_of::<Head>()) {
        Ok(layout) => layout,
        Err(_) => panic!("an encoding of {units} units"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Block, HEAD_BYTES, UNIT_BYTES, units_for};

    #[test]
    fn sizes_are_those_of_size_classes() {
        let size = |bytes: usize| units_for(bytes - HEAD_BYTES) as usize * UNIT_BYTES;
        for (bytes, expected) in [
            (8, 16),
            (16, 16),
            (17, 32),
            (128, 128),
            (129, 160),
            (160, 160),
            (161, 192),
            (256, 256),
            (257, 320),
            (4096, 4096),
            (4097, 5120),
            ((1 << 30) + 1, 5 << 28),
        ] {
            assert_eq!(size(bytes), expected, "{bytes}");
        }
    }

    #[test]
    fn splicing_moves_what_follows_and_gives_memory_back() {
        let mut block = Block::copy_of(b"abcdef");
        block.set_tag(7);
        block.splice(6, 2, 1, 500).fill(b'.');
        assert_eq!(&block.bytes()[..2], b"ab");
        assert_eq!(&block.bytes()[2..502], [b'.'; 500]);
        assert_eq!(&block.bytes()[502..505], b"def");
        assert_eq!((block.tag(), block.heap_bytes()), (7, 640));
        assert!(block.splice(505, 1, 501, 0).is_empty());
        assert_eq!(&block.bytes()[..4], b"adef");
        assert_eq!((block.tag(), block.heap_bytes()), (7, 16));
    }

    #[test]
    fn growing_byte_by_byte_copies_seldom() {
        let (mut block, mut sizes) = (Block::new(0), 0);
        let most = if cfg!(miri) { 2000 } else { 100_000 };
        for len in 0..most {
            let before = block.heap_bytes();
            block.splice(len, len, 0, 1).fill(1);
            sizes += usize::from(block.heap_bytes() != before);
        }
        assert!(block.bytes()[..most].iter().all(|byte| *byte == 1));
        assert!(sizes < 50, "{sizes}");
    }

    #[test]
    #[should_panic(expected = "at + old <= len")]
    fn splicing_beyond_the_bytes_in_use_is_refused() {
        Block::new(100).splice(10, 9, 2, 0);
    }
}
