//! AUTH: who is there. A password alone is the default user's.

use command_api::{Acl, Arg, Args, CommandError, CommandResult, Docs, Flags, Flow, Group, Reply};

use crate::acl::DEFAULT;
use crate::node::Node;
use crate::session::Client;
use crate::{ServerCommand, ServerContext};

pub(super) const AUTH: ServerCommand = ServerCommand::new("auth", auth)
    .since("1.0.0")
    .arity(-2)
    .noscript()
    .loading()
    .stale()
    .fast()
    .flag(Flags::NO_AUTH)
    .flag(Flags::ALLOW_BUSY)
    .acl(&[Acl::Connection])
    .docs(&AUTH_DOCS);

const WRONG_PASS: CommandError = CommandError::other("WRONGPASS invalid username-password pair or user is disabled.");

const NO_PASSWORD: CommandError = CommandError::other(
    "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is \
     correct?",
);

fn auth(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let first = args.bytes()?;
    let second = if args.is_empty() { None } else { Some(args.bytes()?) };
    args.finish()?;
    match second {
        Some(password) => authenticate(cx.node, cx.client, first, password, "AUTH")?,
        None if cx.node.acl.users().default_user().asks_for_no_password() => return Err(NO_PASSWORD),
        None => authenticate(cx.node, cx.client, DEFAULT, first, "AUTH")?,
    }
    reply.ok();
    Ok(Flow::Done)
}

/// Lets the client in if name and password are right; `command` is what it said them with.
pub(super) fn authenticate(
    node: &Node,
    client: &mut Client,
    user: &[u8],
    password: &[u8],
    command: &str,
) -> Result<(), CommandError> {
    if client.log_in(node, user, password, command) { Ok(()) } else { Err(WRONG_PASS) }
}

const AUTH_DOCS: Docs = Docs::new(
    "Proves who the connection belongs to.",
    Group::Connection,
    "O(N) where N is the number of passwords defined for the user",
)
.history(&[("6.0.0", "Added ACL style (username and password).")])
.arguments(&[Arg::string("username").optional().since("6.0.0"), Arg::string("password")]);
