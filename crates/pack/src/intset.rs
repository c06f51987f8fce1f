//! Intset: integers in ascending order, all of the same width.
//!
//! ```text
//! width       count       integers, little-endian, two's complement
//! 02 00 00 00 03 00 00 00 fe ff 05 00 0a 00                            {-2, 5, 10}
//! ```
//!
//! The width is 2, 4 or 8 bytes: the least that held every integer ever added. It never narrows again, in Redis or here, so the bytes
//! depend on the past as well as on the members.

use crate::raw::Block;
use crate::{PackError, PackErrorKind};

const HEADER_BYTES: usize = 8;

/// The integer of so many bytes that `bytes` begin with.
pub(crate) fn read(width: usize, bytes: &[u8]) -> Option<i64> {
    let width = match width {
        2 => Width::W2,
        4 => Width::W4,
        _ => Width::W8,
    };
    width.read(bytes, 0)
}

/// A sorted set of integers.
///
/// ```
/// let mut set = pack::Intset::new();
/// assert!(set.insert(10) && set.insert(-2) && !set.insert(10));
/// assert_eq!(set.as_bytes(), b"\x02\0\0\0\x02\0\0\0\xfe\xff\x0a\x00");
/// assert_eq!(set.iter().collect::<Vec<_>>(), [-2, 10]);
/// ```
pub struct Intset {
    block: Block,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Width {
    W2 = 2,
    W4 = 4,
    W8 = 8,
}

impl Width {
    fn of(int: i64) -> Self {
        if i16::try_from(int).is_ok() {
            Self::W2
        } else if i32::try_from(int).is_ok() {
            Self::W4
        } else {
            Self::W8
        }
    }

    fn read(self, bytes: &[u8], index: usize) -> Option<i64> {
        Some(match self {
            Self::W2 => i64::from(i16::from_le_bytes(*bytes.as_chunks().0.get(index)?)),
            Self::W4 => i64::from(i32::from_le_bytes(*bytes.as_chunks().0.get(index)?)),
            Self::W8 => i64::from_le_bytes(*bytes.as_chunks().0.get(index)?),
        })
    }

    /// Writes `int`, which it can hold, over `bytes`, as many as it is wide.
    fn write(bytes: &mut [u8], int: i64) {
        let len = bytes.len();
        bytes.copy_from_slice(&int.to_le_bytes()[..len]);
    }
}

impl Default for Intset {
    fn default() -> Self {
        Self::new()
    }
}

impl Intset {
    #[must_use]
    pub fn new() -> Self {
        let mut set = Self { block: Block::new(HEADER_BYTES) };
        set.set_header(Width::W2, 0);
        set
    }

    /// The intset whose bytes these are. Any bytes may come; every one is checked.
    ///
    /// # Errors
    /// What is wrong with the bytes, and where.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PackError> {
        let error = |offset, kind| Err(PackError { offset, kind });
        let Some((&[a, b, c, d, e, f, g, h], integers)) = bytes.split_first_chunk::<HEADER_BYTES>() else {
            return error(bytes.len(), PackErrorKind::Truncated);
        };
        let width = match u32::from_le_bytes([a, b, c, d]) {
            2 => Width::W2,
            4 => Width::W4,
            8 => Width::W8,
            other => return error(0, PackErrorKind::Width(other)),
        };
        let stated = u64::from(u32::from_le_bytes([e, f, g, h]));
        if stated * width as u64 != integers.len() as u64 {
            let actual = integers.len() as u64 / width as u64;
            return error(4, PackErrorKind::Count { stated, actual });
        }
        let set = Self { block: Block::copy_of(bytes) };
        let mut before = None;
        for (index, int) in set.iter().enumerate() {
            if before.is_some_and(|before| before >= int) {
                return error(HEADER_BYTES + index * width as usize, PackErrorKind::Order);
            }
            before = Some(int);
        }
        Ok(set)
    }

