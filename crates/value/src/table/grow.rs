//! Pages that became too full.

use super::build::{build, loosen, wants_other_buckets};
use super::map::Table;
use super::page::PAGE_MAX_BYTES;

/// A page's prefix has at most so many bits.
const DEPTH_MAX: u8 = 28;

/// The directory may have so many entries...
const DIRECTORY_FREE: usize = 4096;
/// ...and so many more for each page. Positions that share many bits cannot make it larger: their page grows instead.
const DIRECTORY_PER_PAGE: usize = 8;

impl Table {
    /// After a record came into page `id` at `position`: splits the page or gives it more buckets, if it needs that.
    pub(super) fn relieve(&mut self, mut id: usize, position: u64) {
        while self.pages[id].len_bytes() > PAGE_MAX_BYTES && self.may_split(id) {
            self.split(id);
            id = self.page_at(position);
        }
        if wants_other_buckets(&self.pages[id]) {
            self.rebuild(id);
        }
    }

    pub(super) fn rebuild(&mut self, id: usize) {
        let page = &self.pages[id];
        let records = loosen(page, self.salt).collect::<Vec<_>>();
        self.pages[id] = build(page.prefix, page.depth, &records);
    }

    fn may_split(&self, id: usize) -> bool {
        let (page, directory) = (&self.pages[id], self.directory.len());
        page.depth < self.depth()
            || page.depth < DEPTH_MAX && directory < DIRECTORY_FREE + DIRECTORY_PER_PAGE * self.pages.len()
    }

    fn split(&mut self, id: usize) {
        let page = std::mem::take(&mut self.pages[id]);
        if page.depth == self.depth() {
            self.double();
        }
        let depth = page.depth + 1;
        let half = 1 << (u64::BITS - u32::from(depth));
        let (right, left) = loosen(&page, self.salt).partition::<Vec<_>, _>(|record| record.position & half != 0);
        self.pages[id] = build(page.prefix << 1, depth, &left);
        self.pages.push(build(page.prefix << 1 | 1, depth, &right));
        self.enter(self.pages.len() - 1);
        if depth == self.depth() {
            self.deep += 2;
        }
    }
}
