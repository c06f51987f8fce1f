//! INCR, DECR, INCRBY, DECRBY, INCRBYFLOAT: arithmetic on a string that is a number.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::{Key, Ttl};
use stdx::num::HumanFloat;
use value::{EMBSTR_MAX_BYTES, StringRef};

use super::set;

pub(super) const INCR: Command = Command::new("incr", incr)
    .since("1.0.0")
    .arity(2)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).rw().access().update()])
    .docs(&INCR_DOCS);

pub(super) const DECR: Command = Command::new("decr", decr)
    .since("1.0.0")
    .arity(2)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).rw().access().update()])
    .docs(&DECR_DOCS);

pub(super) const INCRBY: Command = Command::new("incrby", incrby)
    .since("1.0.0")
    .arity(3)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).rw().access().update()])
    .docs(&INCRBY_DOCS);

pub(super) const DECRBY: Command = Command::new("decrby", decrby)
    .since("1.0.0")
    .arity(3)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).rw().access().update()])
    .docs(&DECRBY_DOCS);

pub(super) const INCRBYFLOAT: Command = Command::new("incrbyfloat", incrbyfloat)
    .since("2.6.0")
    .arity(3)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).rw().access().update()])
    .docs(&INCRBYFLOAT_DOCS);

/// The one decrement that has no increment to stand for it.
const LEAST_DECREMENT: CommandError = CommandError::other("ERR decrement would overflow");

fn incr(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;
    add(cx, key, 1, reply)
}

fn decr(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;
    add(cx, key, -1, reply)
}

fn incrby(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let increment = args.int()?;
    args.finish()?;
    add(cx, key, increment, reply)
}

fn decrby(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let decrement = args.int()?;
    args.finish()?;
    add(cx, key, decrement.checked_neg().ok_or(LEAST_DECREMENT)?, reply)
}

fn add(cx: &mut Context<'_>, key: Key<'_>, increment: i64, reply: &mut Reply<'_>) -> CommandResult {
    let sum = cx.db.update_string(key, |current| {
        let sum = to_int(current)?.checked_add(increment).ok_or(CommandError::IncrOverflow)?;
        Ok::<_, CommandError>((StringRef::Int(sum), sum))
    })?;
    cx.notify(Event::String, "incrby", key);
    reply.int(sum);
    Ok(Flow::Done)
}

fn incrbyfloat(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let increment = args.bytes()?;
    args.finish()?;
    let current = to_float(cx.db.string_for_update(key)?)?;
    let increment = HumanFloat::parse(increment).ok_or(CommandError::NotFloat)?;
    let sum = current + increment;
    if !sum.is_finite() {
        return Err(CommandError::IncrNanOrInfinity);
    }

    let mut text = Vec::new();
    sum.append_to(&mut text);
    cx.db.set_string(key, as_text(&text), Ttl::Keep);
    cx.notify(Event::String, "incrbyfloat", key);
    // The sum rather than the increment: what the others store must not depend on their arithmetic.
    set::propagate(cx, key, &text, Ttl::Keep);
    reply.bulk(&text);
    Ok(Flow::Done)
}

/// The integer that a string is; nothing counts as 0.
pub(super) fn to_int(string: Option<StringRef<'_>>) -> Result<i64, CommandError> {
    string.map_or(Some(0), StringRef::to_int).ok_or(CommandError::NotInteger)
}

/// The float that a string is; nothing counts as 0.
pub(super) fn to_float(string: Option<StringRef<'_>>) -> Result<HumanFloat, CommandError> {
    match string {
        None => Some(HumanFloat::from(0)),
        Some(StringRef::Int(int)) => Some(HumanFloat::from(int)),
        Some(StringRef::Embstr(text) | StringRef::Raw(text)) => HumanFloat::parse(text),
    }
    .ok_or(CommandError::NotFloat)
}

/// A sum of floats as it is stored: text, even where it is an integer.
pub(super) const fn as_text(text: &[u8]) -> StringRef<'_> {
    if text.len() <= EMBSTR_MAX_BYTES { StringRef::Embstr(text) } else { StringRef::Raw(text) }
}

const INCR_DOCS: Docs = Docs::new("Adds one to an integer; a missing key counts as 0.", Group::String, "O(1)")
    .arguments(&[Arg::key("key", 0)]);

const DECR_DOCS: Docs = Docs::new("Takes one from an integer; a missing key counts as 0.", Group::String, "O(1)")
    .arguments(&[Arg::key("key", 0)]);

const INCRBY_DOCS: Docs = Docs::new("Adds to an integer; a missing key counts as 0.", Group::String, "O(1)")
    .arguments(&[Arg::key("key", 0), Arg::integer("increment")]);

const DECRBY_DOCS: Docs = Docs::new("Subtracts from an integer; a missing key counts as 0.", Group::String, "O(1)")
    .arguments(&[Arg::key("key", 0), Arg::integer("decrement")]);

const INCRBYFLOAT_DOCS: Docs =
    Docs::new("Adds to a decimal fraction; a missing key counts as 0.", Group::String, "O(1)")
        .arguments(&[Arg::key("key", 0), Arg::double("increment")]);
