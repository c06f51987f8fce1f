//! Puts the libraries into an interpreter.

use mlua::Lua;

use super::{bit, cjson, cmsgpack, structs};

/// Sets the globals `cjson`, `cmsgpack`, `struct` and `bit`. Settings of `cjson` live with the interpreter.
pub(crate) fn register(lua: &Lua) -> mlua::Result<()> {
    let globals = lua.globals();
    globals.raw_set("cjson", cjson::library(lua)?)?;
    globals.raw_set("cmsgpack", cmsgpack::library(lua)?)?;
    globals.raw_set("struct", structs::library(lua)?)?;
    globals.raw_set("bit", bit::library(lua)?)
}
