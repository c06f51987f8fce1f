//! SUBSCRIBE and its kin, PUBLISH, SPUBLISH.

use command_api::{Arg, Args, CommandResult, Docs, Flags, Flow, Group, KeySpec, Reply, Targets};

use super::Kind;
use crate::{ServerCommand, ServerContext};

pub(super) const SUBSCRIBE: ServerCommand = ServerCommand::new("subscribe", subscribe)
    .since("2.0.0")
    .arity(-2)
    .deny_oom()
    .flag(Flags::PUBSUB)
    .noscript()
    .loading()
    .stale()
    .docs(&SUBSCRIBE_DOCS);

pub(super) const UNSUBSCRIBE: ServerCommand = ServerCommand::new("unsubscribe", unsubscribe)
    .since("2.0.0")
    .arity(-1)
    .flag(Flags::PUBSUB)
    .noscript()
    .loading()
    .stale()
    .docs(&UNSUBSCRIBE_DOCS);

pub(super) const PSUBSCRIBE: ServerCommand = ServerCommand::new("psubscribe", psubscribe)
    .since("2.0.0")
    .arity(-2)
    .deny_oom()
    .flag(Flags::PUBSUB)
    .noscript()
    .loading()
    .stale()
    .docs(&PSUBSCRIBE_DOCS);

pub(super) const PUNSUBSCRIBE: ServerCommand = ServerCommand::new("punsubscribe", punsubscribe)
    .since("2.0.0")
    .arity(-1)
    .flag(Flags::PUBSUB)
    .noscript()
    .loading()
    .stale()
    .docs(&PUNSUBSCRIBE_DOCS);

pub(super) const SSUBSCRIBE: ServerCommand = ServerCommand::new("ssubscribe", ssubscribe)
    .since("7.0.0")
    .arity(-2)
    .deny_oom()
    .flag(Flags::PUBSUB)
    .noscript()
    .loading()
    .stale()
    .keys(&[KeySpec::index(1).range(-1, 1, 0).not_key()])
    .docs(&SSUBSCRIBE_DOCS);

pub(super) const SUNSUBSCRIBE: ServerCommand = ServerCommand::new("sunsubscribe", sunsubscribe)
    .since("7.0.0")
    .arity(-1)
    .flag(Flags::PUBSUB)
    .noscript()
    .loading()
    .stale()
    .keys(&[KeySpec::index(1).range(-1, 1, 0).not_key()])
    .docs(&SUNSUBSCRIBE_DOCS);

pub(super) const PUBLISH: ServerCommand = ServerCommand::new("publish", publish)
    .since("2.0.0")
    .arity(3)
    .flag(Flags::PUBSUB)
    .loading()
    .stale()
    .fast()
    .flag(Flags::MAY_REPLICATE)
    .docs(&PUBLISH_DOCS);

pub(super) const SPUBLISH: ServerCommand = ServerCommand::new("spublish", spublish)
    .since("7.0.0")
    .arity(3)
    .flag(Flags::PUBSUB)
    .loading()
    .stale()
    .fast()
    .keys(&[KeySpec::index(1).not_key()])
    .flag(Flags::MAY_REPLICATE)
    .docs(&SPUBLISH_DOCS);

fn subscribe(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    subscribe_to(cx, args, reply, Kind::Channel, b"subscribe")
}

fn psubscribe(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    subscribe_to(cx, args, reply, Kind::Pattern, b"psubscribe")
}

fn ssubscribe(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    subscribe_to(cx, args, reply, Kind::ShardChannel, b"ssubscribe")
}

fn unsubscribe(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    unsubscribe_from(cx, args, reply, Kind::Channel, b"unsubscribe")
}

fn punsubscribe(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    unsubscribe_from(cx, args, reply, Kind::Pattern, b"punsubscribe")
}

fn sunsubscribe(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    unsubscribe_from(cx, args, reply, Kind::ShardChannel, b"sunsubscribe")
}

/// One answer for each name.
fn subscribe_to(
    cx: &mut ServerContext<'_, '_>,
    args: &mut Args<'_>,
    reply: &mut Reply<'_>,
    kind: Kind,
    word: &[u8],
) -> CommandResult {
    let (id, lane) = (cx.client.id, cx.client.info.lane);
    while !args.is_empty() {
        let name = args.bytes()?;
        let mine = cx.client.subscriptions.get_or_insert_default();
        cx.node.pubsub.subscribe(mine, kind, name, id, lane);
        answer(reply, word, Some(name), mine.count(kind));
    }
    Ok(Flow::Done)
}

/// One answer for each name; without names, for each that there is, or for none at all.
fn unsubscribe_from(
    cx: &mut ServerContext<'_, '_>,
    args: &Args<'_>,
    reply: &mut Reply<'_>,
    kind: Kind,
    word: &[u8],
) -> CommandResult {
    let id = cx.client.id;
    let mine = cx.client.subscriptions.get_or_insert_default();
    let names: Vec<Box<[u8]>> =
        if args.is_empty() { mine.of(kind).iter().cloned().collect() } else { args.rest().map(Box::from).collect() };
    for name in &names {
        cx.node.pubsub.unsubscribe(mine, kind, name, id);
        answer(reply, word, Some(name), mine.count(kind));
    }
    if names.is_empty() {
        answer(reply, word, None, mine.count(kind));
    }
    if mine.is_empty() {
        cx.client.subscriptions = None;
    }
    Ok(Flow::Done)
}

