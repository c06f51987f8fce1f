//! What can be wrong with a file as a whole; a value that cannot be read is no such error if the reader gets past it.

use std::fmt;
use std::io;

use crate::{DecodeError, DecodeErrorKind, EncodeError, Vendor};

/// Why reading or writing a file stopped, and at which byte of it.
#[derive(Debug)]
pub struct FileError {
    pub offset: u64,
    pub kind: FileErrorKind,
}

/// The ways in which a file can be wrong.
#[derive(Debug)]
pub enum FileErrorKind {
    /// It does not begin as an RDB file does.
    NotRdb,
    /// It was written by a newer server.
    NewerStamp { stamp: u32, vendor: Vendor },
    /// It ends in the middle of a record, or before the end was announced.
    EndsEarly,
    /// A record that cannot be read, nor its end be found.
    Record(DecodeErrorKind),
    /// A record of a kind that is not known.
    UnknownOpcode(u8),
    /// All was read, but the checksum differs from the one at the end.
    ChecksumDiffers,
    /// A dialect cannot hold the value of a key.
    Encode { key: Vec<u8>, error: EncodeError },
    /// A portable file was begun in a version that does not hold a value in full.
    StampTooLow { least: u16 },
    /// The source or the destination failed.
    Io(io::Error),
}

impl FileError {
    pub(super) const fn new(offset: u64, kind: FileErrorKind) -> Self {
        Self { offset, kind }
    }

    /// A fault `base` bytes into the file, counted from there.
    pub(super) fn decode(base: u64, error: DecodeError) -> Self {
        let offset = base.saturating_add(error.offset as u64);
        let ends_early = matches!(error.kind, DecodeErrorKind::Truncated { .. });
        Self::new(offset, if ends_early { FileErrorKind::EndsEarly } else { FileErrorKind::Record(error.kind) })
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            FileErrorKind::NotRdb => f.write_str("it does not begin as an RDB file does (REDIS or VALKEY)"),
            FileErrorKind::NewerStamp { stamp, vendor } => {
                let newest = vendor.newest_stamp();
                write!(f, "its version {stamp} is newer than {newest}, the newest of {vendor} that is supported")
            }
            FileErrorKind::EndsEarly => write!(f, "it ends early, at byte {}", self.offset),
            FileErrorKind::Record(kind) => write!(f, "{kind} at byte {}", self.offset),
            FileErrorKind::UnknownOpcode(code) => write!(f, "record type {code} is not known, at byte {}", self.offset),
            FileErrorKind::ChecksumDiffers => f.write_str("its checksum differs: some of its bytes were changed"),
            FileErrorKind::Encode { key, error } => {
                write!(f, "key '{}': {error}", String::from_utf8_lossy(key))
            }
            FileErrorKind::StampTooLow { least } => write!(f, "a value needs version {least}"),
            FileErrorKind::Io(error) => write!(f, "{error}, at byte {}", self.offset),
        }
    }
}

impl std::error::Error for FileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            FileErrorKind::Io(error) => Some(error),
            FileErrorKind::Encode { error, .. } => Some(error),
            FileErrorKind::NotRdb
            | FileErrorKind::NewerStamp { .. }
            | FileErrorKind::EndsEarly
            | FileErrorKind::Record(_)
            | FileErrorKind::UnknownOpcode(_)
            | FileErrorKind::ChecksumDiffers
            | FileErrorKind::StampTooLow { .. } => None,
        }
    }
}
