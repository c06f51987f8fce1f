//! What a script can name.
//!
//! The globals are built from a list of what is let in, not of what is kept out. All tables that are reachable from them are
//! readonly, `_G` too, so that no script leaves anything behind for the next; naming a global that is not there is an error.

use std::ffi::{c_int, c_void};

use mlua::ffi as c;

use super::api::{Reach, push_redis};
use super::readonly::protect_top;
use super::run::Shared;
use super::state::State;
use super::{guards, random, strings, tables, texts};
use crate::Settings;

/// Numbers under which the registry keeps what runs need.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Kept {
    /// Where `KEYS` and `ARGV` are put.
    pub(super) globals: c_int,
    /// Globals of a library's body while it is loaded.
    pub(super) load_globals: c_int,
    /// The metatable of `_G`'s stand-in: its `__index` is one of the two.
    pub(super) switch: c_int,
    pub(super) tostring: c_int,
}

const FUNCTIONS: &[&[u8]] = &[
    b"assert",
    b"collectgarbage",
    b"error",
    b"gcinfo",
    b"getmetatable",
    b"ipairs",
    b"load",
    b"loadstring",
    b"next",
    b"pairs",
    b"pcall",
    b"rawequal",
    b"rawget",
    b"rawset",
    b"select",
    b"setmetatable",
    b"tonumber",
    b"tostring",
    b"type",
    b"unpack",
    b"xpcall",
    b"_VERSION",
];

const LIBRARIES: &[&[u8]] = &[b"string", b"table", b"math", b"coroutine", b"bit", b"cjson", b"cmsgpack", b"struct"];

/// Turns a fresh state, with the libraries open, into the sandbox. `shared` is the pointer for native functions; the caller is one.
pub(super) fn build(lua: State, shared: *mut c_void, settings: &Settings, reach: Reach) -> Kept {
    lua.push_pointer(Shared::key());
    lua.push_pointer(shared);
    lua.raw_set(c::LUA_REGISTRYINDEX);
    lua.push_table(0, 32);
    lua.shared().stand_ins.set(lua.keep());
    lua.push_table(0, 1);
    lua.shared().shown_metatables.set(lua.keep());

    lua.copy(c::LUA_GLOBALSINDEX);
    let opened = lua.top();
    guard(lua, opened, shared);
    lua.raw_field(opened, b"tostring");
    let tostring = lua.keep();

    lua.push_table(0, 64);
    let globals = lua.top();
    for name in FUNCTIONS {
        lua.raw_field(opened, name);
        lua.set_raw_field(globals, name);
    }
    for name in LIBRARIES {
        lua.raw_field(opened, name);
        if lua.is_table(-1) {
            protect_top(lua);
        }
        lua.set_raw_field(globals, name);
    }
    lua.raw_field(opened, b"os");
    lua.push_table(0, 1);
    lua.raw_field(-2, b"clock");
    lua.set_raw_field(-2, b"clock");
    protect_top(lua);
    lua.set_raw_field(globals, b"os");
    set_redis(lua, globals, shared, settings, reach);
    hide_string_metatable(lua, globals);
    refuse_missing(lua, globals, shared);
    let switch = install(lua, globals);

    let mut load_globals = c::LUA_NOREF;
    if reach == Reach::Function {
        lua.push_table(0, 2);
        let table = lua.top();
        set_redis(lua, table, shared, settings, Reach::Load);
        refuse_missing(lua, table, shared);
        load_globals = lua.keep();
    }
    lua.copy(globals);
    Kept { globals: lua.keep(), load_globals, switch, tostring }
}

/// `redis` and its other name `server`: one table.
fn set_redis(lua: State, globals: c_int, shared: *mut c_void, settings: &Settings, reach: Reach) {
    push_redis(lua, shared, settings, reach);
    if reach == Reach::Load {
        let table = lua.top();
        refuse_missing(lua, table, shared);
    }
    protect_top(lua);
    lua.copy(-1);
    lua.set_raw_field(globals, b"server");
    lua.set_raw_field(globals, b"redis");
}

