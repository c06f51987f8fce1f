//! Integer text.
//!
//! Integers are strict: the canonical decimal form and nothing else, so `007`, `-0`, `+1` and ` 1` are strings. That one rule
//! decides what INCR accepts, what a value's `int` encoding may hold and what an RDB string may store as an integer.

/// The integer whose canonical decimal form `text` is.
///
/// ```
/// use stdx::num::parse_i64;
/// assert_eq!(parse_i64(b"-9223372036854775808"), Some(i64::MIN));
/// assert_eq!(parse_i64(b"-0"), None);
/// assert_eq!(parse_i64(b"+1"), None);
/// assert_eq!(parse_i64(b"01"), None);
/// ```
#[must_use]
pub fn parse_i64(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'0'] => return Some(0),
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    // 19 digits hold any i64; a leading zero is never canonical here, since "0" itself has left above.
    if digits.is_empty() || digits.len() > 19 || digits[0] == b'0' {
        return None;
    }
    let mut magnitude: u64 = 0;
    for &byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        // 19 digits are below 10^19 < 2^64: this cannot wrap.
        magnitude = magnitude * 10 + u64::from(digit);
    }
    if negative { 0_i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() }
}

/// The unsigned integer whose canonical decimal form `text` is.
#[must_use]
pub fn parse_u64(text: &[u8]) -> Option<u64> {
    if text == b"0" {
        return Some(0);
    }
    if text.is_empty() || text.len() > 20 || text[0] == b'0' {
        return None;
    }
    text.iter().try_fold(0_u64, |sum, &byte| {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 { None } else { sum.checked_mul(10)?.checked_add(u64::from(digit)) }
    })
}

/// How many bytes the decimal form of `int` takes.
#[must_use]
pub const fn i64_text_len(int: i64) -> usize {
    let digits = match int.unsigned_abs().checked_ilog10() {
        Some(log) => log as usize + 1,
        None => 1,
    };
    digits + (int < 0) as usize
}

/// Room for the decimal form of any `i64`: printing one allocates nothing.
#[derive(Clone, Copy, Debug)]
pub struct IntText([u8; 20]);

impl Default for IntText {
    fn default() -> Self {
        Self::new()
    }
}

impl IntText {
    #[must_use]
    pub const fn new() -> Self {
        Self([0; 20])
    }

    /// Prints `int` and returns its text.
    pub fn format(&mut self, int: i64) -> &[u8] {
        let mut at = self.0.len();
        let mut rest = int.unsigned_abs();
        loop {
            at -= 1;
            self.0[at] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if int < 0 {
            at -= 1;
            self.0[at] = b'-';
        }
        &self.0[at..]
    }
}
