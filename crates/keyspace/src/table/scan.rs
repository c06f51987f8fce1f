//! SCAN: visiting a table in pieces while it changes in between.
//!
//! ```text
//!  47   43 42              16 15        0
//! +-------+------------------+-----------+
//! | depth | prefix, 27 bits  | home unit |   a cursor; 0 begins and ends
//! +-------+------------------+-----------+
//! ```
//!
//! A cursor says: every entry below `prefix` was visited, and of those that share the first `depth` bits of `prefix`, every one
//! whose home lies before the unit. The walk goes by home bucket and takes an entry where its home is, whether it lies there, in
//! the next bucket, in the stash or in the overflow list: so entries may move about inside their segment between two calls.
//! Across calls a segment may have
//! - split: the walk goes on with the first half from the same home on (splitting changes no home) and then takes the other half from
//!   its first bucket, some of it for the second time;
//! - merged: the cursor's `depth` tells which half it was in, and the walk finishes that half, hashing keys to pass over
//!   the other, which was either done already or is next;
//! - become larger or smaller as the only one: homes are kept in units of 1/65536 of a segment, not as bucket numbers.
//!
//! In every case (prefix, unit) only grows, so a scan ends however the table changes under it. Redis's reverse-binary cursor serves the
//! same purpose for tables whose size is a power of two; here a segment is the thing that doubles, and its buckets need not be one.

use super::entry::{Block, Entry};
use super::hash::{self, HOME_UNITS, PREFIX_BITS, span};
use super::map::Table;
use super::segment::Segment;

/// Buckets visited for each entry asked for before a call gives up on a sparse table, as in Redis.
const BUCKETS_PER_ENTRY: usize = 10;

const UNIT_BITS: u32 = HOME_UNITS.ilog2();
const DEPTH_BITS: u32 = 5;
const _: () = assert!(UNIT_BITS + PREFIX_BITS + DEPTH_BITS == 48 && PREFIX_BITS < 1 << DEPTH_BITS);

/// Where a scan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cursor {
    /// A multiple of `span(depth)`.
    prefix: u64,
    depth: u32,
    unit: u64,
}

impl Cursor {
    /// Any number is a cursor: what no scan returned is taken as some place.
    fn decode(cursor: u64) -> Self {
        let prefix = cursor >> UNIT_BITS & ((1 << PREFIX_BITS) - 1);
        // Five bits.
        let depth = (cursor >> (UNIT_BITS + PREFIX_BITS)) as u32 % (1 << DEPTH_BITS);
        Self { prefix, depth: depth.clamp(aligned_depth(prefix), PREFIX_BITS), unit: cursor & (HOME_UNITS - 1) }
    }

    fn encode(self) -> u64 {
        u64::from(self.depth) << (UNIT_BITS + PREFIX_BITS) | self.prefix << UNIT_BITS | self.unit
    }
}

/// The least depth at which a segment can begin at `prefix`.
const fn aligned_depth(prefix: u64) -> u32 {
    PREFIX_BITS.saturating_sub(prefix.trailing_zeros())
}

impl Table {
    /// Visits some entries from `cursor` on and returns the cursor to go on from; 0 begins, and 0 returned means done. An entry
    /// that is in the table from the first call to the last is visited at least once, whatever happens in between. Stops after
    /// the bucket that brings the visited entries to `budget`, or after ten times as many buckets. Cursors fit in 48 bits; any
    /// number is a valid one.
    pub fn scan(&self, cursor: u64, budget: usize, mut visit: impl FnMut(Entry<'_>)) -> u64 {
        let Some(root) = self.root else { return 0 };
        let buckets = root.buckets();
        let mut at = Cursor::decode(cursor);
        let (mut entries_left, mut buckets_left) = (budget, budget.saturating_mul(BUCKETS_PER_ENTRY));
        while at.prefix < 1 << PREFIX_BITS {
            let segment = Self::segment(root, root.index_of_prefix(at.prefix));
            for home in hash::bucket_of_unit(at.unit, buckets)..buckets {
                if home % 4 == 0 {
                    (home + 4..home + 8).for_each(|ahead| segment.prefetch_entries(ahead));
                }
                self.visit_home(segment, home, at, |block| {
                    entries_left = entries_left.saturating_sub(1);
                    visit(self.entry(block));
                });
                buckets_left = buckets_left.saturating_sub(1);
                if (entries_left == 0 || buckets_left == 0) && home + 1 < buckets {
                    let depth = at.depth.max(segment.depth());
                    return Cursor { depth, unit: hash::first_unit(home + 1, buckets), ..at }.encode();
                }
            }
            let prefix = at.prefix + span(at.depth.max(segment.depth()));
            at = Cursor { prefix, depth: aligned_depth(prefix), unit: 0 };
            if entries_left == 0 || buckets_left == 0 {
                break;
            }
        }
        if at.prefix < 1 << PREFIX_BITS { at.encode() } else { 0 }
    }

    /// The entries of one home that are in the cursor's part of the segment.
    fn visit_home(&self, segment: Segment<'_>, home: usize, at: Cursor, mut visit: impl FnMut(Block)) {
        let is_part = at.depth > segment.depth();
        segment.for_each_at_home(home, |block| {
            if !is_part || hash::prefix(self.hash_of(block)) & !(span(at.depth) - 1) == at.prefix {
                visit(block);
            }
        });
        if segment.overflow() > 0 {
            let buckets = segment.shape().buckets();
            let belonging = self.overflow.in_prefixes(at.prefix, span(at.depth.max(segment.depth())));
            belonging.filter(|(hash, _)| hash::home(*hash, buckets) == home).for_each(|(_, block)| visit(block));
        }
    }
}
