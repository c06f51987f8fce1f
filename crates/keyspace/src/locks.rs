//! Who may touch which stripes: the turn of a lane inside the gate, and the access to what it locked.
//!
//! The rules that make the unsafe blocks below sound:
//! 1. A lane has one owner ([`Gate::enter`] refuses a second, also while the first has closed the gate), so there is one [`Turn`]
//!    a lane, and a `Turn` lends out one [`Access`] at a time.
//! 2. A stripe's shards are reached only through an `Access` that covers the stripe (or is lent by one that does): alone inside the gate (one lane), with the
//!    gate closed, or holding the stripe's lock in a mode that allows it. This is checked at every step, in release too: a
//!    handler that touches a key it did not declare stops with a panic instead of racing.
//! 3. Stripes are locked in ascending order, all at once, so no two lanes wait for each other.
//! 4. The prefetch handles are written only with the gate closed and read only from inside.

use std::marker::PhantomData;

use parking_lot::lock_api::RawRwLock as _;
use smallvec::SmallVec;

use value::table::Table as ElementTable;

use crate::deadlines::Deadlines;
use crate::gate::Closed;
use crate::keyspace::{GROUP, Shard};
use crate::table::{Prefetcher, Quiet, Remains};
use crate::{Key, Keyspace};

/// What a command does with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    Read,
    Write,
}

/// The time a lane spends inside the gate.
#[derive(Debug)]
pub struct Turn<'k> {
    keyspace: &'k Keyspace,
    lane: usize,
    /// A lane belongs to one thread.
    not_send: PhantomData<*const ()>,
}

/// What is locked. Released when it drops.
#[derive(Debug)]
pub struct Access<'t> {
    pub(crate) keyspace: &'t Keyspace,
    held: Held<'t>,
    lane: usize,
    not_send: PhantomData<*const ()>,
}

#[derive(Debug)]
enum Held<'t> {
    /// There is one lane, and it is here.
    Alone,
    /// Every other lane is outside.
    Closed(Closed<'t>),
    Stripe(u32, Mode),
    /// Ascending.
    Stripes(SmallVec<[(u32, Mode); 6]>),
    /// Nothing: stripes are read one at a time.
    Walk,
    /// What another access holds, which is borrowed exclusively meanwhile.
    Lent(&'t Held<'t>),
}

impl Held<'_> {
    const fn is_alone(&self) -> bool {
        match self {
            Held::Alone | Held::Closed(_) => true,
            Held::Lent(held) => held.is_alone(),
            Held::Stripe(..) | Held::Stripes(_) | Held::Walk => false,
        }
    }

    const fn is_walk(&self) -> bool {
        match self {
            Held::Walk => true,
            Held::Lent(held) => held.is_walk(),
            Held::Alone | Held::Closed(_) | Held::Stripe(..) | Held::Stripes(_) => false,
        }
    }

    fn allows(&self, stripe: usize, mode: Mode) -> bool {
        let covers = |held: &(u32, Mode)| held.0 as usize == stripe && held.1 >= mode;
        match self {
            Held::Alone | Held::Closed(_) => true,
            Held::Stripe(held, held_mode) => covers(&(*held, *held_mode)),
            Held::Stripes(held) => held.iter().any(covers),
            Held::Walk => false,
            Held::Lent(held) => held.allows(stripe, mode),
        }
    }
}

impl Keyspace {
    /// Goes in through the gate; waits while it is closed.
    ///
    /// # Panics
    /// When `lane` does not exist or is inside already.
    #[must_use]
    pub fn enter(&self, lane: usize) -> Turn<'_> {
        self.gate.enter(lane);
        Turn { keyspace: self, lane, not_send: PhantomData }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.keyspace.gate.leave(self.lane);
    }
}

