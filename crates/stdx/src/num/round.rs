//! Rounding a wide number to a binary float's precision: to nearest, ties to even, gradual underflow.

/// The shape of a binary format.
#[derive(Clone, Copy)]
pub(super) struct Format {
    /// Bits of the significand, the leading one included. At most 64.
    pub(super) precision: u32,
    /// The weight of the lowest bit of a subnormal number, as a power of two.
    pub(super) lowest_exponent: i32,
}

/// `mantissa * 2^exponent`, the mantissa having exactly `precision` bits unless the exponent is the lowest there is. The
/// exponent has no upper bound: overflow is the caller's to see.
pub(super) struct Rounded {
    pub(super) mantissa: u64,
    pub(super) exponent: i32,
}

/// Rounds `bits * 2^exponent`. `more` says that a non-zero rest below the lowest bit was cut off earlier; `bits` must then have
/// more bits than the format's precision, so that the rest cannot decide more than a tie.
pub(super) fn round(format: Format, bits: u128, exponent: i32, more: bool) -> Rounded {
    let lowest = format.lowest_exponent;
    if bits == 0 {
        return Rounded { mantissa: 0, exponent: lowest };
    }
    let excess = (128 - bits.leading_zeros()).cast_signed() - format.precision.cast_signed();
    // How many low bits go: negative when the number is shorter than the format and moves up instead.
    let drop = excess.max(lowest.saturating_sub(exponent));
    let exponent = exponent.saturating_add(drop);
    let kept = match drop {
        ..=0 => bits << drop.unsigned_abs(),
        1..=128 => {
            let half = 1_u128 << (drop - 1);
            let kept = if drop == 128 { 0 } else { bits >> drop };
            let rest = bits & (half | (half - 1));
            let up = rest > half || (rest == half && (more || kept & 1 == 1));
            kept + u128::from(up)
        }
        _ => 0,
    };
    // Rounding up may have carried into one bit more.
    if kept >> format.precision != 0 {
        return Rounded { mantissa: low_64(kept >> 1), exponent: exponent.saturating_add(1) };
    }
    Rounded { mantissa: low_64(kept), exponent }
}

fn low_64(wide: u128) -> u64 {
    u64::try_from(wide).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Format, round};

    const DOUBLE: Format = Format { precision: 53, lowest_exponent: -1074 };

    fn double(bits: u128, exponent: i32, more: bool) -> (u64, i32) {
        let rounded = round(DOUBLE, bits, exponent, more);
        (rounded.mantissa, rounded.exponent)
    }

    #[test]
    fn agrees_with_the_conversion_of_integers_to_double() {
        arbtest::arbtest(|u| {
            let int: u128 = u.arbitrary::<u128>()? >> u.int_in_range(0..=127)?;
            let (mantissa, exponent) = double(int, 0, false);
            let expected = int as f64;
            assert_eq!(mantissa as f64 * 2_f64.powi(exponent), expected);
            Ok(())
        });
    }

    #[test]
    fn ties_go_to_even_unless_something_was_cut_off() {
        let one = 1_u128 << 52;
        assert_eq!(double(one << 1 | 1, 0, false), (1 << 52, 1));
        assert_eq!(double(one << 1 | 1, 0, true), ((1 << 52) + 1, 1));
        assert_eq!(double(one << 1 | 3, 0, false), ((1 << 52) + 2, 1));
        assert_eq!(double((1 << 54) - 1, 0, false), (1 << 52, 2));
    }

    #[test]
    fn subnormal_numbers_lose_bits_from_below() {
        assert_eq!(double(3, -1075, false), (2, -1074));
        assert_eq!(double(1, -1075, false), (0, -1074));
        assert_eq!(double(u128::MAX, -1074 - 128, false), (1, -1074));
        assert_eq!(double(1 << 127, -1074 - 128, false), (0, -1074));
        assert_eq!(double(u128::MAX, -5000, false), (0, -1074));
    }
}
