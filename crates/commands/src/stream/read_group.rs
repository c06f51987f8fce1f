//! XREADGROUP: reading as a member of a group, which remembers who was given what.
//!
//! `>` asks for what the group has not had yet, any other id for what this consumer was given and has not acknowledged. With CLAIM
//! the former begins with what others have left lying for long.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeyFlags, KeyPosition,
    KeySpec, KeysError, OnTimeout, Reply, Retry,
};
use keyspace::Key;
use resp::Argv;
use stdx::UnixMs;
use value::{ConsumerId, Stream, StreamId};

use super::ids;
use super::read::{Answer, ReadArgs, find_keys, reply_bytes};
use super::rewrite;

pub(super) const XREADGROUP: Command = Command::new("xreadgroup", xreadgroup)
    .since("5.0.0")
    .arity(-7)
    .write()
    .blocking()
    .acl(&[Acl::Stream])
    .keys(&[KeySpec::keyword("STREAMS", 4)
        .range(-1, 1, 2)
        .ro()
        .access()
        .incomplete()
        .notes("A group or a consumer may be called STREAMS, too")])
    .extractor(xreadgroup_keys)
    .docs(&XREADGROUP_DOCS);

/// The keys, to be locked for writing: the group in a stream changes although its entries do not.
fn xreadgroup_keys(argv: Argv<'_>, out: &mut Vec<KeyPosition>) -> Result<(), KeysError> {
    find_keys(argv, KeyFlags::RW.union(KeyFlags::ACCESS), out)
}

/// What is asked of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    New,
    /// What this consumer has behind the id.
    History(StreamId),
}

fn xreadgroup(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let mut read = ReadArgs::parse(args, true)?;
    let Some((name, consumer)) = read.group else { return Err(CommandError::Syntax) };
    let deadline = read.deadline(cx.now())?;
    let places = (0..read.streams).map(|index| place(cx, args, &read, name, index)).collect::<Result<Vec<_>, _>>()?;

    cx.effects.propagate_nothing();
    let mut answer = Answer::new(reply);
    for (index, place) in places.into_iter().enumerate() {
        let (key, _, _) = read.stream(args, index);
        let given = match place {
            Place::New => give_new(cx, key, name, consumer, &mut read)?,
            Place::History(after) => {
                history(cx, key, name, consumer, after, &mut read, |entries| {
                    answer.stream(reply, key, |reply| entries(reply));
                })?;
                continue;
            }
        };
        if given.is_empty() {
            continue;
        }
        let with_claims = read.claim_min_idle_ms.is_some();
        let stream = cx.db.peek(key).and_then(|entry| <Stream as value::Collection>::of(entry.value()));
        let Some(stream) = stream else { continue };
        answer.stream(reply, key, |reply| answer_given(reply, stream, &given, with_claims));
    }
    if answer.finish(reply) {
        return Ok(Flow::Done);
    }
    if read.block_ms.is_none() {
        reply.null_array();
        return Ok(Flow::Done);
    }
    cx.block.errors_end_it = true;
    cx.block.retry = retry(cx, args, &read, name);
    cx.wait(deadline, OnTimeout::NullArray)
}

/// When the first entry that can be claimed will have been idle for long enough.
fn retry(cx: &Context<'_>, args: &Args<'_>, read: &ReadArgs<'_>, name: &[u8]) -> Retry {
    let Some(min_idle_ms) = read.claim_min_idle_ms else { return Retry::Never };
    let first = (0..read.streams).filter_map(|index| {
        let entry = cx.db.peek(read.stream(args, index).0)?;
        let group = <Stream as value::Collection>::of(entry.value())?.group(name)?;
        group.oldest_delivery()?.checked_add_ms(min_idle_ms)
    });
    first.min().map_or(Retry::Later, Retry::At)
}

