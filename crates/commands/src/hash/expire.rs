//! HEXPIRE, HPEXPIRE, HEXPIREAT, HPEXPIREAT: give fields a deadline, on a condition.
//!
//! A deadline that has come removes the field at once. What is propagated never depends on when it arrives: HPEXPIREAT for the fields
//! that took the deadline, or HDEL.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::{Edit, Key};
use smallvec::SmallVec;
use stdx::UnixMs;
use stdx::num::IntText;
use value::Hash;

use super::deadline::{self, Origin, Unit};
use super::del::tell_removal;
use super::field_list::{FieldList, propagate_fields, propagate_removal};

pub(super) const HEXPIRE: Command = Command::new("hexpire", hexpire)
    .since("7.4.0")
    .arity(-6)
    .write()
    .fast()
    .acl(&[Acl::Hash])
    .keys(&[KeySpec::index(1).rw().update()])
    .docs(&HEXPIRE_DOCS);

pub(super) const HPEXPIRE: Command = Command::new("hpexpire", hpexpire)
    .since("7.4.0")
    .arity(-6)
    .write()
    .fast()
    .acl(&[Acl::Hash])
    .keys(&[KeySpec::index(1).rw().update()])
    .docs(&HPEXPIRE_DOCS);

pub(super) const HEXPIREAT: Command = Command::new("hexpireat", hexpireat)
    .since("7.4.0")
    .arity(-6)
    .write()
    .fast()
    .acl(&[Acl::Hash])
    .keys(&[KeySpec::index(1).rw().update()])
    .docs(&HEXPIREAT_DOCS);

pub(super) const HPEXPIREAT: Command = Command::new("hpexpireat", hpexpireat)
    .since("7.4.0")
    .arity(-6)
    .write()
    .fast()
    .acl(&[Acl::Hash])
    .keys(&[KeySpec::index(1).rw().update()])
    .docs(&HPEXPIREAT_DOCS);

const BAD_NUMBER: CommandError = CommandError::other("ERR Parameter `numFields` should be greater than 0");

/// What became of a field; the numbers are what the client is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Missing,
    Refused,
    Set,
    Removed,
}

impl Outcome {
    const fn code(self) -> i64 {
        match self {
            Self::Missing => -2,
            Self::Refused => 0,
            Self::Set => 1,
            Self::Removed => 2,
        }
    }
}

fn hexpire(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    set_deadlines(cx, Unit::Seconds, Origin::Now, args, reply)
}

fn hpexpire(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    set_deadlines(cx, Unit::Milliseconds, Origin::Now, args, reply)
}

fn hexpireat(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    set_deadlines(cx, Unit::Seconds, Origin::Epoch, args, reply)
}

fn hpexpireat(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    set_deadlines(cx, Unit::Milliseconds, Origin::Epoch, args, reply)
}

fn set_deadlines(
    cx: &mut Context<'_>,
    unit: Unit,
    origin: Origin,
    args: &mut Args<'_>,
    reply: &mut Reply<'_>,
) -> CommandResult {
    let key = args.key()?;
    // Redis looks at the key's type before it looks at the rest.
    cx.db.read_for_update::<Hash>(key)?;
    let at = deadline::parse(cx, args.bytes()?, unit, origin)?;
    let condition = Condition::parse(args);
    let fields = FieldList::parse(args, BAD_NUMBER)?;

    let outcomes = apply(cx, key, at, condition, &fields)?;
    reply.array(fields.len());
    outcomes.iter().for_each(|outcome| reply.int(outcome.code()));
    Ok(Flow::Done)
}

