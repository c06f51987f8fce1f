//! The fieldsets of a connection: names for ordered lists of field names. They end with the connection, or with RESET.

use std::collections::BTreeMap;
use std::sync::Arc;

use value::{HashTemplate, NotATemplate};

use super::templates::{Counted, Templates};

/// Field names in the order in which their values are sent.
#[derive(Debug)]
pub(super) struct Fieldset {
    pub(super) template: Arc<HashTemplate>,
    /// For each name of the template, its place in the fieldset.
    pub(super) order: Box<[u32]>,
    _counted: Counted,
}

/// Fieldsets by their names. Nothing is allocated until one is prepared.
#[derive(Debug, Default)]
pub(crate) struct Fieldsets {
    by_name: BTreeMap<Box<[u8]>, Fieldset>,
}

impl Fieldsets {
    /// Names a list of fields, in place of the one that had the name.
    pub(super) fn prepare(&mut self, name: &[u8], fields: &[&[u8]], templates: &Templates) -> Result<(), NotATemplate> {
        let (template, order) = HashTemplate::new(fields)?;
        let (template, counted) = templates.share(template);
        self.by_name.insert(name.into(), Fieldset { template, order, _counted: counted });
        Ok(())
    }

    pub(super) fn get(&self, name: &[u8]) -> Option<&Fieldset> {
        self.by_name.get(name)
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
