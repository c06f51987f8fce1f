//! Streams: types 15, 19, 21, 26 and 27, each the former with something added.
//!
//! ```text
//! 13 | 01                                    type 19, one node
//!    | 10 <ms, seq, big-endian>  1d <bytes>  its first id and its listpack, both as strings
//!    | 01 | 05 01                            one entry; last id 5-1
//!    | 05 01 | 00 00 | 01                    19: first id, greatest deleted id, entries ever added
//!    | 01                                    one group
//!    |   04 "mail" 05 01 | 01                name, last id; 19: entries read
//!    |   01 <id> <time, 8> 01                pending: id, delivery time, deliveries
//!    |   01 02 "me" <time, 8> <time, 8>      consumer: seen and, from 21 on, active
//!    |      01 <id>                          what of that is its own
//!    |   00                                  27: handed back, by id
//!    | 40 64 40 64 | 00 | 00 00              26: seconds and entries to remember, producers, counters
//! ```
//!
//! Forms before 21 have one time for a consumer, that before 19 no counters. What a stream has beyond them is left out, since otherwise
//! hardly a stream could be written for those servers, and [`left_out`] tells: see `docs/decisions/older-streams.md`.
//!
//! A node is taken as it is, once every entry in it has been looked at: its listpack is the same in memory. Everything pending must
//! have one owner.
//!
//! No server that writes 26 or 27 was at hand. Their counts are certain; the two numbers of an id that a producer's message made
//! are told to be eight bytes each, and not in which order of bytes. They cannot exceed the stream's last id, which settles it.

use pack::Packed;
use stdx::UnixMs;
use value::{GroupParts, Idempotency, NodeCheck, NodeError, Stream, StreamId, StreamParts, Value};

use super::survey::{Survey, Text, int_of};
use crate::dialect::{Target, Vendor};
use crate::reader::Reader;
use crate::strings::RdbString;
use crate::writer::Writer;
use crate::{DecodeError, DecodeErrorKind, EncodeError, Stamp};

const PLAIN: u8 = 15;
const WITH_COUNTERS: u8 = 19;
const WITH_ACTIVE_TIME: u8 = 21;
const WITH_PRODUCERS: u8 = 26;
const WITH_NACKED: u8 = 27;

/// What each part costs beside its bytes, the trees it lies in and growth on the way included.
const NODE_COST: usize = 160;
const GROUP_COST: usize = 800;
const CONSUMER_COST: usize = 600;
const PENDING_COST: usize = 128;
const OWNED_COST: usize = 256;
const PRODUCER_COST: usize = 400;
const MESSAGE_COST: usize = 300;

pub(super) fn survey(code: u8, reader: &mut Reader<'_>, survey: &mut Survey) -> Result<(), DecodeError> {
    let (mut live, mut last) = (0_u64, None);
    for _ in 0..reader.count(2)? {
        live = live.saturating_add(survey_node(&mut last, reader, survey)?);
    }
    let start = reader.offset();
    let len = reader.length()?;
    let last_id = read_id(reader)?;
    if code >= WITH_COUNTERS {
        read_id(reader)?;
        read_id(reader)?;
        reader.length()?;
    }
    for group in 0..reader.count(5)? as u64 {
        let at = reader.offset();
        let name = reader.text()?;
        // The groups have scope 0, each one's consumers the next.
        if !survey.key_within(&[0], name) {
            return Err(invalid(at, NodeError::Duplicate));
        }
        survey_group(code, group.saturating_add(1), reader, survey)?;
    }
    if code >= WITH_PRODUCERS {
        survey_producers(last_id, reader, survey)?;
    }
    if len != live {
        return Err(invalid(start, NodeError::Count));
    }
    if last.is_some_and(|last| last > last_id) {
        return Err(invalid(start, NodeError::Order));
    }
    Ok(())
}

/// Returns how many entries live in the node.
fn survey_node(last: &mut Option<StreamId>, reader: &mut Reader<'_>, survey: &mut Survey) -> Result<u64, DecodeError> {
    let at = reader.offset();
    let first = survey.exactly::<16>(reader.text()?).ok_or_else(|| invalid(at, NodeError::Layout))?;
    let first = StreamId::from_bytes(first);
    let at = reader.offset();
    let text = reader.text()?;
    let mut walk = survey.walk(Packed::Listpack, text).map_err(|_| invalid(at, NodeError::Layout))?;
    if last.is_some_and(|last| first <= last) {
        return Err(invalid(at, NodeError::Order));
    }
    let mut check = NodeCheck::new(first);
    while let Some(item) = walk.next().map_err(|_| invalid(at, NodeError::Layout))? {
        let int = int_of(&mut walk, item);
        check.element(int).map_err(|error| invalid(at, error))?;
    }
    survey.walked(walk);
    let (live, id) = check.finish().map_err(|error| invalid(at, error))?;
    *last = Some(id);
    Ok(live)
}

