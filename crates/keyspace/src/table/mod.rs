//! The hash table of one stripe and the entries in it.

#![allow(unsafe_code, reason = "blocks, segments and directories are raw memory; each block has its proof")]

mod bucket;
mod directory;
mod entry;
mod grow;
mod hash;
mod lookup;
mod map;
mod overflow;
mod place;
mod prefetch;
mod random;
mod scan;
mod segment;
mod shrink;

pub use entry::{Entry, EntryBox, EntryMut, KEY_MAX_BYTES, NewValue};
pub use hash::{KeyHasher, STRIPE_BITS, stripe_of};
pub use lookup::{Lookup, Occupied, Vacant};
pub use map::{Quiet, Table};
pub use prefetch::Prefetcher;
pub use shrink::Remains;

#[cfg(test)]
mod tests;
