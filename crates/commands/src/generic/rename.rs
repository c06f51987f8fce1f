//! RENAME, RENAMENX: the same value, deadline and access clock under another name.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::Key;

pub(super) const RENAME: Command = Command::new("rename", rename)
    .since("1.0.0")
    .arity(3)
    .write()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(1).rw().access().delete(), KeySpec::index(2).ow().update()])
    .docs(&RENAME_DOCS);

pub(super) const RENAMENX: Command = Command::new("renamenx", renamenx)
    .since("1.0.0")
    .arity(3)
    .write()
    .fast()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(1).rw().access().delete(), KeySpec::index(2).ow().insert()])
    .docs(&RENAMENX_DOCS);

fn rename(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let from = args.key()?;
    let to = args.key()?;
    args.finish()?;

    cx.db.lookup_for_update(from).ok_or(CommandError::NoSuchKey)?;
    if from.bytes() != to.bytes() {
        carry(cx, from, to);
    }
    reply.ok();
    Ok(Flow::Done)
}

fn renamenx(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let from = args.key()?;
    let to = args.key()?;
    args.finish()?;

    cx.db.lookup_for_update(from).ok_or(CommandError::NoSuchKey)?;
    // The name that the key has already is taken, too.
    let is_free = !cx.db.contains(to);
    if is_free {
        carry(cx, from, to);
    }
    reply.int(i64::from(is_free));
    Ok(Flow::Done)
}

fn carry(cx: &mut Context<'_>, from: Key<'_>, to: Key<'_>) {
    if let Some(entry) = cx.db.take(from) {
        cx.db.put(to, entry);
        cx.notify(Event::Generic, "rename_from", from);
        cx.notify(Event::Generic, "rename_to", to);
    }
}

const RENAME_DOCS: Docs = Docs::new("Gives a key another name, whatever was there.", Group::Generic, "O(1)")
    .arguments(&[Arg::key("key", 0), Arg::key("newkey", 1)]);

const RENAMENX_DOCS: Docs = Docs::new("Gives a key another name if that is free.", Group::Generic, "O(1)")
    .history(&[("3.2.0", "A key renamed to its own name is no error.")])
    .arguments(&[Arg::key("key", 0), Arg::key("newkey", 1)]);
