//! Which fields of a large hash expire when.
//!
//! A tree of (deadline, field), beside the deadline in the record itself: what is due is found from the front, and what changes is found by
//! both. Only fields with a deadline are in it.

use std::collections::BTreeSet;

use stdx::UnixMs;

/// What an element of the tree costs besides the field's bytes, about.
const ELEMENT_BYTES: usize = 40;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Due {
    by_time: BTreeSet<(UnixMs, Box<[u8]>)>,
    /// Bytes of all fields in the tree.
    field_bytes: usize,
}

impl Due {
    pub(super) fn is_empty(&self) -> bool {
        self.by_time.is_empty()
    }

    pub(super) fn first(&self) -> Option<UnixMs> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// Moves `field` from one deadline to another.
    pub(super) fn shift(&mut self, field: &[u8], before: Option<UnixMs>, after: Option<UnixMs>) {
        if before == after {
            return;
        }
        let mut name = None;
        if let Some(at) = before
            && let Some((_, field)) = self.by_time.take(&(at, Box::from(field)))
        {
            self.field_bytes -= field.len();
            name = Some(field);
        }
        if let Some(at) = after {
            let name = name.unwrap_or_else(|| Box::from(field));
            self.field_bytes += name.len();
            self.by_time.insert((at, name));
        }
    }

    /// Takes the field with the earliest deadline if that has passed.
    pub(super) fn pop(&mut self, now: UnixMs) -> Option<Box<[u8]>> {
        if self.first()? >= now {
            return None;
        }
        let (_, field) = self.by_time.pop_first()?;
        self.field_bytes -= field.len();
        Some(field)
    }

    /// How many fields have a deadline that has passed.
    pub(super) fn count_due(&self, now: UnixMs) -> usize {
        self.by_time.iter().take_while(|(at, _)| *at < now).count()
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.by_time.len() * ELEMENT_BYTES + self.field_bytes
    }
}
