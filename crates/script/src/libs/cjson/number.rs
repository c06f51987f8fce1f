//! Numbers: C's `%.14g` out, C's `strtod` in.

use std::io::Write as _;

/// Appends `number`, which is finite, as `%.{precision}g` prints it. The precision is 1 to 14.
pub(crate) fn append(out: &mut Vec<u8>, number: f64, precision: usize) {
    // Whole numbers that all their digits fit, which is nearly all there are.
    const WHOLE_LIMIT: f64 = 1e14;
    if precision == 14
        && number.fract() == 0.0
        && number.abs() < WHOLE_LIMIT
        && (number != 0.0 || number.is_sign_positive())
    {
        #[expect(clippy::cast_possible_truncation, reason = "a whole number below 1e14")]
        let whole = number as i64;
        out.extend_from_slice(itoa::Buffer::new().format(whole).as_bytes());
        return;
    }
    // `-d.ddde-308`: the digits of `precision`, correctly rounded, and the exponent that decides between the two forms.
    let mut room = [0; 32];
    let mut rest = &mut room[..];
    let decimals = precision.saturating_sub(1);
    let written = write!(rest, "{number:.decimals$e}");
    let left = rest.len();
    if stdx::never!(written.is_err(), "the scientific form of a double is longer than 32 bytes") {
        return;
    }
    let text = &room[..room.len() - left];
    let (mantissa, exponent) = text.split_at(memchr::memchr(b'e', text).unwrap_or(text.len()));
    let exponent = str::from_utf8(exponent).ok().and_then(|text| text.get(1..)?.parse::<i32>().ok()).unwrap_or(0);
    let mantissa = mantissa.strip_prefix(b"-").map_or(mantissa, |unsigned| {
        out.push(b'-');
        unsigned
    });
    let digits = Digits { bytes: mantissa };
    match usize::try_from(exponent) {
        Ok(exponent) if exponent < precision => digits.fixed(out, exponent),
        Err(_) if exponent >= -4 => {
            out.extend_from_slice(b"0.");
            out.extend((exponent..-1).map(|_| b'0'));
            out.extend(digits.significant());
        }
        Ok(_) | Err(_) => digits.scientific(out, exponent),
    }
}

/// A mantissa, `d.ddd` or `d`.
struct Digits<'a> {
    bytes: &'a [u8],
}

impl Digits<'_> {
    /// The digits without the point and without the zeros at their end.
    fn significant(&self) -> impl Iterator<Item = u8> {
        let end = self.bytes.iter().rposition(|byte| matches!(byte, b'1'..=b'9')).map_or(1, |last| last + 1);
        self.bytes[..end].iter().copied().filter(|byte| *byte != b'.')
    }

    /// With the point behind `exponent + 1` digits.
    fn fixed(&self, out: &mut Vec<u8>, exponent: usize) {
        let mut digits = self.significant();
        out.extend((0..=exponent).map(|_| digits.next().unwrap_or(b'0')));
        let mut digits = digits.peekable();
        if digits.peek().is_some() {
            out.push(b'.');
            out.extend(digits);
        }
    }

    fn scientific(&self, out: &mut Vec<u8>, exponent: i32) {
        self.fixed(out, 0);
        out.extend_from_slice(if exponent < 0 { b"e-" } else { b"e+" });
        let exponent = exponent.unsigned_abs();
        if exponent < 10 {
            out.push(b'0');
        }
        out.extend_from_slice(itoa::Buffer::new().format(exponent).as_bytes());
    }
}

/// The number that `text` begins with and its length; `None` if it begins with none. No leading spaces.
pub(super) fn parse_prefix(text: &[u8]) -> Option<(f64, usize)> {
    if let Some(found) = parse_short_integer(text) {
        return Some(found);
    }
    let (sign, unsigned) = match text {
        [b'-', rest @ ..] => (-1.0, rest),
        [b'+', rest @ ..] => (1.0, rest),
        rest => (1.0, rest),
    };
    let (magnitude, len) = parse_unsigned(unsigned)?;
    Some((magnitude.copysign(sign), text.len() - unsigned.len() + len))
}

/// Up to fifteen plain digits.
fn parse_short_integer(text: &[u8]) -> Option<(f64, usize)> {
    let mut sum = 0_u64;
    for (index, &byte) in text.iter().enumerate().take(16) {
        match byte {
            b'0'..=b'9' => sum = sum * 10 + u64::from(byte - b'0'),
            // Something else that a number may hold.
            b'.' | b'e' | b'E' | b'x' | b'X' => return None,
            #[expect(clippy::cast_precision_loss, reason = "below 10^15")]
            _ if index > 0 && index < 16 => return Some((sum as f64, index)),
            _ => return None,
        }
    }
    None
}

fn parse_unsigned(text: &[u8]) -> Option<(f64, usize)> {
    for name in [&b"infinity"[..], b"inf"] {
        if starts_with_ignoring_case(text, name) {
            return Some((f64::INFINITY, name.len()));
        }
    }
    if starts_with_ignoring_case(text, b"nan") {
        return Some((f64::NAN, 3 + nan_payload(&text[3..])));
    }
    if let [b'0', b'x' | b'X', hex @ ..] = text
        && let Some(len) = float_len(hex, u8::is_ascii_hexdigit, b'p')
    {
        return Some((parse_hex(&text[..2 + len]), 2 + len));
    }
    let len = float_len(text, u8::is_ascii_digit, b'e')?;
    let number = str::from_utf8(&text[..len]).ok()?.parse().ok()?;
    Some((number, len))
}

