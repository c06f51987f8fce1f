//! COMMAND and its subcommands: the command table, told to clients, proxies and people.

use command_api::{Acl, Arg, Args, CommandError, CommandResult, Docs, Flow, Group, KeyPosition, Reply};
use resp::Span;

use super::docs_reply::write_docs;
use super::info_reply::write_info;
use crate::dispatch::resolve;
use crate::help::help;
use crate::table::{CommandTable, Entry, spec};
use crate::{ServerCommand, ServerContext};

pub(crate) const COMMAND: ServerCommand = ServerCommand::new("command", every_command)
    .since("2.8.13")
    .arity(-1)
    .loading()
    .stale()
    .acl(&[Acl::Connection])
    .tips(&["nondeterministic_output_order"])
    .docs(&COMMAND_TEXT)
    .subcommands(&[&COUNT, &DOCS, &GETKEYS, &GETKEYSANDFLAGS, &HELP, &INFO, &LIST]);

const COUNT: ServerCommand = ServerCommand::new("count", count)
    .since("2.8.13")
    .arity(2)
    .loading()
    .stale()
    .acl(&[Acl::Connection])
    .docs(&COUNT_TEXT);

const DOCS: ServerCommand = ServerCommand::new("docs", docs)
    .since("7.0.0")
    .arity(-2)
    .loading()
    .stale()
    .acl(&[Acl::Connection])
    .tips(&["nondeterministic_output_order"])
    .docs(&DOCS_TEXT);

const GETKEYS: ServerCommand = ServerCommand::new("getkeys", getkeys)
    .since("2.8.13")
    .arity(-3)
    .loading()
    .stale()
    .acl(&[Acl::Connection])
    .docs(&GETKEYS_TEXT);

const GETKEYSANDFLAGS: ServerCommand = ServerCommand::new("getkeysandflags", getkeysandflags)
    .since("7.0.0")
    .arity(-3)
    .loading()
    .stale()
    .acl(&[Acl::Connection])
    .docs(&GETKEYSANDFLAGS_TEXT);

const HELP: ServerCommand = ServerCommand::new("help", help_text)
    .since("5.0.0")
    .arity(2)
    .loading()
    .stale()
    .acl(&[Acl::Connection])
    .docs(&HELP_TEXT);

const INFO: ServerCommand = ServerCommand::new("info", info)
    .since("2.8.13")
    .arity(-2)
    .loading()
    .stale()
    .acl(&[Acl::Connection])
    .tips(&["nondeterministic_output_order"])
    .docs(&INFO_TEXT);

const LIST: ServerCommand = ServerCommand::new("list", list)
    .since("7.0.0")
    .arity(-2)
    .loading()
    .stale()
    .acl(&[Acl::Connection])
    .tips(&["nondeterministic_output_order"])
    .docs(&LIST_TEXT);

const NOT_A_COMMAND: CommandError = CommandError::other("ERR Invalid command specified");
const WRONG_COUNT: CommandError = CommandError::other("ERR Invalid number of arguments specified for command");
const NO_KEYS: CommandError = CommandError::other("ERR The command has no key arguments");
const INVALID_ARGS: CommandError = CommandError::other("ERR Invalid arguments specified for command");

fn every_command(_cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    args.finish()?;
    write_all(reply);
    Ok(Flow::Done)
}

fn write_all(reply: &mut Reply<'_>) {
    let commands = CommandTable::get().top_level();
    reply.array(commands.len());
    for entry in commands {
        write_info(reply, entry);
    }
}

fn count(_cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    reply.len(CommandTable::get().top_level().len());
    Ok(Flow::Done)
}

fn info(_cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    if args.is_empty() {
        write_all(reply);
        return Ok(Flow::Done);
    }
    reply.array(args.remaining());
    for name in args.rest() {
        match named(name) {
            Some(entry) => write_info(reply, entry),
            None => reply.null_array(),
        }
    }
    Ok(Flow::Done)
}

fn docs(_cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let table = CommandTable::get();
    let entries: Vec<&Entry> =
        if args.is_empty() { table.top_level().collect() } else { args.rest().filter_map(named).collect() };
    reply.map(entries.len());
    for entry in entries {
        reply.bulk(entry.full_name.as_bytes());
        write_docs(reply, entry);
    }
    Ok(Flow::Done)
}

/// The command of this name, `container|sub` for a subcommand.
fn named(name: &[u8]) -> Option<&'static Entry> {
    CommandTable::get().find(name)
}

fn list(_cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let table = CommandTable::get();
    let everything = || table.top_level().flat_map(|entry| std::iter::once(entry).chain(table.subcommands(entry)));
    let names: Vec<&Entry> = if args.is_empty() {
        table.top_level().collect()
    } else if !args.accept("FILTERBY") || args.remaining() != 2 {
        return Err(CommandError::Syntax);
    } else if args.accept("MODULE") {
        // No module is loaded: none of the commands is one's.
        Vec::new()
    } else if args.accept("ACLCAT") {
        let wanted = args.bytes()?;
        everything()
            .filter(|entry| spec!(entry.spec, spec => spec.categories().any(|category| category.name().as_bytes().eq_ignore_ascii_case(wanted))))
            .collect()
    } else if args.accept("PATTERN") {
        let pattern = args.bytes()?;
        everything()
            .filter(|entry| pattern == b"*" || stdx::glob::matches_nocase(pattern, entry.full_name.as_bytes()))
            .collect()
    } else {
        return Err(CommandError::Syntax);
    };
    reply.set(names.len());
    for entry in names {
        reply.bulk(entry.full_name.as_bytes());
    }
    Ok(Flow::Done)
}

