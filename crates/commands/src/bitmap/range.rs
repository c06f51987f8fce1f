//! The ranges of BITCOUNT and BITPOS: of bytes or of bits, both ends included, negative ones counted from the end.

use std::ops::Range;

use command_api::CommandError;

/// What a range counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Byte,
    Bit,
}

impl Unit {
    /// BYTE or BIT.
    ///
    /// # Errors
    /// A syntax error for any other word.
    pub(super) fn parse(word: &[u8]) -> Result<Self, CommandError> {
        if word.eq_ignore_ascii_case(b"byte") {
            Ok(Self::Byte)
        } else if word.eq_ignore_ascii_case(b"bit") {
            Ok(Self::Bit)
        } else {
            Err(CommandError::Syntax)
        }
    }

    const fn bits(self) -> u64 {
        match self {
            Self::Byte => 8,
            Self::Bit => 1,
        }
    }

    /// The bits of a string of `len` bytes from `start` to `end`. What lies before its beginning is taken for its beginning,
    /// even `end`; what lies behind its end is cut off.
    pub(super) fn bits_between(self, start: i64, end: i64, len: usize) -> Range<u64> {
        let count = i64::try_from(len as u64 * (8 / self.bits())).unwrap_or(i64::MAX);
        let from_beginning = |index: i64| if index < 0 { index.saturating_add(count).max(0) } else { index };
        let (start, end) = (from_beginning(start), from_beginning(end).min(count - 1));
        if start > end {
            return 0..0;
        }
        start.cast_unsigned() * self.bits()..(end.cast_unsigned() + 1) * self.bits()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_cut_to_the_string() {
        for (start, end, len, bits) in [
            (0, -1, 3, 0..24),
            (0, 0, 3, 0..8),
            (1, 1, 3, 8..16),
            (-1, -1, 3, 16..24),
            (-2, 100, 3, 8..24),
            (-100, -90, 3, 0..8),
            (-100, -101, 3, 0..8),
            (2, 1, 3, 0..0),
            (3, 3, 3, 0..0),
            (0, -1, 0, 0..0),
            (0, 0, 0, 0..0),
            (-1, 0, 0, 0..0),
            (i64::MIN, i64::MAX, 3, 0..24),
            (i64::MAX, i64::MAX, 3, 0..0),
            (i64::MIN, i64::MIN, 3, 0..8),
        ] {
            assert_eq!(Unit::Byte.bits_between(start, end, len), bits, "{start} {end} of {len} bytes");
        }
        for (start, end, len, bits) in [
            (0, -1, 3, 0..24),
            (5, 6, 3, 5..7),
            (-5, -1, 3, 19..24),
            (23, 23, 3, 23..24),
            (24, 24, 3, 0..0),
            (7, -3, 3, 7..22),
            (-100, -90, 3, 0..1),
            (0, -1, 0, 0..0),
            (i64::MIN, i64::MAX, 3, 0..24),
        ] {
            assert_eq!(Unit::Bit.bits_between(start, end, len), bits, "{start} {end} of {len} bytes");
        }
    }
}
