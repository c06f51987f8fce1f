//! One probe, then a decision: what an upsert or a conditional delete needs.

use super::entry::{Entry, EntryBox, EntryMut};
use super::map::{Position, Table};

/// Where a key is, or that it is not.
///
/// ```
/// use keyspace::table::{EntryBox, KeyHasher, Lookup, Table};
/// use value::StringRef;
///
/// let mut table = Table::new(KeyHasher::new([7; 16]));
/// let hash = table.hasher().hash(b"visits");
/// for visits in 1..=3 {
///     match table.lookup(b"visits", hash) {
///         Lookup::Occupied(mut slot) => drop(slot.entry_mut().set(StringRef::Int(visits).into(), None)),
///         Lookup::Vacant(slot) => drop(slot.insert(EntryBox::new(b"visits", StringRef::Int(visits).into(), None, 0))),
///     }
/// }
/// assert_eq!(table.len(), 1);
/// ```
#[derive(Debug)]
pub enum Lookup<'a> {
    Occupied(Occupied<'a>),
    Vacant(Vacant<'a>),
}

/// A key that is in the table.
#[derive(Debug)]
pub struct Occupied<'a> {
    pub(super) table: &'a mut Table,
    pub(super) position: Position<'a>,
}

impl<'a> Occupied<'a> {
    #[must_use]
    pub fn entry(&self) -> Entry<'_> {
        found(self.table.entry_at(self.position))
    }

    #[must_use]
    pub fn entry_mut(&mut self) -> EntryMut<'_> {
        // SAFETY: the position was found in this table, which is borrowed exclusively.
        found(unsafe { EntryMut::from_slot(self.table.slot(self.position)) })
    }

    #[must_use]
    pub fn into_entry(self) -> Entry<'a> {
        self.into_entry_mut().into_entry()
    }

    #[must_use]
    pub fn into_entry_mut(self) -> EntryMut<'a> {
        let table: &'a Table = self.table;
        // SAFETY: the position was found in this table, which was borrowed exclusively for the lifetime and is given up here.
        found(unsafe { EntryMut::from_slot(table.slot(self.position)) })
    }

    /// Puts `entry`, which has the same key, in place of the one that is there, and returns that.
    ///
    /// # Panics
    /// If the key is another.
    pub fn replace(&mut self, entry: EntryBox) -> EntryBox {
        assert!(self.entry().key() == entry.key(), "an entry is replaced by one of the same key");
        let slot = self.table.slot(self.position);
        let old = found(slot.block());
        slot.set(entry.into_block());
        // SAFETY: the table owned the old entry, and has given it up for the new one.
        unsafe { EntryBox::from_block(old) }
    }

    /// Takes the entry out of the table.
    #[must_use]
    pub fn remove(self) -> EntryBox {
        let block = found(match self.position {
            Position::Segment { segment, home, at } => segment.remove(home, at),
            Position::Overflow { segment, hash, index } => {
                segment.set_overflow(segment.overflow() - 1);
                self.table.overflow.remove(hash, index)
            }
        });
        self.table.len -= 1;
        // SAFETY: the table owned the entry and has given it up.
        unsafe { EntryBox::from_block(block) }
    }
}

/// A key that is not in the table.
#[derive(Debug)]
pub struct Vacant<'a> {
    pub(super) table: &'a mut Table,
    pub(super) hash: u64,
}

impl<'a> Vacant<'a> {
    /// Adds `entry`, whose key must be the one that was looked up.
    pub fn insert(self, entry: EntryBox) -> EntryMut<'a> {
        debug_assert_eq!(self.table.hasher.hash(entry.key()), self.hash);
        let position = self.table.add(self.hash, entry.into_block());
        Occupied { table: self.table, position }.into_entry_mut()
    }
}

/// What a position names is there: positions live only as long as the table is borrowed exclusively.
#[inline]
fn found<T>(thing: Option<T>) -> T {
    match thing {
        Some(thing) => thing,
        None => unreachable!("a position outlived its entry"),
    }
}
