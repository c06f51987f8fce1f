//! The types of value: one file each, which reads every form its type ever had and writes those that a dialect asks for.
//!
//! A type's file has four functions, and this one only chooses between them:
//!
//! - `survey(code, stamp, reader, survey)`: whether `read` would take the value, found out without building it. See [`mod@survey`].
//! - `read(code, stamp, reader)`: the value behind a type byte, what it allocates being asked for beforehand ([`Reader::afford`]). `stamp` matters where a code has two meanings (22 and 23 are
//!   pre-release hashes to Redis, 22 is the hash with field expiry to Valkey) or a form grew over time.
//! - `write(value, target, writer)`: type byte and value in the form that `target` has, or an [`EncodeError`] naming what the
//!   dialect lacks. Nothing is left out and nothing rounded.
//! - `least_stamp(value)`: the lowest Redis stamp whose readers take the value in full; what `portable` settles on (10 at least).
//!
//! To add a type: write `types/NAME.rs` so, give it an arm in [`walk`], [`build`], [`write`] and [`least_stamp`] and add its page to `docs/formats/`.
//! Reading never trusts a count or a length ([`Reader::count`], [`Reader::afford`]), goes through [`Reader::string`] for every
//! string, and refuses what its type cannot be (empty, duplicates, wrong order) instead of repairing it.

mod array;
mod hash;
mod list;
mod set;
mod stream;
mod string;
mod survey;
mod template;
mod ziplist;
mod zset;

pub(crate) use survey::survey;
pub(crate) use template::{Templates, is_reference, read_reference, read_template, skip_reference};

use value::{Type, Value, ValueRef};

use crate::dialect::Target;
use crate::reader::{Reader, Subject};
use crate::writer::Writer;
use crate::{DecodeError, DecodeErrorKind, EncodeError, Stamp, functions};

/// Reads the value behind the type byte `code`.
pub(crate) fn read(code: u8, stamp: Stamp, reader: &mut Reader<'_>) -> Result<Value, DecodeError> {
    let survey_cost = survey::cost(code, reader.len());
    reader.begin(Subject { code, stamp, survey, survey_cost });
    let value = build(code, stamp, reader);
    reader.end();
    value
}

/// Walks over the value behind the type byte `code`.
fn walk(code: u8, stamp: Stamp, reader: &mut Reader<'_>, survey: &mut survey::Survey) -> Result<(), DecodeError> {
    match code {
        string::CODE => string::survey(reader),
        1 | 10 | 14 | 18 => list::survey(code, reader, survey),
        2 | 11 | 20 => set::survey(code, reader, survey),
        3 | 5 | 12 | 17 => zset::survey(code, reader, survey),
        4 | 9 | 13 | 16 | 22..=25 | 29..=32 => hash::survey(code, stamp, reader, survey),
        15 | 19 | 21 | 26 | 27 => stream::survey(code, reader, survey),
        28 => array::survey(reader, survey),
        _ => Err(no_value(code, reader)),
    }
}

fn no_value(code: u8, reader: &Reader<'_>) -> DecodeError {
    let kind = match code {
        functions::LIBRARY | functions::LIBRARY_PRE_GA => DecodeErrorKind::FunctionLibrary,
        _ => DecodeErrorKind::UnsupportedType(code),
    };
    DecodeError { offset: reader.offset().saturating_sub(1), kind }
}

fn build(code: u8, stamp: Stamp, reader: &mut Reader<'_>) -> Result<Value, DecodeError> {
    match code {
        string::CODE => string::read(code, stamp, reader),
        1 | 10 | 14 | 18 => list::read(code, stamp, reader),
        2 | 11 | 20 => set::read(code, stamp, reader),
        3 | 5 | 12 | 17 => zset::read(code, stamp, reader),
        4 | 9 | 13 | 16 | 22..=25 | 29..=32 => hash::read(code, stamp, reader),
        15 | 19 | 21 | 26 | 27 => stream::read(code, stamp, reader),
        28 => array::read(code, stamp, reader),
        _ => Err(no_value(code, reader)),
    }
}

