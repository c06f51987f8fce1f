//! PING and ECHO: is anybody there.

use command_api::{Acl, Arg, Args, CommandResult, Docs, Flow, Group, Reply};

use resp::Protocol;

use crate::{ServerCommand, ServerContext};

pub(super) const PING: ServerCommand = ServerCommand::new("ping", ping)
    .since("1.0.0")
    .arity(-1)
    .fast()
    .acl(&[Acl::Connection])
    .tips(&["request_policy:all_shards", "response_policy:all_succeeded"])
    .docs(&PING_DOCS);

pub(super) const ECHO: ServerCommand = ServerCommand::new("echo", echo)
    .since("1.0.0")
    .arity(2)
    .loading()
    .stale()
    .fast()
    .acl(&[Acl::Connection])
    .docs(&ECHO_DOCS);

fn ping(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    if args.remaining() > 1 {
        return Err(cx.data.wrong_arity());
    }
    if cx.client.subscriptions.is_some() && cx.client.protocol == Protocol::Resp2 {
        reply.array(2);
        reply.bulk(b"pong");
        reply.bulk(args.peek().unwrap_or_default());
        return Ok(Flow::Done);
    }
    match args.peek() {
        Some(message) => reply.bulk(message),
        None => reply.status("PONG"),
    }
    Ok(Flow::Done)
}

fn echo(_cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    reply.bulk(args.bytes()?);
    Ok(Flow::Done)
}

const PING_DOCS: Docs = Docs::new("Answers that the server is alive.", Group::Connection, "O(1)")
    .arguments(&[Arg::string("message").optional()]);

const ECHO_DOCS: Docs =
    Docs::new("Answers with the message it was given.", Group::Connection, "O(1)").arguments(&[Arg::string("message")]);