impl<'k> Turn<'k> {
    pub(crate) const fn keyspace(&self) -> &'k Keyspace {
        self.keyspace
    }

    /// Locks the stripe of one key.
    #[must_use]
    pub fn lock_key(&mut self, hash: u64, mode: Mode) -> Access<'_> {
        if !self.keyspace.is_shared() {
            return self.access(Held::Alone);
        }
        self.lock_stripe(self.keyspace.stripe_index(hash), mode)
    }

    /// Locks the stripes of several keys, given by their hashes.
    #[must_use]
    pub fn lock_keys(&mut self, keys: impl Iterator<Item = (u64, Mode)>) -> Access<'_> {
        if !self.keyspace.is_shared() {
            return self.access(Held::Alone);
        }
        self.access(Held::Stripes(self.keyspace.lock_stripes(keys)))
    }

    /// Locks one stripe by its index.
    #[expect(clippy::needless_pass_by_ref_mut, reason = "a turn lends out one access at a time")]
    #[must_use]
    pub(crate) fn lock_stripe(&mut self, stripe: usize, mode: Mode) -> Access<'_> {
        if !self.keyspace.is_shared() {
            return self.access(Held::Alone);
        }
        let stripe = to_u32(stripe);
        self.keyspace.lock(stripe, mode);
        self.access(Held::Stripe(stripe, mode))
    }

    /// Locks nothing: for reading any stripe, one at a time.
    #[must_use]
    pub fn walk(&mut self) -> Access<'_> {
        let held = if self.keyspace.is_shared() { Held::Walk } else { Held::Alone };
        self.access(held)
    }

    /// Waits until every other lane is outside and keeps them there.
    #[must_use]
    pub fn lock_all(&mut self) -> Access<'_> {
        if !self.keyspace.is_shared() {
            return self.access(Held::Alone);
        }
        self.keyspace.gate.step_out(self.lane);
        let closed = self.keyspace.gate.close();
        self.access(Held::Closed(closed))
    }

    /// First pass over a batch: asks for the cache lines of the key's bucket.
    pub fn prefetch_bucket(&self, db: usize, hash: u64) {
        if let Some(prefetcher) = self.keyspace.prefetcher(db, hash) {
            prefetcher.prefetch_bucket(hash);
        }
    }

    /// Second pass: asks for the entry.
    pub fn prefetch_entry(&self, db: usize, hash: u64) {
        if let Some(prefetcher) = self.keyspace.prefetcher(db, hash) {
            prefetcher.prefetch_entry(hash);
        }
    }

    /// For commands in a row on one collection: lets `look` see the table of its elements, if it has one.
    pub fn look_ahead(&mut self, db: usize, key: Key<'_>, look: impl FnOnce(&ElementTable)) {
        let stripe = self.keyspace.stripe_index(key.hash());
        let access = self.lock_key(key.hash(), Mode::Read);
        let entry = access.shard(stripe, db).table.get(key.bytes(), key.hash());
        if let Some(table) = entry.and_then(|entry| entry.value().element_table()) {
            look(table);
        }
    }

    fn access<'t>(&'t self, held: Held<'t>) -> Access<'t> {
        Access { keyspace: self.keyspace, held, lane: self.lane, not_send: PhantomData }
    }
}

impl Keyspace {
    /// Locks the stripes of these keys, in ascending order, and tells which they were.
    fn lock_stripes(&self, keys: impl Iterator<Item = (u64, Mode)>) -> SmallVec<[(u32, Mode); 6]> {
        let mut stripes: SmallVec<[(u32, Mode); 6]> =
            keys.map(|(hash, mode)| (to_u32(self.stripe_index(hash)), mode)).collect();
        // Descending modes within a stripe: the stronger one stays when the stripe's duplicates go.
        stripes.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
        stripes.dedup_by_key(|(stripe, _)| *stripe);
        for (stripe, mode) in &stripes {
            self.lock(*stripe, *mode);
        }
        stripes
    }

    fn lock(&self, stripe: u32, mode: Mode) {
        let lock = &self.stripes[stripe as usize].lock;
        match mode {
            Mode::Read => lock.lock_shared(),
            Mode::Write => lock.lock_exclusive(),
        }
    }

