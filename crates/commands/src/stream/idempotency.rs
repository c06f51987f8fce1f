//! XCFGSET, XIDMPRECORD: how long messages of producers are remembered, and which.

use command_api::{Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply};
use value::{Idempotency, Stream};

use super::ids;

pub(super) const XCFGSET: Command = Command::new("xcfgset", xcfgset)
    .since("8.6.0")
    .arity(-2)
    .write()
    .fast()
    .acl(&[Acl::Stream])
    .keys(&[KeySpec::index(1).rw().update()])
    .docs(&XCFGSET_DOCS);

pub(super) const XIDMPRECORD: Command = Command::new("xidmprecord", xidmprecord)
    .since("8.6.2")
    .arity(5)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::Stream])
    .keys(&[KeySpec::index(1).rw().update()])
    .docs(&XIDMPRECORD_DOCS);

const MAX_DURATION_S: i64 = 86_400;
const MAX_ENTRIES: i64 = 10_000;

fn xcfgset(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let (mut duration_s, mut max_entries) = (None, None);
    while !args.is_empty() {
        if args.remaining() > 1 && args.accept("IDMP-DURATION") {
            duration_s = Some(between(args, MAX_DURATION_S, "ERR invalid duration")?);
        } else if args.remaining() > 1 && args.accept("IDMP-MAXSIZE") {
            max_entries = Some(between(args, MAX_ENTRIES, "ERR invalid maxsize")?);
        } else {
            return Err(CommandError::Syntax);
        }
    }
    if duration_s.is_none() && max_entries.is_none() {
        return Err(CommandError::Syntax);
    }

    let edited = cx.db.update(key, |stream: &mut keyspace::Edit<'_, Stream>| {
        let known = stream.idempotency_mut();
        known.configure(
            duration_s.unwrap_or_else(|| known.duration_s()),
            max_entries.unwrap_or_else(|| known.max_entries()),
        );
        stream.changed(1);
        Ok::<_, CommandError>(())
    })?;
    edited.ok_or(CommandError::NoSuchKey)?;
    reply.ok();
    Ok(Flow::Done)
}

/// A number from 1 to `max`.
fn between(args: &mut Args<'_>, max: i64, error: &'static str) -> Result<u64, CommandError> {
    let number = args.int()?;
    u64::try_from(number).ok().filter(|_| (1..=max).contains(&number)).ok_or_else(|| CommandError::other(error))
}

fn xidmprecord(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let (producer, message) = (args.bytes()?, args.bytes()?);
    let id = ids::id(args.bytes()?)?;
    args.finish()?;
    if producer.is_empty() || message.is_empty() {
        return Err(CommandError::other("ERR the producer ID and the idempotent ID must not be empty"));
    }

    let now = cx.now();
    let edited = cx.db.update(key, |stream: &mut keyspace::Edit<'_, Stream>| {
        match stream.idempotency().and_then(|known| known.find(producer, message, now)) {
            Some(known) if known == id => return Ok(()),
            Some(_) => return Err(CommandError::other("ERR the idempotent ID belongs to another entry")),
            None if !stream.contains(id) => return Err(CommandError::other("ERR no such entry in the stream")),
            None => {}
        }
        let known: &mut Idempotency = stream.idempotency_mut();
        known.record(producer, message, id, now);
        known.added += 1;
        stream.changed(1);
        Ok(())
    })?;
    edited.ok_or(CommandError::NoSuchKey)?;
    reply.ok();
    Ok(Flow::Done)
}

const XCFGSET_DOCS: Docs =
    Docs::new("Configures how long messages of producers are remembered.", Group::Stream, "O(1)").arguments(&[
        Arg::key("key", 0),
        Arg::integer("idmp-duration").token("IDMP-DURATION").optional(),
        Arg::integer("idmp-maxsize").token("IDMP-MAXSIZE").optional(),
    ]);

const XIDMPRECORD_DOCS: Docs =
    Docs::new("Notes that a message of a producer made an entry; for loading and replication.", Group::Stream, "O(1)")
        .arguments(&[Arg::key("key", 0), Arg::string("pid"), Arg::string("iid"), Arg::string("stream-id")]);
