//! Sorted sets: types 3, 5, 12 and 17.
//!
//! ```text
//! 11 | 14 | 14 00 00 00 04 00 81 61 02 01 01 81 62 02 83 32 2e 35 04 ff      17, a listpack as one string: a 1, b 2.5
//! 05 | 02 | 01 62  00 00 00 00 00 00 04 40 | 01 61  00 00 00 00 00 00 f0 3f  5, from the greatest entry to the smallest: member, score
//! 03 | 01 | 01 61  03 32 2e 35                                               3, in any order: member, length and text of the score
//! ```
//!
//! A score of type 3 has in place of its length 253 for NaN, 254 and 255 for the infinities. Type 12 is type 17 with a ziplist.
//!
//! Up to Redis 7.0 a listpack or ziplist has its scores with 17 digits (`0.10000000000000001`), later the shortest; both texts are the same
//! number, and are read alike.

use std::borrow::Cow;

use pack::{Item, Listpack, Packed, Ziplist};
use stdx::num::{self, IntText};
use value::{Element, SortedSet, Value, ZsetError, ZsetErrorKind};

use super::survey::{Sequence, Survey, short_text};
use super::ziplist;
use crate::dialect::{Dialect, Target};
use crate::reader::Reader;
use crate::strings::RdbString;
use crate::writer::Writer;
use crate::{DecodeError, DecodeErrorKind, EncodeError, Stamp};

const TEXT_SCORES: u8 = 3;
const BINARY_SCORES: u8 = 5;
const ZIPLIST: u8 = 12;
const LISTPACK: u8 = 17;

/// What stands in place of a length before the text of a score.
const NAN: u8 = 253;
const INFINITE: u8 = 254;
const NEGATIVE_INFINITE: u8 = 255;

/// The shortest entries: a length, and what a score takes.
const LEAST_TEXT_BYTES: usize = 2;
const LEAST_BINARY_BYTES: usize = 9;

/// What an entry costs in the large form, growth on the way included, and each byte of its member.
const ENTRY_COST: usize = 400;
const BYTE_COST: usize = 8;

pub(super) fn survey(code: u8, reader: &mut Reader<'_>, survey: &mut Survey) -> Result<(), DecodeError> {
    match code {
        ZIPLIST => survey_packed(Packed::Ziplist, reader, survey),
        LISTPACK => survey_packed(Packed::Listpack, reader, survey),
        TEXT_SCORES => survey_entries(LEAST_TEXT_BYTES, text_score, reader, survey),
        _ => survey_entries(LEAST_BINARY_BYTES, binary_score, reader, survey),
    }
}

fn survey_packed(packed: Packed, reader: &mut Reader<'_>, survey: &mut Survey) -> Result<(), DecodeError> {
    let offset = reader.offset();
    let fault = |kind| DecodeError { offset, kind: DecodeErrorKind::SortedSet(kind) };
    let text = reader.text()?;
    let mut walk = survey.walk(packed, text).map_err(|error| fault(ZsetErrorKind::Pack(error.kind)))?;
    let mut members = Sequence::default();
    let mut before: Option<f64> = None;
    while let Some(member) = walk.next().map_err(|error| fault(ZsetErrorKind::Pack(error.kind)))? {
        let is_new = survey.element_of(&mut members, &mut walk, member);
        let score = walk.next().map_err(|error| fault(ZsetErrorKind::Pack(error.kind)))?;
        let score = match score.ok_or_else(|| fault(ZsetErrorKind::Unpaired))? {
            Item::Int(int) => value::zset_score(Element::Int(int)),
            Item::Text(len) => {
                short_text(&mut walk, len, &mut [0; 128]).and_then(|text| value::zset_score(Element::Bytes(text)))
            }
        };
        let score = score.ok_or_else(|| fault(ZsetErrorKind::Score))?;
        let is_in_order = match before.and_then(|before| before.partial_cmp(&score)) {
            Some(order) => order.is_lt() || order.is_eq() && members.by_bytes().is_none_or(std::cmp::Ordering::is_le),
            None => true,
        };
        if !is_in_order {
            return Err(fault(ZsetErrorKind::Order));
        }
        if !is_new {
            return Err(fault(ZsetErrorKind::Duplicate));
        }
        before = Some(score);
    }
    if walk.count() == 0 { Err(fault(ZsetErrorKind::Empty)) } else { Ok(()) }
}

