//! One probe, then a decision: what an upsert or a conditional delete needs.

use std::marker::PhantomData;

use crate::table::{Entry, EntryBox, EntryMut, Table};

/// Where a key is, or that it is not.
#[derive(Debug)]
pub enum Lookup<'a> {
    Occupied(Occupied<'a>),
    Vacant(Vacant<'a>),
}

/// A key that is in the table.
#[derive(Debug)]
pub struct Occupied<'a> {
    pub(super) table: &'a mut Table,
    pub(super) at: usize,
}

impl<'a> Occupied<'a> {
    #[must_use]
    pub fn entry(&self) -> Entry<'_> {
        self.table.entries[self.at].as_entry()
    }

    #[must_use]
    pub fn entry_mut(&mut self) -> EntryMut<'_> {
        EntryMut { slot: &mut self.table.entries[self.at], marker: PhantomData }
    }

    #[must_use]
    pub fn into_entry(self) -> Entry<'a> {
        self.table.entries[self.at].as_entry()
    }

    #[must_use]
    pub fn into_entry_mut(self) -> EntryMut<'a> {
        EntryMut { slot: &mut self.table.entries[self.at], marker: PhantomData }
    }

    /// Puts `entry`, which has the same key, in place of the one that is there, and returns that.
    pub fn replace(&mut self, entry: EntryBox) -> EntryBox {
        std::mem::replace(&mut self.table.entries[self.at], entry)
    }

    /// Takes the entry out of the table.
    #[must_use]
    pub fn remove(self) -> EntryBox {
        self.table.entries.swap_remove(self.at)
    }
}

/// A key that is not in the table.
#[derive(Debug)]
pub struct Vacant<'a> {
    pub(super) table: &'a mut Table,
}

impl<'a> Vacant<'a> {
    /// Adds `entry`, whose key must be the one that was looked up.
    pub fn insert(self, entry: EntryBox) -> EntryMut<'a> {
        self.table.entries.push(entry);
        let at = self.table.entries.len() - 1;
        EntryMut { slot: &mut self.table.entries[at], marker: PhantomData }
    }
}