/// The payload that may follow `nan`: letters, digits and underscores in parentheses.
fn nan_payload(text: &[u8]) -> usize {
    let Some(payload) = text.strip_prefix(b"(") else { return 0 };
    let len = run(payload, |byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    if payload.get(len) == Some(&b')') { len + 2 } else { 0 }
}

/// How much of `text` is digits, perhaps with a point among them and an exponent behind; `None` without a digit.
fn float_len(text: &[u8], is_digit: fn(&u8) -> bool, mark: u8) -> Option<usize> {
    let whole = run(text, is_digit);
    let mut len = whole;
    let mut fraction = 0;
    if text.get(len) == Some(&b'.') {
        fraction = run(&text[len + 1..], is_digit);
        len += 1 + fraction;
    }
    if whole + fraction == 0 {
        return None;
    }
    let Some((letter, behind)) = text[len..].split_first() else { return Some(len) };
    if letter.to_ascii_lowercase() == mark {
        let sign = usize::from(matches!(behind.first(), Some(b'+' | b'-')));
        let digits = run(&behind[sign..], u8::is_ascii_digit);
        if digits > 0 {
            len += 1 + sign + digits;
        }
    }
    Some(len)
}

/// A hexadecimal float, whole, without sign.
fn parse_hex(text: &[u8]) -> f64 {
    stdx::num::parse_f64(text).unwrap_or_else(|| {
        // Too great or too near zero: which of them, the place of the first digit says.
        let (mantissa, exponent) = match text.iter().position(|byte| byte.eq_ignore_ascii_case(&b'p')) {
            Some(mark) => (&text[2..mark], &text[mark + 1..]),
            None => (&text[2..], &b""[..]),
        };
        let point = mantissa.iter().position(|byte| *byte == b'.').unwrap_or(mantissa.len());
        let first = mantissa.iter().position(|byte| !matches!(byte, b'0' | b'.')).unwrap_or(0);
        let digits = exponent.iter().filter(|byte| byte.is_ascii_digit());
        let power = digits.fold(0_i64, |sum, digit| sum.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
        let power = if exponent.first() == Some(&b'-') { -power } else { power };
        let place =
            i64::try_from(point).unwrap_or(0).saturating_sub(i64::try_from(first).unwrap_or(0)).saturating_mul(4);
        if power.saturating_add(place) > 0 { f64::INFINITY } else { 0.0 }
    })
}

fn starts_with_ignoring_case(text: &[u8], name: &[u8]) -> bool {
    text.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name))
}

fn run(text: &[u8], is_in: impl Fn(&u8) -> bool) -> usize {
    text.iter().position(|byte| !is_in(byte)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::{append, parse_prefix};

    fn printed(number: f64, precision: usize) -> String {
        let mut out = Vec::new();
        append(&mut out, number, precision);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_are_printed_as_c_prints_them() {
        for (number, precision, text) in [
            (0.0, 14, "0"),
            (-0.0, 14, "-0"),
            (99_999_999_999_999.0, 14, "99999999999999"),
            (1e14, 14, "1e+14"),
            (123_456_789_012_345.0, 14, "1.2345678901234e+14"),
            (0.1, 14, "0.1"),
            (-0.0001, 14, "-0.0001"),
            (0.000_01, 14, "1e-05"),
            (9_999_999_999_999.95, 14, "9999999999999.9"),
            (0.999_999_999_999_999, 14, "1"),
            (5e-324, 14, "4.9406564584125e-324"),
            (f64::MAX, 14, "1.7976931348623e+308"),
            (9.9, 1, "1e+01"),
            (0.15, 1, "0.1"),
            (555.0, 2, "5.6e+02"),
            (100.0, 3, "100"),
            (999.5, 3, "1e+03"),
            (1_234.5, 5, "1234.5"),
        ] {
            assert_eq!(printed(number, precision), text, "{number} with {precision} digits");
        }
    }

    #[test]
    fn fourteen_digits_read_back_within_their_precision() {
        arbtest::arbtest(|u| {
            let number = f64::from_bits(u.arbitrary()?);
            if number.is_finite() {
                let text = printed(number, 14);
                let (back, len) = parse_prefix(text.as_bytes()).unwrap();
                assert_eq!(len, text.len(), "{text}");
                assert_eq!(printed(back, 14), text);
            }
            Ok(())
        });
    }

    #[test]
    fn the_longest_number_at_the_front_is_read() {
        for (text, number, len) in [
            ("12]", 12.0, 2),
            ("-12.50e+3,", -12_500.0, 9),
            ("1e", 1.0, 1),
            ("1e+", 1.0, 1),
            ("1.5.5", 1.5, 3),
            ("0x", 0.0, 1),
            ("0x.", 0.0, 1),
            ("0x1.8p1x", 3.0, 7),
            ("0x1p", 1.0, 3),
            ("0x1p99999999999", f64::INFINITY, 15),
            ("0x.000001p-99999", 0.0, 16),
            ("-infinityx", f64::NEG_INFINITY, 9),
            ("infinit", f64::INFINITY, 3),
            ("123456789012345678", 123_456_789_012_345_680.0, 18),
            ("1e999", f64::INFINITY, 5),
        ] {
            assert_eq!(parse_prefix(text.as_bytes()), Some((number, len)), "{text}");
        }
        for text in ["", "-", "+", ".", "-.", "x", "--1", "- 1", "e5"] {
            assert_eq!(parse_prefix(text.as_bytes()), None, "{text}");
        }
        assert!(parse_prefix(b"-nan(x_1)").is_some_and(|(number, len)| number.is_nan() && len == 9));
        assert!(parse_prefix(b"nan(x-1)").is_some_and(|(number, len)| number.is_nan() && len == 3));
    }
}
