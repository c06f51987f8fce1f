//! Ziplist: what the listpack replaced in Redis 7.0. Read in dumps that are older, and written for servers that are.
//!
//! ```text
//! size         tail         count  element   element   end
//! 12 00 00 00  0d 00 00 00  02 00  00 01 61  03 c0 e8 03  ff      ["a", 1000]; each begins with the length of the one before
//! ```
//!
//! Each element begins with the length of the one before it, whole, for walking backwards: one byte up to 253, or `fe` and four
//! bytes. The long form may also hold a small number: Redis did not shrink it again. Then the element:
//!
//! ```text
//! 00llllll data              string of up to 63 bytes
//! 01llllll llllllll data     string of up to 16383 bytes, length big-endian
//! 10...... l l l l data      string, length big-endian; the six bits mean nothing
//! c0 x x, f0 x x x, d0 x x x x, e0 x x x x x x x x, fe x       integers of 16, 24, 32, 64 and 8 bits, little-endian
//! 1111xxxx                   integer x - 1, for x from 1 to 13
//! ```
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::arithmetic_side_effects))]

use crate::{Element, Item, Listpack, PackError, PackErrorKind};

const HEADER_BYTES: usize = 10;
pub(crate) const END: u8 = 0xff;
/// What a length of the element before begins with if it takes five bytes.
const LONG: u8 = 0xfe;
const COUNT_UNKNOWN: u16 = u16::MAX;

/// A ziplist that has been checked.
///
/// ```
/// use pack::{Element, Ziplist};
/// let bytes = b"\x12\0\0\0\x0d\0\0\0\x02\0\0\x01a\x03\xc0\xe8\x03\xff";
/// let ziplist = Ziplist::from_bytes(bytes).unwrap();
/// assert!(ziplist.iter().eq([Element::Bytes(b"a"), Element::Int(1000)]));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Ziplist<'a> {
    /// Without header and end.
    elements: &'a [u8],
    len: usize,
}

impl<'a> Ziplist<'a> {
    /// The ziplist that `bytes` are. Any bytes may come; every one is checked.
    ///
    /// # Errors
    /// What is wrong with the bytes, and where.
    pub fn from_bytes(bytes: &'a [u8]) -> Result<Self, PackError> {
        let error = |offset, kind| Err(PackError { offset, kind });
        let actual = bytes.len() as u64;
        let Some((&[s0, s1, s2, s3, t0, t1, t2, t3, c0, c1], tail)) = bytes.split_first_chunk::<HEADER_BYTES>() else {
            return error(bytes.len(), PackErrorKind::Truncated);
        };
        let stated = u64::from(u32::from_le_bytes([s0, s1, s2, s3]));
        if stated != actual {
            return error(0, PackErrorKind::Size { stated, actual });
        }
        let Some((&END, elements)) = tail.split_last() else {
            return error(bytes.len(), PackErrorKind::NoTerminator);
        };

        let offset_of = |rest: &[u8]| HEADER_BYTES.saturating_add(elements.len().saturating_sub(rest.len()));
        let (mut rest, mut before, mut last, mut len) = (elements, 0, elements, 0_usize);
        while let Some(&first) = rest.first() {
            if first == END {
                return error(offset_of(rest).saturating_add(1), PackErrorKind::TrailingBytes);
            }
            match decode(rest) {
                Ok(entry) if u64::from(entry.before) == before => {
                    last = rest;
                    before = rest.len().saturating_sub(entry.rest.len()) as u64;
                    rest = entry.rest;
                    len = len.saturating_add(1);
                }
                Ok(_) => return error(offset_of(rest), PackErrorKind::BackLength),
                Err(kind) => return error(offset_of(rest), kind),
            }
        }

        let (stated, actual) = (u64::from(u32::from_le_bytes([t0, t1, t2, t3])), offset_of(last) as u64);
        if stated != actual {
            return error(4, PackErrorKind::Tail { stated, actual });
        }
        let stated = u16::from_le_bytes([c0, c1]);
        if stated != COUNT_UNKNOWN && usize::from(stated) != len {
            return error(8, PackErrorKind::Count { stated: u64::from(stated), actual: len as u64 });
        }
        Ok(Self { elements, len })
    }

