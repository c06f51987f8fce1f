//! Digits of a scanned float, rounded once to a binary format.
//!
//! Nearly all numbers have at most 19 digits and a small power of ten: then powers of five fit 64 bits and one 128-bit
//! product or quotient decides. The rest is done with [`BigNat`], exactly.

use super::bignat::BigNat;
use super::round::{Format, Rounded, round};
use super::scan::Digits;

/// The number that decimal digits stand for. `None` if it is out of any format's range by far.
pub(super) fn decimal(digits: &Digits<'_>, format: Format) -> Option<Rounded> {
    let significant = || digits.values().skip_while(|&digit| digit == 0);
    let count = i32::try_from(significant().count()).ok()?;
    let power = digits.exponent - i32::try_from(digits.fraction.len()).ok()?;
    if count == 0 {
        return Some(round(format, 0, 0, false));
    }
    // The number lies below 10^(count + power) and not below a tenth of it.
    if !(-4960..=4940).contains(&(count + power)) {
        return None;
    }
    let shift = power.unsigned_abs();
    if count > 19 || shift > 27 {
        return Some(decimal_slow(significant(), power, format));
    }
    let mantissa = significant().fold(0, |sum: u64, digit| sum * 10 + u64::from(digit));
    let five = u128::from(5_u64.pow(shift));
    if power >= 0 {
        return Some(round(format, u128::from(mantissa) * five, power, false));
    }
    // 128 bits by at most 63: the quotient has at least 65, one more than the precision, as `round` wants it.
    let up = mantissa.leading_zeros() + 64;
    let numerator = u128::from(mantissa) << up;
    Some(round(format, numerator / five, power - up.cast_signed(), numerator % five != 0))
}

fn decimal_slow(digits: impl Iterator<Item = u8>, power: i32, format: Format) -> Rounded {
    let mut numerator = BigNat::new(0);
    for digit in digits {
        numerator.mul_add(10, u64::from(digit));
    }
    let fives = power.unsigned_abs() as usize;
    if power >= 0 {
        numerator.mul_pow5(fives);
        let (bits, shift, more) = numerator.top_bits();
        return round(format, bits, power + as_exponent(shift), more);
    }
    let mut divisor = BigNat::new(1);
    divisor.mul_pow5(fives);
    // Shift one of the two so that the quotient has 66 or 67 bits.
    let (have, want) = (numerator.bit_len(), divisor.bit_len() + 66);
    let (up, down) = (want.saturating_sub(have), have.saturating_sub(want));
    numerator.shl(up);
    divisor.shl(down);
    let (quotient, more) = numerator.div(divisor);
    round(format, quotient, power + as_exponent(down) - as_exponent(up), more)
}

/// The number that hexadecimal digits stand for.
pub(super) fn hexadecimal(digits: &Digits<'_>, format: Format) -> Rounded {
    let mut bits: u128 = 0;
    let mut exponent = digits.exponent.saturating_sub(as_exponent(digits.fraction.len()).saturating_mul(4));
    let mut more = false;
    for digit in digits.values() {
        if bits >> 120 == 0 {
            bits = bits << 4 | u128::from(digit);
        } else {
            more |= digit != 0;
            exponent = exponent.saturating_add(4);
        }
    }
    round(format, bits, exponent, more)
}

fn as_exponent(bits: usize) -> i32 {
    i32::try_from(bits).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::scan::{Body, scan};
    use super::{decimal, hexadecimal};
    use crate::num::round::Format;

    const DOUBLE: Format = Format { precision: 53, lowest_exponent: -1074 };

    /// The value as a double; `None` if out of range.
    fn double(text: &str) -> Option<f64> {
        let rounded = match scan(text.as_bytes()).unwrap().body {
            Body::Decimal(digits) => decimal(&digits, DOUBLE)?,
            Body::Hex(digits) => hexadecimal(&digits, DOUBLE),
            Body::Infinity => return None,
        };
        // In two steps, since 2^-1074 alone is out of `powi`'s reach.
        let half = rounded.exponent / 2;
        Some(rounded.mantissa as f64 * 2_f64.powi(half) * 2_f64.powi(rounded.exponent - half))
    }

    #[test]
    fn decimal_agrees_with_the_standard_library() {
        arbtest::arbtest(|u| {
            let (mantissa, power): (u128, i32) = (u.arbitrary()?, u.int_in_range(-340..=270)?);
            let digits = u.int_in_range(1..=39)?;
            let text = format!("{}e{power}", &mantissa.to_string()[..digits.min(mantissa.to_string().len())]);
            assert_eq!(double(&text), text.parse().ok(), "{text}");
            Ok(())
        });
    }

    #[test]
    fn hexadecimal_digits_weigh_four_bits_each() {
        for (text, expected) in [
            ("0x1", 1.0),
            ("0xff.8p-4", 15.96875),
            ("0x0.0001p16", 1.0),
            ("0x10000000000000000000000000000000000000000p-160", 1.0),
        ] {
            assert_eq!(double(text), Some(expected), "{text}");
        }
    }
}
