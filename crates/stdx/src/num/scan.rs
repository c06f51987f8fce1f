//! The float grammar of C's `strtod`, without its leading spaces: the frame that both float parsers fill.
//!
//! `[+-]` then `inf`, `infinity`, decimal digits with an optional point and exponent, or `0x` and hexadecimal digits with an
//! optional point and binary exponent; letters in either case; nothing before or behind. `nan` is not in the grammar here,
//! since no command takes it.

/// A float's text, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FloatText<'a> {
    pub(super) negative: bool,
    pub(super) body: Body<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body<'a> {
    Infinity,
    /// `whole.fraction * 10^exponent`.
    Decimal(Digits<'a>),
    /// `whole.fraction * 2^exponent`, digits in base 16.
    Hex(Digits<'a>),
}

/// At least one digit in the two parts together. The exponent saturates far beyond what any float can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Digits<'a> {
    pub(super) whole: &'a [u8],
    pub(super) fraction: &'a [u8],
    pub(super) exponent: i32,
}

impl Digits<'_> {
    /// Whether every digit is zero.
    pub(super) fn is_zero(&self) -> bool {
        self.values().all(|digit| digit == 0)
    }

    /// The digits' values, whole part first.
    pub(super) fn values(&self) -> impl Iterator<Item = u8> {
        self.whole.iter().chain(self.fraction).map(|&digit| match digit {
            b'0'..=b'9' => digit - b'0',
            letter => (letter | 0x20) - b'a' + 10,
        })
    }
}

const EXPONENT_LIMIT: i32 = 100_000_000;

/// Takes `text` apart, or `None` if it is not a float.
pub(super) fn scan(text: &[u8]) -> Option<FloatText<'_>> {
    let (negative, unsigned) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let body = if unsigned.eq_ignore_ascii_case(b"inf") || unsigned.eq_ignore_ascii_case(b"infinity") {
        Body::Infinity
    } else if let [b'0', b'x' | b'X', hex @ ..] = unsigned {
        Body::Hex(digits(hex, u8::is_ascii_hexdigit, b'p')?)
    } else {
        Body::Decimal(digits(unsigned, u8::is_ascii_digit, b'e')?)
    };
    Some(FloatText { negative, body })
}

fn digits(text: &[u8], is_digit: fn(&u8) -> bool, mark: u8) -> Option<Digits<'_>> {
    let (whole, rest) = split_run(text, is_digit);
    let (fraction, rest) = match rest {
        [b'.', rest @ ..] => split_run(rest, is_digit),
        rest => (&[][..], rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let exponent = match rest {
        [] => 0,
        [letter, rest @ ..] if letter.to_ascii_lowercase() == mark => exponent(rest)?,
        _ => return None,
    };
    Some(Digits { whole, fraction, exponent })
}

fn exponent(text: &[u8]) -> Option<i32> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let magnitude =
        digits.iter().fold(0, |sum: i32, digit| (sum.saturating_mul(10) + i32::from(digit - b'0')).min(EXPONENT_LIMIT));
    Some(if negative { -magnitude } else { magnitude })
}

fn split_run(text: &[u8], is_digit: fn(&u8) -> bool) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !is_digit(byte)).unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::{Body, Digits, EXPONENT_LIMIT, FloatText, scan};

    #[test]
    fn text_is_taken_apart_without_being_judged() {
        let decimal = |negative, whole, fraction, exponent| {
            Some(FloatText { negative, body: Body::Decimal(Digits { whole, fraction, exponent }) })
        };
        assert_eq!(scan(b"-12.50e+3"), decimal(true, b"12", b"50", 3));
        assert_eq!(scan(b".5"), decimal(false, b"", b"5", 0));
        assert_eq!(scan(b"+5."), decimal(false, b"5", b"", 0));
        assert_eq!(scan(b"1e-99999999999999999999"), decimal(false, b"1", b"", -EXPONENT_LIMIT));
        assert_eq!(
            scan(b"0XaB.8P-3"),
            Some(FloatText { negative: false, body: Body::Hex(Digits { whole: b"aB", fraction: b"8", exponent: -3 }) })
        );
        assert_eq!(scan(b"-InFiNiTy"), Some(FloatText { negative: true, body: Body::Infinity }));
    }

    #[test]
    fn anything_around_or_missing_is_refused() {
        for text in [
            "", "+", "-", ".", "e5", ".e5", "1e", "1e+", "1ee5", " 1", "1 ", "1.2.3", "0x", "0x.", "0x1p", "nan",
            "infi", "--1", "1_0",
        ] {
            assert_eq!(scan(text.as_bytes()), None, "{text}");
        }
    }
}
