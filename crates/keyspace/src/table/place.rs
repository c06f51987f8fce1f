//! Finding a place in a segment for an entry, and closing the gap when one leaves.

use super::bucket::Bucket;
use super::entry::Block;
use super::segment::{At, Segment};

impl Segment<'_> {
    /// Puts an entry where a lookup will find it; `None` if this segment has no place for this home.
    pub(super) fn place(self, home: usize, tag: u8, block: Block) -> Option<At> {
        if let Some(at) = self.place_in(home, false, tag, block) {
            return Some(at);
        }
        let next = self.next(home);
        if self.bucket(next).word().empty().is_empty() {
            if self.send_guest_home(home) {
                return self.place_in(home, false, tag, block);
            }
            if !self.move_native_on(next) {
                return self.place_in_stash(home, tag, block);
            }
        }
        self.bucket(home).set_spilled(true);
        self.place_in(next, true, tag, block)
    }

    fn place_in_stash(self, home: usize, tag: u8, block: Block) -> Option<At> {
        let index = self.stash_free()?;
        self.stash_put(index, home, tag, block);
        self.bucket(home).set_spilled(true);
        Some(At::Stash(index))
    }

    fn place_in(self, index: usize, guest: bool, tag: u8, block: Block) -> Option<At> {
        let bucket = self.bucket(index);
        let slot = bucket.word().empty().first()?;
        bucket.put(slot, tag, guest, block);
        Some(At::Bucket { bucket: index, slot })
    }

    /// Makes room in a bucket by moving a guest to its home, if that has room now.
    fn send_guest_home(self, index: usize) -> bool {
        let (bucket, home) = (self.bucket(index), self.previous(index));
        let Some(slot) = bucket.word().guests().first() else { return false };
        if !self.move_between(bucket, slot, home, false) {
            return false;
        }
        self.refresh_spilled(home);
        true
    }

    /// Makes room in a bucket by moving a native to the next one, if that has room.
    fn move_native_on(self, index: usize) -> bool {
        let bucket = self.bucket(index);
        let Some(slot) = bucket.word().natives().first() else { return false };
        if !self.move_between(bucket, slot, self.next(index), true) {
            return false;
        }
        bucket.set_spilled(true);
        true
    }

    fn move_between(self, from: &Bucket, slot: usize, to: usize, guest: bool) -> bool {
        let Some(free) = self.bucket(to).word().empty().first() else { return false };
        let tag = from.word().tag(slot);
        let Some(block) = from.take(slot) else { return false };
        self.bucket(to).put(free, tag, guest, block);
        true
    }

    /// Takes an entry out, and lets one that had to go elsewhere for lack of this room come home.
    pub(super) fn remove(self, home: usize, at: At) -> Option<Block> {
        let block = match at {
            At::Bucket { bucket, slot } => {
                let block = self.bucket(bucket).take(slot);
                if self.bucket(bucket).word().is_spilled() {
                    self.bring_home(bucket);
                }
                block
            }
            At::Stash(index) => self.stash_take(index).map(|(_, _, block)| block),
        };
        if self.bucket(home).word().is_spilled() {
            self.refresh_spilled(home);
        }
        block
    }

    /// Fills a free slot of a bucket with an entry of this home from the stash or from the next bucket.
    fn bring_home(self, home: usize) {
        let Some(free) = self.bucket(home).word().empty().first() else { return };
        let in_stash = self.stash_of(home).next();
        if let Some((_, tag, block)) = in_stash.and_then(|index| self.stash_take(index)) {
            self.bucket(home).put(free, tag, false, block);
        } else {
            let next = self.bucket(self.next(home));
            if let Some(slot) = next.word().guests().first() {
                self.move_between(next, slot, home, false);
            }
        }
        self.refresh_spilled(home);
    }

    /// Clears the mark of a home of which no entry is elsewhere any more.
    pub(super) fn refresh_spilled(self, home: usize) {
        let guests = self.bucket(self.next(home)).word().guests();
        // Which homes the overflow entries have is not recorded here, so while there are any the marks stay.
        if guests.is_empty() && self.overflow() == 0 && self.stash_of(home).next().is_none() {
            self.bucket(home).set_spilled(false);
        }
    }

    /// Brings home what can come home, and sets every mark right: after entries left or came in numbers.
    pub(super) fn settle(self) {
        for home in 0..self.shape().buckets() {
            let (bucket, next) = (self.bucket(home), self.bucket(self.next(home)));
            while let (Some(_), Some(slot)) = (bucket.word().empty().first(), next.word().guests().first()) {
                self.move_between(next, slot, home, false);
            }
        }
        for index in 0..self.shape().stash_slots() {
            if let Some((home, tag, block)) = self.stash_take(index) {
                // Its own slot is free again, so there is a place.
                let placed = self.place(home, tag, block);
                debug_assert!(placed.is_some());
            }
        }
        for home in 0..self.shape().buckets() {
            self.bucket(home).set_spilled(true);
            self.refresh_spilled(home);
        }
    }

    /// Moves the entries that `leaves` names to the same places in `other`, which is empty. Marks are left to [`Self::settle`].
    pub(super) fn divide(self, other: Segment<'_>, mut leaves: impl FnMut(Block) -> bool) {
        for index in 0..self.shape().buckets() {
            self.prefetch_entries(index + 2);
            let (bucket, target) = (self.bucket(index), other.bucket(index));
            for slot in bucket.word().occupied() {
                let word = bucket.word();
                if bucket.slot(slot).block().is_some_and(&mut leaves)
                    && let Some(block) = bucket.take(slot)
                {
                    target.put(slot, word.tag(slot), word.is_guest(slot), block);
                }
            }
        }
        for index in 0..self.shape().stash_slots() {
            if self.slot(At::Stash(index)).block().is_some_and(&mut leaves)
                && let Some((home, tag, block)) = self.stash_take(index)
            {
                other.stash_put(index, home, tag, block);
            }
        }
    }
}
