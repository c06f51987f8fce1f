//! RDB strings: what every key, element and blob in a dump is wrapped in.
//!
//! ```text
//! 03 66 6f 6f                                     raw: length, bytes                         "foo"
//! c0 7b                                           8-bit integer                              "123"
//! c1 39 30                                        16-bit integer, little-endian              "12345"
//! c2 4e 61 bc 00                                  32-bit integer, little-endian              "12345678"
//! c3 09 40 64  01 61 61 e0 57 00 01 61 61         LZF: lengths packed and unpacked, block    100 times "a"
//! ```
//!
//! A writer turns the canonical decimal form of a 32-bit integer into an integer, compresses what is longer than 20 bytes if that
//! saves 4 or more, and leaves the rest raw. A reader takes any form for any string.

use std::borrow::Cow;

use stdx::{lzf, num};

use crate::reader::{Length, Reader};
use crate::writer::Writer;
use crate::{DecodeError, DecodeErrorKind};

const INT8: u8 = 0;
const INT16: u8 = 1;
const INT32: u8 = 2;
const LZF: u8 = 3;
/// Set in a byte that holds a string encoding.
const ENCODED: u8 = 0xc0;
/// What a compressed string begins with.
pub(crate) const LZF_BYTE: u8 = ENCODED | LZF;

/// The longest canonical form of a 32-bit integer: `-2147483648`.
const MAX_INT_TEXT_BYTES: usize = 11;
/// Up to here strings are never compressed.
const MIN_LZF_BYTES: usize = 20;
/// What compression must save at least.
const MIN_LZF_GAIN_BYTES: usize = 4;

/// A string as it was read: borrowed from the payload where it stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RdbString<'a> {
    Int(i32),
    Bytes(Cow<'a, [u8]>),
}

impl RdbString<'_> {
    /// The text; an integer is printed into `room`.
    pub(crate) fn text<'b>(&'b self, room: &'b mut num::IntText) -> &'b [u8] {
        match self {
            Self::Int(int) => room.format(i64::from(*int)),
            Self::Bytes(bytes) => bytes,
        }
    }
}

impl<'a> Reader<'a> {
    /// The next string, in any of its forms.
    pub(crate) fn string(&mut self) -> Result<RdbString<'a>, DecodeError> {
        let start = self.offset();
        match self.length_or_encoding()? {
            Length::Plain(len) => {
                let len = self.string_len(len, start)?;
                Ok(RdbString::Bytes(Cow::Borrowed(self.take(len)?)))
            }
            Length::Encoded(INT8) => Ok(RdbString::Int(i32::from(i8::from_le_bytes(self.array()?)))),
            Length::Encoded(INT16) => Ok(RdbString::Int(i32::from(i16::from_le_bytes(self.array()?)))),
            Length::Encoded(INT32) => Ok(RdbString::Int(i32::from_le_bytes(self.array()?))),
            Length::Encoded(LZF) => self.lzf(start).map(|bytes| RdbString::Bytes(Cow::Owned(bytes))),
            Length::Encoded(code) => {
                Err(DecodeError { offset: start, kind: DecodeErrorKind::UnknownStringEncoding(code) })
            }
        }
    }

    /// Gets past the next string and finds every fault that [`Self::string`] would, without expanding it. Returns its length; an
    /// integer's counts as 0.
    pub(crate) fn check_string(&mut self) -> Result<usize, DecodeError> {
        let start = self.offset();
        let mut ahead = self.clone();
        if ahead.length_or_encoding()? != Length::Encoded(LZF) {
            return Ok(match self.string()? {
                RdbString::Int(_) => 0,
                RdbString::Bytes(bytes) => bytes.len(),
            });
        }
        let (block, len) = ahead.lzf_block(start)?;
        let fault = |kind| DecodeError { offset: start, kind: DecodeErrorKind::Lzf(kind) };
        if lzf::check(block).map_err(fault)? != len {
            return Err(fault(lzf::LzfError::WrongLength));
        }
        *self = ahead;
        Ok(len)
    }

    /// Gets past the next string without decoding it.
    pub(crate) fn skip_string(&mut self) -> Result<(), DecodeError> {
        let start = self.offset();
        match self.length_or_encoding()? {
            Length::Plain(len) => self.take(usize::try_from(len).unwrap_or(usize::MAX)).map(drop),
            Length::Encoded(INT8) => self.take(1).map(drop),
            Length::Encoded(INT16) => self.take(2).map(drop),
            Length::Encoded(INT32) => self.take(4).map(drop),
            Length::Encoded(LZF) => {
                let packed_len = self.length()?;
                self.length()?;
                self.take(usize::try_from(packed_len).unwrap_or(usize::MAX)).map(drop)
            }
            Length::Encoded(code) => {
                Err(DecodeError { offset: start, kind: DecodeErrorKind::UnknownStringEncoding(code) })
            }
        }
    }

    /// Gets past a double as old sorted sets write it: a length and text, or one of three lengths that stand for nan and infinities.
    pub(crate) fn skip_double_text(&mut self) -> Result<(), DecodeError> {
        match self.u8()? {
            253..=255 => Ok(()),
            len => self.take(usize::from(len)).map(drop),
        }
    }

    /// A compressed block and the length of what it stands for.
    pub(crate) fn lzf_block(&mut self, start: usize) -> Result<(&'a [u8], usize), DecodeError> {
        let packed_len = self.length()?;
        let len = self.length()?;
        let len = self.string_len(len, start)?;
        // A length past `usize` is past the end as well.
        let block = self.take(usize::try_from(packed_len).unwrap_or(usize::MAX))?;
        Ok((block, len))
    }

    fn lzf(&mut self, start: usize) -> Result<Vec<u8>, DecodeError> {
        let (block, len) = self.lzf_block(start)?;
        self.afford(len)?;
        // Walks the whole block before it allocates: a lie about the length costs no memory.
        lzf::decompress(block, len).map_err(|lzf| DecodeError { offset: start, kind: DecodeErrorKind::Lzf(lzf) })
    }

    fn string_len(&self, len: u64, start: usize) -> Result<usize, DecodeError> {
        let limit = self.max_string_bytes();
        usize::try_from(len)
            .ok()
            .filter(|&len| len <= limit)
            .ok_or(DecodeError { offset: start, kind: DecodeErrorKind::StringTooLong { len, limit } })
    }
}

