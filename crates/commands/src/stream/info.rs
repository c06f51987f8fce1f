//! XINFO: a stream, its groups and their consumers, described.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply, help,
};
use stdx::UnixMs;
use value::{Consumer, Group as ConsumerGroup, Idempotency, Stream, StreamId};

use super::group::no_group_of;
use super::ids;

pub(super) const XINFO: Command =
    Command::container("xinfo", &[&XINFO_STREAM, &XINFO_GROUPS, &XINFO_CONSUMERS, &XINFO_HELP])
        .since("5.0.0")
        .docs(&XINFO_DOCS);

const XINFO_STREAM: Command = Command::new("stream", xinfo_stream)
    .since("5.0.0")
    .arity(-3)
    .readonly()
    .acl(&[Acl::Stream])
    .keys(&[KeySpec::index(2).ro().access()])
    .docs(&XINFO_STREAM_DOCS);

const XINFO_GROUPS: Command = Command::new("groups", xinfo_groups)
    .since("5.0.0")
    .arity(3)
    .readonly()
    .acl(&[Acl::Stream])
    .keys(&[KeySpec::index(2).ro().access()])
    .docs(&XINFO_GROUPS_DOCS);

const XINFO_CONSUMERS: Command = Command::new("consumers", xinfo_consumers)
    .since("5.0.0")
    .arity(4)
    .readonly()
    .acl(&[Acl::Stream])
    .keys(&[KeySpec::index(2).ro().access()])
    .tips(&["nondeterministic_output"])
    .docs(&XINFO_CONSUMERS_DOCS);

const XINFO_HELP: Command = Command::new("help", xinfo_help)
    .since("5.0.0")
    .arity(2)
    .loading()
    .stale()
    .acl(&[Acl::Stream])
    .docs(&XINFO_HELP_DOCS);

/// What is said about arguments that fit no form of a subcommand.
pub(super) fn unknown_subcommand(name: &str, container: &str) -> CommandError {
    let text = format!("ERR unknown subcommand or wrong number of arguments for '{name}'. Try {container} HELP.");
    CommandError::Other(text.into())
}

fn int(reply: &mut Reply<'_>, number: u64) {
    reply.int(i64::try_from(number).unwrap_or(i64::MAX));
}

fn xinfo_stream(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let stream = cx.db.read::<Stream>(key)?.ok_or(CommandError::NoSuchKey)?;
    if args.is_empty() {
        reply.map(16);
        head(reply, stream);
        reply.bulk(b"groups");
        reply.len(stream.groups().len());
        for (name, entry) in [(&b"first-entry"[..], stream.first()), (b"last-entry", stream.last())] {
            reply.bulk(name);
            match entry {
                Some(entry) => ids::reply_entry(reply, &entry),
                None => reply.null(),
            }
        }
        return Ok(Flow::Done);
    }
    let forms = args.remaining() == 1 || args.remaining() == 3;
    if !forms || !args.accept("FULL") || !args.is_empty() && !args.accept("COUNT") {
        return Err(unknown_subcommand("STREAM", "XINFO"));
    }
    let count = if args.is_empty() { 10 } else { args.int()? };
    // Zero is everything; less than that is said to be the usual number.
    let count = match usize::try_from(count) {
        Ok(0) => usize::MAX,
        Ok(count) => count,
        Err(_) => 10,
    };
    full(reply, stream, count);
    Ok(Flow::Done)
}

/// What both forms of the answer begin with: thirteen fields.
fn head(reply: &mut Reply<'_>, stream: &Stream) {
    reply.bulk(b"length");
    int(reply, stream.len());
    reply.bulk(b"radix-tree-keys");
    reply.len(stream.nodes().len());
    reply.bulk(b"radix-tree-nodes");
    reply.len(stream.radix_nodes());
    reply.bulk(b"last-generated-id");
    ids::reply_id(reply, stream.last_id());
    reply.bulk(b"max-deleted-entry-id");
    ids::reply_id(reply, stream.max_deleted_id());
    reply.bulk(b"entries-added");
    int(reply, stream.entries_added());
    reply.bulk(b"recorded-first-entry-id");
    ids::reply_id(reply, stream.first_id());

    let default = Idempotency::default();
    let known = stream.idempotency().unwrap_or(&default);
    let tracked: usize = known.producers().map(|(_, producer)| producer.len()).sum();
    reply.bulk(b"idmp-duration");
    int(reply, known.duration_s());
    reply.bulk(b"idmp-maxsize");
    int(reply, known.max_entries());
    reply.bulk(b"pids-tracked");
    reply.len(known.producers().len());
    reply.bulk(b"iids-tracked");
    reply.len(tracked);
    reply.bulk(b"iids-added");
    int(reply, known.added);
    reply.bulk(b"iids-duplicates");
    int(reply, known.duplicates);
}

