//! XDEL, XDELEX: entries by their ids, gone.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use value::{References, Stream, StreamId};

use super::{ids, trim};

pub(super) const XDEL: Command = Command::new("xdel", xdel)
    .since("5.0.0")
    .arity(-3)
    .write()
    .fast()
    .acl(&[Acl::Stream])
    .keys(&[KeySpec::index(1).rw().delete()])
    .docs(&XDEL_DOCS);

pub(super) const XDELEX: Command = Command::new("xdelex", xdelex)
    .since("8.2.0")
    .arity(-5)
    .write()
    .fast()
    .acl(&[Acl::Stream])
    .keys(&[KeySpec::index(1).rw().delete()])
    .docs(&XDELEX_DOCS);

fn xdel(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    // Without a stream nothing is said about the ids.
    if cx.db.read_for_update::<Stream>(key)?.is_none() {
        reply.int(0);
        return Ok(Flow::Done);
    }
    let ids = ids::rest(args)?;

    let edited = cx.db.update(key, |stream: &mut keyspace::Edit<'_, Stream>| {
        let deleted = ids.iter().filter(|id| stream.delete(**id)).count() as u64;
        stream.changed(deleted);
        Ok::<_, CommandError>(deleted)
    })?;
    let deleted = edited.map_or(0, |edited| edited.result);
    if deleted > 0 {
        cx.notify(Event::Stream, "xdel", key);
    }
    reply.int(i64::try_from(deleted).unwrap_or(i64::MAX));
    Ok(Flow::Done)
}

/// What became of an entry that was to be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Missing,
    Deleted,
    /// It is there still: some group has not acknowledged it.
    Kept,
}

impl Outcome {
    pub(super) const fn code(self) -> i64 {
        match self {
            Self::Missing => -1,
            Self::Deleted => 1,
            Self::Kept => 2,
        }
    }
}

/// Deletes an entry with regard to the groups. Returns what became of it and how many changes that were.
pub(super) fn delete(stream: &mut Stream, id: StreamId, references: References) -> (Outcome, u64) {
    let mut changes = 0;
    if references == References::Delete {
        changes += stream.drop_references(id) as u64;
    }
    if !stream.contains(id) {
        return (Outcome::Missing, changes);
    }
    if references == References::Acked && stream.is_referenced(id) {
        return (Outcome::Kept, changes);
    }
    stream.delete(id);
    (Outcome::Deleted, changes + 1)
}

fn xdelex(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let (references, ids) = parse_ids(args)?;

    let edited = cx.db.update(key, |stream: &mut keyspace::Edit<'_, Stream>| {
        let nobody_reads = references == References::Acked && stream.groups().len() == 0;
        let mut outcomes = Vec::with_capacity(ids.len());
        let mut total = 0;
        for id in &ids {
            // Nobody acknowledged what no group was ever given.
            let (outcome, changes) = match stream.contains(*id) {
                true if nobody_reads => (Outcome::Kept, 0),
                _ => delete(stream, *id, references),
            };
            outcomes.push(outcome);
            total += changes;
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

/// `[KEEPREF | DELREF | ACKED] IDS count id...`, in either order.
pub(super) fn parse_ids(args: &mut Args<'_>) -> Result<(References, Vec<StreamId>), CommandError> {
    let (mut references, mut ids) = (None, None);
    while !args.is_empty() {
        if let Some(said) = trim::accept_references(args)
            && references.is_none()
        {
            references = Some(said);
        } else if ids.is_none() && args.accept("IDS") {
            ids = Some(ids::counted(args)?);
        } else {
            return Err(CommandError::Syntax);
        }
    }
    Ok((references.unwrap_or_default(), ids.ok_or(CommandError::Syntax)?))
}

const XDEL_DOCS: Docs = Docs::new("Deletes entries of a stream.", Group::Stream, "O(log n) for each id")
    .arguments(&[Arg::key("key", 0), Arg::string("id").multiple()]);

const XDELEX_DOCS: Docs = Docs::new(
    "Deletes entries of a stream, and says what becomes of the references to them.",
    Group::Stream,
    "O(log n) for each id",
)
.arguments(&[
    Arg::key("key", 0),
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
