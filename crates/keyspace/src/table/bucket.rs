//! A bucket: one cache line of seven tags and seven pointers.
//!
//! ```text
//!  0  1  2  3  4  5  6   7      8        16       24              56
//! +--+--+--+--+--+--+--+------+--------+--------+-- ... --------+--------+
//! |tag of each slot    | meta | slot 0 | slot 1 |               | slot 6 |
//! +--+--+--+--+--+--+--+------+--------+--------+-- ... --------+--------+
//! meta: bit i  the entry in slot i is a guest: its home is the bucket before this one
//!       bit 7  spilled: some entry of this home is not here, but in the next bucket or in the stash
//! ```
//!
//! A tag is 1-255, eight hash bits with 0 mapped to 1; 0 is an empty slot. The eight bytes are one word, compared with a tag in
//! seven instructions without SIMD, written with one store.
//!
//! An entry goes to its home, and to the next bucket only when its home is full. Choosing the emptier of the two fills a segment
//! as well, but leaves 33 % of the entries in the second line instead of at most 13 %, and then a miss must always read both. With
//! the spilled bit a lookup reads the second line only when there is something to be found.

#![expect(clippy::cast_possible_truncation, reason = "bit fields are cut out of words")]

use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering::Relaxed};

use super::entry::Block;

pub(super) const SLOTS: usize = 7;

const TAG_LOW_BITS: u64 = 0x0001_0101_0101_0101;
const TAG_HIGH_BITS: u64 = 0x0080_8080_8080_8080;
const META_SHIFT: u32 = 56;
const SPILLED: u64 = 1 << 63;

/// A place for one entry's address. Atomic, because prefetching threads read it while the writer of the stripe changes it; what
/// orders a lookup after a change is the stripe's lock.
#[derive(Debug, Default)]
pub(super) struct Slot(AtomicPtr<u8>);

impl Slot {
    pub(super) const fn new(block: Block) -> Self {
        Self(AtomicPtr::new(block.0.as_ptr()))
    }

    /// The address for prefetching: of an entry, of a freed one, or null.
    pub(super) fn address(&self) -> *const u8 {
        self.0.load(Relaxed)
    }

    /// The entry's address, if the slot is occupied; of a live entry only for the holder of the table's lock.
    pub(super) fn block(&self) -> Option<Block> {
        NonNull::new(self.0.load(Relaxed)).map(Block)
    }

    pub(super) fn set(&self, block: Block) {
        self.0.store(block.0.as_ptr(), Relaxed);
    }

    pub(super) fn clear(&self) {
        self.0.store(ptr::null_mut(), Relaxed);
    }
}

/// Seven tags and the meta byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word(pub(super) u64);

impl Word {
    /// The slots whose tag is `tag`, exactly.
    pub(super) const fn matching(self, tag: u8) -> Slots {
        let differing = self.0 ^ (tag as u64 * TAG_LOW_BITS);
        // A byte is zero if neither its low seven bits carry into bit 7 when 0x7f is added, nor bit 7 itself is set.
        let carried = (differing & !TAG_HIGH_BITS & !(0xff << META_SHIFT)) + 0x007f_7f7f_7f7f_7f7f;
        Slots(!(carried | differing) & TAG_HIGH_BITS)
    }

    pub(super) const fn empty(self) -> Slots {
        self.matching(0)
    }

    pub(super) const fn occupied(self) -> Slots {
        Slots(self.empty().0 ^ TAG_HIGH_BITS)
    }

    /// The occupied slots whose entries are at home here.
    pub(super) const fn natives(self) -> Slots {
        Slots(self.occupied().0 & !self.guests().0)
    }

    /// The slots whose entries have their home in the bucket before.
    pub(super) const fn guests(self) -> Slots {
        let bits = self.0 >> META_SHIFT & 0x7f;
        // Copies the seven bits into each byte, keeps bit i of byte i, and carries it up to bit 7.
        let spread = (bits * TAG_LOW_BITS) & 0x0040_2010_0804_0201;
        Slots((spread + 0x007f_7f7f_7f7f_7f7f) & TAG_HIGH_BITS)
    }

    pub(super) const fn tag(self, slot: usize) -> u8 {
        (self.0 >> (slot * 8)) as u8
    }

    pub(super) const fn is_guest(self, slot: usize) -> bool {
        self.0 >> (META_SHIFT as usize + slot) & 1 != 0
    }

    pub(super) const fn is_spilled(self) -> bool {
        self.0 & SPILLED != 0
    }

