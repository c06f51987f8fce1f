//! The one way to read a stranger's bytes: bounded, and every error carries its offset.
//!
//! No method allocates, except for a string whose every byte has been accounted for (see `strings`). Counts are checked
//! against what is left before a caller sees them, so a loop over a count is bounded by the payload, and [`Reader::room_for`]
//! is the only advice on how much to reserve: never more than four times the payload and a mebibyte.

use value::EncodingLimits;

use crate::{DecodeError, DecodeErrorKind, RestoreOptions};

/// Reserving ahead stops here, however much the payload promises.
const ROOM_FACTOR: usize = 4;
const ROOM_EXTRA_BYTES: usize = 1 << 20;

/// A length as RDB writes it, or the string encoding that can stand in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    Plain(u64),
    /// The low six bits of a byte that begins with two ones.
    Encoded(u8),
}

/// A position in the body of a payload.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    offset: usize,
    max_string_bytes: usize,
    encodings: EncodingLimits,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8], options: RestoreOptions) -> Self {
        Self { bytes, offset: 0, max_string_bytes: options.max_string_bytes, encodings: options.encodings }
    }

    /// Bytes read so far, counted from the payload's first.
    pub(crate) fn offset(&self) -> usize {
        self.offset
    }

    pub(crate) fn remaining(&self) -> usize {
        self.rest().len()
    }

    pub(crate) fn max_string_bytes(&self) -> usize {
        self.max_string_bytes
    }

    pub(crate) fn encodings(&self) -> &EncodingLimits {
        &self.encodings
    }

    /// An error about what begins at the current position.
    pub(crate) fn error(&self, kind: DecodeErrorKind) -> DecodeError {
        DecodeError { offset: self.offset, kind }
    }

    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], DecodeError> {
        let Some((taken, _)) = self.rest().split_at_checked(len) else { return Err(self.truncated(len as u64)) };
        self.offset = self.offset.saturating_add(len);
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let Some((&taken, _)) = self.rest().split_first_chunk::<N>() else { return Err(self.truncated(N as u64)) };
        self.offset = self.offset.saturating_add(N);
        Ok(taken)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, DecodeError> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    /// A plain length.
    pub(crate) fn length(&mut self) -> Result<u64, DecodeError> {
        let start = self.offset;
        match self.length_or_encoding()? {
            Length::Plain(len) => Ok(len),
            Length::Encoded(_) => Err(DecodeError { offset: start, kind: DecodeErrorKind::EncodingForLength }),
        }
    }

    /// A length in one of its five forms, or a string encoding.
    pub(crate) fn length_or_encoding(&mut self) -> Result<Length, DecodeError> {
        let start = self.offset;
        let first = self.u8()?;
        Ok(match first {
            0x00..=0x3f => Length::Plain(u64::from(first)),
            0x40..=0x7f => Length::Plain(u64::from(u16::from_be_bytes([first & 0x3f, self.u8()?]))),
            0x80 => Length::Plain(u64::from(u32::from_be_bytes(self.array()?))),
            0x81 => Length::Plain(u64::from_be_bytes(self.array()?)),
            0x82..=0xbf => return Err(DecodeError { offset: start, kind: DecodeErrorKind::BadLength(first) }),
            0xc0..=0xff => Length::Encoded(first & 0x3f),
        })
    }

    /// How many elements follow, each of at least `least_bytes`. Refused if the rest cannot hold so many.
    pub(crate) fn count(&mut self, least_bytes: usize) -> Result<usize, DecodeError> {
        let start = self.offset;
        let count = self.length()?;
        let most = self.remaining().checked_div(least_bytes).unwrap_or(usize::MAX);
        usize::try_from(count)
            .ok()
            .filter(|&count| count <= most)
            .ok_or(DecodeError { offset: start, kind: DecodeErrorKind::TooManyElements { count } })
    }

    /// How many of `count` elements of type `T` to make room for ahead.
    pub(crate) fn room_for<T>(&self, count: usize) -> usize {
        let bytes = self.bytes.len().saturating_mul(ROOM_FACTOR).saturating_add(ROOM_EXTRA_BYTES);
        count.min(bytes.checked_div(size_of::<T>()).unwrap_or(count))
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.offset..).unwrap_or_default()
    }

    fn truncated(&self, needed: u64) -> DecodeError {
        let missing = needed.saturating_sub(self.remaining() as u64);
        self.error(DecodeErrorKind::Truncated { missing })
    }
}

#[cfg(test)]
mod tests {
    use super::{Length, Reader};
    use crate::{DecodeError, DecodeErrorKind, RestoreOptions};

    fn reader(bytes: &[u8]) -> Reader<'_> {
        Reader::new(bytes, RestoreOptions::default())
    }

    #[test]
    fn lengths_are_read_in_all_their_forms() {
        for (bytes, expected) in [
            (&b"\x00"[..], Length::Plain(0)),
            (b"\x3f", Length::Plain(63)),
            (b"\x40\x05", Length::Plain(5)),
            (b"\x7f\xff", Length::Plain(16383)),
            (b"\x80\x00\x00\x40\x00", Length::Plain(16384)),
            (b"\x81\x00\x00\x00\x01\x00\x00\x00\x00", Length::Plain(1 << 32)),
            (b"\x81\xff\xff\xff\xff\xff\xff\xff\xff", Length::Plain(u64::MAX)),
            (b"\xc0", Length::Encoded(0)),
            (b"\xff", Length::Encoded(63)),
        ] {
            let mut reader = reader(bytes);
            assert_eq!(reader.length_or_encoding(), Ok(expected), "{bytes:?}");
            assert_eq!(reader.remaining(), 0);
        }
    }

    #[test]
    fn errors_point_at_the_item_that_is_wrong() {
        let mut reader = reader(b"abc\x82\xc3\x80\x00");
        reader.take(3).unwrap();
        let mut at_bad = reader.clone();
        assert_eq!(at_bad.length(), Err(DecodeError { offset: 3, kind: DecodeErrorKind::BadLength(0x82) }));
        assert_eq!(at_bad.length(), Err(DecodeError { offset: 4, kind: DecodeErrorKind::EncodingForLength }));
        assert_eq!(at_bad.length(), Err(DecodeError { offset: 6, kind: DecodeErrorKind::Truncated { missing: 3 } }));
        assert_eq!(reader.take(9), Err(DecodeError { offset: 3, kind: DecodeErrorKind::Truncated { missing: 5 } }));
        assert_eq!(reader.offset(), 3);
    }

    #[test]
    fn counts_must_fit_what_is_left() {
        assert_eq!(reader(b"\x02abcd").count(2), Ok(2));
        let too_many = |count| DecodeErrorKind::TooManyElements { count };
        assert_eq!(reader(b"\x03abcd").count(2).map_err(|error| error.kind), Err(too_many(3)));
        let max = b"\x81\xff\xff\xff\xff\xff\xff\xff\xff";
        assert_eq!(reader(max).count(1).map_err(|error| error.kind), Err(too_many(u64::MAX)));
    }

    #[test]
    fn room_is_bounded_by_the_payload_not_by_the_count() {
        let reader = reader(b"0123456789");
        assert_eq!(reader.room_for::<u64>(7), 7);
        assert_eq!(reader.room_for::<u64>(usize::MAX), (40 + (1 << 20)) / 8);
    }
}
