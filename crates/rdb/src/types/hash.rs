//! Hashes, in every form they ever had.
//!
//! ```text
//! 4    n, then field and value                                        all versions
//! 9    zipmap as one string                                           Redis up to 2.4
//! 13   ziplist as one string                                          Redis 2.6 to 6.2
//! 16   listpack as one string: field, value ...                       from Redis 7.0, Valkey
//! 22   n, then ttl, field and value; ttl 0: none                      Redis: a pre-release of 7.4
//! 22   n, then field, value and 8 bytes of milliseconds; -1: none     Valkey 9
//! 23   listpack: field, value, deadline ...                           Redis: a pre-release of 7.4
//! 24   8 bytes of milliseconds (the earliest deadline), n, then ttl, field and value; ttl is the distance to it plus 1, 0: none
//! 25   8 bytes of milliseconds, listpack: field, value, deadline ...  from Redis 7.4
//! 29 to 32, of a template: see `template`                             Redis 8.10
//!
//! 16 | 02 | 01 61 | c0 01 | ff ff ff ff ff ff ff ff | 01 62 | c0 02 | 05 d8 c3 2c bb 03 00 00      Valkey 9: a 1, b 2 until 4102444800005
//! ```
//!
//! The earliest deadline that Redis writes in front of 25 is kept lazily there and may be any earlier one; it is read past, and
//! written as what it says.

use stdx::UnixMs;
use stdx::num::IntText;
use value::table::Bulk;
use value::{Element, EncodingLimits, Hash, NotAHash, Value};

use super::{template, ziplist};
use crate::dialect::Target;
use crate::reader::Reader;
use crate::strings::RdbString;
use crate::writer::Writer;
use crate::{DecodeError, DecodeErrorKind, Dialect, EncodeError, Stamp, Vendor};

const TABLE: u8 = 4;
const ZIPMAP: u8 = 9;
const ZIPLIST: u8 = 13;
const LISTPACK: u8 = 16;
/// Redis's 22 and Valkey's.
const PRERELEASE_TABLE: u8 = 22;
const VALKEY_TABLE: u8 = 22;
const PRERELEASE_LISTPACK: u8 = 23;
const TIMED_TABLE: u8 = 24;
const TIMED_LISTPACK: u8 = 25;

/// The lowest Redis stamp of the forms with deadlines.
const TIMED_STAMP: u16 = 12;

/// The last deadline that Redis takes from a payload.
const REDIS_LATEST: UnixMs = UnixMs((1 << 48) - 1);

pub(super) fn read(code: u8, stamp: Stamp, reader: &mut Reader<'_>) -> Result<Value, DecodeError> {
    let start = reader.offset();
    let valkey = stamp.vendor() == Vendor::Valkey;
    let hash = match code {
        TABLE => read_plain_table(reader),
        ZIPMAP => read_packed(reader, Hash::from_zipmap_bytes),
        ZIPLIST => read_packed(reader, Hash::from_ziplist_bytes),
        LISTPACK => read_packed(reader, Hash::from_pairs_bytes),
        VALKEY_TABLE if valkey => read_table(reader, |_| Ok(None), trailing_deadline),
        PRERELEASE_TABLE => read_table(reader, |reader| leading_deadline(reader, None), |_| Ok(None)),
        PRERELEASE_LISTPACK if !valkey => read_packed(reader, Hash::from_triples_bytes),
        TIMED_TABLE if !valkey => {
            let earliest = read_earliest(reader)?;
            let hash = read_table(reader, |reader| leading_deadline(reader, Some(earliest)), |_| Ok(None));
            hash.map(Hash::into_timed)
        }
        TIMED_LISTPACK if !valkey => {
            read_earliest(reader)?;
            read_packed(reader, Hash::from_triples_bytes)
        }
        29..=32 if !valkey => template::read(code, reader),
        _ => {
            let kind = DecodeErrorKind::UnsupportedType(code);
            Err(DecodeError { offset: start.saturating_sub(1), kind })
        }
    }?;
    let too_late = |at: UnixMs| !valkey && at > REDIS_LATEST;
    if hash.wake_at().is_some() && hash.iter().any(|entry| entry.deadline.is_some_and(too_late)) {
        return Err(DecodeError { offset: start, kind: DecodeErrorKind::FieldDeadline });
    }
    Ok(Value::Hash(Box::new(hash)))
}

