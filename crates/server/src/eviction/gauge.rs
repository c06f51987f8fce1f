//! How much memory is in use, cheaply and to the byte.
//!
//! jemalloc counts for every thread what it has allocated and what it has freed, in two words that only the thread itself reads
//! and writes. Their difference, summed over all threads, is what is in use: memory that one thread allocates and another frees
//! cancels out. A lane adds its part to a shared sum whenever it has moved by [`QUANTUM_BYTES`], and reads the sum and its own words; so a look
//! costs a few loads, and errs by less than a quantum for each other lane. The allocator's own sum (`stats.allocated`) needs an
//! epoch to be advanced, which takes a lock and microseconds, and counts what lies in the threads' caches; INFO shows it as
//! `allocator_allocated`.
//!
//! Values that were evicted and are freed by another thread count as freed: else more would have to go in their place.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{
    AtomicBool, AtomicI64, AtomicU64,
    Ordering::{AcqRel, Relaxed},
};

use crate::host::Host;

/// A lane tells of its part when it has changed by so much.
const QUANTUM_BYTES: u64 = 16 * 1024;

/// Garbage of evicted values may wait for the reclaiming thread up to this share of the limit; the rest is freed at once.
const PENDING_SHARE: u64 = 256;

/// From this share of the limit on below it, memory is nearly full.
const NEAR_SHARE: u64 = 16;

/// A counter on cache lines of its own: its lane writes it often.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Told(AtomicI64);

/// The memory that the process uses.
#[derive(Debug)]
pub(crate) struct Gauge {
    /// What the lanes have told, in bytes.
    total: AtomicI64,
    /// What each lane has told of itself; only the lane writes it.
    told: Box<[Told]>,
    /// Bytes of evicted values that are not freed yet.
    pending: Arc<AtomicU64>,
    /// There is a limit, and little room below it.
    near_limit: AtomicBool,
    peak: AtomicU64,
    /// Since when memory is over the limit and eviction could not help, on the monotonic clock; 0: it is not.
    exceeded_since_ns: AtomicU64,
    exceeded_total_ns: AtomicU64,
}

impl Gauge {
    pub(crate) fn new(lanes: usize) -> Self {
        Self {
            total: AtomicI64::new(0),
            told: (0..lanes).map(|_| Told::default()).collect(),
            pending: Arc::default(),
            near_limit: AtomicBool::new(false),
            peak: AtomicU64::new(0),
            exceeded_since_ns: AtomicU64::new(0),
            exceeded_total_ns: AtomicU64::new(0),
        }
    }

    /// Bytes in use. Call it on the thread of `lane`.
    pub(crate) fn used(&self, lane: usize, host: &dyn Host) -> u64 {
        let untold = self.tell(lane, host);
        let sum = self.total.load(Relaxed) + untold + host.background_memory_bytes();
        u64::try_from(sum).unwrap_or(0)
    }

    /// Bytes in use that eviction could do something about.
    pub(crate) fn counted(&self, lane: usize, host: &dyn Host) -> u64 {
        self.used(lane, host).saturating_sub(self.pending.load(Relaxed))
    }

    /// Tells the others of this lane's part if it has moved by a quantum; returns what stays untold. Call it on the thread of
    /// `lane`.
    pub(crate) fn tell(&self, lane: usize, host: &dyn Host) -> i64 {
        let mine = host.thread_memory_bytes();
        let untold = mine - self.told[lane].0.load(Relaxed);
        if untold.unsigned_abs() < QUANTUM_BYTES {
            return untold;
        }
        self.told[lane].0.store(mine, Relaxed);
        self.total.fetch_add(untold, Relaxed);
        0
    }

    /// The most ever seen in use; `used_bytes` is what is in use now.
    pub(crate) fn peak(&self, used_bytes: u64) -> u64 {
        self.peak.fetch_max(used_bytes, Relaxed).max(used_bytes)
    }

    /// Remembers `used_bytes` if it is the most ever seen; cheap when it is not.
    pub(crate) fn note_peak(&self, used_bytes: u64) {
        if used_bytes > self.peak.load(Relaxed) {
            self.peak.fetch_max(used_bytes, Relaxed);
        }
    }

    /// CONFIG RESETSTAT: the peak begins anew, and so does the time over the limit.
    pub(crate) fn reset(&self) {
        self.peak.store(0, Relaxed);
        self.exceeded_total_ns.store(0, Relaxed);
    }

