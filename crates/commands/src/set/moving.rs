//! SMOVE.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::{Edit, Key};
use value::Set;

pub(super) const SMOVE: Command = Command::new("smove", smove)
    .since("1.0.0")
    .arity(4)
    .write()
    .fast()
    .acl(&[Acl::Set])
    .keys(&[KeySpec::index(1).rw().access().delete(), KeySpec::index(2).rw().insert()])
    .docs(&SMOVE_DOCS);

fn smove(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let source = args.key()?;
    let destination = args.key()?;
    let member = args.bytes()?;
    args.finish()?;

    // A missing source is answered before the destination's type is looked at, a missing member after.
    let Some(set) = cx.db.read_for_update::<Set>(source)? else {
        reply.int(0);
        return Ok(Flow::Done);
    };
    let found = set.contains(member);
    cx.db.read_for_update::<Set>(destination)?;
    if found && source.bytes() != destination.bytes() {
        relocate(cx, source, destination, member)?;
    }
    reply.int(i64::from(found));
    Ok(Flow::Done)
}

fn relocate(cx: &mut Context<'_>, source: Key<'_>, destination: Key<'_>, member: &[u8]) -> Result<(), CommandError> {
    let left = cx.db.update(source, |set: &mut Edit<'_, Set>| {
        let removed = set.remove(member);
        set.changed(u64::from(removed));
        Ok::<_, CommandError>(())
    })?;
    cx.notify(Event::Set, "srem", source);
    if left.is_some_and(|left| left.removed) {
        cx.notify(Event::Generic, "del", source);
    }

    let limits = &cx.tunables.encodings;
    let joined = cx.db.upsert(destination, |set: &mut Edit<'_, Set>| {
        if set.is_new() {
            set.expect(member, 1, limits);
        }
        let added = set.insert(member, limits);
        set.changed(u64::from(added));
        Ok::<_, CommandError>(())
    })?;
    if joined.changed {
        cx.notify(Event::Set, "sadd", destination);
    }
    Ok(())
}

const SMOVE_DOCS: Docs = Docs::new("Moves a member from one set to another.", Group::Set, "O(1)").arguments(&[
    Arg::key("source", 0),
    Arg::key("destination", 1),
    Arg::string("member"),
]);
