//! HTTL, HPTTL, HEXPIRETIME, HPEXPIRETIME: how long fields live; HPERSIST: for ever.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::Edit;
use smallvec::SmallVec;
use stdx::UnixMs;
use value::Hash;

use super::field_list::{FieldList, NO_POSITIVE_NUMBER};

pub(super) const HTTL: Command = Command::new("httl", httl)
    .since("7.4.0")
    .arity(-5)
    .readonly()
    .fast()
    .acl(&[Acl::Hash])
    .keys(&[KeySpec::index(1).ro().access()])
    .tips(&["nondeterministic_output"])
    .docs(&HTTL_DOCS);

pub(super) const HPTTL: Command = Command::new("hpttl", hpttl)
    .since("7.4.0")
    .arity(-5)
    .readonly()
    .fast()
    .acl(&[Acl::Hash])
    .keys(&[KeySpec::index(1).ro().access()])
    .tips(&["nondeterministic_output"])
    .docs(&HPTTL_DOCS);

pub(super) const HEXPIRETIME: Command = Command::new("hexpiretime", hexpiretime)
    .since("7.4.0")
    .arity(-5)
    .readonly()
    .fast()
    .acl(&[Acl::Hash])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&HEXPIRETIME_DOCS);

pub(super) const HPEXPIRETIME: Command = Command::new("hpexpiretime", hpexpiretime)
    .since("7.4.0")
    .arity(-5)
    .readonly()
    .fast()
    .acl(&[Acl::Hash])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&HPEXPIRETIME_DOCS);

pub(super) const HPERSIST: Command = Command::new("hpersist", hpersist)
    .since("7.4.0")
    .arity(-5)
    .write()
    .fast()
    .acl(&[Acl::Hash])
    .keys(&[KeySpec::index(1).rw().update()])
    .docs(&HPERSIST_DOCS);

/// What the client is told of a field that is not there, and of one without a deadline.
const MISSING: i64 = -2;
const NO_DEADLINE: i64 = -1;

fn httl(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    tell(cx, args, |at, now| in_seconds(at.ms_since(now)), reply)
}

fn hpttl(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    tell(cx, args, |at, now| at.ms_since(now), reply)
}

fn hexpiretime(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    tell(cx, args, |at, _| in_seconds(at.0), reply)
}

fn hpexpiretime(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    tell(cx, args, |at, _| at.0, reply)
}

/// Whole seconds, rounded up, other than for keys, whose seconds are rounded to the nearest.
fn in_seconds(ms: i64) -> i64 {
    ms.saturating_add(999) / 1000
}

fn tell(
    cx: &Context<'_>,
    args: &mut Args<'_>,
    number: fn(UnixMs, UnixMs) -> i64,
    reply: &mut Reply<'_>,
) -> CommandResult {
    let key = args.key()?;
    let hash = cx.db.read::<Hash>(key)?;
    let fields = FieldList::parse(args, NO_POSITIVE_NUMBER)?;

    let now = cx.now();
    reply.array(fields.len());
    for field in fields.iter() {
        reply.int(match hash.and_then(|hash| hash.get(field)) {
            None => MISSING,
            Some((_, None)) => NO_DEADLINE,
            Some((_, Some(at))) if at < now => MISSING,
            Some((_, Some(at))) => number(at, now),
        });
    }
    Ok(Flow::Done)
}

fn hpersist(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    cx.db.read_for_update::<Hash>(key)?;
    let fields = FieldList::parse(args, NO_POSITIVE_NUMBER)?;

    let gone_before = cx.db.gone_before();
    let edited = cx.db.update(key, |hash: &mut Edit<'_, Hash>| {
        let persist = |field: &[u8]| match hash.get(field) {
            None => MISSING,
            Some((_, None)) => NO_DEADLINE,
            Some((_, Some(at))) if at < gone_before => MISSING,
            Some((_, Some(_))) => {
                hash.set_deadline(field, None);
                hash.changed(1);
                1
            }
        };
        Ok::<_, CommandError>(fields.iter().map(persist).collect::<SmallVec<[i64; 16]>>())
    })?;
    if let Some(edited) = edited.as_ref().filter(|edited| edited.changed) {
        let persisted = fields.iter().zip(&edited.result).filter(|(_, code)| **code == 1).map(|(field, _)| field);
        cx.notify_fields(Event::Hash, "hpersist", key, persisted);
    }
    reply.array(fields.len());
    match edited {
        Some(edited) => edited.result.into_iter().for_each(|code| reply.int(code)),
        None => fields.iter().for_each(|_| reply.int(MISSING)),
    }
    Ok(Flow::Done)
}

const FIELDS: Arg = Arg::block("fields", &[Arg::integer("numfields"), Arg::string("field").multiple()]).token("FIELDS");

const COST: &str = "O(N) with N fields named";

const HTTL_DOCS: Docs = Docs::new("Tells how many seconds fields of a hash have to live.", Group::Hash, COST)
    .arguments(&[Arg::key("key", 0), FIELDS]);

const HPTTL_DOCS: Docs = Docs::new("Tells how many milliseconds fields of a hash have to live.", Group::Hash, COST)
    .arguments(&[Arg::key("key", 0), FIELDS]);

const HEXPIRETIME_DOCS: Docs =
    Docs::new("Tells at which Unix time in seconds fields of a hash expire.", Group::Hash, COST)
        .arguments(&[Arg::key("key", 0), FIELDS]);

const HPEXPIRETIME_DOCS: Docs =
    Docs::new("Tells at which Unix time in milliseconds fields of a hash expire.", Group::Hash, COST)
        .arguments(&[Arg::key("key", 0), FIELDS]);

const HPERSIST_DOCS: Docs =
    Docs::new("Lets fields of a hash live for ever.", Group::Hash, COST).arguments(&[Arg::key("key", 0), FIELDS]);
