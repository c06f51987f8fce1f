//! MessagePack's bytes: `\x93\x01\xa1a\xc0` is the array of 1, 'a' and nil.

use crate::libs::args::truncate;

/// A container's or string's header: the length in the first byte if it is short, else behind the first marker that holds it.
fn put_len(out: &mut Vec<u8>, len: usize, short: (u8, usize), markers: [Option<u8>; 3]) {
    let [one, two, four] = markers;
    if len <= short.1 {
        out.push(short.0 | u8::try_from(len).unwrap_or(0));
    } else if let (Some(marker), Ok(len)) = (one, u8::try_from(len)) {
        out.extend_from_slice(&[marker, len]);
    } else if let (Some(marker), Ok(len)) = (two, u16::try_from(len)) {
        out.push(marker);
        out.extend_from_slice(&len.to_be_bytes());
    } else if let Some(marker) = four {
        out.push(marker);
        out.extend_from_slice(&u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes());
    }
}

pub(crate) fn put_string(out: &mut Vec<u8>, text: &[u8]) {
    put_len(out, text.len(), (0xa0, 31), [Some(0xd9), Some(0xda), Some(0xdb)]);
    out.extend_from_slice(text);
}

/// The shortest form. Positive numbers are written unsigned.
fn put_integer(out: &mut Vec<u8>, integer: i64) {
    if let Ok(unsigned) = u64::try_from(integer) {
        if let Ok(byte @ 0..=127) = u8::try_from(unsigned) {
            out.push(byte);
        } else if let Ok(byte) = u8::try_from(unsigned) {
            out.extend_from_slice(&[0xcc, byte]);
        } else if let Ok(short) = u16::try_from(unsigned) {
            out.push(0xcd);
            out.extend_from_slice(&short.to_be_bytes());
        } else if let Ok(word) = u32::try_from(unsigned) {
            out.push(0xce);
            out.extend_from_slice(&word.to_be_bytes());
        } else {
            out.push(0xcf);
            out.extend_from_slice(&unsigned.to_be_bytes());
        }
    } else if let Ok(byte) = i8::try_from(integer) {
        if byte < -32 {
            out.push(0xd0);
        }
        out.push(byte.cast_unsigned());
    } else if let Ok(short) = i16::try_from(integer) {
        out.push(0xd1);
        out.extend_from_slice(&short.to_be_bytes());
    } else if let Ok(word) = i32::try_from(integer) {
        out.push(0xd2);
        out.extend_from_slice(&word.to_be_bytes());
    } else {
        out.push(0xd3);
        out.extend_from_slice(&integer.to_be_bytes());
    }
}

pub(crate) fn put_number(out: &mut Vec<u8>, number: f64) {
    let whole = truncate(number);
    #[expect(clippy::cast_precision_loss, clippy::float_cmp, reason = "whether nothing was lost is the question")]
    if whole as f64 == number {
        return put_integer(out, whole);
    }
    #[expect(clippy::cast_possible_truncation, reason = "whether nothing is lost is asked next")]
    let float = number as f32;
    #[expect(clippy::float_cmp, reason = "whether nothing was lost is the question")]
    if f64::from(float) == number {
        out.push(0xca);
        out.extend_from_slice(&float.to_be_bytes());
    } else {
        out.push(0xcb);
        out.extend_from_slice(&number.to_be_bytes());
    }
}

pub(crate) fn put_array_len(out: &mut Vec<u8>, len: usize) {
    put_len(out, len, (0x90, 15), [None, Some(0xdc), Some(0xdd)]);
}

pub(crate) fn put_map_len(out: &mut Vec<u8>, pairs: usize) {
    put_len(out, pairs, (0x80, 15), [None, Some(0xde), Some(0xdf)]);
}

/// A value, or the beginning of one that holds others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Item<'a> {
    Nil,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    Text(&'a [u8]),
    /// Of that many elements.
    Array(u32),
    /// Of that many pairs.
    Map(u32),
}

/// Why the next bytes are no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// They end too early.
    Missing,
    /// No value begins so, or one of the types that are not known here.
    BadFormat,
}

impl Problem {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Missing => "Missing bytes in input.",
            Self::BadFormat => "Bad data format in input.",
        }
    }
}

/// Takes an item off the front of `input`.
pub(crate) fn read<'a>(input: &mut &'a [u8]) -> Result<Item<'a>, Problem> {
    let [marker] = array(input)?;
    Ok(match marker {
        0x00..=0x7f => Item::Integer(i64::from(marker)),
        0xe0..=0xff => Item::Integer(i64::from(marker.cast_signed())),
        0x80..=0x8f => Item::Map(u32::from(marker & 15)),
        0x90..=0x9f => Item::Array(u32::from(marker & 15)),
        0xa0..=0xbf => text(input, u32::from(marker & 31))?,
        0xc0 => Item::Nil,
        0xc2 => Item::Boolean(false),
        0xc3 => Item::Boolean(true),
        0xca => Item::Float(f64::from(f32::from_be_bytes(array(input)?))),
        0xcb => Item::Float(f64::from_be_bytes(array(input)?)),
        0xcc => Item::Integer(i64::from(u8::from_be_bytes(array(input)?))),
        0xcd => Item::Integer(i64::from(u16::from_be_bytes(array(input)?))),
        0xce => Item::Integer(i64::from(u32::from_be_bytes(array(input)?))),
        // Past 2^63 it comes out negative.
        0xcf | 0xd3 => Item::Integer(i64::from_be_bytes(array(input)?)),
        0xd0 => Item::Integer(i64::from(i8::from_be_bytes(array(input)?))),
        0xd1 => Item::Integer(i64::from(i16::from_be_bytes(array(input)?))),
        0xd2 => Item::Integer(i64::from(i32::from_be_bytes(array(input)?))),
        0xd9 => {
            let len = u32::from(u8::from_be_bytes(array(input)?));
            text(input, len)?
        }
        0xda => {
            let len = u32::from(u16::from_be_bytes(array(input)?));
            text(input, len)?
        }
        0xdb => {
            let len = u32::from_be_bytes(array(input)?);
            text(input, len)?
        }
        0xdc => Item::Array(u32::from(u16::from_be_bytes(array(input)?))),
        0xdd => Item::Array(u32::from_be_bytes(array(input)?)),
        0xde => Item::Map(u32::from(u16::from_be_bytes(array(input)?))),
        0xdf => Item::Map(u32::from_be_bytes(array(input)?)),
        0xc1 | 0xc4..=0xc9 | 0xd4..=0xd8 => return Err(Problem::BadFormat),
    })
}

fn array<const N: usize>(input: &mut &[u8]) -> Result<[u8; N], Problem> {
    let (bytes, rest) = input.split_first_chunk().ok_or(Problem::Missing)?;
    *input = rest;
    Ok(*bytes)
}

fn text<'a>(input: &mut &'a [u8], len: u32) -> Result<Item<'a>, Problem> {
    let len = usize::try_from(len).unwrap_or(usize::MAX);
    let (text, rest) = input.split_at_checked(len).ok_or(Problem::Missing)?;
    *input = rest;
    Ok(Item::Text(text))
}