fn getkeys(_cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let keys = keys_of(args)?;
    reply.array(keys.len());
    for (key, _) in keys {
        reply.bulk(key);
    }
    Ok(Flow::Done)
}

fn getkeysandflags(_cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let keys = keys_of(args)?;
    reply.array(keys.len());
    for (key, position) in keys {
        reply.array(2);
        reply.bulk(key);
        reply.set(position.flags.names().count());
        for flag in position.flags.names() {
            reply.status(flag);
        }
    }
    Ok(Flow::Done)
}

/// The keys of the command that the remaining arguments spell.
fn keys_of<'a>(args: &Args<'a>) -> Result<Vec<(&'a [u8], KeyPosition)>, CommandError> {
    // The quoted command as arguments of its own: spans of a copy, since spans are relative to their first argument.
    let mut bytes = Vec::new();
    let mut spans = Vec::new();
    for arg in args.rest() {
        let start = u32::try_from(bytes.len()).map_err(|_| INVALID_ARGS)?;
        bytes.extend_from_slice(arg);
        spans.push(Span { start, len: u32::try_from(arg.len()).map_err(|_| INVALID_ARGS)? });
    }
    let argv = resp::Argv::new(&bytes, &spans);
    let name = argv.get(0).unwrap_or_default();
    let entry = named(name).and_then(|entry| resolve(entry, argv).ok()).ok_or(NOT_A_COMMAND)?;
    if !entry.has_keys {
        return Err(NO_KEYS);
    }
    if !entry.accepts(argv.len()) {
        return Err(WRONG_COUNT);
    }
    let mut positions = Vec::new();
    entry.find_keys(argv, &mut positions).map_err(|_| INVALID_ARGS)?;
    for position in &mut positions {
        position.flags = entry.key_use(argv, position.flags);
    }
    if positions.is_empty() && !entry.flags.contains(command_api::Flags::NO_MANDATORY_KEYS) {
        return Err(INVALID_ARGS);
    }
    let quoted: Vec<&'a [u8]> = args.rest().collect();
    Ok(positions.into_iter().filter_map(|key| quoted.get(key.index as usize).map(|bytes| (*bytes, key))).collect())
}

fn help_text(_cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    help(
        reply,
        "COMMAND",
        &[
            ("(no subcommand)", "Describe every command."),
            ("COUNT", "Count the commands of this server."),
            ("LIST", "List the names of the commands of this server."),
            ("INFO [<command-name> ...]", "Describe the commands named, or every command."),
            ("DOCS [<command-name> ...]", "Document the commands named, or every command."),
            ("GETKEYS <full-command>", "List the keys of a full command."),
            ("GETKEYSANDFLAGS <full-command>", "List the keys of a full command and what becomes of each."),
        ],
    );
    Ok(Flow::Done)
}

const COMMAND_TEXT: Docs =
    Docs::new("Describes every command.", Group::Server, "O(N) where N is the total number of Redis commands");

const COUNT_TEXT: Docs = Docs::new("Counts the commands.", Group::Server, "O(1)");

const DOCS_TEXT: Docs = Docs::new(
    "Documents commands and their arguments.",
    Group::Server,
    "O(N) where N is the number of commands to look up",
)
.arguments(&[Arg::string("command-name").optional().multiple()]);

const GETKEYS_TEXT: Docs = Docs::new(
    "Tells which arguments of a command are keys.",
    Group::Server,
    "O(N) where N is the number of arguments to the command",
)
.arguments(&[Arg::string("command"), Arg::string("arg").optional().multiple()]);

const GETKEYSANDFLAGS_TEXT: Docs = Docs::new(
    "Tells which arguments of a command are keys, and what becomes of them.",
    Group::Server,
    "O(N) where N is the number of arguments to the command",
)
.arguments(&[Arg::string("command"), Arg::string("arg").optional().multiple()]);

const HELP_TEXT: Docs = Docs::new("Explains the subcommands.", Group::Server, "O(1)");

const INFO_TEXT: Docs =
    Docs::new("Describes the commands named.", Group::Server, "O(N) where N is the number of commands to look up")
        .history(&[("7.0.0", "Allowed to be called with no argument to get info on all commands.")])
        .arguments(&[Arg::string("command-name").optional().multiple()]);

const LIST_TEXT: Docs =
    Docs::new("Lists the names of commands.", Group::Server, "O(N) where N is the total number of Redis commands")
        .arguments(&[Arg::one_of(
            "filterby",
            &[
                Arg::string("module-name").token("MODULE"),
                Arg::string("category").token("ACLCAT"),
                Arg::pattern("pattern").token("PATTERN"),
            ],
        )
        .token("FILTERBY")
        .optional()]);
