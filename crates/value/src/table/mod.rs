//! The element table: sets, hashes and the member index of sorted sets once they outgrow their compact form.
//!
//! ```text
//! position of an element = keyed hash of its bytes, times the table's own odd number
//!
//!   63 ........................................ 0
//!  +-----------+----------+----------------------+
//!  | directory | bucket   | not looked at        |
//!  +-----------+----------+----------------------+
//!        |           `-- which bucket of the page
//!        v
//!  directory, 2^depth page numbers      page: one allocation of at most 3 KiB
//!  +---+---+---+---+                    +-----------------+----------+----------+-----
//!  | 0 | 0 | 1 | 2 |  ----------------> | bucket starts   | bucket 0 | bucket 1 | ...
//!  +---+---+---+---+                    | u16, u16, ...   | records  | records  |
//!                                       +-----------------+----------+----------+-----
//! ```
//!
//! Records lie packed one after another in the order of their buckets, one or two to a bucket, so that a page is at the same
//! time array and hash table: an element of 20 bytes costs 21 in the page and about one byte of index, and with the allocator's rounding 25
//! (Valkey 9.1.2: 45 to 59). A lookup reads the start of the bucket and then a few records in a row, about two cache misses in a table of a
//! million. To insert or remove means to move the rest of the page, some 1 KiB: beside the misses that costs little.
//! Measured on the way: with four records to a bucket lookups among a million took a fifth longer and saved half a byte; pages of 2 and 4 KiB
//! differ by a third of the time of an insertion into a small table, and by 1 % of memory.
//!
//! **Never everything at once.** A full page splits alone, a sparse one merges with its neighbour. Only the directory, four
//! bytes for some hundred elements, is ever copied whole.
//!
//! **Scanning** is a walk through the space of positions. Whatever splits, merges or gets other buckets in between, an element
//! keeps its position, so one call after another sees every element that stays. See [`Table::scan`].
//!
//! **Rejected.** An arena in the order of insertion with an index of tags and offsets per record costs 4 bytes per element
//! where this takes one, and leaves garbage to collect. A table of pointers to single allocations costs 8 bytes for the
//! pointer, its empty slots, and the allocator's rounding. Linear hashing needs no directory, but splits pages that are
//! not full.

mod build;
mod bulk;
mod directory;
mod grow;
mod hash;
mod iter;
mod large;
mod map;
mod page;
mod pages;
mod prefetch;
mod random;
mod record;
mod scan;
mod shrink;
pub(crate) mod size;
#[cfg(test)]
mod tests;

pub use bulk::Bulk;
pub use hash::{PieceHasher, hash_of, seed};
pub use map::Table;
pub use record::Record;
