//! What other threads may read of a table without its lock: enough to warm the cache lines of a key.
//!
//! `Parse a batch -> prefetch_bucket of every key -> prefetch_entry of every key -> execute` turns the two cache misses of each
//! lookup into misses that overlap.
//!
//! **Soundness.** A writer may be changing the table at the same moment, so:
//! - everything read here is an atomic: the root, the directory's slots, a bucket's word, a slot's pointer;
//! - what is read *through* stays allocated: directories and segments are owned by the [`Prefetcher`] itself, which lives as long
//!   as its last `Arc`, and are freed before that only by calls that demand a [`Quiet`](super::Quiet);
//! - a new segment or directory is published by a release store after its first bytes were written, and read by an acquire;
//! - the root carries the directory's size in its own low bits, so that size and address cannot be of different directories;
//! - an entry's address is never followed, only handed to a prefetch instruction, which no address can make fault. That it may be
//!   of another key, or freed since, costs a wasted line.

use std::sync::atomic::{
    AtomicPtr,
    Ordering::{Acquire, Release},
};

use pack::prefetch;

use super::directory::Root;
use super::hash;

/// A handle onto a table that may be used by any thread at any time, whoever holds the table's lock.
#[derive(Debug, Default)]
pub struct Prefetcher {
    /// A [`Root`], or null for an empty table.
    root: AtomicPtr<u8>,
}

impl Prefetcher {
    /// First pass over a batch: asks for the cache line of the key's bucket.
    #[inline]
    pub fn prefetch_bucket(&self, hash: u64) {
        if let Some(root) = self.root() {
            // SAFETY: the directory and its segments live as long as `self` (or until a `Quiet` moment, which is not now).
            let segment = unsafe { root.segment(root.index(hash)) };
            prefetch::line(segment.bucket_address(hash::home(hash, root.buckets())));
        }
    }

    /// Second pass: reads the bucket and asks for the entries whose tag matches.
    #[inline]
    pub fn prefetch_entry(&self, hash: u64) {
        if let Some(root) = self.root() {
            // SAFETY: as above.
            let segment = unsafe { root.segment(root.index(hash)) };
            segment.prefetch_matching(hash::home(hash, root.buckets()), hash::tag(hash));
        }
    }

    pub(super) fn with_root(root: Option<Root>) -> Self {
        Self { root: AtomicPtr::new(Root::into_raw(root)) }
    }

    fn root(&self) -> Option<Root> {
        Root::from_raw(self.root.load(Acquire))
    }

    pub(super) fn publish(&self, root: Option<Root>) {
        self.root.store(Root::into_raw(root), Release);
    }
}

impl Drop for Prefetcher {
    fn drop(&mut self) {
        if let Some(root) = self.root() {
            // SAFETY: nobody else has this handle any more, and a table keeps one for as long as it uses the memory.
            unsafe { root.free_all() };
        }
    }
}
