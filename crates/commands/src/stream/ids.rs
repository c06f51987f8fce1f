//! Ids and entries, as arguments and in replies.

use command_api::{Args, CommandError, Reply};
use stdx::num::{IntText, parse_i64};
use value::{Entry, StreamId};

pub(super) const INVALID_ID: CommandError =
    CommandError::other("ERR Invalid stream ID specified as stream command argument");

/// An id in full, or its milliseconds only.
pub(super) fn id(text: &[u8]) -> Result<StreamId, CommandError> {
    StreamId::parse(text, 0).ok_or(INVALID_ID)
}

/// An id, or `-` and `+` for the smallest and the greatest.
pub(super) fn id_or_edge(text: &[u8], missing_seq: u64) -> Result<StreamId, CommandError> {
    match text {
        b"-" => Ok(StreamId::ZERO),
        b"+" => Ok(StreamId::MAX),
        _ => StreamId::parse(text, missing_seq).ok_or(INVALID_ID),
    }
}

/// Where an interval starts: `(` in front of an id leaves that one out.
pub(super) fn start(text: &[u8]) -> Result<StreamId, CommandError> {
    match text.strip_prefix(b"(") {
        None => id_or_edge(text, 0),
        Some(open) => id(open)?.next().ok_or(CommandError::other("ERR invalid start ID for the interval")),
    }
}

/// Where an interval ends, that id included or, after `(`, not.
pub(super) fn end(text: &[u8]) -> Result<StreamId, CommandError> {
    match text.strip_prefix(b"(") {
        None => id_or_edge(text, u64::MAX),
        Some(open) => {
            let id = StreamId::parse(open, u64::MAX).ok_or(INVALID_ID)?;
            id.prev().ok_or(CommandError::other("ERR invalid end ID for the interval"))
        }
    }
}

/// All arguments that are left, as ids.
pub(super) fn rest(args: &Args<'_>) -> Result<Vec<StreamId>, CommandError> {
    args.rest().map(id).collect()
}

/// `IDS count id...`, the word taken already.
pub(super) fn counted(args: &mut Args<'_>) -> Result<Vec<StreamId>, CommandError> {
    let count =
        args.peek().and_then(parse_i64).and_then(|count| usize::try_from(count).ok()).filter(|count| *count > 0);
    let count = count.ok_or(CommandError::other("ERR Number of IDs must be a positive integer"))?;
    args.skip(1)?;
    if count > args.remaining() {
        return Err(CommandError::other("ERR The `numids` parameter must match the number of arguments"));
    }
    (0..count).map(|_| id(args.bytes()?)).collect()
}

pub(super) fn reply_id(reply: &mut Reply<'_>, id: StreamId) {
    reply.bulk(id.text().as_bytes());
}

/// An entry: its id and its fields and values by turns.
pub(super) fn reply_entry(reply: &mut Reply<'_>, entry: &Entry<'_>) {
    reply.array(2);
    reply_id(reply, entry.id);
    reply_fields(reply, entry);
}

pub(super) fn reply_fields(reply: &mut Reply<'_>, entry: &Entry<'_>) {
    let mut room = IntText::new();
    reply.array(2 * entry.fields.len());
    for (name, value) in entry.fields.clone() {
        reply.bulk(name.bytes(&mut room));
        reply.bulk(value.bytes(&mut room));
    }
}

/// Entries one after the other. Returns how many.
pub(super) fn reply_entries<'a>(reply: &mut Reply<'_>, entries: impl Iterator<Item = Entry<'a>>) -> usize {
    let later = reply.array_later();
    let mut count = 0;
    for entry in entries {
        reply_entry(reply, &entry);
        count += 1;
    }
    reply.settle_array(later, count);
    count
}

/// The error of a group that is not there.
pub(super) fn no_group(key: &[u8], group: &[u8]) -> CommandError {
    let (key, group) = (String::from_utf8_lossy(key), String::from_utf8_lossy(group));
    CommandError::Other(format!("NOGROUP No such key '{key}' or consumer group '{group}'").into())
}
