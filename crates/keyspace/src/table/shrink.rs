//! Giving memory back: emptying the table, merging segments after deletions, and the end.

use std::sync::Arc;

use super::directory::Root;
use super::entry::EntryBox;
use super::hash::{PREFIX_BITS, span};
use super::map::{Quiet, Table};
use super::prefetch::Prefetcher;
use super::segment::{Segment, Shape};

/// Two segments merge when together they fill no more than half of one, so that it takes as many insertions again to split it.
const MERGE_SLOTS_MAX: usize = Shape::FULL.slots() / 2;

/// A table is worth shrinking when it is emptier than this part: well below a quarter, above which there may be nothing to merge.
const SPARSE: usize = 5;

/// What [`Table::take_all`] took out: dropping it frees the entries, on whichever thread that is done.
#[derive(Debug)]
pub struct Remains(Table);

impl Remains {
    /// How many entries are to be freed.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Table {
    /// Removes every entry and frees all memory.
    pub fn clear(&mut self, quiet: Quiet<'_>) {
        drop(self.take_all(quiet));
    }

    /// Empties the table in constant time; what was in it is freed when the answer is dropped.
    #[must_use]
    pub fn take_all(&mut self, _quiet: Quiet<'_>) -> Remains {
        // The handles out there keep their prefetcher, which forgets the memory; the old contents get a new one that owns it.
        self.prefetcher.publish(None);
        let empty = Self::with_prefetcher(self.hasher, Arc::clone(&self.prefetcher));
        let mut old = std::mem::replace(self, empty);
        old.prefetcher = Arc::new(Prefetcher::with_root(old.root));
        Remains(old)
    }

    /// Whether so much was deleted that [`Self::shrink`] would give memory back.
    #[must_use]
    pub fn wants_shrink(&self) -> bool {
        let Some(root) = self.root else { return false };
        root.shape() != Shape::SMALLEST && self.len < self.segment_count() * root.shape().slots() / SPARSE
    }

    /// Gives memory back after deletions, looking at no more than `budget` pairs of segments (merging one takes about as long as
    /// a split, under 0.1 ms; the last call of a pass also copies the directory). Returns whether the pass is not over: call again.
    pub fn shrink(&mut self, quiet: Quiet<'_>, budget: usize) -> bool {
        let Some(root) = self.root else { return false };
        if self.is_empty() {
            self.clear(quiet);
            return false;
        }
        for _ in 0..budget {
            match self.merge_at(root, self.shrink_at) {
                Some(next) if next < 1 << PREFIX_BITS => self.shrink_at = next,
                _ => {
                    self.shrink_at = 0;
                    let root = self.halve(root);
                    if root.depth() == 0 {
                        self.shrink_single(root);
                    }
                    return false;
                }
            }
        }
        true
    }

    /// Merges the segment at a prefix with its right neighbour if both are halves of one. Returns the prefix to look at next.
    fn merge_at(&mut self, root: Root, prefix: u64) -> Option<u64> {
        let left = Self::segment(root, root.index_of_prefix(prefix));
        if left.overflow() > 0 {
            let span = span(left.depth());
            self.return_overflow(prefix & !(span - 1), span, left);
            left.settle();
        }
        let depth = left.depth().checked_sub(1)?;
        let (first, half) = (prefix & !(span(depth) - 1), span(depth + 1));
        // A right half has nothing on its right to merge with; its left neighbour was looked at before.
        let after = (prefix & !(half - 1)) + half;
        if prefix & half != 0 {
            return Some(after);
        }
        let right = Self::segment(root, root.index_of_prefix(first + half));
        let mergeable = right.depth() == left.depth() && left.overflow() + right.overflow() == 0;
        if !mergeable || left.entry_count() + right.entry_count() > MERGE_SLOTS_MAX {
            return Some(after);
        }
        self.merge(root, left, right, first);
        // The union may be the right half of a larger pair, whose left half was passed over because this one was divided.
        let before = first & !span(depth);
        let pairs_up = depth > 0 && Self::segment(root, root.index_of_prefix(before)).depth() == depth;
        Some(if pairs_up { before } else { first + span(depth) })
    }

    fn merge(&mut self, root: Root, left: Segment<'_>, right: Segment<'_>, first: u64) {
        let depth = left.depth() - 1;
        // Homes do not change, and half of the left one's slots are free; only a degenerate hash can crowd a home too much.
        left.set_depth(depth);
        right.for_each(|home, tag, block| {
            if left.place(home, tag, block).is_none() {
                self.add_to_overflow(left, home, self.hash_of(block), block);
            }
        });
        left.settle();
        self.depths[depth as usize + 1] -= 2;
        self.depths[depth as usize] += 1;
        // SAFETY: the slots of both halves.
        unsafe { root.fill(root.index_of_prefix(first), 1 << (root.depth() - depth), left) };
        // SAFETY: no slot has it any more, older directories are not looked through again, and `shrink` is called in a quiet moment.
        unsafe { right.free() };
    }

    /// Makes the directory as small as its segments allow, and forgets the older ones.
    fn halve(&mut self, root: Root) -> Root {
        let mut smallest = root;
        while smallest.depth() > 0 && self.depths[smallest.depth() as usize] == 0 {
            // SAFETY: the directory and its segments are the table's, and no segment is as deep.
            let next = unsafe { smallest.halved() };
            if smallest != root {
                // SAFETY: nobody has seen this one.
                unsafe { smallest.free() };
            }
            smallest = next;
        }
        if smallest != root {
            self.root = Some(smallest);
            self.prefetcher.publish(self.root);
            // SAFETY: replaced, and `shrink` is called in a quiet moment.
            unsafe { root.free() };
        }
        smallest
    }

    /// Gives the only segment the shape that its entries need.
    fn shrink_single(&mut self, root: Root) {
        let fitting = (0..root.shape().index()).map(Shape::from_index).find(|shape| self.len <= shape.slots() / 2);
        let Some(shape) = fitting else { return };
        let segment = Self::segment(root, 0);
        if segment.overflow() > 0 {
            return;
        }
        let next = self.reshape(root, segment, shape);
        // SAFETY: the new directory keeps the old one, whose segment is empty now, and `shrink` is called in a quiet moment.
        unsafe { next.free_older() };
        if root.shape().is_full() {
            // SAFETY: as above; a full segment is not freed with its directory.
            unsafe { segment.free() };
        }
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        self.for_each_block(|block| {
            // SAFETY: the table owns its entries, and nobody looks at them after it.
            drop(unsafe { EntryBox::from_block(block) });
        });
        // Directories and segments go with the last handle to the prefetcher.
    }
}
