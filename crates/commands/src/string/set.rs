//! SET with its options, and the older words for parts of it: SETNX, SETEX, PSETEX.
//!
//! Without options SET is one look-up and one copy into the entry. What goes to the AOF and to replicas never depends on when or
//! where it runs: times become PXAT, and whatever needed the old value (GET, IFEQ and its siblings) is gone from it, which also
//! keeps the stream readable for servers that lack those options.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::{Key, Ttl};
use stdx::num::IntText;
use value::StringRef;

use super::condition::{self, Condition};
use super::expiry::{self, Lifetime};
use super::get::answer;

pub(super) const SET: Command = Command::new("set", set)
    .since("1.0.0")
    .arity(-3)
    .write()
    .deny_oom()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1)
        .rw()
        .access()
        .update()
        .variable_flags()
        .notes("RW and ACCESS because of the `GET` option")])
    .docs(&SET_DOCS);

pub(super) const SETNX: Command = Command::new("setnx", setnx)
    .since("1.0.0")
    .arity(3)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).ow().insert()])
    .docs(&SETNX_DOCS);

pub(super) const SETEX: Command = Command::new("setex", setex)
    .since("2.0.0")
    .arity(4)
    .write()
    .deny_oom()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).ow().update()])
    .docs(&SETEX_DOCS);

pub(super) const PSETEX: Command = Command::new("psetex", psetex)
    .since("2.6.0")
    .arity(4)
    .write()
    .deny_oom()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).ow().update()])
    .docs(&PSETEX_DOCS);

fn set(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let value = args.bytes()?;
    if !args.is_empty() {
        return set_with_options(cx, key, value, args, reply);
    }
    store(cx, key, value, Ttl::Clear);
    reply.ok();
    Ok(Flow::Done)
}

fn set_with_options<'a>(
    cx: &mut Context<'_>,
    key: Key<'_>,
    value: &[u8],
    args: &mut Args<'a>,
    reply: &mut Reply<'_>,
) -> CommandResult {
    let options = Options::parse(args)?;
    let ttl = options.lifetime.ttl(cx.name, cx.now())?;
    let condition = options.condition.check()?;

    // The old value is answered before the new one takes its place: it is not copied.
    if options.get {
        answer(reply, cx.db.string(key)?);
    }
    let allowed = match condition {
        None => true,
        Some(Condition::Missing) => !cx.db.contains(key),
        Some(Condition::Present) => cx.db.contains(key),
        Some(Condition::Value(comparison)) => comparison.holds(cx.db.string_for_update(key)?),
    };
    if allowed {
        store(cx, key, value, ttl);
        let means_the_same_anywhere = match condition {
            None | Some(Condition::Missing | Condition::Present) => options.lifetime.is_absolute() && !options.get,
            Some(Condition::Value(_)) => false,
        };
        if !means_the_same_anywhere {
            propagate(cx, key, value, ttl);
        }
    }
    if !options.get {
        if allowed { reply.ok() } else { reply.null() }
    }
    Ok(Flow::Done)
}

/// The options of SET as they were said.
#[derive(Debug, Default)]
struct Options<'a> {
    condition: condition::Said<'a>,
    lifetime: Lifetime<'a>,
    get: bool,
}

impl<'a> Options<'a> {
    fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        let mut options = Self::default();
        while !args.is_empty() {
            let known = args.accept("GET") && {
                options.get = true;
                true
            } || options.condition.accept(args, condition::PRESENCE)?
                || options.lifetime.accept(args, ("KEEPTTL", expiry::Word::KeepTtl))?
                || options.condition.accept(args, condition::COMPARISON)?;
            if !known {
                return Err(CommandError::Syntax);
            }
        }
        Ok(options)
    }
}

fn setnx(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let value = args.bytes()?;
    args.finish()?;

    let missing = !cx.db.contains(key);
    if missing {
        store(cx, key, value, Ttl::Clear);
    }
    reply.int(i64::from(missing));
    Ok(Flow::Done)
}

fn setex(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    set_for(cx, expiry::Word::Ex, args, reply)
}

fn psetex(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    set_for(cx, expiry::Word::Px, args, reply)
}

