//! FUNCTION: libraries are loaded, listed, dumped and restored.

use std::borrow::Cow;
use std::sync::atomic::Ordering::Relaxed;

use command_api::{Acl, Arg, Args, CommandError, CommandResult, Docs, Flags, Flow, Group, Reply, Scope};
use rdb::{Dialect, RestoreOptions};
use script::{Function, Library, Plan, RestorePolicy, ScriptError};

use crate::help::help;
use crate::{ServerCommand, ServerContext};

pub(super) const FUNCTION: ServerCommand = ServerCommand::container(
    "function",
    &[
        &FUNCTION_LOAD,
        &FUNCTION_DELETE,
        &FUNCTION_FLUSH,
        &FUNCTION_LIST,
        &FUNCTION_STATS,
        &FUNCTION_KILL,
        &FUNCTION_DUMP,
        &FUNCTION_RESTORE,
        &FUNCTION_HELP,
    ],
)
.since("7.0.0")
.arity(-2)
.docs(&FUNCTION_DOCS);

const FUNCTION_LOAD: ServerCommand = ServerCommand::new("load", load)
    .since("7.0.0")
    .arity(-3)
    .write()
    .deny_oom()
    .noscript()
    .acl(&[Acl::Scripting])
    .scope(Scope::All)
    .tips(&["request_policy:all_shards", "response_policy:all_succeeded"])
    .docs(&FUNCTION_LOAD_DOCS);

const FUNCTION_DELETE: ServerCommand = ServerCommand::new("delete", delete)
    .since("7.0.0")
    .arity(3)
    .write()
    .noscript()
    .acl(&[Acl::Scripting])
    .scope(Scope::All)
    .tips(&["request_policy:all_shards", "response_policy:all_succeeded"])
    .docs(&FUNCTION_DELETE_DOCS);

const FUNCTION_FLUSH: ServerCommand = ServerCommand::new("flush", flush)
    .since("7.0.0")
    .arity(-2)
    .write()
    .noscript()
    .acl(&[Acl::Scripting])
    .scope(Scope::All)
    .tips(&["request_policy:all_shards", "response_policy:all_succeeded"])
    .docs(&FUNCTION_FLUSH_DOCS);

const FUNCTION_LIST: ServerCommand = ServerCommand::new("list", list)
    .since("7.0.0")
    .arity(-2)
    .noscript()
    .acl(&[Acl::Scripting])
    .tips(&["nondeterministic_output_order"])
    .docs(&FUNCTION_LIST_DOCS);

const FUNCTION_STATS: ServerCommand = ServerCommand::new("stats", stats)
    .since("7.0.0")
    .arity(2)
    .noscript()
    .flag(Flags::ALLOW_BUSY)
    .acl(&[Acl::Scripting])
    .tips(&["nondeterministic_output", "request_policy:all_shards", "response_policy:special"])
    .docs(&FUNCTION_STATS_DOCS);

const FUNCTION_KILL: ServerCommand = ServerCommand::new("kill", kill)
    .since("7.0.0")
    .arity(2)
    .noscript()
    .flag(Flags::ALLOW_BUSY)
    .acl(&[Acl::Scripting])
    .tips(&["request_policy:all_shards", "response_policy:one_succeeded"])
    .docs(&FUNCTION_KILL_DOCS);

const FUNCTION_DUMP: ServerCommand = ServerCommand::new("dump", dump)
    .since("7.0.0")
    .arity(-2)
    .noscript()
    .acl(&[Acl::Scripting])
    .docs(&FUNCTION_DUMP_DOCS);

const FUNCTION_RESTORE: ServerCommand = ServerCommand::new("restore", restore)
    .since("7.0.0")
    .arity(-3)
    .write()
    .deny_oom()
    .noscript()
    .acl(&[Acl::Scripting])
    .scope(Scope::All)
    .tips(&["request_policy:all_shards", "response_policy:all_succeeded"])
    .docs(&FUNCTION_RESTORE_DOCS);

