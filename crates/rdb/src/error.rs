//! What can be wrong with a payload, in words for the person who has to find out why.
//!
//! [`RestoreError`] prints Redis's text first, because clients compare it, then the reason. The text never holds bytes of the
//! payload: it ends up in logs, and payloads are other people's data.

use std::fmt;

use pack::PackError;
use stdx::lzf::LzfError;
use value::NodeError;
use value::ZsetErrorKind;

use crate::{Dialect, FOOTER_BYTES, Vendor};

/// Why RESTORE refused a payload. Commands put `ERR ` in front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestoreError {
    /// The frame is at fault: nothing of the value was looked at.
    Frame(FrameError),
    /// The frame is right, the value in it is not.
    Body(DecodeError),
}

impl fmt::Display for RestoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Frame(frame) => write!(f, "DUMP payload version or checksum are wrong: {frame}"),
            Self::Body(body) => write!(f, "Bad data format: {body}"),
        }
    }
}

impl std::error::Error for RestoreError {}

impl From<FrameError> for RestoreError {
    fn from(frame: FrameError) -> Self {
        Self::Frame(frame)
    }
}

impl From<DecodeError> for RestoreError {
    fn from(body: DecodeError) -> Self {
        Self::Body(body)
    }
}

/// What is wrong with a payload's frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// Fewer bytes than a footer has.
    Truncated { len: usize },
    /// The checksum is right, but the stamp is newer than any known one of its vendor.
    NewerStamp { stamp: u16, vendor: Vendor },
    /// The checksum is not that of the payload, and nothing tells why.
    ChecksumDiffers { len: usize },
    /// The checksum is zero, which stands for "omitted".
    ChecksumOmitted,
    /// The payload would be right without the line break at its end.
    TrailingNewline,
    /// The payload would be right if its UTF-8 text were taken back to Latin-1.
    Latin1AsUtf8,
    /// It holds U+FFFD, which a decoder puts in place of bytes that are no text.
    DecodedAsText,
    /// It is the printed form of a payload, with `\x00` and the like.
    EscapedText,
    /// It is a payload's bytes in hexadecimal.
    HexText,
    /// It is a whole RDB file.
    RdbFile,
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Truncated { len } => {
                write!(f, "it has {len} bytes, and the footer alone takes {FOOTER_BYTES}; it was cut off")
            }
            Self::NewerStamp { stamp, vendor } => {
                let newest = vendor.newest_stamp();
                write!(f, "version {stamp} is newer than {newest}, the newest of {vendor} that is supported")
            }
            Self::ChecksumDiffers { len } => {
                write!(f, "the checksum differs; some of its {len} bytes were changed, lost or added on the way")
            }
            Self::ChecksumOmitted => f.write_str("the checksum is zero, and payloads without one are not allowed here"),
            Self::TrailingNewline => f.write_str("there is one line break too many at its end (redis-cli adds one)"),
            Self::Latin1AsUtf8 => f.write_str("its bytes were encoded from Latin-1 to UTF-8; send them as they are"),
            Self::DecodedAsText => {
                f.write_str("it contains U+FFFD: a client decoded the bytes as text, and what they were is lost")
            }
            Self::EscapedText => {
                f.write_str("it is escaped text (\\x00 in four characters); send the bytes themselves")
            }
            Self::HexText => f.write_str("it is hexadecimal text; send the bytes themselves"),
            Self::RdbFile => f.write_str("it is an RDB file, not a payload; a server loads it when it starts"),
        }
    }
}

impl std::error::Error for FrameError {}

/// What is wrong with a value's bytes, and where: `offset` counts from the payload's first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError {
    pub offset: usize,
    pub kind: DecodeErrorKind,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at offset {}", self.kind, self.offset)
    }
}

impl std::error::Error for DecodeError {}

/// The ways in which a value's bytes can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeErrorKind {
    /// The value ends before it is complete.
    Truncated { missing: u64 },
    /// A byte that begins no length.
    BadLength(u8),
    /// A string encoding where a length must stand.
    EncodingForLength,
    /// A string encoding that does not exist.
    UnknownStringEncoding(u8),
    /// More elements than the rest of the payload could hold.
    TooManyElements { count: u64 },
    /// A string longer than is allowed.
    StringTooLong { len: u64, limit: usize },
    /// A damaged compressed string.
    Lzf(LzfError),
    /// A damaged compact encoding; the offset in it counts from its own first byte.
    Pack(PackError),
    /// A list node of an unknown kind.
    UnknownContainer(u64),
    /// A type of value that is unknown, or not supported in a payload of this version.
    UnsupportedType(u8),
    /// A function library: FUNCTION DUMP's payload, not DUMP's.
    FunctionLibrary,
    /// A value where function libraries must stand: DUMP's payload, not FUNCTION DUMP's.
    ValueForLibrary(u8),
    /// A byte that begins no function library.
    NotALibrary(u8),
    /// The name or the engine of a function library of a pre-release is none.
    LibraryName,
    /// There is a footer only.
    NoValue,
    /// A value without elements, which no key holds.
    NoElements,
    /// An element whose index, member or field was there before.
    Duplicate,
    /// An index that no element of an array can have.
    ArrayIndex(u64),
    /// A kind of array element that does not exist.
    ArrayTag(u64),
    /// Packed fields that make no hash.
    Hash(value::NotAHash),
    /// A deadline of a field that is no time.
    FieldDeadline,
    /// Field names of a hash template that are not in order.
    TemplateOrder,
    /// A hash refers to a template that was not announced.
    UnknownTemplate(u64),
    /// A mark in a module's value that stands for nothing.
    UnknownModuleMark(u64),
    /// What modules noted of a key, though that is not to be left out.
    KeyMetadata { pieces: u64 },
    /// The parts of a stream do not make one.
    Stream(NodeError),
    /// What claims to be a sorted set is none.
    SortedSet(ZsetErrorKind),
    /// Bytes between the value and the footer.
    TrailingBytes { count: usize },
}

