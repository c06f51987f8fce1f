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

use pack::{Listpack, Packed, Ziplist, Zipmap};
use stdx::UnixMs;
use stdx::num::IntText;
use value::table::Bulk;
use value::{Element, EncodingLimits, Hash, NotAHash, Value};

use super::survey::{Survey, int_of};
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

/// The last deadline that Redis takes from a payload. Valkey's own form could hold later ones; they are refused there too, since no other
/// form could be written of them, and a key that no file holds would keep the server from saving.
const REDIS_LATEST: UnixMs = UnixMs((1 << 48) - 1);

/// What a field costs that is set by itself, growth on the way included, with a deadline too, and each byte of field and value.
const FIELD_COST: usize = 300;
const TIMED_FIELD_COST: usize = 600;
const BYTE_COST: usize = 8;

pub(super) fn survey(code: u8, stamp: Stamp, reader: &mut Reader<'_>, survey: &mut Survey) -> Result<(), DecodeError> {
    let start = reader.offset();
    let valkey = stamp.vendor() == Vendor::Valkey;
    match code {
        TABLE => survey_table(reader, survey, |_| Ok(None), |_| Ok(None)),
        ZIPMAP => survey_packed(Packed::Zipmap, 2, reader, survey),
        ZIPLIST => survey_packed(Packed::Ziplist, 2, reader, survey),
        LISTPACK => survey_packed(Packed::Listpack, 2, reader, survey),
        VALKEY_TABLE if valkey => survey_table(reader, survey, |_| Ok(None), trailing_deadline),
        PRERELEASE_TABLE => survey_table(reader, survey, |reader| leading_deadline(reader, None), |_| Ok(None)),
        PRERELEASE_LISTPACK if !valkey => survey_packed(Packed::Listpack, 3, reader, survey),
        TIMED_TABLE if !valkey => {
            let earliest = read_earliest(reader)?;
            survey_table(reader, survey, |reader| leading_deadline(reader, Some(earliest)), |_| Ok(None))
        }
        TIMED_LISTPACK if !valkey => {
            read_earliest(reader)?;
            survey_packed(Packed::Listpack, 3, reader, survey)
        }
        29..=32 if !valkey => template::survey(code, reader, survey),
        _ => {
            let kind = DecodeErrorKind::UnsupportedType(code);
            Err(DecodeError { offset: start.saturating_sub(1), kind })
        }
    }
}

