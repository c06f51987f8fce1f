//! HDEL: removes fields. The key goes with the last one.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::{Edit, Key};
use value::Hash;

pub(super) const HDEL: Command = Command::new("hdel", hdel)
    .since("2.0.0")
    .arity(-3)
    .write()
    .fast()
    .acl(&[Acl::Hash])
    .keys(&[KeySpec::index(1).rw().delete()])
    .element(2)
    .docs(&HDEL_DOCS);

fn hdel(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let removed = remove(cx, key, args.rest())?;
    reply.len(removed);
    Ok(Flow::Done)
}

/// Removes fields and tells so. Returns how many there were.
pub(super) fn remove<'f>(
    cx: &mut Context<'_>,
    key: Key<'_>,
    fields: impl Iterator<Item = &'f [u8]>,
) -> Result<usize, CommandError> {
    let (tells, mut gone) = (cx.effects.interest().parts, Vec::new());
    let edited = cx.db.update(key, |hash: &mut Edit<'_, Hash>| {
        let removed = fields
            .filter(|field| hash.remove(field))
            .inspect(|field| {
                if tells {
                    gone.push(*field);
                }
            })
            .count();
        hash.changed(removed as u64);
        Ok::<_, CommandError>(removed)
    })?;
    let Some(edited) = edited.filter(|edited| edited.changed) else { return Ok(0) };
    tell_removal(cx, key, gone, edited.removed);
    Ok(edited.result)
}

/// Tells that fields were removed, and the key with them if they were the last.
pub(super) fn tell_removal<'f>(
    cx: &mut Context<'_>,
    key: Key<'_>,
    fields: impl IntoIterator<Item = &'f [u8]>,
    emptied: bool,
) {
    cx.notify_fields(Event::Hash, "hdel", key, fields);
    if emptied {
        cx.notify(Event::Generic, "del", key);
    }
}

const HDEL_DOCS: Docs = Docs::new("Removes fields of a hash.", Group::Hash, "O(N) with N fields to remove")
    .history(&[("2.4.0", "Accepts multiple `field` arguments.")])
    .arguments(&[Arg::key("key", 0), Arg::string("field").multiple()]);