    /// Notes whether a limit is near, for whoever frees large values.
    pub(crate) fn note_nearness(&self, used_bytes: u64, limit_bytes: u64) {
        let near = limit_bytes > 0 && used_bytes > limit_bytes - limit_bytes / NEAR_SHARE;
        if self.near_limit.load(Relaxed) != near {
            self.near_limit.store(near, Relaxed);
        }
    }

    /// Whether large values are freed by the thread that removes them: while they wait for another, they would take the room of
    /// what is written next.
    pub(crate) fn is_near_limit(&self) -> bool {
        self.near_limit.load(Relaxed)
    }

    /// Garbage of an evicted value, for another thread; `Err` with the garbage when too much is waiting already.
    pub(crate) fn defer(
        &self,
        garbage: Vec<Box<dyn Any + Send>>,
        bytes: u64,
        limit_bytes: u64,
        any_size: bool,
    ) -> Result<Box<dyn Any + Send>, Vec<Box<dyn Any + Send>>> {
        let waiting = self.pending.load(Relaxed).saturating_add(bytes);
        if !any_size && waiting > limit_bytes / PENDING_SHARE {
            return Err(garbage);
        }
        self.pending.fetch_add(bytes, AcqRel);
        Ok(Box::new(Pending { garbage: Some(garbage), bytes, pending: Arc::clone(&self.pending) }))
    }

    /// Notes whether memory stays over the limit at `now_ns`.
    pub(crate) fn note_exceeded(&self, exceeded: bool, now_ns: impl FnOnce() -> u64) {
        let since = self.exceeded_since_ns.load(Relaxed);
        if exceeded == (since != 0) {
            return;
        }
        let now_ns = now_ns().max(1);
        let next = if exceeded { now_ns } else { 0 };
        // Lanes may come here together: one of them counts.
        if self.exceeded_since_ns.compare_exchange(since, next, AcqRel, Relaxed).is_ok() && !exceeded {
            self.exceeded_total_ns.fetch_add(now_ns.saturating_sub(since), Relaxed);
        }
    }

    /// Milliseconds over the limit: all told, and since it was passed last (0: memory is within it).
    pub(crate) fn exceeded_ms(&self, now_ns: u64) -> [u64; 2] {
        let current = match self.exceeded_since_ns.load(Relaxed) {
            0 => 0,
            since => now_ns.saturating_sub(since),
        };
        [(self.exceeded_total_ns.load(Relaxed) + current) / 1_000_000, current / 1_000_000]
    }
}

/// Garbage that is counted until it is gone.
struct Pending {
    garbage: Option<Vec<Box<dyn Any + Send>>>,
    bytes: u64,
    pending: Arc<AtomicU64>,
}

impl Drop for Pending {
    fn drop(&mut self) {
        drop(self.garbage.take());
        self.pending.fetch_sub(self.bytes, AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_over_the_limit_adds_up() {
        let gauge = Gauge::new(1);
        let ms = 1_000_000;
        gauge.note_exceeded(false, || unreachable!("nothing has changed"));
        gauge.note_exceeded(true, || 10 * ms);
        gauge.note_exceeded(true, || unreachable!("nothing has changed"));
        assert_eq!(gauge.exceeded_ms(15 * ms), [5, 5]);
        gauge.note_exceeded(false, || 17 * ms);
        assert_eq!(gauge.exceeded_ms(100 * ms), [7, 0]);
        gauge.note_exceeded(true, || 200 * ms);
        assert_eq!(gauge.exceeded_ms(201 * ms), [8, 1]);
    }

    #[test]
    fn deferred_garbage_counts_until_it_is_dropped_and_is_bounded() {
        let gauge = Gauge::new(1);
        let garbage = || vec![Box::new([0_u8; 8]) as Box<dyn Any + Send>];
        let limit = 256 * 1000;
        let first = gauge.defer(garbage(), 600, limit, false).expect("there is room");
        assert!(gauge.defer(garbage(), 401, limit, false).is_err());
        let second = gauge.defer(garbage(), 401, limit, true).expect("any size");
        assert_eq!(gauge.pending.load(Relaxed), 1001);
        drop(first);
        assert!(gauge.defer(garbage(), 599, limit, false).is_ok());
        drop(second);
        assert_eq!(gauge.pending.load(Relaxed), 0);
    }

    #[test]
    fn a_limit_is_near_from_fifteen_sixteenths_on() {
        let gauge = Gauge::new(1);
        for (used, limit, near) in
            [(0, 0, false), (937, 1000, false), (939, 1000, true), (2000, 1000, true), (5, 0, false)]
        {
            gauge.note_nearness(used, limit);
            assert_eq!(gauge.is_near_limit(), near, "{used} of {limit}");
        }
    }
}
