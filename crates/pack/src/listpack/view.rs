//! The shape of a listpack: header, places, walks and look-ups.

use super::edit::Listpack;
use super::element::{Element, back_len, decode, decode_back, entry_len};
use super::iter::{Entries, Iter, Pairs};
use crate::{PackError, PackErrorKind};

/// Redis's own limit: a listpack is not made larger than a gibibyte. See [`Listpack::fits`].
pub const LISTPACK_MAX_BYTES: usize = 1 << 30;

pub(super) const HEADER_BYTES: usize = 6;
pub(crate) const END: u8 = 0xff;
/// The count that says: too many for the header.
pub(super) const COUNT_UNKNOWN: u16 = u16::MAX;

/// The place of an element, or of the end.
///
/// Any change in front of it, or of the element itself, makes it stale. Using a stale one is a mistake that gives a wrong
/// element, none, or a panic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub(super) u32);

impl Position {
    /// Bytes from the first byte of the listpack.
    #[must_use]
    pub fn offset(self) -> usize {
        self.0 as usize
    }

    /// `offset` lies within a listpack, whose size is a `u32`.
    pub(super) fn at(offset: usize) -> Self {
        Self(u32::try_from(offset).unwrap_or(u32::MAX))
    }
}

/// Checks all of `bytes` and returns how many elements there are.
pub(super) fn validate(bytes: &[u8]) -> Result<u32, PackError> {
    let error = |offset, kind| Err(PackError { offset, kind });
    let Some((&[a, b, c, d, e, f], _)) = bytes.split_first_chunk::<HEADER_BYTES>() else {
        return error(bytes.len(), PackErrorKind::Truncated);
    };
    let stated = u64::from(u32::from_le_bytes([a, b, c, d]));
    if stated != bytes.len() as u64 {
        return error(0, PackErrorKind::Size { stated, actual: bytes.len() as u64 });
    }
    let (mut offset, mut count) = (HEADER_BYTES, 0_u32);
    loop {
        let rest = bytes.get(offset..).unwrap_or_default();
        let Some(&first) = rest.first() else { return error(offset, PackErrorKind::NoTerminator) };
        if first == END {
            break;
        }
        // Short strings and small integers, nearly all there is, in few steps; whatever is wrong with one is told below.
        let short = if first < 0x80 { 1 } else { 1 + (first & 0x3f) };
        if first < 0xc0 && rest.get(usize::from(short)) == Some(&short) {
            offset += usize::from(short) + 1;
            count += 1;
            continue;
        }
        let Some((_, body)) = decode(rest) else {
            let kind = if first > 0xf4 { PackErrorKind::Encoding(first) } else { PackErrorKind::Truncated };
            return error(offset, kind);
        };
        let back = back_len(body);
        let Some(whole) = rest.get(..body + back) else { return error(offset, PackErrorKind::Truncated) };
        if decode_back(whole) != Some((body, back)) {
            return error(offset + body, PackErrorKind::BackLength);
        }
        offset += body + back;
        count += 1;
    }
    if offset + 1 != bytes.len() {
        return error(offset + 1, PackErrorKind::TrailingBytes);
    }
    let stated = u16::from_le_bytes([e, f]);
    if stated != COUNT_UNKNOWN && u32::from(stated) != count {
        return error(4, PackErrorKind::Count { stated: u64::from(stated), actual: u64::from(count) });
    }
    Ok(count)
}

impl Listpack {
    /// The place of the first element; of the end if there is none.
    #[must_use]
    pub fn start(&self) -> Position {
        Position::at(HEADER_BYTES)
    }

    /// The place behind the last element. Inserting there appends.
    #[must_use]
    pub fn end(&self) -> Position {
        Position::at(self.byte_len() - 1)
    }

    /// The place of the element with this index; from the end if negative, -1 being the last.
    ///
    /// ```
    /// # let mut listpack = pack::Listpack::new();
    /// listpack.push(b"a");
    /// listpack.push(b"b");
    /// assert_eq!(listpack.position_of(-2), Some(listpack.start()));
    /// assert_eq!(listpack.position_of(2), None);
    /// ```
    #[must_use]
    pub fn position_of(&self, index: isize) -> Option<Position> {
        let len = self.len();
        let index = if index < 0 { len.checked_sub(index.unsigned_abs())? } else { index.unsigned_abs() };
        if index >= len {
            return None;
        }
        let mut rest = self.rest(self.start());
        if index < len / 2 {
            let all = rest.len();
            for _ in 0..index {
                rest = rest.get(entry_len(rest)?..)?;
            }
            Some(Position::at(HEADER_BYTES + all - rest.len()))
        } else {
            for _ in index..len {
                let (body, back) = decode_back(rest)?;
                rest = rest.get(..rest.len().checked_sub(body + back)?)?;
            }
            Some(Position::at(HEADER_BYTES + rest.len()))
        }
    }

    /// The element with this index; from the end if negative, -1 being the last.
    #[must_use]
    pub fn get(&self, index: isize) -> Option<Element<'_>> {
        self.at(self.position_of(index)?)
    }

    /// The element at `position`; `None` at the end.
    #[must_use]
    pub fn at(&self, position: Position) -> Option<Element<'_>> {
        decode(self.rest(position)).map(|(element, _)| element)
    }

    /// The place of the element behind the one at `position`, if there is one.
    #[must_use]
    pub fn next(&self, position: Position) -> Option<Position> {
        let next = Position::at(position.offset() + entry_len(self.rest(position))?);
        (next < self.end()).then_some(next)
    }

    /// The place of the element in front of `position`, which may be the end, if there is one.
    #[must_use]
    pub fn prev(&self, position: Position) -> Option<Position> {
        let before = self.as_bytes().get(HEADER_BYTES..position.offset())?;
        let (body, back) = decode_back(before)?;
        Some(Position::at(position.offset().checked_sub(body + back)?))
    }

    #[must_use]
    pub fn first(&self) -> Option<Element<'_>> {
        self.at(self.start())
    }

    #[must_use]
    pub fn last(&self) -> Option<Element<'_>> {
        self.iter().next_back()
    }

    /// All elements.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        Iter(self.entries())
    }

    /// The elements from `position` to the last.
    #[must_use]
    pub fn iter_from(&self, position: Position) -> Iter<'_> {
        Iter(self.entries_from(position))
    }

    /// All elements with their places.
    #[must_use]
    pub fn entries(&self) -> Entries<'_> {
        self.entries_from(self.start())
    }

    /// The elements from `position` to the last with their places.
    #[must_use]
    pub fn entries_from(&self, position: Position) -> Entries<'_> {
        Entries::new(self.rest(position), position.offset())
    }

    /// The elements two by two: fields and values, members and scores. One left over at the end is not seen.
    #[must_use]
    pub fn pairs(&self) -> Pairs<'_> {
        Pairs(self.iter())
    }

    /// The elements' bytes from `position` on, without the terminator.
    pub(super) fn rest(&self, position: Position) -> &[u8] {
        self.as_bytes().get(position.offset()..self.byte_len() - 1).unwrap_or_default()
    }
}
