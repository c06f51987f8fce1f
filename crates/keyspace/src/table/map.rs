//! The table: finding, adding and removing entries.

use std::marker::PhantomData;
use std::sync::Arc;

use super::bucket::Slot;
use super::directory::Root;
use super::entry::{Block, Entry, EntryBox, EntryMut};
use super::hash::{self, KeyHasher, PREFIX_BITS};
use super::lookup::{Lookup, Occupied, Vacant};
use super::overflow::Overflow;
use super::prefetch::Prefetcher;
use super::segment::{At, Segment};

/// The word of a caller that no thread is inside a call to the table's [`Prefetcher`], nor will be while this lives: what the
/// calls that give memory back ask for. Whoever closes the gate to all reactors can give it.
#[derive(Clone, Copy, Debug)]
pub struct Quiet<'a> {
    gate: PhantomData<&'a ()>,
}

impl Quiet<'_> {
    /// # Safety
    /// Until the end of the lifetime no other thread calls the prefetcher of any table this is used with.
    #[must_use]
    pub const unsafe fn assume() -> Self {
        Self { gate: PhantomData }
    }
}

/// A set of entries by key. Every `hash` argument is the table's own hasher's hash of the key.
///
/// ```
/// use keyspace::table::{EntryBox, KeyHasher, Table};
/// use value::StringRef;
///
/// let mut table = Table::new(KeyHasher::new([7; 16]));
/// let hash = table.hasher().hash(b"key");
/// table.insert(hash, EntryBox::new(b"key", StringRef::Int(1).into(), None, 0));
/// assert_eq!(table.get(b"key", hash).unwrap().key(), b"key");
/// ```
#[derive(Debug)]
pub struct Table {
    pub(super) hasher: KeyHasher,
    /// Owns the directories and the segments.
    pub(super) prefetcher: Arc<Prefetcher>,
    /// What the prefetcher has, without the way through it. `None` while nothing is allocated.
    pub(super) root: Option<Root>,
    pub(super) len: usize,
    /// How many segments there are of each depth.
    pub(super) depths: [u32; PREFIX_BITS as usize + 1],
    pub(super) overflow: Overflow,
    /// Where [`Self::shrink`] goes on: a prefix.
    pub(super) shrink_at: u64,
}