fn survey_entries(
    least_bytes: usize,
    score: ReadScore,
    reader: &mut Reader<'_>,
    survey: &mut Survey,
) -> Result<(), DecodeError> {
    let refused = |offset, kind| Err(DecodeError { offset, kind: DecodeErrorKind::SortedSet(kind) });
    let start = reader.offset();
    let count = reader.count(least_bytes)?;
    if count == 0 {
        return refused(start, ZsetErrorKind::Empty);
    }
    for _ in 0..count {
        let start = reader.offset();
        let member = reader.text()?;
        let at = reader.offset();
        if score(reader)?.is_none_or(f64::is_nan) {
            return refused(at, ZsetErrorKind::Score);
        }
        if !survey.key(member) {
            return refused(start, ZsetErrorKind::Duplicate);
        }
    }
    Ok(())
}

pub(super) fn read(code: u8, _stamp: Stamp, reader: &mut Reader<'_>) -> Result<Value, DecodeError> {
    let zset = match code {
        ZIPLIST => read_packed(reader, from_ziplist)?,
        LISTPACK => read_packed(reader, from_listpack)?,
        TEXT_SCORES => read_entries(reader, LEAST_TEXT_BYTES, text_score)?,
        _ => read_entries(reader, LEAST_BINARY_BYTES, binary_score)?,
    };
    Ok(Value::SortedSet(Box::new(zset)))
}

