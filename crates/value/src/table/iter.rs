//! All records.

use super::Record;
use super::map::Table;
use super::page::Page;
use super::record;

impl Table {
    /// All records, in an order that depends on the hash alone and on what was there before.
    pub fn iter(&self) -> impl Iterator<Item = Record<'_>> + Clone {
        self.pages.iter().flat_map(Page::records).map(|bytes| record::resolve(bytes, &self.large))
    }
}
