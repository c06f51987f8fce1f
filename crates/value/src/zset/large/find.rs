//! Reading: single members, ranges of ranks, the scan.

use std::ops::Range;

use super::super::bounds::{LexBound, LexRange, ScoreRange};
use super::arena::NONE;
use super::members::{Large, short, tag};
use super::tree::Place;
use crate::table::hash_of;

impl Large {
    pub(in super::super) fn score(&self, member: &[u8]) -> Option<f64> {
        let place = self.find(hash_of(member), member)?;
        Some(self.tree.leaves[place.leaf].score(place.at))
    }

    pub(in super::super) fn rank(&self, member: &[u8]) -> Option<(usize, f64)> {
        let place = self.find(hash_of(member), member)?;
        Some((self.tree.rank(place), self.tree.leaves[place.leaf].score(place.at)))
    }

    #[inline]
    pub(super) fn find(&self, hash: u64, member: &[u8]) -> Option<Place> {
        let pairs = self.index.pairs(short(hash)).iter();
        let mut found = pairs.filter_map(|pair| {
            let at = self.tree.leaves[pair.leaf].find(tag(hash), member)?;
            Some(Place { leaf: pair.leaf, at })
        });
        found.next()
    }

    pub(in super::super) fn ranks_by_score(&self, range: ScoreRange) -> Range<usize> {
        let (_, start) = self.tree.seek(|score, _| range.is_below_min(score));
        let (_, end) = self.tree.seek(|score, _| !range.is_above_max(score));
        start..end.max(start)
    }

    /// All scores are taken for the first one.
    pub(in super::super) fn ranks_by_lex(&self, range: LexRange<'_>) -> Range<usize> {
        let first = self.first_score();
        let rank = |bound: LexBound<'_>, is_before: &dyn Fn(&[u8]) -> bool| match bound {
            LexBound::Least => 0,
            LexBound::Greatest => self.len(),
            LexBound::Included(_) | LexBound::Excluded(_) => {
                self.tree.seek(|score, member| score < first || score <= first && is_before(member)).1
            }
        };
        let start = rank(range.min, &|member| range.is_below_min(member));
        let end = rank(range.max, &|member| !range.is_above_max(member));
        start..end.max(start)
    }

    fn first_score(&self) -> f64 {
        let place = self.place_at(0);
        if self.len() == 0 { 0.0 } else { self.tree.leaves[place.leaf].score(place.at) }
    }

    /// The place of the entry with this rank, or behind the last one.
    pub(in super::super) fn place_at(&self, rank: usize) -> Place {
        self.tree.at_rank(rank)
    }

    /// The entry at `place`, which moves on to the next.
    #[inline]
    pub(in super::super) fn next(&self, place: &mut Place) -> Option<(f64, &[u8])> {
        let mut leaf = &self.tree.leaves[place.leaf];
        while place.at >= leaf.len() {
            if leaf.next == NONE {
                return None;
            }
            *place = Place { leaf: leaf.next, at: 0 };
            leaf = &self.tree.leaves[place.leaf];
        }
        place.at += 1;
        Some(leaf.entry(place.at - 1))
    }

    /// The entry in front of `place`, which moves there.
    #[inline]
    pub(in super::super) fn next_back(&self, place: &mut Place) -> Option<(f64, &[u8])> {
        let mut leaf = &self.tree.leaves[place.leaf];
        while place.at == 0 {
            if leaf.prev == NONE {
                return None;
            }
            let prev = leaf.prev;
            leaf = &self.tree.leaves[prev];
            *place = Place { leaf: prev, at: leaf.len() };
        }
        place.at -= 1;
        Some(leaf.entry(place.at))
    }

    /// See [`SortedSet::scan`](super::super::SortedSet::scan).
    pub(in super::super) fn scan(&self, cursor: u64, count: usize, emit: &mut dyn FnMut(&[u8], f64)) -> u64 {
        let mut before = None;
        self.index.scan(cursor, count, &mut |pair| {
            // Two members of one hash in one leaf have two equal pairs, which follow each other unless a third is between.
            if before.replace(pair) == Some(pair) {
                return;
            }
            let leaf = &self.tree.leaves[pair.leaf];
            // The tag is made of the hash's lower bits, whatever the upper ones are.
            for at in leaf.tagged(tag(u64::from(pair.hash) << 32)) {
                if short(hash_of(leaf.member(at))) == pair.hash {
                    emit(leaf.member(at), leaf.score(at));
                }
            }
        })
    }
}
