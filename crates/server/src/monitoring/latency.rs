//! Latency events: moments at which something took long, by what it was.

use std::collections::{BTreeMap, VecDeque};

use parking_lot::Mutex;
use stdx::UnixMs;

use crate::node::Live;

/// Samples kept of an event.
const SAMPLES: usize = 160;

/// All events.
#[derive(Debug, Default)]
pub(crate) struct LatencyEvents {
    events: Mutex<BTreeMap<&'static str, Series>>,
}

/// What is known of an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Series {
    /// The longest ever, in milliseconds.
    pub(super) max_ms: u64,
    /// Oldest first, one a second: the longest of that second.
    pub(super) samples: VecDeque<Sample>,
}

/// The longest of a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sample {
    pub(super) at_s: i64,
    pub(super) ms: u64,
}

impl LatencyEvents {
    /// Takes a sample if the event took as long as `latency-monitor-threshold` asks.
    pub(crate) fn note(&self, live: &Live, event: &'static str, ns: u64, now: UnixMs) {
        let threshold_ms = live.settings.monitoring.latency_monitor_threshold_ms;
        let ms = ns / 1_000_000;
        if threshold_ms == 0 || ms < threshold_ms {
            return;
        }
        self.events.lock().entry(event).or_default().add(Sample { at_s: now.seconds(), ms });
    }

    pub(super) fn get(&self, event: &[u8]) -> Option<Series> {
        self.events.lock().iter().find(|(name, _)| name.as_bytes() == event).map(|(_, series)| series.clone())
    }

    pub(super) fn all(&self) -> Vec<(&'static str, Series)> {
        self.events.lock().iter().map(|(name, series)| (*name, series.clone())).collect()
    }

    /// Forgets an event; returns whether it was known.
    pub(super) fn forget(&self, event: &[u8]) -> bool {
        let mut events = self.events.lock();
        let before = events.len();
        events.retain(|name, _| !name.as_bytes().eq_ignore_ascii_case(event));
        events.len() < before
    }

    /// Forgets all events; returns how many there were.
    pub(super) fn clear(&self) -> usize {
        std::mem::take(&mut *self.events.lock()).len()
    }
}

impl Series {
    fn add(&mut self, sample: Sample) {
        self.max_ms = self.max_ms.max(sample.ms);
        match self.samples.back_mut() {
            Some(last) if last.at_s == sample.at_s => last.ms = last.ms.max(sample.ms),
            Some(_) | None => {
                if self.samples.len() == SAMPLES {
                    self.samples.pop_front();
                }
                self.samples.push_back(sample);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_one_sample_and_a_series_has_160() {
        let mut series = Series::default();
        for (at_s, ms) in [(1, 5), (1, 9), (1, 7)] {
            series.add(Sample { at_s, ms });
        }
        assert_eq!(series.samples, [Sample { at_s: 1, ms: 9 }]);
        (2..=200).for_each(|at_s| series.add(Sample { at_s, ms: 1 }));
        assert_eq!((series.samples.len(), series.max_ms), (SAMPLES, 9));
        assert_eq!(series.samples.front(), Some(&Sample { at_s: 41, ms: 1 }));
    }
}
