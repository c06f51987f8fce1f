//! SPOP and SRANDMEMBER: members by chance.
//!
//! What SPOP drew is propagated as SREM of just those members, or DEL where all were taken: chance must not be repeated elsewhere.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::{Edit, Key};
use smallvec::SmallVec;
use stdx::num::{IntText, parse_i64};
use value::Set;

pub(super) const SPOP: Command = Command::new("spop", spop)
    .since("1.0.0")
    .arity(-2)
    .write()
    .fast()
    .acl(&[Acl::Set])
    .keys(&[KeySpec::index(1).rw().access().delete()])
    .tips(&["nondeterministic_output"])
    .docs(&SPOP_DOCS);

pub(super) const SRANDMEMBER: Command = Command::new("srandmember", srandmember)
    .since("1.0.0")
    .arity(-2)
    .readonly()
    .acl(&[Acl::Set])
    .keys(&[KeySpec::index(1).ro().access()])
    .tips(&["nondeterministic_output"])
    .docs(&SRANDMEMBER_DOCS);

/// No SREM that is propagated names more members than this.
const SREM_MEMBERS: usize = 1024;

const NOT_POSITIVE: CommandError = CommandError::other("ERR value is out of range, must be positive");
const NO_COUNT: CommandError =
    CommandError::other("ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807");

/// SRANDMEMBER with repetitions answers at most so many: Redis tries any number until its memory is gone.
const REPEATED_MAX: u64 = 1 << 28;

fn spop(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    if args.is_empty() {
        return pop_one(cx, key, reply);
    }
    let count = args.bytes()?;
    args.finish()?;
    let count = parse_i64(count).and_then(|count| usize::try_from(count).ok()).ok_or(NOT_POSITIVE)?;

    let Some(len) = cx.db.read_for_update::<Set>(key)?.map(Set::len) else {
        reply.set(0);
        return Ok(Flow::Done);
    };
    if count == 0 {
        reply.set(0);
    } else if count >= len {
        pop_all(cx, key, reply)?;
    } else {
        pop_some(cx, key, count, reply)?;
    }
    Ok(Flow::Done)
}

fn pop_one(cx: &mut Context<'_>, key: Key<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let rng = &mut *cx.rng;
    let propagates = cx.effects.interest().propagation;
    let mut popped: SmallVec<[u8; 128]> = SmallVec::new();
    let edited = cx.db.update(key, |set: &mut Edit<'_, Set>| {
        set.pop(rng, |member| {
            reply.bulk(member);
            if propagates {
                popped.extend_from_slice(member);
            }
        });
        set.changed(1);
        Ok::<_, CommandError>(())
    })?;
    let Some(edited) = edited else {
        reply.null();
        return Ok(Flow::Done);
    };
    cx.notify(Event::Set, "spop", key);
    cx.propagate_as(&[b"SREM", key.bytes(), &popped]);
    if edited.removed {
        cx.notify(Event::Generic, "del", key);
    }
    Ok(Flow::Done)
}

fn pop_all(cx: &mut Context<'_>, key: Key<'_>, reply: &mut Reply<'_>) -> Result<(), CommandError> {
    let mut room = IntText::new();
    let edited = cx.db.update(key, |set: &mut Edit<'_, Set>| {
        reply.set(set.len());
        set.iter().for_each(|member| reply.bulk(member.bytes(&mut room)));
        let count = set.len() as u64;
        set.changed(count);
        **set = Set::default();
        Ok::<_, CommandError>(())
    })?;
    if edited.is_some() {
        cx.notify(Event::Set, "spop", key);
        cx.notify(Event::Generic, "del", key);
        cx.propagate_as(&[b"DEL", key.bytes()]);
    }
    Ok(())
}

/// Takes fewer than there are.
fn pop_some(cx: &mut Context<'_>, key: Key<'_>, count: usize, reply: &mut Reply<'_>) -> Result<(), CommandError> {
    let (rng, limits) = (&mut *cx.rng, &cx.tunables.encodings);
    let propagates = cx.effects.interest().propagation;
    let mut popped: Vec<u8> = Vec::new();
    let mut ends: Vec<usize> = Vec::new();
    reply.set(count);
    cx.db.update(key, |set: &mut Edit<'_, Set>| {
        set.pop_many(count, rng, limits, &mut |member| {
            reply.bulk(member);
            if propagates {
                popped.extend_from_slice(member);
                ends.push(popped.len());
            }
        });
        set.changed(count as u64);
        Ok::<_, CommandError>(())
    })?;
    cx.notify(Event::Set, "spop", key);
    cx.effects.propagate_nothing();
    let mut start = 0;
    for ends in ends.chunks(SREM_MEMBERS) {
        let mut srem: Vec<&[u8]> = vec![b"SREM", key.bytes()];
        for &end in ends {
            srem.push(popped.get(start..end).unwrap_or_default());
            start = end;
        }
        cx.propagate_as(&srem);
    }
    Ok(())
}

fn srandmember(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    if args.is_empty() {
        let member = cx.db.read::<Set>(key)?.and_then(|set| set.random(cx.rng));
        match member {
            Some(member) => reply.bulk(member.bytes(&mut IntText::new())),
            None => reply.null(),
        }
        return Ok(Flow::Done);
    }
    let count = args.bytes()?;
    args.finish()?;
    let count = parse_i64(count).ok_or(CommandError::NotInteger)?;
    if count == i64::MIN {
        return Err(NO_COUNT);
    }

    let set = cx.db.read::<Set>(key)?;
    let wanted = count.unsigned_abs();
    if set.is_some() && count < 0 && wanted > REPEATED_MAX {
        return Err(CommandError::OutOfRange);
    }
    let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
    let mut room = IntText::new();
    match set {
        None => reply.array(0),
        Some(set) if count < 0 => {
            reply.array(wanted);
            for member in (0..wanted).map_while(|_| set.random(cx.rng)) {
                reply.bulk(member.bytes(&mut room));
            }
        }
        Some(set) => {
            reply.array(wanted.min(set.len()));
            set.sample(wanted, cx.rng, &mut |member| reply.bulk(member.bytes(&mut room)));
        }
    }
    Ok(Flow::Done)
}

const SPOP_DOCS: Docs = Docs::new(
    "Removes members of a set by chance and returns them.",
    Group::Set,
    "O(1) without a count, O(N) for N members taken",
)
.history(&[("3.2.0", "The `count` argument.")])
.arguments(&[Arg::key("key", 0), Arg::integer("count").since("3.2.0").optional()]);

const SRANDMEMBER_DOCS: Docs = Docs::new(
    "Returns members of a set by chance; a negative count allows repetitions.",
    Group::Set,
    "O(1) without a count, O(N) for N members asked for",
)
.history(&[("2.6.0", "The `count` argument.")])
.arguments(&[Arg::key("key", 0), Arg::integer("count").since("2.6.0").optional()]);
