//! Looking ahead: the cache lines of many lookups at once.
//!
//! A lookup in a table of a million reads its page's header, the start of its bucket, and the record, each in a line that no cache
//! has; and what to read next is only known when the one before has come. For the commands of a batch on one key these ways are
//! walked side by side, so that a batch waits about as long as a single lookup would.

use pack::prefetch;

use super::map::Table;
use super::page::Page;

const LINE_BYTES: usize = 64;

impl Table {
    /// Asks for what looking up elements with these [`hash_of`](super::hash_of)s would read. A hint: nothing depends on it.
    ///
    /// ```
    /// # use value::table::{Table, hash_of};
    /// # let mut table = Table::new();
    /// # table.insert(b"a", b"", None);
    /// table.prefetch(&[hash_of(b"a"), hash_of(b"b")]);
    /// ```
    pub fn prefetch(&self, hashes: &[u64]) {
        let positions = || hashes.iter().map(|hash| self.salt.position(*hash));
        for position in positions() {
            prefetch::line(std::ptr::from_ref(&self.pages[self.page_at(position)]).cast());
        }
        for position in positions() {
            self.pages[self.page_at(position)].prefetch_start(position);
        }
        for position in positions() {
            self.pages[self.page_at(position)].prefetch_records(position);
        }
    }
}

impl Page {
    /// Asks for the line that says where the bucket begins.
    #[inline]
    fn prefetch_start(&self, position: u64) {
        let at = self.start_at(self.bucket_of(position));
        prefetch::line(self.address().wrapping_add(at));
    }

    /// Asks for the bucket's records, or the first of them.
    #[inline]
    fn prefetch_records(&self, position: u64) {
        const LINES: usize = 3;
        let bucket = self.bucket(self.bucket_of(position));
        for at in bucket.step_by(LINE_BYTES).take(LINES) {
            prefetch::line(self.address().wrapping_add(at));
        }
    }
}
