//! GET, and reading with something more: GETSET, GETDEL, GETEX.

use command_api::{Acl, Arg, Args, Command, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply};
use keyspace::{Key, Ttl};
use stdx::UnixMs;
use stdx::num::IntText;
use value::StringRef;

use super::expiry::{Lifetime, Word};
use super::set;

pub(super) const GET: Command = Command::new("get", get)
    .since("1.0.0")
    .arity(2)
    .readonly()
    .fast()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&GET_DOCS);

pub(super) const GETSET: Command = Command::new("getset", getset)
    .since("1.0.0")
    .arity(3)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).rw().access().update()])
    .docs(&GETSET_DOCS);

pub(super) const GETDEL: Command = Command::new("getdel", getdel)
    .since("6.2.0")
    .arity(2)
    .write()
    .fast()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).rw().access().delete()])
    .docs(&GETDEL_DOCS);

pub(super) const GETEX: Command = Command::new("getex", getex)
    .since("6.2.0")
    .arity(-2)
    .write()
    .fast()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).rw().access().update().notes("RW and UPDATE because it changes the TTL")])
    .docs(&GETEX_DOCS);

fn get(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;
    answer(reply, cx.db.string(key)?);
    Ok(Flow::Done)
}

fn getset(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let value = args.bytes()?;
    args.finish()?;
    // Answered first: the old value lies where the new one goes.
    answer(reply, cx.db.string(key)?);

    set::store(cx, key, value, Ttl::Clear);
    set::propagate(cx, key, value, Ttl::Clear);
    Ok(Flow::Done)
}

fn getdel(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;
    let string = cx.db.string(key)?;
    let found = string.is_some();
    answer(reply, string);

    if found {
        delete(cx, key);
    }
    Ok(Flow::Done)
}

fn getex(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let mut lifetime = Lifetime::default();
    while lifetime.accept(args, ("PERSIST", Word::Persist))? {}
    args.finish()?;

    // Redis looks for the key before it looks at the time: a missing key makes any time good.
    let Some(string) = cx.db.string(key)? else {
        reply.null();
        return Ok(Flow::Done);
    };
    let ttl = lifetime.ttl(cx.name, cx.now())?;
    answer(reply, Some(string));

    match ttl {
        Ttl::At(at) if has_passed(cx, at) => delete(cx, key),
        Ttl::At(at) => {
            cx.db.set_deadline(key, at);
            cx.notify(Event::Generic, "expire", key);
            cx.propagate_as(&[b"PEXPIREAT", key.bytes(), IntText::new().format(at.0)]);
        }
        Ttl::Clear if lifetime.word() == Some(Word::Persist) => {
            if cx.db.clear_deadline(key) {
                cx.notify(Event::Generic, "persist", key);
                cx.propagate_as(&[b"PERSIST", key.bytes()]);
            }
        }
        Ttl::Clear | Ttl::Keep => {}
    }
    Ok(Flow::Done)
}

/// A string as GET answers it.
pub(super) fn answer(reply: &mut Reply<'_>, string: Option<StringRef<'_>>) {
    match string {
        None => reply.null(),
        Some(StringRef::Int(int)) => reply.bulk_int(int),
        Some(StringRef::Embstr(bytes) | StringRef::Raw(bytes)) => reply.bulk(bytes),
    }
}

/// Whether a deadline of `at` means deletion at once. A replication stream and a file decide that for themselves.
pub(super) fn has_passed(cx: &Context<'_>, at: UnixMs) -> bool {
    at <= cx.now() && !cx.caller.trusted
}

/// Deletes a key that is there, and tells of it in place of the command.
pub(super) fn delete(cx: &mut Context<'_>, key: Key<'_>) {
    cx.db.remove(key);
    cx.notify(Event::Generic, "del", key);
    cx.propagate_as(&[b"DEL", key.bytes()]);
}

const GET_DOCS: Docs =
    Docs::new("Returns the string under a key.", Group::String, "O(1)").arguments(&[Arg::key("key", 0)]);

const GETSET_DOCS: Docs = Docs::new("Stores a string and returns the one it replaced.", Group::String, "O(1)")
    .deprecated("6.2.0", "`SET` with the `!GET` argument")
    .arguments(&[Arg::key("key", 0), Arg::string("value")]);

const GETDEL_DOCS: Docs = Docs::new("Returns the string under a key and deletes the key.", Group::String, "O(1)")
    .arguments(&[Arg::key("key", 0)]);

const GETEX_DOCS: Docs =
    Docs::new("Returns the string under a key and sets or removes its deadline.", Group::String, "O(1)").arguments(&[
        Arg::key("key", 0),
        Arg::one_of(
            "expiration",
            &[
                Arg::integer("seconds").token("EX"),
                Arg::integer("milliseconds").token("PX"),
                Arg::unix_time("unix-time-seconds").token("EXAT"),
                Arg::unix_time("unix-time-milliseconds").token("PXAT"),
                Arg::pure_token("persist", "PERSIST"),
            ],
        )
        .optional(),
    ]);
