//! The directory: which page a position belongs to.

#![expect(clippy::cast_possible_truncation, reason = "as many bits as the directory has; page numbers have 32")]

use super::map::Table;
use super::page::Page;

impl Table {
    /// How many bits of a position choose its page.
    pub(super) const fn depth(&self) -> u8 {
        self.directory.len().trailing_zeros() as u8
    }

    /// The number of the page that a position belongs to.
    #[inline]
    pub(super) fn page_at(&self, position: u64) -> usize {
        let prefix = position >> 1 >> (63 - u32::from(self.depth()));
        self.directory[prefix as usize] as usize
    }

    /// Enters the page with this number for all its prefixes.
    pub(super) fn enter(&mut self, id: usize) {
        let Page { prefix, depth, .. } = self.pages[id];
        let shift = self.depth() - depth;
        let first = (prefix as usize) << shift;
        self.directory[first..first + (1 << shift)].fill(id as u32);
    }

    /// One more bit: every entry twice.
    pub(super) fn double(&mut self) {
        self.directory = self.directory.iter().flat_map(|id| [*id, *id]).collect();
        self.deep = 0;
    }

    /// Gives up bits that no page looks at.
    pub(super) fn halve_if_possible(&mut self) {
        while self.deep == 0 && self.depth() > 0 {
            self.directory = self.directory.iter().step_by(2).copied().collect();
            let depth = self.depth();
            self.deep = self.pages.iter().filter(|page| page.depth == depth).count() as u32;
        }
    }
}
