//! Sets: type 2, members as strings; type 11, an intset; type 20, a listpack (Redis from 7.2 on).
//!
//! ```text
//! 02 | 02 | 01 61 | c0 05                                            "a" and "5"
//! 0b | 0a | 02 00 00 00 01 00 00 00 05 00                            "5": an intset in an RDB string
//! 14 | 0c | 0c 00 00 00 02 00 81 61 02 05 01 ff                      "a" and "5": a listpack in an RDB string
//! ```
//!
//! What is read gets the form that a set of so many members has here. A member that occurs twice is refused, and so is a set without
//! any. Before stamp 11 there was no type 20: a small set is then written as type 2.

use pack::{Intset, Listpack, PackError, Packed};
use stdx::num::IntText;
use value::table::Bulk;
use value::{Set, Value};

use super::survey::Survey;
use crate::dialect::Target;
use crate::reader::Reader;
use crate::writer::Writer;
use crate::{DecodeError, DecodeErrorKind, EncodeError, Stamp};

const STRINGS: u8 = 2;
const INTSET: u8 = 11;
const LISTPACK: u8 = 20;

/// The first stamp whose readers know sets in listpacks.
const LISTPACK_STAMP: u16 = 11;

/// What a member costs that is inserted by itself, growth on the way included, and each byte of it.
const MEMBER_COST: usize = 300;
const BYTE_COST: usize = 8;
/// As text of an integer.
const INT_MEMBER_COST: usize = MEMBER_COST + 20 * BYTE_COST;

pub(super) fn survey(code: u8, reader: &mut Reader<'_>, survey: &mut Survey) -> Result<(), DecodeError> {
    let start = reader.offset();
    let refuse = |offset, kind| Err(DecodeError { offset, kind });
    let packed = match code {
        INTSET => Packed::Intset,
        LISTPACK => Packed::Listpack,
        _ => {
            let count = reader.count(1)?;
            if count == 0 {
                return refuse(start, DecodeErrorKind::NoElements);
            }
            for _ in 0..count {
                let offset = reader.offset();
                let member = reader.text()?;
                if !survey.key(member) {
                    return refuse(offset, DecodeErrorKind::Duplicate);
                }
            }
            return Ok(());
        }
    };
    let text = reader.text()?;
    let fault = |pack| DecodeError { offset: start, kind: DecodeErrorKind::Pack(pack) };
    let mut walk = survey.walk(packed, text).map_err(fault)?;
    while let Some(item) = walk.next().map_err(fault)? {
        if packed == Packed::Listpack && !survey.element(&mut walk, item) {
            return refuse(start, DecodeErrorKind::Duplicate);
        }
    }
    if walk.count() == 0 { refuse(start, DecodeErrorKind::NoElements) } else { Ok(()) }
}

pub(super) fn read(code: u8, _stamp: Stamp, reader: &mut Reader<'_>) -> Result<Value, DecodeError> {
    let set = match code {
        INTSET => read_intset(reader),
        LISTPACK => read_listpack(reader),
        _ => read_strings(reader),
    }?;
    Ok(Value::Set(Box::new(set)))
}

fn read_strings(reader: &mut Reader<'_>) -> Result<Set, DecodeError> {
    let start = reader.offset();
    let count = reader.count(1)?;
    if count == 0 {
        return Err(DecodeError { offset: start, kind: DecodeErrorKind::NoElements });
    }
    let limits = *reader.encodings();
    let (mut set, mut room) = (Set::default(), IntText::new());
    if count as u64 > limits.set_max_intset_entries {
        // More integers than an intset may hold make a hash table, however many fit a listpack.
        let bytes = super::record_room(reader);
        reader.afford(count.saturating_mul(Bulk::RECORD_BYTES).saturating_add(bytes))?;
        let mut members = Bulk::with_capacity(count, bytes);
        for _ in 0..count {
            let member = reader.string()?;
            let member = member.text(&mut room);
            reader.afford(members.growth(member.len(), 0))?;
            members.push(member, b"");
        }
        reader.afford_last(members.finish_cost())?;
        return Set::from_bulk(members).ok_or(DecodeError { offset: start, kind: DecodeErrorKind::Duplicate });
    }
    for _ in 0..count {
        let offset = reader.offset();
        let member = reader.string()?;
        let member = member.text(&mut room);
        reader.afford(member.len().saturating_mul(BYTE_COST).saturating_add(MEMBER_COST))?;
        if !set.insert(member, &limits) {
            return Err(DecodeError { offset, kind: DecodeErrorKind::Duplicate });
        }
    }
    Ok(set)
}

fn read_intset(reader: &mut Reader<'_>) -> Result<Set, DecodeError> {
    let limits = *reader.encodings();
    let intset = blob(reader, Intset::from_bytes, Intset::is_empty)?;
    if intset.len() as u64 > limits.set_max_intset_entries {
        reader.afford(intset.len().saturating_mul(INT_MEMBER_COST))?;
    }
    Ok(Set::from_intset(intset, &limits))
}

fn read_listpack(reader: &mut Reader<'_>) -> Result<Set, DecodeError> {
    let (limits, offset) = (*reader.encodings(), reader.offset());
    let listpack = blob(reader, Listpack::from_bytes, Listpack::is_empty)?;
    let bytes = listpack.byte_len().saturating_mul(BYTE_COST);
    reader.afford(listpack.len().saturating_mul(MEMBER_COST).saturating_add(bytes))?;
    Set::from_listpack(listpack, &limits).map_err(|_| DecodeError { offset, kind: DecodeErrorKind::Duplicate })
}

/// An encoding wrapped in a string.
fn blob<T>(
    reader: &mut Reader<'_>,
    from_bytes: fn(&[u8]) -> Result<T, PackError>,
    is_empty: fn(&T) -> bool,
) -> Result<T, DecodeError> {
    let offset = reader.offset();
    let error = |kind| DecodeError { offset, kind };
    let string = reader.string()?;
    let mut room = IntText::new();
    let bytes = string.text(&mut room);
    reader.afford(bytes.len())?;
    let value = from_bytes(bytes).map_err(|pack| error(DecodeErrorKind::Pack(pack)))?;
    if is_empty(&value) { Err(error(DecodeErrorKind::NoElements)) } else { Ok(value) }
}

pub(super) fn write(set: &Set, target: Target, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
    if let Some(intset) = set.as_intset() {
        writer.code(INTSET);
        writer.string(intset.as_bytes());
    } else if let Some(listpack) = set.as_listpack()
        && target.stamp.number() >= LISTPACK_STAMP
    {
        writer.code(LISTPACK);
        writer.string(listpack.as_bytes());
    } else {
        writer.code(STRINGS);
        writer.length(set.len() as u64);
        let mut room = IntText::new();
        for member in set.iter() {
            writer.string(member.bytes(&mut room));
        }
    }
    Ok(())
}

/// Any stamp has a form for any set.
pub(super) fn least_stamp(_set: &Set) -> u16 {
    1
}