fn survey_group(code: u8, scope: u64, reader: &mut Reader<'_>, survey: &mut Survey) -> Result<(), DecodeError> {
    read_group_head(code, reader)?;
    let start = reader.offset();
    let count = reader.count(16 + 8 + 1)?;
    survey.begin_group(count);
    for _ in 0..count {
        let id = read_raw_id(reader)?;
        read_time(reader)?;
        reader.length()?;
        survey.pending(id);
    }
    if !survey.end_pending() {
        return Err(invalid(start, NodeError::Duplicate));
    }
    for _ in 0..reader.count(1 + 8 + 1)? {
        let at = reader.offset();
        let name = reader.text()?;
        read_consumer_times(code, reader)?;
        if !survey.key_within(&[scope], name) {
            return Err(invalid(at, NodeError::Duplicate));
        }
        survey_owned(reader, survey)?;
    }
    if code >= WITH_NACKED {
        survey_owned(reader, survey)?;
    }
    if survey.is_all_owned() { Ok(()) } else { Err(invalid(reader.offset(), NodeError::Owner)) }
}

/// Ids of pending entries that have no owner yet.
fn survey_owned(reader: &mut Reader<'_>, survey: &mut Survey) -> Result<(), DecodeError> {
    for _ in 0..reader.count(16)? {
        let at = reader.offset();
        if !survey.own(read_raw_id(reader)?) {
            return Err(invalid(at, NodeError::Owner));
        }
    }
    Ok(())
}

fn survey_producers(last_id: StreamId, reader: &mut Reader<'_>, survey: &mut Survey) -> Result<(), DecodeError> {
    reader.length()?;
    reader.length()?;
    for _ in 0..reader.count(2)? {
        let producer: Text<'_> = reader.text()?;
        let scope = survey.scope(producer);
        for _ in 0..reader.count(1 + 16)? {
            let message = reader.text()?;
            let at = reader.offset();
            read_produced_id(last_id, reader)?;
            if !survey.key_within(&scope, message) {
                return Err(invalid(at, NodeError::Duplicate));
            }
        }
    }
    reader.length()?;
    reader.length()?;
    Ok(())
}

pub(super) fn read(code: u8, _stamp: Stamp, reader: &mut Reader<'_>) -> Result<Value, DecodeError> {
    let mut parts = StreamParts::default();
    let mut room = Vec::new();
    for _ in 0..reader.count(2)? {
        read_node(reader, &mut room, &mut parts)?;
    }
    let start = reader.offset();
    parts.len = reader.length()?;
    parts.last_id = read_id(reader)?;
    if code >= WITH_COUNTERS {
        parts.counters = Some((read_id(reader)?, read_id(reader)?, reader.length()?));
    }
    for _ in 0..reader.count(5)? {
        let at = reader.offset();
        let name = bytes(reader)?;
        reader.afford(name.len().saturating_mul(2).saturating_add(GROUP_COST))?;
        let group = read_group(code, reader)?;
        parts.group(&name, group).map_err(|error| invalid(at, error))?;
    }
    if code >= WITH_PRODUCERS {
        parts.idempotency = Some(read_producers(reader, parts.last_id)?);
    }
    let stream = parts.finish().map_err(|error| invalid(start, error))?;
    Ok(Value::Stream(Box::new(stream)))
}

fn invalid(offset: usize, error: NodeError) -> DecodeError {
    DecodeError { offset, kind: DecodeErrorKind::Stream(error) }
}

/// A string as bytes, whatever its form.
fn bytes<'a>(reader: &mut Reader<'a>) -> Result<std::borrow::Cow<'a, [u8]>, DecodeError> {
    Ok(match reader.string()? {
        RdbString::Bytes(bytes) => bytes,
        RdbString::Int(int) => stdx::num::IntText::new().format(i64::from(int)).to_vec().into(),
    })
}

fn read_node(reader: &mut Reader<'_>, room: &mut Vec<u8>, parts: &mut StreamParts) -> Result<(), DecodeError> {
    let start = reader.offset();
    let first = bytes(reader)?;
    let first = <[u8; 16]>::try_from(&*first).map_err(|_| invalid(start, NodeError::Layout))?;
    let start = reader.offset();
    let node = reader.string_in(room)?;
    reader.afford(node.len().saturating_add(NODE_COST))?;
    parts.node(StreamId::from_bytes(first), node).map_err(|error| invalid(start, error))
}

/// An id as two lengths.
fn read_id(reader: &mut Reader<'_>) -> Result<StreamId, DecodeError> {
    Ok(StreamId::new(reader.length()?, reader.length()?))
}

