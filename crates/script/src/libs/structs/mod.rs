//! `struct`: numbers and strings to bytes and back, by a format.
//!
//! ```text
//! struct.pack(">I2c0", 3, "abc")   00 03 61 62 63
//!              | | +-- all of a string; unpacked, as many bytes as the number before it says
//!              | +---- an unsigned integer of two bytes
//!              +------ big endian from here on
//! ```

mod format;
mod library;
mod pack;
mod unpack;

pub(super) use library::library;