const FUNCTION_HELP: ServerCommand = ServerCommand::new("help", function_help)
    .since("7.0.0")
    .arity(2)
    .loading()
    .stale()
    .acl(&[Acl::Scripting])
    .docs(&FUNCTION_HELP_DOCS);

fn other(text: String) -> CommandError {
    CommandError::Other(Cow::Owned(text))
}

fn refused(error: &ScriptError) -> CommandError {
    other(error.to_string())
}

/// What Redis says to arguments that a subcommand has no place for.
fn wrong_number(subcommand: &str) -> CommandError {
    other(format!("ERR unknown subcommand or wrong number of arguments for '{subcommand}'. Try FUNCTION HELP."))
}

fn load(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let mut replace = false;
    while args.remaining() > 1 {
        if args.accept("REPLACE") {
            replace = true;
        } else {
            let option = String::from_utf8_lossy(args.bytes()?).replace(['\r', '\n'], " ");
            return Err(other(format!("ERR Unknown option given: {option}")));
        }
    }
    let code = args.bytes()?;
    let name = cx.node.load_library(code, replace).map_err(|error| refused(&error))?;
    cx.data.db.count_change();
    reply.bulk(name.as_bytes());
    Ok(Flow::Done)
}

fn delete(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    cx.node.delete_library(args.bytes()?).map_err(|error| refused(&error))?;
    cx.data.db.count_change();
    reply.ok();
    Ok(Flow::Done)
}

fn flush(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    if args.remaining() > 1 {
        return Err(wrong_number("FLUSH"));
    }
    let lazily = if args.is_empty() {
        cx.node.live().settings.memory.lazyfree_user_flush
    } else if args.accept("SYNC") {
        false
    } else if args.accept("ASYNC") {
        true
    } else {
        return Err(CommandError::other("ERR FUNCTION FLUSH only supports SYNC|ASYNC option"));
    };
    let functions = cx.node.scripting.take_functions();
    if let (Some(functions), true) = (functions, lazily) {
        cx.node.host.reclaim(Box::new(functions));
    }
    cx.data.db.count_change();
    reply.ok();
    Ok(Flow::Done)
}

fn list(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let (mut pattern, mut with_code) = (None, false);
    while !args.is_empty() {
        if !with_code && args.accept("WITHCODE") {
            with_code = true;
        } else if pattern.is_none() && args.accept("LIBRARYNAME") {
            pattern = Some(args.bytes().map_err(|_| CommandError::other("ERR library name argument was not given"))?);
        } else {
            return Err(other(format!("ERR Unknown argument {}", String::from_utf8_lossy(args.bytes()?))));
        }
    }
    if !cx.node.scripting.has_functions() {
        reply.array(0);
        return Ok(Flow::Done);
    }
    let functions = cx.node.scripting.functions().map_err(|error| refused(&error))?;
    let matches = |library: &&Library| {
        pattern.is_none_or(|pattern| stdx::glob::matches_nocase(pattern, library.name().as_bytes()))
    };
    let later = reply.array_later();
    let mut count = 0;
    for library in functions.libraries().filter(matches) {
        describe(library, with_code, reply);
        count += 1;
    }
    reply.settle_array(later, count);
    Ok(Flow::Done)
}

fn describe(library: &Library, with_code: bool, reply: &mut Reply<'_>) {
    reply.map(if with_code { 4 } else { 3 });
    reply.bulk(b"library_name");
    reply.bulk(library.name().as_bytes());
    reply.bulk(b"engine");
    reply.bulk(b"LUA");
    reply.bulk(b"functions");
    reply.array(library.functions().len());
    for function in library.functions() {
        describe_function(function, reply);
    }
    if with_code {
        reply.bulk(b"library_code");
        reply.bulk(library.code());
    }
}

fn describe_function(function: &Function, reply: &mut Reply<'_>) {
    reply.map(3);
    reply.bulk(b"name");
    reply.bulk(function.name().as_ref());
    reply.bulk(b"description");
    match function.description() {
        Some(text) => reply.bulk(text),
        None => reply.null(),
    }
    reply.bulk(b"flags");
    reply.set(function.flags().names().count());
    function.flags().names().for_each(|name| reply.status(name));
}

