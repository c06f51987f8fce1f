//! HGETDEL, HGETEX: read fields, and remove them or move their deadlines.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::{Edit, Key};
use stdx::UnixMs;
use stdx::num::IntText;
use value::Hash;

use super::deadline::{self, WORDS};
use super::del::remove;
use super::field_list::{FieldList, NO_POSITIVE_NUMBER, propagate_fields, propagate_removal};
use super::{answer, del};

pub(super) const HGETDEL: Command = Command::new("hgetdel", hgetdel)
    .since("8.0.0")
    .arity(-5)
    .write()
    .fast()
    .acl(&[Acl::Hash])
    .keys(&[KeySpec::index(1).rw().access().delete()])
    .docs(&HGETDEL_DOCS);

pub(super) const HGETEX: Command = Command::new("hgetex", hgetex)
    .since("8.0.0")
    .arity(-5)
    .write()
    .fast()
    .acl(&[Acl::Hash])
    .keys(&[KeySpec::index(1).rw().access().update().notes("RW and UPDATE because it changes the TTL")])
    .docs(&HGETEX_DOCS);

fn hgetdel(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    cx.db.read_for_update::<Hash>(key)?;
    let fields = FieldList::parse(args, NO_POSITIVE_NUMBER)?;

    cx.db.expire_fields(key, fields.iter());
    let mark = reply.mark();
    let (tells, mut gone) = (cx.effects.interest().parts, Vec::new());
    let edited = cx.db.update(key, |hash: &mut Edit<'_, Hash>| {
        reply.array(fields.len());
        // One after the other: a field that is named twice is there only once.
        for field in fields.iter() {
            answer::bulk_or_null(reply, hash.get(field).map(|(value, _)| value));
            let removed = hash.remove(field);
            hash.changed(u64::from(removed));
            if removed && tells {
                gone.push(field);
            }
        }
        Ok::<_, CommandError>(())
    })?;
    match edited {
        None => {
            reply.rewind(mark);
            reply.array(fields.len());
            fields.iter().for_each(|_| reply.null());
        }
        Some(edited) if edited.changed => {
            del::tell_removal(cx, key, gone, edited.removed);
            propagate_removal(cx, key.bytes(), fields.iter());
        }
        Some(_) => {}
    }
    Ok(Flow::Done)
}

/// What HGETEX does to the deadlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    None,
    Persist,
    At(UnixMs),
}

impl Change {
    fn parse(cx: &Context<'_>, args: &mut Args<'_>) -> Result<Self, CommandError> {
        for (word, unit, origin) in WORDS {
            if args.accept(word) {
                let at = deadline::parse(cx, args.bytes()?, unit, origin)?;
                // One word more than the arity asks for, so that FIELDS and its number may be missing.
                return if args.remaining() < 2 { Err(cx.wrong_arity()) } else { Ok(Self::At(at)) };
            }
        }
        Ok(if args.accept("PERSIST") { Self::Persist } else { Self::None })
    }
}

fn hgetex(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    cx.db.read_for_update::<Hash>(key)?;
    let change = Change::parse(cx, args)?;
    let fields = FieldList::parse(args, NO_POSITIVE_NUMBER)?;

    cx.db.expire_fields(key, fields.iter());
    reply.array(fields.len());
    let has_come = matches!(change, Change::At(at) if deadline::has_come(cx, at));
    if has_come {
        return take(cx, key, &fields, reply);
    }
    let hash = cx.db.read_for_update::<Hash>(key)?;
    for field in fields.iter() {
        answer::bulk_or_null(reply, hash.and_then(|hash| hash.get(field)).map(|(value, _)| value));
    }
    match change {
        Change::None => {}
        Change::Persist => {
            if let Some(changed) = set_deadlines(cx, key, None, &fields)? {
                cx.notify_fields(Event::Hash, "hpersist", key, changed);
                propagate_fields(cx, &[b"HPERSIST", key.bytes()], fields.iter());
            }
        }
        Change::At(at) => {
            if let Some(changed) = set_deadlines(cx, key, Some(at), &fields)? {
                cx.notify_fields(Event::Hash, "hexpire", key, changed);
                let mut text = IntText::new();
                propagate_fields(cx, &[b"HPEXPIREAT", key.bytes(), text.format(at.0)], fields.iter());
            }
        }
    }
    Ok(Flow::Done)
}

/// Answers the values of fields whose new deadline has come, and removes them.
fn take(cx: &mut Context<'_>, key: Key<'_>, fields: &FieldList<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let mut there = Vec::new();
    let hash = cx.db.read_for_update::<Hash>(key)?;
    for field in fields.iter() {
        // A field that is named twice is there only once.
        let value = hash.and_then(|hash| hash.get(field)).filter(|_| !there.contains(&field));
        answer::bulk_or_null(reply, value.map(|(value, _)| value));
        if value.is_some() {
            there.push(field);
        }
    }
    if !there.is_empty() {
        remove(cx, key, there.iter().copied())?;
        propagate_removal(cx, key.bytes(), there.into_iter());
    }
    Ok(Flow::Done)
}

/// Gives the fields that are there a deadline, or takes it away. Returns which were changed, as far as somebody hears of it; `None`: none was.
fn set_deadlines<'f>(
    cx: &mut Context<'_>,
    key: Key<'_>,
    at: Option<UnixMs>,
    fields: &FieldList<'f>,
) -> Result<Option<Vec<&'f [u8]>>, CommandError> {
    let (tells, mut changed) = (cx.effects.interest().parts, Vec::new());
    let edited = cx.db.update(key, |hash: &mut Edit<'_, Hash>| {
        for field in fields.iter() {
            let Some((_, before)) = hash.get(field) else { continue };
            if at.is_some() || before.is_some() {
                hash.set_deadline(field, at);
                hash.changed(1);
                if tells {
                    changed.push(field);
                }
            }
        }
        Ok::<_, CommandError>(())
    })?;
    Ok(edited.filter(|edited| edited.changed).map(|_| changed))
}

const FIELDS: Arg = Arg::block("fields", &[Arg::integer("numfields"), Arg::string("field").multiple()]).token("FIELDS");

const COST: &str = "O(N) with N fields named";

const HGETDEL_DOCS: Docs =
    Docs::new("Reads fields of a hash and removes them.", Group::Hash, COST).arguments(&[Arg::key("key", 0), FIELDS]);

const HGETEX_DOCS: Docs = Docs::new("Reads fields of a hash and sets or removes their deadlines.", Group::Hash, COST)
    .arguments(&[
        Arg::key("key", 0),
        Arg::one_of(
            "expiration",
            &[
                Arg::integer("seconds").token("EX"),
                Arg::integer("milliseconds").token("PX"),
                Arg::unix_time("unix-time-seconds").token("EXAT"),
                Arg::unix_time("unix-time-milliseconds").token("PXAT"),
                Arg::pure_token("persist", "PERSIST"),
            ],
        )
        .optional(),
        FIELDS,
    ]);
