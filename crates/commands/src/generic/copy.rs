//! COPY, MOVE: the same value under another name or in another database.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::table::{EntryBox, NewValue};

pub(super) const COPY: Command = Command::new("copy", copy)
    .since("6.2.0")
    .arity(-3)
    .write()
    .deny_oom()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(1).ro().access(), KeySpec::index(2).ow().update()])
    .docs(&COPY_DOCS);

pub(super) const MOVE: Command = Command::new("move", move_key)
    .since("1.0.0")
    .arity(3)
    .write()
    .fast()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(1).rw().access().update()])
    .docs(&MOVE_DOCS);

fn copy(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let from = args.key()?;
    let to = args.key()?;
    let home = cx.db.index();
    let (mut db, mut replace) = (home, false);
    while !args.is_empty() {
        if args.accept("REPLACE") {
            replace = true;
        } else if args.remaining() > 1 && args.accept("DB") {
            db = database(cx, args)?;
        } else {
            return Err(CommandError::Syntax);
        }
    }
    if db == home && from.bytes() == to.bytes() {
        return Err(CommandError::SameObject);
    }

    cx.db.select(db);
    let is_taken = !replace && cx.db.contains(to);
    cx.db.select(home);
    let source = cx.db.lookup(from).filter(|_| !is_taken);
    let copied = source.map(|entry| {
        let value = NewValue::from(entry.value().to_value());
        EntryBox::new(to.bytes(), value, entry.deadline(), cx.db.clock().fresh())
    });
    let Some(entry) = copied else {
        reply.int(0);
        return Ok(Flow::Done);
    };
    cx.db.select(db);
    cx.db.put(to, entry);
    cx.notify(Event::Generic, "copy_to", to);
    cx.db.select(home);
    reply.int(1);
    Ok(Flow::Done)
}

fn move_key(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let home = cx.db.index();
    let db = database(cx, args)?;
    args.finish()?;
    if db == home {
        return Err(CommandError::SameObject);
    }

    cx.db.select(db);
    let is_taken = cx.db.contains(key);
    cx.db.select(home);
    // A key that stays because its name is taken was used all the same.
    let moves = cx.db.lookup_for_update(key).is_some() && !is_taken && cx.db.carry(key, db, key);
    if moves {
        cx.notify(Event::Generic, "move_from", key);
        cx.db.select(db);
        cx.notify(Event::Generic, "move_to", key);
        cx.db.select(home);
    }
    reply.int(i64::from(moves));
    Ok(Flow::Done)
}

/// The next argument as the number of a database.
fn database(cx: &Context<'_>, args: &mut Args<'_>) -> Result<usize, CommandError> {
    let index = args.int()?;
    if i32::try_from(index).is_err() {
        return Err(CommandError::other("ERR value is out of range, value must between -2147483648 and 2147483647"));
    }
    usize::try_from(index).ok().filter(|index| *index < cx.db.databases()).ok_or(CommandError::DbIndexOutOfRange)
}

const COPY_DOCS: Docs = Docs::new(
    "Copies a key's value and deadline to another name or database.",
    Group::Generic,
    "O(N) with N elements in a collection, O(1) for a string",
)
.arguments(&[
    Arg::key("source", 0),
    Arg::key("destination", 1),
    Arg::integer("destination-db").token("DB").optional(),
    Arg::pure_token("replace", "REPLACE").optional(),
]);

