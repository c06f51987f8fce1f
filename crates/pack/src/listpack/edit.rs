//! The owned listpack and its changes.

use super::element::{Element, entry_len};
use super::view::{COUNT_UNKNOWN, END, HEADER_BYTES, LISTPACK_MAX_BYTES, Position, validate};
use crate::PackError;
use crate::raw::Block;

/// A sequence of strings and integers in one run of bytes.
///
/// ```
/// use pack::{Element, Listpack};
/// let mut listpack = Listpack::new();
/// listpack.push(b"a");
/// listpack.push(b"10");
/// assert_eq!(listpack.as_bytes(), b"\x0c\0\0\0\x02\0\x81a\x02\x0a\x01\xff");
/// assert_eq!(listpack.get(-1), Some(Element::Int(10)));
/// ```
pub struct Listpack {
    /// The tag is the number of elements.
    block: Block,
}

impl Default for Listpack {
    fn default() -> Self {
        Self::new()
    }
}

impl Listpack {
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(HEADER_BYTES + 1)
    }

    /// One that can grow to `bytes` bytes, header and end included, in its place.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        let mut block = Block::new(bytes.max(HEADER_BYTES + 1));
        block.bytes_mut()[HEADER_BYTES] = END;
        let mut listpack = Self { block };
        listpack.set_byte_len(HEADER_BYTES + 1);
        listpack
    }

    /// The listpack whose bytes these are. Any bytes may come; every one is checked.
    ///
    /// # Errors
    /// What is wrong with the bytes, and where.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PackError> {
        let count = validate(bytes)?;
        let mut listpack = Self { block: Block::copy_of(bytes) };
        listpack.set_count(count);
        Ok(listpack)
    }

    /// As DUMP writes it. The count in the header is always the true one, or 65535 if it is that or more.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.block.bytes()[..self.byte_len()]
    }

    /// How many elements there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.block.tag() as usize
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many bytes it has, header and end included.
    #[must_use]
    pub fn byte_len(&self) -> usize {
        match self.block.bytes() {
            &[a, b, c, d, ..] => u32::from_le_bytes([a, b, c, d]) as usize,
            _ => 0,
        }
    }

    /// What it takes of the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.block.heap_bytes()
    }

    /// Whether `added` bytes more ([`Element::encoded_len`]) stay within [`LISTPACK_MAX_BYTES`].
    #[must_use]
    pub fn fits(&self, added: usize) -> bool {
        added <= LISTPACK_MAX_BYTES.saturating_sub(self.byte_len())
    }

    /// Appends an element. Text that is the canonical form of an integer becomes one.
    ///
    /// # Panics
    /// If the listpack would grow past 4 GiB: ask [`Self::fits`] first.
    pub fn push<'e>(&mut self, element: impl Into<Element<'e>>) {
        self.insert(self.end(), element);
    }

    pub fn push_int(&mut self, int: i64) {
        self.push(int);
    }

    pub fn push_front<'e>(&mut self, element: impl Into<Element<'e>>) {
        self.insert(self.start(), element);
    }

    /// Inserts an element in front of the one at `at`. Returns its place, which is `at`.
    pub fn insert<'e>(&mut self, at: Position, element: impl Into<Element<'e>>) -> Position {
        self.put(at, 0, element.into());
        self.set_count(self.block.tag() + 1);
        at
    }

    /// Puts another element in the place of the one at `at`; appends at the end.
    pub fn replace<'e>(&mut self, at: Position, element: impl Into<Element<'e>>) -> Position {
        match self.entry_len(at) {
            0 => self.insert(at, element),
            old => {
                self.put(at, old, element.into());
                at
            }
        }
    }

    /// Removes the element at `at`. Returns the place of the next, which is `at` and may be the end.
    pub fn remove(&mut self, at: Position) -> Position {
        self.remove_from(at, 1)
    }

    /// Removes `count` elements, or as many as there are, from the one at `at` on. Returns the place of the next.
    pub fn remove_from(&mut self, at: Position, count: usize) -> Position {
        let (mut bytes, mut removed) = (0, 0);
        for _ in 0..count {
            match self.entry_len(Position::at(at.offset() + bytes)) {
                0 => break,
                len => (bytes, removed) = (bytes + len, removed + 1),
            }
        }
        if removed > 0 {
            self.cut(at.offset(), bytes);
            self.set_count(self.block.tag().saturating_sub(removed));
        }
        at
    }

    /// Removes `count` elements, or as many as there are, from the one with this index on; from the end if negative, -1 being
    /// the last.
    pub fn remove_range(&mut self, index: isize, count: usize) {
        if let Some(at) = self.position_of(index) {
            self.remove_from(at, count);
        }
    }

    pub fn clear(&mut self) {
        *self = Self::new();
    }

    /// Appends all elements of `other`.
    ///
    /// # Panics
    /// If the listpack would grow past 4 GiB: ask [`Self::fits`] first.
    pub fn append(&mut self, other: &Self) {
        let added = other.rest(other.start());
        self.room(self.end(), 0, added.len()).copy_from_slice(added);
        self.set_count(self.block.tag() + other.block.tag());
    }

    /// Cuts off the elements from `at` on and returns them.
    #[must_use]
    pub fn split_off(&mut self, at: Position) -> Self {
        let moved = self.rest(at);
        let mut other = Self::with_capacity(HEADER_BYTES + moved.len() + 1);
        other.room(other.start(), 0, moved.len()).copy_from_slice(moved);
        let count = u32::try_from(self.iter_from(at).count()).unwrap_or(u32::MAX);
        other.set_count(count);
        self.cut(at.offset(), moved.len());
        self.set_count(self.block.tag().saturating_sub(count));
        other
    }

    /// Writes `element` over the `old` bytes at `at`.
    fn put(&mut self, at: Position, old: usize, element: Element<'_>) {
        element.encode(self.room(at, old, element.encoded_len()));
    }

    /// Makes `new` bytes out of the `old` ones at `at`.
    fn room(&mut self, at: Position, old: usize, new: usize) -> &mut [u8] {
        let len = self.byte_len();
        assert!(HEADER_BYTES <= at.offset() && at.offset() + old < len, "a stale position");
        let new_len = len - old + new;
        assert!(u32::try_from(new_len).is_ok(), "a listpack of {new_len} bytes: `fits` was not asked");
        self.block.splice(len, at.offset(), old, new);
        self.set_byte_len(new_len);
        &mut self.block.bytes_mut()[at.offset()..at.offset() + new]
    }

    fn cut(&mut self, offset: usize, bytes: usize) {
        self.room(Position::at(offset), bytes, 0);
    }

    /// The bytes of the element at `at`; 0 at the end.
    fn entry_len(&self, at: Position) -> usize {
        entry_len(self.rest(at)).unwrap_or(0)
    }

    fn set_byte_len(&mut self, len: usize) {
        let len = u32::try_from(len).unwrap_or(u32::MAX);
        self.block.bytes_mut()[..4].copy_from_slice(&len.to_le_bytes());
    }

    fn set_count(&mut self, count: u32) {
        self.block.set_tag(count);
        let stated = u16::try_from(count).unwrap_or(COUNT_UNKNOWN);
        self.block.bytes_mut()[4..6].copy_from_slice(&stated.to_le_bytes());
    }
}

impl Clone for Listpack {
    fn clone(&self) -> Self {
        let mut block = Block::copy_of(self.as_bytes());
        block.set_tag(self.block.tag());
        Self { block }
    }
}

impl std::fmt::Debug for Listpack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl PartialEq for Listpack {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Listpack {}

impl<'a> IntoIterator for &'a Listpack {
    type Item = Element<'a>;
    type IntoIter = super::Iter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'e, E: Into<Element<'e>>> Extend<E> for Listpack {
    fn extend<I: IntoIterator<Item = E>>(&mut self, elements: I) {
        for element in elements {
            self.push(element);
        }
    }
}
