//! A random entry, every one as likely as every other.
//!
//! A slot is drawn among all slots, empty ones too, until one is occupied: equal chances by construction, and about three tries in
//! a table that only grew. A shallow segment is behind several slots of the directory and is accepted behind the first alone. A
//! small table is counted through instead, which is exact however sparse it is.
//!
//! Eviction wants several entries at once, cheaply, and only roughly equal chances: [`Table::sample`] takes neighbours from a place
//! chosen at random, so that their addresses lie in one or two lines and their entries are fetched side by side.

#![expect(clippy::cast_possible_truncation, reason = "the high word of a product is below its factor")]

use pack::prefetch;
use smallvec::SmallVec;

use super::directory::Root;
use super::entry::{Block, Entry};
use super::map::Table;

/// Up to this many segments, counting all entries costs no more than a few cold draws.
const COUNTED_SEGMENTS_MAX: usize = 4;

/// Draws before giving up on equal chances: a table this sparse is about to be shrunk.
const DRAWS_MAX: usize = 2000;

/// Entries that [`Table::sample`] asks the cache for side by side.
const SAMPLE_RUN: usize = 16;

impl Table {
    /// An entry chosen with equal chances from the random numbers that `rng` gives.
    #[must_use]
    pub fn random(&self, mut rng: impl FnMut() -> u64) -> Option<Entry<'_>> {
        let root = self.root?;
        if self.is_empty() {
            return None;
        }
        let block = if self.segment_count() <= COUNTED_SEGMENTS_MAX {
            self.nth(below(self.len, &mut rng))
        } else {
            (0..DRAWS_MAX).find_map(|_| self.draw(root, &mut rng)).or_else(|| self.first_from(root, &mut rng))
        };
        block.map(|block| self.entry(block))
    }

    /// Shows `visit` up to `count` entries that lie side by side at a random place; fewer when the place is sparse. A segment's chances
    /// are its share of the hashes, which is its share of the entries.
    pub fn sample(&self, count: usize, rng: &mut impl FnMut() -> u64, mut visit: impl FnMut(Entry<'_>)) {
        let Some(root) = self.root.filter(|_| !self.is_empty()) else { return };
        if below(self.len, rng) < self.overflow.len() {
            let chosen = self.overflow.nth(below(self.overflow.len(), rng));
            return chosen.into_iter().for_each(|block| visit(self.entry(block)));
        }
        let segment = Self::segment(root, below(root.slot_count(), rng));
        let slots = segment.shape().slots();
        let start = below(slots, rng);
        let mut found = (start..slots).chain(0..start).filter_map(|slot| segment.block_in_slot(slot)).take(count);
        loop {
            let run: SmallVec<[Block; SAMPLE_RUN]> = found.by_ref().take(SAMPLE_RUN).collect();
            if run.is_empty() {
                return;
            }
            run.iter().for_each(|block| prefetch::line(block.0.as_ptr()));
            run.iter().for_each(|block| visit(self.entry(*block)));
        }
    }

    /// The entry in a slot chosen among all, if there is one.
    fn draw(&self, root: Root, rng: &mut impl FnMut() -> u64) -> Option<Block> {
        let per_segment = root.shape().slots();
        let in_segments = root.slot_count() * per_segment;
        let drawn = below(in_segments + self.overflow.len(), rng);
        if drawn >= in_segments {
            return self.overflow.nth(drawn - in_segments);
        }
        let (index, slot) = (drawn / per_segment, drawn % per_segment);
        let segment = Self::segment(root, index);
        let is_first = index % (1 << (root.depth() - segment.depth())) == 0;
        if is_first { segment.block_in_slot(slot) } else { None }
    }

    /// The entry at this index in the order of [`Table::for_each`].
    fn nth(&self, mut index: usize) -> Option<Block> {
        for segment in self.segments() {
            let count = segment.entry_count();
            if index < count {
                return (0..segment.shape().slots()).filter_map(|slot| segment.block_in_slot(slot)).nth(index);
            }
            index -= count;
        }
        self.overflow.nth(index)
    }

    /// The first entry from a chosen segment on.
    fn first_from(&self, root: Root, rng: &mut impl FnMut() -> u64) -> Option<Block> {
        let start = below(root.slot_count(), rng);
        (start..root.slot_count())
            .chain(0..start)
            .find_map(|index| {
                let segment = Self::segment(root, index);
                (0..segment.shape().slots()).find_map(|slot| segment.block_in_slot(slot))
            })
            .or_else(|| self.overflow.nth(0))
    }
}

/// A number below `bound`, which is not 0.
fn below(bound: usize, rng: &mut impl FnMut() -> u64) -> usize {
    // The high word of the product is below the bound.
    ((u128::from(rng()) * bound as u128) >> 64) as usize
}
