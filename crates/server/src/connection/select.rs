//! SELECT, RESET, QUIT: where the connection stands, from the start again, and not at all.

use command_api::{Acl, Arg, Args, CommandError, CommandResult, Docs, Flags, Flow, Group, Reply};
use resp::Protocol;

use crate::{ServerCommand, ServerContext};

pub(super) const SELECT: ServerCommand = ServerCommand::new("select", select)
    .since("1.0.0")
    .arity(2)
    .loading()
    .stale()
    .fast()
    .acl(&[Acl::Connection])
    .docs(&SELECT_DOCS);

pub(super) const RESET: ServerCommand = ServerCommand::new("reset", reset)
    .since("6.2.0")
    .arity(1)
    .noscript()
    .loading()
    .stale()
    .fast()
    .flag(Flags::NO_AUTH)
    .flag(Flags::ALLOW_BUSY)
    .acl(&[Acl::Connection])
    .docs(&RESET_DOCS);

pub(super) const QUIT: ServerCommand = ServerCommand::new("quit", quit)
    .since("1.0.0")
    .arity(-1)
    .noscript()
    .loading()
    .stale()
    .fast()
    .flag(Flags::NO_AUTH)
    .flag(Flags::ALLOW_BUSY)
    .acl(&[Acl::Connection])
    .docs(&QUIT_DOCS);

fn select(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let index = args.int().map_err(|_| CommandError::NotInteger)?;
    let db = usize::try_from(index).ok().filter(|db| *db < cx.node.keyspace.databases());
    cx.client.db = db.ok_or(CommandError::DbIndexOutOfRange)?;
    reply.ok();
    Ok(Flow::Done)
}

fn reset(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    args.finish()?;
    cx.client.reset(cx.node);
    reply.set_protocol(Protocol::Resp2);
    reply.status("RESET");
    Ok(Flow::Done)
}

fn quit(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    cx.client.closing = true;
    reply.ok();
    Ok(Flow::Done)
}

const SELECT_DOCS: Docs = Docs::new("Turns the connection to another database.", Group::Connection, "O(1)")
    .arguments(&[Arg::integer("index")]);

const RESET_DOCS: Docs = Docs::new("Makes the connection as it was when it was new.", Group::Connection, "O(1)");

const QUIT_DOCS: Docs =
    Docs::new("Ends the connection.", Group::Connection, "O(1)").deprecated("7.2.0", "just closing the connection");
