//! The 80-bit float of INCRBYFLOAT, HINCRBYFLOAT and the GEO replies.
//!
//! Redis adds in C's `long double`, which on x86-64 has a 64-bit significand, and prints with 17 digits behind the point,
//! trailing zeros cut. The result shows the arithmetic: 0.1 + 0.2 is `0.3` there (`0.30000000000000004` in doubles, printed so),
//! and 1e22 + 1e-5 is `10000000000000000000000`. So this is that arithmetic, in software: decimal text is rounded once to 64
//! bits, a sum once more, and printing is exact up to the 17th digit, ties to even. Rejected: adding the decimal texts
//! exactly, which differs as soon as an operand or a sum needs more than 64 bits (one in five random pairs of 17 digits).
//!
//! Differs from Redis in nothing known on x86-64; on machines whose `long double` is 64 or 128 bits wide, Redis itself
//! prints other digits.

use std::cmp::Ordering;
use std::fmt;

use super::bignat::BigNat;
use super::digits;
use super::round::{Format, Rounded, round};
use super::scan::{Body, Digits, scan};

/// The longest text Redis reads as a float here, in bytes.
const MAX_TEXT_BYTES: usize = 5119;
const FORMAT: Format = Format { precision: 64, lowest_exponent: -16445 };
/// The weight of the lowest bit of the greatest numbers.
const HIGHEST_EXPONENT: i32 = 16383 - 63;
/// 10^17: digits printed behind the point.
const FRACTION: u128 = 100_000_000_000_000_000;

/// A number of INCRBYFLOAT: 64 significant bits, up to about 1.19e4932. Addition rounds to nearest, ties to even.
///
/// ```
/// use stdx::num::HumanFloat;
/// let sum = HumanFloat::parse(b"10.50").unwrap() + HumanFloat::parse(b"0.1").unwrap();
/// assert_eq!(sum.to_string(), "10.6");
/// assert_eq!(HumanFloat::parse(b"5.0e3").unwrap().to_string(), "5000");
/// assert!(HumanFloat::parse(b"1 ").is_none());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct HumanFloat {
    negative: bool,
    magnitude: Magnitude,
}

#[derive(Clone, Copy, Debug)]
enum Magnitude {
    Finite(Finite),
    Infinite,
    Nan,
}

/// `mantissa * 2^exponent`; the mantissa's top bit is set unless the exponent is the lowest.
#[derive(Clone, Copy, Debug)]
struct Finite {
    mantissa: u64,
    exponent: i32,
}

impl HumanFloat {
    /// The number that `text` is, whole and without spaces: decimal or hexadecimal, or an infinity. `None` for anything else,
    /// for NaN, for more than 5119 bytes, and for numbers too great or too near zero to be told from infinity or zero.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        if text.len() > MAX_TEXT_BYTES {
            return None;
        }
        let scanned = scan(text)?;
        let magnitude = match scanned.body {
            Body::Infinity => Magnitude::Infinite,
            Body::Decimal(digits) => in_range(Finite::checked(digits::decimal(&digits, FORMAT)?), &digits)?,
            Body::Hex(digits) => in_range(Finite::checked(digits::hexadecimal(&digits, FORMAT)), &digits)?,
        };
        Some(Self { negative: scanned.negative, magnitude })
    }

    /// Whether the number is neither infinite nor NaN. The commands refuse to store a result that is not.
    #[must_use]
    pub const fn is_finite(self) -> bool {
        matches!(self.magnitude, Magnitude::Finite(_))
    }

    #[must_use]
    pub const fn is_nan(self) -> bool {
        matches!(self.magnitude, Magnitude::Nan)
    }

    /// The greatest finite number, about 1.19e4932: C's `LDBL_MAX`.
    pub const MAX: Self = Self {
        negative: false,
        magnitude: Magnitude::Finite(Finite { mantissa: u64::MAX, exponent: HIGHEST_EXPONENT }),
    };

    /// Appends the number as Redis prints it: no exponent ever, at most 17 digits behind the point, no trailing zeros, no `-0`.
    pub fn append_to(self, out: &mut Vec<u8>) {
        let start = out.len();
        if self.negative {
            out.push(b'-');
        }
        match self.magnitude {
            Magnitude::Infinite => out.extend_from_slice(b"inf"),
            Magnitude::Nan => out.extend_from_slice(b"nan"),
            Magnitude::Finite(finite) => finite.append_to(out),
        }
        if out.get(start..) == Some(b"-0") {
            out.remove(start);
        }
    }

    fn finite(negative: bool, bits: u128, exponent: i32, more: bool) -> Self {
        Self { negative, magnitude: Finite::checked(round(FORMAT, bits, exponent, more)) }
    }
}