fn stats(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let scripting = &cx.node.scripting;
    reply.map(2);
    reply.bulk(b"running_script");
    match scripting.busy.run() {
        None => reply.null(),
        Some(run) => {
            reply.map(3);
            reply.bulk(b"name");
            reply.bulk(&run.name);
            reply.bulk(b"command");
            reply.array(run.command.len());
            run.command.iter().for_each(|word| reply.bulk(word));
            reply.bulk(b"duration_ms");
            let ns = cx.node.host.monotonic_ns().saturating_sub(run.started_ns);
            reply.int(i64::try_from(ns / 1_000_000).unwrap_or(i64::MAX));
        }
    }
    reply.bulk(b"engines");
    reply.map(1);
    reply.bulk(b"LUA");
    reply.map(2);
    reply.bulk(b"libraries_count");
    reply.len(scripting.figures.libraries.load(Relaxed));
    reply.bulk(b"functions_count");
    reply.len(scripting.figures.functions.load(Relaxed));
    Ok(Flow::Done)
}

fn kill(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    cx.node.scripting.busy.kill()?;
    reply.ok();
    Ok(Flow::Done)
}

/// Ours, beyond Redis: `AS dialect` writes for another server, `LIBRARY name ...` chooses.
fn dump(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let mut dialect: Dialect = cx.data.tunables.dump_dialect;
    let mut names: Vec<&[u8]> = Vec::new();
    while !args.is_empty() {
        if args.remaining() > 1 && args.accept("AS") {
            let name = String::from_utf8_lossy(args.bytes()?).to_ascii_lowercase();
            dialect = name.parse().map_err(|error| other(format!("ERR {error}")))?;
        } else if args.remaining() > 1 && args.accept("LIBRARY") {
            names.extend(args.rest());
            args.skip(args.remaining())?;
        } else {
            return Err(cx.data.wrong_arity());
        }
    }
    let sources = cx.node.library_sources(&names);
    if !names.is_empty() && sources.len() < names.len() {
        return Err(CommandError::other("ERR Library not found"));
    }
    let payload = rdb::functions::write(sources.iter().map(Vec::as_slice), dialect)
        .map_err(|error| other(format!("ERR {error}")))?;
    reply.bulk(&payload);
    Ok(Flow::Done)
}

fn restore(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let payload = args.bytes()?;
    let words: Vec<&[u8]> = args.rest().collect();
    // Ours, beyond Redis: DRYRUN behind the policy tells what would be done.
    let is_dry = words.last().is_some_and(|word| word.eq_ignore_ascii_case(b"DRYRUN"));
    let words = &words[..words.len() - usize::from(is_dry)];
    let policy = match words {
        [] => RestorePolicy::Append,
        [word] if word.eq_ignore_ascii_case(b"FLUSH") => RestorePolicy::Flush,
        [word] if word.eq_ignore_ascii_case(b"APPEND") => RestorePolicy::Append,
        [word] if word.eq_ignore_ascii_case(b"REPLACE") => RestorePolicy::Replace,
        [_] => {
            return Err(CommandError::other(
                "ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.",
            ));
        }
        _ => return Err(wrong_number("RESTORE")),
    };
    let options = RestoreOptions {
        allow_omitted_checksum: cx.data.tunables.restore_omitted_checksum,
        max_string_bytes: usize::try_from(cx.data.tunables.proto_max_bulk_len_bytes).unwrap_or(usize::MAX),
        ..RestoreOptions::default()
    };
    let libraries = rdb::functions::read(payload, options).map_err(|error| other(format!("ERR {error}")))?;
    let codes: Vec<Cow<'_, [u8]>> = libraries.collect();
    let codes: Vec<&[u8]> = codes.iter().map(AsRef::as_ref).collect();
    if is_dry {
        let plan = cx.node.plan_libraries(&codes, policy).map_err(|error| refused(&error))?;
        tell_plan(&plan, reply);
        return Ok(Flow::Done);
    }
    cx.node.restore_libraries(&codes, policy).map_err(|error| refused(&error))?;
    cx.data.db.count_change();
    reply.ok();
    Ok(Flow::Done)
}

