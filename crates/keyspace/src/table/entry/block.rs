//! A block of memory as raw pointer: the only file that reads and writes through it.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::ptr::NonNull;
use std::slice;
use std::sync::atomic::{AtomicU64, Ordering};

use value::Value;

use super::header::{BLOCK_ALIGN, Header};

/// The address of a block. Copying it copies no ownership; every access is for the caller to prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(in crate::table) struct Block(pub(in crate::table) NonNull<u8>);

const fn layout(capacity_bytes: usize) -> Layout {
    match Layout::from_size_align(capacity_bytes, BLOCK_ALIGN) {
        Ok(layout) => layout,
        // A key below 4 GiB and a value of 1 KiB are far below the limit of a layout.
        Err(_) => panic!("block too large"),
    }
}

impl Block {
    /// Uninitialized memory.
    pub(super) fn allocate(capacity_bytes: usize) -> Self {
        assert!(capacity_bytes > 0);
        let layout = layout(capacity_bytes);
        // SAFETY: the size is not zero.
        let pointer = unsafe { alloc(layout) };
        let Some(pointer) = NonNull::new(pointer) else { handle_alloc_error(layout) };
        #[cfg(test)]
        count_live(|live| live.wrapping_add(capacity_bytes));
        Self(pointer)
    }

    /// Gives the memory back; drops no value in it.
    ///
    /// # Safety
    /// The block was allocated with this capacity and is not used again.
    pub(super) unsafe fn free(self, capacity_bytes: usize) {
        #[cfg(test)]
        count_live(|live| live.wrapping_sub(capacity_bytes));
        // SAFETY: the caller's, and `allocate` made the layout the same way.
        unsafe { dealloc(self.0.as_ptr(), layout(capacity_bytes)) };
    }

    /// # Safety
    /// `at` is within the block or at its end.
    unsafe fn at(self, at: usize) -> NonNull<u8> {
        // SAFETY: the caller's.
        unsafe { self.0.add(at) }
    }

    /// # Safety
    /// The block is allocated and its header written.
    unsafe fn header_cell<'a>(self) -> &'a AtomicU64 {
        // SAFETY: blocks are aligned to 8 and begin with the header, which all accesses treat as atomic.
        unsafe { self.0.cast::<AtomicU64>().as_ref() }
    }

    /// # Safety
    /// The block is allocated and its header written.
    pub(super) unsafe fn header(self) -> Header {
        // SAFETY: the caller's.
        let cell = unsafe { self.header_cell() };
        Header(cell.load(Ordering::Relaxed))
    }

    /// # Safety
    /// The block is allocated, its header written, and the new header differs in the clock or the caller has exclusive access.
    pub(super) unsafe fn set_header(self, header: Header) {
        // SAFETY: the caller's.
        let cell = unsafe { self.header_cell() };
        cell.store(header.0, Ordering::Relaxed);
    }

    /// # Safety
    /// The block is allocated, at least 8 bytes long and exclusively the caller's.
    pub(super) unsafe fn init_header(self, header: Header) {
        // SAFETY: the caller's; blocks are aligned to 8.
        unsafe { self.0.cast::<u64>().write(header.0) };
    }

    /// Reads a number that may lie unaligned.
    ///
    /// # Safety
    /// A `T` was written at `at`, and any bit pattern is one.
    pub(super) unsafe fn read<T: Copy>(self, at: usize) -> T {
        // SAFETY: the caller's.
        let pointer = unsafe { self.at(at) };
        // SAFETY: the caller's.
        unsafe { pointer.cast::<T>().read_unaligned() }
    }

    /// # Safety
    /// `at` and the size of `T` after it lie in the block, which is exclusively the caller's.
    pub(super) unsafe fn write<T: Copy>(self, at: usize, number: T) {
        // SAFETY: the caller's.
        let pointer = unsafe { self.at(at) };
        // SAFETY: the caller's.
        unsafe { pointer.cast::<T>().write_unaligned(number) };
    }

    /// # Safety
    /// These bytes are initialized and nobody writes to them for the lifetime.
    pub(super) unsafe fn bytes<'a>(self, at: usize, len: usize) -> &'a [u8] {
        // SAFETY: the caller's.
        let pointer = unsafe { self.at(at) };
        // SAFETY: the caller's.
        unsafe { slice::from_raw_parts(pointer.as_ptr(), len) }
    }

    /// # Safety
    /// These bytes are initialized and nobody else reads or writes them for the lifetime.
    pub(super) unsafe fn bytes_mut<'a>(self, at: usize, len: usize) -> &'a mut [u8] {
        // SAFETY: the caller's.
        let pointer = unsafe { self.at(at) };
        // SAFETY: the caller's.
        unsafe { slice::from_raw_parts_mut(pointer.as_ptr(), len) }
    }

    /// # Safety
    /// `at` and `bytes.len()` after it lie in the block, which is exclusively the caller's and does not contain `bytes`.
    pub(super) unsafe fn write_bytes(self, at: usize, bytes: &[u8]) {
        // SAFETY: the caller's.
        let pointer = unsafe { self.at(at) };
        // SAFETY: the caller's.
        unsafe { pointer.copy_from_nonoverlapping(NonNull::from(bytes).cast(), bytes.len()) };
    }

    /// # Safety
    /// `at` and `len` after it lie in the block, which is exclusively the caller's.
    pub(super) unsafe fn write_zeros(self, at: usize, len: usize) {
        // SAFETY: the caller's.
        let pointer = unsafe { self.at(at) };
        // SAFETY: the caller's.
        unsafe { pointer.write_bytes(0, len) };
    }

    /// Copies `len` bytes at `from` in `source` to `to` in this block, which may be the same one.
    ///
    /// # Safety
    /// Both ranges lie in their blocks, the source is initialized and this block is exclusively the caller's.
    pub(super) unsafe fn copy_from(self, to: usize, source: Self, from: usize, len: usize) {
        // SAFETY: the caller's.
        let source = unsafe { source.at(from) };
        // SAFETY: the caller's.
        let target = unsafe { self.at(to) };
        // SAFETY: the caller's; overlapping is allowed.
        unsafe { target.copy_from(source, len) };
    }

    /// # Safety
    /// `at` is the aligned offset of an owned value.
    pub(super) unsafe fn value(self, at: usize) -> NonNull<Value> {
        // SAFETY: the caller's.
        unsafe { self.at(at) }.cast()
    }
}

#[cfg(test)]
thread_local! {
    static LIVE: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

#[cfg(test)]
pub(in crate::table) fn count_live(change: impl FnOnce(usize) -> usize) {
    // Tables dropped on a thread other than the one that filled them wrap, and unwrap again in the sum.
    LIVE.with(|live| live.set(change(live.get())));
}

/// Bytes of blocks, segments and directories that this thread has allocated and not freed.
#[cfg(test)]
pub(in crate::table) fn live_bytes() -> usize {
    LIVE.with(std::cell::Cell::get)
}
