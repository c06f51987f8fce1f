//! Doubles: sorted set scores and RESP3 numbers.
//!
//! Servers print them in two ways, and both are needed, since a score inside a dumped listpack is text. From Redis 7.2 on:
//! whole numbers up to 2^62 in full, anything else by the Grisu2 algorithm, whose digits are nearly always the shortest that
//! read back the same ([`DoubleText::format`]). Up to 7.0: C's `%.17g` ([`DoubleText::format_17g`]), so 0.1 is
//! `0.10000000000000001`.
//!
//! | number | `format` | `format_17g` |
//! | --- | --- | --- |
//! | 1e17 | `100000000000000000` | `1e+17` |
//! | 1e19 | `1e+19` | `1e+19` |
//! | 1e23 | `99999999999999990000000` | `9.9999999999999992e+22` |
//! | 0.00001 | `0.00001` | `1.0000000000000001e-05` |
//! | 0.0000015 | `1.5e-6` | `1.5e-06` |

use std::io::Write as _;

use super::round::Format;
use super::scan::{Body, scan};
use super::{digits, grisu};

const FORMAT: Format = Format { precision: 53, lowest_exponent: -1074 };
/// Whole numbers up to here, 2^62, are printed as integers.
const WHOLE_LIMIT: f64 = 4_611_686_018_427_387_904.0;

/// The double that `text` is, whole and without spaces: decimal or hexadecimal, or an infinity. `None` for anything else, for
/// NaN, and for numbers too great or too near zero to be told from infinity or zero.
///
/// ```
/// use stdx::num::parse_f64;
/// assert_eq!(parse_f64(b"3.0e3"), Some(3000.0));
/// assert_eq!(parse_f64(b"-INF"), Some(f64::NEG_INFINITY));
/// assert_eq!(parse_f64(b"0x1p-1"), Some(0.5));
/// assert_eq!(parse_f64(b"nan"), None);
/// assert_eq!(parse_f64(b"1e309"), None);
/// ```
#[must_use]
pub fn parse_f64(text: &[u8]) -> Option<f64> {
    let scanned = scan(text)?;
    let (magnitude, digits) = match scanned.body {
        Body::Infinity => return Some(if scanned.negative { f64::NEG_INFINITY } else { f64::INFINITY }),
        Body::Decimal(digits) => {
            let unsigned = text.strip_prefix(b"-").unwrap_or(text);
            (str::from_utf8(unsigned).ok()?.parse::<f64>().ok()?, digits)
        }
        Body::Hex(digits) => {
            let rounded = digits::hexadecimal(&digits, FORMAT);
            (compose(rounded.mantissa, rounded.exponent)?, digits)
        }
    };
    if magnitude.is_infinite() || (magnitude == 0.0 && !digits.is_zero()) {
        return None;
    }
    Some(if scanned.negative { -magnitude } else { magnitude })
}

/// The double `mantissa * 2^exponent`, both as `round` leaves them; `None` past the greatest.
fn compose(mantissa: u64, exponent: i32) -> Option<f64> {
    let hidden = 1 << 52;
    if mantissa & hidden == 0 {
        return Some(f64::from_bits(mantissa));
    }
    let biased = u64::try_from(exponent.checked_add(1075)?).ok()?;
    if biased >= 0x7ff {
        return None;
    }
    Some(f64::from_bits((mantissa ^ hidden) | biased << 52))
}

/// Room for the text of any double: printing one allocates nothing.
#[derive(Clone, Copy, Debug)]
pub struct DoubleText {
    bytes: [u8; 32],
}

impl Default for DoubleText {
    fn default() -> Self {
        Self::new()
    }
}

