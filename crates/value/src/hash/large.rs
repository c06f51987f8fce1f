//! The large form: a table of records, and what of it is due when.

use pack::Element;
use stdx::UnixMs;

use super::due::Due;
use super::entries::Entry;
use super::fields::{FieldTtl, Repr};
use crate::Hash;
use crate::table::{Record, Table};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Large {
    pub(super) table: Table,
    pub(super) due: Due,
}

impl Hash {
    /// The table of its fields, if it has grown to one.
    pub(crate) const fn table(&self) -> Option<&Table> {
        if let Repr::Large(large) = &self.repr { Some(&large.table) } else { None }
    }
}

impl Large {
    pub(super) fn get(&self, field: &[u8]) -> Option<(Element<'_>, Option<UnixMs>)> {
        self.table.get(field).map(|record| (Element::Bytes(record.value), record.deadline))
    }

    /// Returns whether the field is new.
    pub(super) fn set(&mut self, field: &[u8], value: &[u8], ttl: FieldTtl) -> bool {
        if self.due.is_empty() && !matches!(ttl, FieldTtl::At(_)) {
            return self.table.insert(field, value, None);
        }
        let before = self.table.get(field).and_then(|record| record.deadline);
        let after = ttl.deadline(before);
        self.due.shift(field, before, after);
        self.table.insert(field, value, after)
    }

    /// Returns whether the field is there.
    pub(super) fn set_deadline(&mut self, field: &[u8], deadline: Option<UnixMs>) -> bool {
        let Some(record) = self.table.get(field) else { return false };
        let before = record.deadline;
        if before != deadline {
            self.due.shift(field, before, deadline);
            self.table.set_deadline(field, deadline);
        }
        true
    }

    pub(super) fn remove(&mut self, field: &[u8]) -> bool {
        match self.table.remove_with(field, |record| record.deadline) {
            None => false,
            Some(deadline) => {
                self.due.shift(field, deadline, None);
                true
            }
        }
    }

    /// Removes up to `max` fields whose deadline has passed, `taken` being told each.
    pub(super) fn take_due(&mut self, now: UnixMs, max: usize, taken: &mut dyn FnMut(&[u8])) -> usize {
        let mut count = 0;
        while count < max
            && let Some(field) = self.due.pop(now)
        {
            self.table.remove(&field);
            taken(&field);
            count += 1;
        }
        count
    }

    pub(super) fn heap_bytes(&self) -> usize {
        size_of::<Self>() + self.table.heap_bytes() + self.due.heap_bytes()
    }
}

impl<'a> From<Record<'a>> for Entry<'a> {
    fn from(record: Record<'a>) -> Self {
        Self { field: Element::Bytes(record.key), value: Element::Bytes(record.value), deadline: record.deadline }
    }
}