fn answer(reply: &mut Reply<'_>, word: &[u8], name: Option<&[u8]>, count: usize) {
    reply.push(3);
    reply.bulk(word);
    match name {
        Some(name) => reply.bulk(name),
        None => reply.null(),
    }
    reply.len(count);
}

fn publish(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    publish_to(cx, args, reply, Kind::Channel)
}

fn spublish(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    publish_to(cx, args, reply, Kind::ShardChannel)
}

fn publish_to(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>, kind: Kind) -> CommandResult {
    let channel = args.bytes()?;
    let payload = args.bytes()?;
    args.finish()?;
    // A file has nobody to tell.
    cx.data.effects.propagate_message(Targets::REPLICAS);
    reply.len(cx.node.pubsub.publish(&*cx.node.host, kind, channel, payload));
    Ok(Flow::Done)
}

const SUBSCRIBE_DOCS: Docs = Docs::new(
    "Lets the connection hear what is published to channels.",
    Group::Pubsub,
    "O(N) where N is the number of channels to subscribe to.",
)
.arguments(&[Arg::string("channel").multiple()]);

const UNSUBSCRIBE_DOCS: Docs = Docs::new(
    "Ends subscriptions to channels, to all of them by default.",
    Group::Pubsub,
    "O(N) where N is the number of channels to unsubscribe.",
)
.arguments(&[Arg::string("channel").optional().multiple()]);

const PSUBSCRIBE_DOCS: Docs = Docs::new(
    "Lets the connection hear what is published to channels that match patterns.",
    Group::Pubsub,
    "O(N) where N is the number of patterns to subscribe to.",
)
.arguments(&[Arg::pattern("pattern").multiple()]);

const PUNSUBSCRIBE_DOCS: Docs = Docs::new(
    "Ends subscriptions to patterns, to all of them by default.",
    Group::Pubsub,
    "O(N) where N is the number of patterns to unsubscribe.",
)
.arguments(&[Arg::pattern("pattern").optional().multiple()]);

const SSUBSCRIBE_DOCS: Docs = Docs::new(
    "Lets the connection hear what is published to shard channels.",
    Group::Pubsub,
    "O(N) where N is the number of shard channels to subscribe to.",
)
.arguments(&[Arg::string("shardchannel").multiple()]);

const SUNSUBSCRIBE_DOCS: Docs = Docs::new(
    "Ends subscriptions to shard channels, to all of them by default.",
    Group::Pubsub,
    "O(N) where N is the number of shard channels to unsubscribe.",
)
.arguments(&[Arg::string("shardchannel").optional().multiple()]);

const PUBLISH_DOCS: Docs = Docs::new(
    "Sends a message to a channel.",
    Group::Pubsub,
    "O(N+M) where N is the number of clients subscribed to the receiving channel and M is the total number of subscribed patterns (by any client).",
)
.arguments(&[Arg::string("channel"), Arg::string("message")]);

const SPUBLISH_DOCS: Docs = Docs::new(
    "Sends a message to a shard channel.",
    Group::Pubsub,
    "O(N) where N is the number of clients subscribed to the receiving shard channel.",
)
.arguments(&[Arg::string("shardchannel"), Arg::string("message")]);

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn messages_reach_channels_and_patterns() {
        check(
            r"
            A> SUBSCRIBE a b        => >['subscribe', 'a', 1]
            A:                      => >['subscribe', 'b', 2]
            A> PSUBSCRIBE [ab]*     => >['psubscribe', '[ab]*', 3]
            A> SUBSCRIBE a          => >['subscribe', 'a', 3]
            B> PUBLISH a hi         => 2
            A:                      => >['message', 'a', 'hi']
            A:                      => >['pmessage', '[ab]*', 'a', 'hi']
            B> PUBLISH c hi         => 0
            A> UNSUBSCRIBE a        => >['unsubscribe', 'a', 2]
            B> PUBLISH a hi         => 1
            A:                      => >['pmessage', '[ab]*', 'a', 'hi']
            A> PUNSUBSCRIBE         => >['punsubscribe', '[ab]*', 1]
            A> UNSUBSCRIBE          => >['unsubscribe', 'b', 0]
            A> UNSUBSCRIBE          => >['unsubscribe', (nil), 0]
            A> UNSUBSCRIBE x        => >['unsubscribe', 'x', 0]
            B> PUBLISH a hi         => 0
        ",
        );
    }

    #[test]
    fn shard_channels_are_apart_and_know_no_patterns() {
        check(
            r"
            @since 7.0
            A> SSUBSCRIBE s         => >['ssubscribe', 's', 1]
            A> PSUBSCRIBE s*        => >['psubscribe', 's*', 1]
            B> SPUBLISH s hi        => 1
            A:                      => >['smessage', 's', 'hi']
            B> PUBLISH s hi         => 1
            A:                      => >['pmessage', 's*', 's', 'hi']
            A> SUNSUBSCRIBE         => >['sunsubscribe', 's', 0]
            A> SUNSUBSCRIBE         => >['sunsubscribe', (nil), 0]
            B> SPUBLISH s hi        => 0
        ",
        );
    }
}
