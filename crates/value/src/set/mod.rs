//! Set: distinct members without order.
//!
//! ```text
//! intset      integers only, up to set-max-intset-entries        ascending
//! listpack    few and short members                              in the order of their coming
//! hashtable   all others                                         in no order
//! ```
//!
//! A set goes down this list as it grows and does not come back, except that taking most of a hash table away at once leaves a listpack.
//! An intset that outgrows its limit becomes a hash table even where a listpack would hold it, because Redis does so; a listpack takes
//! its place when a member comes that is no integer. An integer in a hash table is text.

mod algebra;
mod draw;
mod repr;
#[cfg(test)]
mod tests;

pub use algebra::{difference, difference_of, intersection, intersection_of, union, union_of};
pub use repr::{Member, Set};