    pub(super) const fn with_spilled(self, spilled: bool) -> Self {
        if spilled { Self(self.0 | SPILLED) } else { Self(self.0 & !SPILLED) }
    }

    pub(super) const fn with(self, slot: usize, tag: u8, guest: bool) -> Self {
        let cleared = self.without(slot).0;
        Self(cleared | (tag as u64) << (slot * 8) | (guest as u64) << (META_SHIFT as usize + slot))
    }

    pub(super) const fn without(self, slot: usize) -> Self {
        Self(self.0 & !(0xff << (slot * 8)) & !(1 << (META_SHIFT as usize + slot)))
    }
}

/// A set of slots: bit 7 of byte i for slot i. Iterates in ascending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slots(u64);

impl Slots {
    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    pub(super) const fn first(self) -> Option<usize> {
        if self.0 == 0 { None } else { Some(self.0.trailing_zeros() as usize / 8) }
    }

    pub(super) const fn contains(self, slot: usize) -> bool {
        self.0 >> (slot * 8 + 7) & 1 != 0
    }
}

impl Iterator for Slots {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let slot = self.first()?;
        self.0 &= self.0 - 1;
        Some(slot)
    }
}

/// One cache line of a segment.
#[derive(Debug)]
#[repr(C, align(64))]
pub(super) struct Bucket {
    word: AtomicU64,
    slots: [Slot; SLOTS],
}

const _: () = assert!(size_of::<Bucket>() == 64);

impl Bucket {
    pub(super) fn word(&self) -> Word {
        Word(self.word.load(Relaxed))
    }

    pub(super) fn set_word(&self, word: Word) {
        self.word.store(word.0, Relaxed);
    }

    pub(super) const fn slot(&self, index: usize) -> &Slot {
        &self.slots[index]
    }

    /// Fills an empty slot.
    pub(super) fn put(&self, index: usize, tag: u8, guest: bool, block: Block) {
        debug_assert!(self.word().empty().contains(index));
        self.slots[index].set(block);
        self.set_word(self.word().with(index, tag, guest));
    }

    /// Empties a slot.
    pub(super) fn take(&self, index: usize) -> Option<Block> {
        let block = self.slots[index].block();
        self.set_word(self.word().without(index));
        self.slots[index].clear();
        block
    }

    pub(super) fn set_spilled(&self, spilled: bool) {
        let word = self.word();
        let next = word.with_spilled(spilled);
        if next != word {
            self.set_word(next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_exactly_whatever_their_neighbours() {
        // Neighbours that differ in one bit, or by a borrow, are what approximate zero-byte tricks get wrong.
        for tag in (0..=255_u8).step_by(if cfg!(miri) { 51 } else { 1 }) {
            for other in [0, 1, tag ^ 1, tag ^ 0x80, tag.wrapping_add(1), tag.wrapping_sub(1), 0x7f, 0x80, 0xff] {
                for pattern in (0..128_u64).step_by(if cfg!(miri) { 21 } else { 1 }) {
                    let mut word = Word(pattern << 57);
                    for slot in 0..SLOTS {
                        let here = if pattern >> slot & 1 == 1 { tag } else { other };
                        word = word.with(slot, here, slot == 3);
                    }
                    let expected: Vec<usize> = (0..SLOTS).filter(|&slot| word.tag(slot) == tag).collect();
                    assert_eq!(word.matching(tag).collect::<Vec<_>>(), expected, "{word:x?} {tag:x}");
                }
            }
        }
    }

    #[test]
    fn guests_and_natives_share_out_the_occupied_slots() {
        let step = if cfg!(miri) { 9 } else { 1 };
        for guests in (0..128_u64).step_by(step) {
            for occupied in (0..128_u64).step_by(step) {
                let mut word = Word(0).with_spilled(guests & 1 == 1);
                for slot in (0..SLOTS).filter(|slot| occupied >> slot & 1 == 1) {
                    word = word.with(slot, 200, guests >> slot & 1 == 1);
                }
                for slot in 0..SLOTS {
                    let (is_occupied, is_guest) = (occupied >> slot & 1 == 1, guests >> slot & 1 == 1);
                    assert_eq!(word.occupied().contains(slot), is_occupied);
                    assert_eq!(word.empty().contains(slot), !is_occupied);
                    assert_eq!(word.guests().contains(slot), is_occupied && is_guest);
                    assert_eq!(word.is_guest(slot), is_occupied && is_guest);
                    assert_eq!(word.natives().contains(slot), is_occupied && !is_guest);
                }
                assert_eq!(word.is_spilled(), guests & 1 == 1);
            }
        }
    }
}