/// Gives the fields the deadline, or removes them, and tells so.
fn apply(
    cx: &mut Context<'_>,
    key: Key<'_>,
    at: UnixMs,
    condition: Option<Condition>,
    fields: &FieldList<'_>,
) -> Result<SmallVec<[Outcome; 16]>, CommandError> {
    let has_come = deadline::has_come(cx, at);
    let edited = cx.db.update(key, |hash: &mut Edit<'_, Hash>| {
        let outcome = |field: &[u8]| {
            let Some((_, current)) = hash.get(field) else { return Outcome::Missing };
            if condition.is_some_and(|condition| !condition.allows(current, at)) {
                return Outcome::Refused;
            }
            hash.changed(1);
            if has_come {
                hash.remove(field);
                return Outcome::Removed;
            }
            hash.set_deadline(field, Some(at));
            Outcome::Set
        };
        Ok::<_, CommandError>(fields.iter().map(outcome).collect::<SmallVec<_>>())
    })?;
    let Some(edited) = edited else { return Ok(fields.iter().map(|_| Outcome::Missing).collect()) };
    if edited.changed {
        let changed: Vec<&[u8]> = fields
            .iter()
            .zip(&edited.result)
            .filter(|(_, outcome)| matches!(outcome, Outcome::Set | Outcome::Removed))
            .map(|(field, _)| field)
            .collect();
        if has_come {
            tell_removal(cx, key, changed.iter().copied(), edited.removed);
            propagate_removal(cx, key.bytes(), changed.into_iter());
        } else {
            cx.notify_fields(Event::Hash, "hexpire", key, changed.iter().copied());
            let mut text = IntText::new();
            let head = [&b"HPEXPIREAT"[..], key.bytes(), text.format(at.0)];
            let head = head.into_iter().chain(condition.map(Condition::word)).collect::<SmallVec<[&[u8]; 4]>>();
            propagate_fields(cx, &head, changed.into_iter());
        }
    }
    Ok(edited.result)
}

/// When a new deadline is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Condition {
    /// Only without a deadline.
    Nx,
    /// Only with one.
    Xx,
    /// Only later. No deadline is later than any.
    Gt,
    /// Only earlier.
    Lt,
}

impl Condition {
    fn parse(args: &mut Args<'_>) -> Option<Self> {
        [("NX", Self::Nx), ("XX", Self::Xx), ("GT", Self::Gt), ("LT", Self::Lt)]
            .into_iter()
            .find_map(|(word, condition)| args.accept(word).then_some(condition))
    }

    const fn word(self) -> &'static [u8] {
        match self {
            Self::Nx => b"NX",
            Self::Xx => b"XX",
            Self::Gt => b"GT",
            Self::Lt => b"LT",
        }
    }

    fn allows(self, current: Option<UnixMs>, at: UnixMs) -> bool {
        match self {
            Self::Nx => current.is_none(),
            Self::Xx => current.is_some(),
            Self::Gt => current.is_some_and(|current| at > current),
            Self::Lt => current.is_none_or(|current| at < current),
        }
    }
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
.optional();

const FIELDS: Arg = Arg::block("fields", &[Arg::integer("numfields"), Arg::string("field").multiple()]).token("FIELDS");

const COST: &str = "O(N) with N fields named";

const HEXPIRE_DOCS: Docs = Docs::new("Lets fields of a hash expire so many seconds from now.", Group::Hash, COST)
    .arguments(&[Arg::key("key", 0), Arg::integer("seconds"), CONDITION, FIELDS]);

const HPEXPIRE_DOCS: Docs = Docs::new("Lets fields of a hash expire so many milliseconds from now.", Group::Hash, COST)
    .arguments(&[Arg::key("key", 0), Arg::integer("milliseconds"), CONDITION, FIELDS]);

const HEXPIREAT_DOCS: Docs = Docs::new("Lets fields of a hash expire at a Unix time in seconds.", Group::Hash, COST)
    .arguments(&[Arg::key("key", 0), Arg::unix_time("unix-time-seconds"), CONDITION, FIELDS]);

const HPEXPIREAT_DOCS: Docs =
    Docs::new("Lets fields of a hash expire at a Unix time in milliseconds.", Group::Hash, COST).arguments(&[
        Arg::key("key", 0),
        Arg::unix_time("unix-time-milliseconds"),
        CONDITION,
        FIELDS,
    ]);
