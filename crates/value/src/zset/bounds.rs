//! Ranges of scores and of members, and how entries stand to their ends.

use std::cmp::Ordering;
use std::ops::Bound;

/// Scores from one bound to another. [`Bound::Unbounded`] is an infinity, included.
///
/// ```
/// use std::ops::Bound;
/// let mut zset = value::SortedSet::new();
/// let limits = value::EncodingLimits::default();
/// for (member, score) in [(b"a", 1.0), (b"b", 2.0), (b"c", 3.0)] {
///     zset.insert(member, score, &limits);
/// }
/// let range = value::ScoreRange { min: Bound::Excluded(1.0), max: Bound::Included(3.0) };
/// assert_eq!(zset.ranks_by_score(range), 1..3);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoreRange {
    pub min: Bound<f64>,
    pub max: Bound<f64>,
}

/// One end of a range of members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LexBound<'a> {
    /// In front of every member.
    Least,
    Included(&'a [u8]),
    Excluded(&'a [u8]),
    /// Behind every member.
    Greatest,
}

/// Members from one bound to another, by their bytes: of use where all scores are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LexRange<'a> {
    pub min: LexBound<'a>,
    pub max: LexBound<'a>,
}

impl LexRange<'_> {
    /// Whether no member can lie within: the ends are the wrong way round, or meet and one is excluded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match (self.min, self.max) {
            (LexBound::Greatest, _) | (_, LexBound::Least) => true,
            (LexBound::Least, _) | (_, LexBound::Greatest) => false,
            (LexBound::Included(min), LexBound::Included(max)) => min > max,
            (LexBound::Included(min) | LexBound::Excluded(min), LexBound::Included(max) | LexBound::Excluded(max)) => {
                min >= max
            }
        }
    }

    pub(super) fn is_below_min(&self, member: &[u8]) -> bool {
        match self.min {
            LexBound::Least => false,
            LexBound::Included(min) => member < min,
            LexBound::Excluded(min) => member <= min,
            LexBound::Greatest => true,
        }
    }

    pub(super) fn is_above_max(&self, member: &[u8]) -> bool {
        match self.max {
            LexBound::Least => true,
            LexBound::Included(max) => member > max,
            LexBound::Excluded(max) => member >= max,
            LexBound::Greatest => false,
        }
    }
}

impl ScoreRange {
    pub(super) fn is_below_min(&self, score: f64) -> bool {
        match self.min {
            Bound::Included(min) => score < min,
            Bound::Excluded(min) => score <= min,
            Bound::Unbounded => false,
        }
    }

    pub(super) fn is_above_max(&self, score: f64) -> bool {
        match self.max {
            Bound::Included(max) => score > max,
            Bound::Excluded(max) => score >= max,
            Bound::Unbounded => false,
        }
    }
}

/// How scores are ordered. None is NaN, and `-0` equals `0`.
pub(super) fn by_score(one: f64, other: f64) -> Ordering {
    one.partial_cmp(&other).unwrap_or(Ordering::Equal)
}

/// How entries are ordered.
pub(super) fn by_entry(one: (f64, &[u8]), other: (f64, &[u8])) -> Ordering {
    by_score(one.0, other.0).then_with(|| one.1.cmp(other.1))
}
