//! PUBSUB: who subscribed to what, in numbers.

use command_api::{Arg, Args, CommandResult, Docs, Flags, Flow, Group, Reply};
use stdx::glob;

use super::Kind;
use crate::help::help;
use crate::{ServerCommand, ServerContext};

pub(super) const PUBSUB: ServerCommand = ServerCommand::container(
    "pubsub",
    &[&PUBSUB_CHANNELS, &PUBSUB_NUMPAT, &PUBSUB_NUMSUB, &PUBSUB_SHARDCHANNELS, &PUBSUB_SHARDNUMSUB, &PUBSUB_HELP],
)
.since("2.8.0")
.arity(-2)
.docs(&PUBSUB_DOCS);

const PUBSUB_CHANNELS: ServerCommand = inspector("channels", "2.8.0", -2, channels).docs(&PUBSUB_CHANNELS_DOCS);
const PUBSUB_NUMPAT: ServerCommand = inspector("numpat", "2.8.0", 2, numpat).docs(&PUBSUB_NUMPAT_DOCS);
const PUBSUB_NUMSUB: ServerCommand = inspector("numsub", "2.8.0", -2, numsub).docs(&PUBSUB_NUMSUB_DOCS);
const PUBSUB_SHARDCHANNELS: ServerCommand =
    inspector("shardchannels", "7.0.0", -2, shardchannels).docs(&PUBSUB_SHARDCHANNELS_DOCS);
const PUBSUB_SHARDNUMSUB: ServerCommand =
    inspector("shardnumsub", "7.0.0", -2, shardnumsub).docs(&PUBSUB_SHARDNUMSUB_DOCS);

const PUBSUB_HELP: ServerCommand =
    ServerCommand::new("help", pubsub_help).since("6.2.0").arity(2).loading().stale().docs(&PUBSUB_HELP_DOCS);

const fn inspector(name: &'static str, since: &'static str, arity: i32, run: crate::ServerHandler) -> ServerCommand {
    ServerCommand::new(name, run).since(since).arity(arity).flag(Flags::PUBSUB).loading().stale()
}

fn channels(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    list(cx, args, reply, Kind::Channel)
}

fn shardchannels(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    list(cx, args, reply, Kind::ShardChannel)
}

fn list(cx: &ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>, kind: Kind) -> CommandResult {
    let pattern = if args.is_empty() { None } else { Some(args.bytes()?) };
    args.finish()?;
    let mut active = cx.node.pubsub.active(kind);
    active.retain(|(name, _)| pattern.is_none_or(|pattern| glob::matches(pattern, name)));
    reply.array(active.len());
    active.iter().for_each(|(name, _)| reply.bulk(name));
    Ok(Flow::Done)
}

fn numpat(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    args.finish()?;
    reply.len(cx.node.pubsub.len(Kind::Pattern));
    Ok(Flow::Done)
}

fn numsub(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    count(cx, args, reply, Kind::Channel)
}

fn shardnumsub(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    count(cx, args, reply, Kind::ShardChannel)
}

fn count(cx: &ServerContext<'_, '_>, args: &Args<'_>, reply: &mut Reply<'_>, kind: Kind) -> CommandResult {
    reply.array(args.remaining() * 2);
    for name in args.rest() {
        reply.bulk(name);
        reply.len(cx.node.pubsub.subscribers(kind, name));
    }
    Ok(Flow::Done)
}

fn pubsub_help(_cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    args.finish()?;
    help(
        reply,
        "PUBSUB",
        &[
            ("CHANNELS [<pattern>]", "Channels that somebody has subscribed to."),
            ("NUMPAT", "How many patterns are subscribed to."),
            ("NUMSUB [<channel> ...]", "How many have subscribed to each channel, patterns not counted."),
            ("SHARDCHANNELS [<pattern>]", "Shard channels that somebody has subscribed to."),
            ("SHARDNUMSUB [<shardchannel> ...]", "How many have subscribed to each shard channel."),
        ],
    );
    Ok(Flow::Done)
}

const PUBSUB_DOCS: Docs =
    Docs::new("Groups the commands that look at subscriptions.", Group::Pubsub, "Depends on subcommand.");

const PUBSUB_CHANNELS_DOCS: Docs = Docs::new(
    "Lists the channels that somebody has subscribed to.",
    Group::Pubsub,
    "O(N) where N is the number of active channels, and assuming constant time pattern matching (relatively short channels and patterns)",
)
.arguments(&[Arg::pattern("pattern").optional()]);

const PUBSUB_NUMPAT_DOCS: Docs = Docs::new("Counts the patterns subscribed to.", Group::Pubsub, "O(1)");

const PUBSUB_NUMSUB_DOCS: Docs = Docs::new(
    "Counts the subscribers of channels.",
    Group::Pubsub,
    "O(N) for the NUMSUB subcommand, where N is the number of requested channels",
)
.arguments(&[Arg::string("channel").optional().multiple()]);

const PUBSUB_SHARDCHANNELS_DOCS: Docs = Docs::new(
    "Lists the shard channels that somebody has subscribed to.",
    Group::Pubsub,
    "O(N) where N is the number of active shard channels, and assuming constant time pattern matching (relatively short shard channels).",
)
.arguments(&[Arg::pattern("pattern").optional()]);

const PUBSUB_SHARDNUMSUB_DOCS: Docs = Docs::new(
    "Counts the subscribers of shard channels.",
    Group::Pubsub,
    "O(N) for the SHARDNUMSUB subcommand, where N is the number of requested shard channels",
)
.arguments(&[Arg::string("shardchannel").optional().multiple()]);

const PUBSUB_HELP_DOCS: Docs = Docs::new("Explains the subcommands.", Group::Pubsub, "O(1)");

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn pubsub_counts_subscriptions() {
        check(
            r"
            A> SUBSCRIBE one two              => >['subscribe', 'one', 1]
            A:                                => >['subscribe', 'two', 2]
            A> PSUBSCRIBE p*                  => >['psubscribe', 'p*', 3]
            B> PUBSUB CHANNELS                => unordered ['one', 'two']
            B> PUBSUB CHANNELS o*             => ['one']
            B> PUBSUB NUMSUB one three        => ['one', 1, 'three', 0]
            B> PUBSUB NUMSUB                  => []
            B> PUBSUB NUMPAT                  => 1
            B> PUBSUB NOSUCH                  => (error) ERR unknown subcommand 'NOSUCH'. Try PUBSUB HELP.
        ",
        );
    }

    #[test]
    fn a_subscriber_in_resp2_does_little_else() {
        check(
            r"
            @resp2
            A> SUBSCRIBE a          => ['subscribe', 'a', 1]
            A> GET k                => (error) ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context
            A> PING                 => ['pong', '']
            A> PING hi              => ['pong', 'hi']
            A> UNSUBSCRIBE          => ['unsubscribe', 'a', 0]
            A> PING                 => PONG
        ",
        );
    }
}
