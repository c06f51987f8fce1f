//! Pages that became sparse.

use super::Record;
use super::build::{build, loosen, wants_other_buckets};
use super::map::Table;
use super::page::PAGE_MAX_BYTES;
use super::record;

/// A page looks for a neighbour to merge with when its bytes are fewer...
const SPARSE_BYTES: usize = PAGE_MAX_BYTES / 4;
/// ...and does so if both have no more: half full, far from the next split.
const MERGED_MAX_BYTES: usize = PAGE_MAX_BYTES / 2;

impl Table {
    /// Removes the records that `keep` does not want.
    pub fn retain(&mut self, keep: &mut dyn FnMut(Record<'_>) -> bool) {
        for id in 0..self.pages.len() {
            for bucket in 0..self.pages[id].buckets() {
                let mut at = self.pages[id].bucket(bucket).start;
                while let Some(place) = self.pages[id].place_at(bucket, at) {
                    if keep(record::resolve(self.pages[id].at(place), &self.large)) {
                        at += place.len;
                    } else {
                        self.cut(id, place);
                    }
                }
            }
        }
        // Backwards, for a page that takes the number of a merged one comes from the end.
        for id in (0..self.pages.len()).rev() {
            if id < self.pages.len() {
                self.tidy(id);
            }
        }
    }

    /// After a record left page `id`: merges it, or gives it fewer buckets, if it has become sparse.
    pub(super) fn tidy(&mut self, mut id: usize) {
        self.sweep();
        while let Some(other) = self.neighbour_to_merge(id) {
            self.merge(id, other);
            id = id.min(other);
        }
        if wants_other_buckets(&self.pages[id]) {
            self.rebuild(id);
        }
    }

    fn neighbour_to_merge(&self, id: usize) -> Option<usize> {
        let page = &self.pages[id];
        if page.len_bytes() >= SPARSE_BYTES || page.depth == 0 {
            return None;
        }
        let other = self.directory[((page.prefix ^ 1) as usize) << (self.depth() - page.depth)] as usize;
        let neighbour = &self.pages[other];
        (neighbour.depth == page.depth && neighbour.len_bytes() + page.len_bytes() <= MERGED_MAX_BYTES).then_some(other)
    }

    fn merge(&mut self, id: usize, other: usize) {
        let (stays, goes) = (id.min(other), id.max(other));
        let gone = self.pages.swap_remove(goes);
        let page = std::mem::take(&mut self.pages[stays]);
        let records = loosen(&page, self.salt).chain(loosen(&gone, self.salt)).collect::<Vec<_>>();
        if page.depth == self.depth() {
            self.deep -= 2;
        }
        self.pages[stays] = build(page.prefix >> 1, page.depth - 1, &records);
        self.peak.note(self.pages[stays].count);
        self.enter(stays);
        if let Some(moved) = self.pages.get(goes) {
            self.peak.note(moved.count);
            self.enter(goes);
        }
        self.halve_if_possible();
    }
}
