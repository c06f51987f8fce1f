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
    let moves = !is_taken && cx.db.lookup_for_update(key).is_some();
    if moves && let Some(entry) = cx.db.take(key) {
        cx.db.select(db);
        cx.db.put(key, entry);
        cx.db.select(home);
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
