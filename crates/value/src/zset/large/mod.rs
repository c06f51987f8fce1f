//! The large form: a counted tree of packed leaves, and an index from members to leaves.
//!
//! ```text
//! index: hash of the member -> leaf            tree: inner nodes count the entries below each child
//!
//! hashes 0000....  +---------------+                      +-----------+-----------+
//!                  | 0012a4.. -> 3 | ----.                | 64 from - | 51 from 8 |
//!                  | 00f381.. -> 1 |     |                +-----------+-----------+
//! hashes 0001....  +---------------+     |                  |            |
//!                  | 10033c.. -> 3 | ----+--.               v            v
//!                  +---------------+     |  |        leaf 1, up to 64   leaf 3
//!                                        |  |        entries            +-----------------------------+
//!                                        `--+----------------------->   | score, end, tag: 11 bytes x |
//!                                                                       | members, one after another  |
//!                                                                       +-----------------------------+
//! ```
//!
//! A member is stored once, in its leaf beside its neighbours, so that a range of ranks is read in a row and ZPOPMIN takes from the front
//! of one leaf. The index knows only the leaf (8 bytes for a member): a look-up finds the entry there by one byte of the hash. Whoever
//! moves entries to another leaf tells the index, at most 64 at a time. From a leaf the way up along the parents gives the rank, without
//! comparing anything.
//!
//! Everything grows and shrinks by pieces: a full leaf (64 entries or 4 KiB of members) splits alone, a sparse one merges with its neighbour,
//! and the index is made of buckets that do the same. Only the directory of the index is ever copied whole, 4 bytes for some hundred members.
//!
//! **Rejected.** A skiplist: 8 + 8 + 21 bytes of score and pointers for a member, each in an allocation of its own, and a cache miss for
//! each step. The element table as the index, with the score beside the member, and a tree of (score, 64-bit hash): one look-up in the table
//! for each entry that is answered (a hundred for ZRANGE 0 99) and for each comparison of equal scores, two members with one hash to be
//! told apart there as well, and by its sizes some 51 bytes a member. This takes 43 to 47 (1 M members of 20 bytes; Valkey 9.1.2: 87, Redis
//! 8.0.6: 126). An index from the hash to the score: ZSCAN could
//! not find the member again among equal scores.

mod arena;
mod find;
mod grow;
mod index;
mod leaf;
mod members;
mod shrink;
mod tree;

pub(super) use members::Large;
pub(super) use tree::Place;
