//! What can be wrong with encoded bytes.

use std::fmt;

/// Bytes that are not what they claim to be, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackError {
    /// From the first byte of the encoding.
    pub offset: usize,
    pub kind: PackErrorKind,
}

/// What is wrong with encoded bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackErrorKind {
    /// The bytes end in the middle of an item.
    Truncated,
    /// The header states another size than there is.
    Size { stated: u64, actual: u64 },
    /// The header states another number of elements than there is.
    Count { stated: u64, actual: u64 },
    /// No element begins with this byte.
    Encoding(u8),
    /// The length of an element, stated for walking backwards, is not its length.
    BackLength,
    /// No terminator where the last element ends.
    NoTerminator,
    /// Bytes follow the terminator.
    TrailingBytes,
    /// An intset's integers take 2, 4 or 8 bytes each, not this many.
    Width(u32),
    /// An intset's integers do not ascend.
    Order,
    /// A short length in the form of a long one.
    Overlong,
    /// The header names another place for the last element than its own.
    Tail { stated: u64, actual: u64 },
    /// A field without a value.
    Unpaired,
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            PackErrorKind::Truncated => f.write_str("the bytes end in the middle of an item")?,
            PackErrorKind::Size { stated, actual } => write!(f, "{stated} bytes are stated, there are {actual}")?,
            PackErrorKind::Count { stated, actual } => write!(f, "{stated} elements are stated, there are {actual}")?,
            PackErrorKind::Encoding(byte) => write!(f, "no element begins with byte {byte:#04x}")?,
            PackErrorKind::BackLength => {
                f.write_str("the length of an element, stated for walking backwards, is not its length")?;
            }
            PackErrorKind::NoTerminator => f.write_str("the terminator is missing")?,
            PackErrorKind::TrailingBytes => f.write_str("bytes follow the terminator")?,
            PackErrorKind::Width(width) => write!(f, "integers of {width} bytes")?,
            PackErrorKind::Order => f.write_str("the integers do not ascend")?,
            PackErrorKind::Overlong => f.write_str("a short length in the form of a long one")?,
            PackErrorKind::Tail { stated, actual } => {
                write!(f, "the last element is stated to be at {stated}, it is at {actual}")?;
            }
            PackErrorKind::Unpaired => f.write_str("a field without a value")?,
        }
        write!(f, " (offset {})", self.offset)
    }
}

impl std::error::Error for PackError {}
