//! XCLAIM, XAUTOCLAIM: pending entries, given to another consumer.
//!
//! An entry that is gone from the stream is taken out of the group on the way. To the AOF and to replicas each goes as an XCLAIM
//! that says who has the entry now, since when, and how often it was delivered.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::Key;
use stdx::UnixMs;
use stdx::num::parse_i64;
use value::{Group as ConsumerGroup, Stream, StreamId};

use super::read_group::join;
use super::{ids, rewrite};

pub(super) const XCLAIM: Command = Command::new("xclaim", xclaim)
    .since("5.0.0")
    .arity(-6)
    .write()
    .fast()
    .acl(&[Acl::Stream])
    .keys(&[KeySpec::index(1).rw().update()])
    .tips(&["nondeterministic_output"])
    .docs(&XCLAIM_DOCS);

pub(super) const XAUTOCLAIM: Command = Command::new("xautoclaim", xautoclaim)
    .since("6.2.0")
    .arity(-6)
    .write()
    .fast()
    .acl(&[Acl::Stream])
    .keys(&[KeySpec::index(1).rw().delete()])
    .tips(&["nondeterministic_output"])
    .docs(&XAUTOCLAIM_DOCS);

#[derive(Debug, Default)]
struct Options {
    delivered_at: Option<UnixMs>,
    deliveries: Option<u64>,
    force: bool,
    just_id: bool,
    last_id: Option<StreamId>,
}

impl Options {
    fn parse(args: &mut Args<'_>, now: UnixMs) -> Result<Self, CommandError> {
        let mut options = Self::default();
        while let Some(word) = args.peek() {
            let has_argument = args.remaining() > 1;
            if args.accept("FORCE") {
                options.force = true;
            } else if args.accept("JUSTID") {
                options.just_id = true;
            } else if has_argument && args.accept("IDLE") {
                let idle = int_of(args, "ERR Invalid IDLE option argument for XCLAIM")?;
                options.delivered_at = Some(UnixMs(now.0.saturating_sub(idle)));
            } else if has_argument && args.accept("TIME") {
                options.delivered_at = Some(UnixMs(int_of(args, "ERR Invalid TIME option argument for XCLAIM")?));
            } else if has_argument && args.accept("RETRYCOUNT") {
                let count = int_of(args, "ERR Invalid RETRYCOUNT option argument for XCLAIM")?;
                options.deliveries = u64::try_from(count).ok();
            } else if has_argument && args.accept("LASTID") {
                options.last_id = Some(ids::id(args.bytes()?)?);
            } else {
                let text = format!("ERR Unrecognized XCLAIM option '{}'", String::from_utf8_lossy(word));
                return Err(CommandError::Other(text.into()));
            }
        }
        // A time that cannot be is now: a clock that was set back must not make entries idle for ever.
        options.delivered_at = options.delivered_at.map(|at| if at.0 < 0 || at > now { now } else { at });
        Ok(options)
    }
}

fn int_of(args: &mut Args<'_>, error: &'static str) -> Result<i64, CommandError> {
    parse_i64(args.bytes()?).ok_or_else(|| CommandError::other(error))
}

/// What a claim came to, entry by entry.
#[derive(Debug, Default)]
struct Claimed {
    created: bool,
    /// The consumer's now.
    got: Vec<StreamId>,
    /// Gone from the stream, and now from the group; with who had them, since when and how often.
    gone: Vec<(StreamId, Vec<u8>, i64, u64)>,
    last_id: StreamId,
    moved_on: bool,
}

impl Claimed {
    fn drop_gone(&mut self, group: &mut ConsumerGroup, id: StreamId) {
        if let Some(pending) = group.pending_of(id).copied() {
            let owner = group.holder_name(&pending).to_vec();
            self.gone.push((id, owner, pending.delivered_at().0, pending.deliveries));
            group.acknowledge(id);
        }
    }
}

