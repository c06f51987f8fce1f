//! A slice: the slots of 2^n indexes that follow each other, as a window of words or as a sorted list.
//!
//! The list costs 16 bytes per element, the window 8 per slot from its first to its last. A list becomes a window when it has more than
//! `array-sparse-kmax` elements and the window is not much larger (eight slots per element: a few indexes spread over the
//! slice must not cost a whole window each); a window becomes a list below `array-sparse-kmin` elements if that saves memory,
//! and when what is left in it lies too far apart.

use super::word::Word;
use crate::EncodingLimits;

/// A window has at most so many slots per element when it is made, and twice as many before it is given up.
const SLOTS_PER_ELEMENT: usize = 8;

/// When a slice changes its form.
#[derive(Clone, Copy, Debug)]
pub(super) struct Policy {
    kmax: usize,
    kmin: usize,
}

impl Policy {
    pub(super) fn new(limits: &EncodingLimits) -> Self {
        let count = |limit: u64| usize::try_from(limit).unwrap_or(usize::MAX);
        Self { kmax: count(limits.array_sparse_kmax), kmin: count(limits.array_sparse_kmin) }
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    offset: u16,
    word: Word,
}

/// Words by offset, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Sparse {
    entries: Vec<Entry>,
}

/// Words from `start` on; the last is not empty.
#[derive(Clone, Debug)]
pub(super) struct Dense {
    start: u16,
    count: usize,
    words: Vec<Word>,
}

#[derive(Clone, Debug, Default)]
pub(super) enum Slice {
    #[default]
    Empty,
    One {
        offset: u16,
        word: Word,
    },
    Sparse(Box<Sparse>),
    Dense(Box<Dense>),
}

const _: () = assert!(size_of::<Slice>() == 16);

impl Slice {
    pub(super) fn get(&self, offset: u16) -> Word {
        match self {
            Self::Empty => Word::EMPTY,
            Self::One { offset: at, word } => {
                if *at == offset {
                    *word
                } else {
                    Word::EMPTY
                }
            }
            Self::Sparse(sparse) => match sparse.find(offset) {
                Ok(at) => sparse.entries[at].word,
                Err(_) => Word::EMPTY,
            },
            Self::Dense(dense) => dense.get(offset),
        }
    }

