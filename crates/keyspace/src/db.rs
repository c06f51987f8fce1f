//! What a handler sees of a database: the keys it declared, at a frozen moment.
//!
//! Reading never changes anything but a key's access clock, so that readers may share a stripe: a key whose deadline has passed
//! is invisible to them and is removed by the next writer or by its timer. All writing goes through here, so that deadlines,
//! counters and what the rest of the server must hear ([`Changes`]) are kept in one place.

use std::any::Any;
use std::cell::{Cell, RefCell};

use stdx::UnixMs;
use thin_vec::ThinVec;
use value::{StringRef, Type, Value, ValueRef};

use crate::key_events::{Happened, KeyEvent, KeyEvents};
use crate::keyspace::{Due, Shard};
use crate::locks::Access;
use crate::table::{Entry, EntryBox, Lookup, NewValue};
use crate::{AccessClock, Key};

/// The key holds a value of another type than the command works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongType;

/// What a write does to the key's deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ttl {
    /// The key lives for ever.
    Clear,
    /// The deadline stays as it is.
    Keep,
    At(UnixMs),
}

/// A key that was removed because its time had come, or for want of memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expired {
    pub db: usize,
    pub key: Box<[u8]>,
}

/// Parts of a value that were found to have expired, and were removed: fields of a hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpiredParts {
    pub db: usize,
    pub key: Box<[u8]>,
    pub parts: Vec<Box<[u8]>>,
    /// They were the last, and the key went with them.
    pub emptied: bool,
}

/// A key that was changed, created or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched {
    pub db: usize,
    pub hash: u64,
    pub key: Box<[u8]>,
}

/// What a command changed, for the rest of the server. It is made and moved for every command, and nearly always empty: its lists are a
/// pointer each.
#[derive(Debug, Default)]
pub struct Changes {
    /// Number of changes, as `rdb_changes_since_last_save` counts them.
    pub count: u64,
    pub hits: u32,
    pub misses: u32,
    pub expired: ThinVec<Expired>,
    /// Keys that made room for others; they stand among the touched ones too.
    pub evicted: ThinVec<Expired>,
    pub expired_parts: ThinVec<ExpiredParts>,
    /// The keys it changed, in order, if somebody wants to know ([`Db::record_touched`]); one may stand there several times.
    pub touched: ThinVec<Touched>,
    /// Databases that were emptied or exchanged as a whole.
    pub replaced_dbs: ThinVec<usize>,
    /// Values too large to be freed while clients wait.
    pub garbage: ThinVec<Box<dyn Any + Send>>,
    /// The command promised that its garbage is gone when it answers: it is freed by the thread that ran it, after the locks.
    pub free_garbage_here: bool,
    /// A deadline was set that is earlier than any other key's.
    pub earlier_deadline: bool,
}

/// A value with more heap than this is freed by another thread.
const GARBAGE_BYTES: usize = 64 * 1024;

/// A view of one database, restricted to the keys of its [`Access`].
#[derive(Debug)]
pub struct Db<'a> {
    pub(crate) access: Access<'a>,
    pub(crate) index: usize,
    pub(crate) now: UnixMs,
    pub(crate) clock: AccessClock,
    /// Whether reading a key counts as a use (off after CLIENT NO-TOUCH).
    pub(crate) touches: bool,
    /// State of the little generator behind the LFU counter.
    chance: Cell<u32>,
    hits: Cell<u32>,
    misses: Cell<u32>,
    records_touched: bool,
    /// A key with a deadline before this is gone: now, but for who sees what has expired.
    pub(crate) gone_before: UnixMs,
    /// Which of the things that happen to keys are kept in `happened`.
    pub(crate) listens: KeyEvents,
    /// A cell, since reading misses keys.
    pub(crate) happened: RefCell<ThinVec<Happened>>,
    /// What is told after everything else.
    pub(crate) happened_last: ThinVec<Happened>,
    pub(crate) changes: Changes,
}

