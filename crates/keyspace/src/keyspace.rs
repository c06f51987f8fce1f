//! The keyspace: stripes, each with its share of every database, its deadlines and its lock.
//!
//! The first [`GROUP`] databases of a stripe are there from the beginning, which with the default configuration are all. Others come into
//! being in groups of as many, when one of them gets its first key: with `databases 10000` and four threads, 640,000 empty shares took
//! 211 MB.

use std::cell::UnsafeCell;
use std::fmt;
use std::sync::atomic::{
    AtomicI64,
    Ordering::{AcqRel, Relaxed},
};
use std::sync::{Arc, OnceLock};

use parking_lot::RawRwLock;
use parking_lot::lock_api::RawRwLock as _;

use crate::deadlines::Deadlines;
use crate::gate::Gate;
use crate::table::{Entry, KeyHasher, Prefetcher, Table, stripe_of};

/// Stripes per lane when several lanes share the keyspace: enough that two lanes rarely meet, few enough that the tables of a
/// small keyspace stay few.
const STRIPES_PER_LANE: usize = 16;

/// Never more stripes than this: many small tables miss the cache more often than few large ones.
const MAX_STRIPES: usize = 1024;

/// No deadline.
const NEVER: i64 = i64::MAX;

/// All databases.
pub struct Keyspace {
    pub(crate) gate: Gate,
    pub(crate) hasher: KeyHasher,
    pub(crate) stripes: Box<[Stripe]>,
    databases: usize,
    /// What a database looks like that has not come into being.
    pub(crate) vacant: Shard,
    /// At most the earliest deadline of all: a hint that saves looking at the stripes.
    earliest: AtomicI64,
}

/// One stripe. Two cache lines, because processors fetch them in pairs.
#[repr(align(128))]
pub(crate) struct Stripe {
    pub(crate) lock: RawRwLock,
    /// The earliest deadline in any database of this stripe, or [`NEVER`]. Written under the lock, read without.
    pub(crate) earliest: AtomicI64,
    /// The first databases.
    first: Group,
    /// The others.
    more: Box<[OnceLock<Box<Group>>]>,
}

/// How many databases come into being together.
pub(crate) const GROUP: usize = 16;

/// Some databases' shares of a stripe, one behind the other.
pub(crate) struct Group {
    /// Guarded by the stripe's lock, or by being alone inside the gate.
    pub(crate) dbs: UnsafeCell<Box<[Shard]>>,
    /// Handles for prefetching without the lock. Written only while the gate is closed.
    pub(crate) prefetchers: UnsafeCell<Box<[Arc<Prefetcher>]>>,
}

/// One database's share of a stripe.
#[derive(Debug)]
pub(crate) struct Shard {
    pub(crate) table: Table,
    pub(crate) deadlines: Deadlines,
    /// When the first part of a key's value expires by itself, for the keys of which one does.
    pub(crate) wakes: Deadlines,
}

/// When something is due for a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Due {
    /// The key expires.
    pub(crate) key: Option<stdx::UnixMs>,
    /// The first part of its value expires.
    pub(crate) part: Option<stdx::UnixMs>,
}

impl Due {
    pub(crate) fn of(entry: Entry<'_>) -> Self {
        Self { key: entry.deadline(), part: entry.wake_at() }
    }

    pub(crate) fn first(self) -> Option<stdx::UnixMs> {
        match (self.key, self.part) {
            (Some(key), Some(part)) => Some(key.min(part)),
            (key, part) => key.or(part),
        }
    }
}

/// How much a database holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DbSize {
    pub keys: usize,
    /// Keys with a deadline.
    pub volatile_keys: usize,
    /// Keys whose value has parts with a deadline: hashes with volatile fields.
    pub keys_with_volatile_parts: usize,
    pub average_ttl_ms: i64,
    /// Bytes of the tables, entries not counted.
    pub table_bytes: usize,
}

impl fmt::Debug for Keyspace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyspace").field("databases", &self.databases).field("stripes", &self.stripes.len()).finish()
    }
}

impl Keyspace {
    /// An empty keyspace of `databases` databases for `lanes` threads, whose hashes depend on `seed`.
    #[must_use]
    pub fn new(databases: usize, lanes: usize, seed: [u8; 16]) -> Self {
        let stripes = if lanes == 1 { 1 } else { (lanes * STRIPES_PER_LANE).next_power_of_two().min(MAX_STRIPES) };
        let hasher = KeyHasher::new(seed);
        Self {
            gate: Gate::new(lanes),
            hasher,
            stripes: (0..stripes).map(|_| Stripe::new(databases, hasher)).collect(),
            databases,
            vacant: Shard::new(hasher),
            earliest: AtomicI64::new(NEVER),
        }
    }

