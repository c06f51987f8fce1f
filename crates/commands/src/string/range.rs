//! Strings by the byte: APPEND, STRLEN, GETRANGE, SUBSTR, SETRANGE.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::Ttl;
use stdx::num::IntText;
use value::StringRef;

pub(super) const APPEND: Command = Command::new("append", append)
    .since("2.0.0")
    .arity(3)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).rw().insert()])
    .docs(&APPEND_DOCS);

pub(super) const STRLEN: Command = Command::new("strlen", strlen)
    .since("2.2.0")
    .arity(2)
    .readonly()
    .fast()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).ro()])
    .docs(&STRLEN_DOCS);

pub(super) const GETRANGE: Command = Command::new("getrange", getrange)
    .since("2.4.0")
    .arity(4)
    .readonly()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&GETRANGE_DOCS);

pub(super) const SUBSTR: Command = Command::new("substr", getrange)
    .since("1.0.0")
    .arity(4)
    .readonly()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&SUBSTR_DOCS);

pub(super) const SETRANGE: Command = Command::new("setrange", setrange)
    .since("2.2.0")
    .arity(4)
    .write()
    .deny_oom()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).rw().update()])
    .docs(&SETRANGE_DOCS);

const BAD_OFFSET: CommandError = CommandError::other("ERR offset is out of range");

fn append(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let tail = args.bytes()?;
    args.finish()?;
    let len = match cx.db.string_for_update(key)?.map(StringRef::len) {
        Some(before) => {
            let len = checked_len(cx, before, tail)?;
            cx.db.edit_string(key, len, |bytes| copy_to(bytes, before, tail))?;
            len
        }
        None => {
            cx.db.set_string(key, StringRef::new(tail), Ttl::Clear);
            tail.len()
        }
    };
    cx.notify(Event::String, "append", key);
    reply.len(len);
    Ok(Flow::Done)
}

fn strlen(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;
    reply.len(cx.db.string(key)?.map_or(0, StringRef::len));
    Ok(Flow::Done)
}

fn getrange(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let start = args.int()?;
    let end = args.int()?;
    args.finish()?;
    let mut scratch = IntText::new();
    let bytes = cx.db.string(key)?.map_or(&[][..], |string| string.bytes(&mut scratch));
    reply.bulk(slice(bytes, start, end));
    Ok(Flow::Done)
}

fn setrange(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let offset = args.int()?;
    let patch = args.bytes()?;
    args.finish()?;
    if offset < 0 {
        return Err(BAD_OFFSET);
    }
    let before = cx.db.string_for_update(key)?.map_or(0, StringRef::len);
    if patch.is_empty() {
        reply.len(before);
        return Ok(Flow::Done);
    }
    let offset = usize::try_from(offset).map_err(|_| CommandError::StringTooLong)?;
    let len = checked_len(cx, offset, patch)?;

    cx.db.edit_string(key, len, |bytes| copy_to(bytes, offset, patch))?;
    cx.notify(Event::String, "setrange", key);
    reply.len(len.max(before));
    Ok(Flow::Done)
}

/// The length of `before` bytes and `more` behind them, if a string may be that long. What a replication stream or a file asks
/// for was allowed where it came from.
fn checked_len(cx: &Context<'_>, before: usize, more: &[u8]) -> Result<usize, CommandError> {
    let len = before.checked_add(more.len()).ok_or(CommandError::StringTooLong)?;
    let allowed = cx.caller.trusted || len as u64 <= cx.tunables.proto_max_bulk_len_bytes;
    if allowed { Ok(len) } else { Err(CommandError::StringTooLong) }
}

/// Copies `patch` over the bytes from `at` on; there is room for it.
fn copy_to(bytes: &mut [u8], at: usize, patch: &[u8]) {
    let place = bytes.get_mut(at..).and_then(|from| from.get_mut(..patch.len()));
    if let Some(place) = place {
        place.copy_from_slice(patch);
    }
}

/// The bytes from `start` to `end`, both included; negative ones count from the end, and what lies outside is cut. A range that
/// ends before the string begins still gives its first byte, as in Redis, unless it runs backwards.
fn slice(bytes: &[u8], start: i64, end: i64) -> &[u8] {
    let len = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    if start < 0 && end < 0 && start > end {
        return &[];
    }
    let from_end = |index: i64| if index < 0 { index.saturating_add(len).max(0) } else { index };
    let (start, end) = (from_end(start), from_end(end).min(len.saturating_sub(1)));
    match (usize::try_from(start), usize::try_from(end)) {
        (Ok(start), Ok(end)) if start <= end => bytes.get(start..=end).unwrap_or_default(),
        _ => &[],
    }
}

const APPEND_DOCS: Docs = Docs::new(
    "Adds bytes behind the end of a string.",
    Group::String,
    "O(1) amortized, for a short tail: a string that grows is given room to grow further.",
)
.arguments(&[Arg::key("key", 0), Arg::string("value")]);

const STRLEN_DOCS: Docs =
    Docs::new("Returns the length of a string in bytes.", Group::String, "O(1)").arguments(&[Arg::key("key", 0)]);

const GETRANGE_DOCS: Docs = Docs::new(
    "Returns a part of a string, by the indexes of its first and last byte.",
    Group::String,
    "O(N) where N is the length of the part.",
)
.arguments(&[Arg::key("key", 0), Arg::integer("start"), Arg::integer("end")]);

const SUBSTR_DOCS: Docs = Docs::new(
    "Returns a part of a string: the old name of GETRANGE.",
    Group::String,
    "O(N) where N is the length of the part.",
)
.deprecated("2.0.0", "`GETRANGE`")
.arguments(&[Arg::key("key", 0), Arg::integer("start"), Arg::integer("end")]);

const SETRANGE_DOCS: Docs = Docs::new(
    "Overwrites a part of a string from an offset on, with zeros in a gap before it.",
    Group::String,
    "O(M) where M is the length of the value, and of the string where it has to move.",
)
.arguments(&[Arg::key("key", 0), Arg::integer("offset"), Arg::string("value")]);