fn place(
    cx: &Context<'_>,
    args: &Args<'_>,
    read: &ReadArgs<'_>,
    name: &[u8],
    index: usize,
) -> Result<Place, CommandError> {
    let (key, _, said) = read.stream(args, index);
    let stream = cx.db.read::<Stream>(key)?;
    if stream.and_then(|stream| stream.group(name)).is_none() {
        let (key, group) = (String::from_utf8_lossy(key.bytes()), String::from_utf8_lossy(name));
        let text = format!("NOGROUP No such key '{key}' or consumer group '{group}' in XREADGROUP with GROUP option");
        return Err(CommandError::Other(text.into()));
    }
    match said {
        b">" => Ok(Place::New),
        b"$" => Err(CommandError::other(
            "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.",
        )),
        b"+" => Err(CommandError::other(
            "ERR The + ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The + ID would just return an empty result set.",
        )),
        _ => ids::id(said).map(Place::History),
    }
}

/// The consumer of this name, which is created if need be, seen now.
pub(super) fn join(group: &mut value::Group, consumer: &[u8], now: UnixMs) -> (ConsumerId, bool) {
    match group.find_consumer(consumer) {
        Some(id) => {
            group.consumer_mut(id).seen_at = now;
            (id, false)
        }
        None => match group.add_consumer(consumer, now) {
            Some(id) => (id, true),
            None => unreachable!("a consumer that is not there can be added"),
        },
    }
}

/// An entry that was given out.
#[derive(Clone, Copy, Debug)]
struct Given {
    id: StreamId,
    /// How long it had been idle and how often it had been delivered, if it was claimed.
    claimed: Option<(i64, u64)>,
}

/// Gives the consumer what it asks for with `>`, and tells the others.
fn give_new(
    cx: &mut Context<'_>,
    key: Key<'_>,
    name: &[u8],
    consumer: &[u8],
    read: &mut ReadArgs<'_>,
) -> Result<Vec<Given>, CommandError> {
    let now = cx.now();
    let mut created = false;
    let edited = cx.db.update(key, |stream: &mut keyspace::Edit<'_, Stream>| {
        let mut given = Vec::new();
        let Some(group) = stream.group_mut(name) else { return Ok::<_, CommandError>((given, None, Vec::new())) };
        let (member, is_new) = join(group, consumer, now);
        created = is_new;
        let mut gone = Vec::new();
        if let Some(min_idle_ms) = read.claim_min_idle_ms {
            claim_idle(stream, name, member, min_idle_ms, now, read, &mut given, &mut gone);
        }
        let fresh = take_new(stream, name, member, now, read, &mut given);
        let changes = given.len() + gone.len();
        stream.changed(changes as u64);
        let position = (fresh > 0).then(|| stream.group(name).map(|group| (group.last_id(), group.entries_read())));
        Ok((given, position.flatten(), gone))
    })?;
    if created {
        cx.notify(Event::Stream, "xgroup-createconsumer", key);
    }
    let Some(edited) = edited else { return Ok(Vec::new()) };
    let (given, position, gone) = edited.result;
    // A consumer that was created and given nothing changes no data, as Redis counts; a replica is to know it all the same.
    if cx.effects.interest().propagation && (edited.changed || created) {
        tell(cx, key, name, consumer, created, read.no_ack, &given, position, &gone);
    }
    Ok(given)
}