fn tell_plan(plan: &Plan, reply: &mut Reply<'_>) {
    reply.map(3);
    for (what, names) in [("added", &plan.added), ("replaced", &plan.replaced), ("removed", &plan.removed)] {
        reply.bulk(what.as_bytes());
        reply.array(names.len());
        names.iter().for_each(|name| reply.bulk(name.as_bytes()));
    }
}

fn function_help(_cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    help(
        reply,
        "FUNCTION",
        &[
            ("LOAD [REPLACE] <FUNCTION CODE>", "Load a library, or put it in the place of one with its name."),
            ("DELETE <LIBRARY NAME>", "Forget a library."),
            ("LIST [LIBRARYNAME PATTERN] [WITHCODE]", "Tell the libraries, their functions, and their code if asked."),
            ("STATS", "Tell which script runs for long, and how many libraries and functions there are."),
            ("KILL", "End the script or function that runs for long, if it has not written."),
            ("FLUSH [ASYNC|SYNC]", "Forget all libraries."),
            ("DUMP [AS <DIALECT>] [LIBRARY <NAME> ...]", "Return the libraries as a payload for FUNCTION RESTORE."),
            (
                "RESTORE <PAYLOAD> [FLUSH|APPEND|REPLACE] [DRYRUN]",
                "Load all libraries of a payload, or none. Those that are there go (FLUSH), stay (APPEND, the\n\
                 default), or make room for those of their name (REPLACE). DRYRUN only tells what would be done.",
            ),
        ],
    );
    Ok(Flow::Done)
}

const FUNCTION_DOCS: Docs = Docs::new("Groups commands for functions.", Group::Scripting, "Depends on subcommand.");

const FUNCTION_LOAD_DOCS: Docs =
    Docs::new("Loads a library.", Group::Scripting, "O(1) (considering compilation time is redundant)")
        .arguments(&[Arg::pure_token("replace", "REPLACE").optional(), Arg::string("function-code")]);

const FUNCTION_DELETE_DOCS: Docs = Docs::new("Forgets a library and its functions.", Group::Scripting, "O(1)")
    .arguments(&[Arg::string("library-name")]);

const FUNCTION_FLUSH_DOCS: Docs =
    Docs::new("Forgets all libraries.", Group::Scripting, "O(N) where N is the number of functions deleted").arguments(
        &[Arg::one_of("flush-type", &[Arg::pure_token("async", "ASYNC"), Arg::pure_token("sync", "SYNC")]).optional()],
    );

const FUNCTION_LIST_DOCS: Docs =
    Docs::new("Tells what libraries there are.", Group::Scripting, "O(N) where N is the number of functions")
        .arguments(&[
            Arg::string("library-name-pattern").token("LIBRARYNAME").optional(),
            Arg::pure_token("withcode", "WITHCODE").optional(),
        ]);

const FUNCTION_STATS_DOCS: Docs =
    Docs::new("Tells what runs, and how many functions there are.", Group::Scripting, "O(1)");

const FUNCTION_KILL_DOCS: Docs = Docs::new("Ends a function that runs for long.", Group::Scripting, "O(1)");

const FUNCTION_DUMP_DOCS: Docs =
    Docs::new("Returns the libraries as a payload.", Group::Scripting, "O(N) where N is the number of functions")
        .arguments(&[
            Arg::string("dialect").token("AS").optional(),
            Arg::string("library-name").token("LIBRARY").optional().multiple(),
        ]);

const FUNCTION_RESTORE_DOCS: Docs = Docs::new(
    "Loads the libraries of a payload.",
    Group::Scripting,
    "O(N) where N is the number of functions on the payload",
)
.arguments(&[
    Arg::string("serialized-value"),
    Arg::one_of(
        "policy",
        &[
            Arg::pure_token("flush", "FLUSH"),
            Arg::pure_token("append", "APPEND"),
            Arg::pure_token("replace", "REPLACE"),
        ],
    )
    .optional(),
]);

const FUNCTION_HELP_DOCS: Docs = Docs::new("Describes the subcommands.", Group::Scripting, "O(1)");
