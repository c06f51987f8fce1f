//! The form without deadlines: fields and values in turn, in the order in which the fields came.

use pack::{Element, Listpack};

/// Fields and values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pairs(pub(super) Listpack);

impl Pairs {
    pub(super) fn len(&self) -> usize {
        self.0.len() / 2
    }

    pub(super) fn get(&self, field: &[u8]) -> Option<Element<'_>> {
        let at = self.0.find(field, 1)?;
        self.0.at(self.0.next(at)?)
    }

    /// Returns whether the field is new.
    pub(super) fn set(&mut self, field: &[u8], value: &[u8]) -> bool {
        if let Some(at) = self.0.find(field, 1).and_then(|at| self.0.next(at)) {
            self.0.replace(at, value);
            return false;
        }
        self.0.push(field);
        self.0.push(value);
        true
    }

    pub(super) fn remove(&mut self, field: &[u8]) -> bool {
        let Some(at) = self.0.find(field, 1) else { return false };
        self.0.remove_from(at, 2);
        true
    }
}
