//! LZF, the compression inside RDB strings, byte for byte as liblzf 3.6 writes it.
//!
//! A compressed block is a run of instructions, told apart by the top three bits of their first byte:
//!
//! ```text
//! 000LLLLL  L+1 bytes                    literal: the next 1 to 32 bytes as they are
//! LLLooooo  oooooooo                     copy L+2 bytes (3 to 8) from offset+1 bytes back
//! 111ooooo  LLLLLLLL oooooooo            copy L+9 bytes (9 to 264) from offset+1 bytes back
//!
//! 05 616263616263 e0 2b 02 00 61         "abcabc", then 52 bytes from 3 back, then "a": 59 bytes in 12
//! ```
//!
//! Which matches the compressor finds depends on its hash table: 2^16 entries, the "very fast" hash, empty at the start. Any
//! block that decompresses right would be correct, but a dump that equals the original server's byte for byte can be
//! compared, deduplicated and tested; so [`compress`] keeps every habit of the original, down to where matches end before the
//! end of the input. Instead of a table cleared for each call (256 KiB, far more than most strings), one table a thread lives
//! on with a base that moves past every earlier position: an entry below the base counts as empty.
//!
//! Decompression takes any bytes. It first walks the instructions without writing, so a block that lies about its length is
//! refused before anything is allocated.

mod compress;
mod decompress;
mod inflate;
#[cfg(test)]
mod tests;

pub use compress::compress;
pub use decompress::{LzfError, MAX_EXPANSION, check, decompress, decompress_into};
pub use inflate::{Inflate, PEEK_BYTES};
