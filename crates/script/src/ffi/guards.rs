//! Functions of Lua's own library that scripts get in another form.
//!
//! Three reasons. Stand-ins of readonly tables must not be looked behind (see `readonly`). Some C functions run long or deep with
//! no instruction in between at which a script could be ended (those that match patterns are in `strings`). And Lua 5.1.5 as it was released has holes, each of which became
//! a CVE of the servers that embed it:
//!
//! - CVE-2025-49844: the parser holds strings that the collector does not know of; a collection during a parse frees them. So the
//!   collector stands still while a chunk is compiled, and `load` gathers all its pieces before it begins.
//! - CVE-2025-46817: `unpack` counts in `int`s that overflow. The range is checked before, in doubles.
//! - CVE-2025-46819: the scanner counts the `=` of a long bracket in an `int`. A source with an absurd run of them is refused.
//! - CVE-2025-46818: whoever gets at the metatable of strings or of `nil` runs code as other users. Scripts get a readonly one, and
//!   there is no `debug.setmetatable`.
//! - CVE-2024-46981: finalizers that scripts write. Lua 5.1 has them on userdata alone, and `newproxy`, which makes those, is gone.
//! - CVE-2022-0543: `package` left behind by a distribution. The library is never opened.
//! - Precompiled chunks crash the interpreter at will: `loadstring` takes text only.
//!
//! A guard that only checks calls the original in its own frame (`call_guarded`), so that errors name the right function and line.

use std::ffi::{CStr, c_int};

use mlua::ffi as c;

use super::readonly::{push_real, refuse_stand_in, see_through};
use super::run::{breathe, die, kill};
use super::state::{GUARDED, SHARED, State, Status};
use super::strings::c_int_of;
use crate::Verdict;

/// Results of `unpack`: Lua's own bound on a C function's stack, from which it does not let one come near.
const MAX_UNPACKED: f64 = 7999.0;
/// `=` between the brackets of a long string.
const MAX_BRACKET_LEVEL: usize = 1 << 20;

// Compiling

/// Compiles text to a function on top, or leaves a message there.
pub(super) fn compile(lua: State, source: &[u8], name: &CStr) -> Status {
    if let Err(problem) = check_source(source) {
        lua.push_string(problem);
        return Status::Error;
    }
    lua.collect(c::LUA_GCSTOP, 0);
    let status = lua.compile(source, name);
    lua.collect(c::LUA_GCRESTART, 0);
    status
}

fn check_source(source: &[u8]) -> Result<(), &'static [u8]> {
    if source.first() == c::LUA_SIGNATURE.first() {
        return Err(b"attempt to load a binary chunk");
    }
    let longest_run = source.chunk_by(|a, b| a == b).filter(|run| run.first() == Some(&b'=')).map(<[u8]>::len).max();
    if longest_run.is_some_and(|len| len > MAX_BRACKET_LEVEL) {
        return Err(b"lexical element too long");
    }
    Ok(())
}

pub(super) fn loadstring(lua: State) -> c_int {
    // All that could raise in the original raises here, while the collector still runs.
    let source = lua.check_string(1);
    if !lua.is_nil(2) {
        lua.check_string(2);
    }
    if let Err(problem) = check_source(source) {
        return fail_with(lua, problem);
    }
    lua.collect(c::LUA_GCSTOP, 0);
    let results = lua.call_guarded();
    lua.collect(c::LUA_GCRESTART, 0);
    results
}