/// The eight bytes in front of the forms of Redis 7.4.
fn read_earliest(reader: &mut Reader<'_>) -> Result<i64, DecodeError> {
    let start = reader.offset();
    let earliest = i64::from_le_bytes(reader.array()?);
    if (0..=REDIS_LATEST.0).contains(&earliest) {
        return Ok(earliest);
    }
    Err(DecodeError { offset: start, kind: DecodeErrorKind::FieldDeadline })
}

/// A count and that many fields and values.
fn read_plain_table(reader: &mut Reader<'_>) -> Result<Hash, DecodeError> {
    let start = reader.offset();
    let mut ahead = reader.clone();
    let count = ahead.count(2)?;
    if count as u64 <= reader.encodings().hash_max_listpack_entries {
        return read_table(reader, |_| Ok(None), |_| Ok(None));
    }
    let mut fields = Bulk::with_capacity(ahead.room_for::<[u8; Bulk::RECORD_BYTES]>(count), ahead.remaining());
    let (mut field_text, mut value_text) = (IntText::new(), IntText::new());
    for _ in 0..count {
        let (field, value) = (ahead.string()?, ahead.string()?);
        fields.push(field.text(&mut field_text), value.text(&mut value_text));
    }
    *reader = ahead;
    Hash::from_bulk(fields).map_err(|error| DecodeError { offset: start, kind: kind_of(error) })
}

