//! What looks at more than the keys it names: SCAN, RANDOMKEY, DBSIZE, FLUSHDB, SWAPDB, and the timer that removes expired keys.

use std::any::Any;

use stdx::UnixMs;

use crate::db::ExpiredParts;
use crate::keyspace::{DbSize, Shard};
use crate::locks::{Mode, Turn};
use crate::table::{Entry, Occupied};
use crate::{AccessClock, Changes, Db};

/// How many expired keys are removed under one hold of a stripe's lock.
const EXPIRE_BATCH: usize = 64;

/// How often RANDOMKEY tries again when it hits a key that has expired.
const RANDOM_TRIES: usize = 100;

impl Db<'_> {
    /// Visits some keys from `cursor` on, expired ones left out, and returns the cursor to go on from; 0 begins and ends. A key
    /// that is there from the first call to the last is visited at least once. Any number is a valid cursor.
    pub fn scan(&self, cursor: u64, count: usize, mut visit: impl FnMut(Entry<'_>)) -> u64 {
        let stripes = self.access.keyspace.stripes.len();
        let bits = stripes.trailing_zeros();
        let mut stripe = usize::try_from(cursor & (stripes as u64 - 1)).unwrap_or(0);
        let mut inner = cursor >> bits;
        let mut seen = 0;
        while seen < count {
            inner = self.access.visit(stripe, self.index, |shard| {
                if shard.table.is_empty() {
                    return 0;
                }
                shard.table.scan(inner, count - seen, |entry| {
                    seen += 1;
                    if !self.is_expired(entry.deadline()) {
                        visit(entry);
                    }
                })
            });
            if inner != 0 {
                // The table stopped by its own bound on empty buckets, or the budget is spent.
                break;
            }
            stripe += 1;
            if stripe == stripes {
                return 0;
            }
        }
        inner << bits | stripe as u64
    }

    /// Visits every key, expired ones left out.
    pub fn for_each(&self, mut visit: impl FnMut(Entry<'_>)) {
        for stripe in 0..self.access.keyspace.stripes.len() {
            self.access.visit(stripe, self.index, |shard| {
                shard.table.for_each(|entry| {
                    if !self.is_expired(entry.deadline()) {
                        visit(entry);
                    }
                });
            });
        }
    }

    /// Calls `found` with a key, each being equally likely. Returns `None` when there is none.
    pub fn random_key<R>(&self, rng: &mut impl FnMut() -> u64, found: impl FnOnce(&[u8]) -> R) -> Option<R> {
        let mut found = Some(found);
        for _ in 0..RANDOM_TRIES {
            let sizes: Vec<usize> = (0..self.access.keyspace.stripes.len())
                .map(|stripe| self.access.visit(stripe, self.index, |shard| shard.table.len()))
                .collect();
            let total: usize = sizes.iter().sum();
            let mut rest = rng().checked_rem(total as u64)?;
            let stripe = sizes.iter().position(|&size| {
                let here = rest < size as u64;
                rest = if here { rest } else { rest - size as u64 };
                here
            })?;
            let answer = self.access.visit(stripe, self.index, |shard| {
                let entry = shard.table.random(&mut *rng)?;
                if self.is_expired(entry.deadline()) { None } else { found.take().map(|found| found(entry.key())) }
            });
            if answer.is_some() {
                return answer;
            }
        }
        None
    }

    /// How much the selected database holds, expired keys that are not yet removed included.
    #[must_use]
    pub fn size(&self) -> DbSize {
        let mut sum = DbSize::default();
        let mut weighted_ttl = 0_i128;
        for stripe in 0..self.access.keyspace.stripes.len() {
            let size = self.access.visit(stripe, self.index, |shard: &Shard| shard.size(self.now));
            sum.keys += size.keys;
            sum.volatile_keys += size.volatile_keys;
            sum.keys_with_volatile_parts += size.keys_with_volatile_parts;
            sum.table_bytes += size.table_bytes;
            weighted_ttl += i128::from(size.average_ttl_ms) * size.volatile_keys as i128;
        }
        let mean = weighted_ttl.checked_div(sum.volatile_keys as i128).unwrap_or(0);
        sum.average_ttl_ms = i64::try_from(mean).unwrap_or(i64::MAX);
        sum
    }

    /// Empties the selected database; what was in it is garbage for another thread. Returns how many keys that were.
    ///
    /// # Panics
    /// When others are inside: the command's scope must be everything.
    pub fn flush(&mut self) -> usize {
        let mut count = 0;
        for stripe in 0..self.access.keyspace.stripes.len() {
            if self.access.shard(stripe, self.index).table.is_empty() {
                continue;
            }
            let first = self.access.shard(stripe, self.index).earliest();
            let taken = self.access.take_shard(stripe, self.index);
            count += taken.0;
            if taken.0 > 0 {
                let remains: Box<dyn Any + Send> = Box::new(taken);
                self.changes.garbage.push(remains);
            }
            if first.is_some() {
                self.deadline_moved(stripe, first, None);
            }
        }
        self.changes.count += count as u64;
        // Also when it was empty: who caches keys is told in any case, as by Redis.
        self.changes.replaced_dbs.push(self.index);
        count
    }

    /// Exchanges two databases.
    ///
    /// # Panics
    /// When others are inside, or a database does not exist.
    pub fn swap(&mut self, first: usize, second: usize) {
        self.access.swap_dbs(first, second);
        self.changes.replaced_dbs.extend([first, second]);
        self.changes.count += 1;
    }
}

impl Turn<'_> {
    /// Removes keys and parts of values whose deadline has passed, at most about `budget` of them. `told` hears of each stripe's under the
    /// stripe's lock. Returns what changed and whether more are due.
    pub fn expire_due(
        &mut self,
        now: UnixMs,
        clock: AccessClock,
        budget: usize,
        mut told: impl FnMut(&Changes),
    ) -> (Changes, bool) {
        let keyspace = self.keyspace();
        let mut all = Changes::default();
        let mut done = 0;
        for stripe in 0..keyspace.stripes.len() {
            while keyspace.stripe_earliest(stripe).is_some_and(|at| at < now) {
                if done >= budget {
                    return (all, true);
                }
                let access = self.lock_stripe(stripe, Mode::Write);
                let mut db = Db::new(access, 0, now, clock, false, 0);
                done += db.expire_stripe(stripe);
                told(&db.changes);
                let changes = db.finish();
                all.expired.extend(changes.expired);
                all.expired_parts.extend(changes.expired_parts);
                all.garbage.extend(changes.garbage);
            }
        }
        keyspace.refresh_earliest_deadline();
        (all, false)
    }
}

