//! What sorted sets are made of by the commands that combine several: sorted sets, sets whose members all have the score 1, or nothing.

use command_api::CommandError;
use keyspace::{Db, Key};
use stdx::num::IntText;
use value::{Collection, Set, SortedSet};

#[derive(Clone, Copy, Debug)]
pub(super) enum Source<'a> {
    Nothing,
    Sorted(&'a SortedSet),
    Unsorted(&'a Set),
}

impl<'a> Source<'a> {
    /// The value under `key`, used.
    pub(super) fn read(db: &'a Db<'_>, key: Key<'_>) -> Result<Self, CommandError> {
        let Some(entry) = db.lookup(key) else { return Ok(Self::Nothing) };
        let value = entry.value();
        let unsorted = || Set::of(value).map(Self::Unsorted);
        SortedSet::of(value).map(Self::Sorted).or_else(unsorted).ok_or(CommandError::WrongType)
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Sorted(zset) => zset.len(),
            Self::Unsorted(set) => set.len(),
        }
    }

    /// The score of a member, if it is there.
    pub(super) fn score(&self, member: &[u8]) -> Option<f64> {
        match self {
            Self::Nothing => None,
            Self::Sorted(zset) => zset.score(member),
            Self::Unsorted(set) => set.contains(member).then_some(1.0),
        }
    }

    pub(super) fn for_each(&self, mut tell: impl FnMut(&[u8], f64)) {
        self.try_for_each(|member, score| {
            tell(member, score);
            true
        });
    }

    /// Tells members and scores until `tell` has had enough.
    pub(super) fn try_for_each(&self, mut tell: impl FnMut(&[u8], f64) -> bool) {
        let mut room = IntText::new();
        match self {
            Self::Nothing => {}
            Self::Sorted(zset) => {
                zset.iter().all(|(member, score)| tell(member.bytes(&mut room), score));
            }
            Self::Unsorted(set) => {
                set.iter().all(|member| tell(member.bytes(&mut room), 1.0));
            }
        }
    }
}