    #[expect(unsafe_code, reason = "releases what `lock` took")]
    fn unlock(&self, stripe: u32, mode: Mode) {
        let lock = &self.stripes[stripe as usize].lock;
        match mode {
            // SAFETY: only `Access::drop` and `Access::visit` call this, for a lock they hold in this mode.
            Mode::Read => unsafe { lock.unlock_shared() },
            // SAFETY: as above.
            Mode::Write => unsafe { lock.unlock_exclusive() },
        }
    }

    /// Only called through a `Turn` or an `Access`, that is, from inside the gate or with it closed by the caller.
    #[expect(unsafe_code, reason = "reads what is written only with the gate closed")]
    fn prefetcher(&self, db: usize, hash: u64) -> Option<&Prefetcher> {
        let prefetchers = self.stripes[self.stripe_index(hash)].group(db)?.prefetchers.get();
        // SAFETY: `Access::swap_dbs` is the only writer, and it needs the gate closed (or the only lane), while the caller is
        // inside; the borrow ends before the caller's turn does.
        let prefetchers = unsafe { &*prefetchers };
        prefetchers.get(db % GROUP).map(|prefetcher| &**prefetcher)
    }
}

#[expect(unsafe_code, reason = "what is not Sync in it is guarded by the stripes' locks")]
// SAFETY: the cells are reached only under the rules of the module's head, and what is in them may be sent and shared (below).
unsafe impl Sync for Keyspace {}

const fn may_be_sent_and_shared<T: Send + Sync>() {}
const _: () = may_be_sent_and_shared::<Shard>();

