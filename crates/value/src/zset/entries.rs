//! Walking over entries from both ends.

use std::ops::Range;

use pack::{Element, Pairs};

use super::compact::{Compact, score_of};
use super::large::{Large, Place};

/// Members with their scores, in order. See [`SortedSet::range`](super::SortedSet::range).
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    left: usize,
    walk: Walk<'a>,
}

#[derive(Clone, Debug)]
enum Walk<'a> {
    Compact(Pairs<'a>),
    /// The places of the next entry from each end; the back one is behind its entry.
    Large(&'a Large, Place, Place),
}

impl<'a> Entries<'a> {
    /// `ranks` lie within.
    pub(super) fn of_compact(compact: &'a Compact, ranks: Range<usize>) -> Self {
        let mut pairs = compact.pairs();
        let behind = compact.len().saturating_sub(ranks.end);
        if let Some(last) = ranks.start.checked_sub(1) {
            pairs.nth(last);
        }
        if let Some(last) = behind.checked_sub(1) {
            pairs.nth_back(last);
        }
        Self { left: ranks.len(), walk: Walk::Compact(pairs) }
    }

    /// `ranks` lie within.
    pub(super) fn of_large(large: &'a Large, ranks: Range<usize>) -> Self {
        Self { left: ranks.len(), walk: Walk::Large(large, large.place_at(ranks.start), large.place_at(ranks.end)) }
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = (Element<'a>, f64);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        match &mut self.walk {
            Walk::Compact(pairs) => pairs.next().map(|(member, score)| (member, score_of(score))),
            Walk::Large(large, front, _) => {
                let (score, member) = large.next(front)?;
                Some((Element::Bytes(member), score))
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl DoubleEndedIterator for Entries<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        match &mut self.walk {
            Walk::Compact(pairs) => pairs.next_back().map(|(member, score)| (member, score_of(score))),
            Walk::Large(large, _, back) => {
                let (score, member) = large.next_back(back)?;
                Some((Element::Bytes(member), score))
            }
        }
    }
}

impl ExactSizeIterator for Entries<'_> {}
