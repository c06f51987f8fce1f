//! Adding an entry, and making room for it: the first segment, a larger one, a split, a doubled directory.
//!
//! A split moves about 700 entries and hashes 1,400 keys anew (their hashes are not kept: eight bytes a key would be a tenth of
//! the memory), walking the buckets with the entries of two buckets ahead being prefetched.

use super::directory::Root;
use super::entry::Block;
use super::hash::{self, PREFIX_BITS, span};
use super::map::{Position, Table};
use super::segment::{Segment, Shape};

/// A directory has at most this many slots for each segment: what bounds it when the hash is degenerate. A good hash needs two
/// to four.
const SLOTS_PER_SEGMENT_MAX: usize = 16;

impl Table {
    /// Adds an entry whose key is not in the table.
    pub(super) fn add<'s>(&mut self, hash: u64, block: Block) -> Position<'s> {
        self.len += 1;
        loop {
            let root = self.root.unwrap_or_else(|| self.start());
            let segment = Self::segment(root, root.index(hash));
            let home = hash::home(hash, root.buckets());
            if let Some(at) = segment.place(home, hash::tag(hash), block) {
                return Position::Segment { segment, home, at };
            }
            if !self.make_room(root, segment, hash) {
                return self.add_to_overflow(segment, home, hash, block);
            }
        }
    }

    pub(super) fn add_to_overflow<'s>(
        &mut self,
        segment: Segment<'s>,
        home: usize,
        hash: u64,
        block: Block,
    ) -> Position<'s> {
        let index = self.overflow.push(hash, block);
        segment.set_overflow(segment.overflow() + 1);
        segment.bucket(home).set_spilled(true);
        Position::Overflow { segment, hash, index }
    }

    fn set_root(&mut self, root: Root) {
        self.root = Some(root);
        self.prefetcher.publish(self.root);
    }

    /// The first segment of an empty table.
    fn start(&mut self) -> Root {
        let root = Root::allocate(0, Shape::SMALLEST, None);
        // SAFETY: the directory is new and has one slot.
        unsafe { root.fill(0, 1, Segment::allocate(Shape::SMALLEST, 0)) };
        self.depths[0] = 1;
        self.set_root(root);
        root
    }

    /// Whether the table has more room for this hash than before.
    fn make_room(&mut self, root: Root, segment: Segment<'_>, hash: u64) -> bool {
        if !root.shape().is_full() {
            self.reshape(root, segment, Shape::from_index(root.shape().index() + 1));
            return true;
        }
        let may_double =
            || root.depth() < PREFIX_BITS && root.slot_count() * 2 <= self.segment_count() * SLOTS_PER_SEGMENT_MAX;
        if segment.depth() == root.depth() && !may_double() {
            return false;
        }
        self.split(root, segment, hash::prefix(hash));
        true
    }

    /// Moves the entries of the only segment to a new one of another shape. The old one stays with the old directory.
    pub(super) fn reshape(&mut self, root: Root, segment: Segment<'_>, shape: Shape) -> Root {
        let next_segment = Segment::allocate(shape, 0);
        let next = Root::allocate(0, shape, Some(root));
        // SAFETY: the directory is new and has one slot.
        unsafe { next.fill(0, 1, next_segment) };
        self.set_root(next);
        segment.for_each(|_, _, block| {
            let hash = self.hash_of(block);
            let home = hash::home(hash, shape.buckets());
            if next_segment.place(home, hash::tag(hash), block).is_none() {
                self.overflow.push(hash, block);
            }
        });
        if self.overflow.len() > 0 {
            self.return_overflow(0, span(0), next_segment);
            next_segment.settle();
        }
        next
    }

    /// Divides a segment by the next bit of its keys' hashes. Homes do not change, so every entry that moves does so to the same
    /// bucket, slot and standing in the new segment.
    fn split(&mut self, root: Root, segment: Segment<'_>, prefix: u64) {
        let depth = segment.depth();
        let root = if depth == root.depth() {
            // SAFETY: the directory and its segments are the table's.
            let doubled = unsafe { root.doubled() };
            self.set_root(doubled);
            doubled
        } else {
            root
        };
        let bit = 1 << (PREFIX_BITS - depth - 1);
        let other = Segment::allocate(Shape::FULL, depth + 1);
        segment.divide(other, |block| hash::prefix(self.hash_of(block)) & bit != 0);
        segment.set_depth(depth + 1);
        self.depths[depth as usize] -= 1;
        self.depths[depth as usize + 1] += 2;

        let first = prefix & !(bit * 2 - 1);
        if segment.overflow() > 0 {
            self.return_overflow(first, bit, segment);
            self.return_overflow(first + bit, bit, other);
        }
        segment.settle();
        other.settle();
        let slots = 1 << (root.depth() - depth - 1);
        // SAFETY: the new segment's half of the slots that the old one had.
        unsafe { root.fill(root.index_of_prefix(first + bit), slots, other) };
    }

    /// Takes what has a place now out of the overflow list, and counts what has not. The caller settles the segment.
    pub(super) fn return_overflow(&mut self, first: u64, prefixes: u64, segment: Segment<'_>) {
        let buckets = segment.shape().buckets();
        self.overflow.drain_prefixes(first, prefixes, |hash, block| {
            segment.place(hash::home(hash, buckets), hash::tag(hash), block).is_some()
        });
        segment.set_overflow(self.overflow.in_prefixes(first, prefixes).count());
    }
}