/// Writes the type byte and the value.
pub(crate) fn write(value: ValueRef<'_>, target: Target, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
    match value {
        ValueRef::String(string) => string::write(string, target, writer),
        ValueRef::List(list) => list::write(list, target, writer),
        ValueRef::Set(set) => set::write(set, target, writer),
        ValueRef::SortedSet(zset) => zset::write(zset, target, writer),
        ValueRef::Hash(hash) => hash::write(hash, target, writer),
        ValueRef::Stream(stream) => stream::write(stream, target, writer),
        ValueRef::Array(array) => array::write(array, target, writer),
    }
}

/// What is left out when the value is written.
pub(crate) fn left_out(value: ValueRef<'_>, target: Target) -> Option<&'static str> {
    match value {
        ValueRef::Stream(stream) => stream::left_out(stream, target),
        ValueRef::String(_)
        | ValueRef::List(_)
        | ValueRef::Set(_)
        | ValueRef::SortedSet(_)
        | ValueRef::Hash(_)
        | ValueRef::Array(_) => None,
    }
}

/// What the records of a table take that is to hold all strings to come. A record has as many bytes around it as a string, but for two more
/// where a key has 62 or 63; integers have more.
fn record_room(reader: &Reader<'_>) -> usize {
    reader.remaining().saturating_add(reader.remaining() / 16)
}

/// The lowest Redis stamp that can hold the value.
pub(crate) fn least_stamp(value: ValueRef<'_>) -> u16 {
    match value {
        ValueRef::String(string) => string::least_stamp(string),
        ValueRef::List(list) => list::least_stamp(list),
        ValueRef::Set(set) => set::least_stamp(set),
        ValueRef::SortedSet(zset) => zset::least_stamp(zset),
        ValueRef::Hash(hash) => hash::least_stamp(hash),
        ValueRef::Stream(stream) => stream::least_stamp(stream),
        ValueRef::Array(array) => array::least_stamp(array),
    }
}

/// The type of the values behind a type byte; `None` for values of modules and for bytes that begin no value.
///
/// ```
/// assert_eq!(rdb::type_of_code(18), Some(value::Type::List));
/// assert_eq!(rdb::type_of_code(7), None);
/// ```
#[must_use]
pub const fn type_of_code(code: u8) -> Option<Type> {
    Some(match code {
        string::CODE => Type::String,
        1 | 10 | 14 | 18 => Type::List,
        2 | 11 | 20 => Type::Set,
        3 | 5 | 12 | 17 => Type::SortedSet,
        4 | 9 | 13 | 16 | 22..=25 | 29..=32 => Type::Hash,
        15 | 19 | 21 | 26 | 27 => Type::Stream,
        28 => Type::Array,
        _ => return None,
    })
}

/// What a type byte means, for error messages; empty if nothing known.
pub(crate) const fn code_name(code: u8) -> &'static str {
    match code {
        0 => "string",
        1 => "list",
        2 => "set",
        3 => "sorted set, scores as text",
        4 => "hash",
        5 => "sorted set",
        6 | 7 => "module value",
        9 => "hash, zipmap",
        10 => "list, ziplist",
        11 => "set, intset",
        12 => "sorted set, ziplist",
        13 => "hash, ziplist",
        14 => "list, quicklist of ziplists",
        15 => "stream",
        16 => "hash, listpack",
        17 => "sorted set, listpack",
        18 => "list, quicklist of listpacks",
        19 => "stream, second form",
        20 => "set, listpack",
        21 => "stream, third form",
        22..=25 => "hash with field expiry",
        26 => "stream, fourth form",
        27 => "stream, fifth form",
        28 => "array",
        29..=32 => "hash of a template",
        243 => "a module's metadata in front of a value",
        _ => "",
    }
}
