//! ACL LOAD and SAVE: the file of users that `aclfile` names.

use command_api::{Args, CommandError, CommandResult, Docs, Flow, Group, Reply, Scope};

use super::disconnect::disconnect_the_denied;
use super::file;
use crate::config::PubsubDefault;
use crate::{LogLevel, ServerCommand, ServerContext};

pub(super) const ACL_LOAD: ServerCommand = ServerCommand::new("load", load)
    .since("6.0.0")
    .arity(2)
    .admin()
    .noscript()
    .loading()
    .stale()
    .scope(Scope::All)
    .docs(&LOAD_DOCS);

pub(super) const ACL_SAVE: ServerCommand = ServerCommand::new("save", save)
    .since("6.0.0")
    .arity(2)
    .admin()
    .noscript()
    .loading()
    .stale()
    .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
    .docs(&SAVE_DOCS);

const NO_FILE: CommandError = CommandError::other(
    "ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command and \
     then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users in the Redis \
     configuration.",
);

const NOT_SAVED: CommandError = CommandError::other(
    "ERR There was an error trying to save the ACLs. Please check the server logs for more information",
);

fn load(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let name = file_name(cx)?;
    let all_channels = cx.node.live().settings.security.acl_pubsub_default == PubsubDefault::AllChannels;
    cx.node
        .acl
        .load(&*cx.node.host, &name, all_channels)
        .map_err(|faults| CommandError::Other(format!("ERR {faults}").into()))?;
    disconnect_the_denied(cx);
    reply.ok();
    Ok(Flow::Done)
}

fn save(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let name = file_name(cx)?;
    let bytes = file::format(&cx.node.acl.users());
    cx.node.host.replace_file(&name, &mut |file| file.write_all(&bytes)).map_err(|error| {
        cx.node.host.log(LogLevel::Warning, &format!("Saving ACL file {name}: {error}"));
        NOT_SAVED
    })?;
    reply.ok();
    Ok(Flow::Done)
}

fn file_name(cx: &ServerContext<'_, '_>) -> Result<String, CommandError> {
    let name = cx.node.live().settings.security.aclfile.clone();
    if name.is_empty() { Err(NO_FILE) } else { Ok(name) }
}

const LOAD_DOCS: Docs = Docs::new(
    "Replaces all users by those of the ACL file, if every line of it is sound.",
    Group::Server,
    "O(N). Where N is the number of configured users.",
);

const SAVE_DOCS: Docs =
    Docs::new("Writes all users to the ACL file.", Group::Server, "O(N). Where N is the number of configured users.");
