//! One element: its value, and its bytes.
//!
//! ```text
//! 0xxxxxxx                             integer 0..=127
//! 10llllll data                        string of up to 63 bytes
//! 110xxxxx xxxxxxxx                    integer of 13 bits, big-endian, two's complement
//! 1110llll llllllll data               string of up to 4095 bytes
//! 11110000 l l l l data                string, length little-endian
//! 11110001 x x                         integer of 16 bits, little-endian, two's complement
//! 11110010 x x x                       of 24 bits
//! 11110011 x x x x                     of 32 bits
//! 11110100 x x x x x x x x             of 64 bits
//! ```
//!
//! Then the length of all that in 1 to 5 bytes, to be read backwards: seven bits a byte, least significant last, and all but
//! the first have their high bit set, which says to a reader from the right that there is more.

use stdx::num::{IntText, i64_text_len, parse_i64};

use crate::Item;

/// An element of a listpack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element<'a> {
    Int(i64),
    /// Anything that is not the canonical decimal form of an `i64`. From outside, one of those may come too.
    Bytes(&'a [u8]),
}

impl<'a> Element<'a> {
    /// What `text` is stored as: an integer if it is the canonical form of one.
    ///
    /// ```
    /// use pack::Element;
    /// assert_eq!(Element::of(b"-12"), Element::Int(-12));
    /// assert_eq!(Element::of(b"012"), Element::Bytes(b"012"));
    /// ```
    #[must_use]
    pub fn of(text: &'a [u8]) -> Self {
        match parse_i64(text) {
            Some(int) => Self::Int(int),
            None => Self::Bytes(text),
        }
    }

    /// How many bytes its text has.
    #[must_use]
    pub fn text_len(self) -> usize {
        match self {
            Self::Int(int) => i64_text_len(int),
            Self::Bytes(bytes) => bytes.len(),
        }
    }

    /// Its text; an integer's is printed into `room`.
    #[must_use]
    pub fn bytes<'b>(self, room: &'b mut IntText) -> &'b [u8]
    where
        'a: 'b,
    {
        match self {
            Self::Int(int) => room.format(int),
            Self::Bytes(bytes) => bytes,
        }
    }

    #[must_use]
    pub fn to_vec(self) -> Vec<u8> {
        self.bytes(&mut IntText::new()).to_vec()
    }

    /// The integer that its text is the canonical form of.
    #[must_use]
    pub fn to_int(self) -> Option<i64> {
        match self {
            Self::Int(int) => Some(int),
            Self::Bytes(bytes) => parse_i64(bytes),
        }
    }

    /// Whether its text is `text`.
    #[must_use]
    pub fn eq_text(self, text: &[u8]) -> bool {
        match self {
            Self::Int(int) => parse_i64(text) == Some(int),
            Self::Bytes(bytes) => bytes == text,
        }
    }

    /// How many bytes it takes in a listpack, all in all.
    #[must_use]
    pub fn encoded_len(self) -> usize {
        let body = self.body_len();
        body + back_len(body)
    }

    fn body_len(self) -> usize {
        match self {
            Self::Int(int) => int_len(int),
            Self::Bytes(bytes) => match bytes.len() {
                len @ 0..64 => 1 + len,
                len @ 64..4096 => 2 + len,
                len => 5 + len,
            },
        }
    }

    /// Writes it over `room`, which is as long as its [`Self::encoded_len`].
    pub(super) fn encode(self, room: &mut [u8]) {
        let body = self.body_len();
        let (body_room, back_room) = room.split_at_mut(body);
        match self {
            Self::Int(int) => encode_int(int, body_room),
            Self::Bytes(bytes) => {
                let (head, data) = body_room.split_at_mut(body - bytes.len());
                data.copy_from_slice(bytes);
                encode_len(bytes.len(), head);
            }
        }
        encode_back(body, back_room);
    }
}

impl<'a> From<i64> for Element<'a> {
    fn from(int: i64) -> Self {
        Self::Int(int)
    }
}

impl<'a> From<&'a [u8]> for Element<'a> {
    fn from(text: &'a [u8]) -> Self {
        Self::of(text)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Element<'a> {
    fn from(text: &'a [u8; N]) -> Self {
        Self::of(text)
    }
}

