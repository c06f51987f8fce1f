//! XSETID: the last id of a stream, and the counters that go with it.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use value::{Stream, StreamId};

use super::ids;

pub(super) const XSETID: Command = Command::new("xsetid", xsetid)
    .since("5.0.0")
    .arity(-3)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::Stream])
    .keys(&[KeySpec::index(1).rw().update()])
    .docs(&XSETID_DOCS);

fn xsetid(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let id = ids::id(args.bytes()?)?;
    let (mut added, mut max_deleted) = (None, None);
    while !args.is_empty() {
        if args.remaining() > 1 && args.accept("ENTRIESADDED") {
            let count = u64::try_from(args.int()?);
            added = Some(count.map_err(|_| CommandError::other("ERR entries_added must be positive"))?);
        } else if args.remaining() > 1 && args.accept("MAXDELETEDID") {
            let deleted = ids::id(args.bytes()?)?;
            if id < deleted {
                return Err(CommandError::other(
                    "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id",
                ));
            }
            max_deleted = Some(deleted);
        } else {
            return Err(CommandError::Syntax);
        }
    }

    let edited = cx.db.update(key, |stream: &mut keyspace::Edit<'_, Stream>| {
        check(stream, id, added)?;
        stream.set_last_id(id);
        if let Some(added) = added {
            stream.set_entries_added(added);
        }
        if let Some(max_deleted) = max_deleted.filter(|id| *id != StreamId::ZERO) {
            stream.set_max_deleted_id(max_deleted);
        }
        stream.changed(1);
        Ok::<_, CommandError>(())
    })?;
    edited.ok_or(CommandError::NoSuchKey)?;
    cx.notify(Event::Stream, "xsetid", key);
    reply.ok();
    Ok(Flow::Done)
}

fn check(stream: &Stream, id: StreamId, added: Option<u64>) -> Result<(), CommandError> {
    if id < stream.max_deleted_id() {
        return Err(CommandError::other("ERR The ID specified in XSETID is smaller than current max_deleted_entry_id"));
    }
    if stream.last().is_some_and(|last| id < last.id) {
        return Err(CommandError::other("ERR The ID specified in XSETID is smaller than the target stream top item"));
    }
    if added.is_some_and(|added| added < stream.len()) {
        return Err(CommandError::other(
            "ERR The entries_added specified in XSETID is smaller than the target stream length",
        ));
    }
    Ok(())
}

const XSETID_DOCS: Docs = Docs::new("Sets the last id of a stream.", Group::Stream, "O(1)")
    .history(&[("7.0.0", "`ENTRIESADDED` and `MAXDELETEDID`.")])
    .arguments(&[
        Arg::key("key", 0),
        Arg::string("last-id"),
        Arg::integer("entries-added").token("ENTRIESADDED").since("7.0.0").optional(),
        Arg::string("max-deleted-id").token("MAXDELETEDID").since("7.0.0").optional(),
    ]);
