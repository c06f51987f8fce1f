//! Header lines: `*3\r\n` before a command's arguments, `$5\r\n` before each of them.
//!
//! The number is strict, as in Redis: canonical decimal, so `*01`, `*+1`, `*-0` and `*` are errors. The byte after CR is taken for
//! LF unseen, also as in Redis 7 and 8 (Valkey 9 looks, and refuses `*1\rX`). Counts of one to three digits, which is nearly all
//! of them, are matched as a pattern; the rest goes the long way with a search for CR.

use stdx::num::parse_i64;

/// A header or an inline command must end within so many bytes.
pub(super) const MAX_LINE_LEN: usize = 64 * 1024;

/// What was found at the start of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Header {
    /// The number, and the length of the line with its CR LF.
    Count(i64, usize),
    /// The line has not ended yet; its first `searched` bytes hold no CR.
    Unfinished { searched: usize },
    /// No CR within [`MAX_LINE_LEN`].
    TooLong,
    /// The line starts with this byte instead.
    WrongKind(u8),
    /// Not a canonical integer.
    Malformed,
}

/// Reads the header at the start of `line`, whose first `searched` bytes are known to hold no CR.
#[inline]
pub(super) fn header(line: &[u8], kind: u8, searched: usize) -> Header {
    const fn digit(byte: u8) -> i64 {
        (byte & 0x0f) as i64
    }
    #[expect(clippy::arithmetic_side_effects, reason = "at most 999")]
    match *line {
        [k, a @ b'0'..=b'9', b'\r', _, ..] if k == kind => Header::Count(digit(a), 4),
        [k, a @ b'1'..=b'9', b @ b'0'..=b'9', b'\r', _, ..] if k == kind => Header::Count(digit(a) * 10 + digit(b), 5),
        [k, a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', b'\r', _, ..] if k == kind => {
            Header::Count(digit(a) * 100 + digit(b) * 10 + digit(c), 6)
        }
        _ => any_header(line, kind, searched),
    }
}

#[inline(never)]
fn any_header(line: &[u8], kind: u8, searched: usize) -> Header {
    // The CR may be the 65537th byte at the latest.
    let window = line.get(..=MAX_LINE_LEN).unwrap_or(line);
    let unsearched = window.get(searched..).unwrap_or_default();
    let Some(cr) = memchr::memchr(b'\r', unsearched).map(|at| at.saturating_add(searched)) else {
        return if window.len() > MAX_LINE_LEN {
            Header::TooLong
        } else {
            Header::Unfinished { searched: window.len() }
        };
    };
    let end = cr.saturating_add(2);
    if line.len() < end {
        return Header::Unfinished { searched: cr };
    }
    match window.get(..cr) {
        Some([first, digits @ ..]) if *first == kind => match parse_i64(digits) {
            Some(count) => Header::Count(count, end),
            None => Header::Malformed,
        },
        Some([first, ..]) => Header::WrongKind(*first),
        // The line is empty: its first byte is the CR.
        Some([]) | None => Header::WrongKind(b'\r'),
    }
}

#[cfg(test)]
mod tests {
    use super::{Header, MAX_LINE_LEN, header};

    #[test]
    fn numbers_are_canonical_and_lines_end_in_cr_and_any_byte() {
        for (line, expected) in [
            (&b"$0\r\n"[..], Header::Count(0, 4)),
            (b"$7\rX", Header::Count(7, 4)),
            (b"$42\r\n", Header::Count(42, 5)),
            (b"$999\r\n$", Header::Count(999, 6)),
            (b"$1000\r\n", Header::Count(1000, 7)),
            (b"$-1\r\n", Header::Count(-1, 5)),
            (b"$9223372036854775807\r\n", Header::Count(i64::MAX, 22)),
            (b"$9223372036854775808\r\n", Header::Malformed),
            (b"$\r\n", Header::Malformed),
            (b"$00\r\n", Header::Malformed),
            (b"$01\r\n", Header::Malformed),
            (b"$012\r\n", Header::Malformed),
            (b"$-0\r\n", Header::Malformed),
            (b"$+4\r\n", Header::Malformed),
            (b"$4 \r\n", Header::Malformed),
            (b"$4\n\r\n", Header::Malformed),
            (b"\r\n", Header::WrongKind(b'\r')),
            (b"*4\r\n", Header::WrongKind(b'*')),
            (b"", Header::Unfinished { searched: 0 }),
            (b"$", Header::Unfinished { searched: 1 }),
            (b"$4", Header::Unfinished { searched: 2 }),
            (b"$4\r", Header::Unfinished { searched: 2 }),
            // Nothing is said of a line before its end, not even that it cannot be a header.
            (b"x4", Header::Unfinished { searched: 2 }),
        ] {
            assert_eq!(header(line, b'$', 0), expected, "{}", line.escape_ascii());
        }
    }

    #[test]
    fn a_line_may_be_64_kb_long_and_no_longer() {
        let mut line = vec![b'$'; MAX_LINE_LEN];
        assert_eq!(header(&line, b'$', 0), Header::Unfinished { searched: MAX_LINE_LEN });
        line.extend_from_slice(b"\r\n");
        assert_eq!(header(&line, b'$', MAX_LINE_LEN), Header::Malformed);
        line.insert(0, b'$');
        assert_eq!(header(&line, b'$', 0), Header::TooLong);
    }
}
