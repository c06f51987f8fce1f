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

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::check_told;

    #[test]
    fn a_flush_leaves_the_other_databases() {
        check(
            r"
            > MSET a 1 b 2                  => OK
            > EXPIRE a 100                  => 1
            > COPY a a DB 3                 => 1
            > FLUSHDB                       => OK
            > DBSIZE                        => 0
            > GET a                         => (nil)
            > FLUSHDB SYNC                  => OK
            > SELECT 3                      => OK
            > DBSIZE                        => 1
            > FLUSHDB async                 => OK
            > DBSIZE                        => 0
        ",
        );
    }

    #[test]
    fn flushall_empties_every_database() {
        check(
            r"
            > SET a 1 PX 50                 => OK
            > COPY a a DB 15                => 1
            > FLUSHALL                      => OK
            > DBSIZE                        => 0
            > SET a 1                       => OK
            @now +60ms
            > GET a                         => '1'
            > COPY a a DB 15                => 1
            > FLUSHALL ASYNC                => OK
            > SET a 1                       => OK
            > FLUSHALL sync                 => OK
            > EXISTS a                      => 0
            > SELECT 15                     => OK
            > DBSIZE                        => 0
        ",
        );
    }

    #[test]
    fn a_flush_takes_one_mode() {
        check(
            r"
            > SET a 1                       => OK
            > FLUSHDB FOO                   => (error) ERR syntax error
            > FLUSHDB ASYNC SYNC            => (error) ERR syntax error
            > FLUSHALL FOO                  => (error) ERR syntax error
            > FLUSHALL SYNC SYNC            => (error) ERR syntax error
            > GET a                         => '1'
        ",
        );
    }

    #[test]
    fn swapped_databases_keep_their_deadlines() {
        check(
            r"
            > SET a 1 PX 50                 => OK
            > SET b 2                       => OK
            > SWAPDB 0 1                    => OK
            > DBSIZE                        => 0
            > SELECT 1                      => OK
            > MGET a b                      => ['1', '2']
            @now +60ms
            > MGET a b                      => [(nil), '2']
            > SWAPDB 1 1                    => OK
            > SWAPDB 1 0                    => OK
            > EXISTS b                      => 0
            > SELECT 0                      => OK
            > GET b                         => '2'
        ",
        );
    }

    #[test]
    fn swapdb_reads_both_numbers_before_it_looks_for_databases() {
        check(
            r"
            > SWAPDB x 1                    => (error) ERR invalid first DB index
            > SWAPDB x x                    => (error) ERR invalid first DB index
            > SWAPDB 16 x                   => (error) ERR invalid second DB index
            > SWAPDB 1 x                    => (error) ERR invalid second DB index
            > SWAPDB 2147483648 0           => (error) ERR invalid first DB index
            > SWAPDB 0 2147483648           => (error) ERR invalid second DB index
            > SWAPDB 00 1                   => (error) ERR invalid first DB index
            > SWAPDB 2147483647 0           => (error) ERR DB index is out of range
            > SWAPDB 0 16                   => (error) ERR DB index is out of range
            > SWAPDB -1 0                   => (error) ERR DB index is out of range
            > SWAPDB 0                      => (error) ERR wrong number of arguments for 'swapdb' command
        ",
        );
    }

    #[test]
    fn a_flush_is_propagated_even_if_there_was_nothing_to_remove() {
        check_told(&[
            ("FLUSHALL", "", "FLUSHALL"),
            ("SET k v", "set:k", "="),
            ("FLUSHALL ASYNC", "", "FLUSHALL ASYNC"),
            ("FLUSHDB", "", "FLUSHDB"),
            ("SWAPDB 0 0", "", "="),
            ("SWAPDB 1 0", "", "="),
        ]);
    }
}