impl DoubleText {
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: [0; 32] }
    }

    /// Prints `double` as Redis from 7.2 on and Valkey do.
    ///
    /// ```
    /// let mut text = stdx::num::DoubleText::new();
    /// assert_eq!(text.format(0.1), b"0.1");
    /// assert_eq!(text.format(-3.0), b"-3");
    /// assert_eq!(text.format(1.5e300), b"1.5e+300");
    /// assert_eq!(text.format(f64::NEG_INFINITY), b"-inf");
    /// ```
    pub fn format(&mut self, double: f64) -> &[u8] {
        if let Some(special) = special(double) {
            return special;
        }
        if double.fract() == 0.0 && double.abs() <= WHOLE_LIMIT {
            // The integer formatter gives the same digits in a quarter of the time.
            #[expect(clippy::cast_possible_truncation, reason = "a whole number of at most 2^62")]
            let whole = double as i64;
            return self.print(format_args!("{whole}"));
        }
        let shortest = grisu::digits(double.abs());
        let sign = if double < 0.0 { "-" } else { "" };
        let digits = shortest.text();
        let count = digits.len();
        let power = shortest.exponent;
        // Where the point stands, counted from the first digit, and the exponent a scientific form would show.
        let point = power + i32::try_from(count).unwrap_or(0);
        let scientific = point - 1;
        if power >= 0 && scientific.unsigned_abs() as usize <= count + 6 {
            let zeros = power.unsigned_abs() as usize;
            return self.print(format_args!("{sign}{digits}{:0<zeros$}", ""));
        }
        if power < 0 && (power > -7 || scientific.unsigned_abs() < 4) {
            let Ok(whole @ 1..) = usize::try_from(point) else {
                let zeros = point.unsigned_abs() as usize;
                return self.print(format_args!("{sign}0.{:0<zeros$}{digits}", ""));
            };
            let (whole, fraction) = digits.split_at(whole.min(count));
            return self.print(format_args!("{sign}{whole}.{fraction}"));
        }
        let (first, others) = digits.split_at(1);
        let dot = if others.is_empty() { "" } else { "." };
        self.print(format_args!("{sign}{first}{dot}{others}e{scientific:+}"))
    }

    /// Prints `double` as Redis up to 7.0 does: C's `%.17g`.
    ///
    /// ```
    /// let mut text = stdx::num::DoubleText::new();
    /// assert_eq!(text.format_17g(0.1), b"0.10000000000000001");
    /// assert_eq!(text.format_17g(1e-5), b"1.0000000000000001e-05");
    /// assert_eq!(text.format_17g(250.0), b"250");
    /// ```
    pub fn format_17g(&mut self, double: f64) -> &[u8] {
        if let Some(special) = special(double) {
            return special;
        }
        // Seventeen digits, correctly rounded: `d.dddde-x`. The text has its exponent, so both defaults are out of reach.
        let mut scratch = Self::new();
        let text = str::from_utf8(scratch.print(format_args!("{double:.16e}"))).unwrap_or("0e0");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        if !(-4..17).contains(&exponent) {
            let mantissa = trim_fraction(mantissa);
            let sign = if exponent < 0 { '-' } else { '+' };
            return self.print(format_args!("{mantissa}e{sign}{:02}", exponent.unsigned_abs()));
        }
        let decimals = usize::try_from(16 - exponent).unwrap_or(0);
        let len = {
            let text = self.print(format_args!("{double:.decimals$}"));
            trim_fraction(str::from_utf8(text).unwrap_or("0")).len()
        };
        &self.bytes[..len]
    }

    fn print(&mut self, text: std::fmt::Arguments<'_>) -> &[u8] {
        let room = self.bytes.len();
        let mut rest = &mut self.bytes[..];
        let written = rest.write_fmt(text);
        let left = rest.len();
        if crate::never!(written.is_err(), "a double's text is longer than {room} bytes") {
            return b"nan";
        }
        &self.bytes[..room - left]
    }
}

/// Numbers that both ways print alike and that have no digits.
fn special(double: f64) -> Option<&'static [u8]> {
    if double.is_nan() {
        return Some(b"nan");
    }
    if double.is_infinite() {
        return Some(if double < 0.0 { b"-inf" } else { b"inf" });
    }
    if double == 0.0 {
        return Some(if double.is_sign_negative() { b"-0" } else { b"0" });
    }
    None
}

