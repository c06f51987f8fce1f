//! EXPIRE, PEXPIRE, EXPIREAT, PEXPIREAT: give a key a deadline, on conditions.
//!
//! A deadline that has come removes the key at once. What is propagated never depends on when it arrives: PEXPIREAT, or DEL.

use std::borrow::Cow;

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::Key;
use stdx::UnixMs;
use stdx::num::{self, IntText};

pub(super) const EXPIRE: Command = Command::new("expire", expire)
    .since("1.0.0")
    .arity(-3)
    .write()
    .fast()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(1).rw().update()])
    .docs(&EXPIRE_DOCS);

pub(super) const PEXPIRE: Command = Command::new("pexpire", pexpire)
    .since("2.6.0")
    .arity(-3)
    .write()
    .fast()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(1).rw().update()])
    .docs(&PEXPIRE_DOCS);

pub(super) const EXPIREAT: Command = Command::new("expireat", expireat)
    .since("1.2.0")
    .arity(-3)
    .write()
    .fast()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(1).rw().update()])
    .docs(&EXPIREAT_DOCS);

pub(super) const PEXPIREAT: Command = Command::new("pexpireat", pexpireat)
    .since("2.6.0")
    .arity(-3)
    .write()
    .fast()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(1).rw().update()])
    .docs(&PEXPIREAT_DOCS);

/// How the number of such a command counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Seconds,
    Milliseconds,
}

/// From when it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Now,
    Epoch,
}

fn expire(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    set_deadline(cx, Unit::Seconds, Origin::Now, args, reply)
}

fn pexpire(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    set_deadline(cx, Unit::Milliseconds, Origin::Now, args, reply)
}

fn expireat(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    set_deadline(cx, Unit::Seconds, Origin::Epoch, args, reply)
}

fn pexpireat(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    set_deadline(cx, Unit::Milliseconds, Origin::Epoch, args, reply)
}

fn set_deadline(
    cx: &mut Context<'_>,
    unit: Unit,
    origin: Origin,
    args: &mut Args<'_>,
    reply: &mut Reply<'_>,
) -> CommandResult {
    let key = args.key()?;
    let number = args.bytes()?;
    let options = args.clone();
    let conditions = Conditions::parse(args)?;
    let number = num::parse_i64(number).ok_or(CommandError::NotInteger)?;
    let at = deadline(unit, origin, number, cx.now()).ok_or(CommandError::InvalidExpire(cx.name))?;

    let current = cx.db.lookup_for_update(key).map(|entry| entry.deadline());
    if !current.is_some_and(|current| conditions.allow(current, at)) {
        reply.int(0);
        return Ok(Flow::Done);
    }
    if has_come(cx, at) {
        remove_expired(cx, key);
    } else {
        cx.db.set_deadline(key, at);
        cx.notify(Event::Generic, "expire", key);
        if unit == Unit::Seconds || origin == Origin::Now {
            propagate(cx, key, at, &options);
        }
    }
    reply.int(1);
    Ok(Flow::Done)
}

/// Whether a key with the deadline `at` is gone before it can be seen. What a primary or a file says is taken as it is: the key's
/// end will be said as well.
pub(super) fn has_come(cx: &Context<'_>, at: UnixMs) -> bool {
    at <= cx.now() && !cx.caller.trusted
}

/// Removes a key because it was given a deadline that has come; to replicas and the AOF it is simply deleted.
pub(super) fn remove_expired(cx: &mut Context<'_>, key: Key<'_>) {
    if cx.db.remove(key) {
        cx.notify(Event::Generic, "del", key);
        cx.propagate_as(&[b"DEL", key.bytes()]);
    }
}

fn propagate(cx: &mut Context<'_>, key: Key<'_>, at: UnixMs, options: &Args<'_>) {
    let mut text = IntText::new();
    let at = text.format(at.0);
    if options.is_empty() {
        cx.propagate_as(&[b"PEXPIREAT", key.bytes(), at]);
    } else {
        let command: Vec<&[u8]> = [&b"PEXPIREAT"[..], key.bytes(), at].into_iter().chain(options.rest()).collect();
        cx.propagate_as(&command);
    }
}