fn full(reply: &mut Reply<'_>, stream: &Stream, count: usize) {
    reply.map(15);
    head(reply, stream);
    reply.bulk(b"entries");
    ids::reply_entries(reply, stream.range(StreamId::ZERO, StreamId::MAX).take(count));
    reply.bulk(b"groups");
    reply.array(stream.groups().len());
    for (name, group) in stream.groups() {
        reply.map(8);
        reply.bulk(b"name");
        reply.bulk(name);
        position(reply, stream, group);
        reply.bulk(b"pel-count");
        reply.len(group.pending_count());
        reply.bulk(b"pending");
        reply.array(group.pending_count().min(count));
        for (id, pending) in group.pending(..).take(count) {
            reply.array(4);
            ids::reply_id(reply, id);
            reply.bulk(group.holder_name(pending));
            reply.int(pending.delivered_at().0);
            int(reply, pending.deliveries);
        }
        reply.bulk(b"consumers");
        reply.array(group.consumer_count());
        for consumer in group.consumers() {
            describe(reply, group, consumer, count);
        }
        reply.bulk(b"nacked-count");
        reply.len(group.nacked().len());
    }
}

/// How far a group has come: three fields.
fn position(reply: &mut Reply<'_>, stream: &Stream, group: &ConsumerGroup) {
    reply.bulk(b"last-delivered-id");
    ids::reply_id(reply, group.last_id());
    reply.bulk(b"entries-read");
    match group.entries_read() {
        Some(read) => int(reply, read),
        None => reply.null(),
    }
    reply.bulk(b"lag");
    match stream.lag(group) {
        Some(lag) => reply.int(lag),
        None => reply.null(),
    }
}

fn describe(reply: &mut Reply<'_>, group: &ConsumerGroup, consumer: &Consumer, count: usize) {
    reply.map(5);
    reply.bulk(b"name");
    reply.bulk(consumer.name());
    reply.bulk(b"seen-time");
    reply.int(consumer.seen_at.0);
    reply.bulk(b"active-time");
    reply.int(consumer.active_at.map_or(-1, |at| at.0));
    reply.bulk(b"pel-count");
    reply.len(consumer.pending_count());
    reply.bulk(b"pending");
    reply.array(consumer.pending_count().min(count));
    for id in consumer.pending_from(StreamId::ZERO).take(count) {
        let (at, deliveries) =
            group.pending_of(id).map_or((0, 0), |pending| (pending.delivered_at().0, pending.deliveries));
        reply.array(3);
        ids::reply_id(reply, id);
        reply.int(at);
        int(reply, deliveries);
    }
}

fn xinfo_groups(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let stream = cx.db.read::<Stream>(key)?.ok_or(CommandError::NoSuchKey)?;
    reply.array(stream.groups().len());
    for (name, group) in stream.groups() {
        reply.map(6);
        reply.bulk(b"name");
        reply.bulk(name);
        reply.bulk(b"consumers");
        reply.len(group.consumer_count());
        reply.bulk(b"pending");
        reply.len(group.pending_count());
        position(reply, stream, group);
    }
    Ok(Flow::Done)
}

fn xinfo_consumers(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let name = args.bytes()?;
    let stream = cx.db.read::<Stream>(key)?.ok_or(CommandError::NoSuchKey)?;
    let group = stream.group(name).ok_or_else(|| no_group_of(key, name))?;
    let now = cx.now();
    let since = |at: UnixMs| now.ms_since(at).max(0);
    reply.array(group.consumer_count());
    for consumer in group.consumers() {
        reply.map(4);
        reply.bulk(b"name");
        reply.bulk(consumer.name());
        reply.bulk(b"pending");
        reply.len(consumer.pending_count());
        reply.bulk(b"idle");
        reply.int(since(consumer.seen_at));
        reply.bulk(b"inactive");
        reply.int(consumer.active_at.map_or(-1, since));
    }
    Ok(Flow::Done)
}

fn xinfo_help(_cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    args.finish()?;
    help(
        reply,
        "XINFO",
        &[
            ("CONSUMERS <key> <group>", "Lists the consumers of a group."),
            ("GROUPS <key>", "Lists the groups of a stream."),
            ("STREAM <key> [FULL [COUNT <count>]]", "Describes a stream."),
        ],
    );
    Ok(Flow::Done)
}

const XINFO_DOCS: Docs = Docs::new("Tells about streams and their groups.", Group::Stream, "Depends on subcommand.");

const XINFO_STREAM_DOCS: Docs = Docs::new("Tells about a stream.", Group::Stream, "O(n) of the nodes")
    .history(&[
        ("6.0.0", "`FULL`."),
        ("7.0.0", "Counters and `lag`."),
        ("7.2.0", "`active-time`; `seen-time` counts attempts."),
        ("8.6.0", "What is known of producers."),
        ("8.8.0", "`nacked-count` in the full answer."),
    ])
    .arguments(&[
        Arg::key("key", 0),
        Arg::block("full-block", &[Arg::pure_token("full", "FULL"), Arg::integer("count").token("COUNT").optional()])
            .optional(),
    ]);

const XINFO_GROUPS_DOCS: Docs = Docs::new("Lists the consumer groups of a stream.", Group::Stream, "O(1)")
    .history(&[("7.0.0", "`entries-read` and `lag`.")])
    .arguments(&[Arg::key("key", 0)]);

const XINFO_CONSUMERS_DOCS: Docs = Docs::new("Lists the consumers of a group.", Group::Stream, "O(1)")
    .history(&[("7.2.0", "`inactive`; `idle` counts attempts.")])
    .arguments(&[Arg::key("key", 0), Arg::string("group")]);

const XINFO_HELP_DOCS: Docs = Docs::new("Lists the subcommands.", Group::Stream, "O(1)");
