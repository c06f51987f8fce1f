//! ACL DRYRUN: whether a user might run a command, without running it.

use command_api::{Arg, Args, CommandError, CommandResult, Docs, Flow, Group, Reply};
use resp::ArgvBuf;

use super::check::check;
use crate::dispatch::resolve;
use crate::{ServerCommand, ServerContext};

pub(super) const ACL_DRYRUN: ServerCommand = ServerCommand::new("dryrun", dryrun)
    .since("7.0.0")
    .arity(-4)
    .admin()
    .noscript()
    .loading()
    .stale()
    .docs(&DRYRUN_DOCS);

fn dryrun(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let name = args.bytes()?;
    let users = cx.node.acl.users();
    let text = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
    let user =
        users.get(name).ok_or_else(|| CommandError::Other(format!("ERR User '{}' not found", text(name)).into()))?;
    let command = ArgvBuf::new(args.rest());
    let argv = command.as_argv();
    let name = argv.get(0).unwrap_or_default();
    let entry = cx
        .node
        .names
        .find(name)
        .and_then(|entry| resolve(entry, argv).ok())
        .ok_or_else(|| CommandError::Other(format!("ERR Command '{}' not found", text(name)).into()))?;
    if !entry.accepts(argv.len()) || entry.is_container() {
        return Err(CommandError::Arity(entry.full_name.into()));
    }
    match check(user, entry, argv, cx.client.db, &mut Vec::new()) {
        Ok(()) => reply.ok(),
        Err(denied) => reply.bulk(denied.explain(user, entry, argv).as_bytes()),
    }
    Ok(Flow::Done)
}

const DRYRUN_DOCS: Docs =
    Docs::new("Tells whether a user may run a command, without running it.", Group::Server, "O(1).").arguments(&[
        Arg::string("username"),
        Arg::string("command"),
        Arg::string("arg").optional().multiple(),
    ]);