fn xclaim(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let (name, consumer, min_idle) = (args.bytes()?, args.bytes()?, args.bytes()?);
    check_group(cx, key, name)?;
    let min_idle_ms = parse_min_idle(min_idle, "ERR Invalid min-idle-time argument for XCLAIM")?;
    let mut wanted = Vec::new();
    while let Some(id) = args.peek().and_then(|text| StreamId::parse(text, 0)) {
        wanted.push(id);
        args.skip(1)?;
    }
    let now = cx.now();
    let options = Options::parse(args, now)?;

    let edited = cx.db.update(key, |stream: &mut keyspace::Edit<'_, Stream>| {
        let mut claimed = Claimed::default();
        let Some(group) = stream.group_mut(name) else { return Ok::<_, CommandError>(claimed) };
        if let Some(last_id) = options.last_id.filter(|id| *id > group.last_id()) {
            group.set_last_id(last_id, group.entries_read());
            claimed.moved_on = true;
        }
        let (member, created) = join(group, consumer, now);
        claimed.created = created;
        for id in &wanted {
            let exists = stream.contains(*id);
            let Some(group) = stream.group_mut(name) else { break };
            let pending = group.pending_of(*id).copied();
            if !exists {
                claimed.drop_gone(group, *id);
                continue;
            }
            let before = match pending {
                None if options.force => 0,
                None => continue,
                Some(pending) if now.ms_since(pending.delivered_at()) < min_idle_ms => continue,
                Some(pending) => pending.deliveries,
            };
            let counted = if options.just_id { before } else { before.saturating_add(1) };
            let counted = if pending.is_none() && options.just_id { 1.max(counted) } else { counted };
            group.deliver(*id, member, options.delivered_at.unwrap_or(now), options.deliveries.unwrap_or(counted));
            group.consumer_mut(member).active_at = Some(now);
            claimed.got.push(*id);
        }
        let Some(group) = stream.group(name) else { return Ok(claimed) };
        claimed.last_id = group.last_id();
        let changes = claimed.got.len() + claimed.gone.len();
        stream.changed(changes as u64);
        Ok(claimed)
    })?;
    let claimed = edited.map(|edited| edited.result).unwrap_or_default();
    tell(cx, key, (name, consumer), &claimed);
    answer(cx, key, &claimed.got, options.just_id, reply);
    Ok(Flow::Done)
}

fn check_group(cx: &Context<'_>, key: Key<'_>, name: &[u8]) -> Result<(), CommandError> {
    match cx.db.read_for_update::<Stream>(key)?.and_then(|stream| stream.group(name)) {
        Some(_) => Ok(()),
        None => Err(ids::no_group(key.bytes(), name)),
    }
}

fn parse_min_idle(text: &[u8], error: &'static str) -> Result<i64, CommandError> {
    parse_i64(text).map(|ms| ms.max(0)).ok_or_else(|| CommandError::other(error))
}

fn tell(cx: &mut Context<'_>, key: Key<'_>, (name, consumer): (&[u8], &[u8]), claimed: &Claimed) {
    cx.effects.propagate_nothing();
    if claimed.created {
        cx.notify(Event::Stream, "xgroup-createconsumer", key);
    }
    if !cx.effects.interest().propagation {
        return;
    }
    if claimed.created && claimed.got.is_empty() {
        cx.propagate_as(&[b"XGROUP", b"CREATECONSUMER", key.bytes(), name, consumer]);
    }
    let mut told: Vec<(StreamId, Vec<u8>, i64, u64)> = claimed.gone.clone();
    if let Ok(Some(group)) = cx.db.read_for_update::<Stream>(key).map(|it| it.and_then(|stream| stream.group(name))) {
        told.extend(claimed.got.iter().filter_map(|id| {
            let pending = group.pending_of(*id)?;
            Some((*id, group.holder_name(pending).to_vec(), pending.delivered_at().0, pending.deliveries))
        }));
    }
    told.sort_by_key(|(id, ..)| *id);
    for (id, owner, at, deliveries) in told {
        rewrite::claim_for(cx, key, name, &owner, id, (at, deliveries), claimed.last_id);
    }
}

fn answer(cx: &Context<'_>, key: Key<'_>, got: &[StreamId], just_id: bool, reply: &mut Reply<'_>) {
    let stream = cx.db.peek(key).and_then(|entry| <Stream as value::Collection>::of(entry.value()));
    reply.array(got.len());
    for id in got {
        match stream.and_then(|stream| stream.get(*id)) {
            Some(entry) if !just_id => ids::reply_entry(reply, &entry),
            _ => ids::reply_id(reply, *id),
        }
    }
}

/// XAUTOCLAIM looks at so many times more entries than it may claim before it answers with what it has.
const ATTEMPTS_FACTOR: usize = 10;

