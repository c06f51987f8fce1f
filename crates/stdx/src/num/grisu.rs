//! Grisu2: the digits of a double, found with 64-bit integers alone.
//!
//! The algorithm is from Florian Loitsch, "Printing Floating-Point Numbers Quickly and Accurately with Integers" (2010).
//! Multiply the number and the borders of the interval that reads back as it by a power of ten that brings them near 1, then
//! produce digits of the upper border until the rest is inside the interval, then walk down towards the number.
//!
//! Servers print scores this way, and its digits are not always the shortest or the closest: the cached power is rounded,
//! so the interval is taken one unit narrower at both ends. About one random double in 700 shows it; -1039514241563211.8 is
//! printed `-1039514241563211.7`. That is why a shortest-digits crate (`zmij`, `ryu`) cannot stand in: scores inside a dump
//! and replies compared byte for byte would differ.

/// The digits of a double and the power of ten of the last one.
pub(super) struct Shortest {
    digits: [u8; 18],
    count: usize,
    pub(super) exponent: i32,
}

impl Shortest {
    /// The digits as text, without leading zeros.
    pub(super) fn text(&self) -> &str {
        str::from_utf8(&self.digits[..self.count]).unwrap_or("0")
    }

    fn push(&mut self, digit: u64) {
        if let Some(place) = self.digits.get_mut(self.count) {
            *place = b'0' + u8::try_from(digit).unwrap_or(0);
            self.count += 1;
        }
    }
}

/// `fraction * 2^exponent`.
#[derive(Clone, Copy)]
struct Scaled {
    fraction: u64,
    exponent: i32,
}

impl Scaled {
    fn normalized(self) -> Self {
        let up = self.fraction.leading_zeros();
        Self { fraction: self.fraction << up, exponent: self.exponent - up.cast_signed() }
    }

    /// The upper half of the product, rounded.
    fn times(self, other: Self) -> Self {
        let product = u128::from(self.fraction) * u128::from(other.fraction) + (1 << 63);
        Self {
            fraction: u64::try_from(product >> 64).unwrap_or(u64::MAX),
            exponent: self.exponent + other.exponent + 64,
        }
    }
}

/// Digits of `double`, which must be finite and above zero.
pub(super) fn digits(double: f64) -> Shortest {
    let bits = double.to_bits();
    let hidden = 1 << 52;
    let biased = i32::try_from((bits >> 52) & 0x7ff).unwrap_or(0);
    let value = match biased {
        0 => Scaled { fraction: bits & (hidden - 1), exponent: -1074 },
        _ => Scaled { fraction: bits & (hidden - 1) | hidden, exponent: biased - 1075 },
    };
    // Half way to each neighbour; below a power of two the neighbour is only half as far.
    let upper = Scaled { fraction: (value.fraction << 1) + 1, exponent: value.exponent - 1 }.normalized();
    let closer = if value.fraction == hidden { 2 } else { 1 };
    let lower = Scaled { fraction: (value.fraction << closer) - 1, exponent: value.exponent - closer };
    let lower = Scaled { fraction: lower.fraction << (lower.exponent - upper.exponent), exponent: upper.exponent };

    let (power, cached) = cached_power(upper.exponent);
    let value = value.normalized().times(cached);
    let upper = upper.times(cached);
    let lower = lower.times(cached);
    // A unit narrower at both ends: the products may be off by that much.
    let top = Scaled { fraction: upper.fraction - 1, ..upper };
    generate(top, top.fraction - (lower.fraction + 1), top.fraction - value.fraction, -power)
}

/// Produces digits of `top` until the rest is below `delta`, the interval's width; `aim` is the distance from `top` to the number
/// itself. `power` is the power of ten that has been divided out.
fn generate(top: Scaled, mut delta: u64, mut aim: u64, power: i32) -> Shortest {
    let mut out = Shortest { digits: [0; 18], count: 0, exponent: power };
    let shift = top.exponent.unsigned_abs();
    let one = 1_u64 << shift;
    let mut whole = top.fraction >> shift;
    let mut rest = top.fraction & (one - 1);

    let mut unit: u64 = 1_000_000_000;
    for left in (0..10).rev() {
        let digit = whole / unit;
        whole %= unit;
        if digit != 0 || out.count != 0 {
            out.push(digit);
        }
        let remaining = (whole << shift) + rest;
        if remaining <= delta {
            out.exponent += left;
            approach(&mut out, delta, remaining, unit << shift, aim);
            return out;
        }
        unit /= 10;
    }
    loop {
        rest *= 10;
        delta *= 10;
        aim = aim.wrapping_mul(10);
        out.exponent -= 1;
        let digit = rest >> shift;
        if digit != 0 || out.count != 0 {
            out.push(digit);
        }
        rest &= one - 1;
        if rest < delta {
            approach(&mut out, delta, rest, one, aim);
            return out;
        }
    }
}

/// Lowers the last digit while that brings the result nearer to the number and keeps it in the interval.
fn approach(out: &mut Shortest, delta: u64, mut rest: u64, unit: u64, aim: u64) {
    let Some(last) = out.digits[..out.count].last_mut() else { return };
    while rest < aim && delta - rest >= unit && (rest + unit < aim || aim - rest > rest + unit - aim) {
        *last -= 1;
        rest += unit;
    }
}