fn set_for(cx: &mut Context<'_>, unit: expiry::Word, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let time = args.int()?;
    let value = args.bytes()?;
    args.finish()?;
    let at = expiry::deadline(unit, time, cx.now()).ok_or(CommandError::InvalidExpire(cx.name))?;

    store(cx, key, value, Ttl::At(at));
    propagate(cx, key, value, Ttl::At(at));
    reply.ok();
    Ok(Flow::Done)
}

/// Stores a string that a client sent, and tells of it. A deadline that has passed is set all the same: the key is gone for every
/// reader, and expires like any other.
pub(super) fn store(cx: &mut Context<'_>, key: Key<'_>, value: &[u8], ttl: Ttl) {
    cx.db.set_string(key, StringRef::new(value), ttl);
    cx.notify(Event::String, "set", key);
    if matches!(ttl, Ttl::At(_)) {
        cx.notify(Event::Generic, "expire", key);
    }
}

/// Propagates a SET that says what came of it; several such calls of one command follow each other.
pub(super) fn propagate(cx: &mut Context<'_>, key: Key<'_>, value: &[u8], ttl: Ttl) {
    match ttl {
        Ttl::Clear => cx.propagate_as(&[b"SET", key.bytes(), value]),
        Ttl::Keep => cx.propagate_as(&[b"SET", key.bytes(), value, b"KEEPTTL"]),
        Ttl::At(at) => cx.propagate_as(&[b"SET", key.bytes(), value, b"PXAT", IntText::new().format(at.0)]),
    }
}

const SET_DOCS: Docs = Docs::new("Stores a string under a key, whatever was there before.", Group::String, "O(1)")
    .history(&[
        ("2.6.12", "`EX`, `PX`, `NX` and `XX`."),
        ("6.0.0", "`KEEPTTL`."),
        ("6.2.0", "`GET`, `EXAT` and `PXAT`."),
        ("7.0.0", "`NX` and `GET` may be used together."),
        ("8.4.0", "`IFEQ`, `IFNE`, `IFDEQ` and `IFDNE`."),
    ])
    .arguments(&[
        Arg::key("key", 0),
        Arg::string("value"),
        Arg::one_of(
            "condition",
            &[
                Arg::pure_token("nx", "NX"),
                Arg::pure_token("xx", "XX"),
                Arg::string("ifeq-value").token("IFEQ").since("8.4.0"),
                Arg::string("ifne-value").token("IFNE").since("8.4.0"),
                Arg::string("ifdeq-digest").token("IFDEQ").since("8.4.0"),
                Arg::string("ifdne-digest").token("IFDNE").since("8.4.0"),
            ],
        )
        .since("2.6.12")
        .optional(),
        Arg::pure_token("get", "GET").since("6.2.0").optional(),
        Arg::one_of(
            "expiration",
            &[
                Arg::integer("seconds").token("EX").since("2.6.12"),
                Arg::integer("milliseconds").token("PX").since("2.6.12"),
                Arg::unix_time("unix-time-seconds").token("EXAT").since("6.2.0"),
                Arg::unix_time("unix-time-milliseconds").token("PXAT").since("6.2.0"),
                Arg::pure_token("keepttl", "KEEPTTL").since("6.0.0"),
            ],
        )
        .optional(),
    ]);

const SETNX_DOCS: Docs = Docs::new("Stores a string under a key that is not there.", Group::String, "O(1)")
    .deprecated("2.6.12", "`SET` with the `NX` argument")
    .arguments(&[Arg::key("key", 0), Arg::string("value")]);

const SETEX_DOCS: Docs = Docs::new("Stores a string that lives for some seconds.", Group::String, "O(1)")
    .deprecated("2.6.12", "`SET` with the `EX` argument")
    .arguments(&[Arg::key("key", 0), Arg::integer("seconds"), Arg::string("value")]);

const PSETEX_DOCS: Docs = Docs::new("Stores a string that lives for some milliseconds.", Group::String, "O(1)")
    .deprecated("2.6.12", "`SET` with the `PX` argument")
    .arguments(&[Arg::key("key", 0), Arg::integer("milliseconds"), Arg::string("value")]);
