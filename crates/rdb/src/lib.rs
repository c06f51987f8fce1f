//! Dump bytes: values to and from the payloads of DUMP and RESTORE, in every dialect of the family.
//!
//! The only crate that knows how a value looks on disk or in a payload; `docs/formats/dump.md` is its specification. Knows
//! nothing of keys, wires or files.
//!
//! ```text
//! type byte | value ................ | stamp | CRC-64
//! 00        | c0 0a                  | 0a 00 | 6e 9f 57 45 0e ae 63 bb        the string "10", stamp 10
//! ```
//!
//! - [`dump`] writes: [`Dialect`] chooses the stamp, `types` the form, [`Writer`](writer::Writer) the bytes, `footer` closes.
//! - [`restore`] reads: `footer` checks the frame and finds the stamp, which decides what every byte in front of it means;
//!   then one bounded [`Reader`](reader::Reader) for all that is untrusted.
//!
//! - [`functions`]: the payloads of FUNCTION DUMP, in the same frame.
//! - [`FileReader`] and [`FileWriter`]: whole RDB files, record by record.
//! - [`ValueDigest`]: whether two values are the same, however they are encoded.
//!
//! - [`survey`]: whether a payload would be taken, without making a value of it.
//!
//! Decoding is validation: a payload with a correct checksum is still a stranger's. Whatever the bytes are, the answer is a value or
//! an error with an offset, in time bounded by the input. A payload that is refused has cost four times its bytes and a mebibyte at most.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]
#![forbid(unsafe_code)]

mod diagnose;
mod dialect;
mod digest;
#[cfg(test)]
mod documented;
#[cfg(test)]
mod documented_file;
#[cfg(test)]
mod documented_functions;
mod error;
mod file;
mod footer;
pub mod functions;
mod payload;
mod reader;
mod strings;
mod types;
mod writer;

pub use dialect::{Dialect, Stamp, UnknownDialect, Vendor};
pub use digest::ValueDigest;
pub use error::{DecodeError, DecodeErrorKind, EncodeError, FrameError, RestoreError};
pub use file::{
    FileError, FileErrorKind, FileOptions, FileReader, FileWriter, KeyFacts, KeyRecord, ModuleId, Record, ValueError,
};
pub use footer::{FOOTER_BYTES, append_footer, check_footer};
pub use payload::{
    DumpOptions, RestoreOptions, Restored, dump, dump_with, least_stamp, left_out, restore, restore_told, survey,
};
pub use types::type_of_code;