/// The cached power 10^k that brings a number of the given binary exponent to an exponent between -60 and -32.
fn cached_power(exponent: i32) -> (i32, Scaled) {
    // The first guess decides which of two fitting powers is taken, and so the digits: it is part of the format.
    let guess = -(exponent + 87) * 30103 / 100_000;
    let mut index = usize::try_from((guess - FIRST_POWER) / STEP).unwrap_or(0);
    loop {
        let power = FIRST_POWER + STEP * i32::try_from(index).unwrap_or(0);
        // floor(power * log2(10)) - 63.
        let cached_exponent = ((power * 217_706) >> 16) - 63;
        match exponent + cached_exponent + 64 {
            ..-60 if index + 1 < POWERS.len() => index += 1,
            -31.. if index > 0 => index -= 1,
            _ => return (power, Scaled { fraction: POWERS[index], exponent: cached_exponent }),
        }
    }
}

const FIRST_POWER: i32 = -348;
const STEP: i32 = 8;
/// The upper 64 bits, rounded, of 10^-348, 10^-340, ..., 10^340.
#[rustfmt::skip]
const POWERS: [u64; 87] = [
    0xfa8fd5a0081c0288, 0xbaaee17fa23ebf76, 0x8b16fb203055ac76, 0xcf42894a5dce35ea,
    0x9a6bb0aa55653b2d, 0xe61acf033d1a45df, 0xab70fe17c79ac6ca, 0xff77b1fcbebcdc4f,
    0xbe5691ef416bd60c, 0x8dd01fad907ffc3c, 0xd3515c2831559a83, 0x9d71ac8fada6c9b5,
    0xea9c227723ee8bcb, 0xaecc49914078536d, 0x823c12795db6ce57, 0xc21094364dfb5637,
    0x9096ea6f3848984f, 0xd77485cb25823ac7, 0xa086cfcd97bf97f4, 0xef340a98172aace5,
    0xb23867fb2a35b28e, 0x84c8d4dfd2c63f3b, 0xc5dd44271ad3cdba, 0x936b9fcebb25c996,
    0xdbac6c247d62a584, 0xa3ab66580d5fdaf6, 0xf3e2f893dec3f126, 0xb5b5ada8aaff80b8,
    0x87625f056c7c4a8b, 0xc9bcff6034c13053, 0x964e858c91ba2655, 0xdff9772470297ebd,
    0xa6dfbd9fb8e5b88f, 0xf8a95fcf88747d94, 0xb94470938fa89bcf, 0x8a08f0f8bf0f156b,
    0xcdb02555653131b6, 0x993fe2c6d07b7fac, 0xe45c10c42a2b3b06, 0xaa242499697392d3,
    0xfd87b5f28300ca0e, 0xbce5086492111aeb, 0x8cbccc096f5088cc, 0xd1b71758e219652c,
    0x9c40000000000000, 0xe8d4a51000000000, 0xad78ebc5ac620000, 0x813f3978f8940984,
    0xc097ce7bc90715b3, 0x8f7e32ce7bea5c70, 0xd5d238a4abe98068, 0x9f4f2726179a2245,
    0xed63a231d4c4fb27, 0xb0de65388cc8ada8, 0x83c7088e1aab65db, 0xc45d1df942711d9a,
    0x924d692ca61be758, 0xda01ee641a708dea, 0xa26da3999aef774a, 0xf209787bb47d6b85,
    0xb454e4a179dd1877, 0x865b86925b9bc5c2, 0xc83553c5c8965d3d, 0x952ab45cfa97a0b3,
    0xde469fbd99a05fe3, 0xa59bc234db398c25, 0xf6c69a72a3989f5c, 0xb7dcbf5354e9bece,
    0x88fcf317f22241e2, 0xcc20ce9bd35c78a5, 0x98165af37b2153df, 0xe2a0b5dc971f303a,
    0xa8d9d1535ce3b396, 0xfb9b7cd9a4a7443c, 0xbb764c4ca7a44410, 0x8bab8eefb6409c1a,
    0xd01fef10a657842c, 0x9b10a4e5e9913129, 0xe7109bfba19c0c9d, 0xac2820d9623bf429,
    0x80444b5e7aa7cf85, 0xbf21e44003acdd2d, 0x8e679c2f5e44ff8f, 0xd433179d9c8cb841,
    0x9e19db92b4e31ba9, 0xeb96bf6ebadf77d9, 0xaf87023b9bf0ee6b,
];

#[cfg(test)]
mod tests {
    use super::digits;

    #[test]
    fn digits_always_read_back_as_the_same_double() {
        arbtest::arbtest(|u| {
            let double = f64::from_bits(u.arbitrary::<u64>()? >> 1);
            if double.is_finite() && double > 0.0 {
                let shortest = digits(double);
                let text = format!("{}e{}", shortest.text(), shortest.exponent);
                assert_eq!(text.parse(), Ok(double), "{text}");
                assert!(!text.starts_with('0'));
            }
            Ok(())
        });
    }

    #[test]
    fn borders_of_the_range_have_their_digits() {
        for (double, text, exponent) in [
            (5e-324, "5", -324),
            (f64::MIN_POSITIVE, "22250738585072014", -324),
            (f64::MAX, "17976931348623157", 292),
            (0.1, "1", -1),
            (9_007_199_254_740_993.5, "9007199254740994", 0),
        ] {
            let shortest = digits(double);
            assert_eq!((shortest.text(), shortest.exponent), (text, exponent));
        }
    }
}
