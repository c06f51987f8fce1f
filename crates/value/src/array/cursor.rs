//! The insert cursor: appending, and appending round a ring.
//!
//! The cursor is the index that was written last, so an array that was never appended to has none; setting elements by index
//! does not move it. A ring has no size of its own: each append names it. Where the size differs from what the array looks like,
//! the ring is laid out anew, oldest element first:
//!
//! ```text
//! size 3   [d b c]      written last: 0
//! size 5   [b c d . .]  written last: 2     grown: what wrapped is unrolled
//! size 2   [c d]        written last: 1     shrunk: the newest that fit stay
//! ```

use super::base::{ARRAY_MAX_INDEX, Array};
use super::directory::Directory;
use super::element::ArrayElement;
use super::slice::Policy;
use super::word::Word;
use crate::EncodingLimits;

impl Array {
    /// The index that was written last by an append.
    #[must_use]
    pub const fn last_insert(&self) -> Option<u64> {
        self.last_insert
    }

    /// Where the next append writes; `None` when the indexes are used up.
    #[must_use]
    pub fn next_insert(&self) -> Option<u64> {
        self.last_insert.map_or(Some(0), |last| last.checked_add(1)).filter(|&next| next <= ARRAY_MAX_INDEX)
    }

    /// Makes `index` the place of the next append; one past [`ARRAY_MAX_INDEX`] leaves no place for it. Returns whether that is
    /// another than before.
    pub fn seek(&mut self, index: u64) -> bool {
        let last = index.checked_sub(1);
        std::mem::replace(&mut self.last_insert, last) != last
    }

    /// Whether `count` elements can be appended before the indexes are used up.
    #[must_use]
    pub fn has_room_for(&self, count: u64) -> bool {
        let Some(next) = self.next_insert() else { return count == 0 };
        count == 0 || next.checked_add(count - 1).is_some_and(|last| last <= ARRAY_MAX_INDEX)
    }

    /// Appends an element. Returns its index; `None`, and nothing is changed, when the indexes are used up.
    pub fn insert(&mut self, text: &[u8], limits: &EncodingLimits) -> Option<u64> {
        let next = self.next_insert()?;
        self.set(next, text, limits);
        self.last_insert = Some(next);
        Some(next)
    }

    /// Appends an element to the ring of the first `size` indexes, 1 at least. Returns its index.
    ///
    /// ```
    /// use value::{Array, EncodingLimits};
    /// let (mut ring, limits) = (Array::default(), EncodingLimits::default());
    /// let written = [b"a", b"b", b"c"].map(|text| ring.insert_in_ring(2, text, &limits));
    /// assert_eq!(written, [0, 1, 0]);
    /// ```
    pub fn insert_in_ring(&mut self, size: u64, text: &[u8], limits: &EncodingLimits) -> u64 {
        debug_assert!(size > 0, "a ring without places");
        let len = self.len();
        let has_wrapped = self.last_insert.is_some_and(|last| last < len && last + 1 != len);
        if size < len || (size > len && has_wrapped) {
            self.lay_out_ring(size.min(len), Policy::new(limits));
        }
        let next = self.last_insert.map_or(0, |last| last.wrapping_add(1) % size);
        self.set(next, text, limits);
        self.last_insert = Some(next);
        next
    }

    /// What the append `back` before the last one wrote, 0 being the last one. Goes on from the end when it has passed index 0;
    /// an array that was never appended to is read from its end.
    #[must_use]
    pub fn inserted_before(&self, back: u64) -> Option<ArrayElement<'_>> {
        let len = self.len();
        let last = self.last_insert.or_else(|| len.checked_sub(1))?;
        let index = match last.checked_sub(back) {
            Some(index) => index,
            None => len.checked_sub(1)? - (back - last - 1) % len,
        };
        self.get(index)
    }

    /// Keeps the newest `keep` places of the ring that the array is, and moves them to the front in the order of their age.
    fn lay_out_ring(&mut self, keep: u64, policy: Policy) {
        let len = self.len();
        let newest = self.last_insert.filter(|&last| last < len).unwrap_or(len - 1);
        // The places from 0 to the newest, and how many older ones at the end.
        let wrapped = keep.saturating_sub(newest + 1);
        let from = (newest + 1).saturating_sub(keep);
        let older =
            self.range(len - wrapped, ARRAY_MAX_INDEX).words().map(|(index, word)| (index - (len - wrapped), word));
        let newer = self.range(from, newest).words().map(|(index, word)| (index - from + wrapped, word));
        let kept: Vec<(u64, Word)> = older.take_while(|_| wrapped > 0).chain(newer).collect();
        let lost = self.range(0, ARRAY_MAX_INDEX).words().filter_map(|(index, word)| {
            let is_kept = (from..=newest).contains(&index) || index >= len - wrapped;
            if is_kept { None } else { word.place() }
        });
        for place in lost.collect::<Vec<_>>() {
            self.longs.free(place);
        }
        self.directory = Directory::default();
        self.count = 0;
        for (index, word) in kept {
            self.put(index, word, policy);
        }
        self.last_insert = Some(keep - 1);
    }
}
