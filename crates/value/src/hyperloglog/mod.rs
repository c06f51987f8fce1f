//! HyperLogLog: how many different elements were seen, to 0.81 %, in at most 12 KiB. The value is a string; these are its bytes.
//!
//! ```text
//! H Y L L  encoding  0 0 0  cached count, 8 bytes LE    registers
//! 48 59 4c 4c  01    00 00 00  00 00 00 00 00 00 00 80  7f ff           nothing seen: a run of 16384 zeros
//! ```
//!
//! There are 16384 registers. An element's hash (`MurmurHash64A`, seed 0xadc83b19) chooses one by its low 14 bits; the register keeps the
//! most zeros that the remaining 50 bits of any hash ended with, plus one. The count is the one the registers make likeliest; the
//! highest bit of its eight bytes says that registers changed since it was computed.
//!
//! Encoding 0, **dense**: six bits a register, from the low bits of the first byte on, 12288 bytes.
//!
//! Encoding 1, **sparse**: runs of equal registers, until there are too many or one is above 32. It never goes back.
//!
//! ```text
//! 00llllll             l+1 zeros
//! 01llllll llllllll    l+1 zeros, high byte first
//! 1vvvvvll             l+1 registers of v+1
//! ```
//!
//! Anybody can write such a string with SET, so every byte is checked before it is believed.

mod estimate;
mod murmur;
mod registers;
mod sketch;
mod sparse;
#[cfg(test)]
mod tests;

pub use registers::{REGISTERS, Registers};
pub use sketch::{HllError, Sketch, SketchRef};
pub use sparse::Run;
