//! Which keys go when the memory is full.
//!
//! No list of all keys by their use is kept: it would cost two pointers a key and a write to shared lines at every read. As in Redis since
//! 3.0, a few keys are sampled for each that goes, and a small pool remembers the best of earlier samples, which comes close to
//! the exact order. A sample is read under its stripe's lock, the victim is removed under its own, one after the other, so
//! that other threads wait for a microsecond at most.
//!
//! The pool names a key by database and hash: names would have to be copied, and entries move. A candidate that was used since it was sampled
//! is not what the pool takes it for; it is looked at again before it goes, and stays then.
//!
//! | rank | volatile keys only | all keys |
//! | --- | --- | --- |
//! | idle, rare | sampled: from the table while one key in 64 is volatile, else from the deadlines | sampled from the table |
//! | random | the first of such a sample | the first of such a sample |
//! | soonest | exact: deadlines are kept in order | none such |

use stdx::UnixMs;

use crate::keyspace::Shard;
use crate::locks::{Mode, Turn, numbered};
use crate::table::{Entry, Occupied};
use crate::{Access, AccessClock, Db, Expired};

/// How many candidates are remembered.
const POOL: usize = 16;

/// While at least one key in so many has a deadline, volatile keys are sampled from the table.
const SPARSE: usize = 64;

/// In what order keys go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    /// Not used, or under LRM not changed, for the longest time.
    Idle,
    /// Used least often.
    Rare,
    Random,
    /// The one whose deadline is next. Keys without one never go.
    Soonest,
}

/// What may go, and what goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    pub rank: Rank,
    /// Keys without a deadline stay.
    pub volatile_only: bool,
    /// How many keys are looked at for each that goes.
    pub samples: usize,
}

/// A key chosen to go: found again by its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Victim {
    pub db: usize,
    pub hash: u64,
    score: u32,
}

/// One thread's memory of good candidates, the best last.
///
/// ```
/// use keyspace::{AccessClock, Candidates, Db, Key, Keyspace, Rank, Rule, Ttl};
/// use stdx::UnixMs;
///
/// let keyspace = Keyspace::new(1, 1, [7; 16]);
/// let (now, clock) = (UnixMs(0), AccessClock::Lru { now: UnixMs(0) });
/// let mut turn = keyspace.enter(0);
/// let mut db = Db::new(turn.lock_all(), 0, now, clock, true, 0);
/// db.set_string(Key::with_hash(b"k", keyspace.hasher().hash(b"k")), value::StringRef::Int(1), Ttl::Clear);
/// drop(db.finish());
///
/// let rule = Rule { rank: Rank::Idle, volatile_only: false, samples: 5 };
/// let victim = turn.choose_victim(&mut Candidates::default(), rule, clock, &mut || 42).unwrap();
/// let mut db = Db::new(turn.lock_all(), victim.db, now, clock, true, 0);
/// assert!(db.evict(victim, rule).is_some());
/// assert_eq!(&*db.finish().evicted[0].key, b"k");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Candidates {
    pool: Vec<Victim>,
}

/// What went with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evicted {
    /// The value was large: it is garbage of so many bytes for another thread. 0: it is freed.
    pub garbage_bytes: usize,
}

impl Candidates {
    /// Forgets all: the rule or the clock is another.
    pub fn clear(&mut self) {
        self.pool.clear();
    }

    /// Enters a candidate if it is better than the worst or there is room.
    fn offer(&mut self, victim: Victim) {
        let place = self.pool.partition_point(|known| known.score < victim.score);
        if (place == 0 && self.pool.len() == POOL)
            || self.pool.iter().any(|known| known.hash == victim.hash && known.db == victim.db)
        {
            return;
        }
        if self.pool.len() == POOL {
            self.pool.remove(0);
            self.pool.insert(place - 1, victim);
        } else {
            self.pool.insert(place, victim);
        }
    }
}

impl Rule {
    /// How much better than others it is that the entry goes.
    fn score(self, entry: Entry<'_>, clock: AccessClock) -> u32 {
        match self.rank {
            Rank::Idle => clock.idle_seconds(entry.clock()),
            Rank::Rare => u32::from(u8::MAX - clock.frequency(entry.clock())),
            Rank::Random | Rank::Soonest => 0,
        }
    }

    fn admits(self, entry: Entry<'_>) -> bool {
        !self.volatile_only || entry.deadline().is_some()
    }

    /// How many keys of a shard may go.
    fn eligible(self, shard: &Shard) -> usize {
        if self.volatile_only { shard.deadlines.len() } else { shard.table.len() }
    }
}