/// The deadline that `number` means; `None` when milliseconds cannot hold it.
fn deadline(unit: Unit, origin: Origin, number: i64, now: UnixMs) -> Option<UnixMs> {
    let ms = match unit {
        Unit::Seconds => number.checked_mul(1000)?,
        Unit::Milliseconds => number,
    };
    match origin {
        Origin::Now => now.checked_add_ms(ms),
        Origin::Epoch => Some(UnixMs(ms)),
    }
}

/// NX, XX, GT and LT: when the new deadline is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Conditions {
    /// Only without a deadline.
    nx: bool,
    /// Only with one.
    xx: bool,
    /// Only later. No deadline is later than any.
    gt: bool,
    /// Only earlier.
    lt: bool,
}

impl Conditions {
    fn parse(args: &mut Args<'_>) -> Result<Self, CommandError> {
        let mut conditions = Self::default();
        while let Some(word) = args.peek() {
            let condition = if args.accept("NX") {
                &mut conditions.nx
            } else if args.accept("XX") {
                &mut conditions.xx
            } else if args.accept("GT") {
                &mut conditions.gt
            } else if args.accept("LT") {
                &mut conditions.lt
            } else {
                return Err(unsupported(word));
            };
            *condition = true;
        }
        if conditions.nx && (conditions.xx || conditions.gt || conditions.lt) {
            return Err(CommandError::other("ERR NX and XX, GT or LT options at the same time are not compatible"));
        }
        if conditions.gt && conditions.lt {
            return Err(CommandError::other("ERR GT and LT options at the same time are not compatible"));
        }
        Ok(conditions)
    }

    fn allow(self, current: Option<UnixMs>, at: UnixMs) -> bool {
        match current {
            None => !self.xx && !self.gt,
            Some(current) => !self.nx && (!self.gt || at > current) && (!self.lt || at < current),
        }
    }
}

fn unsupported(word: &[u8]) -> CommandError {
    CommandError::Other(Cow::Owned(format!("ERR Unsupported option {}", String::from_utf8_lossy(word))))
}

const CONDITION: Arg = Arg::one_of(
    "condition",
    &[
        Arg::pure_token("nx", "NX"),
        Arg::pure_token("xx", "XX"),
        Arg::pure_token("gt", "GT"),
        Arg::pure_token("lt", "LT"),
    ],
)
.since("7.0.0")
.optional();

const CONDITIONS_CAME: &[(&str, &str)] = &[("7.0.0", "`NX`, `XX`, `GT` and `LT`.")];

const EXPIRE_DOCS: Docs = Docs::new("Lets a key expire so many seconds from now.", Group::Generic, "O(1)")
    .history(CONDITIONS_CAME)
    .arguments(&[Arg::key("key", 0), Arg::integer("seconds"), CONDITION]);

const PEXPIRE_DOCS: Docs = Docs::new("Lets a key expire so many milliseconds from now.", Group::Generic, "O(1)")
    .history(CONDITIONS_CAME)
    .arguments(&[Arg::key("key", 0), Arg::integer("milliseconds"), CONDITION]);

const EXPIREAT_DOCS: Docs = Docs::new("Lets a key expire at a Unix time in seconds.", Group::Generic, "O(1)")
    .history(CONDITIONS_CAME)
    .arguments(&[Arg::key("key", 0), Arg::unix_time("unix-time-seconds"), CONDITION]);

const PEXPIREAT_DOCS: Docs = Docs::new("Lets a key expire at a Unix time in milliseconds.", Group::Generic, "O(1)")
    .history(CONDITIONS_CAME)
    .arguments(&[Arg::key("key", 0), Arg::unix_time("unix-time-milliseconds"), CONDITION]);
