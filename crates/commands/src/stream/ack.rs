//! XACK, XACKDEL, XNACK: what becomes of entries that were delivered.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use stdx::num::parse_i64;
use value::{Stream, StreamId};

use super::delete::{self, Outcome, parse_ids};
use super::ids;

pub(super) const XACK: Command = Command::new("xack", xack)
    .since("5.0.0")
    .arity(-4)
    .write()
    .fast()
    .acl(&[Acl::Stream])
    .keys(&[KeySpec::index(1).rw().update()])
    .docs(&XACK_DOCS);

pub(super) const XACKDEL: Command = Command::new("xackdel", xackdel)
    .since("8.2.0")
    .arity(-6)
    .write()
    .fast()
    .acl(&[Acl::Stream])
    .keys(&[KeySpec::index(1).rw().update().delete()])
    .docs(&XACKDEL_DOCS);

pub(super) const XNACK: Command = Command::new("xnack", xnack)
    .since("8.8.0")
    .arity(-7)
    .write()
    .fast()
    .acl(&[Acl::Stream])
    .keys(&[KeySpec::index(1).rw().update()])
    .docs(&XNACK_DOCS);

fn xack(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let name = args.bytes()?;
    // Without a group nothing is said about the ids.
    if cx.db.read_for_update::<Stream>(key)?.and_then(|stream| stream.group(name)).is_none() {
        reply.int(0);
        return Ok(Flow::Done);
    }
    for text in args.rest() {
        ids::id(text)?;
    }

    let edited = cx.db.update(key, |stream: &mut keyspace::Edit<'_, Stream>| {
        let Some(group) = stream.group_mut(name) else { return Ok(0) };
        let mut acknowledged = 0;
        for text in args.rest() {
            acknowledged += u64::from(group.acknowledge(ids::id(text)?));
        }
        stream.changed(acknowledged);
        Ok::<_, CommandError>(acknowledged)
    })?;
    let acknowledged = edited.map_or(0, |edited| edited.result);
    reply.int(i64::try_from(acknowledged).unwrap_or(i64::MAX));
    Ok(Flow::Done)
}

fn xackdel(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let name = args.bytes()?;
    let (references, ids) = parse_ids(args)?;

    let edited = cx.db.update(key, |stream: &mut keyspace::Edit<'_, Stream>| {
        let mut outcomes = Vec::with_capacity(ids.len());
        let mut total = 0;
        for id in &ids {
            let acknowledged = stream.group_mut(name).is_some_and(|group| group.acknowledge(*id));
            // What was not pending here is left alone.
            let (outcome, changes) =
                if acknowledged { delete::delete(stream, *id, references) } else { (Outcome::Missing, 0) };
            outcomes.push(if acknowledged && outcome == Outcome::Missing { Outcome::Deleted } else { outcome });
            total += u64::from(acknowledged) + changes;
        }
        stream.changed(total);
        Ok::<_, CommandError>(outcomes)
    })?;
    let outcomes = edited.map_or_else(|| vec![Outcome::Missing; ids.len()], |edited| edited.result);
    if outcomes.contains(&Outcome::Deleted) {
        cx.notify(Event::Stream, "xdel", key);
    }
    reply.array(outcomes.len());
    for outcome in outcomes {
        reply.int(outcome.code());
    }
    Ok(Flow::Done)
}

/// What handing back does to the number of deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// The delivery did not count.
    Silent,
    Fail,
    /// Nobody will manage: as many as can be.
    Fatal,
}

const MOST_DELIVERIES: u64 = i64::MAX.unsigned_abs();

fn xnack(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let name = args.bytes()?;
    let mode = if args.accept("SILENT") {
        Mode::Silent
    } else if args.accept("FAIL") {
        Mode::Fail
    } else if args.accept("FATAL") {
        Mode::Fatal
    } else {
        return Err(CommandError::Syntax);
    };
    let (mut ids, mut retry_count, mut force) = (None, None, false);
    while !args.is_empty() {
        if ids.is_none() && args.accept("IDS") {
            ids = Some(ids::counted(args)?);
        } else if args.remaining() > 1 && args.accept("RETRYCOUNT") {
            let count = parse_i64(args.bytes()?).and_then(|count| u64::try_from(count).ok());
            retry_count = Some(count.ok_or(CommandError::other("ERR Invalid RETRYCOUNT option argument for XNACK"))?);
        } else if args.accept("FORCE") {
            force = true;
        } else {
            return Err(CommandError::Syntax);
        }
    }
    let ids: Vec<StreamId> = ids.ok_or(CommandError::Syntax)?;
    if cx.db.read_for_update::<Stream>(key)?.and_then(|stream| stream.group(name)).is_none() {
        return Err(ids::no_group(key.bytes(), name));
    }

    let edited = cx.db.update(key, |stream: &mut keyspace::Edit<'_, Stream>| {
        let mut released = 0;
        for id in &ids {
            let exists = force && stream.contains(*id);
            let Some(group) = stream.group_mut(name) else { continue };
            let before = match group.pending_of(*id) {
                Some(pending) => match mode {
                    Mode::Silent => pending.deliveries.saturating_sub(1),
                    Mode::Fail => pending.deliveries,
                    Mode::Fatal => MOST_DELIVERIES,
                },
                None if exists && mode == Mode::Fatal => MOST_DELIVERIES,
                None if exists => 0,
                None => continue,
            };
            group.release(*id, retry_count.unwrap_or(before));
            released += 1;
        }
        stream.changed(released);
        Ok::<_, CommandError>(released)
    })?;
    let released = edited.map_or(0, |edited| edited.result);
    reply.int(i64::try_from(released).unwrap_or(i64::MAX));
    Ok(Flow::Done)
}

const XACK_DOCS: Docs =
    Docs::new("Acknowledges entries that were delivered to a group.", Group::Stream, "O(log n) for each id")
        .arguments(&[Arg::key("key", 0), Arg::string("group"), Arg::string("id").multiple()]);

const XACKDEL_DOCS: Docs = Docs::new(
    "Acknowledges entries of a group and deletes them from the stream.",
    Group::Stream,
    "O(log n) for each id",
)
.arguments(&[
    Arg::key("key", 0),
    Arg::string("group"),
    Arg::one_of(
        "condition",
        &[
            Arg::pure_token("keepref", "KEEPREF"),
            Arg::pure_token("delref", "DELREF"),
            Arg::pure_token("acked", "ACKED"),
        ],
    )
    .optional(),
    Arg::block("ids", &[Arg::integer("numids"), Arg::string("id").multiple()]).token("IDS"),
]);

const XNACK_DOCS: Docs = Docs::new("Hands pending entries back to their group.", Group::Stream, "O(log n) for each id")
    .arguments(&[
        Arg::key("key", 0),
        Arg::string("group"),
        Arg::one_of(
            "mode",
            &[Arg::pure_token("silent", "SILENT"), Arg::pure_token("fail", "FAIL"), Arg::pure_token("fatal", "FATAL")],
        ),
        Arg::block("ids", &[Arg::integer("numids"), Arg::string("id").multiple()]).token("IDS"),
        Arg::integer("count").token("RETRYCOUNT").optional(),
        Arg::pure_token("force", "FORCE").optional(),
    ]);
