//! The hash table of one stripe and the entries in it.

mod entry;
mod hash;
mod lookup;
mod map;
mod prefetch;

pub use entry::{Entry, EntryBox, EntryMut, NewValue};
pub use hash::{KeyHasher, STRIPE_BITS, stripe_of};
pub use lookup::{Lookup, Occupied, Vacant};
pub use map::{Quiet, Remains, Table};
pub use prefetch::Prefetcher;
