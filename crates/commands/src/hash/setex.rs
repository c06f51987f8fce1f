//! HSETEX: sets fields and their deadlines, on a condition.

use std::borrow::Cow;

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::{Edit, Key};
use stdx::UnixMs;
use stdx::num::{self, IntText};
use value::{FieldTtl, Hash};

use super::deadline::{self, WORDS};
use super::del::tell_removal;
use super::field_list::propagate_removal;

pub(super) const HSETEX: Command = Command::new("hsetex", hsetex)
    .since("8.0.0")
    .arity(-6)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::Hash])
    .keys(&[KeySpec::index(1).rw().update()])
    .docs(&HSETEX_DOCS);

const TWO_CONDITIONS: CommandError = CommandError::other("ERR Only one of FXX or FNX arguments can be specified");
const TWO_LIFETIMES: CommandError =
    CommandError::other("ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified");
const BAD_NUMBER: CommandError = CommandError::other("ERR invalid number of fields");

/// On what HSETEX depends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Condition {
    /// No field may be there.
    Fnx,
    /// All fields must be there.
    Fxx,
}

/// Everything but the key.
#[derive(Clone, Debug)]
struct Request<'a> {
    condition: Option<Condition>,
    ttl: FieldTtl,
    /// Fields and values in turn.
    pairs: Args<'a>,
}

impl<'a> Request<'a> {
    fn parse(cx: &Context<'_>, args: &mut Args<'a>) -> Result<Self, CommandError> {
        let (mut condition, mut ttl) = (None, None);
        loop {
            let word = args.peek().ok_or_else(|| cx.wrong_arity())?;
            if args.accept("FIELDS") {
                break;
            }
            let wanted =
                if args.accept("FNX") { Some(Condition::Fnx) } else { args.accept("FXX").then_some(Condition::Fxx) };
            if wanted.is_some() {
                if condition.is_some() {
                    return Err(TWO_CONDITIONS);
                }
                condition = wanted;
                continue;
            }
            let timed = WORDS.iter().find(|(word, ..)| args.accept(word));
            if timed.is_none() && !args.accept("KEEPTTL") {
                let word = String::from_utf8_lossy(word);
                return Err(CommandError::Other(Cow::Owned(format!("ERR unknown argument: {word}"))));
            }
            if ttl.is_some() {
                return Err(TWO_LIFETIMES);
            }
            ttl = Some(match timed {
                None => FieldTtl::Keep,
                Some((_, unit, origin)) => {
                    let number = args.bytes().map_err(|_| cx.wrong_arity())?;
                    FieldTtl::At(deadline::parse(cx, number, *unit, *origin)?)
                }
            });
        }
        let count = args.bytes().map_err(|_| cx.wrong_arity())?;
        let count = num::parse_i64(count).and_then(|count| i32::try_from(count).ok()).filter(|count| *count > 0);
        let count = usize::try_from(count.ok_or(BAD_NUMBER)?).map_err(|_| BAD_NUMBER)?;
        if count.checked_mul(2) != Some(args.remaining()) {
            return Err(cx.wrong_arity());
        }
        Ok(Self { condition, ttl: ttl.unwrap_or(FieldTtl::Clear), pairs: args.clone() })
    }

    fn fields(&self) -> impl Iterator<Item = &'a [u8]> + Clone + use<'a> {
        self.pairs.rest().step_by(2)
    }

    /// Whether the fields are as the condition wants them. Those past their deadline are removed on the way.
    fn is_allowed(&self, cx: &mut Context<'_>, key: Key<'_>) -> Result<bool, CommandError> {
        let Some(condition) = self.condition else { return Ok(true) };
        for field in self.fields() {
            cx.db.expire_fields(key, std::iter::once(field));
            let is_there = cx.db.read_for_update::<Hash>(key)?.is_some_and(|hash| hash.get(field).is_some());
            if is_there != (condition == Condition::Fxx) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn hsetex(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let request = Request::parse(cx, args)?;
    cx.db.read_for_update::<Hash>(key)?;
    if !request.is_allowed(cx, key)? {
        reply.int(0);
        return Ok(Flow::Done);
    }

    let past = matches!(request.ttl, FieldTtl::At(at) if deadline::has_come(cx, at));
    let limits = &cx.tunables.encodings;
    let edited = cx.db.upsert(key, |hash: &mut Edit<'_, Hash>| {
        let mut arguments = request.pairs.rest();
        let count = arguments.len() / 2;
        hash.expect(count, limits);
        while let (Some(field), Some(value)) = (arguments.next(), arguments.next()) {
            hash.set(field, value, if past { FieldTtl::Clear } else { request.ttl }, limits);
        }
        if past {
            request.fields().for_each(|field| {
                hash.remove(field);
            });
        }
        hash.changed(count as u64);
        Ok::<_, CommandError>(hash.is_empty())
    })?;
    cx.notify_fields(Event::Hash, "hset", key, request.fields());
    match request.ttl {
        FieldTtl::At(_) if past => {
            tell_removal(cx, key, request.fields(), edited.result);
            propagate_removal(cx, key.bytes(), request.fields());
        }
        FieldTtl::At(at) => {
            cx.notify_fields(Event::Hash, "hexpire", key, request.fields());
            propagate_at(cx, key, &request, at);
        }
        FieldTtl::Clear | FieldTtl::Keep => {}
    }
    reply.int(1);
    Ok(Flow::Done)
}

/// The same with an absolute time.
fn propagate_at(cx: &mut Context<'_>, key: Key<'_>, request: &Request<'_>, at: UnixMs) {
    cx.effects.propagate_nothing();
    if !cx.effects.interest().propagation {
        return;
    }
    let (mut at_text, mut count_text) = (IntText::new(), IntText::new());
    let pairs = request.pairs.rest();
    let mut command: Vec<&[u8]> = vec![b"HSETEX", key.bytes()];
    match request.condition {
        None => {}
        Some(Condition::Fnx) => command.push(b"FNX"),
        Some(Condition::Fxx) => command.push(b"FXX"),
    }
    let count = i64::try_from(pairs.len() / 2).unwrap_or(i64::MAX);
    command.extend([&b"PXAT"[..], at_text.format(at.0), b"FIELDS", count_text.format(count)]);
    command.extend(pairs);
    cx.propagate_as(&command);
}

const HSETEX_DOCS: Docs =
    Docs::new("Sets fields of a hash and lets them expire.", Group::Hash, "O(N) with N fields to set").arguments(&[
        Arg::key("key", 0),
        Arg::one_of("condition", &[Arg::pure_token("fnx", "FNX"), Arg::pure_token("fxx", "FXX")]).optional(),
        Arg::one_of(
            "expiration",
            &[
                Arg::integer("seconds").token("EX"),
                Arg::integer("milliseconds").token("PX"),
                Arg::unix_time("unix-time-seconds").token("EXAT"),
                Arg::unix_time("unix-time-milliseconds").token("PXAT"),
                Arg::pure_token("keepttl", "KEEPTTL"),
            ],
        )
        .optional(),
        Arg::block(
            "fields",
            &[Arg::integer("numfields"), Arg::block("data", &[Arg::string("field"), Arg::string("value")]).multiple()],
        )
        .token("FIELDS"),
    ]);
