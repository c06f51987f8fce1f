//! Which keys expire when, in order of time, so that they go on time and not when a sample happens to find them.
//!
//! A B-tree of (deadline, hash of the key): 16 bytes an element, about 24 with the tree's slack, where a hash table of expiries
//! takes 32 and has to be sampled. The hash stands for the key; the table finds the entry by it. Should two keys of one stripe
//! share all 64 bits of their hash and their deadline as well, they share one element: the first removal takes it, and the
//! other key still expires when it is next looked at. With a keyed hash that needs about 2^32 keys in one stripe.
//!
//! Rejected: sampling (25 % of the expired keys may linger), a timing wheel (its slots hold pointers that every rewrite of an
//! entry would have to update), lazy deletion from a heap (a session touched 100 000 times a second leaves as many corpses).

use std::collections::BTreeSet;

use stdx::UnixMs;

/// Times of one database's keys within one stripe: their deadlines, or when the first part of their values expires.
#[derive(Debug, Default)]
pub(crate) struct Deadlines {
    by_time: BTreeSet<(i64, u64)>,
}

impl Deadlines {
    fn insert(&mut self, at: UnixMs, hash: u64) {
        self.by_time.insert((at.0, hash));
    }

    fn remove(&mut self, at: UnixMs, hash: u64) {
        self.by_time.remove(&(at.0, hash));
    }

    /// Moves a key from one time to another.
    pub(crate) fn shift(&mut self, hash: u64, before: Option<UnixMs>, after: Option<UnixMs>) {
        if before == after {
            return;
        }
        if let Some(at) = before {
            self.remove(at, hash);
        }
        if let Some(at) = after {
            self.insert(at, hash);
        }
    }

    /// How many keys have a deadline.
    pub(crate) fn len(&self) -> usize {
        self.by_time.len()
    }

    /// The earliest deadline.
    pub(crate) fn first(&self) -> Option<UnixMs> {
        self.by_time.first().map(|(at, _)| UnixMs(*at))
    }

    /// The earliest element: its deadline and the hash of its key.
    pub(crate) fn first_key(&self) -> Option<(UnixMs, u64)> {
        self.by_time.first().map(|(at, hash)| (UnixMs(*at), *hash))
    }

    /// Up to `count` hashes of keys from a random moment between the first deadline and the last on, and from the first on behind the last. Keys
    /// behind a long pause are met more often than others.
    pub(crate) fn sample(&self, count: usize, chance: u64) -> impl Iterator<Item = u64> {
        let first = self.by_time.first().map_or(0, |(at, _)| *at);
        let last = self.by_time.last().map_or(0, |(at, _)| *at);
        let span = last.saturating_sub(first).unsigned_abs().saturating_add(1);
        let start = (first.saturating_add_unsigned(chance % span), 0);
        self.by_time.range(start..).chain(self.by_time.range(..start)).take(count).map(|(_, hash)| *hash)
    }

    /// Takes the earliest element whose deadline has passed: a key lives through the millisecond of its deadline, as in Redis.
    pub(crate) fn pop_due(&mut self, now: UnixMs) -> Option<(UnixMs, u64)> {
        let (at, hash) = *self.by_time.first()?;
        if at >= now.0 {
            return None;
        }
        self.by_time.pop_first();
        Some((UnixMs(at), hash))
    }

    /// Mean milliseconds until the deadlines, estimated from at most `sample` of the earliest and latest; 0 when there are none.
    pub(crate) fn average_ttl_ms(&self, now: UnixMs, sample: usize) -> i64 {
        let half = sample.div_ceil(2);
        let early = self.by_time.iter().take(half);
        let late = self.by_time.iter().rev().take(half);
        let (mut sum, mut count) = (0_i64, 0_i64);
        for (at, _) in early.chain(late) {
            sum = sum.saturating_add(at.saturating_sub(now.0).max(0));
            count += 1;
        }
        if count == 0 { 0 } else { sum / count }
    }
}
