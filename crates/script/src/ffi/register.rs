//! `redis.register_function`, which only the body of a library may call, while it is loaded.

use std::ffi::c_int;

use mlua::ffi as c;

use super::state::State;
use crate::Flags;
use crate::functions::{Draft, DraftFunction, NAME_RULE, is_name};

/// What a call says, read before anything is made of it: reading may raise.
struct Parts<'a> {
    name: &'a [u8],
    description: Option<&'a [u8]>,
    flags: Flags,
    /// Index of the callback on the stack.
    callback: c_int,
}

pub(super) fn register_function(lua: State) -> c_int {
    if lua.shared().draft.borrow().is_none() {
        raise(lua, b"redis.register_function can only be called on FUNCTION LOAD command");
    }
    let parts = match lua.top() {
        1 => named_arguments(lua),
        2 => positional_arguments(lua),
        _ => raise(lua, b"wrong number of arguments to redis.register_function"),
    };
    if !is_name(parts.name) {
        raise(lua, NAME_RULE);
    }
    lua.copy(parts.callback);
    let kept = lua.keep();
    let is_new = add(&mut lua.shared().draft.borrow_mut(), &parts, kept);
    if !is_new {
        lua.let_go(kept);
        raise(lua, b"Function already exists in the library");
    }
    0
}

fn add(draft: &mut Option<Draft>, parts: &Parts<'_>, kept: c_int) -> bool {
    let Some(draft) = draft else { return false };
    let name = String::from_utf8_lossy(parts.name).into_owned();
    if draft.functions.iter().any(|function| function.name == name) {
        return false;
    }
    let description = parts.description.map(<[u8]>::to_vec);
    draft.functions.push(DraftFunction { name, description, flags: parts.flags, kept });
    true
}

fn positional_arguments<'a>(lua: State) -> Parts<'a> {
    let Some(name) = lua.text(1) else {
        raise(lua, b"first argument to redis.register_function must be a string");
    };
    if lua.kind(2) != c::LUA_TFUNCTION {
        raise(lua, b"second argument to redis.register_function must be a function");
    }
    Parts { name, description: None, flags: Flags::NONE, callback: 2 }
}

fn named_arguments<'a>(lua: State) -> Parts<'a> {
    if !lua.is_table(1) {
        raise(
            lua,
            b"calling redis.register_function with a single argument is only applicable to Lua table \
              (representing named arguments).",
        );
    }
    let (mut name, mut description, mut flags, mut callback) = (None, None, Flags::NONE, None);
    // Index 2 is the callback's; texts are kept above it and below the iteration.
    lua.push_nil();
    lua.push_nil();
    while lua.next(1) {
        // Values that are strings stay in the table, and so alive, after they are popped.
        let Some(key) = lua.string(-2) else { raise(lua, UNKNOWN) };
        if key.eq_ignore_ascii_case(b"function_name") {
            name = Some(string_value(lua, b"function_name argument given to redis.register_function must be a string"));
        } else if key.eq_ignore_ascii_case(b"description") {
            description =
                Some(string_value(lua, b"description argument given to redis.register_function must be a string"));
        } else if key.eq_ignore_ascii_case(b"callback") {
            if lua.kind(-1) != c::LUA_TFUNCTION {
                raise(lua, b"callback argument given to redis.register_function must be a function");
            }
            lua.copy(-1);
            lua.replace(2);
            callback = Some(2);
        } else if key.eq_ignore_ascii_case(b"flags") {
            flags = flags_value(lua);
        } else {
            raise(lua, UNKNOWN);
        }
        lua.pop(1);
    }
    let Some(name) = name else { raise(lua, b"redis.register_function must get a function name argument") };
    let Some(callback) = callback else { raise(lua, b"redis.register_function must get a callback argument") };
    Parts { name, description, flags, callback }
}

const UNKNOWN: &[u8] = b"unknown argument given to redis.register_function";

/// The string on top, or a number's text, which is put below the iteration to stay alive.
fn string_value<'a>(lua: State, problem: &[u8]) -> &'a [u8] {
    if !matches!(lua.kind(-1), c::LUA_TSTRING | c::LUA_TNUMBER) {
        raise(lua, problem);
    }
    if !lua.has_room(8) {
        raise(lua, UNKNOWN);
    }
    lua.copy(-1);
    let text = lua.text(-1).unwrap_or_default();
    lua.insert(3);
    text
}

fn flags_value(lua: State) -> Flags {
    if !lua.is_table(-1) {
        raise(lua, b"flags argument to redis.register_function must be a table representing function flags");
    }
    let mut flags = Flags::NONE;
    for index in 1..=c_int::MAX {
        lua.raw_get_at(-1, index);
        if lua.is_nil(-1) {
            lua.pop(1);
            break;
        }
        let Some(flag) = lua.string(-1).and_then(Flags::named) else { raise(lua, b"unknown flag given") };
        flags = flags.with(flag);
        lua.pop(1);
    }
    flags
}

fn raise(lua: State, text: &[u8]) -> ! {
    lua.push_table(0, 1);
    lua.push_string(b"ERR ");
    lua.push_string(text);
    lua.concat(2);
    lua.set_raw_field(-2, b"err");
    lua.raise_top()
}
