//! The sorted set itself: which form it has, and the same operations on both.

use std::ops::Range;

use pack::Element;

use super::bounds::{LexRange, ScoreRange};
use super::compact::Compact;
use super::entries::Entries;
use super::large::Large;
use crate::{Encoding, EncodingLimits};

/// Members ordered by score. No score is NaN.
///
/// ```
/// use value::{EncodingLimits, SortedSet};
/// let limits = EncodingLimits::default();
/// let mut zset = SortedSet::new();
/// assert_eq!(zset.insert(b"b", 2.0, &limits), None);
/// assert_eq!(zset.insert(b"a", 2.0, &limits), None);
/// assert_eq!(zset.insert(b"b", 1.5, &limits), Some(2.0));
/// assert_eq!(zset.rank(b"a"), Some((1, 2.0)));
/// let members: Vec<_> = zset.iter().map(|(member, _)| member.to_vec()).collect();
/// assert_eq!(members, [b"b", b"a"]);
/// ```
#[derive(Clone, Debug)]
pub struct SortedSet {
    repr: Repr,
}

#[derive(Clone, Debug)]
enum Repr {
    Compact(Compact),
    Large(Box<Large>),
}

impl Default for SortedSet {
    fn default() -> Self {
        Self::new()
    }
}

impl SortedSet {
    #[must_use]
    pub fn new() -> Self {
        Self { repr: Repr::Compact(Compact::default()) }
    }

    /// One that is to hold `len` members, the longest of them of `longest` bytes: in the form that becomes it from the start.
    #[must_use]
    pub fn for_members(len: usize, longest: usize, limits: &EncodingLimits) -> Self {
        if is_compact(len, longest, limits) { Self::new() } else { Self::large() }
    }

    /// An empty one in the large form: what a value of unknown size is read into, and [`Self::compact`] judges in the end.
    #[must_use]
    pub fn large() -> Self {
        Self { repr: Repr::Large(Box::default()) }
    }

    pub(super) const fn of_compact(compact: Compact) -> Self {
        Self { repr: Repr::Compact(compact) }
    }

    /// The bytes of the compact form, if that is the form it has.
    #[must_use]
    pub fn as_listpack(&self) -> Option<&[u8]> {
        match &self.repr {
            Repr::Compact(compact) => Some(compact.pack().as_bytes()),
            Repr::Large(_) => None,
        }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        match &self.repr {
            Repr::Compact(compact) => compact.len(),
            Repr::Large(large) => large.len(),
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[must_use]
    pub const fn encoding(&self) -> Encoding {
        match &self.repr {
            Repr::Compact(_) => Encoding::Listpack,
            Repr::Large(_) => Encoding::Skiplist,
        }
    }

    /// Bytes of heap that dropping the value gives back, about.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        match &self.repr {
            Repr::Compact(compact) => compact.pack().heap_bytes(),
            Repr::Large(large) => large.heap_bytes(),
        }
    }

    #[must_use]
    pub fn score(&self, member: &[u8]) -> Option<f64> {
        match &self.repr {
            Repr::Compact(compact) => compact.score(member),
            Repr::Large(large) => large.score(member),
        }
    }

    /// How many entries are in front of the member, and its score.
    #[must_use]
    pub fn rank(&self, member: &[u8]) -> Option<(usize, f64)> {
        match &self.repr {
            Repr::Compact(compact) => compact.rank(member),
            Repr::Large(large) => large.rank(member),
        }
    }

    /// Adds the member with this score, or gives it this score. Returns the one it had.
    ///
    /// `score` must not be NaN, which has no place in an order.
    pub fn insert(&mut self, member: &[u8], score: f64, limits: &EncodingLimits) -> Option<f64> {
        if let Repr::Compact(compact) = &mut self.repr {
            let grown = compact.len() + 1;
            if is_compact(grown, member.len(), limits) && compact.fits(member.len()) {
                return compact.insert(member, score);
            }
            // To move a member that is there asks for nothing.
            if compact.score(member).is_some() {
                return compact.insert(member, score);
            }
        }
        self.large_mut().insert(member, score)
    }

    /// A command is going to name `count` members: more than the compact form may hold make it the large one, even if some of them are
    /// there already.
    pub fn expect(&mut self, count: usize, limits: &EncodingLimits) {
        if !is_compact(count, 0, limits) {
            self.large_mut();
        }
    }

