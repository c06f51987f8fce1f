//! How long a command took, as counts in classes of equal relative width.
//!
//! A class is the 64th part of a doubling: below 64 ns every nanosecond has one, then a value's class is its highest set bit and the six
//! bits behind it, so that a percentile is off by 1.6 % at most. 12.5 KiB for each command that a lane has run, made when it first is.
//!
//! ```text
//! ns   0 ..  63   64 65 .. 127   128 130 .. 254   256 260 ..   up to 2^30, which counts all above
//! at   0 ..  63   64 65 .. 127   128 129 .. 191   192 193 ..
//! ```
//!
//! Redis keeps 128 parts of a doubling, and adds up whole microseconds.

use std::sync::OnceLock;

use crate::stats::Counter;

/// Parts of a doubling, as a power of two.
const PART_BITS: u32 = 6;
const PARTS: usize = 1 << PART_BITS;

/// Values from here on are one class: more than a second.
const MAX_NS: u64 = 1 << 30;

/// Classes: those of the single values, and those of each doubling above.
const CLASSES: usize = PARTS + (30 - PART_BITS as usize) * PARTS + 1;

/// One lane's counts for one command; the lane is the only writer.
#[derive(Debug, Default)]
pub(crate) struct Histogram {
    counts: OnceLock<Box<[Counter]>>,
}

impl Histogram {
    pub(crate) fn record(&self, ns: u64) {
        let counts = self.counts.get_or_init(|| (0..CLASSES).map(|_| Counter::default()).collect());
        counts[class_of(ns)].add(1);
    }

    pub(crate) fn reset(&self) {
        self.counts.get().into_iter().flatten().for_each(Counter::reset);
    }
}

/// The counts of all lanes at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Snapshot {
    counts: Vec<u64>,
    pub(crate) total: u64,
}

impl Snapshot {
    pub(crate) fn of<'h>(histograms: impl Iterator<Item = &'h Histogram>) -> Self {
        let mut counts = vec![0; CLASSES];
        for histogram in histograms {
            for (sum, count) in counts.iter_mut().zip(histogram.counts.get().into_iter().flatten()) {
                *sum += count.get();
            }
        }
        let total = counts.iter().sum();
        Self { counts, total }
    }

    /// Pairs of a time in microseconds and how many calls took at most that long, one for each doubling in which there were any. The
    /// times are those that Redis prints: a power of two of 1024 ns and the width of its own class, 1/128, in whole microseconds.
    pub(crate) fn doublings(&self) -> Vec<(u64, u64)> {
        let mut pairs = Vec::new();
        let mut before = 0;
        for exponent in 10..=30_u32 {
            let level_ns = 1_u64 << exponent;
            let upto = if level_ns >= MAX_NS { CLASSES } else { class_of(level_ns) + 1 };
            let sum: u64 = self.counts.iter().take(upto).sum();
            if sum > before {
                pairs.push(((level_ns + level_ns / 128 - 1) / 1000, sum));
                before = sum;
            }
        }
        pairs
    }

    /// The time in nanoseconds that `percent` of the calls did not exceed.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of calls"
    )]
    pub(crate) fn percentile_ns(&self, percent: f64) -> u64 {
        let wanted = ((percent / 100.0 * self.total as f64) + 0.5) as u64;
        let mut sum = 0;
        let at = self.counts.iter().position(|count| {
            sum += count;
            sum >= wanted.max(1)
        });
        at.map_or(0, largest_of)
    }
}

fn class_of(ns: u64) -> usize {
    let ns = ns.min(MAX_NS);
    let shift = (u64::BITS - ns.leading_zeros()).saturating_sub(PART_BITS + 1);
    // Below `2 * PARTS` after the shift, so the sum is below `CLASSES`.
    usize::try_from(ns >> shift).unwrap_or(0) + shift as usize * PARTS
}

/// The largest value of a class, in nanoseconds.
fn largest_of(class: usize) -> u64 {
    let shift = (class / PARTS).saturating_sub(1);
    let first = (class - shift * PARTS) as u64;
    ((first + 1) << shift) - 1
}

#[cfg(test)]
mod tests {
    use arbtest::arbtest;

    use super::*;

    #[test]
    fn classes_are_narrow_and_in_order() {
        arbtest(|u| {
            let ns: u64 = u.int_in_range(0..=MAX_NS - 1)?;
            let class = class_of(ns);
            let largest = largest_of(class);
            assert!(largest >= ns && largest - ns <= ns / 64, "{ns} in {class} to {largest}");
            assert_eq!(class_of(largest), class);
            assert_eq!(class_of(largest + 1), class + 1);
            Ok(())
        });
        assert_eq!((class_of(0), class_of(MAX_NS), class_of(u64::MAX)), (0, CLASSES - 1, CLASSES - 1));
    }

    #[test]
    fn doublings_are_labelled_as_in_redis() {
        let histogram = Histogram::default();
        for us in [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] {
            histogram.record(us * 1000);
        }
        let labels: Vec<u64> = Snapshot::of([&histogram].into_iter()).doublings().iter().map(|pair| pair.0).collect();
        // Seen in answers of redis-server 7.0.15: 8, 16 and 132; 1, 2, 4, 33, 66, 264, 528 in its documentation.
        assert_eq!(labels, [1, 2, 4, 8, 16, 33, 66, 132, 264, 528, 1056]);
    }

    #[test]
    fn percentiles_are_the_largest_value_of_their_class() {
        let histogram = Histogram::default();
        (1..=100).for_each(|us| histogram.record(us * 1000));
        let snapshot = Snapshot::of([&histogram].into_iter());
        assert_eq!((snapshot.total, snapshot.percentile_ns(0.0), snapshot.percentile_ns(50.0)), (100, 1007, 50_175));
        assert_eq!(snapshot.percentile_ns(100.0), 100_351);
        histogram.reset();
        assert_eq!(Snapshot::of([&histogram].into_iter()).total, 0);
    }
}
