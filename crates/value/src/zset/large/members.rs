//! Tree and index together: what changes a sorted set.

use std::ops::Range;

use super::super::bounds::{by_entry, by_score};
use super::arena::NONE;
use super::grow::Side;
use super::index::Index;
use super::leaf::{LEAF_ENTRIES, LEAF_TEXT_BYTES, Leaf};
use super::shrink::Heir;
use super::tree::{Low, Place, Tree};
use crate::table::hash_of;

/// A leaf looks for a neighbour to merge with when it has so many entries or fewer...
const SPARSE_ENTRIES: usize = LEAF_ENTRIES / 4;
/// ...and does so if both together have no more: far from the next split.
const MERGED_ENTRIES: usize = LEAF_ENTRIES * 3 / 4;
const MERGED_TEXT_BYTES: usize = LEAF_TEXT_BYTES * 3 / 4;

/// Members by score and score by member.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Large {
    pub(super) tree: Tree,
    pub(super) index: Index,
    len: usize,
}

/// The part of a member's hash that the index orders by.
#[inline]
pub(super) const fn short(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// The part of a member's hash that stands in the leaf: the low bits of the short one, the last that the index would look at.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "eight bits are cut out")]
pub(super) const fn tag(hash: u64) -> u8 {
    (hash >> 32) as u8
}

/// Entries of a leaf leave in a row, from its front or its end, but their places in the index are anywhere: asks for the place of one
/// that is likely to go soon, by this command or by one of the next.
fn look_ahead(index: &Index, leaf: &Leaf, at: usize) {
    const AHEAD: usize = 6;
    let soon = if at + AHEAD < leaf.len() { Some(at + AHEAD) } else { at.checked_sub(AHEAD) };
    if let Some(soon) = soon {
        index.prefetch(short(hash_of(leaf.member(soon))));
    }
}

impl Large {
    pub(in super::super) const fn len(&self) -> usize {
        self.len
    }

    pub(in super::super) fn heap_bytes(&self) -> usize {
        self.tree.heap_bytes() + self.index.heap_bytes()
    }

    /// Adds the member, or moves it. Returns its former score.
    pub(in super::super) fn insert(&mut self, member: &[u8], score: f64) -> Option<f64> {
        let hash = hash_of(member);
        let Some(place) = self.find(hash, member) else {
            self.put(hash, member, score);
            return None;
        };
        let leaf = &mut self.tree.leaves[place.leaf];
        let old = leaf.score(place.at);
        if by_score(old, score).is_eq() {
            return Some(old);
        }
        leaf.remove(place.at, 1);
        let at = leaf.partition(|other_score, other| by_entry((other_score, other), (score, member)).is_lt());
        let stays = (at > 0 || leaf.prev == NONE) && (at < leaf.len() || leaf.next == NONE);
        if stays {
            leaf.insert(at, score, member, tag(hash));
        } else {
            self.forget(place.leaf, hash);
            self.put(hash, member, score);
        }
        Some(old)
    }

    pub(in super::super) fn remove(&mut self, member: &[u8]) -> Option<f64> {
        let hash = hash_of(member);
        let place = self.find(hash, member)?;
        let leaf = &mut self.tree.leaves[place.leaf];
        let score = leaf.score(place.at);
        leaf.remove(place.at, 1);
        self.forget(place.leaf, hash);
        Some(score)
    }

    /// `ranks` lie within.
    pub(in super::super) fn remove_ranks(&mut self, ranks: Range<usize>) {
        let mut left = ranks.len();
        while left > 0 {
            let Place { leaf: id, at } = self.tree.at_rank(ranks.start);
            let leaf = &mut self.tree.leaves[id];
            let count = left.min(leaf.len() - at);
            for at in at..at + count {
                look_ahead(&self.index, leaf, at);
                self.index.remove(short(hash_of(leaf.member(at))), id);
            }
            leaf.remove(at, count);
            self.len -= count;
            left -= count;
            self.tree.count(id, -count.cast_signed());
            self.settle(id);
        }
    }

    /// Adds a member that is not there.
    fn put(&mut self, hash: u64, member: &[u8], score: f64) {
        // What a bound is equal to belongs on its right; no entry is equal.
        let is_before = |other_score, other: &[u8]| by_entry((other_score, other), (score, member)).is_le();
        let (mut place, _) = self.tree.seek(is_before);
        while !self.tree.leaves[place.leaf].has_room(member.len()) {
            self.make_room(place, (score, member));
            // On which side of a new bound the entry belongs, only the bound can tell.
            (place, _) = self.tree.seek(is_before);
        }
        self.tree.leaves[place.leaf].insert(place.at, score, member, tag(hash));
        self.tree.count(place.leaf, 1);
        self.index.insert(short(hash), place.leaf);
        self.len += 1;
    }

    /// Makes room for an entry at `place`, or at least some.
    fn make_room(&mut self, place: Place, entry: (f64, &[u8])) {
        let Place { leaf: id, at } = place;
        let leaf = &self.tree.leaves[id];
        let (len, is_single) = (leaf.len(), leaf.len() == 1);
        // Members that come in order, from either end, leave full leaves behind.
        if at == len && (is_single || leaf.next == NONE) {
            let low = Low::between(leaf.entry(len - 1), entry);
            self.tree.add_leaf(id, Side::After, low);
        } else if at == 0 && (is_single || leaf.prev == NONE) {
            let low = Low::between(entry, leaf.entry(0));
            self.tree.add_leaf(id, Side::Before, low);
        } else {
            self.split(id, leaf.middle());
        }
    }

    /// Moves the entries from `at` on to a new leaf on the right.
    fn split(&mut self, id: u32, at: usize) {
        let leaf = &self.tree.leaves[id];
        let low = Low::between(leaf.entry(at - 1), leaf.entry(at));
        let right = self.tree.add_leaf(id, Side::After, low);
        self.carry(id, at, right);
    }

    /// Moves the entries of a leaf from `at` on to the end of another.
    fn carry(&mut self, from: u32, at: usize, to: u32) {
        let mut target = std::mem::replace(&mut self.tree.leaves[to], Leaf::new());
        let source = &mut self.tree.leaves[from];
        let count = source.len() - at;
        target.append(source, at);
        for at in at..source.len() {
            self.index.replace(short(hash_of(source.member(at))), from, to);
        }
        source.remove(at, count);
        self.tree.leaves[to] = target;
        self.tree.count(from, -count.cast_signed());
        self.tree.count(to, count.cast_signed());
    }

    /// What follows after a member was taken from a leaf.
    fn forget(&mut self, leaf: u32, hash: u64) {
        self.index.remove(short(hash), leaf);
        self.len -= 1;
        self.tree.count(leaf, -1);
        self.settle(leaf);
    }

    /// Drops a leaf that has become empty, merges one that has become sparse.
    fn settle(&mut self, id: u32) {
        let leaf = &self.tree.leaves[id];
        if leaf.parent == NONE || leaf.len() > SPARSE_ENTRIES {
            return;
        }
        if leaf.len() == 0 {
            return self.drop_leaf(id, Heir::Left);
        }
        let is_sibling = |other: u32| other != NONE && self.tree.leaves[other].parent == leaf.parent;
        let (left, right) = match (leaf.prev, leaf.next) {
            (_, next) if is_sibling(next) => (id, next),
            (prev, _) if is_sibling(prev) => (prev, id),
            _ => return,
        };
        let (one, other) = (&self.tree.leaves[left], &self.tree.leaves[right]);
        if one.len() + other.len() > MERGED_ENTRIES || one.text_bytes() + other.text_bytes() > MERGED_TEXT_BYTES {
            return;
        }
        // Fewer entries move if the larger leaf stays, but then the left one's have to go in front.
        if one.len() >= other.len() {
            self.carry(right, 0, left);
            self.drop_leaf(right, Heir::Left);
        } else {
            self.carry_front(left, right);
            self.drop_leaf(left, Heir::Right);
        }
    }

    /// Moves all entries of a leaf in front of those of another.
    fn carry_front(&mut self, from: u32, to: u32) {
        let source = &mut self.tree.leaves[from];
        let count = source.len();
        for at in 0..count {
            self.index.replace(short(hash_of(source.member(at))), from, to);
        }
        let (parent, prev, next) = (source.parent, source.prev, source.next);
        let mut joined = std::mem::replace(source, Leaf::new());
        (source.parent, source.prev, source.next) = (parent, prev, next);
        let target = &self.tree.leaves[to];
        joined.append(target, 0);
        (joined.parent, joined.prev, joined.next) = (target.parent, target.prev, target.next);
        self.tree.leaves[to] = joined;
        self.tree.count(from, -count.cast_signed());
        self.tree.count(to, count.cast_signed());
    }

    fn drop_leaf(&mut self, id: u32, heir: Heir) {
        if let Some(old) = self.tree.drop_leaf(id, heir) {
            // The last leaf has this number now.
            let leaf = &self.tree.leaves[id];
            for at in 0..leaf.len() {
                self.index.replace(short(hash_of(leaf.member(at))), old, id);
            }
        }
    }
}
