//! HINCRBY, HINCRBYFLOAT: arithmetic on a field that is a number. The field's deadline stays.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::Edit;
use stdx::num::{HumanFloat, IntText};
use value::{FieldTtl, Hash};

pub(super) const HINCRBY: Command = Command::new("hincrby", hincrby)
    .since("2.0.0")
    .arity(4)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::Hash])
    .keys(&[KeySpec::index(1).rw().access().update()])
    .element(2)
    .docs(&HINCRBY_DOCS);

pub(super) const HINCRBYFLOAT: Command = Command::new("hincrbyfloat", hincrbyfloat)
    .since("2.6.0")
    .arity(4)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::Hash])
    .keys(&[KeySpec::index(1).rw().access().update()])
    .element(2)
    .docs(&HINCRBYFLOAT_DOCS);

const NO_INTEGER: CommandError = CommandError::other("ERR hash value is not an integer");
const NO_FLOAT: CommandError = CommandError::other("ERR hash value is not a float");
const NOT_FINITE: CommandError = CommandError::other("ERR value is NaN or Infinity");

fn hincrby(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let field = args.bytes()?;
    let increment = args.int()?;
    args.finish()?;

    cx.db.expire_fields(key, std::iter::once(field));
    let limits = &cx.tunables.encodings;
    let edited = cx.db.upsert(key, |hash: &mut Edit<'_, Hash>| {
        let current = hash.get(field).map_or(Some(0), |(value, _)| value.to_int()).ok_or(NO_INTEGER)?;
        let sum = current.checked_add(increment).ok_or(CommandError::IncrOverflow)?;
        hash.set(field, IntText::new().format(sum), FieldTtl::Keep, limits);
        hash.changed(1);
        Ok::<_, CommandError>(sum)
    })?;
    cx.notify_fields(Event::Hash, "hincrby", key, [field]);
    reply.int(edited.result);
    Ok(Flow::Done)
}

fn hincrbyfloat(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let field = args.bytes()?;
    let increment = HumanFloat::parse(args.bytes()?).ok_or(CommandError::NotFloat)?;
    args.finish()?;
    if !increment.is_finite() {
        return Err(NOT_FINITE);
    }

    cx.db.expire_fields(key, std::iter::once(field));
    let limits = &cx.tunables.encodings;
    let edited = cx.db.upsert(key, |hash: &mut Edit<'_, Hash>| {
        let current = match hash.get(field) {
            None => HumanFloat::from(0),
            Some((value, _)) => HumanFloat::parse(value.bytes(&mut IntText::new())).ok_or(NO_FLOAT)?,
        };
        let sum = current + increment;
        if !sum.is_finite() {
            return Err(CommandError::IncrNanOrInfinity);
        }
        let mut text = Vec::new();
        sum.append_to(&mut text);
        hash.set(field, &text, FieldTtl::Keep, limits);
        hash.changed(1);
        Ok(text)
    })?;
    cx.notify_fields(Event::Hash, "hincrbyfloat", key, [field]);
    // The sum rather than the increment: what the others store must not depend on their arithmetic.
    cx.propagate_as(&[b"HSETEX", key.bytes(), b"KEEPTTL", b"FIELDS", b"1", field, &edited.result]);
    reply.bulk(&edited.result);
    Ok(Flow::Done)
}

const HINCRBY_DOCS: Docs =
    Docs::new("Adds to an integer in a field; a missing field counts as 0.", Group::Hash, "O(1)").arguments(&[
        Arg::key("key", 0),
        Arg::string("field"),
        Arg::integer("increment"),
    ]);

const HINCRBYFLOAT_DOCS: Docs =
    Docs::new("Adds to a decimal fraction in a field; a missing field counts as 0.", Group::Hash, "O(1)").arguments(&[
        Arg::key("key", 0),
        Arg::string("field"),
        Arg::double("increment"),
    ]);
