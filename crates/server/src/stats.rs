//! Counters. Each lane writes its own with plain stores and everybody may read them, so counting costs no shared cache line.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use parking_lot::Mutex;

/// A counter that one lane writes and anyone reads.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// Adds without a locked instruction: the lane is the only writer.
    pub(crate) fn add(&self, amount: u64) {
        self.0.store(self.0.load(Relaxed).wrapping_add(amount), Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }

    pub(crate) fn reset(&self) {
        self.0.store(0, Relaxed);
    }
}

/// How one command fared.
#[derive(Debug, Default)]
pub(crate) struct CommandCounters {
    pub(crate) calls: Counter,
    pub(crate) time_ns: Counter,
    /// Refused before the handler ran.
    pub(crate) rejected: Counter,
    /// Refused by the handler.
    pub(crate) failed: Counter,
}

/// One lane's counters.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct LaneStats {
    /// By the command's id in the table.
    pub(crate) commands: Box<[CommandCounters]>,
    pub(crate) commands_processed: Counter,
    pub(crate) connections_received: Counter,
    pub(crate) connections_rejected: Counter,
    pub(crate) input_bytes: Counter,
    pub(crate) output_bytes: Counter,
    pub(crate) expired_keys: Counter,
    pub(crate) hits: Counter,
    pub(crate) misses: Counter,
    pub(crate) dirty: Counter,
    pub(crate) error_replies: Counter,
}

/// Counters of all lanes.
#[derive(Debug)]
pub(crate) struct Stats {
    pub(crate) lanes: Box<[LaneStats]>,
    /// Error replies by their code; bounded.
    errors: Mutex<BTreeMap<Box<str>, u64>>,
}

/// More error codes than this are counted together: their texts come from scripts and must not grow without bound.
const MAX_ERROR_CODES: usize = 128;

impl Stats {
    pub(crate) fn new(lanes: usize, commands: usize) -> Self {
        let lane = |_| LaneStats {
            commands: (0..commands).map(|_| CommandCounters::default()).collect(),
            commands_processed: Counter::default(),
            connections_received: Counter::default(),
            connections_rejected: Counter::default(),
            input_bytes: Counter::default(),
            output_bytes: Counter::default(),
            expired_keys: Counter::default(),
            hits: Counter::default(),
            misses: Counter::default(),
            dirty: Counter::default(),
            error_replies: Counter::default(),
        };
        Self { lanes: (0..lanes).map(lane).collect(), errors: Mutex::new(BTreeMap::new()) }
    }

    /// One counter, summed over the lanes.
    pub(crate) fn sum(&self, counter: impl Fn(&LaneStats) -> &Counter) -> u64 {
        self.lanes.iter().map(|lane| counter(lane).get()).sum()
    }

    /// Counts an error reply under its code, the first word of its text.
    pub(crate) fn count_error(&self, lane: usize, text: &str) {
        self.lanes[lane].error_replies.add(1);
        let code = text.split(' ').next().unwrap_or_default();
        let mut errors = self.errors.lock();
        if let Some(count) = errors.get_mut(code) {
            *count += 1;
        } else {
            let code = if errors.len() < MAX_ERROR_CODES { code } else { "ERRORSTATS_OVERFLOW" };
            *errors.entry(Box::from(code)).or_default() += 1;
        }
    }

    /// Error replies by code.
    pub(crate) fn errors(&self) -> BTreeMap<Box<str>, u64> {
        self.errors.lock().clone()
    }

    /// CONFIG RESETSTAT.
    pub(crate) fn reset(&self) {
        self.errors.lock().clear();
        for lane in &self.lanes {
            for command in &lane.commands {
                for counter in [&command.calls, &command.time_ns, &command.rejected, &command.failed] {
                    counter.reset();
                }
            }
            for counter in [
                &lane.commands_processed,
                &lane.connections_received,
                &lane.connections_rejected,
                &lane.input_bytes,
                &lane.output_bytes,
                &lane.expired_keys,
                &lane.hits,
                &lane.misses,
                &lane.error_replies,
            ] {
                counter.reset();
            }
        }
    }
}