    #[must_use]
    pub const fn databases(&self) -> usize {
        self.databases
    }

    #[must_use]
    pub const fn hasher(&self) -> &KeyHasher {
        &self.hasher
    }

    /// Whether several lanes share the keyspace, so that stripes are locked one by one.
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        self.stripes.len() > 1
    }

    /// The stripe of a key with this hash.
    pub(crate) fn stripe_index(&self, hash: u64) -> usize {
        stripe_of(hash) & (self.stripes.len() - 1)
    }

    /// A time no later than the earliest deadline of all keys; `None` when there is none.
    #[must_use]
    pub fn earliest_deadline(&self) -> Option<stdx::UnixMs> {
        let at = self.earliest.load(Relaxed);
        (at != NEVER).then_some(stdx::UnixMs(at))
    }

    /// Looks at every stripe for the earliest deadline and keeps it as the hint.
    pub fn refresh_earliest_deadline(&self) {
        // A deadline noted before the swap is seen below (the swap acquires what its `fetch_min` released); one noted after it
        // lowers the hint itself.
        self.earliest.swap(NEVER, AcqRel);
        let earliest = self.stripes.iter().map(|stripe| stripe.earliest.load(Relaxed)).min().unwrap_or(NEVER);
        self.earliest.fetch_min(earliest, AcqRel);
    }

    /// The earliest deadline of a stripe.
    pub(crate) fn stripe_earliest(&self, stripe: usize) -> Option<stdx::UnixMs> {
        let at = self.stripes[stripe].earliest.load(Relaxed);
        (at != NEVER).then_some(stdx::UnixMs(at))
    }

    /// Notes the earliest deadline of a stripe after a change under its lock. Returns whether it is the earliest of all.
    pub(crate) fn note_deadline(&self, stripe: usize, earliest: Option<stdx::UnixMs>) -> bool {
        let at = earliest.map_or(NEVER, |at| at.0);
        self.stripes[stripe].earliest.store(at, Relaxed);
        at != NEVER && self.earliest.fetch_min(at, AcqRel) > at
    }
}

impl Stripe {
    fn new(databases: usize, hasher: KeyHasher) -> Self {
        Self {
            lock: RawRwLock::INIT,
            earliest: AtomicI64::new(NEVER),
            first: Group::new(databases.min(GROUP), hasher),
            more: (1..databases.div_ceil(GROUP)).map(|_| OnceLock::new()).collect(),
        }
    }

    /// The group that a database is in, at place `db % GROUP`, if it has come into being.
    #[inline]
    pub(crate) fn group(&self, db: usize) -> Option<&Group> {
        match (db / GROUP).checked_sub(1) {
            None => Some(&self.first),
            Some(at) => self.more.get(at)?.get().map(|group| &**group),
        }
    }

    /// The group that a database is in.
    ///
    /// # Panics
    /// When there is no such database.
    pub(crate) fn group_or_new(&self, db: usize, hasher: KeyHasher) -> &Group {
        match (db / GROUP).checked_sub(1) {
            None => &self.first,
            Some(at) => self.more[at].get_or_init(|| Box::new(Group::new(GROUP, hasher))),
        }
    }
}

impl Group {
    fn new(databases: usize, hasher: KeyHasher) -> Self {
        let shards: Box<[Shard]> = (0..databases).map(|_| Shard::new(hasher)).collect();
        let prefetchers = shards.iter().map(|shard| Arc::clone(shard.table.prefetcher())).collect();
        Self { dbs: UnsafeCell::new(shards), prefetchers: UnsafeCell::new(prefetchers) }
    }
}

impl Shard {
    pub(crate) fn new(hasher: KeyHasher) -> Self {
        Self { table: Table::new(hasher), deadlines: Deadlines::default(), wakes: Deadlines::default() }
    }

    /// The earliest time at which a key or a part of one expires.
    pub(crate) fn earliest(&self) -> Option<stdx::UnixMs> {
        Due { key: self.deadlines.first(), part: self.wakes.first() }.first()
    }

    /// Moves a key's places in the two indices.
    pub(crate) fn reschedule(&mut self, hash: u64, before: Due, after: Due) {
        self.deadlines.shift(hash, before.key, after.key);
        self.wakes.shift(hash, before.part, after.part);
    }

    pub(crate) fn size(&self, now: stdx::UnixMs) -> DbSize {
        const SAMPLE: usize = 16;
        DbSize {
            keys: self.table.len(),
            volatile_keys: self.deadlines.len(),
            keys_with_volatile_parts: self.wakes.len(),
            average_ttl_ms: self.deadlines.average_ttl_ms(now, SAMPLE),
            table_bytes: self.table.memory_bytes(),
        }
    }
}