/// Takes over what others have left lying. Entries that are gone from the stream go from the group too.
#[expect(clippy::too_many_arguments, reason = "the parts of one read")]
fn claim_idle(
    stream: &mut Stream,
    name: &[u8],
    member: ConsumerId,
    min_idle_ms: i64,
    now: UnixMs,
    read: &mut ReadArgs<'_>,
    given: &mut Vec<Given>,
    gone: &mut Vec<StreamId>,
) {
    let Some(group) = stream.group_mut(name) else { return };
    let idle = group.idle_longest(now, min_idle_ms, read.budget.at_most(read.count));
    for id in idle {
        let size = stream.get(id).map(|entry| reply_bytes(&entry));
        if size.is_some_and(|size| !read.budget.take(size)) {
            break;
        }
        let Some(group) = stream.group_mut(name) else { return };
        let Some(pending) = group.pending_of(id).copied() else { continue };
        if size.is_none() {
            group.acknowledge(id);
            gone.push(id);
            continue;
        }
        group.deliver(id, member, now, pending.deliveries.saturating_add(1));
        group.consumer_mut(member).active_at = Some(now);
        // As XPENDING says it: what nobody has is idle for no time that could be told.
        let idle_ms = pending.consumer().map_or(-1, |_| now.ms_since(pending.delivered_at()));
        given.push(Given { id, claimed: Some((idle_ms, pending.deliveries)) });
    }
}

/// Gives out what the group has not had. Returns how many entries that were.
fn take_new(
    stream: &mut Stream,
    name: &[u8],
    member: ConsumerId,
    now: UnixMs,
    read: &mut ReadArgs<'_>,
    given: &mut Vec<Given>,
) -> usize {
    let Some(start) = stream.group(name).and_then(|group| group.last_id().next()) else { return 0 };
    if start > stream.last_id() {
        return 0;
    }
    let count = read.count.saturating_sub(given.len());
    let found: Vec<StreamId> = stream
        .range(start, StreamId::MAX)
        .take(count)
        .take_while(|entry| read.budget.take(reply_bytes(entry)))
        .map(|entry| entry.id)
        .collect();
    for id in &found {
        let read_count = stream.group(name).and_then(|group| stream.entries_read_at(group, *id));
        let Some(group) = stream.group_mut(name) else { return 0 };
        group.set_last_id(*id, read_count);
        if !read.no_ack {
            // After XGROUP SETID it may be pending with somebody else.
            group.deliver(*id, member, now, 1);
        }
        given.push(Given { id: *id, claimed: None });
    }
    if !found.is_empty()
        && !read.no_ack
        && let Some(group) = stream.group_mut(name)
    {
        group.consumer_mut(member).active_at = Some(now);
    }
    found.len()
}

#[expect(clippy::too_many_arguments, reason = "the parts of one read")]
fn tell(
    cx: &mut Context<'_>,
    key: Key<'_>,
    name: &[u8],
    consumer: &[u8],
    created: bool,
    no_ack: bool,
    given: &[Given],
    position: Option<(StreamId, Option<u64>)>,
    gone: &[StreamId],
) {
    let is_claimed = |given: &Given| !no_ack || given.claimed.is_some();
    if created && !given.iter().any(is_claimed) {
        cx.propagate_as(&[b"XGROUP", b"CREATECONSUMER", key.bytes(), name, consumer]);
    }
    for id in gone {
        cx.propagate_as(&[b"XACK", key.bytes(), name, id.text().as_bytes()]);
    }
    let now = cx.now().0;
    for given in given {
        // What is claimed does not move the group on; what is new does, entry by entry.
        let last_id = if given.claimed.is_some() { StreamId::ZERO } else { given.id };
        if is_claimed(given) {
            let deliveries = given.claimed.map_or(1, |(_, before)| before.saturating_add(1));
            rewrite::claim_for(cx, key, name, consumer, given.id, (now, deliveries), last_id);
        }
    }
    if let Some((last_id, read)) = position {
        rewrite::group_position(cx, key, name, last_id, read);
    }
}

fn answer_given(reply: &mut Reply<'_>, stream: &Stream, given: &[Given], with_claims: bool) {
    reply.array(given.len());
    for given in given {
        let Some(entry) = stream.get(given.id) else {
            reply.null_array();
            continue;
        };
        match given.claimed {
            Some((idle_ms, deliveries)) => {
                reply.array(4);
                ids::reply_id(reply, entry.id);
                ids::reply_fields(reply, &entry);
                reply.int(idle_ms);
                reply.int(i64::try_from(deliveries).unwrap_or(i64::MAX));
            }
            None if with_claims => {
                reply.array(4);
                ids::reply_id(reply, entry.id);
                ids::reply_fields(reply, &entry);
                reply.int(0);
                reply.int(0);
            }
            None => ids::reply_entry(reply, &entry),
        }
    }
}

