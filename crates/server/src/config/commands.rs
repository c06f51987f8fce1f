//! CONFIG GET, SET, REWRITE, RESETSTAT.

use command_api::{Arg, Args, CommandError, CommandResult, Docs, Flow, Group, Reply};

use crate::config::{Peer, SetError, UserLines};
use crate::help::help;
use crate::{LogLevel, ServerCommand, ServerContext};

pub(crate) const TABLE: &[&ServerCommand] = &[&CONFIG];

const CONFIG: ServerCommand =
    ServerCommand::container("config", &[&CONFIG_GET, &CONFIG_HELP, &CONFIG_RESETSTAT, &CONFIG_REWRITE, &CONFIG_SET])
        .since("2.0.0")
        .arity(-2)
        .docs(&CONFIG_DOCS);

const CONFIG_GET: ServerCommand = ServerCommand::new("get", config_get)
    .since("2.0.0")
    .arity(-3)
    .admin()
    .noscript()
    .loading()
    .stale()
    .docs(&CONFIG_GET_DOCS);

const CONFIG_HELP: ServerCommand =
    ServerCommand::new("help", config_help).since("5.0.0").arity(2).loading().stale().docs(&CONFIG_HELP_DOCS);

const CONFIG_RESETSTAT: ServerCommand = ServerCommand::new("resetstat", config_resetstat)
    .since("2.0.0")
    .arity(2)
    .admin()
    .noscript()
    .loading()
    .stale()
    .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
    .docs(&CONFIG_RESETSTAT_DOCS);

const CONFIG_REWRITE: ServerCommand = ServerCommand::new("rewrite", config_rewrite)
    .since("2.8.0")
    .arity(2)
    .admin()
    .noscript()
    .loading()
    .stale()
    .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
    .docs(&CONFIG_REWRITE_DOCS);

const CONFIG_SET: ServerCommand = ServerCommand::new("set", config_set)
    .since("2.0.0")
    .arity(-4)
    .admin()
    .noscript()
    .loading()
    .stale()
    .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
    .docs(&CONFIG_SET_DOCS);

const NO_FILE: CommandError = CommandError::other("ERR The server is running without a config file");

fn config_get(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let patterns: Vec<&[u8]> = args.rest().collect();
    let answers = cx.node.config.lock().get(&patterns);
    reply.map(answers.len());
    for answer in answers {
        reply.bulk(&answer.name);
        reply.bulk(&answer.value);
    }
    Ok(Flow::Done)
}

fn config_set(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let pairs: Vec<&[u8]> = args.rest().collect();
    let peer = if cx.client.info.endpoint.is_local { Peer::Local } else { Peer::Remote };
    let mut config = cx.node.config.lock();
    let change = config.prepare(&pairs, peer).map_err(|error| CommandError::Other(error.to_string().into()))?;
    let names: Vec<&'static str> = change.params.iter().map(|param| param.name).collect();
    let apply = || cx.node.host.apply(&change.settings, &names);
    // Naming it again reads it again.
    let applied = if pairs.iter().step_by(2).any(|name| name.eq_ignore_ascii_case(b"functions-dir")) {
        cx.node.change_functions_dir(change.settings.general.functions_dir.as_deref(), apply)
    } else {
        apply()
    };
    applied.map_err(|(name, reason)| {
        let error = SetError::Refused { name: name.into(), reason: reason.into() };
        CommandError::Other(error.to_string().into())
    })?;
    cx.node.publish(change.settings.clone());
    if names.contains(&"requirepass") {
        cx.node.acl.require(&change.settings.security.requirepass);
    }
    config.commit(change);
    reply.ok();
    Ok(Flow::Done)
}

fn config_resetstat(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    cx.node.stats.reset();
    cx.node.reclaimed.reset();
    cx.node.persistence.losses.reset();
    cx.node.memory.reset();
    reply.ok();
    Ok(Flow::Done)
}

fn config_rewrite(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let config = cx.node.config.lock();
    let file = config.file().ok_or(NO_FILE)?;
    let users = cx.node.acl.user_lines(config.settings());
    let is_current = |name: &[u8], rules: &[Vec<u8>]| cx.node.acl.says_the_same(name, rules);
    let users = UserLines { lines: users, is_current: &is_current };
    cx.node.host.rewrite_config(file, &mut |old| config.rewrite(old, &users)).map_err(|error| {
        cx.node.host.log(LogLevel::Warning, &format!("CONFIG REWRITE failed: {error}"));
        CommandError::Other(format!("ERR Rewriting config file: {error}").into())
    })?;
    cx.node.host.log(LogLevel::Notice, "CONFIG REWRITE executed with success.");
    reply.ok();
    Ok(Flow::Done)
}

fn config_help(_cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    help(
        reply,
        "CONFIG",
        &[
            ("GET <pattern>", "Return parameters matching the glob-like <pattern> and their values."),
            ("SET <directive> <value>", "Set the configuration <directive> to <value>."),
            ("RESETSTAT", "Reset statistics reported by the INFO command."),
            ("REWRITE", "Rewrite the configuration file."),
        ],
    );
    Ok(Flow::Done)
}

const CONFIG_DOCS: Docs =
    Docs::new("Groups the commands on the configuration.", Group::Server, "Depends on subcommand.");

const CONFIG_GET_DOCS: Docs = Docs::new(
    "Lists parameters and their values.",
    Group::Server,
    "O(N) where N is the number of configuration parameters provided",
)
.history(&[("7.0.0", "Several patterns in one call.")])
.arguments(&[Arg::string("parameter").multiple()]);

const CONFIG_HELP_DOCS: Docs = Docs::new("Explains the subcommands.", Group::Server, "O(1)");

const CONFIG_RESETSTAT_DOCS: Docs = Docs::new("Sets INFO's counters back to zero.", Group::Server, "O(1)");

const CONFIG_REWRITE_DOCS: Docs =
    Docs::new("Writes the values in force into the configuration file.", Group::Server, "O(1)");

const CONFIG_SET_DOCS: Docs = Docs::new(
    "Changes parameters while the server runs.",
    Group::Server,
    "O(N) where N is the number of configuration parameters provided",
)
.history(&[("7.0.0", "Several parameters in one call.")])
.arguments(&[Arg::block("data", &[Arg::string("parameter"), Arg::string("value")]).multiple()]);