impl<'a> Db<'a> {
    /// A view of database `index` at time `now`.
    #[must_use]
    pub fn new(access: Access<'a>, index: usize, now: UnixMs, clock: AccessClock, touches: bool, chance: u32) -> Self {
        Self {
            access,
            index,
            now,
            clock,
            touches,
            chance: Cell::new(chance),
            hits: Cell::new(0),
            misses: Cell::new(0),
            records_touched: false,
            gone_before: now,
            listens: KeyEvents::NONE,
            happened: RefCell::default(),
            happened_last: ThinVec::new(),
            changes: Changes::default(),
        }
    }

    /// From now on, keeps the names of the keys that are changed: somebody watches or waits.
    pub const fn record_touched(&mut self) {
        self.records_touched = true;
    }

    /// From now on, a key whose deadline has passed is there like any other: for who copies a data set whose source has yet to expire it.
    pub const fn see_expired(&mut self) {
        self.gone_before = UnixMs(i64::MIN);
    }

    /// What has a deadline before this is gone: now, but for who sees what has expired.
    #[must_use]
    pub const fn gone_before(&self) -> UnixMs {
        self.gone_before
    }

    /// Gives up the access and tells what was changed.
    #[must_use]
    pub fn finish(mut self) -> Changes {
        self.changes.hits = self.hits.get();
        self.changes.misses = self.misses.get();
        self.changes
    }

    /// Counts one change of something that is saved with the databases but lies in none: function libraries.
    pub const fn count_change(&mut self) {
        self.changes.count += 1;
    }

    /// How many changes were made so far.
    #[must_use]
    pub const fn change_count(&self) -> u64 {
        self.changes.count
    }

    /// Counts the changes made since there were `before` as `count`: what moves from one key to another is not changed twice.
    pub const fn count_as_since(&mut self, before: u64, count: u64) {
        if self.changes.count > before {
            self.changes.count = before + count;
        }
    }

    #[must_use]
    pub const fn now(&self) -> UnixMs {
        self.now
    }

    #[must_use]
    pub const fn index(&self) -> usize {
        self.index
    }

    /// How many databases there are.
    #[must_use]
    pub fn databases(&self) -> usize {
        self.access.keyspace.databases()
    }

    /// Turns the view to another database. Locks cover a key in all of them.
    ///
    /// # Panics
    /// When there is no such database; commands check their argument first.
    pub fn select(&mut self, index: usize) {
        assert!(index < self.databases(), "no database {index}");
        self.index = index;
    }

    #[must_use]
    pub const fn clock(&self) -> AccessClock {
        self.clock
    }

    pub(crate) fn stripe(&self, key: Key<'_>) -> usize {
        self.access.keyspace.stripe_index(key.hash())
    }

    fn shard(&self, key: Key<'_>) -> &Shard {
        self.access.shard(self.stripe(key), self.index)
    }

    pub(crate) fn is_expired(&self, deadline: Option<UnixMs>) -> bool {
        deadline.is_some_and(|at| self.gone_before > at)
    }