fn read_raw_id(reader: &mut Reader<'_>) -> Result<StreamId, DecodeError> {
    Ok(StreamId::from_bytes(reader.array()?))
}

fn read_time(reader: &mut Reader<'_>) -> Result<UnixMs, DecodeError> {
    Ok(UnixMs(i64::from_le_bytes(reader.array()?)))
}

fn read_group(code: u8, reader: &mut Reader<'_>) -> Result<GroupParts, DecodeError> {
    let (last_id, entries_read) = read_group_head(code, reader)?;
    let mut group = GroupParts::new(last_id, entries_read);
    for _ in 0..reader.count(16 + 8 + 1)? {
        let at = reader.offset();
        let id = read_raw_id(reader)?;
        let delivered_at = read_time(reader)?;
        let deliveries = reader.length()?;
        reader.afford(PENDING_COST)?;
        group.pending(id, delivered_at, deliveries).map_err(|error| invalid(at, error))?;
    }
    for _ in 0..reader.count(1 + 8 + 1)? {
        let at = reader.offset();
        let name = bytes(reader)?;
        let (seen_at, active_at) = read_consumer_times(code, reader)?;
        reader.afford(name.len().saturating_mul(2).saturating_add(CONSUMER_COST))?;
        group.consumer(&name, seen_at, active_at).map_err(|error| invalid(at, error))?;
        for _ in 0..reader.count(16)? {
            let at = reader.offset();
            let id = read_raw_id(reader)?;
            reader.afford(OWNED_COST)?;
            group.owned(&name, id).map_err(|error| invalid(at, error))?;
        }
    }
    if code >= WITH_NACKED {
        for _ in 0..reader.count(16)? {
            let at = reader.offset();
            let id = read_raw_id(reader)?;
            reader.afford(OWNED_COST)?;
            group.released(id).map_err(|error| invalid(at, error))?;
        }
    }
    Ok(group)
}

/// The last id of a group, and how many entries it read if that is known.
fn read_group_head(code: u8, reader: &mut Reader<'_>) -> Result<(StreamId, Option<u64>), DecodeError> {
    let last_id = read_id(reader)?;
    // Minus one, as 64 bits, is what the servers write for "not known".
    let entries_read = if code >= WITH_COUNTERS { Some(reader.length()?).filter(|read| *read < 1 << 63) } else { None };
    Ok((last_id, entries_read))
}

/// When a consumer was seen, and when it last got anything.
fn read_consumer_times(code: u8, reader: &mut Reader<'_>) -> Result<(UnixMs, Option<UnixMs>), DecodeError> {
    let seen_at = read_time(reader)?;
    // Older forms know one time, of whatever the consumer did last.
    let active_at = if code >= WITH_ACTIVE_TIME { read_time(reader)? } else { seen_at };
    Ok((seen_at, Some(active_at).filter(|at| *at != UnixMs(-1))))
}

/// The id that a producer's message made.
fn read_produced_id(last_id: StreamId, reader: &mut Reader<'_>) -> Result<StreamId, DecodeError> {
    let at = reader.offset();
    let (ms, seq) = (reader.array()?, reader.array()?);
    let big = StreamId::new(u64::from_be_bytes(ms), u64::from_be_bytes(seq));
    let little = StreamId::new(u64::from_le_bytes(ms), u64::from_le_bytes(seq));
    [big, little].into_iter().find(|id| *id <= last_id).ok_or_else(|| invalid(at, NodeError::Order))
}

fn read_producers(reader: &mut Reader<'_>, last_id: StreamId) -> Result<Idempotency, DecodeError> {
    let (duration_s, max_entries) = (reader.length()?, reader.length()?);
    let mut known = Idempotency::default();
    known.configure(duration_s, max_entries);
    for _ in 0..reader.count(2)? {
        let producer = bytes(reader)?;
        reader.afford(producer.len().saturating_add(PRODUCER_COST))?;
        for _ in 0..reader.count(1 + 16)? {
            let message = bytes(reader)?;
            let at = reader.offset();
            let id = read_produced_id(last_id, reader)?;
            reader.afford(message.len().saturating_mul(2).saturating_add(MESSAGE_COST))?;
            if !known.restore(&producer, &message, id) {
                return Err(invalid(at, NodeError::Duplicate));
            }
        }
    }
    known.added = reader.length()?;
    known.duplicates = reader.length()?;
    Ok(known)
}

/// The form that a server of this stamp writes.
fn code_of(target: Target) -> u8 {
    match (target.stamp.vendor(), target.stamp.number()) {
        (Vendor::Redis, 0..=9) => PLAIN,
        (Vendor::Redis, 10) => WITH_COUNTERS,
        (Vendor::Redis, 11 | 12) | (Vendor::Valkey, _) => WITH_ACTIVE_TIME,
        (Vendor::Redis, 13) => WITH_PRODUCERS,
        (Vendor::Redis, _) => WITH_NACKED,
    }
}

