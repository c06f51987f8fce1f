//! The `redis` table: what a script may ask of the server.

use std::ffi::c_int;

use mlua::ffi as c;
use resp::{Argv, Protocol, Span};
use sha1::{Digest as _, Sha1};
use stdx::hex;
use stdx::num::{DoubleText, IntText};

use super::incoming::push_answer;
use super::run::{Scratch, breathe, die};
use super::state::State;
use crate::{LogLevel, Settings};

/// Which functions and constants a `redis` table has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// In a script of EVAL.
    Script,
    /// In a function.
    Function,
    /// In the body of a library, while it is loaded.
    Load,
}

/// Pushes a `redis` table; `shared` is the pointer that native functions take.
pub(super) fn push_redis(lua: State, shared: *mut std::ffi::c_void, settings: &Settings, reach: Reach) {
    lua.push_table(0, 32);
    macro_rules! native {
        ($($name:literal => $function:expr),* $(,)?) => {$(
            lua.push_pointer(shared);
            lua.push_closure($function, 1);
            lua.set_raw_field(-2, $name);
        )*};
    }
    native! { b"log" => log }
    for (name, level) in [(&b"LOG_DEBUG"[..], 0), (b"LOG_VERBOSE", 1), (b"LOG_NOTICE", 2), (b"LOG_WARNING", 3)] {
        set_number(lua, name, level);
    }
    set_version(lua, [b"REDIS_VERSION", b"REDIS_VERSION_NUM"], settings.redis_version);
    lua.push_string(settings.server_name.as_bytes());
    lua.set_raw_field(-2, b"SERVER_NAME");
    set_version(lua, [b"SERVER_VERSION", b"SERVER_VERSION_NUM"], settings.server_version);
    if reach == Reach::Load {
        native! { b"register_function" => super::register::register_function }
        return;
    }
    native! {
        b"call" => call,
        b"pcall" => pcall,
        b"error_reply" => error_reply,
        b"status_reply" => status_reply,
        b"sha1hex" => sha1hex,
        b"setresp" => setresp,
        b"set_repl" => set_repl,
        b"acl_check_cmd" => acl_check_cmd,
    }
    for (name, flags) in
        [(&b"REPL_NONE"[..], 0), (b"REPL_AOF", 1), (b"REPL_SLAVE", 2), (b"REPL_REPLICA", 2), (b"REPL_ALL", 3)]
    {
        set_number(lua, name, flags);
    }
    if reach == Reach::Script {
        native! {
            b"replicate_commands" => replicate_commands,
            b"breakpoint" => breakpoint,
            b"debug" => debug,
        }
    }
}

fn set_number(lua: State, name: &[u8], number: i32) {
    lua.push_number(f64::from(number));
    lua.set_raw_field(-2, name);
}

fn set_version(lua: State, [text, number]: [&[u8]; 2], version: [u8; 3]) {
    let mut at = 0;
    let mut bytes = [0; 11];
    for (index, part) in version.into_iter().enumerate() {
        let mut digits = IntText::new();
        let separator: &[u8] = if index == 0 { b"" } else { b"." };
        for byte in separator.iter().chain(digits.format(i64::from(part))) {
            if let Some(to) = bytes.get_mut(at) {
                *to = *byte;
                at += 1;
            }
        }
    }
    lua.push_string(bytes.get(..at).unwrap_or_default());
    lua.set_raw_field(-2, text);
    let [major, minor, patch] = version.map(i32::from);
    set_number(lua, number, (major << 16) | (minor << 8) | patch);
}

const NO_ARGUMENTS: &[u8] = b"ERR Please specify at least one argument for this redis lib call";
const BAD_ARGUMENTS: &[u8] = b"ERR Lua redis lib command arguments must be strings or integers";
const WRONG_ARGUMENTS: &[u8] = b"ERR wrong number or type of arguments";

fn call(lua: State) -> c_int {
    invoke(lua, true)
}

fn pcall(lua: State) -> c_int {
    invoke(lua, false)
}

fn invoke(lua: State, raise: bool) -> c_int {
    if let Err(problem) = gather(lua) {
        push_error(lua, problem);
        return if raise { lua.raise_top() } else { 1 };
    }
    lua.set_top(0);
    let run = lua.run();
    if !run.call_host() {
        die(lua);
    }
    if !push_answer(lua, &run.scratch.answer) {
        lua.raise(b"ERR the command's answer cannot be read");
    }
    if raise && run.scratch.answer.first() == Some(&b'-') { lua.raise_top() } else { 1 }
}

/// Makes the arguments of the running native function those of a command.
fn gather(lua: State) -> Result<(), &'static [u8]> {
    let count = lua.top();
    if count == 0 {
        return Err(NO_ARGUMENTS);
    }
    let Scratch { args, spans, .. } = &mut lua.run().scratch;
    args.clear();
    spans.clear();
    for index in 1..=count {
        let start = args.len();
        match lua.kind(index) {
            c::LUA_TSTRING => args.extend_from_slice(lua.string(index).unwrap_or_default()),
            c::LUA_TNUMBER => extend_with_number(args, lua.number(index)),
            _ => return Err(BAD_ARGUMENTS),
        }
        let (Ok(start), Ok(len)) = (u32::try_from(start), u32::try_from(args.len() - start)) else {
            return Err(BAD_ARGUMENTS);
        };
        spans.push(Span { start, len });
    }
    Ok(())
}