/// Where an entry is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Position<'a> {
    Segment { segment: Segment<'a>, home: usize, at: At },
    Overflow { segment: Segment<'a>, hash: u64, index: usize },
}

impl Table {
    /// An empty table, which allocates no more than its prefetcher.
    #[must_use]
    pub fn new(hasher: KeyHasher) -> Self {
        Self::with_prefetcher(hasher, Arc::default())
    }

    pub(super) fn with_prefetcher(hasher: KeyHasher, prefetcher: Arc<Prefetcher>) -> Self {
        Self {
            hasher,
            prefetcher,
            root: None,
            len: 0,
            depths: [0; PREFIX_BITS as usize + 1],
            overflow: Overflow::default(),
            shrink_at: 0,
        }
    }

    #[must_use]
    pub const fn hasher(&self) -> KeyHasher {
        self.hasher
    }

    /// The handle for warming this table's cache lines. Clone it once and keep it beside the lock: it is good for the table's
    /// whole life, through growth, `clear` and `take_all`, and may be called by any thread without the lock.
    #[must_use]
    pub const fn prefetcher(&self) -> &Arc<Prefetcher> {
        &self.prefetcher
    }

    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The segment behind a slot of the directory.
    ///
    /// The lifetime is free, so that a segment can be held while the table's counters are written: segments live until
    /// [`Self::take_all`], [`Self::shrink`] or the end of the table, and no caller keeps one across those.
    #[inline]
    pub(super) fn segment<'s>(root: Root, index: usize) -> Segment<'s> {
        assert!(index < root.slot_count());
        // SAFETY: roots come from tables, whose directory and segments are live and whose slots are all filled.
        unsafe { root.segment(index) }
    }

    #[inline]
    fn position<'s>(&self, hash: u64, mut accept: impl FnMut(Entry<'_>) -> bool) -> Option<Position<'s>> {
        let root = self.root?;
        let segment = Self::segment(root, root.index(hash));
        let home = hash::home(hash, root.buckets());
        let mut accept = |block: Block| accept(self.entry(block));
        match segment.find(home, hash::tag(hash), &mut accept) {
            Some(at) => Some(Position::Segment { segment, home, at }),
            None if self.overflow.len() > 0 && segment.overflow() > 0 => {
                let index = self.overflow.find(hash, accept)?;
                Some(Position::Overflow { segment, hash, index })
            }
            None => None,
        }
    }

    #[inline]
    fn position_of_key<'s>(&self, key: &[u8], hash: u64) -> Option<Position<'s>> {
        self.position(hash, |entry| entry.key() == key)
    }

    pub(super) fn slot<'s>(&'s self, position: Position<'s>) -> &'s Slot {
        match position {
            Position::Segment { segment, at, .. } => segment.slot(at),
            Position::Overflow { hash, index, .. } => self.overflow.slot(hash, index),
        }
    }

    /// The entry at a position that was just found.
    pub(super) fn entry_at<'s>(&'s self, position: Position<'s>) -> Option<Entry<'s>> {
        self.slot(position).block().map(|block| self.entry(block))
    }

    /// The entry at an address that was just read from one of this table's slots.
    #[inline]
    pub(super) const fn entry(&self, block: Block) -> Entry<'_> {
        // SAFETY: what is in a table's slots are live entries, which change and go only while the table is borrowed exclusively.
        unsafe { Entry::from_block(block) }
    }

    /// The hash of the key of such an entry.
    pub(super) fn hash_of(&self, block: Block) -> u64 {
        self.hasher.hash(self.entry(block).key())
    }

    #[inline]
    #[must_use]
    pub fn get(&self, key: &[u8], hash: u64) -> Option<Entry<'_>> {
        self.entry_at(self.position_of_key(key, hash)?)
    }

    #[must_use]
    pub fn get_mut(&mut self, key: &[u8], hash: u64) -> Option<EntryMut<'_>> {
        let position = self.position_of_key(key, hash)?;
        Some(Occupied { table: self, position }.into_entry_mut())
    }

    /// Finds `key` once, for whatever the caller then decides.
    #[must_use]
    pub fn lookup(&mut self, key: &[u8], hash: u64) -> Lookup<'_> {
        match self.position_of_key(key, hash) {
            Some(position) => Lookup::Occupied(Occupied { table: self, position }),
            None => Lookup::Vacant(Vacant { table: self, hash }),
        }
    }

    /// Adds `entry`; returns the one it replaced, if its key was there.
    pub fn insert(&mut self, hash: u64, entry: EntryBox) -> Option<EntryBox> {
        match self.position_of_key(entry.key(), hash) {
            Some(position) => Some(Occupied { table: self, position }.replace(entry)),
            None => {
                Vacant { table: self, hash }.insert(entry);
                None
            }
        }
    }

    pub fn remove(&mut self, key: &[u8], hash: u64) -> Option<EntryBox> {
        let position = self.position_of_key(key, hash)?;
        Some(Occupied { table: self, position }.remove())
    }

    /// The first entry whose key has this very hash and that `pred` accepts.
    #[must_use]
    pub fn find_by_hash(&self, hash: u64, pred: impl FnMut(Entry<'_>) -> bool) -> Option<Entry<'_>> {
        self.entry_at(self.position_by_hash(hash, pred)?)
    }

    /// As [`Self::find_by_hash`], for changing or removing.
    #[must_use]
    pub fn find_by_hash_mut(&mut self, hash: u64, pred: impl FnMut(Entry<'_>) -> bool) -> Option<Occupied<'_>> {
        let position = self.position_by_hash(hash, pred)?;
        Some(Occupied { table: self, position })
    }

    fn position_by_hash<'s>(&self, hash: u64, mut pred: impl FnMut(Entry<'_>) -> bool) -> Option<Position<'s>> {
        self.position(hash, |entry| pred(entry) && self.hasher.hash(entry.key()) == hash)
    }

    /// How many segments there are.
    pub(super) fn segment_count(&self) -> usize {
        self.depths.iter().map(|count| *count as usize).sum()
    }

    /// Each segment once, in the order of its prefix.
    pub(super) fn segments<'s>(&self) -> impl Iterator<Item = Segment<'s>> + use<'s> {
        let root = self.root;
        let mut index = 0;
        std::iter::from_fn(move || {
            let root = root.filter(|root| index < root.slot_count())?;
            let segment = Self::segment(root, index);
            index += 1 << (root.depth() - segment.depth());
            Some(segment)
        })
    }

    /// Visits every entry, in no order that means anything.
    pub fn for_each(&self, mut visit: impl FnMut(Entry<'_>)) {
        self.for_each_block(|block| visit(self.entry(block)));
    }

    pub(super) fn for_each_block(&self, mut visit: impl FnMut(Block)) {
        for segment in self.segments() {
            segment.for_each(|_, _, block| visit(block));
        }
        self.overflow.for_each(visit);
    }

    /// Bytes of the table itself, without the entries' blocks.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let Some(root) = self.root else { return 0 };
        // SAFETY: a table's directory is live.
        let directories = unsafe { root.bytes() };
        directories + self.segment_count() * root.shape().bytes() + self.overflow.bytes()
    }
}