const MOVE_DOCS: Docs = Docs::new("Moves a key to another database.", Group::Generic, "O(1)")
    .arguments(&[Arg::key("key", 0), Arg::integer("db")]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::{check_changes, check_counted, check_told};

    #[test]
    fn a_copy_is_independent_and_keeps_the_deadline() {
        check(
            r"
            > SET a 1 PXAT 4102444800000    => OK
            > COPY a b                      => 1
            > PEXPIRETIME b                 => 4102444800000
            > INCR b                        => 2
            > MGET a b                      => ['1', '2']
            > COPY none b                   => 0
            > COPY none c                   => 0
            > COPY none b REPLACE           => 0
            > GET b                         => '2'
        ",
        );
    }

    #[test]
    fn copy_replaces_only_when_told_to() {
        check(
            r"
            > SET a 1                       => OK
            > SET b 2 EX 100                => OK
            > COPY a b                      => 0
            > GET b                         => '2'
            > COPY a b REPLACE              => 1
            > GET b                         => '1'
            > TTL b                         => -1
            > SET c 3 PX 10                 => OK
            @now +20ms
            > COPY c b REPLACE              => 0
            > COPY a c                      => 1
            > TTL c                         => -1
        ",
        );
    }

    #[test]
    fn copy_reaches_other_databases() {
        check(
            r"
            > SET a 1                       => OK
            > COPY a a DB 1                 => 1
            > COPY a a db 1                 => 0
            > INCR a                        => 2
            > COPY a a DB 1 REPLACE         => 1
            > COPY a b REPLACE REPLACE DB 1 DB 2    => 1
            > EXISTS a b                    => 1
            > SELECT 1                      => OK
            > GET a                         => '2'
            > EXISTS b                      => 0
            > SELECT 2                      => OK
            > GET b                         => '2'
        ",
        );
    }

    #[test]
    fn copy_reads_its_options_in_order() {
        check(
            r"
            > SET a 1                       => OK
            > COPY a a                      => (error) ERR source and destination objects are the same
            > COPY a a REPLACE              => (error) ERR source and destination objects are the same
            > COPY a a DB 0                 => (error) ERR source and destination objects are the same
            > COPY none none                => (error) ERR source and destination objects are the same
            > COPY a a DB 1 DB 0            => (error) ERR source and destination objects are the same
            > COPY a b FOO                  => (error) ERR syntax error
            > COPY a a FOO                  => (error) ERR syntax error
            > COPY a b DB                   => (error) ERR syntax error
            > COPY a b REPLACE DB           => (error) ERR syntax error
            > COPY a b DB x                 => (error) ERR value is not an integer or out of range
            > COPY a b DB x FOO             => (error) ERR value is not an integer or out of range
            > COPY a b DB 16                => (error) ERR DB index is out of range
            > COPY a b DB 16 FOO            => (error) ERR DB index is out of range
            > COPY a a DB 16                => (error) ERR DB index is out of range
            > COPY a b DB -1                => (error) ERR DB index is out of range
            > COPY a b DB 4294967296        => (error) ERR value is out of range, value must between -2147483648 and 2147483647
            > COPY a b DB 9223372036854775808   => (error) ERR value is not an integer or out of range
            > COPY a                        => (error) ERR wrong number of arguments for 'copy' command
            > EXISTS b                      => 0
        ",
        );
    }

    #[test]
    fn a_key_moves_to_another_database_with_its_deadline() {
        check(
            r"
            > SET a 1 PXAT 4102444800000    => OK
            > MOVE a 1                      => 1
            > EXISTS a                      => 0
            > MOVE a 1                      => 0
            > SET a 2                       => OK
            > MOVE a 1                      => 0
            > GET a                         => '2'
            > SELECT 1                      => OK
            > GET a                         => '1'
            > PEXPIRETIME a                 => 4102444800000
            > PEXPIRE a 10                  => 1
            @now +20ms
            > SELECT 0                      => OK
            > MOVE a 1                      => 1
            > SET b 3 PX 10                 => OK
            @now +20ms
            > MOVE b 1                      => 0
            > DBSIZE                        => 0
            > SELECT 1                      => OK
            > GET a                         => '2'
            > TTL a                         => -1
        ",
        );
    }

    #[test]
    fn move_checks_the_database_before_the_key() {
        check(
            r"
            > MOVE none 0                   => (error) ERR source and destination objects are the same
            > MOVE none x                   => (error) ERR value is not an integer or out of range
            > MOVE none 01                  => (error) ERR value is not an integer or out of range
            > MOVE none 16                  => (error) ERR DB index is out of range
            > MOVE none -1                  => (error) ERR DB index is out of range
            > MOVE none 4294967296          => (error) ERR value is out of range, value must between -2147483648 and 2147483647
            > MOVE none                     => (error) ERR wrong number of arguments for 'move' command
            > SELECT 1                      => OK
            > MOVE none 1                   => (error) ERR source and destination objects are the same
        ",
        );
    }

    #[test]
    fn events_name_the_database_they_happened_in() {
        check_told(&[
            ("SET a v", "set:a", "="),
            ("COPY a b", "copy_to:b", "="),
            ("COPY a b", "", ""),
            ("COPY none b REPLACE", "", ""),
            ("COPY a b REPLACE", "copy_to:b", "="),
            ("COPY a c DB 1", "copy_to:c@1", "="),
            ("MOVE a 1", "move_from:a move_to:a@1", "="),
            ("MOVE a 1", "", ""),
            ("SET c v", "set:c", "="),
            ("MOVE c 1", "", ""),
        ]);
        check_counted(&[
            ("SET a v", 0, 0),
            ("COPY a b", 1, 0),
            ("COPY a b", 1, 0),
            ("COPY none b", 0, 1),
            ("MOVE a 1", 0, 0),
        ]);
    }

    #[test]
    fn a_key_on_its_way_is_one_change() {
        check_changes(&[
            ("MSET a v b v", 2),
            ("COPY a c", 1),
            ("COPY a c", 0),
            ("COPY a c REPLACE", 1),
            ("MOVE a 1", 1),
            ("RENAME b c", 1),
            ("RENAME c c", 0),
            ("RENAMENX c d", 1),
            ("EXPIRE d 100", 1),
            ("PERSIST d", 1),
            ("SWAPDB 0 0", 1),
            ("DEL d none", 1),
            ("FLUSHALL", 1),
            ("FLUSHALL", 0),
        ]);
    }
}
