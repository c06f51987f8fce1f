//! HSET, HMSET, HSETNX: give fields values. What is set anew loses its deadline.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::{Edit, Key};
use value::{FieldTtl, Hash};

pub(super) const HSET: Command = Command::new("hset", hset)
    .since("2.0.0")
    .arity(-4)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::Hash])
    .keys(&[KeySpec::index(1).rw().update()])
    .element(2)
    .docs(&HSET_DOCS);

pub(super) const HMSET: Command = Command::new("hmset", hmset)
    .since("2.0.0")
    .arity(-4)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::Hash])
    .keys(&[KeySpec::index(1).rw().update()])
    .element(2)
    .docs(&HMSET_DOCS);

pub(super) const HSETNX: Command = Command::new("hsetnx", hsetnx)
    .since("2.0.0")
    .arity(4)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::Hash])
    .keys(&[KeySpec::index(1).rw().insert()])
    .element(2)
    .docs(&HSETNX_DOCS);

fn hset(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let added = set_all(cx, key, args)?;
    reply.len(added);
    Ok(Flow::Done)
}

fn hmset(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    set_all(cx, key, args)?;
    reply.ok();
    Ok(Flow::Done)
}

/// Sets the fields that the rest of the arguments names. Returns how many are new.
fn set_all(cx: &mut Context<'_>, key: Key<'_>, args: &Args<'_>) -> Result<usize, CommandError> {
    let arguments = args.rest();
    let count = arguments.len() / 2;
    if !arguments.len().is_multiple_of(2) {
        return Err(cx.wrong_arity());
    }

    let limits = &cx.tunables.encodings;
    let edited = cx.db.upsert(key, |hash: &mut Edit<'_, Hash>| {
        hash.expect(count, limits);
        let (mut arguments, mut added) = (arguments, 0);
        while let (Some(field), Some(value)) = (arguments.next(), arguments.next()) {
            added += usize::from(hash.set(field, value, FieldTtl::Clear, limits));
        }
        hash.changed(count as u64);
        Ok::<_, CommandError>(added)
    })?;
    cx.notify_fields(Event::Hash, "hset", key, args.rest().step_by(2));
    Ok(edited.result)
}

fn hsetnx(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let (field, value) = (args.bytes()?, args.bytes()?);
    args.finish()?;

    cx.db.expire_fields(key, std::iter::once(field));
    let limits = &cx.tunables.encodings;
    let edited = cx.db.upsert(key, |hash: &mut Edit<'_, Hash>| {
        let is_free = hash.get(field).is_none();
        if is_free {
            hash.expect(1, limits);
            hash.set(field, value, FieldTtl::Clear, limits);
            hash.changed(1);
        }
        Ok::<_, CommandError>(is_free)
    })?;
    if edited.result {
        cx.notify_fields(Event::Hash, "hset", key, [field]);
    }
    reply.int(i64::from(edited.result));
    Ok(Flow::Done)
}

const PAIRS: Arg = Arg::block("data", &[Arg::string("field"), Arg::string("value")]).multiple();

const HSET_DOCS: Docs = Docs::new("Sets fields of a hash.", Group::Hash, "O(N) with N fields to set")
    .history(&[("4.0.0", "Accepts multiple `field` and `value` arguments.")])
    .arguments(&[Arg::key("key", 0), PAIRS]);

const HMSET_DOCS: Docs = Docs::new("Sets fields of a hash and answers OK.", Group::Hash, "O(N) with N fields to set")
    .deprecated("4.0.0", "`HSET` with multiple field-value pairs")
    .arguments(&[Arg::key("key", 0), PAIRS]);

const HSETNX_DOCS: Docs = Docs::new("Sets a field of a hash unless it is there.", Group::Hash, "O(1)").arguments(&[
    Arg::key("key", 0),
    Arg::string("field"),
    Arg::string("value"),
]);