    pub(super) fn count(&self) -> usize {
        match self {
            Self::Empty => 0,
            Self::One { .. } => 1,
            Self::Sparse(sparse) => sparse.entries.len(),
            Self::Dense(dense) => dense.count,
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// The highest offset that is set.
    pub(super) fn last(&self) -> Option<u16> {
        self.entries(0, u16::MAX).next_back().map(|(offset, _)| offset)
    }

    /// What is set from `low` to `high`, both included.
    pub(super) fn entries(&self, low: u16, high: u16) -> Entries<'_> {
        match self {
            Self::Empty => Entries::One(None),
            Self::One { offset, word } => Entries::One((low..=high).contains(offset).then_some((*offset, *word))),
            Self::Sparse(sparse) => Entries::Sparse(sparse.entries[sparse.between(low, high)].iter()),
            Self::Dense(dense) => {
                let range = dense.between(low, high);
                let first = usize::from(dense.start) + range.start;
                Entries::Dense { first, words: dense.words[range].iter().enumerate() }
            }
        }
    }

    /// Puts `word`, which is not empty, at `offset`. Returns what was there.
    pub(super) fn set(&mut self, offset: u16, word: Word, policy: Policy) -> Word {
        match self {
            Self::Empty => {
                *self = Self::One { offset, word };
                self.settle(policy);
                Word::EMPTY
            }
            Self::One { offset: at, word: old } if *at == offset => std::mem::replace(old, word),
            Self::One { offset: at, word: other } => {
                let mut entries = vec![Entry { offset: *at, word: *other }, Entry { offset, word }];
                entries.sort_unstable_by_key(|entry| entry.offset);
                *self = Self::Sparse(Box::new(Sparse { entries }));
                self.settle(policy);
                Word::EMPTY
            }
            Self::Sparse(sparse) => match sparse.find(offset) {
                Ok(at) => std::mem::replace(&mut sparse.entries[at].word, word),
                Err(at) => {
                    sparse.entries.insert(at, Entry { offset, word });
                    self.settle(policy);
                    Word::EMPTY
                }
            },
            Self::Dense(dense) if dense.has_room_for(offset) => dense.set(offset, word),
            Self::Dense(dense) => {
                *self = Self::Sparse(Box::new(dense.to_sparse()));
                self.set(offset, word, policy)
            }
        }
    }

    /// Takes out what is at `offset`.
    pub(super) fn take(&mut self, offset: u16, policy: Policy) -> Word {
        let taken = match self {
            Self::Empty => Word::EMPTY,
            Self::One { offset: at, word } if *at == offset => *word,
            Self::One { .. } => Word::EMPTY,
            Self::Sparse(sparse) => sparse.find(offset).map_or(Word::EMPTY, |at| sparse.entries.remove(at).word),
            Self::Dense(dense) => dense.take(offset),
        };
        if !taken.is_empty() {
            self.settle_after_take(policy);
        }
        taken
    }

    /// Takes out all from `low` to `high`, both included, and hands each to `taken`.
    pub(super) fn take_range(&mut self, low: u16, high: u16, policy: Policy, mut taken: impl FnMut(Word)) {
        match self {
            Self::Empty => return,
            Self::One { offset, word } => {
                if !(low..=high).contains(offset) {
                    return;
                }
                taken(*word);
            }
            Self::Sparse(sparse) => {
                let range = sparse.between(low, high);
                sparse.entries.drain(range).for_each(|entry| taken(entry.word));
            }
            Self::Dense(dense) => dense.take_range(low, high, taken),
        }
        self.settle_after_take(policy);
    }

    /// A list that has grown becomes a window where that is due.
    fn settle(&mut self, policy: Policy) {
        let one;
        let entries = match self {
            &mut Self::One { offset, word } => {
                one = [Entry { offset, word }];
                one.as_slice()
            }
            Self::Sparse(sparse) => sparse.entries.as_slice(),
            Self::Empty | Self::Dense(_) => return,
        };
        if entries.len() <= policy.kmax {
            return;
        }
        if let Some(dense) = Dense::of(entries) {
            *self = Self::Dense(Box::new(dense));
        }
    }

    /// What has shrunk becomes nothing, one entry or a list where that is due.
    fn settle_after_take(&mut self, policy: Policy) {
        match self {
            Self::Empty => {}
            Self::One { .. } => *self = Self::Empty,
            Self::Sparse(sparse) => match sparse.entries.as_slice() {
                [] => *self = Self::Empty,
                &[Entry { offset, word }] => *self = Self::One { offset, word },
                entries => {
                    if entries.len() < sparse.entries.capacity() / 4 {
                        sparse.entries.shrink_to(sparse.entries.len() * 2);
                    }
                }
            },
            Self::Dense(dense) => {
                let (count, slots) = (dense.count, dense.words.len());
                let few = count < policy.kmin && count * size_of::<Entry>() < slots * size_of::<Word>();
                let scattered = policy.kmin > 0 && slots > count * SLOTS_PER_ELEMENT * 2;
                if count == 0 {
                    *self = Self::Empty;
                } else if few || scattered {
                    let sparse = dense.to_sparse();
                    *self = match sparse.entries.as_slice() {
                        &[Entry { offset, word }] => Self::One { offset, word },
                        _ => Self::Sparse(Box::new(sparse)),
                    };
                } else if slots < dense.words.capacity() / 4 {
                    dense.words.shrink_to(slots * 2);
                }
            }
        }
    }

    /// Of a window: its slots and how many of them are set.
    pub(super) fn window(&self) -> Option<(usize, usize)> {
        if let Self::Dense(dense) = self { Some((dense.words.capacity(), dense.count)) } else { None }
    }

    /// Of a list: for how many entries it has room.
    pub(super) fn list_room(&self) -> Option<usize> {
        match self {
            Self::One { .. } => Some(1),
            Self::Sparse(sparse) => Some(sparse.entries.capacity()),
            Self::Empty | Self::Dense(_) => None,
        }
    }
}

impl Sparse {
    fn find(&self, offset: u16) -> Result<usize, usize> {
        // Sets mostly come in ascending order.
        match self.entries.last() {
            Some(last) if last.offset < offset => Err(self.entries.len()),
            _ => self.entries.binary_search_by_key(&offset, |entry| entry.offset),
        }
    }