impl Turn<'_> {
    /// Whether so much was deleted from some table that [`Turn::shrink`] would give memory back.
    #[must_use]
    pub fn wants_shrink(&mut self) -> bool {
        let (stripes, databases) = (self.keyspace().stripes.len(), self.keyspace().databases());
        let access = self.walk();
        (0..stripes).any(|stripe| (0..databases).any(|db| access.visit(stripe, db, |shard| shard.table.wants_shrink())))
    }

    /// Gives memory back after deletions, alone, by at most `budget` segments (under 0.1 ms each). Returns whether there is
    /// more to do. Does nothing while somebody else is alone for long.
    pub fn shrink(&mut self, budget: usize) -> bool {
        let (stripes, databases) = (self.keyspace().stripes.len(), self.keyspace().databases());
        let Ok(mut access) = self.lock_all_unless_busy() else { return false };
        (0..stripes).any(|stripe| (0..databases).any(|db| access.shrink_shard(stripe, db, budget)))
    }
}

impl Db<'_> {
    /// Removes up to [`EXPIRE_BATCH`] expired keys and parts of a stripe, and returns how many. It goes round the databases from the
    /// one with the earliest deadline on, so that none is passed over for ever, and notes the stripe's next deadline once, not
    /// after every key: either would cost the square of the number of databases.
    fn expire_stripe(&mut self, stripe: usize) -> usize {
        let databases = self.databases();
        let first = |db: &usize| self.access.shard(stripe, *db).earliest().map_or(i64::MAX, |at| at.0);
        let start = (0..databases).min_by_key(first).unwrap_or(0);
        let mut room = EXPIRE_BATCH;
        for db in (start..databases).chain(0..start) {
            if self.access.shard(stripe, db).earliest().is_none() {
                continue;
            }
            self.select(db);
            while room > 0 && self.expire_first(stripe) {
                room -= 1;
            }
            while room > 0
                && let Some(count) = self.expire_first_parts(stripe, room)
            {
                room -= count.min(room);
            }
            if room == 0 {
                break;
            }
        }
        let earliest = (0..databases).filter_map(|db| self.access.shard(stripe, db).earliest()).min();
        self.access.keyspace.note_deadline(stripe, earliest);
        EXPIRE_BATCH - room
    }

    /// Removes the key whose deadline passed first. Returns whether one had passed.
    fn expire_first(&mut self, stripe: usize) -> bool {
        let now = self.now;
        let Shard { table, deadlines, wakes } = self.access.shard_mut(stripe, self.index);
        let Some((at, hash)) = deadlines.pop_due(now) else { return false };
        let due = table.find_by_hash_mut(hash, |entry| entry.deadline() == Some(at));
        if let Some(entry) = due.map(Occupied::remove) {
            wakes.shift(hash, entry.as_entry().wake_at(), None);
            self.note_expired(entry.key());
            self.discard(entry);
        }
        true
    }

    /// Removes up to `max` expired parts of the value that has the one that expired first. Returns how many it had, at least 1;
    /// `None` if none is due.
    fn expire_first_parts(&mut self, stripe: usize, max: usize) -> Option<usize> {
        let (now, db) = (self.now, self.index);
        let Shard { table, deadlines, wakes } = self.access.shard_mut(stripe, db);
        let (at, hash) = wakes.pop_due(now)?;
        let Some(mut slot) = table.find_by_hash_mut(hash, |entry| entry.wake_at() == Some(at)) else { return Some(1) };
        let mut parts = Vec::new();
        let mut entry = slot.entry_mut();
        let Some(value) = entry.value_mut() else { return Some(1) };
        let count = value.take_due(now, max, &mut |part| parts.push(Box::from(part)));
        let emptied = value.is_vacant();
        let key = Box::from(slot.entry().key());
        let removed = if emptied { Some(slot.remove()) } else { None };
        match &removed {
            Some(entry) => deadlines.shift(hash, entry.deadline(), None),
            None => {
                let next = table.find_by_hash(hash, |entry| entry.key() == &*key).and_then(|entry| entry.wake_at());
                wakes.shift(hash, None, next);
            }
        }
        if let Some(entry) = removed {
            self.discard(entry);
        }
        self.changes.expired_parts.push(ExpiredParts { db, key, parts, emptied });
        Some(count.max(1))
    }
}
