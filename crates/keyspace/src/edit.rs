//! Collections in place: reading one, and editing one with all that follows from it.
//!
//! A handler says what it wants done to the value. That a missing key begins empty, that a key whose last element went goes with it,
//! and that a refused edit leaves nothing behind, is settled here once.

use std::ops::{Deref, DerefMut};

use value::{Collection, Hash};

use crate::db::{Db, ExpiredParts, WrongType};
use crate::key_events::KeyEvent;
use crate::keyspace::Due;
use crate::table::{EntryBox, EntryMut, Lookup};
use crate::{AccessClock, Key};

/// A value being edited: it derefs to the value. What changes in it is to be counted.
#[derive(Debug)]
pub struct Edit<'a, T> {
    value: &'a mut T,
    created: bool,
    changes: u64,
}

impl<T> Edit<'_, T> {
    /// Counts `count` changes: none at all, and the key counts as untouched and nothing is propagated.
    pub const fn changed(&mut self, count: u64) {
        self.changes += count;
    }

    /// Whether the key was missing.
    #[must_use]
    pub const fn is_new(&self) -> bool {
        self.created
    }
}

impl<T> Deref for Edit<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value
    }
}

impl<T> DerefMut for Edit<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value
    }
}

/// What an edit came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edited<R> {
    /// What the closure returned.
    pub result: R,
    /// Something changed.
    pub changed: bool,
    /// The key was missing and holds the value now.
    pub created: bool,
    /// The value became vacant, and the key went with it: time for the event `del`.
    pub removed: bool,
}

