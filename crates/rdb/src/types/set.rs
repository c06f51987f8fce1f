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

use pack::{Intset, Listpack, PackError};
use stdx::num::IntText;
use value::table::Bulk;
use value::{Set, Value};

use crate::dialect::Target;
use crate::reader::Reader;
use crate::strings::RdbString;
use crate::writer::Writer;
use crate::{DecodeError, DecodeErrorKind, EncodeError, Stamp};

const STRINGS: u8 = 2;
const INTSET: u8 = 11;
const LISTPACK: u8 = 20;

/// The first stamp whose readers know sets in listpacks.
const LISTPACK_STAMP: u16 = 11;

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
        let mut members = Bulk::with_capacity(reader.room_for::<[u8; Bulk::RECORD_BYTES]>(count), reader.remaining());
        for _ in 0..count {
            members.push(reader.string()?.text(&mut room), b"");
        }
        return Set::from_bulk(members).ok_or(DecodeError { offset: start, kind: DecodeErrorKind::Duplicate });
    }
    for _ in 0..count {
        let offset = reader.offset();
        let is_new = match reader.string()? {
            RdbString::Int(int) => set.insert(room.format(i64::from(int)), &limits),
            RdbString::Bytes(bytes) => set.insert(&bytes, &limits),
        };
        if !is_new {
            return Err(DecodeError { offset, kind: DecodeErrorKind::Duplicate });
        }
    }
    Ok(set)
}

fn read_intset(reader: &mut Reader<'_>) -> Result<Set, DecodeError> {
    let limits = *reader.encodings();
    let intset = blob(reader, Intset::from_bytes, Intset::is_empty)?;
    Ok(Set::from_intset(intset, &limits))
}

fn read_listpack(reader: &mut Reader<'_>) -> Result<Set, DecodeError> {
    let (limits, offset) = (*reader.encodings(), reader.offset());
    let listpack = blob(reader, Listpack::from_bytes, Listpack::is_empty)?;
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
    let value = match reader.string()? {
        RdbString::Int(int) => from_bytes(IntText::new().format(i64::from(int))),
        RdbString::Bytes(bytes) => from_bytes(&bytes),
    };
    let value = value.map_err(|pack| error(DecodeErrorKind::Pack(pack)))?;
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