    #[must_use]
    pub fn len(self) -> usize {
        self.len
    }

    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len == 0
    }

    /// The elements from the first on.
    #[must_use]
    pub fn iter(self) -> ZiplistIter<'a> {
        ZiplistIter { rest: self.elements }
    }

    /// The same elements as a listpack, in the form that pushing their texts gives. `None` if it would grow past
    /// [`LISTPACK_MAX_BYTES`](crate::LISTPACK_MAX_BYTES).
    #[must_use]
    pub fn to_listpack(self) -> Option<Listpack> {
        let mut listpack = Listpack::with_capacity(self.elements.len());
        for element in self {
            let element = match element {
                Element::Bytes(text) => Element::of(text),
                Element::Int(_) => element,
            };
            if !listpack.fits(element.encoded_len()) {
                return None;
            }
            listpack.push(element);
        }
        Some(listpack)
    }
}

impl<'a> IntoIterator for Ziplist<'a> {
    type Item = Element<'a>;
    type IntoIter = ZiplistIter<'a>;

    fn into_iter(self) -> ZiplistIter<'a> {
        self.iter()
    }
}

/// The elements of a ziplist.
#[derive(Clone, Debug)]
pub struct ZiplistIter<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for ZiplistIter<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        let entry = decode(self.rest).ok()?;
        self.rest = entry.rest;
        Some(entry.element)
    }
}

/// An element, and what stands around it.
struct Entry<'a> {
    /// The stated length of the element before.
    before: u32,
    element: Element<'a>,
    /// What follows.
    rest: &'a [u8],
}

fn decode(bytes: &[u8]) -> Result<Entry<'_>, PackErrorKind> {
    let (before, item, bytes) = head(bytes)?;
    let (element, rest) = match item {
        Item::Int(int) => (Element::Int(int), bytes),
        Item::Text(len) => {
            let (text, rest) = bytes.split_at_checked(len).ok_or(PackErrorKind::Truncated)?;
            (Element::Bytes(text), rest)
        }
    };
    Ok(Entry { before, element, rest })
}

/// The stated length of the element before, the element, and how many bytes are in front of its text; of an integer, all.
pub(crate) fn decode_head(bytes: &[u8]) -> Result<(u32, Item, usize), PackErrorKind> {
    let (before, item, rest) = head(bytes)?;
    Ok((before, item, bytes.len().saturating_sub(rest.len())))
}

/// The stated length of the element before, the element, and what follows its head.
#[inline]
fn head(bytes: &[u8]) -> Result<(u32, Item, &[u8]), PackErrorKind> {
    let (before, bytes) = match bytes.split_first() {
        Some((&LONG, bytes)) => {
            let (before, bytes) = take(bytes)?;
            (u32::from_le_bytes(before), bytes)
        }
        Some((&before, bytes)) => (u32::from(before), bytes),
        None => return Err(PackErrorKind::Truncated),
    };
    let ([first], bytes) = take(bytes)?;
    let (item, rest) = match first {
        0x00..=0x3f => (Item::Text(usize::from(first)), bytes),
        0x40..=0x7f => {
            let ([low], bytes) = take(bytes)?;
            (Item::Text(usize::from(u16::from_be_bytes([first & 0x3f, low]))), bytes)
        }
        0x80..=0xbf => {
            let (len, bytes) = take(bytes)?;
            let len = usize::try_from(u32::from_be_bytes(len)).map_err(|_| PackErrorKind::Truncated)?;
            (Item::Text(len), bytes)
        }
        0xc0 => int(bytes, |digits| i64::from(i16::from_le_bytes(digits)))?,
        0xd0 => int(bytes, |digits| i64::from(i32::from_le_bytes(digits)))?,
        0xe0 => int(bytes, i64::from_le_bytes)?,
        0xf0 => int(bytes, |[a, b, c]| i64::from(i32::from_le_bytes([0, a, b, c]) >> 8))?,
        0xfe => int(bytes, |digits| i64::from(i8::from_le_bytes(digits)))?,
        0xf1..=0xfd => (Item::Int(i64::from(first & 0x0f).saturating_sub(1)), bytes),
        _ => return Err(PackErrorKind::Encoding(first)),
    };
    Ok((before, item, rest))
}

fn take<const N: usize>(bytes: &[u8]) -> Result<([u8; N], &[u8]), PackErrorKind> {
    let (&taken, rest) = bytes.split_first_chunk().ok_or(PackErrorKind::Truncated)?;
    Ok((taken, rest))
}

fn int<const N: usize>(bytes: &[u8], read: fn([u8; N]) -> i64) -> Result<(Item, &[u8]), PackErrorKind> {
    let (digits, rest) = take(bytes)?;
    Ok((Item::Int(read(digits)), rest))
}