impl<'a> From<&'a Vec<u8>> for Element<'a> {
    fn from(text: &'a Vec<u8>) -> Self {
        Self::of(text)
    }
}

fn int_len(int: i64) -> usize {
    match int {
        0..=127 => 1,
        -0x1000..=0xfff => 2,
        -0x8000..=0x7fff => 3,
        -0x80_0000..=0x7f_ffff => 4,
        -0x8000_0000..=0x7fff_ffff => 5,
        _ => 9,
    }
}

fn encode_int(int: i64, room: &mut [u8]) {
    let bytes = int.to_le_bytes();
    match room {
        [small] => *small = bytes[0],
        [high, low] => (*high, *low) = (0xc0 | bytes[1] & 0x1f, bytes[0]),
        [first, digits @ ..] => {
            *first = match digits.len() {
                2 => 0xf1,
                3 => 0xf2,
                4 => 0xf3,
                _ => 0xf4,
            };
            digits.copy_from_slice(&bytes[..digits.len()]);
        }
        [] => {}
    }
}

fn encode_len(len: usize, head: &mut [u8]) {
    let [a, b, c, d, ..] = (len as u64).to_le_bytes();
    match head {
        [first] => *first = 0x80 | a,
        [first, second] => (*first, *second) = (0xe0 | b, a),
        _ => head.copy_from_slice(&[0xf0, a, b, c, d]),
    }
}

/// How many bytes the length `body` takes behind an element.
///
/// The greatest number of each width goes to the next one, except 127: so Redis writes it, so it must be.
#[inline]
pub(crate) fn back_len(body: usize) -> usize {
    match body {
        0..=127 => 1,
        128..16_383 => 2,
        16_383..2_097_151 => 3,
        2_097_151..268_435_455 => 4,
        _ => 5,
    }
}

fn encode_back(body: usize, room: &mut [u8]) {
    let mut rest = body as u64;
    for (index, byte) in room.iter_mut().enumerate().rev() {
        let [low, ..] = rest.to_le_bytes();
        // The first byte has no flag: a reader from the right ends there.
        *byte = (low & 0x7f) | if index == 0 { 0 } else { 0x80 };
        rest >>= 7;
    }
}

/// The element that `bytes` begin with, and the length of its body. `None` if there is none, or not all of one.
#[inline]
pub(super) fn decode(bytes: &[u8]) -> Option<(Element<'_>, usize)> {
    let (&first, tail) = bytes.split_first()?;
    Some(match first {
        0x00..=0x7f => (Element::Int(i64::from(first)), 1),
        0x80..=0xbf => string(tail, usize::from(first & 0x3f), 1)?,
        0xc0..=0xdf => {
            let &low = tail.first()?;
            // The 13 bits are moved to the top and back, which spreads their sign.
            let bits = i16::from_be_bytes([first & 0x1f, low]) << 3;
            (Element::Int(i64::from(bits >> 3)), 2)
        }
        0xe0..=0xef => {
            let (&low, tail) = tail.split_first()?;
            string(tail, usize::from(u16::from_be_bytes([first & 0x0f, low])), 2)?
        }
        0xf0 => {
            let (len, tail) = tail.split_first_chunk()?;
            string(tail, usize::try_from(u32::from_le_bytes(*len)).ok()?, 5)?
        }
        0xf1 => (Element::Int(i64::from(i16::from_le_bytes(*tail.first_chunk()?))), 3),
        0xf2 => {
            let &[a, b, c] = tail.first_chunk()?;
            (Element::Int(i64::from(i32::from_le_bytes([0, a, b, c]) >> 8)), 4)
        }
        0xf3 => (Element::Int(i64::from(i32::from_le_bytes(*tail.first_chunk()?))), 5),
        0xf4 => (Element::Int(i64::from_le_bytes(*tail.first_chunk()?)), 9),
        0xf5..=0xff => return None,
    })
}

