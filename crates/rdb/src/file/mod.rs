//! RDB files: a header, records, an end with a checksum.
//!
//! ```text
//! 52 45 44 49 53 30 30 31 30             REDIS0010, or VALKEY080: vendor and stamp, before any type byte is read
//! fa 09 redis-ver 06 7.0.15              250: a fact about the writer, name and value
//! fe 00                                  254: the keys of database 0 follow
//! fb 01 00                               251: it has one key, none with a deadline
//! fc 00 d8 c3 2c bb 03 00 00             252: the next key's deadline, milliseconds, 8 bytes little-endian
//! 00 01 6b 01 76                         type 0, a string: key "k", value "v"
//! ff 1f 8b ...                           255: the end, and CRC-64 of all before it; eight zeros: none was made
//! ```
//!
//! [`FileReader`] pulls records from any source of bytes through one window, so its memory is that of the largest record, not of the
//! file; [`FileWriter`] pushes them out. Neither knows what a file system is.
//!
//! **Damage.** A record whose value cannot be read is given out as such, with its offset, when its end can be found without
//! understanding it (`skip`); the reader then goes on. What to do with it is for the caller to decide. Where that end cannot be
//! found either, the reader stops; `resync` looks for a place to go on, by guessing.
//!
//! Rejected: mapping the file into memory (a truncated file would be a signal, not an error), and reading the file twice.

mod error;
mod module;
mod opcode;
mod read;
mod record;
mod resync;
mod skip;
mod write;

#[cfg(test)]
mod tests;

pub use error::{FileError, FileErrorKind};
pub use module::ModuleId;
pub(crate) use module::skip_key_metadata;
pub(crate) use opcode::KEY_META;
pub use read::FileReader;
pub use record::{KeyRecord, Record, ValueError};
pub use write::{FileOptions, FileWriter, KeyFacts};