impl From<i64> for HumanFloat {
    fn from(int: i64) -> Self {
        Self::finite(int < 0, u128::from(int.unsigned_abs()), 0, false)
    }
}

impl From<f64> for HumanFloat {
    fn from(double: f64) -> Self {
        let negative = double.is_sign_negative();
        if !double.is_finite() {
            let magnitude = if double.is_nan() { Magnitude::Nan } else { Magnitude::Infinite };
            return Self { negative, magnitude };
        }
        let bits = double.to_bits();
        let fraction = bits & ((1 << 52) - 1);
        match i32::try_from((bits >> 52) & 0x7ff).unwrap_or(0) {
            0 => Self::finite(negative, u128::from(fraction), -1074, false),
            biased => Self::finite(negative, u128::from(fraction | (1 << 52)), biased - 1075, false),
        }
    }
}

impl std::ops::Add for HumanFloat {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let (a, b) = match (self.magnitude, other.magnitude) {
            (Magnitude::Finite(a), Magnitude::Finite(b)) => (a, b),
            (Magnitude::Nan, _) | (Magnitude::Infinite, Magnitude::Finite(_)) => return self,
            (_, Magnitude::Nan) | (Magnitude::Finite(_), Magnitude::Infinite) => return other,
            (Magnitude::Infinite, Magnitude::Infinite) if self.negative == other.negative => return self,
            (Magnitude::Infinite, Magnitude::Infinite) => return Self { negative: true, magnitude: Magnitude::Nan },
        };
        // The greater first, so that its sign is the result's and the difference is not negative.
        let (negative, a, b) = if a.cmp(b).is_ge() { (self.negative, a, b) } else { (other.negative, b, a) };
        let subtract = self.negative != other.negative;
        // 62 spare bits below each mantissa; what the shift still cuts off weighs less than the lowest of them.
        let wide_a = u128::from(a.mantissa) << 62;
        let wide_b = u128::from(b.mantissa) << 62;
        let shift = a.exponent.abs_diff(b.exponent).min(127);
        let shifted_b = wide_b >> shift;
        let more = (shifted_b << shift) != wide_b;
        let exponent = a.exponent - 62;
        if !subtract {
            return Self::finite(negative, wide_a + shifted_b, exponent, more);
        }
        let difference = wide_a - shifted_b - u128::from(more);
        if difference == 0 {
            return Self::finite(false, 0, 0, false);
        }
        Self::finite(negative, difference, exponent, more)
    }
}

impl std::ops::Neg for HumanFloat {
    type Output = Self;

    fn neg(self) -> Self {
        Self { negative: !self.negative, ..self }
    }
}

