//! The fieldsets of a connection: names for ordered lists of field names. They end with the connection, or with RESET.

use std::collections::{BTreeMap, BTreeSet};

/// Field names, in order.
type Fieldset = Box<[Box<[u8]>]>;

/// Field names by the name of their set. Nothing is allocated until one is prepared.
#[derive(Debug, Default)]
pub(crate) struct Fieldsets {
    by_name: BTreeMap<Box<[u8]>, Fieldset>,
}

/// A field stands twice in one set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DuplicateField;

impl Fieldsets {
    /// Names a list of fields, in place of the one that had the name.
    pub(super) fn prepare<'f>(
        &mut self,
        name: &[u8],
        fields: impl ExactSizeIterator<Item = &'f [u8]> + Clone,
    ) -> Result<(), DuplicateField> {
        let different: BTreeSet<&[u8]> = fields.clone().collect();
        if different.len() != fields.len() {
            return Err(DuplicateField);
        }
        self.by_name.insert(name.into(), fields.map(Box::from).collect());
        Ok(())
    }

    pub(super) fn get(&self, name: &[u8]) -> Option<&[Box<[u8]>]> {
        self.by_name.get(name).map(|fields| &**fields)
    }

    /// Returns whether there was such a set.
    pub(super) fn discard(&mut self, name: &[u8]) -> bool {
        self.by_name.remove(name).is_some()
    }

    /// Forgets all sets and returns how many there were.
    pub(crate) fn clear(&mut self) -> usize {
        std::mem::take(&mut self.by_name).len()
    }
}
