//! The loops over whole bitmaps: counting ones, finding the first one or zero, combining bitmaps.
//!
//! Free functions over slices, written so that the compiler turns them into vector code for whatever the target has; no
//! intrinsics, no `unsafe`. Bit 0 is the highest bit of the first byte, as everywhere in Redis, so the order of the bytes in a
//! word never matters, except in the one byte in which a search ends.

mod combine;
mod count;
mod cut;
mod find;
#[cfg(test)]
mod model;

pub use combine::{Operation, combine};
pub use count::count_ones;
pub use find::{first_one, first_zero};