impl std::ops::Sub for HumanFloat {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl PartialEq for HumanFloat {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for HumanFloat {
    /// By value: zeros are equal whatever their sign, NaN compares with nothing.
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        let by_magnitude = match (self.magnitude, other.magnitude) {
            (Magnitude::Nan, _) | (_, Magnitude::Nan) => return None,
            (Magnitude::Finite(a), Magnitude::Finite(b)) if a.mantissa == 0 && b.mantissa == 0 => {
                return Some(Ordering::Equal);
            }
            (Magnitude::Finite(a), Magnitude::Finite(b)) => a.cmp(b),
            (Magnitude::Infinite, Magnitude::Infinite) => Ordering::Equal,
            (Magnitude::Infinite, Magnitude::Finite(_)) => Ordering::Greater,
            (Magnitude::Finite(_), Magnitude::Infinite) => Ordering::Less,
        };
        Some(match (self.negative, other.negative) {
            (false, false) => by_magnitude,
            (true, true) => by_magnitude.reverse(),
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
        })
    }
}

impl fmt::Display for HumanFloat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::new();
        self.append_to(&mut text);
        f.write_str(str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl Finite {
    /// A rounded number, infinite if past the greatest.
    fn checked(rounded: Rounded) -> Magnitude {
        if rounded.exponent > HIGHEST_EXPONENT {
            return Magnitude::Infinite;
        }
        Magnitude::Finite(Self { mantissa: rounded.mantissa, exponent: rounded.exponent })
    }

    /// By value. Mantissas are normalized, so a greater exponent is a greater number.
    fn cmp(self, other: Self) -> Ordering {
        (self.exponent, self.mantissa).cmp(&(other.exponent, other.mantissa))
    }

    fn append_to(self, out: &mut Vec<u8>) {
        if self.exponent > 64 {
            let mut big = BigNat::new(self.mantissa);
            big.shl(self.exponent.unsigned_abs() as usize);
            return big.append_decimal(out);
        }
        if self.exponent >= 0 {
            let whole = u128::from(self.mantissa) << self.exponent;
            return out.extend_from_slice(whole.to_string().as_bytes());
        }
        // In units of 10^-17: 64 + 57 bits, so nothing is lost before the one rounding.
        let scaled = u128::from(self.mantissa) * FRACTION;
        let units = match self.exponent.unsigned_abs() {
            shift @ ..=121 => {
                let half = 1_u128 << (shift - 1);
                let rest = scaled & (half | (half - 1));
                let units = scaled >> shift;
                units + u128::from(rest > half || (rest == half && units & 1 == 1))
            }
            _ => 0,
        };
        out.extend_from_slice((units / FRACTION).to_string().as_bytes());
        let fraction = units % FRACTION;
        if fraction != 0 {
            out.extend_from_slice(format!(".{fraction:017}").trim_end_matches('0').as_bytes());
        }
    }
}

/// Refuses what C's `strtold` reports as out of range and Redis refuses with it: infinity and zero from other digits.
fn in_range(magnitude: Magnitude, digits: &Digits<'_>) -> Option<Magnitude> {
    match magnitude {
        Magnitude::Finite(finite) if finite.mantissa != 0 || digits.is_zero() => Some(magnitude),
        Magnitude::Finite(_) | Magnitude::Infinite | Magnitude::Nan => None,
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::HumanFloat;

    fn parse(text: &str) -> HumanFloat {
        HumanFloat::parse(text.as_bytes()).unwrap()
    }

    /// Operands and sums, one line each, as INCRBYFLOAT of Redis 7.0.15 on x86-64 gave them.
    const SUMS: &str = include_str!("../../../../testdata/golden/incrbyfloat.txt");

    #[test]
    fn sums_are_those_of_the_real_server() {
        let mut count = 0;
        for line in SUMS.lines().filter(|line| !line.starts_with('#')) {
            let [a, b, sum] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
            assert_eq!((parse(a) + parse(b)).to_string(), sum, "{a} + {b}");
            count += 1;
        }
        assert!(count > 500);
    }

    #[test]
    fn the_greatest_is_that_of_c_and_differences_are_sums() {
        let max = HumanFloat::MAX;
        assert_eq!(max, parse("0xf.fffffffffffffffp+16380"));
        assert_eq!(max.to_string().len(), 4933);
        assert!(!(max + max).is_finite() && !(max + max).is_nan());
        assert!(max - max == parse("0") && -max < max);
        assert!((parse("inf") - parse("inf")).is_nan());
        assert_eq!((parse("1.5") - parse("2")).to_string(), "-0.5");
    }

    #[test]
    fn decimal_paths_agree_with_each_other() {
        // A zero behind the point changes nothing but the path: 20 digits and more take the slow one.
        arbtest::arbtest(|u| {
            let (mantissa, power): (u64, i32) = (u.int_in_range(0..=u64::MAX / 10)?, u.int_in_range(-27..=27)?);
            let short = parse(&format!("{mantissa}e{power}"));
            let long = parse(&format!("{mantissa}.{:0<25}e{power}", ""));
            assert_eq!(short, long);
            Ok(())
        });
    }

    #[test]
    fn doubles_are_held_exactly() {
        arbtest::arbtest(|u| {
            let double = f64::from_bits(u.arbitrary()?);
            if double.is_finite() {
                // 17 digits decide a double, and 64 bits hold more.
                let printed = format!("{double:.800e}");
                assert_eq!(HumanFloat::from(double), parse(&printed), "{double:e}");
            }
            Ok(())
        });
        assert_eq!(HumanFloat::from(0.1).to_string(), "0.10000000000000001");
        assert_eq!(HumanFloat::from(i64::MIN).to_string(), "-9223372036854775808");
    }

    #[test]
    fn addition_of_integers_is_exact_up_to_64_bits() {
        arbtest::arbtest(|u| {
            let (a, b): (i64, i64) = (u.arbitrary()?, u.arbitrary()?);
            let sum = i128::from(a) + i128::from(b);
            if sum.unsigned_abs() <= u128::from(u64::MAX) {
                assert_eq!((HumanFloat::from(a) + HumanFloat::from(b)).to_string(), sum.to_string());
            }
            assert_eq!(HumanFloat::from(a).partial_cmp(&HumanFloat::from(b)), Some(a.cmp(&b)));
            Ok(())
        });
    }

    #[test]
    fn range_ends_where_the_80_bit_float_ends() {
        for text in [
            "1e4932",
            "-1.18973149535723176502e4932",
            "1e-4950",
            "3.6451995318824746026e-4951",
            "0e99999",
            "0x1p-16445",
        ] {
            assert!(parse(text).is_finite(), "{text}");
        }
        for text in
            ["1e4933", "1.18973149535723176507e4932", "1e-4951", "1e5000", "-1e-99999999999", "0x1p16384", "0x1p-16446"]
        {
            assert!(HumanFloat::parse(text.as_bytes()).is_none(), "{text}");
        }
        assert_eq!(parse("1e-4950").to_string(), "0");
        assert_eq!(parse("-1e-4950").to_string(), "0");
        assert!(!(parse("1e4932") + parse("1e4932")).is_finite());
    }

    #[test]
    fn texts_past_5119_bytes_are_no_numbers() {
        let text = |len: usize| format!("{}1", "0".repeat(len - 1));
        assert_eq!(parse(&text(5119)).to_string(), "1");
        assert!(HumanFloat::parse(text(5120).as_bytes()).is_none());
    }

    #[test]
    fn infinities_add_and_compare_as_in_c() {
        let (up, down, one) = (parse("inf"), parse("-Infinity"), parse("1"));
        assert_eq!((up + one).to_string(), "inf");
        assert_eq!((one + down).to_string(), "-inf");
        assert_eq!((up + down).partial_cmp(&one), None);
        assert!(down < one && one < up);
        assert_eq!(parse("0").partial_cmp(&parse("-0")), Some(Ordering::Equal));
    }

    #[test]
    fn printing_rounds_the_17th_digit_to_even_and_drops_zeros() {
        for (text, printed) in [
            ("0x1p-18", "0.00000381469726562"),
            ("0x3p-18", "0.00001144409179688"),
            ("0.000000000000000006", "0.00000000000000001"),
            ("0.000000000000000004", "0"),
            ("-0.5", "-0.5"),
            ("12345678901234567890", "12345678901234567890"),
            ("1e19", "10000000000000000000"),
            ("0x1p64", "18446744073709551616"),
            ("0x1p128", "340282366920938463463374607431768211456"),
        ] {
            assert_eq!(parse(text).to_string(), printed, "{text}");
        }
    }
}