/// Whole numbers in full, all others in the shortest form that reads back the same.
#[expect(clippy::cast_possible_truncation, reason = "whole, and in range")]
fn extend_with_number(args: &mut Vec<u8>, number: f64) {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if number.trunc() == number && (-LIMIT..LIMIT).contains(&number) {
        args.extend_from_slice(IntText::new().format(number as i64));
    } else if number.is_nan() {
        args.extend_from_slice(if number.is_sign_negative() { b"-nan" } else { b"nan" });
    } else {
        args.extend_from_slice(DoubleText::new().format(number));
    }
}

/// `{err=text}`
fn push_error(lua: State, text: &[u8]) {
    lua.push_table(0, 1);
    lua.push_string(text);
    lua.set_raw_field(-2, b"err");
}

fn raise_error(lua: State, text: &[u8]) -> ! {
    push_error(lua, text);
    lua.raise_top()
}

/// `redis.error_reply(text)`: a code is put before a text without one, a `-` at its front is dropped.
fn error_reply(lua: State) -> c_int {
    let text = match lua.string(1) {
        Some(text) if lua.top() == 1 => text,
        _ => {
            push_error(lua, WRONG_ARGUMENTS);
            return 1;
        }
    };
    lua.push_table(0, 1);
    let text = text.strip_prefix(b"-").unwrap_or(text);
    if text.contains(&b' ') {
        lua.push_string(text);
    } else {
        lua.push_string(b"ERR ");
        lua.push_string(text);
        lua.concat(2);
    }
    lua.set_raw_field(-2, b"err");
    1
}

fn status_reply(lua: State) -> c_int {
    match lua.string(1) {
        Some(text) if lua.top() == 1 => {
            lua.push_table(0, 1);
            lua.push_string(text);
            lua.set_raw_field(-2, b"ok");
        }
        _ => push_error(lua, WRONG_ARGUMENTS),
    }
    1
}

/// Bytes that are digested between two looks at the checkpoint.
const PIECE_BYTES: usize = 1 << 20;

fn sha1hex(lua: State) -> c_int {
    if lua.top() != 1 {
        raise_error(lua, b"ERR wrong number of arguments");
    }
    let mut digest = Sha1::new();
    for piece in lua.text(1).unwrap_or_default().chunks(PIECE_BYTES) {
        digest.update(piece);
        if piece.len() == PIECE_BYTES {
            breathe(lua, u32::MAX);
        }
    }
    lua.push_string(&hex::<40>(&digest.finalize()));
    1
}

#[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and no level or version is that large")]
const fn whole(number: f64) -> i32 {
    number as i32
}

fn log(lua: State) -> c_int {
    if lua.top() < 2 {
        raise_error(lua, b"ERR redis.log() requires two arguments or more.");
    }
    if !lua.is_number(1) {
        raise_error(lua, b"ERR First argument must be a number (log level).");
    }
    let level = match whole(lua.number(1)) {
        0 => LogLevel::Debug,
        1 => LogLevel::Verbose,
        2 => LogLevel::Notice,
        3 => LogLevel::Warning,
        _ => raise_error(lua, b"ERR Invalid log level."),
    };
    // The arguments' texts with a space between; those that have none are left out. Numbers become strings first, which may raise.
    for index in 2..=lua.top() {
        lua.text(index);
    }
    let count = lua.top();
    let message = &mut lua.run().scratch.args;
    message.clear();
    for text in (2..=count).filter_map(|index| lua.string(index)) {
        if !message.is_empty() {
            message.push(b' ');
        }
        message.extend_from_slice(text);
    }
    if lua.run().with_host(|host, scratch| host.log(level, &scratch.args)).is_none() {
        die(lua);
    }
    0
}

fn setresp(lua: State) -> c_int {
    if lua.top() != 1 {
        raise_error(lua, b"ERR redis.setresp() requires one argument.");
    }
    lua.run().protocol = match whole(lua.number(1)) {
        2 => Protocol::Resp2,
        3 => Protocol::Resp3,
        _ => raise_error(lua, b"ERR RESP version must be 2 or 3."),
    };
    0
}

fn set_repl(lua: State) -> c_int {
    if lua.top() != 1 {
        raise_error(lua, b"ERR redis.set_repl() requires one argument.");
    }
    let flags = whole(lua.number(1));
    if !(0..=3).contains(&flags) {
        raise_error(lua, b"ERR Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.");
    }
    let (to_aof, to_replicas) = (flags & 1 != 0, flags & 2 != 0);
    if lua.run().with_host(|host, _| host.set_propagation(to_aof, to_replicas)).is_none() {
        die(lua);
    }
    0
}

fn acl_check_cmd(lua: State) -> c_int {
    if let Err(problem) = gather(lua) {
        raise_error(lua, problem);
    }
    let asked = lua.run().with_host(|host, scratch| host.may_call(Argv::new(&scratch.args, &scratch.spans)).ok());
    match asked {
        Some(Some(allowed)) => lua.push_bool(allowed),
        Some(None) => raise_error(lua, b"ERR Invalid command passed to redis.acl_check_cmd()"),
        None => die(lua),
    }
    1
}

/// Effects have been what is replicated for long; the function only says so.
fn replicate_commands(lua: State) -> c_int {
    lua.push_bool(true);
    1
}

/// No debugger is attached, ever.
fn breakpoint(lua: State) -> c_int {
    lua.push_bool(false);
    1
}

const fn debug(_lua: State) -> c_int {
    0
}
