//! Replies that cannot be read.

use std::fmt;

/// Why, and where in the stream: so many bytes after the first that the reader was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadError {
    pub offset: u64,
    pub kind: ReadErrorKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadErrorKind {
    /// No reply starts with this byte.
    UnknownType(u8),
    /// The rest of a line is not what its first byte says.
    MalformedLine,
    /// CR LF does not follow where it must.
    MissingLineEnd,
    /// A bulk, an error or a verbatim string that is not well formed.
    MalformedBulk,
    /// A line past [`ReadLimits::max_line_len`](super::ReadLimits::max_line_len).
    LineTooLong,
    /// A bulk past [`ReadLimits::max_bulk_len`](super::ReadLimits::max_bulk_len).
    BulkTooLong,
    /// Nesting past [`ReadLimits::max_depth`](super::ReadLimits::max_depth).
    TooDeep,
    /// A reply past [`ReadLimits::max_tree_bytes`](super::ReadLimits::max_tree_bytes).
    TooLarge,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.kind {
            ReadErrorKind::UnknownType(byte) => {
                return write!(f, "no reply starts with '{}' (offset {})", byte.escape_ascii(), self.offset);
            }
            ReadErrorKind::MalformedLine => "malformed line",
            ReadErrorKind::MissingLineEnd => "missing line end",
            ReadErrorKind::MalformedBulk => "malformed bulk",
            ReadErrorKind::LineTooLong => "line too long",
            ReadErrorKind::BulkTooLong => "bulk too long",
            ReadErrorKind::TooDeep => "reply nested too deep",
            ReadErrorKind::TooLarge => "reply too large",
        };
        write!(f, "{text} in a reply (offset {})", self.offset)
    }
}

impl std::error::Error for ReadError {}