type Decode = fn(&[u8], &mut Reader<'_>) -> Result<Result<SortedSet, ZsetError>, DecodeError>;
type ReadScore = fn(&mut Reader<'_>) -> Result<Option<f64>, DecodeError>;

fn from_listpack(bytes: &[u8], reader: &mut Reader<'_>) -> Result<Result<SortedSet, ZsetError>, DecodeError> {
    reader.afford(bytes.len())?;
    let pack = match Listpack::from_bytes(bytes) {
        Ok(pack) => pack,
        Err(error) => return Ok(Err(error.into())),
    };
    afford(pack.len(), bytes, reader)?;
    Ok(SortedSet::from_pack(&pack, reader.encodings()))
}

fn from_ziplist(bytes: &[u8], reader: &mut Reader<'_>) -> Result<Result<SortedSet, ZsetError>, DecodeError> {
    match Ziplist::from_bytes(bytes) {
        Ok(ziplist) => afford(ziplist.len(), bytes, reader)?,
        Err(error) => return Ok(Err(error.into())),
    }
    Ok(SortedSet::from_ziplist(bytes, reader.encodings()))
}

/// What becomes of so many members and scores.
fn afford(elements: usize, bytes: &[u8], reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    let count = elements / 2;
    let is_compact = count as u64 <= reader.encodings().zset_max_listpack_entries;
    let (entry_cost, byte_cost) = if is_compact { (128, 4) } else { (ENTRY_COST, BYTE_COST) };
    reader.afford(count.saturating_mul(entry_cost).saturating_add(bytes.len().saturating_mul(byte_cost)))
}

/// A whole encoding in one string.
fn read_packed(reader: &mut Reader<'_>, decode: Decode) -> Result<SortedSet, DecodeError> {
    let start = reader.offset();
    let string = reader.string()?;
    let mut room = IntText::new();
    let (bytes, first) = match &string {
        RdbString::Bytes(Cow::Borrowed(bytes)) => (*bytes, reader.offset().saturating_sub(bytes.len())),
        // What was compressed has no offsets of its own in the payload.
        RdbString::Bytes(Cow::Owned(bytes)) => (&bytes[..], start),
        RdbString::Int(int) => (room.format(i64::from(*int)), start),
    };
    let is_in_place = matches!(string, RdbString::Bytes(Cow::Borrowed(_)));
    decode(bytes, reader)?.map_err(|error| DecodeError {
        offset: if is_in_place { first.saturating_add(error.offset) } else { first },
        kind: DecodeErrorKind::SortedSet(error.kind),
    })
}

/// Members with their scores, each entry of at least so many bytes.
fn read_entries(reader: &mut Reader<'_>, least_bytes: usize, score: ReadScore) -> Result<SortedSet, DecodeError> {
    let start = reader.offset();
    let refused = |offset, kind| Err(DecodeError { offset, kind: DecodeErrorKind::SortedSet(kind) });
    let count = reader.count(least_bytes)?;
    if count == 0 {
        return refused(start, ZsetErrorKind::Empty);
    }
    let limits = *reader.encodings();
    let mut zset = SortedSet::large();
    for _ in 0..count {
        let start = reader.offset();
        let member = reader.string()?;
        let at = reader.offset();
        let Some(score) = score(reader)?.filter(|score| !score.is_nan()) else {
            return refused(at, ZsetErrorKind::Score);
        };
        let mut room = IntText::new();
        let member = member.text(&mut room);
        reader.afford(member.len().saturating_mul(BYTE_COST).saturating_add(ENTRY_COST))?;
        if zset.insert(member, score, &limits).is_some() {
            return refused(start, ZsetErrorKind::Duplicate);
        }
    }
    zset.compact(&limits);
    Ok(zset)
}

fn text_score(reader: &mut Reader<'_>) -> Result<Option<f64>, DecodeError> {
    Ok(match reader.u8()? {
        NAN => None,
        INFINITE => Some(f64::INFINITY),
        NEGATIVE_INFINITE => Some(f64::NEG_INFINITY),
        len => {
            let text = reader.take(usize::from(len))?;
            // Subnormal numbers are no floats to commands, but can be scores.
            let lenient = || str::from_utf8(text).ok()?.parse::<f64>().ok();
            num::parse_f64(text).or_else(lenient)
        }
    })
}

fn binary_score(reader: &mut Reader<'_>) -> Result<Option<f64>, DecodeError> {
    Ok(Some(f64::from_le_bytes(reader.array()?)))
}

pub(super) fn write(zset: &SortedSet, target: Target, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
    let packed = match target.dialect {
        Dialect::Redis6_2 | Dialect::Redis7_0 => zset.to_long_listpack().map(Cow::Owned),
        Dialect::Portable
        | Dialect::Redis7_2
        | Dialect::Redis7_4
        | Dialect::Redis8_0
        | Dialect::Redis8_6
        | Dialect::Redis8_8
        | Dialect::Redis8_10
        | Dialect::Valkey7_2
        | Dialect::Valkey8
        | Dialect::Valkey9 => zset.as_listpack().map(Cow::Borrowed),
    };
    if target.dialect == Dialect::Redis6_2
        && let Some(listpack) = packed.as_ref().and_then(|packed| Listpack::from_bytes(packed).ok())
    {
        writer.code(ZIPLIST);
        writer.string(&ziplist::of_listpack(&listpack));
        return Ok(());
    }
    if let Some(packed) = packed {
        writer.code(LISTPACK);
        writer.string(&packed);
        return Ok(());
    }
    writer.code(BINARY_SCORES);
    writer.length(zset.len() as u64);
    for (member, score) in zset.iter().rev() {
        writer.string(member.bytes(&mut IntText::new()));
        writer.bytes(&score.to_le_bytes());
    }
    Ok(())
}

pub(super) fn least_stamp(zset: &SortedSet) -> u16 {
    // Listpacks are Redis 7.0's, binary scores 4.0's.
    if zset.as_listpack().is_some() { 10 } else { 8 }
}
