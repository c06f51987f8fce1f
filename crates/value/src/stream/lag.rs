//! How many entries a group has still to read.
//!
//! Entries are numbered as they are added. A group that reads them one after the other knows the number it has come to; the lag is
//! the difference to the count of all. Deleting from the middle breaks the numbering: then the number is known again only where
//! the position tells it (before the first entry, at the first, at the last), and until a group gets there its lag is unknown.

use super::{Group, Stream, StreamId};

impl Stream {
    /// Which number the entry with this id has, counted from the first ever added, if that can be told.
    #[must_use]
    pub fn number_of(&self, id: StreamId) -> Option<u64> {
        if self.entries_added == 0 {
            return Some(0);
        }
        if self.len == 0 && id <= self.last_id {
            return Some(self.entries_added);
        }
        // Past what was deleted nothing can be told but at the very end.
        if id != StreamId::ZERO && id < self.max_deleted_id {
            return None;
        }
        if id >= self.last_id {
            return (id == self.last_id).then_some(self.entries_added);
        }
        if self.max_deleted_id != StreamId::ZERO && self.max_deleted_id >= self.first_id {
            return None;
        }
        let before_first = self.entries_added.checked_sub(self.len)?;
        if id < self.first_id { Some(before_first) } else { (id == self.first_id).then_some(before_first + 1) }
    }

    /// Gives every group the count that its position tells, if it does: older forms of a dump have none.
    pub(super) fn find_entries_read(&mut self) {
        let mut groups = std::mem::take(&mut self.groups);
        for group in groups.values_mut() {
            let last_id = group.last_id();
            group.set_last_id(last_id, self.number_of(last_id));
        }
        self.groups = groups;
    }

    /// Whether entries behind `start` may have been deleted.
    fn has_gaps_from(&self, start: StreamId) -> bool {
        self.len > 0
            && self.max_deleted_id != StreamId::ZERO
            && self.first_id <= self.max_deleted_id
            && start <= self.max_deleted_id
    }

    /// How many entries the group has not read; `None` if that cannot be told.
    #[must_use]
    pub fn lag(&self, group: &Group) -> Option<i64> {
        if self.entries_added == 0 {
            return Some(0);
        }
        if self.len == 0 || group.last_id() < self.first_id && !self.has_gaps_from(group.last_id()) {
            return i64::try_from(self.len).ok();
        }
        let read = match group.entries_read() {
            Some(read) if !self.has_gaps_from(group.last_id()) => read,
            Some(_) | None => self.number_of(group.last_id())?,
        };
        i64::try_from(i128::from(self.entries_added) - i128::from(read)).ok()
    }

    /// How many entries a group will have read when it is given the entry `id`.
    #[must_use]
    pub fn entries_read_at(&self, group: &Group, id: StreamId) -> Option<u64> {
        match group.entries_read() {
            // Before the first entry the count is of entries that went: the position tells more.
            Some(read) if group.last_id() >= self.first_id && !self.has_gaps_from(group.last_id()) => {
                Some(read.saturating_add(1))
            }
            Some(_) | None if self.entries_added > 0 => self.number_of(id),
            unchanged => unchanged,
        }
    }
}