impl Turn<'_> {
    /// The next key that is to go under `rule`; `None` when there is none. Locks stripes one at a time, for reading.
    pub fn choose_victim(
        &mut self,
        candidates: &mut Candidates,
        rule: Rule,
        clock: AccessClock,
        rng: &mut impl FnMut() -> u64,
    ) -> Option<Victim> {
        if rule.rank == Rank::Soonest {
            return self.soonest();
        }
        if rule.rank == Rank::Random {
            candidates.clear();
        }
        let keyspace = self.keyspace();
        let (stripes, hasher) = (keyspace.stripes.len(), *keyspace.hasher());
        let start = usize::try_from(rng() % stripes as u64).unwrap_or(0);
        let access = self.walk();
        for stripe in (start..stripes).chain(0..start) {
            // Without a lock: where nothing is due some time, nothing is volatile.
            if rule.volatile_only && keyspace.stripe_earliest(stripe).is_none() {
                continue;
            }
            access.visit_all(stripe, |groups| {
                let Some((db, shard)) = choose_db(groups, rule, rng) else { return };
                shard.sample_for(rule, rng, |entry| {
                    let hash = hasher.hash(entry.key());
                    candidates.offer(Victim { db, hash, score: rule.score(entry, clock) });
                });
            });
            // A place may turn out empty: then the next one is tried.
            if !candidates.pool.is_empty() {
                break;
            }
        }
        candidates.pool.pop()
    }

    /// The volatile key whose deadline is next in the whole keyspace.
    fn soonest(&mut self) -> Option<Victim> {
        let keyspace = self.keyspace();
        // What each stripe tells without a lock is at most its first deadline: the search ends when nothing sooner can follow.
        let mut hints: Vec<(UnixMs, usize)> = (0..keyspace.stripes.len())
            .filter_map(|stripe| keyspace.stripe_earliest(stripe).map(|at| (at, stripe)))
            .collect();
        hints.sort_unstable();
        let access = self.walk();
        let mut best: Option<(UnixMs, Victim)> = None;
        for (hint, stripe) in hints {
            if best.is_some_and(|(at, _)| at <= hint) {
                break;
            }
            access.visit_all(stripe, |groups| {
                for (db, shard) in numbered(groups) {
                    if let Some((at, hash)) = shard.deadlines.first_key()
                        && best.is_none_or(|(known, _)| at < known)
                    {
                        best = Some((at, Victim { db, hash, score: 0 }));
                    }
                }
            });
        }
        best.map(|(_, victim)| victim)
    }

    /// Locks the stripe of a chosen key for its removal.
    #[must_use]
    pub fn lock_victim(&mut self, victim: Victim) -> Access<'_> {
        self.lock_key(victim.hash, Mode::Write)
    }
}

/// A database of a stripe with keys that may go, each key being equally likely to be in it.
fn choose_db<'a>(
    groups: &'a [(usize, &'a [Shard])],
    rule: Rule,
    rng: &mut impl FnMut() -> u64,
) -> Option<(usize, &'a Shard)> {
    let sizes = || numbered(groups).map(|(_, shard)| rule.eligible(shard) as u64);
    let mut rest = rng().checked_rem(sizes().sum())?;
    numbered(groups).find(|(_, shard)| {
        let size = rule.eligible(shard) as u64;
        let here = rest < size;
        rest = rest.saturating_sub(size);
        here
    })
}

impl Shard {
    /// Shows `visit` some keys that may go.
    fn sample_for(&self, rule: Rule, rng: &mut impl FnMut() -> u64, mut visit: impl FnMut(Entry<'_>)) {
        let mut left = if rule.rank == Rank::Random { 1 } else { rule.samples };
        let (volatile, all) = (self.deadlines.len(), self.table.len());
        if !rule.volatile_only {
            self.table.sample(left, rng, visit);
        } else if volatile > all / SPARSE {
            // Enough entries to find so many volatile ones among them.
            let looked_at = left.saturating_mul(all).div_ceil(volatile.max(1));
            self.table.sample(looked_at, rng, |entry| {
                if left > 0 && rule.admits(entry) {
                    left -= 1;
                    visit(entry);
                }
            });
            if left > 0 {
                // A small table may hold its few volatile keys elsewhere.
                self.sample_deadlines(left, rng(), visit);
            }
        } else {
            self.sample_deadlines(left, rng(), visit);
        }
    }

    fn sample_deadlines(&self, count: usize, chance: u64, mut visit: impl FnMut(Entry<'_>)) {
        for hash in self.deadlines.sample(count, chance) {
            if let Some(entry) = self.table.find_by_hash(hash, |entry| entry.deadline().is_some()) {
                visit(entry);
            }
        }
    }
}

impl Db<'_> {
    /// Removes a chosen key for want of memory, and records it. `None`: it is gone, or has been used since it was chosen.
    pub fn evict(&mut self, victim: Victim, rule: Rule) -> Option<Evicted> {
        let clock = self.clock;
        let stripe = self.access.keyspace.stripe_index(victim.hash);
        let shard = self.access.shard_mut(stripe, victim.db);
        let found = shard.table.find_by_hash_mut(victim.hash, |entry| rule.admits(entry))?;
        if rule.score(found.entry(), clock) < victim.score {
            return None;
        }
        let entry = Occupied::remove(found);
        let view = entry.as_entry();
        let key: Box<[u8]> = Box::from(view.key());
        let before = crate::keyspace::Due::of(view);
        shard.reschedule(victim.hash, before, crate::keyspace::Due::default());
        self.deadline_moved(stripe, before.first(), None);
        let garbage = self.changes.garbage.len();
        let bytes = view.block_bytes().saturating_add(view.value().heap_bytes());
        self.discard(entry);
        self.select(victim.db);
        self.note_touched(victim.hash, &key);
        self.changes.evicted.push(Expired { db: victim.db, key });
        let is_garbage = self.changes.garbage.len() > garbage;
        Some(Evicted { garbage_bytes: if is_garbage { bytes } else { 0 } })
    }
}
