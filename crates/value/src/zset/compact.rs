//! The small form: a listpack of members and scores in turn, in order.
//!
//! ```text
//! ZADD z 1 a 2.5 b
//!
//! 14 00 00 00 04 00  81 61 02  01 01  81 62 02  83 32 2e 35 04  ff
//! size        count  "a"       1      "b"       "2.5"           end
//! ```
//!
//! A score that is a whole number is a listpack integer, any other its shortest text. `-0` is 0 here, in Redis too.

use std::cmp::Ordering;
use std::ops::Range;

use pack::{Element, Listpack, Position};
use stdx::num::{self, DoubleText, IntText};

use super::bounds::{LexRange, ScoreRange, by_score};

#[derive(Clone, Debug, Default)]
pub(super) struct Compact {
    pack: Listpack,
}

impl Compact {
    /// `pack` holds members and scores in turn, in order.
    pub(super) const fn new(pack: Listpack) -> Self {
        Self { pack }
    }

    pub(super) const fn pack(&self) -> &Listpack {
        &self.pack
    }

    pub(super) fn len(&self) -> usize {
        self.pack.len() / 2
    }

    /// Members and scores, from both ends.
    pub(super) fn pairs(&self) -> pack::Pairs<'_> {
        self.pack.pairs()
    }

    pub(super) fn score(&self, member: &[u8]) -> Option<f64> {
        self.find(member).map(|(_, score)| score)
    }

    /// The rank of a member and its score.
    pub(super) fn rank(&self, member: &[u8]) -> Option<(usize, f64)> {
        let rank = self.pairs().position(|(candidate, _)| candidate.eq_text(member))?;
        Some((rank, self.score(member)?))
    }

    /// Whether a member of `len` bytes can be added at all.
    pub(super) fn fits(&self, len: usize) -> bool {
        const FRAME_BYTES: usize = 64;
        self.pack.fits(len.saturating_add(FRAME_BYTES))
    }

    /// Adds the member, or moves it. Returns its former score.
    pub(super) fn insert(&mut self, member: &[u8], score: f64) -> Option<f64> {
        let old = self.find(member);
        if let Some((at, old)) = old {
            if by_score(old, score).is_eq() {
                return Some(old);
            }
            self.pack.remove_from(at, 2);
        }
        let at = self.place_of(member, score);
        let member = self.pack.insert(at, member);
        let at = self.pack.next(member).unwrap_or_else(|| self.pack.end());
        insert_score(&mut self.pack, at, score);
        old.map(|(_, old)| old)
    }

    pub(super) fn remove(&mut self, member: &[u8]) -> Option<f64> {
        let (at, score) = self.find(member)?;
        self.pack.remove_from(at, 2);
        Some(score)
    }

    pub(super) fn remove_ranks(&mut self, ranks: Range<usize>) {
        if let Ok(first) = isize::try_from(ranks.start.saturating_mul(2)) {
            self.pack.remove_range(first, ranks.len() * 2);
        }
    }

    pub(super) fn ranks_by_score(&self, range: ScoreRange) -> Range<usize> {
        let start = self.pairs().take_while(|(_, score)| range.is_below_min(score_of(*score))).count();
        let scores = self.pairs().skip(start).map(|(_, score)| score_of(score));
        start..start + scores.take_while(|score| !range.is_above_max(*score)).count()
    }

    pub(super) fn ranks_by_lex(&self, range: LexRange<'_>) -> Range<usize> {
        let mut room = IntText::new();
        let start = self.pairs().take_while(|(member, _)| range.is_below_min(member.bytes(&mut room))).count();
        let mut room = IntText::new();
        let members = self.pairs().skip(start);
        start..start + members.take_while(|(member, _)| !range.is_above_max(member.bytes(&mut room))).count()
    }

    /// The place of a member, and its score.
    fn find(&self, member: &[u8]) -> Option<(Position, f64)> {
        let at = self.pack.find(member, 1)?;
        let score = self.pack.next(at).and_then(|at| self.pack.at(at))?;
        Some((at, score_of(score)))
    }

    /// Where an entry that is not there belongs.
    fn place_of(&self, member: &[u8], score: f64) -> Position {
        let is_behind = |other: Element<'_>, other_score: Element<'_>| {
            let order = by_score(score_of(other_score), score);
            order.then_with(|| other.bytes(&mut IntText::new()).cmp(member)) == Ordering::Greater
        };
        // Members often come in order, and always do when a dump is read.
        if self.pairs().next_back().is_none_or(|(last, last_score)| !is_behind(last, last_score)) {
            return self.pack.end();
        }
        let mut entries = self.pack.entries();
        while let (Some((at, other)), Some((_, other_score))) = (entries.next(), entries.next()) {
            if is_behind(other, other_score) {
                return at;
            }
        }
        self.pack.end()
    }
}

/// The score that an element stands for, which is known to be one.
#[inline]
pub(super) fn score_of(element: Element<'_>) -> f64 {
    parse_score(element).unwrap_or(0.0)
}

/// No score has a longer text, whoever wrote it: 17 digits, a sign, a point and an exponent are far less.
pub(super) const SCORE_MAX_BYTES: usize = 128;

/// The score that an element stands for, if it does.
///
/// ```
/// use value::{Element, zset_score};
/// assert_eq!(zset_score(Element::Bytes(b"2.5")), Some(2.5));
/// assert_eq!(zset_score(Element::Bytes(b"nan")), None);
/// ```
#[must_use]
pub fn parse_score(element: Element<'_>) -> Option<f64> {
    match element {
        #[expect(clippy::cast_precision_loss, reason = "as Redis reads it")]
        Element::Int(int) => Some(int as f64),
        // What commands read as a float is narrower: subnormal numbers come from arithmetic only, and are kept.
        Element::Bytes(text) if text.len() > SCORE_MAX_BYTES => None,
        Element::Bytes(text) => num::parse_f64(text).or_else(|| {
            let score = str::from_utf8(text).ok()?.parse::<f64>().ok()?;
            score.is_finite().then_some(score)
        }),
    }
}

/// Appends an entry.
pub(super) fn push_pair(pack: &mut Listpack, member: Element<'_>, score: f64) {
    match member {
        Element::Int(_) => pack.push(member),
        Element::Bytes(text) => pack.push(text),
    }
    insert_score(pack, pack.end(), score);
}

fn insert_score(pack: &mut Listpack, at: Position, score: f64) {
    match whole(score) {
        Some(int) => pack.insert(at, int),
        None => pack.insert(at, DoubleText::new().format(score)),
    };
}

/// The integer that a score is, if it is one of those that are stored as such.
fn whole(score: f64) -> Option<i64> {
    const LARGEST: f64 = (i64::MAX / 2) as f64;
    if score.abs() > LARGEST || score.trunc() < score || score.trunc() > score {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "within the range of integers")]
    let int = score as i64;
    Some(int)
}
