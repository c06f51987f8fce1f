//! An entry in its table, borrowed for changing.

use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;

use stdx::UnixMs;
use value::{StringRef, Value};

use super::boxed::{EntryBox, NewValue};
use super::view::Entry;
use crate::table::bucket::Slot;

/// An entry in its table, borrowed for changing.
///
/// A change may move the entry to another block, and other threads may be reading the table's pointer to it for prefetching; so
/// each method that may do it ends by storing the pointer. None of them can panic after it freed the old block.
pub struct EntryMut<'a> {
    slot: &'a Slot,
    /// The entry in the slot: what is owned here is owned by the table.
    entry: ManuallyDrop<EntryBox>,
    table: PhantomData<&'a mut EntryBox>,
}

impl<'a> EntryMut<'a> {
    /// # Safety
    /// What the slot holds is a live entry or nothing, and exclusively the caller's for the lifetime.
    pub(in crate::table) unsafe fn from_slot(slot: &'a Slot) -> Option<Self> {
        let block = slot.block()?;
        // SAFETY: the slot holds a live entry, and `ManuallyDrop` leaves the ownership with the table.
        let entry = unsafe { EntryBox::from_block(block) };
        Some(Self { slot, entry: ManuallyDrop::new(entry), table: PhantomData })
    }

    fn store(&self) {
        self.slot.set(self.entry.block());
    }

    #[must_use]
    pub fn as_entry(&self) -> Entry<'_> {
        self.entry.as_entry()
    }

    /// The view for as long as the table itself is borrowed.
    #[must_use]
    pub fn into_entry(self) -> Entry<'a> {
        // SAFETY: the entry is live and nobody else's for the lifetime, and this handle ends here.
        unsafe { Entry::from_block(self.entry.block()) }
    }

    /// See [`EntryBox::set_deadline`].
    pub fn set_deadline(&mut self, deadline: UnixMs) {
        self.entry.set_deadline(deadline);
        self.store();
    }

    /// See [`EntryBox::clear_deadline`].
    pub fn clear_deadline(&mut self) -> Option<UnixMs> {
        self.entry.clear_deadline()
    }

    /// See [`EntryBox::set`].
    pub fn set(&mut self, value: NewValue<'_>, deadline: Option<UnixMs>) -> Option<Value> {
        let old = self.entry.set(value, deadline);
        self.store();
        old
    }

    /// See [`EntryBox::try_set_string`].
    #[must_use]
    pub fn try_set_string(&mut self, string: StringRef<'_>) -> bool {
        self.entry.try_set_string(string)
    }

    /// See [`EntryBox::resize_string`].
    pub fn resize_string(&mut self, len: usize) -> Option<&mut [u8]> {
        let is_string = self.entry.make_raw(len);
        self.store();
        if is_string { self.entry.raw_bytes_mut() } else { None }
    }

    /// See [`EntryBox::value_mut`].
    pub fn value_mut(&mut self) -> Option<&mut Value> {
        self.entry.value_mut()
    }

    /// As [`Self::value_mut`], for as long as the table itself is borrowed.
    #[must_use]
    pub fn into_value_mut(mut self) -> Option<&'a mut Value> {
        let value: *mut Value = self.entry.value_mut()?;
        // SAFETY: the value is live and nobody else's for the lifetime, and this handle ends here without dropping it.
        Some(unsafe { &mut *value })
    }
}

impl fmt::Debug for EntryMut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_entry().fmt(f)
    }
}