type ReadDeadline = fn(&mut Reader<'_>) -> Result<Option<UnixMs>, DecodeError>;

/// A count and that many fields, a deadline in front of each or behind it.
fn read_table(
    reader: &mut Reader<'_>,
    before: impl Fn(&mut Reader<'_>) -> Result<Option<UnixMs>, DecodeError>,
    behind: ReadDeadline,
) -> Result<Hash, DecodeError> {
    let start = reader.offset();
    let count = reader.count(2)?;
    if count == 0 {
        return Err(DecodeError { offset: start, kind: DecodeErrorKind::NoElements });
    }
    let limits = *reader.encodings();
    let mut hash = Hash::default();
    hash.expect(count, &limits);
    for _ in 0..count {
        let start = reader.offset();
        let before = before(reader)?;
        let (field, value) = (reader.string()?, reader.string()?);
        let deadline = before.or(behind(reader)?);
        add(&mut hash, &field, &value, deadline, &limits)
            .map_err(|_| DecodeError { offset: start, kind: DecodeErrorKind::Duplicate })?;
    }
    Ok(hash)
}

pub(super) fn add(
    hash: &mut Hash,
    field: &RdbString<'_>,
    value: &RdbString<'_>,
    deadline: Option<UnixMs>,
    limits: &EncodingLimits,
) -> Result<(), NotAHash> {
    let (mut field_text, mut value_text) = (IntText::new(), IntText::new());
    hash.add(field.text(&mut field_text), value.text(&mut value_text), deadline, limits)
}

/// A deadline as a length: its distance to `earliest` plus 1, or its milliseconds if there is no such; 0 is none.
fn leading_deadline(reader: &mut Reader<'_>, earliest: Option<i64>) -> Result<Option<UnixMs>, DecodeError> {
    let start = reader.offset();
    let number = reader.length()?;
    if number == 0 {
        return Ok(None);
    }
    let at = i64::try_from(number).ok().and_then(|number| match earliest {
        None => Some(number),
        Some(earliest) => number.checked_sub(1)?.checked_add(earliest),
    });
    match at.filter(|at| *at >= 0) {
        Some(at) => Ok(Some(UnixMs(at))),
        None => Err(DecodeError { offset: start, kind: DecodeErrorKind::FieldDeadline }),
    }
}

/// A deadline in eight bytes; -1 is none.
fn trailing_deadline(reader: &mut Reader<'_>) -> Result<Option<UnixMs>, DecodeError> {
    let start = reader.offset();
    match i64::from_le_bytes(reader.array()?) {
        -1 => Ok(None),
        at if at >= 0 => Ok(Some(UnixMs(at))),
        _ => Err(DecodeError { offset: start, kind: DecodeErrorKind::FieldDeadline }),
    }
}

/// A string that holds packed elements.
fn read_packed(
    reader: &mut Reader<'_>,
    parse: fn(&[u8], &EncodingLimits) -> Result<Hash, NotAHash>,
) -> Result<Hash, DecodeError> {
    let start = reader.offset();
    let limits = *reader.encodings();
    let string = reader.string()?;
    let mut room = IntText::new();
    parse(string.text(&mut room), &limits).map_err(|error| DecodeError { offset: start, kind: kind_of(error) })
}

pub(super) fn kind_of(error: NotAHash) -> DecodeErrorKind {
    match error {
        NotAHash::Empty => DecodeErrorKind::NoElements,
        NotAHash::Duplicate => DecodeErrorKind::Duplicate,
        NotAHash::Deadline => DecodeErrorKind::FieldDeadline,
        NotAHash::Uneven | NotAHash::Pack(_) => DecodeErrorKind::Hash(error),
    }
}

pub(super) fn write(hash: &Hash, target: Target, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
    let Some(earliest) = hash.wake_at() else {
        write_untimed(hash, target, writer);
        return Ok(());
    };
    let refuse = |feature| Err(EncodeError { feature, dialect: target.dialect });
    if target.stamp.vendor() == Vendor::Valkey {
        write_valkey(hash, writer);
        return Ok(());
    }
    if target.stamp.number() < TIMED_STAMP || matches!(target.dialect, Dialect::Valkey7_2 | Dialect::Valkey8) {
        return refuse("hash field expiry");
    }
    if hash.iter().any(|entry| entry.deadline.is_some_and(|at| at > REDIS_LATEST)) {
        return refuse("field deadlines after the year 10889");
    }
    match hash.as_triples() {
        Some(listpack) => {
            writer.code(TIMED_LISTPACK);
            writer.bytes(&earliest.0.to_le_bytes());
            writer.string(listpack.as_bytes());
        }
        None => write_timed_table(hash, earliest, writer),
    }
    Ok(())
}

/// No field has a deadline.
fn write_untimed(hash: &Hash, target: Target, writer: &mut Writer<'_>) {
    let has_triples = target.stamp.number() >= TIMED_STAMP && target.stamp.vendor() == Vendor::Redis;
    if let Some(listpack) = hash.as_triples().filter(|_| has_triples && target.dialect != Dialect::Portable) {
        writer.code(TIMED_LISTPACK);
        writer.bytes(&0_i64.to_le_bytes());
        writer.string(listpack.as_bytes());
        return;
    }
    if target.stamp.number() >= 10
        && let Some(listpack) = hash.to_pairs()
    {
        writer.code(LISTPACK);
        writer.string(listpack.as_bytes());
        return;
    }
    if target.dialect == Dialect::Redis6_2
        && let Some(listpack) = hash.to_pairs()
    {
        writer.code(ZIPLIST);
        writer.string(&ziplist::of_listpack(&listpack));
        return;
    }
    writer.code(TABLE);
    writer.length(hash.len() as u64);
    for entry in hash.iter() {
        write_element(entry.field, writer);
        write_element(entry.value, writer);
    }
}

fn write_timed_table(hash: &Hash, earliest: UnixMs, writer: &mut Writer<'_>) {
    writer.code(TIMED_TABLE);
    writer.bytes(&earliest.0.to_le_bytes());
    writer.length(hash.len() as u64);
    for entry in hash.iter() {
        let distance = entry.deadline.map_or(0, |at| at.ms_since(earliest).saturating_add(1));
        writer.length(distance.unsigned_abs());
        write_element(entry.field, writer);
        write_element(entry.value, writer);
    }
}

fn write_valkey(hash: &Hash, writer: &mut Writer<'_>) {
    writer.code(VALKEY_TABLE);
    writer.length(hash.len() as u64);
    for entry in hash.iter() {
        write_element(entry.field, writer);
        write_element(entry.value, writer);
        writer.bytes(&entry.deadline.map_or(-1, |at| at.0).to_le_bytes());
    }
}

fn write_element(element: Element<'_>, writer: &mut Writer<'_>) {
    match element {
        Element::Int(int) => writer.int_string(int),
        Element::Bytes(bytes) => writer.string(bytes),
    }
}

pub(super) fn least_stamp(hash: &Hash) -> u16 {
    if hash.wake_at().is_some() { TIMED_STAMP } else { 1 }
}