    /// As DUMP writes it.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.block.bytes()[..HEADER_BYTES + self.len() * self.width() as usize]
    }

    #[must_use]
    pub fn len(&self) -> usize {
        match self.block.bytes() {
            &[_, _, _, _, a, b, c, d, ..] => u32::from_le_bytes([a, b, c, d]) as usize,
            _ => 0,
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many bytes it has, header included.
    #[must_use]
    pub fn byte_len(&self) -> usize {
        self.as_bytes().len()
    }

    /// What it takes of the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.block.heap_bytes()
    }

    /// The member with this rank, from the least on.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<i64> {
        self.width().read(self.integers(), index)
    }

    #[must_use]
    pub fn first(&self) -> Option<i64> {
        self.get(0)
    }

    #[must_use]
    pub fn last(&self) -> Option<i64> {
        self.get(self.len().checked_sub(1)?)
    }

    #[must_use]
    pub fn contains(&self, int: i64) -> bool {
        self.rank(int).is_ok()
    }

    /// Adds `int`. Returns whether it was not a member before.
    pub fn insert(&mut self, int: i64) -> bool {
        if Width::of(int) > self.width() {
            self.widen(int);
            return true;
        }
        let Err(rank) = self.rank(int) else { return false };
        let (width, len, count) = (self.width() as usize, self.byte_len(), self.len());
        Width::write(self.block.splice(len, HEADER_BYTES + rank * width, 0, width), int);
        self.set_header(self.width(), count + 1);
        true
    }

    /// Removes `int`. Returns whether it was a member.
    pub fn remove(&mut self, int: i64) -> bool {
        let Ok(rank) = self.rank(int) else { return false };
        let (width, len, count) = (self.width() as usize, self.byte_len(), self.len());
        self.set_header(self.width(), count - 1);
        self.block.splice(len, HEADER_BYTES + rank * width, width, 0);
        true
    }

    /// The members, ascending.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = i64> + ExactSizeIterator + Clone + '_ {
        let (width, integers) = (self.width(), self.integers());
        (0..self.len()).map(move |index| width.read(integers, index).unwrap_or_default())
    }

    /// The rank of `int`: as `Err` the one that it would have.
    fn rank(&self, int: i64) -> Result<usize, usize> {
        let (width, integers) = (self.width(), self.integers());
        if Width::of(int) > width {
            return Err(if int < 0 { 0 } else { self.len() });
        }
        // Members often arrive in ascending order.
        match self.last() {
            Some(last) if int > last => return Err(self.len()),
            None => return Err(0),
            Some(_) => {}
        }
        match width {
            Width::W2 => {
                integers.as_chunks().0.binary_search_by(|bytes| i64::from(i16::from_le_bytes(*bytes)).cmp(&int))
            }
            Width::W4 => {
                integers.as_chunks().0.binary_search_by(|bytes| i64::from(i32::from_le_bytes(*bytes)).cmp(&int))
            }
            Width::W8 => integers.as_chunks().0.binary_search_by(|bytes| i64::from_le_bytes(*bytes).cmp(&int)),
        }
    }

    /// Widens every member so that `int` fits, and adds it: it is less or greater than all of them.
    fn widen(&mut self, int: i64) {
        let (old, count) = (self.width(), self.len());
        let width = Width::of(int);
        let rank = if int < 0 { 0 } else { count };
        let mut block = Block::new(HEADER_BYTES + (count + 1) * width as usize);
        let mut rooms = block.bytes_mut()[HEADER_BYTES..].chunks_exact_mut(width as usize);
        for index in 0..=count {
            let Some(room) = rooms.next() else { break };
            let member =
                if index == rank { Some(int) } else { old.read(self.integers(), index - usize::from(index > rank)) };
            Width::write(room, member.unwrap_or_default());
        }
        self.block = block;
        self.set_header(width, count + 1);
    }

    fn width(&self) -> Width {
        match self.block.bytes().first() {
            Some(4) => Width::W4,
            Some(8) => Width::W8,
            _ => Width::W2,
        }
    }

    fn integers(&self) -> &[u8] {
        &self.as_bytes()[HEADER_BYTES..]
    }

    fn set_header(&mut self, width: Width, count: usize) {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let (header, _) = self.block.bytes_mut().split_at_mut(HEADER_BYTES);
        header[..4].copy_from_slice(&(width as u32).to_le_bytes());
        header[4..].copy_from_slice(&count.to_le_bytes());
    }
}

impl Clone for Intset {
    fn clone(&self) -> Self {
        Self { block: Block::copy_of(self.as_bytes()) }
    }
}

impl std::fmt::Debug for Intset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl PartialEq for Intset {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Intset {}