/// `load(reader [, name])`
pub(super) fn load(lua: State) -> c_int {
    lua.check_function(1);
    if !lua.is_nil(2) {
        lua.check_string(2);
    }
    lua.set_top(2);
    lua.push_table(0, 0);
    let (mut bytes, mut pieces) = (0_usize, 0);
    loop {
        lua.copy(1);
        if lua.protected_call(0, 1, 0) != Status::Ok {
            lua.push_nil();
            lua.insert(-2);
            return 2;
        }
        match lua.text(-1) {
            None if lua.is_nil(-1) => break,
            None => return fail_with(lua, b"reader function must return a string"),
            Some(b"") => break,
            Some(piece) => bytes += piece.len(),
        }
        pieces += 1;
        lua.raw_set_at(3, pieces);
    }
    let block = lua.push_block(bytes);
    let mut at = 0;
    for index in 1..=pieces {
        lua.raw_get_at(3, index);
        let piece = lua.string(-1).unwrap_or_default();
        if let Some(to) = block.get_mut(at..at + piece.len()) {
            to.copy_from_slice(piece);
        }
        at += piece.len();
        lua.pop(1);
    }
    let name = if lua.is_nil(2) { c"=(load)" } else { lua.c_string(2) };
    if compile(lua, block, name) == Status::Ok {
        return 1;
    }
    lua.push_nil();
    lua.insert(-2);
    2
}

fn fail_with(lua: State, problem: &[u8]) -> c_int {
    lua.push_nil();
    lua.push_string(problem);
    2
}

// Errors

/// Makes the error on top what `pcall` hands out: the text of an error table, and of an error that a library function raised as
/// an object of mlua's.
fn simplify(lua: State) {
    if lua.is_table(-1) {
        lua.raw_field(-1, b"err");
        if matches!(lua.kind(-1), c::LUA_TSTRING | c::LUA_TNUMBER) {
            lua.text(-1);
            lua.remove(-2);
        } else {
            lua.pop(1);
        }
    }
    simplify_object(lua);
}

/// The second half of [`simplify`] alone.
pub(super) fn simplify_object(lua: State) {
    if lua.kind(-1) != c::LUA_TUSERDATA || !lua.call_tostring(-1) {
        return;
    }
    let text = lua.text(-1).unwrap_or_default();
    let text = text.strip_prefix(b"runtime error: ").unwrap_or(text);
    const TRACE: &[u8] = b"\nstack traceback:";
    let end = text.windows(TRACE.len()).position(|window| window == TRACE).unwrap_or(text.len());
    lua.push_string(text.get(..end).unwrap_or(text));
    lua.remove(-2);
    lua.remove(-2);
}

pub(super) fn pcall(lua: State) -> c_int {
    if lua.top() == 0 {
        lua.push_bool(false);
        lua.push_string(b"attempt to call a boolean value");
        return 2;
    }
    let status = lua.protected_call(lua.top() - 1, c::LUA_MULTRET, 0);
    make_room(lua);
    if status != Status::Ok {
        simplify(lua);
    }
    lua.push_bool(status == Status::Ok);
    lua.insert(1);
    lua.top()
}

pub(super) fn xpcall(lua: State) -> c_int {
    lua.check_any(2);
    lua.set_top(2);
    lua.push_pointer(lua.pointer(SHARED));
    lua.copy(2);
    lua.push_closure(handle, 2);
    lua.insert(1);
    lua.set_top(2);
    let status = lua.protected_call(0, c::LUA_MULTRET, 1);
    make_room(lua);
    lua.push_bool(status == Status::Ok);
    lua.replace(1);
    lua.top()
}

/// A call may have returned as much as the stack holds.
fn make_room(lua: State) {
    if !lua.has_room(8) {
        lua.raise(b"stack overflow");
    }
}

/// Calls the handler given to `xpcall`. Not when the script is killed: that error comes out of the hook, and Lua calls no hook while
/// one runs, so a handler that does not end could never be stopped.
fn handle(lua: State) -> c_int {
    if lua.shared().killed.get() {
        return 1;
    }
    simplify_object(lua);
    lua.copy(GUARDED);
    lua.insert(1);
    lua.call(1, 1);
    1
}

pub(super) fn resume(lua: State) -> c_int {
    let results = lua.call_guarded();
    make_room(lua);
    simplify_object(lua);
    results
}

