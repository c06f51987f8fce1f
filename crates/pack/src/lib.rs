//! Compact encodings: collections that are their own serialization.
//!
//! A small hash, set, sorted set, list node or stream node is one run of bytes, in memory and in a dump alike, so DUMP copies and
//! RESTORE checks and copies. The bytes are Redis's to the last bit; `docs/formats` has a page for each.
//!
//! - [`Listpack`]: any elements, strings or integers, walked from both ends.
//! - [`Intset`]: integers in ascending order, all of the same width.
//! - [`Ziplist`], [`Zipmap`]: their predecessors, to be read in old dumps.
//! - [`Walk`]: all of them from front to back, checked, without having their bytes in one piece.
//!
//! The only crate that knows these bytes. Knows nothing of the types built on them: that a hash is a listpack of fields and values
//! in turn is the hash's business. What comes from outside is checked once, completely, by `from_bytes`.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod error;
mod intset;
mod listpack;
pub mod prefetch;
mod raw;
pub mod simd;
mod walk;
mod ziplist;
mod ziplist_writer;
mod zipmap;

pub use error::{PackError, PackErrorKind};
pub use intset::Intset;
pub use listpack::{Element, Entries, Iter, LISTPACK_MAX_BYTES, Listpack, Pairs, Position};
pub use walk::{Item, Packed, Source, Walk};
pub use ziplist::{Ziplist, ZiplistIter};
pub use ziplist_writer::ZiplistWriter;
pub use zipmap::{Zipmap, ZipmapIter};
