//! FLUSHDB, FLUSHALL, SWAPDB: whole databases, emptied or exchanged.
//!
//! Everybody stands still only while the tables are taken away, which does not depend on their size. What was in them is freed
//! afterwards: by another thread (ASYNC), or by this one before it answers (SYNC, the default), so that the memory is back when the
//! client hears of it, while the other threads go on.

use std::ops::Range;

use command_api::{Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, Reply, Scope};
use stdx::num;

pub(super) const FLUSHDB: Command = Command::new("flushdb", flushdb)
    .since("1.0.0")
    .arity(-1)
    .write()
    .acl(&[Acl::Keyspace, Acl::Dangerous])
    .scope(Scope::All)
    .tips(&["request_policy:all_shards", "response_policy:all_succeeded"])
    .docs(&FLUSHDB_DOCS);

pub(super) const FLUSHALL: Command = Command::new("flushall", flushall)
    .since("1.0.0")
    .arity(-1)
    .write()
    .acl(&[Acl::Keyspace, Acl::Dangerous])
    .scope(Scope::All)
    .tips(&["request_policy:all_shards", "response_policy:all_succeeded"])
    .docs(&FLUSHALL_DOCS);

pub(super) const SWAPDB: Command = Command::new("swapdb", swapdb)
    .since("4.0.0")
    .arity(3)
    .write()
    .fast()
    .acl(&[Acl::Keyspace, Acl::Dangerous])
    .scope(Scope::All)
    .docs(&SWAPDB_DOCS);

fn flushdb(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let home = cx.db.index();
    flush(cx, home..home + 1, args, reply)
}

fn flushall(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let all = 0..cx.db.databases();
    flush(cx, all, args, reply)
}

fn flush(cx: &mut Context<'_>, databases: Range<usize>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let in_background = args.accept("ASYNC");
    let _ = in_background || args.accept("SYNC");
    args.finish()?;

    let home = cx.db.index();
    for db in databases {
        cx.db.select(db);
        cx.db.flush();
    }
    cx.db.select(home);
    if !in_background {
        cx.db.free_garbage_here();
    }
    // Also when there was nothing to remove here: a replica that has drifted is set right.
    let command: Vec<&[u8]> = args.argv().iter().collect();
    cx.propagate_as(&command);
    reply.ok();
    Ok(Flow::Done)
}

fn swapdb(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let first = index(args, "ERR invalid first DB index")?;
    let second = index(args, "ERR invalid second DB index")?;
    args.finish()?;
    let first = existing(cx, first)?;
    let second = existing(cx, second)?;

    cx.db.swap(first, second);
    reply.ok();
    Ok(Flow::Done)
}

fn index(args: &mut Args<'_>, refusal: &'static str) -> Result<i32, CommandError> {
    let index = num::parse_i64(args.bytes()?).and_then(|index| i32::try_from(index).ok());
    index.ok_or_else(|| CommandError::other(refusal))
}

fn existing(cx: &Context<'_>, index: i32) -> Result<usize, CommandError> {
    usize::try_from(index).ok().filter(|index| *index < cx.db.databases()).ok_or(CommandError::DbIndexOutOfRange)
}

const FLUSH_TYPE: Arg = Arg::one_of(
    "flush-type",
    &[Arg::pure_token("async", "ASYNC").since("4.0.0"), Arg::pure_token("sync", "SYNC").since("6.2.0")],
)
.optional();

const MODES_CAME: &[(&str, &str)] = &[("4.0.0", "The `ASYNC` mode."), ("6.2.0", "The `SYNC` mode.")];

const FLUSHDB_DOCS: Docs =
    Docs::new("Removes all keys of the database.", Group::Server, "O(N) with N keys in the database")
        .history(MODES_CAME)
        .arguments(&[FLUSH_TYPE]);

const FLUSHALL_DOCS: Docs =
    Docs::new("Removes all keys of all databases.", Group::Server, "O(N) with N keys in all databases")
        .history(MODES_CAME)
        .arguments(&[FLUSH_TYPE]);

const SWAPDB_DOCS: Docs = Docs::new(
    "Exchanges the contents of two databases.",
    Group::Server,
    "O(N) with N clients that watch or wait for keys of either",
)
.arguments(&[Arg::integer("index1"), Arg::integer("index2")]);