/// As [`decode`], but a text need not be there: its length, and how many bytes are in front of it. Of an integer, all.
pub(crate) fn decode_head(bytes: &[u8]) -> Option<(Item, usize)> {
    let (&first, tail) = bytes.split_first()?;
    Some(match first {
        0x80..=0xbf => (Item::Text(usize::from(first & 0x3f)), 1),
        0xe0..=0xef => (Item::Text(usize::from(u16::from_be_bytes([first & 0x0f, *tail.first()?]))), 2),
        0xf0 => (Item::Text(usize::try_from(u32::from_le_bytes(*tail.first_chunk()?)).ok()?), 5),
        _ => match decode(bytes)? {
            (Element::Int(int), len) => (Item::Int(int), len),
            (Element::Bytes(_), _) => return None,
        },
    })
}

/// How many bytes the element takes that `bytes` begin with, its length behind it included. `None` if there is none.
///
/// Reads no more than that takes, so that walking does not wait for values that nobody wants.
#[inline]
pub(super) fn entry_len(bytes: &[u8]) -> Option<usize> {
    let &first = bytes.first()?;
    Some(match first {
        0x00..=0x7f => 2,
        0x80..=0xbf => usize::from(first & 0x3f) + 2,
        0xc0..=0xdf => 3,
        0xe0..=0xf0 => {
            let (_, body) = decode(bytes)?;
            body + back_len(body)
        }
        0xf1 => 4,
        0xf2 => 5,
        0xf3 => 6,
        0xf4 => 10,
        0xf5..=0xff => return None,
    })
}

#[inline]
fn string(tail: &[u8], len: usize, head: usize) -> Option<(Element<'_>, usize)> {
    Some((Element::Bytes(tail.get(..len)?), head + len))
}

/// The length of the body in front of the end of `bytes`, and how many bytes state it.
#[inline]
pub(crate) fn decode_back(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut body = 0_u64;
    for (index, &byte) in bytes.iter().rev().take(5).enumerate() {
        body |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            return Some((usize::try_from(body).ok()?, index + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Element, back_len, decode, decode_back, encode_back, entry_len};

    #[test]
    fn back_lengths_are_those_of_servers() {
        for (body, expected) in [
            (127, &b"\x7f"[..]),
            (128, b"\x01\x80"),
            (16382, b"\x7f\xfe"),
            (16383, b"\x00\xff\xff"),
            (2_097_150, b"\x7f\xff\xfe"),
            (2_097_151, b"\x00\xff\xff\xff"),
            (268_435_454, b"\x7f\xff\xff\xfe"),
            (268_435_455, b"\x00\xff\xff\xff\xff"),
        ] {
            let mut room = vec![0; back_len(body)];
            encode_back(body, &mut room);
            assert_eq!(room, expected);
            assert_eq!(decode_back(&[b"\xff", expected].concat()), Some((body, expected.len())));
        }
    }

    #[test]
    fn a_back_length_without_a_beginning_is_none() {
        assert_eq!(decode_back(b""), None);
        assert_eq!(decode_back(b"\x80"), None);
        assert_eq!(decode_back(b"\x01\x80\x80\x80\x80\x80"), None);
    }

    #[test]
    fn no_part_of_an_element_is_one() {
        for element in [
            &b"\x81a"[..],
            b"\xc0\x01",
            b"\xe0\x01a",
            b"\xf0\x01\0\0\0a",
            b"\xf1ab",
            b"\xf2abc",
            b"\xf3abcd",
            b"\xf4abcdefgh",
        ] {
            assert_eq!(decode(element).map(|(_, body)| body), Some(element.len()));
            for len in 0..element.len() {
                assert_eq!(decode(&element[..len]), None);
            }
        }
        assert!((0xf5..=0xff).all(|first| decode(&[first; 16]).is_none()));
    }

    #[test]
    fn lengths_are_those_of_decoded_elements() {
        let ints = (0..64).flat_map(|shift| [i64::MAX >> shift, i64::MIN >> shift]).map(Element::Int);
        let text = vec![b'x'; 17_000];
        let texts = [0, 1, 63, 64, 125, 126, 4095, 4096, 16377, 16378, 17_000].map(|len| Element::Bytes(&text[..len]));
        for element in ints.chain(texts) {
            let mut room = vec![0; element.encoded_len()];
            element.encode(&mut room);
            assert_eq!(
                (decode(&room).map(|(element, _)| element), entry_len(&room)),
                (Some(element), Some(room.len()))
            );
        }
    }
}