    /// The entry of `key`, as it is: neither a use nor a hit.
    #[must_use]
    pub fn peek(&self, key: Key<'_>) -> Option<Entry<'_>> {
        let entry = self.shard(key).table.get(key.bytes(), key.hash())?;
        if self.is_expired(entry.deadline()) {
            self.happens(KeyEvent::FoundExpired, key);
            return None;
        }
        Some(entry)
    }

    /// The entry of `key`, used: its access clock and the hit counters move.
    #[must_use]
    pub fn lookup(&self, key: Key<'_>) -> Option<Entry<'_>> {
        let found = self.peek(key);
        match found {
            Some(entry) => {
                self.hits.set(self.hits.get() + 1);
                self.touch(entry);
            }
            None => self.miss(key),
        }
        found
    }

    /// The entry of `key`, looked at: the hit counters move, its access clock stays.
    #[must_use]
    pub fn inspect(&self, key: Key<'_>) -> Option<Entry<'_>> {
        let found = self.peek(key);
        match found {
            Some(_) => self.hits.set(self.hits.get() + 1),
            None => self.miss(key),
        }
        found
    }

    fn miss(&self, key: Key<'_>) {
        self.misses.set(self.misses.get() + 1);
        self.happens(KeyEvent::Missed, key);
    }

    /// The entry of `key` for a command that is going to change it: used, but neither hit nor miss.
    #[must_use]
    pub fn lookup_for_update(&self, key: Key<'_>) -> Option<Entry<'_>> {
        self.peek(key).inspect(|entry| self.touch(*entry))
    }

    pub(crate) fn touch(&self, entry: Entry<'_>) {
        if self.touches && !self.clock.counts_changes_only() {
            let clock = self.clock.touched(entry.clock(), self.next_chance());
            if clock != entry.clock() {
                entry.set_clock(clock);
            }
        }
    }

    pub(crate) fn next_chance(&self) -> u32 {
        // Weyl sequence through a multiply: enough for a coin, and one state word.
        let state = self.chance.get().wrapping_add(0x9e37_79b9);
        self.chance.set(state);
        (state ^ (state >> 15)).wrapping_mul(0x85eb_ca6b)
    }

    /// Whether the view's access covers the key: always, but for commands that run while somebody else has the keyspace to itself.
    #[must_use]
    pub fn may_read(&self, key: Key<'_>) -> bool {
        self.access.covers(std::iter::once((key.hash(), crate::Mode::Read)))
    }

    #[must_use]
    pub fn contains(&self, key: Key<'_>) -> bool {
        self.peek(key).is_some()
    }

    /// The string under `key`, used.
    ///
    /// # Errors
    /// [`WrongType`] when the key holds something else.
    pub fn string(&self, key: Key<'_>) -> Result<Option<StringRef<'_>>, WrongType> {
        let Some(entry) = self.lookup(key) else { return Ok(None) };
        string_of(entry).map(Some)
    }

    /// The string under `key` for a command that is going to change it: used, but neither hit nor miss.
    ///
    /// # Errors
    /// [`WrongType`] when the key holds something else.
    pub fn string_for_update(&self, key: Key<'_>) -> Result<Option<StringRef<'_>>, WrongType> {
        let Some(entry) = self.peek(key) else { return Ok(None) };
        self.touch(entry);
        string_of(entry).map(Some)
    }

    /// Warms the cache for keys that are going to be looked up.
    pub fn prefetch<'k>(&self, keys: impl Iterator<Item = Key<'k>> + Clone) {
        for key in keys.clone() {
            self.access.prefetch_bucket(self.index, key.hash());
        }
        for key in keys {
            self.access.prefetch_entry(self.index, key.hash());
        }
    }

    /// Stores a string under `key`, whatever was there.
    pub fn set_string(&mut self, key: Key<'_>, string: StringRef<'_>, ttl: Ttl) {
        let before = self.set(key, NewValue::String(string), ttl);
        self.tell_set(key, before, Type::String);
    }

    /// Stores what a string has become: nothing is overwritten.
    pub fn rewrite_string(&mut self, key: Key<'_>, string: StringRef<'_>, ttl: Ttl) {
        if self.set(key, NewValue::String(string), ttl).is_none() {
            self.happens(KeyEvent::Created, key);
        }
    }

    /// Stores a value under `key`, whatever was there.
    pub fn set_value(&mut self, key: Key<'_>, value: Value, ttl: Ttl) {
        let after = value.value_type();
        let before = self.set(key, NewValue::from(value), ttl);
        self.tell_set(key, before, after);
    }

    /// One look-up, whatever is there: a value that has expired is overwritten where it lies. Returns the type of what was there and
    /// had not expired.
    fn set(&mut self, key: Key<'_>, value: NewValue<'_>, ttl: Ttl) -> Option<Type> {
        let (clock, gone_before, chance) = (self.clock, self.gone_before, self.next_chance());
        let stripe = self.stripe(key);
        let table = &mut self.access.shard_mut(stripe, self.index).table;
        let part = value.wake_at();
        let (before, (present, expired), after, old) = match table.lookup(key.bytes(), key.hash()) {
            Lookup::Occupied(mut slot) => {
                let before = Due::of(slot.entry());
                let expired = before.key.is_some_and(|at| gone_before > at);
                let present = Some(slot.entry().value_type()).filter(|_| !expired);
                let after = match ttl {
                    Ttl::Clear => None,
                    Ttl::Keep => before.key.filter(|_| !expired),
                    Ttl::At(at) => Some(at),
                };
                let mut entry = slot.entry_mut();
                let old = entry.set(value, after);
                let entry = entry.as_entry();
                entry.set_clock(if expired { clock.fresh() } else { clock.touched(entry.clock(), chance) });
                (before, (present, expired), after, old)
            }
            Lookup::Vacant(slot) => {
                let after = match ttl {
                    Ttl::Clear | Ttl::Keep => None,
                    Ttl::At(at) => Some(at),
                };
                slot.insert(EntryBox::new(key.bytes(), value, after, clock.fresh()));
                (Due::default(), (None, false), after, None)
            }
        };
        self.reschedule(key, before, Due { key: after, part });
        if let Some(old) = old {
            self.discard_value(old);
        }
        if expired {
            self.note_expired(key.bytes());
        }
        self.changed(key);
        present
    }

    /// Replaces the string under `key` by what `next` makes of it (`None`: there is none yet), in one look-up; the deadline stays.
    /// What `next` returns beside the string is passed on.
    ///
    /// # Errors
    /// What `next` returns, or [`WrongType`] when the key holds something else; nothing is changed then.
    pub fn update_string<'s, R, E: From<WrongType>>(
        &mut self,
        key: Key<'_>,
        next: impl FnOnce(Option<StringRef<'_>>) -> Result<(StringRef<'s>, R), E>,
    ) -> Result<R, E> {
        let (clock, gone_before, chance) = (self.clock, self.gone_before, self.next_chance());
        let stripe = self.stripe(key);
        let table = &mut self.access.shard_mut(stripe, self.index).table;
        let (created, expired, old, result) = match table.lookup(key.bytes(), key.hash()) {
            Lookup::Occupied(mut slot) => {
                let entry = slot.entry();
                let deadline = entry.deadline();
                let expired = deadline.filter(|at| gone_before > *at).map(|_| Due::of(entry));
                let current = if expired.is_some() { None } else { Some(string_of(entry)?) };
                let (string, result) = next(current)?;
                entry.set_clock(if expired.is_some() { clock.fresh() } else { clock.touched(entry.clock(), chance) });
                let mut entry = slot.entry_mut();
                let old = if expired.is_some() {
                    entry.set(NewValue::String(string), None)
                } else if entry.try_set_string(string) {
                    None
                } else {
                    entry.set(NewValue::String(string), deadline)
                };
                (expired.is_some(), expired, old, result)
            }
            Lookup::Vacant(slot) => {
                let (string, result) = next(None)?;
                slot.insert(EntryBox::new(key.bytes(), NewValue::String(string), None, clock.fresh()));
                (true, None, None, result)
            }
        };
        if let Some(due) = expired {
            self.reschedule(key, due, Due::default());
            self.note_expired(key.bytes());
        }
        if let Some(old) = old {
            self.discard_value(old);
        }
        if created {
            self.happens(KeyEvent::Created, key);
        }
        self.changed(key);
        Ok(result)
    }

    /// Makes the string under `key` at least `len` bytes long, zeros behind its end, and lets `edit` change its bytes. A missing
    /// key becomes an empty string first. The deadline stays.
    ///
    /// # Errors
    /// [`WrongType`] when the key holds something else; nothing is changed then.
    pub fn edit_string<R>(
        &mut self,
        key: Key<'_>,
        len: usize,
        edit: impl FnOnce(&mut [u8]) -> R,
    ) -> Result<R, WrongType> {
        self.edit_string_counted(key, len, |bytes, _| (1, edit(bytes)))
    }

    /// As [`Self::edit_string`], for an edit that may find the bytes as it wants them: `edit` learns whether the string had to
    /// grow and returns how many changes it made. Without growth and changes the key counts as unchanged, and nothing but its
    /// encoding is another: a string that was opened for editing is raw.
    ///
    /// # Errors
    /// [`WrongType`] when the key holds something else; nothing is changed then.
    pub fn edit_string_counted<R>(
        &mut self,
        key: Key<'_>,
        len: usize,
        edit: impl FnOnce(&mut [u8], bool) -> (u64, R),
    ) -> Result<R, WrongType> {
        let current = self.string_for_update(key)?.map(StringRef::len);
        self.remove_if_expired(key);
        let clock = self.clock.fresh();
        let stripe = self.stripe(key);
        let table = &mut self.access.shard_mut(stripe, self.index).table;
        let mut entry = match table.lookup(key.bytes(), key.hash()) {
            Lookup::Occupied(slot) => slot.into_entry_mut(),
            Lookup::Vacant(slot) => {
                let empty = NewValue::String(StringRef::Raw(&[]));
                slot.insert(EntryBox::new(key.bytes(), empty, None, clock))
            }
        };
        let grows = current.is_none_or(|current| current < len);
        let bytes = entry.resize_string(current.unwrap_or(0).max(len)).ok_or(WrongType)?;
        let (count, result) = edit(bytes, grows);
        // What grew is another string, whatever the edit says: it must reach replicas and the AOF.
        let count = count.max(u64::from(grows));
        if current.is_none() {
            self.happens(KeyEvent::Created, key);
        }
        if count > 0 {
            self.changed(key);
            self.changes.count += count - 1;
        }
        Ok(result)
    }

    /// Removes `key`. Returns whether it was there.
    pub fn remove(&mut self, key: Key<'_>) -> bool {
        match self.take(key) {
            Some(entry) => {
                self.discard(entry);
                true
            }
            None => false,
        }
    }

    /// Takes `key` out of the database with all that belongs to it.
    #[must_use]
    pub fn take(&mut self, key: Key<'_>) -> Option<EntryBox> {
        self.remove_if_expired(key);
        let entry = self.take_entry(key)?;
        self.changed(key);
        Some(entry)
    }

    /// Puts an entry under `key`, in place of what was there; value, deadline and clock come with it.
    pub fn put(&mut self, key: Key<'_>, entry: EntryBox) {
        self.remove_if_expired(key);
        let old = self.take_entry(key);
        let before = old.as_ref().map(|old| old.as_entry().value_type());
        old.into_iter().for_each(|old| self.discard(old));
        self.tell_put(key, before, entry.as_entry().value_type());
        let entry = if entry.key() == key.bytes() { entry } else { entry.with_key(key.bytes()) };
        let due = Due::of(entry.as_entry());
        let stripe = self.stripe(key);
        self.access.shard_mut(stripe, self.index).table.insert(key.hash(), entry);
        self.reschedule(key, Due::default(), due);
        // Its clock came with it.
        self.changes.count += 1;
        self.note_touched(key.hash(), key.bytes());
    }

    /// Puts an entry of a file where it belongs, with the hash of its key. That is no change: nothing is counted, told or touched.
    pub fn load(&mut self, hash: u64, entry: EntryBox) {
        let after = Due::of(entry.as_entry());
        let stripe = self.access.keyspace.stripe_index(hash);
        let shard = self.access.shard_mut(stripe, self.index);
        let old = shard.table.insert(hash, entry);
        let before = old.as_ref().map_or_else(Due::default, |old| Due::of(old.as_entry()));
        old.into_iter().for_each(|old| self.discard(old));
        if before != after {
            self.access.shard_mut(stripe, self.index).reschedule(hash, before, after);
            self.deadline_moved(stripe, before.first(), after.first());
        }
    }

    /// Carries the entry of `from` to `to` of database `db`, in place of what was there, as one change. Returns whether there was
    /// an entry.
    pub fn carry(&mut self, from: Key<'_>, db: usize, to: Key<'_>) -> bool {
        let Some(entry) = self.take(from) else { return false };
        let home = self.index;
        self.select(db);
        self.put(to, entry);
        self.select(home);
        // Taking and putting counted as one each: two keys are not what they were.
        self.changes.count -= 1;
        true
    }

    /// Sets or moves the deadline of `key`. Returns whether the key is there.
    pub fn set_deadline(&mut self, key: Key<'_>, at: UnixMs) -> bool {
        self.remove_if_expired(key);
        let stripe = self.stripe(key);
        let table = &mut self.access.shard_mut(stripe, self.index).table;
        let Some(mut entry) = table.get_mut(key.bytes(), key.hash()) else { return false };
        let before = Due::of(entry.as_entry());
        entry.set_deadline(at);
        self.reschedule(key, before, Due { key: Some(at), ..before });
        self.changed(key);
        true
    }

    /// Removes the deadline of `key`. Returns whether there was one.
    pub fn clear_deadline(&mut self, key: Key<'_>) -> bool {
        self.remove_if_expired(key);
        let stripe = self.stripe(key);
        let table = &mut self.access.shard_mut(stripe, self.index).table;
        let Some(mut entry) = table.get_mut(key.bytes(), key.hash()) else { return false };
        let before = Due::of(entry.as_entry());
        if entry.clear_deadline().is_none() {
            return false;
        }
        self.reschedule(key, before, Due { key: None, ..before });
        self.changed(key);
        true
    }

    /// Sets the access clock of `key`: RESTORE's IDLETIME and FREQ.
    pub fn set_clock(&self, key: Key<'_>, clock: u32) {
        if let Some(entry) = self.peek(key) {
            entry.set_clock(clock);
        }
    }

    pub(crate) fn take_entry(&mut self, key: Key<'_>) -> Option<EntryBox> {
        let stripe = self.stripe(key);
        let entry = self.access.shard_mut(stripe, self.index).table.remove(key.bytes(), key.hash())?;
        self.reschedule(key, Due::of(entry.as_entry()), Due::default());
        Some(entry)
    }

    /// Removes `key` if its deadline has passed: what a writer does before it looks at a key.
    pub(crate) fn remove_if_expired(&mut self, key: Key<'_>) {
        let shard = self.shard(key);
        if shard.deadlines.len() == 0 {
            return;
        }
        let entry = shard.table.get(key.bytes(), key.hash());
        if entry.is_some_and(|entry| self.is_expired(entry.deadline())) {
            self.expire(key);
        }
    }

    /// Removes `key` because its time has come, and records it.
    fn expire(&mut self, key: Key<'_>) {
        if let Some(entry) = self.take_entry(key) {
            self.discard(entry);
            self.note_expired(key.bytes());
        }
    }

    pub(crate) fn note_expired(&mut self, key: &[u8]) {
        self.changes.expired.push(Expired { db: self.index, key: Box::from(key) });
    }

    /// Lets this command's garbage be freed by its own thread before the answer goes out, not by another some time.
    pub const fn free_garbage_here(&mut self) {
        self.changes.free_garbage_here = true;
    }

    pub(crate) fn discard(&mut self, entry: EntryBox) {
        let view = entry.as_entry();
        if view.block_bytes().saturating_add(view.value().heap_bytes()) > GARBAGE_BYTES {
            self.changes.garbage.push(Box::new(entry));
        }
    }

    fn discard_value(&mut self, value: Value) {
        if value.as_ref().heap_bytes() > GARBAGE_BYTES {
            self.changes.garbage.push(Box::new(value));
        }
    }

    /// Moves a key's places in the indices of what is due. Every change of a deadline and of a value with parts comes here.
    pub(crate) fn reschedule(&mut self, key: Key<'_>, before: Due, after: Due) {
        if before == after {
            return;
        }
        let stripe = self.stripe(key);
        self.access.shard_mut(stripe, self.index).reschedule(key.hash(), before, after);
        self.deadline_moved(stripe, before.first(), after.first());
    }

    /// Tells the keyspace about a deadline that came, went or moved, when it is or was the stripe's earliest.
    pub(crate) fn deadline_moved(&mut self, stripe: usize, before: Option<UnixMs>, after: Option<UnixMs>) {
        let keyspace = self.access.keyspace;
        let known = keyspace.stripe_earliest(stripe);
        let sooner = after.is_some_and(|at| known.is_none_or(|known| at < known));
        if sooner {
            self.changes.earlier_deadline |= keyspace.note_deadline(stripe, after);
        } else if before.is_some() && before == known {
            let databases = 0..keyspace.databases();
            let earliest = databases.filter_map(|db| self.access.shard(stripe, db).earliest()).min();
            keyspace.note_deadline(stripe, earliest);
        }
    }

    /// The one place that every change of a key passes.
    pub(crate) fn changed(&mut self, key: Key<'_>) {
        self.changes.count += 1;
        if self.clock.counts_changes_only() {
            self.set_clock(key, self.clock.fresh());
        }
        self.note_touched(key.hash(), key.bytes());
    }

    /// Keeps the name of a key that was changed, if somebody wants to know.
    pub(crate) fn note_touched(&mut self, hash: u64, key: &[u8]) {
        if self.records_touched {
            let touched = Touched { db: self.index, hash, key: Box::from(key) };
            self.changes.touched.push(touched);
        }
    }
}

fn string_of(entry: Entry<'_>) -> Result<StringRef<'_>, WrongType> {
    if let ValueRef::String(string) = entry.value() { Ok(string) } else { Err(WrongType) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Keyspace;

    fn with_db<R>(keyspace: &Keyspace, now_ms: i64, work: impl FnOnce(&mut Db<'_>, Key<'_>) -> R) -> (R, Changes) {
        let mut turn = keyspace.enter(0);
        let now = UnixMs(now_ms);
        let mut db = Db::new(turn.lock_all(), 0, now, AccessClock::Lru { now }, true, 0);
        let result = work(&mut db, Key::with_hash(b"k", keyspace.hasher().hash(b"k")));
        (result, db.finish())
    }

    fn keyspace() -> Keyspace {
        Keyspace::new(1, 1, [7; 16])
    }

    #[test]
    fn setting_over_an_expired_key_records_it_and_keeps_no_deadline() {
        let keyspace = keyspace();
        let at = Ttl::At(UnixMs(10));
        for ttl in [Ttl::Keep, Ttl::Clear, at, Ttl::At(UnixMs(30))] {
            with_db(&keyspace, 0, |db, key| db.set_string(key, StringRef::Int(1), at));
            let ((), changes) = with_db(&keyspace, 11, |db, key| db.set_string(key, StringRef::Int(2), ttl));
            assert_eq!(changes.expired, [Expired { db: 0, key: Box::from(*b"k") }], "{ttl:?}");
            let (size, _) = with_db(&keyspace, 11, |db, _| db.size());
            let volatile = usize::from(matches!(ttl, Ttl::At(_)));
            assert_eq!((size.keys, size.volatile_keys), (1, volatile), "{ttl:?}");
            with_db(&keyspace, 11, |db, key| db.remove(key));
        }
    }

    #[test]
    fn update_string_keeps_the_deadline_and_starts_anew_where_it_has_passed() {
        let keyspace = keyspace();
        let add = |current: Option<StringRef<'_>>| {
            let sum = current.and_then(StringRef::to_int).unwrap_or(0) + 5;
            Ok::<_, WrongType>((StringRef::Int(sum), sum))
        };
        with_db(&keyspace, 0, |db, key| db.set_string(key, StringRef::Raw(b"1"), Ttl::At(UnixMs(10))));
        let (sum, changes) = with_db(&keyspace, 10, |db, key| db.update_string(key, add));
        assert_eq!((sum, changes.count, changes.expired.len()), (Ok(6), 1, 0));
        assert_eq!(with_db(&keyspace, 10, |db, key| db.peek(key).and_then(Entry::deadline)).0, Some(UnixMs(10)));
        let (sum, changes) = with_db(&keyspace, 11, |db, key| db.update_string(key, add));
        assert_eq!((sum, changes.count, changes.expired.len()), (Ok(5), 1, 1));
        let (size, _) = with_db(&keyspace, 11, |db, _| db.size());
        assert_eq!((size.keys, size.volatile_keys), (1, 0));
    }

    #[test]
    fn a_refused_update_changes_nothing() {
        let keyspace = keyspace();
        let refuse = |_: Option<StringRef<'_>>| Err::<(StringRef<'_>, ()), _>(WrongType);
        let (result, changes) = with_db(&keyspace, 0, |db, key| db.update_string(key, refuse));
        assert_eq!((result, changes.count), (Err(WrongType), 0));
        assert_eq!(with_db(&keyspace, 0, |db, _| db.size()).0.keys, 0);
        with_db(&keyspace, 0, |db, key| db.set_string(key, StringRef::Int(1), Ttl::Clear));
        let (_, changes) = with_db(&keyspace, 0, |db, key| db.update_string(key, refuse));
        assert_eq!(changes.count, 0);
        assert_eq!(with_db(&keyspace, 0, |db, key| db.string(key).map(|s| s.map(StringRef::len))).0, Ok(Some(1)));
    }
}