/// Fields, values and deadlines in the order of [`read_table`].
fn survey_table(
    reader: &mut Reader<'_>,
    survey: &mut Survey,
    before: impl Fn(&mut Reader<'_>) -> Result<Option<UnixMs>, DecodeError>,
    behind: ReadDeadline,
) -> Result<(), DecodeError> {
    let start = reader.offset();
    let count = reader.count(2)?;
    if count == 0 {
        return Err(DecodeError { offset: start, kind: DecodeErrorKind::NoElements });
    }
    for _ in 0..count {
        let start = reader.offset();
        let before = before(reader)?;
        let (field, _value) = (reader.text()?, reader.text()?);
        let deadline = before.or(behind(reader)?);
        if deadline.is_some_and(|at| at > REDIS_LATEST) {
            return Err(DecodeError { offset: start, kind: DecodeErrorKind::FieldDeadline });
        }
        if !survey.key(field) {
            return Err(DecodeError { offset: start, kind: DecodeErrorKind::Duplicate });
        }
    }
    Ok(())
}

/// Fields, values and, with a width of three, deadlines: none that Valkey writes.
fn survey_packed(
    packed: Packed,
    width: usize,
    reader: &mut Reader<'_>,
    survey: &mut Survey,
) -> Result<(), DecodeError> {
    let offset = reader.offset();
    let fault = |error: NotAHash| DecodeError { offset, kind: kind_of(error) };
    let text = reader.text()?;
    let mut walk = survey.walk(packed, text).map_err(|error| fault(error.into()))?;
    let mut earliest = 0;
    while let Some(field) = walk.next().map_err(|error| fault(error.into()))? {
        if !survey.element(&mut walk, field) {
            return Err(fault(NotAHash::Duplicate));
        }
        walk.next().map_err(|error| fault(error.into()))?.ok_or_else(|| fault(NotAHash::Uneven))?;
        if width == 2 {
            continue;
        }
        let deadline = walk.next().map_err(|error| fault(error.into()))?.ok_or_else(|| fault(NotAHash::Uneven))?;
        // None comes last, as if it were the latest.
        let at = match int_of(&mut walk, deadline) {
            Some(0) => i64::MAX,
            Some(at @ 1..) if at <= REDIS_LATEST.0 => at,
            _ => return Err(fault(NotAHash::Deadline)),
        };
        if at < earliest {
            return Err(fault(NotAHash::Deadline));
        }
        earliest = at;
    }
    if walk.count() == 0 { Err(fault(NotAHash::Empty)) } else { Ok(()) }
}

pub(super) fn read(code: u8, stamp: Stamp, reader: &mut Reader<'_>) -> Result<Value, DecodeError> {
    let start = reader.offset();
    let valkey = stamp.vendor() == Vendor::Valkey;
    let hash = match code {
        TABLE => read_plain_table(reader),
        ZIPMAP => read_packed(reader, from_zipmap),
        ZIPLIST => read_packed(reader, from_ziplist),
        LISTPACK => read_packed(reader, from_pairs),
        VALKEY_TABLE if valkey => read_table(reader, |_| Ok(None), trailing_deadline),
        PRERELEASE_TABLE => read_table(reader, |reader| leading_deadline(reader, None), |_| Ok(None)),
        PRERELEASE_LISTPACK if !valkey => read_packed(reader, from_triples),
        TIMED_TABLE if !valkey => {
            let earliest = read_earliest(reader)?;
            let hash = read_table(reader, |reader| leading_deadline(reader, Some(earliest)), |_| Ok(None));
            hash.map(Hash::into_timed)
        }
        TIMED_LISTPACK if !valkey => {
            read_earliest(reader)?;
            read_packed(reader, from_triples)
        }
        29..=32 if !valkey => template::read(code, reader),
        _ => {
            let kind = DecodeErrorKind::UnsupportedType(code);
            Err(DecodeError { offset: start.saturating_sub(1), kind })
        }
    }?;
    let too_late = |at: UnixMs| at > REDIS_LATEST;
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
    let count = reader.count(2)?;
    if count as u64 <= reader.encodings().hash_max_listpack_entries {
        return read_fields(start, count, reader, |_| Ok(None), |_| Ok(None));
    }
    let bytes = super::record_room(reader);
    reader.afford(count.saturating_mul(Bulk::RECORD_BYTES).saturating_add(bytes))?;
    let mut fields = Bulk::with_capacity(count, bytes);
    let (mut field_text, mut value_text) = (IntText::new(), IntText::new());
    for _ in 0..count {
        let (field, value) = (reader.string()?, reader.string()?);
        let (field, value) = (field.text(&mut field_text), value.text(&mut value_text));
        reader.afford(fields.growth(field.len(), value.len()))?;
        fields.push(field, value);
    }
    reader.afford_last(fields.finish_cost())?;
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
    read_fields(start, count, reader, before, behind)
}

fn read_fields(
    start: usize,
    count: usize,
    reader: &mut Reader<'_>,
    before: impl Fn(&mut Reader<'_>) -> Result<Option<UnixMs>, DecodeError>,
    behind: ReadDeadline,
) -> Result<Hash, DecodeError> {
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
        afford_field(&field, &value, deadline, reader)?;
        add(&mut hash, &field, &value, deadline, &limits)
            .map_err(|_| DecodeError { offset: start, kind: DecodeErrorKind::Duplicate })?;
    }
    Ok(hash)
}

pub(super) fn afford_field(
    field: &RdbString<'_>,
    value: &RdbString<'_>,
    deadline: Option<UnixMs>,
    reader: &mut Reader<'_>,
) -> Result<(), DecodeError> {
    let len = |string: &RdbString<'_>| string.text(&mut IntText::new()).len();
    let cost = if deadline.is_some() { TIMED_FIELD_COST } else { FIELD_COST };
    reader.afford(len(field).saturating_add(len(value)).saturating_mul(BYTE_COST).saturating_add(cost))
}

/// What becomes of so many fields out of so many bytes, each costing so much if they make a table.
fn afford_packed(count: usize, bytes: usize, field_cost: usize, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    let is_small = count as u64 <= reader.encodings().hash_max_listpack_entries;
    let (field_cost, byte_cost) = if is_small { (128, 0) } else { (field_cost, BYTE_COST) };
    reader.afford(count.saturating_mul(field_cost).saturating_add(bytes.saturating_mul(byte_cost)))
}

type FromPacked = fn(&[u8], &mut Reader<'_>) -> Result<Result<Hash, NotAHash>, DecodeError>;

fn from_pairs(bytes: &[u8], reader: &mut Reader<'_>) -> Result<Result<Hash, NotAHash>, DecodeError> {
    from_listpack(bytes, 2, FIELD_COST, Hash::from_pairs, reader)
}

fn from_triples(bytes: &[u8], reader: &mut Reader<'_>) -> Result<Result<Hash, NotAHash>, DecodeError> {
    from_listpack(bytes, 3, TIMED_FIELD_COST, Hash::from_triples, reader)
}

/// The hash of a listpack with so many elements a field.
fn from_listpack(
    bytes: &[u8],
    width: usize,
    field_cost: usize,
    make: fn(Listpack, &EncodingLimits) -> Result<Hash, NotAHash>,
    reader: &mut Reader<'_>,
) -> Result<Result<Hash, NotAHash>, DecodeError> {
    reader.afford(bytes.len())?;
    let listpack = match Listpack::from_bytes(bytes) {
        Ok(listpack) => listpack,
        Err(error) => return Ok(Err(error.into())),
    };
    afford_packed(listpack.len().checked_div(width).unwrap_or(0), bytes.len(), field_cost, reader)?;
    Ok(make(listpack, reader.encodings()))
}

fn from_ziplist(bytes: &[u8], reader: &mut Reader<'_>) -> Result<Result<Hash, NotAHash>, DecodeError> {
    match Ziplist::from_bytes(bytes) {
        Ok(ziplist) => {
            // Made a listpack first, which may have to grow once.
            reader.afford(bytes.len().saturating_mul(4))?;
            afford_packed(ziplist.len() / 2, bytes.len(), FIELD_COST, reader)?;
        }
        Err(error) => return Ok(Err(error.into())),
    }
    Ok(Hash::from_ziplist_bytes(bytes, reader.encodings()))
}

fn from_zipmap(bytes: &[u8], reader: &mut Reader<'_>) -> Result<Result<Hash, NotAHash>, DecodeError> {
    match Zipmap::from_bytes(bytes) {
        Ok(zipmap) => {
            let fields = zipmap.len().saturating_mul(FIELD_COST);
            reader.afford(bytes.len().saturating_mul(BYTE_COST).saturating_add(fields))?;
        }
        Err(error) => return Ok(Err(error.into())),
    }
    Ok(Hash::from_zipmap_bytes(bytes, reader.encodings()))
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
fn read_packed(reader: &mut Reader<'_>, parse: FromPacked) -> Result<Hash, DecodeError> {
    let start = reader.offset();
    let string = reader.string()?;
    let mut room = IntText::new();
    parse(string.text(&mut room), reader)?.map_err(|error| DecodeError { offset: start, kind: kind_of(error) })
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
    if hash.iter().any(|entry| entry.deadline.is_some_and(|at| at > REDIS_LATEST)) {
        return refuse("field deadlines after the year 10889");
    }
    if target.stamp.vendor() == Vendor::Valkey {
        write_valkey(hash, writer);
        return Ok(());
    }
    if target.stamp.number() < TIMED_STAMP || matches!(target.dialect, Dialect::Valkey7_2 | Dialect::Valkey8) {
        return refuse("hash field expiry");
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
