//! The one way to read a stranger's bytes: bounded, and every error carries its offset.
//!
//! No method allocates, except for a string whose every byte has been accounted for (see `strings`). Counts are checked
//! against what is left before a caller sees them, so a loop over a count is bounded by the payload.
//!
//! **Four times the payload and a mebibyte** is what a value may have cost that is refused in the end. Who builds one says beforehand what
//! that will allocate ([`Reader::afford`]). When it becomes more than leaves room for a survey, the value is surveyed from its first byte
//! to its last: what passes that will not be refused any more, and may cost what it costs.

use value::EncodingLimits;

use crate::{DecodeError, DecodeErrorKind, RestoreOptions, Stamp};

/// What may have been allocated for what is refused.
const BOUND_FACTOR: usize = 4;
const BOUND_EXTRA_BYTES: usize = 1 << 20;
/// Of that, for what is too little to be counted.
const UNCOUNTED_BYTES: usize = 16 << 10;

/// A value under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject {
    pub(crate) code: u8,
    pub(crate) stamp: Stamp,
    /// Walks over such a value.
    pub(crate) survey: fn(u8, Stamp, &mut Reader<'_>) -> Result<(), DecodeError>,
    /// What that allocates, at most.
    pub(crate) survey_cost: usize,
}

/// What a value has cost, and what it may.
#[derive(Clone, Copy, Debug)]
struct Allowance {
    spent: usize,
    /// So much that a survey can still follow.
    limit: usize,
    /// So much that nothing can follow.
    bound: usize,
    /// The value and where it begins; `None` when nothing is to be surveyed any more.
    subject: Option<(Subject, usize)>,
}

impl Allowance {
    /// For what is not bounded here.
    const UNBOUNDED: Self = Self { spent: 0, limit: usize::MAX, bound: usize::MAX, subject: None };
}

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
    allowance: Allowance,
    /// Whether nothing may follow the value.
    must_end: bool,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8], options: RestoreOptions) -> Self {
        Self {
            bytes,
            offset: 0,
            max_string_bytes: options.max_string_bytes,
            encodings: options.encodings,
            allowance: Allowance::UNBOUNDED,
            must_end: false,
        }
    }

    /// Of bytes with one value and nothing else.
    pub(crate) fn of_value(bytes: &'a [u8], options: RestoreOptions) -> Self {
        Self { must_end: !options.ignore_trailing_bytes, ..Self::new(bytes, options) }
    }

    /// A value begins here.
    pub(crate) fn begin(&mut self, subject: Subject) {
        let bound = self.bytes.len().saturating_mul(BOUND_FACTOR).saturating_add(BOUND_EXTRA_BYTES - UNCOUNTED_BYTES);
        let limit = bound.saturating_sub(subject.survey_cost);
        self.allowance = Allowance { spent: 0, limit, bound, subject: Some((subject, self.offset)) };
    }

    /// The value ends here; whatever follows is not bounded.
    pub(crate) const fn end(&mut self) {
        self.allowance = Allowance::UNBOUNDED;
    }

    /// Asks for so many bytes to be allocated: with what was asked for before, they leave room for a survey, or that was made.
    ///
    /// # Errors
    /// What a survey finds wrong with the value.
    #[inline]
    pub(crate) fn afford(&mut self, bytes: usize) -> Result<(), DecodeError> {
        self.allowance.spent = self.allowance.spent.saturating_add(bytes);
        if self.allowance.spent <= self.allowance.limit { Ok(()) } else { self.survey() }
    }

    /// As [`Self::afford`], for the last of what is allocated: no survey has to follow.
    ///
    /// # Errors
    /// What a survey finds wrong with the value.
    pub(crate) fn afford_last(&mut self, bytes: usize) -> Result<(), DecodeError> {
        self.allowance.spent = self.allowance.spent.saturating_add(bytes);
        if self.allowance.spent <= self.allowance.bound { Ok(()) } else { self.survey() }
    }

    #[cold]
    fn survey(&mut self) -> Result<(), DecodeError> {
        let Some((Subject { code, stamp, survey, .. }, start)) = self.allowance.subject else { return Ok(()) };
        let mut ahead = self.clone();
        (ahead.offset, ahead.allowance) = (start, Allowance::UNBOUNDED);
        survey(code, stamp, &mut ahead)?;
        ahead.expect_end()?;
        self.allowance = Allowance::UNBOUNDED;
        Ok(())
    }

    /// Refuses what follows a value, if nothing may.
    pub(crate) fn expect_end(&self) -> Result<(), DecodeError> {
        match self.remaining() {
            count @ 1.. if self.must_end => Err(self.error(DecodeErrorKind::TrailingBytes { count })),
            _ => Ok(()),
        }
    }

    /// Bytes read so far, counted from the payload's first.
    pub(crate) fn offset(&self) -> usize {
        self.offset
    }

    /// Bytes in all.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether a compressed string begins here.
    pub(crate) fn at_lzf(&self) -> bool {
        self.rest().first() == Some(&crate::strings::LZF_BYTE)
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
    use super::{Length, Reader, Subject};
    use crate::{DecodeError, DecodeErrorKind, RestoreOptions, Stamp};

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

    /// A survey that takes values of one byte, and refuses 9.
    fn survey_byte(_: u8, _: Stamp, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        let error = reader.error(DecodeErrorKind::Duplicate);
        if reader.u8()? == 9 { Err(error) } else { Ok(()) }
    }

    fn begin(reader: &mut Reader<'_>) {
        let stamp = Stamp::new(10).unwrap();
        reader.begin(Subject { code: 0, stamp, survey: survey_byte, survey_cost: 1 << 19 });
    }

    #[test]
    fn what_costs_more_than_leaves_room_for_a_survey_is_surveyed() {
        let mut good = reader(b"\x01\x09");
        begin(&mut good);
        for _ in 0..100 {
            assert_eq!(good.afford(1 << 18), Ok(()));
        }
        assert_eq!(good.offset(), 0);

        let mut bad = reader(b"\x01\x09");
        bad.take(1).unwrap();
        begin(&mut bad);
        let refused = Err(DecodeError { offset: 1, kind: DecodeErrorKind::Duplicate });
        assert_eq!(bad.afford(1 << 18), Ok(()));
        assert_eq!(bad.clone().afford(1 << 18), refused);
        assert_eq!(bad.clone().afford_last(1 << 18), Ok(()));
        assert_eq!(bad.afford_last(3 << 18), refused);
    }

    #[test]
    fn a_survey_finds_bytes_behind_the_value_where_none_may_be() {
        let refused = Err(DecodeError { offset: 1, kind: DecodeErrorKind::TrailingBytes { count: 1 } });
        for (ignore_trailing_bytes, expected) in [(false, refused), (true, Ok(()))] {
            let options = RestoreOptions { ignore_trailing_bytes, ..RestoreOptions::default() };
            let mut reader = Reader::of_value(b"\x01\x02", options);
            begin(&mut reader);
            assert_eq!(reader.afford(1 << 30), expected);
        }
    }
}
