//! AUTH: who is there. The one user so far is `default`, with the password of `requirepass`.

use command_api::{Acl, Arg, Args, CommandError, CommandResult, Docs, Flags, Flow, Group, Reply};

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
        Some(password) => authenticate(cx.node, cx.client, first, password)?,
        None if !cx.node.live().requires_password() => return Err(NO_PASSWORD),
        None => authenticate(cx.node, cx.client, b"default", first)?,
    }
    reply.ok();
    Ok(Flow::Done)
}

/// Lets the client in if name and password are right.
pub(super) fn authenticate(node: &Node, client: &mut Client, user: &[u8], password: &[u8]) -> Result<(), CommandError> {
    let live = node.live();
    let required = &live.settings.security.requirepass;
    if user != b"default" || live.requires_password() && !equal_in_constant_time(password, required) {
        return Err(WRONG_PASS);
    }
    client.authenticated = true;
    Ok(())
}

/// Compares without telling by its duration where the texts differ.
fn equal_in_constant_time(left: &[u8], right: &[u8]) -> bool {
    let differing = left.iter().zip(right).fold(0, |differing, (left, right)| differing | (left ^ right));
    left.len() == right.len() && differing == 0
}

const AUTH_DOCS: Docs = Docs::new(
    "Proves who the connection belongs to.",
    Group::Connection,
    "O(N) where N is the number of passwords defined for the user",
)
.history(&[("6.0.0", "Added ACL style (username and password).")])
.arguments(&[Arg::string("username").optional().since("6.0.0"), Arg::string("password")]);