impl Writer<'_> {
    /// A string, in the form the servers choose.
    pub(crate) fn string(&mut self, bytes: &[u8]) {
        if bytes.len() <= MAX_INT_TEXT_BYTES
            && let Some(int) = num::parse_i64(bytes)
            && let Ok(int) = i32::try_from(int)
        {
            return self.small_int(int);
        }
        if self.compress()
            && bytes.len() > MIN_LZF_BYTES
            && let Some(block) = lzf::compress(bytes, bytes.len().saturating_sub(MIN_LZF_GAIN_BYTES))
        {
            return self.compressed(&block, bytes.len());
        }
        self.length(bytes.len() as u64);
        self.bytes(bytes);
    }

    /// A string of `len` bytes that is an LZF block already.
    pub(crate) fn compressed(&mut self, block: &[u8], len: usize) {
        self.u8(ENCODED | LZF);
        self.length(block.len() as u64);
        self.length(len as u64);
        self.bytes(block);
    }

    /// The decimal form of `int` as a string.
    pub(crate) fn int_string(&mut self, int: i64) {
        match i32::try_from(int) {
            Ok(small) => self.small_int(small),
            // Twenty bytes at most: too short to be compressed.
            Err(_) => {
                let mut text = num::IntText::new();
                let text = text.format(int);
                self.length(text.len() as u64);
                self.bytes(text);
            }
        }
    }

    fn small_int(&mut self, int: i32) {
        if let Ok(int) = i8::try_from(int) {
            self.u8(ENCODED | INT8);
            self.bytes(&int.to_le_bytes());
        } else if let Ok(int) = i16::try_from(int) {
            self.u8(ENCODED | INT16);
            self.bytes(&int.to_le_bytes());
        } else {
            self.u8(ENCODED | INT32);
            self.bytes(&int.to_le_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use stdx::lzf::LzfError;
    use stdx::num::IntText;

    use super::RdbString;
    use crate::reader::Reader;
    use crate::writer::Writer;
    use crate::{DecodeError, DecodeErrorKind, Dialect, DumpOptions, RestoreOptions};

    fn write(bytes: &[u8], compress: bool) -> Vec<u8> {
        let mut out = Vec::new();
        Writer::new(&mut out, DumpOptions { dialect: Dialect::Portable, compress }).string(bytes);
        out
    }

    fn read(bytes: &[u8]) -> Result<RdbString<'_>, DecodeError> {
        Reader::new(bytes, RestoreOptions::default()).string()
    }

    fn text(string: &RdbString<'_>) -> Vec<u8> {
        match string {
            RdbString::Int(int) => IntText::new().format(i64::from(*int)).to_vec(),
            RdbString::Bytes(bytes) => bytes.to_vec(),
        }
    }

    #[test]
    fn each_string_takes_the_form_the_servers_give_it() {
        for (string, expected) in [
            (&b""[..], &b"\x00"[..]),
            (b"foo", b"\x03foo"),
            (b"123", b"\xc0\x7b"),
            (b"-128", b"\xc0\x80"),
            (b"128", b"\xc1\x80\x00"),
            (b"-32768", b"\xc1\x00\x80"),
            (b"32768", b"\xc2\x00\x80\x00\x00"),
            (b"-2147483648", b"\xc2\x00\x00\x00\x80"),
            (b"2147483648", b"\x0a2147483648"),
            (b"007", b"\x03007"),
            (b"-0", b"\x02-0"),
            (b"+1", b"\x02+1"),
            (b"aaaaaaaaaaaaaaaaaaaa", b"\x14aaaaaaaaaaaaaaaaaaaa"),
            (b"aaaaaaaaaaaaaaaaaaaaa", b"\xc3\x06\x15\x01aa\xe0\x0a\x00"),
        ] {
            let written = write(string, true);
            assert_eq!(written, expected, "{string:?}");
            assert_eq!(text(&read(&written).unwrap()), string);
        }
    }

    #[test]
    fn integers_are_written_like_their_text() {
        for int in [0, -1, 127, 128, -32769, i64::from(i32::MAX), i64::from(i32::MIN) - 1, i64::MAX, i64::MIN] {
            let mut out = Vec::new();
            Writer::new(&mut out, DumpOptions::from(Dialect::Portable)).int_string(int);
            assert_eq!(out, write(int.to_string().as_bytes(), true));
        }
    }

    #[test]
    fn without_compression_long_strings_stay_raw() {
        let long = b"a".repeat(100);
        assert_eq!(write(&long, false), [b"\x40\x64", &long[..]].concat());
        assert_eq!(write(&long, true), b"\xc3\x09\x40\x64\x01aa\xe0\x57\x00\x01aa");
    }

    #[test]
    fn any_string_comes_back() {
        arbtest::arbtest(|u| {
            let string: Vec<u8> = u.arbitrary()?;
            let string = string.repeat(u.int_in_range(1..=50)?);
            let written = write(&string, u.arbitrary()?);
            assert_eq!(text(&read(&written).unwrap()), string);
            Ok(())
        });
    }

    #[test]
    fn strings_in_place_are_borrowed() {
        assert_eq!(read(b"\x03foo"), Ok(RdbString::Bytes(Cow::Borrowed(b"foo"))));
        // Longer forms than needed are read too.
        assert_eq!(read(b"\x81\x00\x00\x00\x00\x00\x00\x00\x03foo"), Ok(RdbString::Bytes(Cow::Borrowed(b"foo"))));
        assert_eq!(read(b"\xc2\x05\x00\x00\x00"), Ok(RdbString::Int(5)));
    }

    #[test]
    fn wrong_strings_are_refused_with_the_place_and_the_reason() {
        let limit = RestoreOptions::default().max_string_bytes;
        for (bytes, offset, kind) in [
            (&b"\x0ashort"[..], 1, DecodeErrorKind::Truncated { missing: 5 }),
            (b"\xc0", 1, DecodeErrorKind::Truncated { missing: 1 }),
            (b"\xc1\x01", 1, DecodeErrorKind::Truncated { missing: 1 }),
            (b"\xc4", 0, DecodeErrorKind::UnknownStringEncoding(4)),
            (b"\xff", 0, DecodeErrorKind::UnknownStringEncoding(63)),
            (b"\x80\xff\xff\xff\xff", 0, DecodeErrorKind::StringTooLong { len: 0xffff_ffff, limit }),
            (b"\xc3\x02\x05\x00a", 0, DecodeErrorKind::Lzf(LzfError::WrongLength)),
            (b"\xc3\x09\x05\x00a", 3, DecodeErrorKind::Truncated { missing: 7 }),
            (b"\xc3\xc0\x05", 1, DecodeErrorKind::EncodingForLength),
            (
                b"\xc3\x02\x81\x00\x00\x01\x00\x00\x00\x00\x00\x00a",
                0,
                DecodeErrorKind::StringTooLong { len: 1 << 40, limit },
            ),
        ] {
            assert_eq!(read(bytes), Err(DecodeError { offset, kind }), "{bytes:x?}");
        }
    }
}