    fn between(&self, low: u16, high: u16) -> std::ops::Range<usize> {
        let start = self.entries.partition_point(|entry| entry.offset < low);
        let end = self.entries.partition_point(|entry| entry.offset <= high);
        start..end.max(start)
    }
}

impl Dense {
    /// The window of `entries`, unless they lie too far apart for one.
    fn of(entries: &[Entry]) -> Option<Self> {
        let (first, last) = (entries.first()?, entries.last()?);
        let slots = usize::from(last.offset - first.offset) + 1;
        if slots > entries.len().saturating_mul(SLOTS_PER_ELEMENT) {
            return None;
        }
        let mut words = vec![Word::EMPTY; slots];
        for entry in entries {
            words[usize::from(entry.offset - first.offset)] = entry.word;
        }
        Some(Self { start: first.offset, count: entries.len(), words })
    }

    fn get(&self, offset: u16) -> Word {
        let at = usize::from(offset).checked_sub(self.start.into());
        at.and_then(|at| self.words.get(at)).copied().unwrap_or_default()
    }

    /// Whether the window may be stretched to `offset`.
    fn has_room_for(&self, offset: u16) -> bool {
        let end = (usize::from(self.start) + self.words.len()).max(usize::from(offset) + 1);
        end - usize::from(self.start.min(offset)) <= (self.count + 1) * SLOTS_PER_ELEMENT * 2
    }

    fn set(&mut self, offset: u16, word: Word) -> Word {
        if offset < self.start {
            // Room for more of the same is left in front, as a vector leaves it behind.
            let ahead = usize::from(offset).min(self.words.len() / 2);
            let start = offset - u16::try_from(ahead).unwrap_or(0);
            let added = usize::from(self.start - start);
            self.words.splice(0..0, std::iter::repeat_n(Word::EMPTY, added));
            self.start = start;
        }
        let at = usize::from(offset - self.start);
        if at >= self.words.len() {
            self.words.resize(at + 1, Word::EMPTY);
        }
        let old = std::mem::replace(&mut self.words[at], word);
        self.count += usize::from(old.is_empty());
        old
    }

    fn take(&mut self, offset: u16) -> Word {
        let at = usize::from(offset).checked_sub(self.start.into());
        let Some(slot) = at.and_then(|at| self.words.get_mut(at)) else { return Word::EMPTY };
        let old = std::mem::take(slot);
        self.count -= usize::from(!old.is_empty());
        self.trim();
        old
    }

    fn take_range(&mut self, low: u16, high: u16, mut taken: impl FnMut(Word)) {
        let range = self.between(low, high);
        for slot in &mut self.words[range] {
            let old = std::mem::take(slot);
            if !old.is_empty() {
                self.count -= 1;
                taken(old);
            }
        }
        self.trim();
    }

    fn trim(&mut self) {
        let len = self.words.iter().rposition(|word| !word.is_empty()).map_or(0, |last| last + 1);
        self.words.truncate(len);
    }

    fn between(&self, low: u16, high: u16) -> std::ops::Range<usize> {
        let start = usize::from(low.saturating_sub(self.start)).min(self.words.len());
        let end = (usize::from(high) + 1).saturating_sub(self.start.into()).min(self.words.len());
        start..end.max(start)
    }

    fn to_sparse(&self) -> Sparse {
        let set = (self.start..=u16::MAX).zip(&self.words).filter(|(_, word)| !word.is_empty());
        let mut entries = Vec::with_capacity(self.count + 1);
        entries.extend(set.map(|(offset, &word)| Entry { offset, word }));
        Sparse { entries }
    }
}

/// The set slots of a slice with their offsets, from either end.
#[derive(Clone, Debug)]
pub(super) enum Entries<'a> {
    One(Option<(u16, Word)>),
    Sparse(std::slice::Iter<'a, Entry>),
    Dense { first: usize, words: std::iter::Enumerate<std::slice::Iter<'a, Word>> },
}

impl Entries<'_> {
    fn at(first: usize, at: usize) -> u16 {
        u16::try_from(first + at).unwrap_or(u16::MAX)
    }
}

impl Iterator for Entries<'_> {
    type Item = (u16, Word);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::One(entry) => entry.take(),
            Self::Sparse(entries) => entries.next().map(|entry| (entry.offset, entry.word)),
            Self::Dense { first, words } => {
                words.find(|(_, word)| !word.is_empty()).map(|(at, &word)| (Self::at(*first, at), word))
            }
        }
    }
}

impl DoubleEndedIterator for Entries<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        match self {
            Self::One(entry) => entry.take(),
            Self::Sparse(entries) => entries.next_back().map(|entry| (entry.offset, entry.word)),
            Self::Dense { first, words } => {
                words.rfind(|(_, word)| !word.is_empty()).map(|(at, &word)| (Self::at(*first, at), word))
            }
        }
    }
}
