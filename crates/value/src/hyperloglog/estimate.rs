//! From how many registers have which value to how many elements were seen: Otmar Ertl's improved estimator ("New cardinality estimation
//! algorithms for `HyperLogLog` sketches", 2017), which needs neither tables nor thresholds.

use super::registers::{MAX_VALUE, REGISTERS};

/// How many registers have each value.
pub(super) type Histogram = [u32; 64];

/// 1 / (2 ln 2).
const ALPHA: f64 = 0.721_347_520_444_481_7;

#[expect(clippy::cast_precision_loss, reason = "16384 is exact")]
pub(super) fn estimate(histogram: &Histogram) -> u64 {
    let m = REGISTERS as f64;
    let count = |value: usize| f64::from(histogram[value & 63]);
    let full = usize::from(MAX_VALUE);
    let mut z = m * tau((m - count(full)) / m);
    for value in (1..full).rev() {
        z = 0.5 * (z + count(value));
    }
    z += m * sigma(count(0) / m);
    let estimate = (ALPHA * m * m / z).round();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, and saturates")]
    {
        estimate as u64
    }
}

/// The sum of x^(2^k) 2^(k-1) over k, and x.
#[expect(clippy::float_cmp, reason = "goes on until nothing changes any more")]
fn sigma(mut x: f64) -> f64 {
    if x == 1.0 {
        return f64::INFINITY;
    }
    let (mut y, mut z) = (1.0, x);
    loop {
        x *= x;
        let before = z;
        z += x * y;
        y += y;
        if z == before {
            return z;
        }
    }
}

/// A third of 1 - x less the sum of (1 - x^(2^-k))^2 2^-k over k.
#[expect(clippy::float_cmp, reason = "goes on until nothing changes any more")]
fn tau(mut x: f64) -> f64 {
    if x == 0.0 || x == 1.0 {
        return 0.0;
    }
    let (mut y, mut z) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        let before = z;
        y *= 0.5;
        z -= (1.0 - x).powi(2) * y;
        if z == before {
            return z / 3.0;
        }
    }
}
