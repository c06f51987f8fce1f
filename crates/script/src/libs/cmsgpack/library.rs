//! The table `cmsgpack`.

use std::sync::Arc;

use mlua::{Lua, Table};

use crate::ffi::{Instance, Native, native};

pub(in crate::libs) fn library(lua: &Lua) -> mlua::Result<Table> {
    let shared = Arc::<Instance>::default();
    let table = lua.create_table()?;
    table.raw_set("pack", native(lua, &shared, Native::Pack)?)?;
    table.raw_set("unpack", native(lua, &shared, Native::Unpack)?)?;
    table.raw_set("unpack_one", native(lua, &shared, Native::UnpackOne)?)?;
    table.raw_set("unpack_limit", native(lua, &shared, Native::UnpackLimit)?)?;
    table.raw_set("_NAME", "cmsgpack")?;
    table.raw_set("_VERSION", "lua-cmsgpack 0.4.0")?;
    table.raw_set("_COPYRIGHT", "Copyright (C) 2012, Salvatore Sanfilippo")?;
    table.raw_set("_DESCRIPTION", "MessagePack C implementation for Lua")?;
    Ok(table)
}