impl Access<'_> {
    /// One database's share of a stripe, for reading.
    #[expect(unsafe_code, reason = "the access covers the stripe")]
    pub(crate) fn shard(&self, stripe: usize, db: usize) -> &Shard {
        self.check(stripe, Mode::Read);
        let Some(group) = self.keyspace.stripes[stripe].group(db) else { return &self.keyspace.vacant };
        // SAFETY: checked above: nobody writes to the stripe while this access lives, except through `&mut self`.
        let shards = unsafe { &*group.dbs.get() };
        &shards[db % GROUP]
    }

    /// One database's share of a stripe, for writing.
    #[expect(unsafe_code, reason = "the access covers the stripe")]
    #[expect(clippy::needless_pass_by_ref_mut, reason = "excludes the shards lent out through this access")]
    pub(crate) fn shard_mut(&mut self, stripe: usize, db: usize) -> &mut Shard {
        self.check(stripe, Mode::Write);
        let group = self.keyspace.stripes[stripe].group_or_new(db, self.keyspace.hasher);
        // SAFETY: checked above: nobody else reads or writes the stripe while this access lives, and `&mut self` excludes other
        // borrows through this one.
        let shards = unsafe { &mut *group.dbs.get() };
        &mut shards[db % GROUP]
    }

    /// Reads one database's share of a stripe, locking it meanwhile if need be.
    #[expect(unsafe_code, reason = "locks the stripe when the access does not cover it")]
    pub(crate) fn visit<R>(&self, stripe: usize, db: usize, read: impl FnOnce(&Shard) -> R) -> R {
        if !self.held.is_walk() {
            return read(self.shard(stripe, db));
        }
        let Some(group) = self.keyspace.stripes[stripe].group(db) else { return read(&self.keyspace.vacant) };
        let guard = SharedGuard::new(self.keyspace, to_u32(stripe));
        // SAFETY: the guard holds the stripe's lock for reading until the end of this function.
        let shards = unsafe { &*group.dbs.get() };
        let result = read(&shards[db % GROUP]);
        drop(guard);
        result
    }

    /// Reads every database's share of a stripe, as far as they have come into being, locking it meanwhile if need be. They come in
    /// groups, each with the number of its first database.
    #[expect(unsafe_code, reason = "locks the stripe when the access does not cover it")]
    pub(crate) fn visit_all<R>(&self, stripe: usize, read: impl FnOnce(&[(usize, &[Shard])]) -> R) -> R {
        let guard = self.held.is_walk().then(|| SharedGuard::new(self.keyspace, to_u32(stripe)));
        if guard.is_none() {
            self.check(stripe, Mode::Read);
        }
        let stripe = &self.keyspace.stripes[stripe];
        let groups: SmallVec<[(usize, &[Shard]); 1]> = (0..self.keyspace.databases())
            .step_by(GROUP)
            .filter_map(|first| {
                let group = stripe.group(first)?;
                // SAFETY: the guard holds the stripe's lock for reading until the end of this function, or it was checked that
                // this access does, so that nobody writes to the stripe meanwhile, except through `&mut self`.
                let shards = unsafe { &*group.dbs.get() };
                Some((first, &**shards))
            })
            .collect();
        let result = read(&groups);
        drop(groups);
        drop(guard);
        result
    }

    /// Whether nobody else is inside.
    pub(crate) const fn is_alone(&self) -> bool {
        self.held.is_alone()
    }

    /// Empties one database's share of a stripe in constant time and returns it with its number of keys.
    ///
    /// # Panics
    /// When others are inside.
    #[expect(unsafe_code, reason = "the gate is closed, or there is one lane")]
    pub(crate) fn take_shard(&mut self, stripe: usize, db: usize) -> (usize, Remains, [Deadlines; 2]) {
        assert!(self.is_alone(), "databases are emptied while nobody else is inside");
        let shard = self.shard_mut(stripe, db);
        let count = shard.table.len();
        // SAFETY: alone inside, or with every other lane outside: prefetching happens only inside, by this thread.
        let quiet = unsafe { Quiet::assume() };
        (count, shard.table.take_all(quiet), [&mut shard.deadlines, &mut shard.wakes].map(std::mem::take))
    }

    /// Gives memory of one table back, if it wants to; returns whether there is more to do.
    ///
    /// # Panics
    /// When others are inside.
    #[expect(unsafe_code, reason = "the gate is closed, or there is one lane")]
    pub(crate) fn shrink_shard(&mut self, stripe: usize, db: usize, budget: usize) -> bool {
        assert!(self.is_alone(), "tables shrink while nobody else is inside");
        if !self.shard(stripe, db).table.wants_shrink() {
            return false;
        }
        let table = &mut self.shard_mut(stripe, db).table;
        // SAFETY: alone inside, or with every other lane outside: prefetching happens only inside, by this thread.
        let quiet = unsafe { Quiet::assume() };
        table.shrink(quiet, budget)
    }

    /// Exchanges two databases in every stripe.
    ///
    /// # Panics
    /// When others are inside, or a database does not exist.
    #[expect(unsafe_code, reason = "alone")]
    #[expect(clippy::needless_pass_by_ref_mut, reason = "excludes the shards lent out through this access")]
    pub(crate) fn swap_dbs(&mut self, first: usize, second: usize) {
        assert!(self.is_alone(), "databases are exchanged while nobody else is inside");
        for stripe in &self.keyspace.stripes {
            if first / GROUP != second / GROUP && stripe.group(first).is_none() && stripe.group(second).is_none() {
                continue;
            }
            let [one, other] = [first, second].map(|db| stripe.group_or_new(db, self.keyspace.hasher));
            let (at, to) = (first % GROUP, second % GROUP);
            // SAFETY: alone, and `&mut self` excludes other borrows through this access.
            let shards = unsafe { &mut *one.dbs.get() };
            // SAFETY: as above.
            let prefetchers = unsafe { &mut *one.prefetchers.get() };
            if std::ptr::eq(one, other) {
                shards.swap(at, to);
                prefetchers.swap(at, to);
                continue;
            }
            // SAFETY: as above, and this is another group.
            let other_shards = unsafe { &mut *other.dbs.get() };
            std::mem::swap(&mut shards[at], &mut other_shards[to]);
            // SAFETY: as above.
            let other_prefetchers = unsafe { &mut *other.prefetchers.get() };
            std::mem::swap(&mut prefetchers[at], &mut other_prefetchers[to]);
        }
    }

    /// See [`Turn::prefetch_bucket`].
    pub(crate) fn prefetch_bucket(&self, db: usize, hash: u64) {
        if let Some(prefetcher) = self.keyspace.prefetcher(db, hash) {
            prefetcher.prefetch_bucket(hash);
        }
    }

    /// See [`Turn::prefetch_entry`].
    pub(crate) fn prefetch_entry(&self, db: usize, hash: u64) {
        if let Some(prefetcher) = self.keyspace.prefetcher(db, hash) {
            prefetcher.prefetch_entry(hash);
        }
    }

    fn check(&self, stripe: usize, mode: Mode) {
        assert!(
            self.held.allows(stripe, mode),
            "a command touched a key that it did not declare (stripe {stripe}, {mode:?})"
        );
    }
}