/// A new coroutine is a few instructions and a lot of work, and each counts its own way to the hook: a script that does little but
/// make them would be asked late.
pub(super) fn new_coroutine(lua: State) -> c_int {
    let made = &lua.shared().coroutines;
    made.set(made.get().wrapping_add(1));
    if made.get().is_multiple_of(COROUTINES_PER_CHECKPOINT) {
        match lua.run().with_host(|host, _| host.checkpoint()) {
            Some(Verdict::GoOn | Verdict::AskSooner) => {}
            Some(Verdict::Kill) => kill(lua),
            None => die(lua),
        }
    }
    lua.call_guarded()
}

const COROUTINES_PER_CHECKPOINT: u32 = 64;

// Tables

pub(super) fn next(lua: State) -> c_int {
    lua.check_table(1);
    see_through(lua, 1);
    lua.set_top(2);
    if lua.next(1) {
        return 2;
    }
    lua.push_nil();
    1
}

/// `GUARDED` is our own `next`.
pub(super) fn pairs(lua: State) -> c_int {
    lua.check_table(1);
    lua.copy(GUARDED);
    lua.copy(1);
    lua.push_nil();
    3
}

/// For functions that read their first argument past its metatable and give none of it away.
pub(super) fn reading(lua: State) -> c_int {
    see_through(lua, 1);
    lua.call_guarded()
}

/// For functions that change their first argument past its metatable.
pub(super) fn writing(lua: State) -> c_int {
    refuse_stand_in(lua, 1);
    lua.call_guarded()
}

pub(super) fn getmetatable(lua: State) -> c_int {
    if !push_real(lua, 1) {
        return lua.call_guarded();
    }
    lua.push_kept(lua.shared().shown_metatables.get());
    lua.copy(1);
    lua.raw_get(-2);
    1
}

pub(super) fn unpack(lua: State) -> c_int {
    if lua.is_table(1) {
        let first = if lua.is_nil(2) { 1.0 } else { lua.check_number(2).trunc() };
        let last = if lua.is_nil(3) { length(lua.raw_len(1)) } else { lua.check_number(3).trunc() };
        if last - first + 1.0 > MAX_UNPACKED || first.abs() > 1e9 || last.abs() > 1e9 {
            if last < first {
                return 0;
            }
            lua.raise_here(b"too many results to unpack");
        }
    }
    lua.call_guarded()
}

#[expect(clippy::cast_precision_loss, reason = "only compared with small numbers")]
const fn length(len: usize) -> f64 {
    len as f64
}

// Collection

/// Scripts may ask and may collect, but not turn the collector off for those that come after them. A large heap is collected step by
/// step, with looks at the checkpoint.
pub(super) fn collectgarbage(lua: State) -> c_int {
    breathe(lua, u32::MAX);
    match lua.string(1) {
        Some(b"stop" | b"restart" | b"setpause" | b"setstepmul") => {
            lua.push_number(0.0);
            1
        }
        Some(b"collect") | None if lua.is_nil(1) || lua.kind(1) == c::LUA_TSTRING => {
            if lua.collect(c::LUA_GCCOUNT, 0) < LARGE_HEAP_KB {
                return lua.call_guarded();
            }
            // What is going on ends first: it may have passed what is garbage by now.
            for _ in 0..2 {
                while lua.collect(c::LUA_GCSTEP, STEP_KB) == 0 {
                    breathe(lua, u32::MAX);
                }
            }
            lua.push_number(0.0);
            1
        }
        Some(b"step") => {
            let asked = if lua.is_nil(2) { 0.0 } else { lua.check_number(2) };
            let step = if asked < f64::from(STEP_KB) { c_int_of(lua.optional_integer(2, 0)) } else { STEP_KB };
            lua.push_bool(lua.collect(c::LUA_GCSTEP, step) != 0);
            1
        }
        Some(_) | None => lua.call_guarded(),
    }
}

const LARGE_HEAP_KB: c_int = 16 << 10;
const STEP_KB: c_int = 1 << 10;
