//! DEBUG: what test suites and the curious use. Off unless `enable-debug-command` allows it.
//!
//! Redis declares no subcommands for it, so that COMMAND shows none; they stand in a table here instead.

use command_api::{Args, CommandError, CommandResult, Docs, Flow, Group, Reply, Scope};
use std::borrow::Cow;
use std::sync::atomic::Ordering::Relaxed;

use crate::config::Allow;
use crate::dispatch::unknown_subcommand;
use crate::help::help;
use crate::{ServerCommand, ServerContext, ServerHandler};

pub(super) const DEBUG: ServerCommand = ServerCommand::new("debug", debug)
    .since("1.0.0")
    .arity(-2)
    .admin()
    .noscript()
    .loading()
    .stale()
    .scope(Scope::All)
    .docs(&DEBUG_DOCS);

/// Name, number of arguments, what runs.
const SUBCOMMANDS: &[(&str, usize, ServerHandler)] = &[
    ("HELP", 0, debug_help),
    ("OBJECT", 1, object),
    ("RELOAD", 0, reload),
    ("SET-ACTIVE-EXPIRE", 1, set_active_expire),
    ("SLEEP", 1, sleep),
];

const NOT_ALLOWED: CommandError = CommandError::other(
    "ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a local \
     connection, otherwise you need to set this option in the configuration file, and then restart the server.",
);

/// Longer sleeps are cut: a typing error must not take a server away for a year.
const MAX_SLEEP_S: f64 = 3600.0;

fn debug(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let allowed = match cx.node.live().settings.security.enable_debug_command {
        Allow::No => false,
        Allow::Yes => true,
        Allow::Local => cx.client.info.endpoint.is_local,
    };
    if !allowed {
        return Err(NOT_ALLOWED);
    }
    let name = args.bytes()?;
    let count = args.remaining();
    let found = SUBCOMMANDS.iter().find(|(word, argc, _)| word.as_bytes().eq_ignore_ascii_case(name) && *argc == count);
    match found {
        Some((_, _, run)) => run(cx, args, reply),
        None => Err(unknown_subcommand("debug", name)),
    }
}

fn sleep(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    // As C's strtod has it: what is no number sleeps for no time.
    let seconds = std::str::from_utf8(args.bytes()?).ok().and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to an hour")]
    let us = (seconds.clamp(0.0, MAX_SLEEP_S) * 1e6) as u64;
    cx.node.host.sleep_us(us);
    reply.ok();
    Ok(Flow::Done)
}

/// Saves, empties the keyspace and loads what was saved: in memory, since the file is not what is asked about.
fn reload(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let live = cx.node.live();
    let failed = |error: &dyn std::fmt::Display| {
        CommandError::Other(Cow::Owned(format!("ERR Error trying to load the RDB dump: {error}")))
    };
    cx.node.save(&live, &mut cx.data.db).map_err(|error| failed(&error))?;
    let name = &live.settings.persistence.dbfilename;
    let (file, _) = cx.node.host.open_file(name).map_err(|error| failed(&error))?;
    let db = &mut cx.data.db;
    let home = db.index();
    for index in 0..db.databases() {
        db.select(index);
        db.flush();
    }
    db.select(home);
    if let Err(error) = cx.node.load_at_once(file, db) {
        // The file was written a moment ago: it is whole, and the data is in it.
        cx.node.fail(format!("DEBUG RELOAD: {error}"));
    }
    reply.ok();
    Ok(Flow::Done)
}

fn set_active_expire(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    // As C's atoi has it: what is no number is 0.
    let on = stdx::num::parse_i64(args.bytes()?).unwrap_or(0) != 0;
    cx.node.active_expire.store(on, Relaxed);
    reply.ok();
    Ok(Flow::Done)
}

fn object(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let db = &cx.data.db;
    let entry = db.peek(key).ok_or(CommandError::NoSuchKey)?;
    let mut serialized = Vec::new();
    // What the dialect cannot hold has no serialized length.
    let body = match rdb::dump(entry.value(), cx.data.tunables.dump_dialect, &mut serialized) {
        Ok(()) => serialized.len().saturating_sub(1 + rdb::FOOTER_BYTES),
        Err(_) => 0,
    };
    reply.status(format!(
        "Value at:0x{:012x} refcount:1 encoding:{} serializedlength:{body} lru:{} lru_seconds_idle:{}",
        key.hash() >> 16,
        entry.encoding().name(),
        entry.clock(),
        db.clock().idle_seconds(entry.clock())
    ));
    Ok(Flow::Done)
}

fn debug_help(_cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    help(
        reply,
        "DEBUG",
        &[
            ("OBJECT <key>", "Show encoding, size and age of the value at <key>."),
            ("RELOAD", "Write the RDB file, forget everything, and load the file."),
            ("SET-ACTIVE-EXPIRE <0|1>", "Remove expired keys only when they are looked at, or on time."),
            ("SLEEP <seconds>", "Stop the server for <seconds>. Decimals allowed."),
        ],
    );
    Ok(Flow::Done)
}

const DEBUG_DOCS: Docs =
    Docs::new("Groups commands for debugging the server.", Group::Server, "Depends on subcommand.").system_command();