#[cfg(test)]
mod tests {
    use super::Ziplist;
    use crate::{Element, PackError, PackErrorKind};

    /// A ziplist of these entries, all that the header states being true.
    fn ziplist(entries: &[&[u8]]) -> Vec<u8> {
        let body = entries.concat();
        let size = u32::try_from(10 + body.len() + 1).unwrap();
        let tail = size - 1 - u32::try_from(entries.last().map_or(0, |entry| entry.len())).unwrap();
        let count = u16::try_from(entries.len()).unwrap();
        [&size.to_le_bytes()[..], &tail.to_le_bytes(), &count.to_le_bytes(), &body, b"\xff"].concat()
    }

    fn error(bytes: &[u8]) -> (usize, PackErrorKind) {
        let PackError { offset, kind } = Ziplist::from_bytes(bytes).map(Ziplist::len).unwrap_err();
        (offset, kind)
    }

    #[test]
    fn every_encoding_is_read() {
        let long = [b'z'; 0x4000];
        let bytes = ziplist(&[
            b"\x00\x00",
            b"\x02\x02ab",
            b"\x04\x40\x01c",
            b"\x04\xf1",
            b"\x02\xfd",
            b"\x02\xfe\x80",
            b"\x03\xc0\x00\x80",
            b"\x04\xf0\x00\x00\x80",
            b"\x05\xd0\x00\x00\x00\x80",
            b"\x06\xe0\x00\x00\x00\x00\x00\x00\x00\x80",
            b"\x0a\xbf\0\0\0\x01d",
            b"\xfe\x07\0\0\0\xf0\xff\xff\x7f",
            &[&b"\x09\x80\0\0\x40\0"[..], &long].concat(),
            b"\xfe\x06\x40\0\0\x0212",
        ]);
        let ziplist = Ziplist::from_bytes(&bytes).unwrap();
        assert_eq!(ziplist.len(), 14);
        let expected = [
            Element::Bytes(b""),
            Element::Bytes(b"ab"),
            Element::Bytes(b"c"),
            Element::Int(0),
            Element::Int(12),
            Element::Int(-128),
            Element::Int(-0x8000),
            Element::Int(-0x80_0000),
            Element::Int(-0x8000_0000),
            Element::Int(i64::MIN),
            Element::Bytes(b"d"),
            Element::Int(0x7f_ffff),
            Element::Bytes(&long),
            Element::Bytes(b"12"),
        ];
        assert!(ziplist.iter().eq(expected));

        let listpack = ziplist.to_listpack().unwrap();
        assert!(listpack.iter().take(13).eq(expected[..13].iter().copied()));
        assert_eq!(listpack.last(), Some(Element::Int(12)));
    }

    #[test]
    fn errors_say_what_is_wrong_and_where() {
        let good = ziplist(&[b"\0\x01a", b"\x03\x01b"]);
        assert_eq!(Ziplist::from_bytes(&good).unwrap().len(), 2);
        let with = |at: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[at] = byte;
            error(&bytes)
        };
        assert_eq!(with(0, 16), (0, PackErrorKind::Size { stated: 16, actual: 17 }));
        assert_eq!(with(4, 10), (4, PackErrorKind::Tail { stated: 10, actual: 13 }));
        assert_eq!(with(8, 3), (8, PackErrorKind::Count { stated: 3, actual: 2 }));
        assert_eq!(with(10, 1), (10, PackErrorKind::BackLength));
        assert_eq!(with(13, 4), (13, PackErrorKind::BackLength));
        assert_eq!(with(13, 0xff), (14, PackErrorKind::TrailingBytes));
        assert_eq!(with(14, 0xc1), (13, PackErrorKind::Encoding(0xc1)));
        assert_eq!(with(14, 0xff), (13, PackErrorKind::Encoding(0xff)));
        assert_eq!(with(14, 2), (13, PackErrorKind::Truncated));
        assert_eq!(with(16, 0), (17, PackErrorKind::NoTerminator));
        assert_eq!(error(b"\x0b\0\0"), (3, PackErrorKind::Truncated));
        let mut unknown = good.clone();
        (unknown[8], unknown[9]) = (0xff, 0xff);
        assert_eq!(Ziplist::from_bytes(&unknown).unwrap().len(), 2);
        assert!(Ziplist::from_bytes(&ziplist(&[])).unwrap().is_empty());
    }
}
