//! What the standard library lacks for a Redis server: number text forms, hexadecimal text, globs, CRC-16, LZF, absolute time.
//!
//! Depends on nothing and knows nothing of values, wires or keys. A thing lives here only if no well-kept crate does it
//! the way the Redis family needs it, byte for byte.

pub mod crc16;
pub mod glob;
mod hex;
pub mod lzf;
mod never;
pub mod num;
mod unix_ms;

pub use hex::hex;
pub use unix_ms::UnixMs;