/// Makes the table an error to read where it holds nothing.
fn refuse_missing(lua: State, table: c_int, shared: *mut c_void) {
    lua.push_table(0, 1);
    lua.push_pointer(shared);
    lua.push_closure(missing, 1);
    lua.set_raw_field(-2, b"__index");
    lua.set_metatable(table);
}

fn missing(lua: State) -> c_int {
    lua.push_string(b"Script attempted to access nonexistent global variable '");
    match lua.text(2) {
        Some(_) => lua.copy(2),
        None => lua.push_string(lua.type_name(2)),
    }
    lua.push_string(b"'");
    lua.concat(3);
    let message = lua.string(-1).unwrap_or_default();
    lua.raise_here(message)
}

/// `getmetatable('')` shows a readonly table with the readonly `string` in it.
fn hide_string_metatable(lua: State, globals: c_int) {
    lua.push_string(b"");
    if lua.metatable(-1) {
        lua.push_table(0, 1);
        lua.raw_field(globals, b"string");
        lua.set_raw_field(-2, b"__index");
        protect_top(lua);
        lua.set_raw_field(-2, b"__metatable");
        lua.pop(1);
    }
    lua.pop(1);
}

/// Makes a stand-in of `globals` the globals of all that is compiled from here on, and returns its metatable's number.
fn install(lua: State, globals: c_int) -> c_int {
    lua.copy(globals);
    protect_top(lua);
    let stand_in = lua.top();
    lua.copy(stand_in);
    lua.set_raw_field(globals, b"_G");
    // `getmetatable(_G)` shows what Redis's has: how missing globals are answered.
    lua.push_kept(lua.shared().shown_metatables.get());
    lua.copy(stand_in);
    lua.metatable(globals);
    protect_top(lua);
    lua.raw_set(-3);
    lua.pop(1);
    lua.metatable(stand_in);
    let switch = lua.keep();
    lua.copy(stand_in);
    lua.replace(c::LUA_GLOBALSINDEX);
    switch
}

/// Puts the guards in the place of what they guard.
fn guard(lua: State, opened: c_int, shared: *mut c_void) {
    macro_rules! guards {
        ($table:expr; $($name:literal => $function:path),* $(,)?) => {$(
            lua.push_pointer(shared);
            lua.raw_field($table, $name);
            lua.push_closure($function, 2);
            lua.set_raw_field($table, $name);
        )*};
    }
    guards! { opened;
        b"next" => guards::next,
        b"rawget" => guards::reading,
        b"rawset" => guards::writing,
        b"setmetatable" => guards::writing,
        b"getmetatable" => guards::getmetatable,
        b"load" => guards::load,
        b"loadstring" => guards::loadstring,
        b"pcall" => guards::pcall,
        b"xpcall" => guards::xpcall,
        b"unpack" => guards::unpack,
        b"collectgarbage" => guards::collectgarbage,
    }
    lua.push_pointer(shared);
    lua.raw_field(opened, b"next");
    lua.push_closure(guards::pairs, 2);
    lua.set_raw_field(opened, b"pairs");

    lua.raw_field(opened, b"string");
    let string = lua.top();
    guards! { string;
        b"rep" => texts::rep,
        b"reverse" => texts::reverse,
        b"lower" => texts::lower,
        b"upper" => texts::upper,
        b"find" => strings::find,
        b"match" => strings::match_first,
        b"gmatch" => strings::gmatch,
        b"gfind" => strings::gmatch,
        b"gsub" => strings::gsub,
    }
    lua.raw_field(opened, b"table");
    let table = lua.top();
    guards! { table;
        b"insert" => tables::insert,
        b"remove" => tables::remove,
        b"concat" => tables::concat,
        b"sort" => tables::sort,
        b"maxn" => tables::maxn,
        b"foreach" => tables::foreach,
        b"foreachi" => tables::foreachi,
    }
    lua.raw_field(opened, b"math");
    let math = lua.top();
    guards! { math;
        b"random" => random::random,
        b"randomseed" => random::randomseed,
    }
    lua.raw_field(opened, b"coroutine");
    let coroutine = lua.top();
    guards! { coroutine;
        b"resume" => guards::resume,
        b"create" => guards::new_coroutine,
        b"wrap" => guards::new_coroutine,
    }
    lua.set_top(opened);
}