fn trim_fraction(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

#[cfg(test)]
mod tests {
    use super::{DoubleText, parse_f64};

    /// Number, what Redis 8.0 and Valkey 9.1 print, what Redis 7.0 prints.
    const PRINTED: [(f64, &str, &str); 38] = [
        (0.0, "0", "0"),
        (-0.0, "-0", "-0"),
        (1.0, "1", "1"),
        (-3.0, "-3", "-3"),
        (0.1, "0.1", "0.10000000000000001"),
        (0.3, "0.3", "0.29999999999999999"),
        (123_456_789.125, "123456789.125", "123456789.125"),
        (1e-4, "0.0001", "0.0001"),
        (1e-5, "0.00001", "1.0000000000000001e-05"),
        (1e-6, "0.000001", "9.9999999999999995e-07"),
        (1e-7, "1e-7", "9.9999999999999995e-08"),
        (1.5e-6, "1.5e-6", "1.5e-06"),
        (1.5e-5, "0.000015", "1.5e-05"),
        (1.23e-6, "1.23e-6", "1.2300000000000001e-06"),
        (0.001_234_567_890_123_456_7, "0.0012345678901234567", "0.0012345678901234567"),
        (1.234_567_890_123_456_7e-4, "1.2345678901234567e-4", "0.00012345678901234567"),
        (1.234_567_890_123_456_7, "1.2345678901234567", "1.2345678901234567"),
        (123_456.789_012_345_67, "1.2345678901234567e+5", "123456.78901234567"),
        (12_345_678_901.234_568, "12345678901.234568", "12345678901.234568"),
        (-1_039_514_241_563_211.8, "-1039514241563211.7", "-1039514241563211.8"),
        (9_007_199_254_740_992.0, "9007199254740992", "9007199254740992"),
        (1e17, "100000000000000000", "1e+17"),
        (123_456_789_012_345_680.0, "123456789012345680", "1.2345678901234568e+17"),
        (4_611_686_018_427_387_904.0, "4611686018427387904", "4.6116860184273879e+18"),
        (4_611_686_018_427_388_928.0, "4611686018427389000", "4.6116860184273889e+18"),
        (-4_611_686_018_427_387_904.0, "-4611686018427387904", "-4.6116860184273879e+18"),
        (5e18, "5e+18", "5e+18"),
        (9_223_372_036_854_775_808.0, "9223372036854776000", "9.2233720368547758e+18"),
        (1e22, "1e+22", "1e+22"),
        (1e23, "99999999999999990000000", "9.9999999999999992e+22"),
        (1.23e22, "12300000000000001000000", "1.2300000000000001e+22"),
        (-3.131_670_971_615_857_7e78, "-3.1316709716158578e+78", "-3.1316709716158577e+78"),
        (1.797_693_134_862_315_7e308, "1.7976931348623157e+308", "1.7976931348623157e+308"),
        (2.225_073_858_507_201_4e-308, "2.2250738585072014e-308", "2.2250738585072014e-308"),
        (5e-324, "5e-324", "4.9406564584124654e-324"),
        (f64::INFINITY, "inf", "inf"),
        (f64::NEG_INFINITY, "-inf", "-inf"),
        (f64::NAN, "nan", "nan"),
    ];

    #[test]
    fn doubles_are_printed_as_the_servers_print_them() {
        for (double, new, old) in PRINTED {
            assert_eq!(str::from_utf8(DoubleText::new().format(double)), Ok(new));
            assert_eq!(str::from_utf8(DoubleText::new().format_17g(double)), Ok(old));
        }
    }

    #[test]
    fn both_texts_read_back_as_the_same_double() {
        arbtest::arbtest(|u| {
            let double = f64::from_bits(u.arbitrary()?);
            if !double.is_nan() {
                assert_eq!(parse_f64(DoubleText::new().format(double)), Some(double));
                assert_eq!(parse_f64(DoubleText::new().format_17g(double)), Some(double));
            }
            Ok(())
        });
    }

    #[test]
    fn text_is_judged_as_zadd_judges_it() {
        for (text, expected) in [
            ("5.", 5.0),
            (".5", 0.5),
            ("+5", 5.0),
            ("00012", 12.0),
            ("1E5", 1e5),
            ("1e00000000000000000005", 1e5),
            ("0e99999", 0.0),
            ("1e-323", 1e-323),
            ("2.5e-324", 5e-324),
            ("0x10", 16.0),
            ("-0x1.8", -1.5),
            ("0X1P3", 8.0),
            ("0x.8", 0.5),
            ("0x1p-1074", 5e-324),
            ("0x1.00000000000008000000000000000000000001", 1.000_000_000_000_000_2),
            ("0x1.fffffffffffff7p1023", f64::MAX),
            ("Infinity", f64::INFINITY),
            ("-inf", f64::NEG_INFINITY),
        ] {
            assert_eq!(parse_f64(text.as_bytes()), Some(expected), "{text}");
        }
        for text in [
            "",
            " 1",
            "1 ",
            "1\0",
            "nan",
            "-nan",
            "nan(1)",
            "1e309",
            "1e-400",
            "2e-324",
            "0x1p1024",
            "0x1p-1076",
            "0x1.fffffffffffff8p1023",
        ] {
            assert_eq!(parse_f64(text.as_bytes()), None, "{text}");
        }
    }
}