pub(super) fn write(stream: &Stream, target: Target, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
    let code = code_of(target);
    let lacks = |feature| Err(EncodeError { feature, dialect: target.dialect });
    if code < WITH_PRODUCERS && stream.idempotency().is_some_and(|known| !known.is_default()) {
        return lacks("what a stream knows of producers");
    }
    if code < WITH_NACKED && stream.groups().any(|(_, group)| group.nacked().len() > 0) {
        return lacks("stream entries that were handed back");
    }
    writer.code(code);
    writer.length(stream.nodes().len() as u64);
    for (first, node) in stream.nodes() {
        writer.string(&first.to_bytes());
        writer.string(node);
    }
    writer.length(stream.len());
    write_id(writer, stream.last_id());
    if code >= WITH_COUNTERS {
        write_id(writer, stream.first_id());
        write_id(writer, stream.max_deleted_id());
        writer.length(stream.entries_added());
    }
    writer.length(stream.groups().len() as u64);
    for (name, group) in stream.groups() {
        writer.string(name);
        write_group(code, group, writer);
    }
    if code >= WITH_PRODUCERS {
        let default = Idempotency::default();
        write_producers(stream.idempotency().unwrap_or(&default), writer);
    }
    Ok(())
}

fn write_id(writer: &mut Writer<'_>, id: StreamId) {
    writer.length(id.ms);
    writer.length(id.seq);
}

fn write_time(writer: &mut Writer<'_>, at: UnixMs) {
    writer.bytes(&at.0.to_le_bytes());
}

fn write_group(code: u8, group: &value::Group, writer: &mut Writer<'_>) {
    write_id(writer, group.last_id());
    if code >= WITH_COUNTERS {
        writer.length(group.entries_read().unwrap_or(u64::MAX));
    }
    writer.length(group.pending_count() as u64);
    for (id, pending) in group.pending(..) {
        writer.bytes(&id.to_bytes());
        write_time(writer, pending.delivered_at());
        writer.length(pending.deliveries);
    }
    writer.length(group.consumer_count() as u64);
    for consumer in group.consumers() {
        writer.string(consumer.name());
        write_time(writer, consumer.seen_at);
        if code >= WITH_ACTIVE_TIME {
            write_time(writer, consumer.active_at.unwrap_or(UnixMs(-1)));
        }
        writer.length(consumer.pending_count() as u64);
        for id in consumer.pending_from(StreamId::ZERO) {
            writer.bytes(&id.to_bytes());
        }
    }
    if code >= WITH_NACKED {
        writer.length(group.nacked().len() as u64);
        for id in group.nacked() {
            writer.bytes(&id.to_bytes());
        }
    }
}

fn write_producers(known: &Idempotency, writer: &mut Writer<'_>) {
    writer.length(known.duration_s());
    writer.length(known.max_entries());
    writer.length(known.producers().len() as u64);
    for (name, producer) in known.producers() {
        writer.string(name);
        writer.length(producer.len() as u64);
        for (message, id) in producer.entries() {
            writer.string(message);
            writer.bytes(&id.to_bytes());
        }
    }
    writer.length(known.added);
    writer.length(known.duplicates);
}

/// What the form of `target` has no place for, though this stream has it.
pub(super) fn left_out(stream: &Stream, target: Target) -> Option<&'static str> {
    let code = code_of(target);
    let times = code < WITH_ACTIVE_TIME && stream.groups().any(|(_, group)| loses_time(group));
    let counters = code < WITH_COUNTERS
        && (stream.entries_added() != stream.len()
            || stream.max_deleted_id() != StreamId::ZERO
            // Where a group's position tells its count, a reader finds it out again.
            || stream.groups().any(|(_, group)| group.entries_read() != stream.number_of(group.last_id())));
    match (counters, times) {
        (false, false) => None,
        (false, true) => Some("when a stream's consumers last succeeded"),
        (true, false) => Some("a stream's counters of entries"),
        (true, true) => Some("a stream's counters of entries, and when its consumers last succeeded"),
    }
}

/// Whether a form with one time for each consumer, that of its last try, is too little.
fn loses_time(group: &value::Group) -> bool {
    group.consumers().any(|consumer| consumer.active_at != Some(consumer.seen_at))
}

/// 11, because the time of a consumer's last success is in every stream that has one, and would be lost below; 10 without consumers.
pub(super) fn least_stamp(stream: &Stream) -> u16 {
    if stream.groups().any(|(_, group)| group.nacked().len() > 0) {
        return 14;
    }
    if stream.idempotency().is_some_and(|known| !known.is_default()) {
        return 13;
    }
    if stream.groups().any(|(_, group)| loses_time(group)) { 11 } else { 10 }
}