impl<'t> Access<'t> {
    /// Whether all these keys, given by their hashes, may be touched in these modes.
    #[must_use]
    pub fn covers(&self, mut keys: impl Iterator<Item = (u64, Mode)>) -> bool {
        keys.all(|(hash, mode)| self.held.allows(self.keyspace.stripe_index(hash), mode))
    }

    /// The same access for a shorter time, so that several views follow each other under the same locks.
    pub fn lend(&mut self) -> Access<'_> {
        Access { keyspace: self.keyspace, held: Held::Lent(&self.held), lane: self.lane, not_send: PhantomData }
    }

    /// Gives up what is locked and locks the stripes of these keys instead: what was known under the locks may no longer hold.
    #[must_use]
    pub fn relock(mut self, keys: impl Iterator<Item = (u64, Mode)>) -> Self {
        if !self.held.is_alone() && !matches!(self.held, Held::Lent(_)) {
            self.release();
            self.held = Held::Stripes(self.keyspace.lock_stripes(keys));
        }
        self
    }

    /// Gives up what is locked and closes the gate instead: what was known under the locks may no longer hold.
    #[must_use]
    pub fn widen_to_all(mut self) -> Self {
        if !self.held.is_alone() && !matches!(self.held, Held::Lent(_)) {
            self.release();
            self.keyspace.gate.step_out(self.lane);
            self.held = Held::Closed(self.keyspace.gate.close());
        }
        self
    }

    fn release(&mut self) {
        match std::mem::replace(&mut self.held, Held::Walk) {
            Held::Alone | Held::Walk | Held::Lent(_) => {}
            Held::Closed(closed) => {
                drop(closed);
                self.keyspace.gate.come_back(self.lane);
            }
            Held::Stripe(stripe, mode) => self.keyspace.unlock(stripe, mode),
            Held::Stripes(stripes) => {
                for (stripe, mode) in stripes {
                    self.keyspace.unlock(stripe, mode);
                }
            }
        }
    }
}

impl Drop for Access<'_> {
    fn drop(&mut self) {
        self.release();
    }
}

/// The databases of [`Access::visit_all`] with their numbers.
pub(crate) fn numbered<'a>(groups: &'a [(usize, &'a [Shard])]) -> impl Iterator<Item = (usize, &'a Shard)> + Clone {
    groups.iter().flat_map(|(first, shards)| (*first..).zip(*shards))
}

/// A stripe's lock, held for reading.
struct SharedGuard<'k> {
    keyspace: &'k Keyspace,
    stripe: u32,
}

impl<'k> SharedGuard<'k> {
    fn new(keyspace: &'k Keyspace, stripe: u32) -> Self {
        keyspace.lock(stripe, Mode::Read);
        Self { keyspace, stripe }
    }
}

impl Drop for SharedGuard<'_> {
    fn drop(&mut self) {
        self.keyspace.unlock(self.stripe, Mode::Read);
    }
}

/// There are at most 1024 stripes.
fn to_u32(stripe: usize) -> u32 {
    u32::try_from(stripe).unwrap_or(u32::MAX)
}