impl DecodeErrorKind {
    /// Whether something else stands where a function library must.
    pub(crate) const fn is_no_library(self) -> bool {
        matches!(self, Self::ValueForLibrary(_) | Self::NotALibrary(_))
    }
}

impl fmt::Display for DecodeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Truncated { missing } => write!(f, "{} missing", Bytes(missing)),
            Self::BadLength(byte) => write!(f, "0x{byte:02x} begins no length"),
            Self::EncodingForLength => f.write_str("a string encoding stands in place of a length"),
            Self::UnknownStringEncoding(code) => write!(f, "string encoding {code} does not exist"),
            Self::TooManyElements { count } => write!(f, "the rest is too short for {count} elements"),
            Self::StringTooLong { len, limit } => write!(f, "a string of {len} bytes is over the limit of {limit}"),
            Self::Lzf(lzf) => write!(f, "{lzf}"),
            Self::Pack(pack) => write!(f, "{pack}"),
            Self::UnknownContainer(code) => write!(f, "list nodes of kind {code} do not exist"),
            Self::UnsupportedType(code) => {
                let name = crate::types::code_name(code);
                let (open, close) = if name.is_empty() { ("", "") } else { (" (", ")") };
                write!(f, "values of type {code}{open}{name}{close} are not supported")
            }
            Self::FunctionLibrary => f.write_str("function libraries are restored by FUNCTION RESTORE"),
            Self::ValueForLibrary(code) => {
                write!(f, "values (of type {code}, {}) are restored by RESTORE", crate::types::code_name(code))
            }
            Self::NotALibrary(code) => write!(f, "0x{code:02x} begins no function library"),
            Self::LibraryName => f.write_str("a function library of a pre-release has a name that is none"),
            Self::Stream(stream) => write!(f, "{stream}"),
            Self::NoValue => f.write_str("there is no value in front of the footer"),
            Self::NoElements => f.write_str("a value without elements"),
            Self::Duplicate => f.write_str("an element that was there before"),
            Self::ArrayIndex(index) => write!(f, "{index} is no index of an array"),
            Self::ArrayTag(tag) => write!(f, "array elements of kind {tag} do not exist"),
            Self::Hash(error) => write!(f, "{error}"),
            Self::FieldDeadline => f.write_str("a field's deadline is no time"),
            Self::TemplateOrder => f.write_str("the field names of a hash template are not in order"),
            Self::UnknownTemplate(id) => write!(f, "there is no template {id} for the hash"),
            Self::KeyMetadata { pieces } => {
                write!(f, "{pieces} pieces of metadata of modules, which would be lost")
            }
            Self::UnknownModuleMark(mark) => write!(f, "mark {mark} in a module's value is not known"),
            Self::SortedSet(kind) => write!(f, "{kind}"),
            Self::TrailingBytes { count } => write!(f, "{} left over behind the value", Bytes(count as u64)),
        }
    }
}

/// A number of bytes in words.
struct Bytes(u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, if self.0 == 1 { "byte" } else { "bytes" })
    }
}

/// The dialect has no form for something the value holds. Nothing is ever left out instead.
///
/// ```
/// use rdb::{Dialect, EncodeError};
/// let error = EncodeError { feature: "hash field expiry", dialect: Dialect::Redis7_0 };
/// assert_eq!(error.to_string(), "hash field expiry cannot be written in the dialect redis-7.0");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodeError {
    /// What the dialect lacks, in the plural or as a mass noun.
    pub feature: &'static str,
    pub dialect: Dialect,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cannot be written in the dialect {}", self.feature, self.dialect)
    }
}

impl std::error::Error for EncodeError {}

#[cfg(test)]
mod tests {
    use super::{DecodeError, DecodeErrorKind, FrameError, RestoreError};

    #[test]
    fn texts_begin_as_redis_says_it_and_go_on_with_the_reason() {
        let frame = RestoreError::from(FrameError::ChecksumOmitted).to_string();
        assert!(frame.starts_with("DUMP payload version or checksum are wrong: "), "{frame}");
        let body = RestoreError::from(DecodeError { offset: 3, kind: DecodeErrorKind::Truncated { missing: 2 } });
        assert_eq!(body.to_string(), "Bad data format: 2 bytes missing at offset 3");
    }

    #[test]
    fn unsupported_types_are_named_where_the_name_is_known() {
        assert_eq!(
            DecodeErrorKind::UnsupportedType(18).to_string(),
            "values of type 18 (list, quicklist of listpacks) are not supported"
        );
        assert_eq!(DecodeErrorKind::UnsupportedType(99).to_string(), "values of type 99 are not supported");
    }
}