    /// Removes the member. Returns the score it had.
    pub fn remove(&mut self, member: &[u8]) -> Option<f64> {
        match &mut self.repr {
            Repr::Compact(compact) => compact.remove(member),
            Repr::Large(large) => large.remove(member),
        }
    }

    /// Removes the entries with these ranks, which end with the last one at most.
    pub fn remove_ranks(&mut self, ranks: Range<usize>) {
        let ranks = self.within(ranks);
        match &mut self.repr {
            Repr::Compact(compact) => compact.remove_ranks(ranks),
            Repr::Large(large) => large.remove_ranks(ranks),
        }
    }

    /// All entries, in order.
    #[must_use]
    pub fn iter(&self) -> Entries<'_> {
        self.range(0..self.len())
    }

    /// The entries with these ranks, in order or from behind.
    #[must_use]
    pub fn range(&self, ranks: Range<usize>) -> Entries<'_> {
        let ranks = self.within(ranks);
        match &self.repr {
            Repr::Compact(compact) => Entries::of_compact(compact, ranks),
            Repr::Large(large) => Entries::of_large(large, ranks),
        }
    }

    /// The ranks of the entries whose scores lie within.
    #[must_use]
    pub fn ranks_by_score(&self, range: ScoreRange) -> Range<usize> {
        match &self.repr {
            Repr::Compact(compact) => compact.ranks_by_score(range),
            Repr::Large(large) => large.ranks_by_score(range),
        }
    }

    /// The ranks of the entries whose members lie within, if all scores are equal. If not, some range of ranks.
    #[must_use]
    pub fn ranks_by_lex(&self, range: LexRange<'_>) -> Range<usize> {
        if range.is_empty() {
            return 0..0;
        }
        match &self.repr {
            Repr::Compact(compact) => compact.ranks_by_lex(range),
            Repr::Large(large) => large.ranks_by_lex(range),
        }
    }

    /// One call of a scan: tells entries from the cursor on, about `count`, and returns the next cursor, 0 at the end. A scan begins with
    /// cursor 0. Members that are there from its beginning to its end are told once at least, whatever happens to their scores.
    /// The compact form is told whole.
    pub fn scan(&self, cursor: u64, count: usize, mut emit: impl FnMut(Element<'_>, f64)) -> u64 {
        match &self.repr {
            Repr::Compact(_) => {
                self.iter().for_each(|(member, score)| emit(member, score));
                0
            }
            Repr::Large(large) => large.scan(cursor, count, &mut |member, score| emit(Element::Bytes(member), score)),
        }
    }

    fn within(&self, ranks: Range<usize>) -> Range<usize> {
        let end = ranks.end.min(self.len());
        ranks.start.min(end)..end
    }

    fn large_mut(&mut self) -> &mut Large {
        if let Repr::Compact(compact) = &self.repr {
            let mut large = Box::<Large>::default();
            for (member, score) in Entries::of_compact(compact, 0..compact.len()) {
                large.insert(member.bytes(&mut stdx::num::IntText::new()), score);
            }
            self.repr = Repr::Large(large);
        }
        match &mut self.repr {
            Repr::Large(large) => large,
            Repr::Compact(_) => unreachable!("it was made large"),
        }
    }
}

/// Whether so many members, the longest of them of `longest` bytes, are kept in a listpack.
pub(super) fn is_compact(len: usize, longest: usize, limits: &EncodingLimits) -> bool {
    len as u64 <= limits.zset_max_listpack_entries && longest as u64 <= limits.zset_max_listpack_value_bytes
}

impl PartialEq for SortedSet {
    /// Whether members and scores are equal, in whatever form.
    fn eq(&self, other: &Self) -> bool {
        let same = |(one, other): ((Element<'_>, f64), (Element<'_>, f64))| {
            let (mut room, mut other_room) = (stdx::num::IntText::new(), stdx::num::IntText::new());
            one.0.bytes(&mut room) == other.0.bytes(&mut other_room) && one.1.to_bits() == other.1.to_bits()
        };
        self.len() == other.len() && self.iter().zip(other.iter()).all(same)
    }
}

impl Eq for SortedSet {}

impl<'a> IntoIterator for &'a SortedSet {
    type Item = (Element<'a>, f64);
    type IntoIter = Entries<'a>;

    fn into_iter(self) -> Entries<'a> {
        self.iter()
    }
}
