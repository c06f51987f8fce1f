//! A latency histogram of fixed size: 128 steps per power of two, so a figure is off by less than 1 %.
//!
//! `hdrhistogram` does this and much more; sixty lines without a further crate were preferred for a tool.

/// Steps per power of two.
const STEPS: u64 = 128;

/// Counts of durations in nanoseconds.
pub(super) struct Histogram {
    counts: Vec<u64>,
    total: u64,
    max_ns: u64,
}

impl Histogram {
    pub(super) fn new() -> Histogram {
        Histogram { counts: vec![0; bucket(u64::MAX) + 1], total: 0, max_ns: 0 }
    }

    pub(super) fn record(&mut self, ns: u64) {
        self.counts[bucket(ns)] += 1;
        self.total += 1;
        self.max_ns = self.max_ns.max(ns);
    }

    pub(super) fn max_ns(&self) -> u64 {
        self.max_ns
    }

    /// The smallest duration that at least `share` (0 to 1) of all do not exceed.
    pub(super) fn percentile_ns(&self, share: f64) -> u64 {
        let mut seen = 0;
        for (index, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen > 0 && seen as f64 >= share * self.total as f64 {
                return upper_bound(index).min(self.max_ns);
            }
        }
        self.max_ns
    }

    /// How many took longer than `ns` (to the precision of a bucket).
    pub(super) fn count_above(&self, ns: u64) -> u64 {
        self.counts[bucket(ns) + 1..].iter().sum()
    }
}

/// Values below `2 * STEPS` have a bucket each; above, the leading bit and the seven bits after it choose one.
fn bucket(ns: u64) -> usize {
    let shift = (64 - ns.leading_zeros()).saturating_sub(8);
    let index = u64::from(shift) * STEPS + (ns >> shift);
    usize::try_from(index).unwrap_or(usize::MAX)
}

/// The largest value in a bucket.
fn upper_bound(index: usize) -> u64 {
    let index = index as u64;
    let shift = (index / STEPS).saturating_sub(1);
    let lead = index - shift * STEPS;
    ((lead + 1) << shift).wrapping_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_its_bucket() {
        let mut values = vec![0, 1, 127, 128, 255, 256, 257, 511, 512, u64::MAX];
        values.extend((0..64).map(|bit| 1_u64 << bit));
        values.extend((1..64).map(|bit| (1_u64 << bit) + 12345 % (1 << bit)));
        for value in values {
            let index = bucket(value);
            assert!(value <= upper_bound(index), "{value}");
            assert!(index == 0 || value > upper_bound(index - 1), "{value}");
        }
    }

    #[test]
    fn percentiles_are_within_one_percent() {
        let mut histogram = Histogram::new();
        (1..=100_000).for_each(|ns| histogram.record(ns));
        for (share, exact) in [(0.5, 50_000_f64), (0.99, 99_000.0), (0.999, 99_900.0), (1.0, 100_000.0)] {
            let found = histogram.percentile_ns(share) as f64;
            assert!((found - exact).abs() <= exact * 0.01, "{share}: {found}");
        }
        assert_eq!(histogram.max_ns(), 100_000);
        let above = histogram.count_above(90_000);
        assert!((9_000..=10_000).contains(&above), "{above}");
    }
}
