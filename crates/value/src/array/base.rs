//! The array itself: elements by index, and walks over those that exist.

use super::directory::{Directory, Slices};
use super::element::ArrayElement;
use super::longs::Longs;
use super::slice::{Entries, Policy};
use super::word::Word;
use crate::{Encoding, EncodingLimits};

/// The highest index: one less than the type allows, so that the length of every array fits as well.
pub const ARRAY_MAX_INDEX: u64 = u64::MAX - 1;

/// The widest slice has 2^16 indexes: an offset takes two bytes.
const MAX_SLICE_BITS: u32 = 16;

/// Elements by index. See the module.
#[derive(Clone, Debug)]
pub struct Array {
    pub(super) directory: Directory,
    pub(super) longs: Longs,
    pub(super) count: u64,
    /// Where ARINSERT or ARRING wrote last, or where ARSEEK pretends that they did.
    pub(super) last_insert: Option<u64>,
    slice_bits: u32,
}

impl Default for Array {
    fn default() -> Self {
        Self {
            directory: Directory::default(),
            longs: Longs::default(),
            count: 0,
            last_insert: None,
            slice_bits: EncodingLimits::default().array_slice_size.ilog2(),
        }
    }
}

/// Equal elements at equal indexes and the same cursor; how they are stored does not matter.
impl PartialEq for Array {
    fn eq(&self, other: &Self) -> bool {
        self.count == other.count
            && self.last_insert == other.last_insert
            && self.range(0, ARRAY_MAX_INDEX).eq(other.range(0, ARRAY_MAX_INDEX))
    }
}

impl Eq for Array {}

impl Array {
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many elements there are: what ARCOUNT answers.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The highest index that is set, plus one: what ARLEN answers.
    #[must_use]
    pub fn len(&self) -> u64 {
        let Some((number, slice)) = self.directory.last() else { return 0 };
        slice.last().map_or(0, |offset| self.index(number, offset) + 1)
    }

    /// The element at `index`.
    #[must_use]
    pub fn get(&self, index: u64) -> Option<ArrayElement<'_>> {
        let (number, offset) = self.place(index);
        self.directory.get(number)?.get(offset).element(&self.longs)
    }

    /// Sets the element at `index`, [`ARRAY_MAX_INDEX`] at most. Returns whether there was none.
    ///
    /// ```
    /// use value::{Array, EncodingLimits};
    /// let mut array = Array::default();
    /// assert!(array.set(1_000_000, b"far out", &EncodingLimits::default()));
    /// assert_eq!((array.count(), array.len()), (1, 1_000_001));
    /// ```
    pub fn set(&mut self, index: u64, text: &[u8], limits: &EncodingLimits) -> bool {
        debug_assert!(index <= ARRAY_MAX_INDEX, "an index past the last");
        if self.count == 0 {
            self.slice_bits = limits.array_slice_size.max(1).ilog2().min(MAX_SLICE_BITS);
        }
        let word = Word::inline(text).unwrap_or_else(|| Word::long(self.longs.put(text)));
        self.put(index, word, Policy::new(limits))
    }

    /// Takes the element at `index` out. Returns whether there was one.
    pub fn remove(&mut self, index: u64, limits: &EncodingLimits) -> bool {
        let (number, offset) = self.place(index);
        if self.directory.get(number).is_none_or(|slice| slice.get(offset).is_empty()) {
            return false;
        }
        let policy = Policy::new(limits);
        let taken = self.directory.edit(number, |slice| slice.take(offset, policy));
        self.forget(taken);
        true
    }

    /// Takes out all elements from `low` to `high`, both included. Returns how many there were.
    pub fn remove_range(&mut self, low: u64, high: u64, limits: &EncodingLimits) -> u64 {
        if low > high {
            return 0;
        }
        let policy = Policy::new(limits);
        let ((first, from), (last, to)) = (self.place(low), self.place(high));
        let before = self.count;
        for number in self.directory.numbers(first, last) {
            let from = if number == first { from } else { 0 };
            let to = if number == last { to } else { u16::MAX };
            let (longs, count) = (&mut self.longs, &mut self.count);
            self.directory.edit(number, |slice| {
                slice.take_range(from, to, policy, |word| {
                    *count -= 1;
                    if let Some(place) = word.place() {
                        longs.free(place);
                    }
                });
            });
        }
        before - self.count
    }

    /// The elements from `low` to `high`, both included, in order of their indexes, from either end. Costs what exists there,
    /// not what the range spans.
    #[must_use]
    pub fn range(&self, low: u64, high: u64) -> Elements<'_> {
        let ((first, from), (last, to)) = (self.place(low), self.place(high));
        Elements {
            array: self,
            bounds: ((first, from), (last, to)),
            slices: self.directory.range(first, last),
            front: None,
            back: None,
        }
    }

    /// How many elements there are from `low` to `high`, both included. Costs the number of slices there.
    #[must_use]
    pub fn count_range(&self, low: u64, high: u64) -> u64 {
        let ((first, from), (last, to)) = (self.place(low), self.place(high));
        let count = |(number, slice): (u64, &super::slice::Slice)| {
            if number > first && number < last {
                return slice.count();
            }
            let from = if number == first { from } else { 0 };
            let to = if number == last { to } else { u16::MAX };
            slice.entries(from, to).count()
        };
        self.directory.range(first, last).map(|slice| count(slice) as u64).sum()
    }

    #[must_use]
    pub const fn encoding(&self) -> Encoding {
        Encoding::Array
    }

    /// Bytes of heap that dropping the value gives back, about.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let words = usize::try_from(self.count).unwrap_or(usize::MAX).saturating_mul(size_of::<Word>());
        words.saturating_add(self.directory.places() * 2 * size_of::<Word>()).saturating_add(self.longs.heap_bytes())
    }

    /// How many indexes a slice has.
    #[must_use]
    pub const fn slice_size(&self) -> u64 {
        1 << self.slice_bits
    }

    pub(super) fn put(&mut self, index: u64, word: Word, policy: Policy) -> bool {
        let (number, offset) = self.place(index);
        let old = self.directory.edit(number, |slice| slice.set(offset, word, policy));
        self.count += 1;
        let is_new = old.is_empty();
        if !is_new {
            self.forget(old);
        }
        is_new
    }

    /// A word has left the array.
    fn forget(&mut self, word: Word) {
        self.count -= 1;
        if let Some(place) = word.place() {
            self.longs.free(place);
        }
    }

    /// Slice and offset of an index.
    fn place(&self, index: u64) -> (u64, u16) {
        let [low, high, ..] = (index & (self.slice_size() - 1)).to_le_bytes();
        (index >> self.slice_bits, u16::from_le_bytes([low, high]))
    }

    const fn index(&self, number: u64, offset: u16) -> u64 {
        number << self.slice_bits | offset as u64
    }
}