/// Answers with what the consumer has behind an id, and counts that as another delivery.
fn history(
    cx: &mut Context<'_>,
    key: Key<'_>,
    name: &[u8],
    consumer: &[u8],
    after: StreamId,
    read: &mut ReadArgs<'_>,
    answer: impl FnOnce(&mut dyn FnMut(&mut Reply<'_>)),
) -> Result<(), CommandError> {
    let now = cx.now();
    let mut created = false;
    let mut again = Vec::new();
    cx.db.update(key, |stream: &mut keyspace::Edit<'_, Stream>| {
        let Some(group) = stream.group_mut(name) else { return Ok::<_, CommandError>(()) };
        let (member, is_new) = join(group, consumer, now);
        created = is_new;
        let ids: Vec<StreamId> = match after.next() {
            Some(start) => group.consumer(member).pending_from(start).take(read.budget.at_most(read.count)).collect(),
            None => Vec::new(),
        };
        let mut listed = Vec::with_capacity(ids.len());
        for id in ids {
            let size = stream.get(id).map_or(0, |entry| reply_bytes(&entry));
            if !read.budget.take(size) {
                break;
            }
            listed.push(id);
            let found = stream.contains(id);
            let Some(group) = stream.group_mut(name) else { continue };
            if found && let Some(pending) = group.pending_of(id).copied() {
                let deliveries = pending.deliveries.saturating_add(1);
                group.deliver(id, member, now, deliveries);
                again.push((id, deliveries));
            }
        }
        answer(&mut |reply| answer_history(reply, stream, &listed));
        Ok(())
    })?;
    if created {
        cx.notify(Event::Stream, "xgroup-createconsumer", key);
    }
    if created && again.is_empty() {
        cx.propagate_as(&[b"XGROUP", b"CREATECONSUMER", key.bytes(), name, consumer]);
    }
    // Counted as no change, and yet somebody else's XPENDING tells: other servers keep it from their replicas.
    for (id, deliveries) in again {
        rewrite::claim_for(cx, key, name, consumer, id, (now.0, deliveries), StreamId::ZERO);
    }
    Ok(())
}

fn answer_history(reply: &mut Reply<'_>, stream: &Stream, listed: &[StreamId]) {
    reply.array(listed.len());
    for id in listed {
        match stream.get(*id) {
            Some(entry) => ids::reply_entry(reply, &entry),
            None => {
                reply.array(2);
                ids::reply_id(reply, *id);
                reply.null_array();
            }
        }
    }
}

const XREADGROUP_DOCS: Docs = Docs::new(
    "Reads from streams as a member of a consumer group, waiting for new entries if asked to.",
    Group::Stream,
    "O(log n) for each stream and each entry",
)
.history(&[("8.4.0", "`CLAIM`."), ("8.10.0", "`MAXCOUNT` and `MAXSIZE`.")])
.arguments(&[
    Arg::block("group-block", &[Arg::string("group"), Arg::string("consumer")]).token("GROUP"),
    Arg::integer("count").token("COUNT").optional(),
    Arg::integer("maxcount").token("MAXCOUNT").since("8.10.0").optional(),
    Arg::integer("maxsize").token("MAXSIZE").since("8.10.0").optional(),
    Arg::integer("milliseconds").token("BLOCK").optional(),
    Arg::integer("min-idle-time").token("CLAIM").since("8.4.0").optional(),
    Arg::pure_token("noack", "NOACK").optional(),
    Arg::block("streams", &[Arg::key("key", 0).multiple(), Arg::string("id").multiple()]).token("STREAMS"),
]);
