//! Sorted sets: members with scores, in the order of the scores, equal scores in the order of the members' bytes.
//!
//! A small one is a listpack of members and scores in turn, as Redis has it to the byte. What has outgrown that is a counted tree of
//! packed leaves with an index of hashes, see [`large`]; OBJECT ENCODING calls it `skiplist`, the name that tools know.
//!
//! Every question about order is one about ranks: a range of scores or of members is turned into a range of ranks first, and
//! reading, counting and removing work on ranks alone.

mod bounds;
mod compact;
mod decode;
mod entries;
mod large;
mod set;
#[cfg(test)]
mod tests;

pub use bounds::{LexBound, LexRange, ScoreRange};
pub use compact::parse_score;
pub use decode::{ZsetError, ZsetErrorKind};
pub use entries::Entries;
pub use set::SortedSet;
