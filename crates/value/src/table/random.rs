//! Fair draws.
//!
//! Draw a page, accept it with the probability of its records to those of the fullest page; in it draw a bucket, accept it likewise.
//! Each record is then as probable as any other, however unequal pages and buckets are, and a draw needs a handful of tries, for pages are
//! never sparse for long and positions are spread evenly.

use super::Record;
use super::map::Table;
use super::page::Page;
use super::record;

/// After so many refusals in a row the table is so uneven that counting is cheaper.
const TRIES: usize = 1000;

/// At least the records of the fullest page. Removals make the figure too high and every draw slower, so each removal looks at one page
/// more, and after a round the figure is that round's.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Peak {
    count: u32,
    /// Of the pages that this round has seen, or that have changed since it began.
    round: u32,
    next: u32,
}

impl Peak {
    #[cfg(test)]
    pub(super) const fn count(&self) -> u32 {
        self.count
    }

    /// A page has so many records now.
    pub(super) fn note(&mut self, count: u32) {
        self.count = self.count.max(count);
        self.round = self.round.max(count);
    }
}

impl Table {
    /// A record, each as probable as any other; `None` in an empty table.
    #[must_use]
    pub fn random(&self, rng: &mut fastrand::Rng) -> Option<Record<'_>> {
        if self.is_empty() {
            return None;
        }
        for _ in 0..TRIES {
            let page = &self.pages[rng.usize(..self.pages.len())];
            if rng.u32(..self.peak.count.max(1)) < page.count {
                return page.random(rng).map(|bytes| record::resolve(bytes, &self.large));
            }
        }
        self.iter().nth(rng.usize(..self.len))
    }

    /// One step of the search for a lower peak.
    pub(super) fn sweep(&mut self) {
        if let Some(page) = self.pages.get(self.peak.next as usize) {
            self.peak.round = self.peak.round.max(page.count);
            self.peak.next += 1;
        }
        if self.peak.next as usize >= self.pages.len() {
            self.peak = Peak { count: self.peak.round, round: 0, next: 0 };
        }
    }
}

impl Page {
    fn random(&self, rng: &mut fastrand::Rng) -> Option<&[u8]> {
        let tries = self.buckets().saturating_mul(self.crowd as usize) / (self.count as usize).max(1);
        if tries <= 16 {
            for _ in 0..TRIES {
                let records = self.bucket_records(rng.usize(..self.buckets()));
                if let Some(record) = records.into_iter().nth(rng.usize(..self.crowd as usize)) {
                    return Some(record);
                }
            }
        }
        self.records().nth(rng.usize(..self.count as usize))
    }
}
