//! DEBUG: what test suites and the curious use. Off unless `enable-debug-command` allows it.
//!
//! Redis declares no subcommands for it, so that COMMAND shows none; they stand in a table here instead.

use command_api::{Args, CommandError, CommandResult, Docs, Flow, Group, Reply, Scope};
use keyspace::Ttl;
use std::borrow::Cow;
use std::ops::RangeInclusive;
use std::sync::atomic::Ordering::Relaxed;

use super::debug_samples;
use crate::config::Allow;
use crate::help::help;
use crate::{LogLevel, ServerCommand, ServerContext, ServerHandler};
use value::StringRef;

pub(super) const DEBUG: ServerCommand = ServerCommand::new("debug", debug)
    .since("1.0.0")
    .arity(-2)
    .admin()
    .noscript()
    .loading()
    .stale()
    .scope(Scope::All)
    .docs(&DEBUG_DOCS);

/// A subcommand: its name, how many arguments it takes, what runs.
struct Subcommand(&'static str, RangeInclusive<usize>, ServerHandler);

const SUBCOMMANDS: &[Subcommand] = &[
    // Redis's own tables and buffers are meant, of which there are none here: accepted, without effect.
    Subcommand("DICT-RESIZING", 1..=1, nothing_to_do),
    Subcommand("ERROR", 1..=1, debug_samples::error),
    Subcommand("HELP", 0..=0, debug_help),
    Subcommand("LOG", 1..=1, log),
    Subcommand("OBJECT", 1..=2, object),
    Subcommand("POPULATE", 1..=3, populate),
    Subcommand("PROTOCOL", 1..=1, debug_samples::protocol),
    Subcommand("RELOAD", 0..=3, reload),
    Subcommand("REPLYBUFFER", 2..=2, nothing_to_do),
    Subcommand("SET-ACTIVE-EXPIRE", 1..=1, set_active_expire),
    Subcommand("SLEEP", 1..=1, sleep),
];

const NOT_ALLOWED: CommandError = CommandError::other(
    "ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a local \
     connection, otherwise you need to set this option in the configuration file, and then restart the server.",
);

const NOT_POSITIVE: CommandError = CommandError::other("ERR value is out of range, must be positive");
const BAD_RELOAD: CommandError =
    CommandError::other("ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.");

/// How much of a client's word an error repeats.
const QUOTED_BYTES: usize = 128;

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
    let called = |one: &&Subcommand| one.0.as_bytes().eq_ignore_ascii_case(name) && one.1.contains(&count);
    match SUBCOMMANDS.iter().find(called) {
        Some(Subcommand(_, _, run)) => run(cx, args, reply),
        None => {
            let name = String::from_utf8_lossy(name.get(..QUOTED_BYTES).unwrap_or(name));
            let text = format!("ERR unknown subcommand or wrong number of arguments for '{name}'. Try DEBUG HELP.");
            Err(CommandError::Other(text.into()))
        }
    }
}

fn nothing_to_do(_cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    reply.ok();
    Ok(Flow::Done)
}

fn log(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let message = String::from_utf8_lossy(args.bytes()?).replace(['\r', '\n'], " ");
    cx.node.host.log(LogLevel::Warning, &format!("DEBUG LOG: {message}"));
    reply.ok();
    Ok(Flow::Done)
}

/// `count [prefix [size]]`: strings under `prefix:0` and so on, where there is no key of that name.
fn populate(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let positive = |args: &mut Args<'_>| args.int().ok().and_then(|int| usize::try_from(int).ok()).ok_or(NOT_POSITIVE);
    let count = positive(args)?;
    let prefix = if args.is_empty() { b"key" } else { args.bytes()? };
    let size = if args.is_empty() { 0 } else { positive(args)? };
    if size as u64 > cx.data.tunables.proto_max_bulk_len_bytes {
        return Err(CommandError::StringTooLong);
    }
    let (mut name, mut text) = (Vec::new(), Vec::new());
    for index in 0..count {
        let number = index.to_string();
        name.clear();
        name.extend_from_slice(prefix);
        name.extend_from_slice(b":");
        name.extend_from_slice(number.as_bytes());
        let key = args.key_of(&name);
        if cx.data.db.contains(key) {
            continue;
        }
        text.clear();
        text.extend_from_slice(b"value:");
        text.extend_from_slice(number.as_bytes());
        if size > 0 {
            text.resize(size, 0);
        }
        cx.data.db.set_string(key, StringRef::new(&text), Ttl::Clear);
        cx.data.propagate_as(&[b"SET", &name, &text]);
    }
    reply.ok();
    Ok(Flow::Done)
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

/// Saves, empties the keyspace and loads what was saved. `NOSAVE` loads what the file holds already, `NOFLUSH` loads it beside what is
/// there; a key that both have is the file's, with or without `MERGE`, where Redis would end the process.
fn reload(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let (mut saves, mut flushes) = (true, true);
    while let Some(option) = args.peek() {
        match option.to_ascii_uppercase().as_slice() {
            b"NOSAVE" => saves = false,
            b"NOFLUSH" => flushes = false,
            b"MERGE" => {}
            _ => return Err(BAD_RELOAD),
        }
        args.skip(1)?;
    }
    let live = cx.node.live();
    let failed = |error: &dyn std::fmt::Display| {
        CommandError::Other(Cow::Owned(format!("ERR Error trying to load the RDB dump: {error}")))
    };
    if saves {
        cx.node.save(&live, &mut cx.data.db).map_err(|error| failed(&error))?;
    }
    let name = &live.settings.persistence.dbfilename;
    let (file, _) = cx.node.host.open_file(name).map_err(|error| failed(&error))?;
    // What was just saved is what is loaded; anything else no command says.
    cx.data.effects.propagate_nothing();
    if !(saves && flushes) {
        cx.node.propagation.break_off();
    }
    let db = &mut cx.data.db;
    let home = db.index();
    for index in (0..db.databases()).filter(|_| flushes) {
        db.select(index);
        db.flush();
    }
    db.select(home);
    if let Err(error) = cx.node.load_at_once(file, db) {
        // Unless it is somebody else's, the file was written a moment ago: it is whole, and the data is in it.
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
    // Valkey's `fast` leaves out what takes long to find; nothing here does.
    if !args.is_empty() && !args.accept("FAST") {
        return Err(CommandError::Syntax);
    }
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
            ("ERROR <text>", "Answer with an error of this text."),
            ("LOG <message>", "Write <message> to the log."),
            ("OBJECT <key> [fast]", "Show encoding, size and age of the value at <key>."),
            ("POPULATE <count> [<prefix>] [<size>]", "Make <count> strings named <prefix>:<number>, 'key' by default."),
            (
                "PROTOCOL <type>",
                "Answer with a sample of a type: string, integer, double, bignum, null, array, set, map, attrib, push,\n\
                 verbatim, true, false.",
            ),
            (
                "RELOAD [NOSAVE] [NOFLUSH] [MERGE]",
                "Write the RDB file unless NOSAVE, forget everything unless NOFLUSH, and load the file.",
            ),
            ("SET-ACTIVE-EXPIRE <0|1>", "Remove expired keys only when they are looked at, or on time."),
            ("SLEEP <seconds>", "Stop the server for <seconds>. Decimals allowed."),
        ],
    );
    Ok(Flow::Done)
}

const DEBUG_DOCS: Docs =
    Docs::new("Groups commands for debugging the server.", Group::Server, "Depends on subcommand.").system_command();
