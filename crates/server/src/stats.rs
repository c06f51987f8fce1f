//! Counters. Each lane writes its own with plain stores and everybody may read them, so counting costs no shared cache line.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use parking_lot::Mutex;
use stdx::UnixMs;

use crate::monitoring::{Histogram, Snapshot};

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
    pub(crate) latency: Histogram,
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
    pub(crate) expired_subkeys: Counter,
    pub(crate) evicted_keys: Counter,
    pub(crate) evicted_clients: Counter,
    pub(crate) hits: Counter,
    pub(crate) misses: Counter,
    pub(crate) dirty: Counter,
    pub(crate) error_replies: Counter,
    /// Clients closed since they sent more than client-query-buffer-limit.
    pub(crate) query_buffer_disconnections: Counter,
    /// Clients closed since they did not read what they were sent.
    pub(crate) output_buffer_disconnections: Counter,
}

/// Counters of all lanes.
#[derive(Debug)]
pub(crate) struct Stats {
    pub(crate) lanes: Box<[LaneStats]>,
    /// Error replies by their code; bounded.
    errors: Mutex<BTreeMap<Box<str>, u64>>,
    recent: Mutex<VecDeque<Sample>>,
}

/// The totals at one moment.
#[derive(Clone, Copy, Debug)]
struct Sample {
    at: UnixMs,
    commands: u64,
    input_bytes: u64,
    output_bytes: u64,
}

/// What happened per second, lately.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rates {
    pub(crate) commands_per_s: u64,
    pub(crate) input_bytes_per_s: u64,
    pub(crate) output_bytes_per_s: u64,
}

/// Rates are means over so many samples, one each [`SAMPLE_MS`]: 1.6 seconds, as in Redis.
const SAMPLES: usize = 16;
const SAMPLE_MS: i64 = 100;

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
            expired_subkeys: Counter::default(),
            evicted_keys: Counter::default(),
            evicted_clients: Counter::default(),
            hits: Counter::default(),
            misses: Counter::default(),
            dirty: Counter::default(),
            error_replies: Counter::default(),
            query_buffer_disconnections: Counter::default(),
            output_buffer_disconnections: Counter::default(),
        };
        Self { lanes: (0..lanes).map(lane).collect(), errors: Mutex::new(BTreeMap::new()), recent: Mutex::default() }
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

    /// Calls, nanoseconds, rejected and failed calls of one command.
    pub(crate) fn command(&self, id: usize) -> [u64; 4] {
        let of = |counter: fn(&CommandCounters) -> &Counter| {
            self.lanes.iter().filter_map(|lane| lane.commands.get(id)).map(|command| counter(command).get()).sum()
        };
        [
            of(|command| &command.calls),
            of(|command| &command.time_ns),
            of(|command| &command.rejected),
            of(|command| &command.failed),
        ]
    }

    /// How long the calls of one command took.
    pub(crate) fn latency(&self, id: usize) -> Snapshot {
        Snapshot::of(self.lanes.iter().filter_map(|lane| lane.commands.get(id)).map(|command| &command.latency))
    }

    /// Takes a sample of the totals when one is due; called by the timer of one lane.
    pub(crate) fn sample(&self, now: UnixMs) {
        let mut recent = self.recent.lock();
        if recent.back().is_some_and(|last| now.ms_since(last.at) < SAMPLE_MS) {
            return;
        }
        if recent.len() > SAMPLES {
            recent.pop_front();
        }
        recent.push_back(Sample {
            at: now,
            commands: self.sum(|lane| &lane.commands_processed),
            input_bytes: self.sum(|lane| &lane.input_bytes),
            output_bytes: self.sum(|lane| &lane.output_bytes),
        });
    }

    /// What happened per second between the oldest and the newest sample.
    pub(crate) fn rates(&self) -> Rates {
        let recent = self.recent.lock();
        let (Some(first), Some(last)) = (recent.front(), recent.back()) else { return Rates::default() };
        let Ok(elapsed_ms @ 1..) = u64::try_from(last.at.ms_since(first.at)) else { return Rates::default() };
        let rate = |from: u64, to: u64| to.saturating_sub(from) * 1000 / elapsed_ms;
        Rates {
            commands_per_s: rate(first.commands, last.commands),
            input_bytes_per_s: rate(first.input_bytes, last.input_bytes),
            output_bytes_per_s: rate(first.output_bytes, last.output_bytes),
        }
    }

    /// CONFIG RESETSTAT.
    pub(crate) fn reset(&self) {
        self.errors.lock().clear();
        self.recent.lock().clear();
        for lane in &self.lanes {
            for command in &lane.commands {
                for counter in [&command.calls, &command.time_ns, &command.rejected, &command.failed] {
                    counter.reset();
                }
                command.latency.reset();
            }
            for counter in [
                &lane.commands_processed,
                &lane.connections_received,
                &lane.connections_rejected,
                &lane.input_bytes,
                &lane.output_bytes,
                &lane.expired_keys,
                &lane.expired_subkeys,
                &lane.evicted_keys,
                &lane.evicted_clients,
                &lane.hits,
                &lane.misses,
                &lane.error_replies,
                &lane.query_buffer_disconnections,
                &lane.output_buffer_disconnections,
            ] {
                counter.reset();
            }
        }
    }
}
