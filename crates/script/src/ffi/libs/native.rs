//! Makes Lua functions of the native ones.

use std::ffi::c_int;
use std::sync::Arc;

use mlua::{Function, Lua};

use super::instance::Instance;
use super::{decode, encode, pack, unpack};
use crate::ffi::state::State;

/// The functions there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Native {
    JsonEncode,
    JsonDecode,
    Pack,
    Unpack,
    UnpackOne,
    UnpackLimit,
}

/// A Lua function that uses `instance` and keeps it alive.
pub(crate) fn native(lua: &Lua, instance: &Arc<Instance>, native: Native) -> mlua::Result<Function> {
    let pointer = Arc::as_ptr(instance).cast_mut().cast();
    let owner = lua.create_any_userdata(Arc::clone(instance))?;
    let push = |raw| {
        // SAFETY: the state that mlua calls this with, while it does.
        let lua = unsafe { State::new(raw) };
        lua.push_pointer(pointer);
        lua.insert(-2);
        match native {
            Native::JsonEncode => push(lua, encode::encode),
            Native::JsonDecode => push(lua, decode::decode),
            Native::Pack => push(lua, pack::pack),
            Native::Unpack => push(lua, unpack::unpack),
            Native::UnpackOne => push(lua, unpack::unpack_one),
            Native::UnpackLimit => push(lua, unpack::unpack_limit),
        }
    };
    // SAFETY: `push` takes its one argument off the stack, leaves one function there, and holds nothing with a destructor.
    unsafe { lua.exec_raw(owner, push) }
}

/// With the pointer and its owner, the topmost two, as upvalues.
fn push<F: Fn(State) -> c_int + Copy>(lua: State, function: F) {
    lua.push_closure(function, 2);
}
