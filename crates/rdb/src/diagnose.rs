//! Why a payload's checksum is wrong: the accidents that befall payloads between DUMP and RESTORE.
//!
//! Nearly every refused payload was a good one until a tool took it for text. Those tools leave traces: a line break at the end,
//! UTF-8 where single bytes were, replacement characters, escapes. Where undoing the accident makes the checksum right the
//! answer is certain, so those are tried first; the rest are looks. Runs only when a payload has been refused, costs two more
//! checksums, and one copy of a payload that is valid UTF-8.

use crate::FrameError;
use crate::footer::is_sealed;

/// What may have happened to a payload whose checksum is wrong.
pub(crate) fn checksum(payload: &[u8]) -> FrameError {
    let unbroken = payload.strip_suffix(b"\n").map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    if is_rdb_file(payload) {
        FrameError::RdbFile
    } else if unbroken.is_some_and(is_sealed) || payload.strip_suffix(b"\n").is_some_and(is_sealed) {
        FrameError::TrailingNewline
    } else if to_latin1(payload).is_some_and(|bytes| is_sealed(&bytes)) {
        FrameError::Latin1AsUtf8
    } else if is_escaped_text(payload) {
        FrameError::EscapedText
    } else if is_hex_text(payload) {
        FrameError::HexText
    } else if payload.windows(3).any(|bytes| bytes == "\u{fffd}".as_bytes()) {
        FrameError::DecodedAsText
    } else {
        FrameError::ChecksumDiffers { len: payload.len() }
    }
}

/// `REDIS0011`, `VALKEY080`: nine bytes that begin a file.
fn is_rdb_file(payload: &[u8]) -> bool {
    let digits = payload
        .strip_prefix(b"REDIS")
        .and_then(|rest| rest.get(..4))
        .or_else(|| payload.strip_prefix(b"VALKEY").and_then(|rest| rest.get(..3)));
    digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_digit))
}

/// The bytes that were taken for Latin-1 to make this text, if it can have been made so and is not plain ASCII.
fn to_latin1(payload: &[u8]) -> Option<Vec<u8>> {
    if payload.is_ascii() {
        return None;
    }
    let text = str::from_utf8(payload).ok()?;
    text.chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect()
}

/// Printable, with at least one `\x` and two hexadecimal digits.
fn is_escaped_text(payload: &[u8]) -> bool {
    let is_escape =
        |window: &[u8]| matches!(window, [b'\\', b'x', a, b] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit());
    is_printable(payload) && payload.windows(4).any(is_escape)
}

fn is_hex_text(payload: &[u8]) -> bool {
    let digits = payload.trim_ascii_end();
    digits.strip_prefix(b"0x").unwrap_or(digits).iter().all(u8::is_ascii_hexdigit)
}

fn is_printable(payload: &[u8]) -> bool {
    payload.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::checksum;
    use crate::FrameError;

    const TEN: &[u8] = b"\x00\xc0\n\n\x00n\x9fWE\x0e\xaec\xbb";

    #[test]
    fn accidents_are_recognized_by_undoing_them() {
        for line_break in [&b"\n"[..], b"\r\n"] {
            assert_eq!(checksum(&[TEN, line_break].concat()), FrameError::TrailingNewline);
        }
        let utf8: String = TEN.iter().copied().map(char::from).collect();
        assert_eq!(checksum(utf8.as_bytes()), FrameError::Latin1AsUtf8);
        // With another checksum wrong too, it is only a look alike.
        assert_eq!(checksum(&[TEN, b"\n\n"].concat()), FrameError::ChecksumDiffers { len: 15 });
    }

    #[test]
    fn accidents_that_lose_bytes_are_recognized_by_their_looks() {
        let lossy = String::from_utf8_lossy(TEN);
        let hex: String = TEN.iter().map(|byte| format!("{byte:02x}")).collect();
        for (payload, expected) in [
            (lossy.as_bytes(), FrameError::DecodedAsText),
            (br"\x00\xc0\n\n\x00n\x9fWE\x0e\xaec\xbb", FrameError::EscapedText),
            (br#""\x00\xc0\n\n\x00n\x9fWE\x0e\xaec\xbb""#, FrameError::EscapedText),
            (hex.as_bytes(), FrameError::HexText),
            (b"0x00C00A0A006E9F57450EAE63BB\n", FrameError::HexText),
            (b"REDIS0011\xfa\x09redis-ver\x057.2.6", FrameError::RdbFile),
            (b"VALKEY080\xfa\x09redis-ver\x057.2.6", FrameError::RdbFile),
            (b"REDIS IS FAST", FrameError::ChecksumDiffers { len: 13 }),
            (b"plain words, nothing more", FrameError::ChecksumDiffers { len: 25 }),
        ] {
            assert_eq!(checksum(payload), expected, "{payload:?}");
        }
    }
}
