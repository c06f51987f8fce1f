//! HRANDFIELD: fields by chance.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, KeySpec, Protocol, Reply,
};
use keyspace::Key;
use value::{Hash, HashEntry};

use super::answer;

pub(super) const HRANDFIELD: Command = Command::new("hrandfield", hrandfield)
    .since("6.2.0")
    .arity(-2)
    .readonly()
    .acl(&[Acl::Hash])
    .keys(&[KeySpec::index(1).ro().access()])
    .tips(&["nondeterministic_output"])
    .docs(&HRANDFIELD_DOCS);

const NO_COUNT: CommandError =
    CommandError::other("ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807");
const TOO_LONG: CommandError = CommandError::other("ERR value is out of range: the answer would be too long");

/// With repetition the answer may be of any length; here it ends.
const MAX_REPLY_BYTES: usize = 1 << 32;

fn hrandfield(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    if args.is_empty() {
        return one(cx, key, reply);
    }
    let count = args.int()?;
    if count == i64::MIN {
        return Err(NO_COUNT);
    }
    let with_values = args.accept("WITHVALUES");
    args.finish()?;
    if with_values && count.unsigned_abs() > i64::MAX.unsigned_abs() / 2 {
        return Err(CommandError::OutOfRange);
    }
    several(cx, key, count, with_values, reply)
}

fn one(cx: &mut Context<'_>, key: Key<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let now = cx.now();
    let entry = cx.db.read::<Hash>(key)?.and_then(|hash| hash.random(now, cx.rng));
    answer::bulk_or_null(reply, entry.map(|entry| entry.field));
    Ok(Flow::Done)
}

fn several(cx: &mut Context<'_>, key: Key<'_>, count: i64, with_values: bool, reply: &mut Reply<'_>) -> CommandResult {
    let now = cx.now();
    let Some(hash) = cx.db.read::<Hash>(key)? else {
        reply.array(0);
        return Ok(Flow::Done);
    };
    let live = hash.live_len(now);
    let wanted = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    let number = if live == 0 || count >= 0 { wanted.min(live) } else { wanted };

    // A pair is an array of its own in RESP3, and just two more elements in RESP2.
    let nested = with_values && reply.protocol() == Protocol::Resp3;
    let flat_factor = if with_values && !nested { 2 } else { 1 };
    let mark = reply.mark();
    reply.array(number * flat_factor);
    let mut answer = |entry: HashEntry<'_>| {
        if nested {
            reply.array(2);
        }
        answer::bulk(reply, entry.field);
        if with_values {
            answer::bulk(reply, entry.value);
        }
        reply.written_since(mark).len() < MAX_REPLY_BYTES
    };
    if count >= 0 {
        hash.sample(number, now, cx.rng, &mut |entry| {
            answer(entry);
        });
        return Ok(Flow::Done);
    }
    let mut fits = true;
    hash.draw(number as u64, now, cx.rng, &mut |entry| {
        fits = answer(entry);
        fits
    });
    if fits { Ok(Flow::Done) } else { Err(TOO_LONG) }
}

const HRANDFIELD_DOCS: Docs =
    Docs::new("Picks fields of a hash, each being equally likely.", Group::Hash, "O(N) with N fields picked")
        .arguments(&[
            Arg::key("key", 0),
            Arg::block("options", &[Arg::integer("count"), Arg::pure_token("withvalues", "WITHVALUES").optional()])
                .optional(),
        ]);
