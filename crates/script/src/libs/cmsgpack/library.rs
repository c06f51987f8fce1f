//! The table `cmsgpack`.

use mlua::{Lua, MultiValue, Table};

use super::{pack, unpack};
use crate::libs::args::Args;
use crate::libs::fault::{Fault, function};

pub(in crate::libs) fn library(lua: &Lua) -> mlua::Result<Table> {
    let table = lua.create_table()?;
    table.raw_set("pack", function(lua, pack::pack)?)?;
    table.raw_set("unpack", function(lua, |lua, args| unpack::unpack(lua, args, 0, 0))?)?;
    table.raw_set("unpack_one", function(lua, unpack_one)?)?;
    table.raw_set("unpack_limit", function(lua, unpack_limit)?)?;
    table.raw_set("_NAME", "cmsgpack")?;
    table.raw_set("_VERSION", "lua-cmsgpack 0.4.0")?;
    table.raw_set("_COPYRIGHT", "Copyright (C) 2012, Salvatore Sanfilippo")?;
    table.raw_set("_DESCRIPTION", "MessagePack C implementation for Lua")?;
    Ok(table)
}

fn unpack_one(lua: &Lua, args: &Args) -> Result<MultiValue, Fault> {
    let offset = args.optional_integer(lua, 2, 0)?;
    unpack::unpack(lua, args, 1, offset)
}

fn unpack_limit(lua: &Lua, args: &Args) -> Result<MultiValue, Fault> {
    let limit = args.integer(lua, 2)?;
    let offset = args.optional_integer(lua, 3, 0)?;
    unpack::unpack(lua, args, limit, offset)
}
