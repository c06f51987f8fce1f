//! ACL SETUSER, GETUSER, DELUSER, LIST, USERS: the users themselves.
//!
//! What changes a user runs alone: no lane is in the middle of a command that was checked under the old rules.

use std::sync::Arc;

use command_api::{Arg, Args, CommandError, CommandResult, Docs, Flow, Group, Reply, Scope};

use super::disconnect::disconnect_the_denied;
use super::rule::{is_blank, join_selectors, refused};
use super::selector::Selector;
use super::user::{DEFAULT, User};
use crate::config::PubsubDefault;
use crate::{ServerCommand, ServerContext};

pub(super) const ACL_SETUSER: ServerCommand = ServerCommand::new("setuser", setuser)
    .since("6.0.0")
    .arity(-3)
    .admin()
    .noscript()
    .loading()
    .stale()
    .scope(Scope::All)
    .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
    .docs(&SETUSER_DOCS);

pub(super) const ACL_GETUSER: ServerCommand = ServerCommand::new("getuser", getuser)
    .since("6.0.0")
    .arity(3)
    .admin()
    .noscript()
    .loading()
    .stale()
    .docs(&GETUSER_DOCS);

pub(super) const ACL_DELUSER: ServerCommand = ServerCommand::new("deluser", deluser)
    .since("6.0.0")
    .arity(-3)
    .admin()
    .noscript()
    .loading()
    .stale()
    .scope(Scope::All)
    .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
    .docs(&DELUSER_DOCS);

pub(super) const ACL_LIST: ServerCommand =
    ServerCommand::new("list", list).since("6.0.0").arity(2).admin().noscript().loading().stale().docs(&LIST_DOCS);

pub(super) const ACL_USERS: ServerCommand =
    ServerCommand::new("users", users).since("6.0.0").arity(2).admin().noscript().loading().stale().docs(&USERS_DOCS);

const BAD_NAME: CommandError = CommandError::other("ERR Usernames can't contain spaces or null characters");
const DEFAULT_STAYS: CommandError = CommandError::other("ERR The 'default' user cannot be removed");

fn setuser(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let name = args.bytes()?;
    if name.iter().any(is_blank) {
        return Err(BAD_NAME);
    }
    let rules = join_selectors(args.rest()).map_err(|error| CommandError::Other(format!("ERR {error}").into()))?;

    let acl = &cx.node.acl;
    let all_channels = cx.node.live().settings.security.acl_pubsub_default == PubsubDefault::AllChannels;
    let known = acl.users().get(name).cloned();
    let mut user = known.map_or_else(|| User::new(acl.new_id(), name, all_channels), |user| User::clone(&user));
    user.set_channel_default(all_channels);
    user.apply_all(&rules).map_err(|(rule, error)| refused(rule, error))?;

    acl.edit(|users| users.insert(Arc::new(user)));
    disconnect_the_denied(cx);
    reply.ok();
    Ok(Flow::Done)
}

fn getuser(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let users = cx.node.acl.users();
    let Some(user) = users.get(args.bytes()?) else {
        reply.null();
        return Ok(Flow::Done);
    };
    reply.map(3 + fields(&user.root));
    reply.bulk(b"flags");
    let flags = user.flags();
    reply.set(flags.len());
    flags.iter().for_each(|flag| reply.bulk(flag.as_bytes()));
    reply.bulk(b"passwords");
    reply.array(user.passwords.len());
    user.passwords.iter().for_each(|hash| reply.bulk(hash.hex().as_bytes()));
    write_selector(&user.root, reply);
    reply.bulk(b"selectors");
    reply.array(user.selectors.len());
    for selector in &user.selectors {
        reply.map(fields(selector));
        write_selector(selector, reply);
    }
    Ok(Flow::Done)
}

/// Redis knows no rules on databases, so they are mentioned only where there are some.
fn fields(selector: &Selector) -> usize {
    3 + usize::from(!selector.allows_all_dbs())
}

fn write_selector(selector: &Selector, reply: &mut Reply<'_>) {
    let mut commands = Vec::new();
    selector.commands.describe(&mut commands);
    reply.bulk(b"commands");
    reply.bulk(&commands);
    reply.bulk(b"keys");
    reply.bulk(&selector.key_rules());
    reply.bulk(b"channels");
    reply.bulk(&selector.channel_rules());
    if !selector.allows_all_dbs() {
        reply.bulk(b"databases");
        reply.bulk(&selector.db_rules());
    }
}

fn deluser(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let names = args.rest();
    if names.clone().any(|name| name == DEFAULT) {
        return Err(DEFAULT_STAYS);
    }
    let deleted = cx.node.acl.edit(|users| names.filter(|name| users.remove(name)).count());
    if deleted > 0 {
        disconnect_the_denied(cx);
    }
    reply.len(deleted);
    Ok(Flow::Done)
}

fn list(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let users = cx.node.acl.users();
    reply.array(users.all().len());
    users.all().for_each(|user| reply.bulk(&user.describe()));
    Ok(Flow::Done)
}

fn users(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let users = cx.node.acl.users();
    reply.array(users.all().len());
    users.all().for_each(|user| reply.bulk(&user.name));
    Ok(Flow::Done)
}

const SETUSER_DOCS: Docs =
    Docs::new("Creates a user or changes its rules.", Group::Server, "O(N). Where N is the number of rules provided.")
        .history(&[
            ("6.2.0", "Added Pub/Sub channel patterns."),
            ("7.0.0", "Added selectors and key based permissions."),
        ])
        .arguments(&[Arg::string("username"), Arg::string("rule").optional().multiple()]);

const GETUSER_DOCS: Docs = Docs::new(
    "Tells the rules of a user.",
    Group::Server,
    "O(N). Where N is the number of password, command and pattern rules that the user has.",
)
.history(&[
    ("6.2.0", "Added Pub/Sub channel patterns."),
    (
        "7.0.0",
        "Added selectors and changed the format of key and channel patterns from a list to their rule representation.",
    ),
])
.arguments(&[Arg::string("username")]);

const DELUSER_DOCS: Docs = Docs::new(
    "Deletes users and closes their connections.",
    Group::Server,
    "O(1) amortized time considering the typical user.",
)
.arguments(&[Arg::string("username").multiple()]);

const LIST_DOCS: Docs = Docs::new(
    "Lists the users with their rules, as lines of a file.",
    Group::Server,
    "O(N). Where N is the number of configured users.",
);

const USERS_DOCS: Docs =
    Docs::new("Lists the names of the users.", Group::Server, "O(N). Where N is the number of configured users.");