impl Db<'_> {
    /// The collection under `key`, used and counted as a hit or miss.
    ///
    /// # Errors
    /// [`WrongType`] when the key holds something else.
    pub fn read<T: Collection>(&self, key: Key<'_>) -> Result<Option<&T>, WrongType> {
        let Some(entry) = self.lookup(key) else { return Ok(None) };
        T::of(entry.value()).map(Some).ok_or(WrongType)
    }

    /// The collection under `key` for a command that is going to change it: used, but neither hit nor miss.
    ///
    /// # Errors
    /// [`WrongType`] when the key holds something else.
    pub fn read_for_update<T: Collection>(&self, key: Key<'_>) -> Result<Option<&T>, WrongType> {
        let Some(entry) = self.lookup_for_update(key) else { return Ok(None) };
        T::of(entry.value()).map(Some).ok_or(WrongType)
    }

    /// Edits the collection under `key`; a missing key begins as an empty one. One look-up, whatever is there.
    ///
    /// # Errors
    /// What `edit` returns, which must have changed nothing then, or [`WrongType`] when the key holds something else.
    pub fn upsert<T: Collection, R, E: From<WrongType>>(
        &mut self,
        key: Key<'_>,
        edit: impl FnOnce(&mut Edit<'_, T>) -> Result<R, E>,
    ) -> Result<Edited<R>, E> {
        let (clock, touch, gone_before) = (self.clock, self.next_touch(), self.gone_before);
        let stripe = self.stripe(key);
        let table = &mut self.access.shard_mut(stripe, self.index).table;
        let slot = match table.lookup(key.bytes(), key.hash()) {
            Lookup::Vacant(slot) => slot,
            Lookup::Occupied(slot) if slot.entry().deadline().is_none_or(|at| gone_before <= at) => {
                let done = edit_entry(slot.into_entry_mut(), touch, edit)?;
                return Ok(self.finish_edit(key, done));
            }
            Lookup::Occupied(_) => {
                // Gone by now, and seldom written to just then: the second look-up finds it missing.
                self.remove_if_expired(key);
                return self.upsert(key, edit);
            }
        };
        let mut value = T::default();
        let mut fresh = Edit { value: &mut value, created: true, changes: 0 };
        let result = edit(&mut fresh)?;
        let changes = fresh.changes;
        if value.is_vacant() || changes == 0 {
            return Ok(Edited { result, changed: false, created: false, removed: false });
        }
        let part = value.wake_at();
        slot.insert(EntryBox::new(key.bytes(), value.into_value().into(), None, clock.fresh()));
        self.reschedule(key, Due::default(), Due { key: None, part });
        self.happens(KeyEvent::Created, key);
        self.count_changes(key, changes);
        Ok(Edited { result, changed: true, created: true, removed: false })
    }

    /// Edits the collection under `key`; `None` when the key is missing.
    ///
    /// # Errors
    /// What `edit` returns, which must have changed nothing then, or [`WrongType`] when the key holds something else.
    pub fn update<T: Collection, R, E: From<WrongType>>(
        &mut self,
        key: Key<'_>,
        edit: impl FnOnce(&mut Edit<'_, T>) -> Result<R, E>,
    ) -> Result<Option<Edited<R>>, E> {
        let (touch, gone_before) = (self.next_touch(), self.gone_before);
        let stripe = self.stripe(key);
        let table = &mut self.access.shard_mut(stripe, self.index).table;
        let Some(entry) = table.get_mut(key.bytes(), key.hash()) else { return Ok(None) };
        if entry.as_entry().deadline().is_some_and(|at| gone_before > at) {
            self.remove_if_expired(key);
            return Ok(None);
        }
        let done = edit_entry(entry, touch, edit)?;
        Ok(Some(self.finish_edit(key, done)))
    }

    /// How an entry's access clock is to be moved, if this view does that.
    fn next_touch(&self) -> Option<(AccessClock, u32)> {
        let chance = self.next_chance();
        (self.touches && !self.clock.counts_changes_only()).then_some((self.clock, chance))
    }

    /// Settles what follows from an edit.
    fn finish_edit<R>(&mut self, key: Key<'_>, done: Done<R>) -> Edited<R> {
        self.reschedule(key, done.before, done.after);
        if done.vacant {
            self.remove_vacant(key);
        }
        if done.changes > 0 {
            self.count_changes(key, done.changes);
        }
        Edited { result: done.result, changed: done.changes > 0, created: false, removed: done.vacant }
    }

    /// Removes those of the named fields of the hash under `key` whose deadline has passed, and records it: what a writer does
    /// before it looks at them. The key goes with the last field.
    pub fn expire_fields<'f>(&mut self, key: Key<'_>, fields: impl Iterator<Item = &'f [u8]>) {
        let gone_before = self.gone_before;
        if self.peek(key).and_then(|entry| entry.wake_at()).is_none_or(|at| at >= gone_before) {
            return;
        }
        let stripe = self.stripe(key);
        let table = &mut self.access.shard_mut(stripe, self.index).table;
        let Some(mut entry) = table.get_mut(key.bytes(), key.hash()) else { return };
        let deadline = entry.as_entry().deadline();
        let Some(hash) = entry.value_mut().and_then(Hash::of_mut) else { return };
        let before = Due { key: deadline, part: hash.wake_at() };
        let mut parts = Vec::new();
        for field in fields {
            if hash.get(field).is_some_and(|(_, deadline)| deadline.is_some_and(|at| at < gone_before)) {
                hash.remove(field);
                parts.push(Box::from(field));
            }
        }
        if parts.is_empty() {
            return;
        }
        let after = Due { key: deadline, part: hash.wake_at() };
        let emptied = hash.is_empty();
        self.reschedule(key, before, after);
        if emptied {
            self.remove_vacant(key);
        }
        self.changes.expired_parts.push(ExpiredParts { db: self.index, key: Box::from(key.bytes()), parts, emptied });
    }

    fn remove_vacant(&mut self, key: Key<'_>) {
        if let Some(entry) = self.take_entry(key) {
            self.discard(entry);
        }
    }

    fn count_changes(&mut self, key: Key<'_>, count: u64) {
        self.changed(key);
        self.changes.count += count - 1;
    }
}

/// An edit of a value that was there.
struct Done<R> {
    result: R,
    changes: u64,
    before: Due,
    after: Due,
    vacant: bool,
}

fn edit_entry<T: Collection, R, E: From<WrongType>>(
    mut entry: EntryMut<'_>,
    touch: Option<(AccessClock, u32)>,
    edit: impl FnOnce(&mut Edit<'_, T>) -> Result<R, E>,
) -> Result<Done<R>, E> {
    let found = entry.as_entry();
    let deadline = found.deadline();
    if let Some((clock, chance)) = touch {
        found.set_clock(clock.touched(found.clock(), chance));
    }
    let value = entry.value_mut().and_then(T::of_mut).ok_or(WrongType)?;
    let before = Due { key: deadline, part: value.wake_at() };
    let mut present = Edit { value, created: false, changes: 0 };
    let result = edit(&mut present)?;
    let changes = present.changes;
    let after = Due { key: deadline, part: value.wake_at() };
    Ok(Done { result, changes, before, after, vacant: value.is_vacant() })
}