fn xautoclaim(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let (name, consumer, min_idle) = (args.bytes()?, args.bytes()?, args.bytes()?);
    let min_idle_ms = parse_min_idle(min_idle, "ERR Invalid min-idle-time argument for XAUTOCLAIM")?;
    let start = ids::start(args.bytes()?)?;
    let (mut count, mut just_id) = (100, false);
    while !args.is_empty() {
        if args.remaining() > 1 && args.accept("COUNT") {
            let most = i64::try_from(usize::MAX / 2 / ATTEMPTS_FACTOR / size_of::<StreamId>()).unwrap_or(i64::MAX);
            let said = parse_i64(args.bytes()?).filter(|count| (1..=most).contains(count));
            let said = said.and_then(|count| usize::try_from(count).ok());
            count = said.ok_or(CommandError::other("ERR COUNT must be > 0"))?;
        } else if args.accept("JUSTID") {
            just_id = true;
        } else {
            return Err(CommandError::Syntax);
        }
    }
    check_group(cx, key, name)?;

    let now = cx.now();
    let mut next = StreamId::ZERO;
    let edited = cx.db.update(key, |stream: &mut keyspace::Edit<'_, Stream>| {
        let mut claimed = Claimed::default();
        let Some(group) = stream.group_mut(name) else { return Ok::<_, CommandError>(claimed) };
        let (member, created) = join(group, consumer, now);
        claimed.created = created;
        let mut attempts = count.saturating_mul(ATTEMPTS_FACTOR);
        let mut left = count;
        let mut at = Some(start);
        while let Some(from) = at {
            let Some(group) = stream.group_mut(name) else { break };
            let Some((id, pending)) = group.pending(from..).next().map(|(id, pending)| (id, *pending)) else { break };
            if attempts == 0 || left == 0 {
                next = id;
                break;
            }
            attempts -= 1;
            at = id.next();
            if now.ms_since(pending.delivered_at()) < min_idle_ms {
                continue;
            }
            left -= 1;
            let exists = stream.contains(id);
            let Some(group) = stream.group_mut(name) else { break };
            if !exists {
                claimed.drop_gone(group, id);
                continue;
            }
            let counted = if just_id { pending.deliveries } else { pending.deliveries.saturating_add(1) };
            group.deliver(id, member, now, counted);
            group.consumer_mut(member).active_at = Some(now);
            claimed.got.push(id);
        }
        let Some(group) = stream.group(name) else { return Ok(claimed) };
        claimed.last_id = group.last_id();
        let changes = claimed.got.len() + claimed.gone.len();
        stream.changed(changes as u64);
        Ok(claimed)
    })?;
    let claimed = edited.map(|edited| edited.result).unwrap_or_default();
    tell(cx, key, (name, consumer), &claimed);
    reply.array(3);
    ids::reply_id(reply, next);
    answer(cx, key, &claimed.got, just_id, reply);
    reply.array(claimed.gone.len());
    for (id, ..) in &claimed.gone {
        ids::reply_id(reply, *id);
    }
    Ok(Flow::Done)
}

const XCLAIM_DOCS: Docs =
    Docs::new("Gives pending entries to another consumer.", Group::Stream, "O(log n) for each id").arguments(&[
        Arg::key("key", 0),
        Arg::string("group"),
        Arg::string("consumer"),
        Arg::string("min-idle-time"),
        Arg::string("id").multiple(),
        Arg::integer("ms").token("IDLE").optional(),
        Arg::unix_time("unix-time-milliseconds").token("TIME").optional(),
        Arg::integer("count").token("RETRYCOUNT").optional(),
        Arg::pure_token("force", "FORCE").optional(),
        Arg::pure_token("justid", "JUSTID").optional(),
        Arg::string("lastid").token("LASTID").optional(),
    ]);

const XAUTOCLAIM_DOCS: Docs = Docs::new(
    "Gives pending entries that have been idle for long to another consumer.",
    Group::Stream,
    "O(log n) for each entry looked at",
)
.history(&[("7.0.0", "A third part of the answer: ids that are gone from the stream.")])
.arguments(&[
    Arg::key("key", 0),
    Arg::string("group"),
    Arg::string("consumer"),
    Arg::string("min-idle-time"),
    Arg::string("start"),
    Arg::integer("count").token("COUNT").optional(),
    Arg::pure_token("justid", "JUSTID").optional(),
]);
