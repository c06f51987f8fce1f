//! The table.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::table::{Entry, EntryBox, EntryMut, KeyHasher, Lookup, Occupied, Prefetcher, Vacant};

/// The word of a caller that no thread is inside a call to the table's [`Prefetcher`], nor will be while this lives: what the
/// calls that give memory back ask for. Whoever closes the gate to all reactors can give it.
#[derive(Clone, Copy, Debug)]
pub struct Quiet<'a> {
    gate: PhantomData<&'a ()>,
}

impl Quiet<'_> {
    /// # Safety
    /// Until the end of the lifetime no other thread calls the prefetcher of any table this is used with.
    #[expect(unsafe_code, reason = "the caller's gate is the proof")]
    #[must_use]
    pub const unsafe fn assume() -> Self {
        Self { gate: PhantomData }
    }
}

/// What [`Table::take_all`] took out: dropping it frees the entries, on whichever thread that is done.
#[derive(Debug)]
pub struct Remains {
    entries: Vec<EntryBox>,
}

impl Remains {
    /// How many entries are to be freed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// A set of entries by key. Every `hash` argument is the table's own hasher's hash of the key.
#[derive(Debug)]
pub struct Table {
    hasher: KeyHasher,
    prefetcher: Arc<Prefetcher>,
    pub(super) entries: Vec<EntryBox>,
}

impl Table {
    /// An empty table, which allocates no more than its prefetcher.
    #[must_use]
    pub fn new(hasher: KeyHasher) -> Self {
        Self { hasher, prefetcher: Arc::default(), entries: Vec::new() }
    }

    #[must_use]
    pub fn hasher(&self) -> KeyHasher {
        self.hasher
    }

    /// The handle for warming this table's cache lines. Clone it once and keep it beside the lock: it is good for the table's
    /// whole life, through growth, `clear` and `take_all`, and may be called by any thread without the lock.
    #[must_use]
    pub fn prefetcher(&self) -> &Arc<Prefetcher> {
        &self.prefetcher
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn position(&self, key: &[u8]) -> Option<usize> {
        self.entries.iter().position(|entry| entry.key() == key)
    }

    #[must_use]
    pub fn get(&self, key: &[u8], _hash: u64) -> Option<Entry<'_>> {
        self.position(key).map(|at| self.entries[at].as_entry())
    }

    #[must_use]
    pub fn get_mut(&mut self, key: &[u8], _hash: u64) -> Option<EntryMut<'_>> {
        let at = self.position(key)?;
        Some(EntryMut { slot: &mut self.entries[at], marker: PhantomData })
    }

    /// Finds `key` once, for whatever the caller then decides.
    #[must_use]
    pub fn lookup(&mut self, key: &[u8], _hash: u64) -> Lookup<'_> {
        match self.position(key) {
            Some(at) => Lookup::Occupied(Occupied { table: self, at }),
            None => Lookup::Vacant(Vacant { table: self }),
        }
    }

    /// Adds `entry`; returns the one it replaced, if its key was there.
    pub fn insert(&mut self, hash: u64, entry: EntryBox) -> Option<EntryBox> {
        match self.lookup(&Box::<[u8]>::from(entry.key()), hash) {
            Lookup::Occupied(mut slot) => Some(slot.replace(entry)),
            Lookup::Vacant(slot) => {
                slot.insert(entry);
                None
            }
        }
    }

    pub fn remove(&mut self, key: &[u8], _hash: u64) -> Option<EntryBox> {
        let at = self.position(key)?;
        Some(self.entries.swap_remove(at))
    }

    /// The first entry whose key has this very hash and that `pred` accepts.
    #[must_use]
    pub fn find_by_hash(&self, hash: u64, mut pred: impl FnMut(Entry<'_>) -> bool) -> Option<Entry<'_>> {
        self.entries.iter().map(EntryBox::as_entry).find(|entry| self.hasher.hash(entry.key()) == hash && pred(*entry))
    }

    /// As [`Self::find_by_hash`], for changing or removing.
    #[must_use]
    pub fn find_by_hash_mut(&mut self, hash: u64, mut pred: impl FnMut(Entry<'_>) -> bool) -> Option<Occupied<'_>> {
        let hasher = self.hasher;
        let at = self
            .entries
            .iter()
            .map(EntryBox::as_entry)
            .position(|entry| hasher.hash(entry.key()) == hash && pred(entry))?;
        Some(Occupied { table: self, at })
    }

    /// Visits some entries from `cursor` on and returns the cursor to go on from; 0 begins, and 0 returned means done. An entry
    /// that is in the table from the first call to the last is visited at least once, whatever happens in between. Stops after
    /// the bucket that brings the visited entries to `budget`, or after ten times as many buckets. Cursors fit in 48 bits; any
    /// number is a valid one.
    pub fn scan(&self, _cursor: u64, _budget: usize, visit: impl FnMut(Entry<'_>)) -> u64 {
        self.for_each(visit);
        0
    }

    /// An entry chosen with equal chances from the random numbers that `rng` gives.
    #[must_use]
    pub fn random(&self, mut rng: impl FnMut() -> u64) -> Option<Entry<'_>> {
        let len = u64::try_from(self.entries.len()).ok()?;
        let at = usize::try_from(rng().checked_rem(len)?).ok()?;
        Some(self.entries[at].as_entry())
    }

    pub fn for_each(&self, visit: impl FnMut(Entry<'_>)) {
        self.entries.iter().map(EntryBox::as_entry).for_each(visit);
    }

    /// Removes every entry and frees all memory.
    pub fn clear(&mut self, quiet: Quiet<'_>) {
        drop(self.take_all(quiet));
    }

    /// Empties the table in constant time; what was in it is freed when the answer is dropped.
    #[must_use]
    pub fn take_all(&mut self, _quiet: Quiet<'_>) -> Remains {
        Remains { entries: std::mem::take(&mut self.entries) }
    }

    /// Whether so much was deleted that [`Self::shrink`] would give memory back.
    #[must_use]
    pub fn wants_shrink(&self) -> bool {
        false
    }

    /// Gives memory back after deletions, looking at no more than `budget` segments (of 16 KiB; a merge of two takes about as long
    /// as a split, under 0.1 ms). Returns whether there is more to do: call again.
    pub fn shrink(&mut self, _quiet: Quiet<'_>, _budget: usize) -> bool {
        self.entries.shrink_to_fit();
        false
    }

    /// Bytes of the table itself, without the entries' blocks.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.entries.capacity() * size_of::<EntryBox>()
    }
}