/// Elements with their indexes, in order, from either end.
#[derive(Clone, Debug)]
pub struct Elements<'a> {
    array: &'a Array,
    /// First and last place.
    bounds: ((u64, u16), (u64, u16)),
    slices: Slices<'a>,
    front: Option<(u64, Entries<'a>)>,
    back: Option<(u64, Entries<'a>)>,
}

impl<'a> Elements<'a> {
    /// As the walk itself, but with the words: for rearranging.
    pub(super) fn words(mut self) -> impl Iterator<Item = (u64, Word)> {
        std::iter::from_fn(move || self.next_word())
    }

    fn next_word(&mut self) -> Option<(u64, Word)> {
        loop {
            if let Some((number, entries)) = &mut self.front {
                if let Some((offset, word)) = entries.next() {
                    return Some((self.array.index(*number, offset), word));
                }
                self.front = None;
            }
            match self.slices.next() {
                Some((number, slice)) => self.front = Some((number, self.entries(number, slice))),
                None => {
                    let (number, entries) = self.back.as_mut()?;
                    let (offset, word) = entries.next()?;
                    return Some((self.array.index(*number, offset), word));
                }
            }
        }
    }

    fn next_word_back(&mut self) -> Option<(u64, Word)> {
        loop {
            if let Some((number, entries)) = &mut self.back {
                if let Some((offset, word)) = entries.next_back() {
                    return Some((self.array.index(*number, offset), word));
                }
                self.back = None;
            }
            match self.slices.next_back() {
                Some((number, slice)) => self.back = Some((number, self.entries(number, slice))),
                None => {
                    let (number, entries) = self.front.as_mut()?;
                    let (offset, word) = entries.next_back()?;
                    return Some((self.array.index(*number, offset), word));
                }
            }
        }
    }

    fn entries(&self, number: u64, slice: &'a super::slice::Slice) -> Entries<'a> {
        let ((first, from), (last, to)) = self.bounds;
        slice.entries(if number == first { from } else { 0 }, if number == last { to } else { u16::MAX })
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = (u64, ArrayElement<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let array = self.array;
        let (index, word) = self.next_word()?;
        Some((index, word.element(&array.longs)?))
    }
}

impl DoubleEndedIterator for Elements<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let array = self.array;
        let (index, word) = self.next_word_back()?;
        Some((index, word.element(&array.longs)?))
    }
}
