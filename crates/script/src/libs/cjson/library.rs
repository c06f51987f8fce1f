//! The table `cjson`: functions and the settings they share.

use std::sync::Arc;

use mlua::{Function, IntoLuaMulti, Lua, Table, Value};

use super::config::{Config, InvalidNumbers};
use crate::ffi::{Instance, Native, native};
use crate::libs::args::{Args, truncate};
use crate::libs::fault::{Fault, function};

/// Each instance has settings of its own: `cjson.new()` makes another.
pub(in crate::libs) fn library(lua: &Lua) -> mlua::Result<Table> {
    let shared = Arc::<Instance>::default();
    let table = lua.create_table()?;
    table.raw_set("new", function(lua, |lua, _| Ok(library(lua)?))?)?;
    table.raw_set("encode", native(lua, &shared, Native::JsonEncode)?)?;
    table.raw_set("decode", native(lua, &shared, Native::JsonDecode)?)?;
    table.raw_set("encode_sparse_array", on(lua, &shared, encode_sparse_array)?)?;
    table
        .raw_set("encode_max_depth", integer_option(lua, &shared, i32::MAX, |config| &mut config.encode_max_depth)?)?;
    table
        .raw_set("decode_max_depth", integer_option(lua, &shared, i32::MAX, |config| &mut config.decode_max_depth)?)?;
    table
        .raw_set("encode_number_precision", integer_option(lua, &shared, 14, |config| &mut config.number_precision)?)?;
    table.raw_set("encode_keep_buffer", boolean_option(lua, &shared, |config| &mut config.keep_buffer)?)?;
    table.raw_set("encode_invalid_numbers", on(lua, &shared, encode_invalid_numbers)?)?;
    table.raw_set(
        "decode_invalid_numbers",
        boolean_option(lua, &shared, |config| &mut config.decode_invalid_numbers)?,
    )?;
    table.raw_set("null", Value::NULL)?;
    table.raw_set("_NAME", "cjson")?;
    table.raw_set("_VERSION", "2.1.0")?;
    Ok(table)
}

/// A function of this instance.
fn on<R: IntoLuaMulti>(
    lua: &Lua,
    shared: &Arc<Instance>,
    body: impl Fn(&Lua, &Instance, &Args) -> Result<R, Fault> + Send + 'static,
) -> mlua::Result<Function> {
    let shared = Arc::clone(shared);
    function(lua, move |lua, args| body(lua, &shared, args))
}

fn at_most(args: &Args, count: usize) -> Result<(), Fault> {
    if args.len() <= count { Ok(()) } else { Err(Fault::argument(count + 1, "found too many arguments")) }
}

/// Sets an integer from an argument that may be missing.
fn set_integer(lua: &Lua, args: &Args, position: usize, low: i32, high: i32, setting: &mut i32) -> Result<(), Fault> {
    if args.is_absent(position) {
        return Ok(());
    }
    #[expect(clippy::cast_possible_truncation, reason = "the C original keeps the low half, and 2^32 + 5 is 5")]
    let value = truncate(args.number(lua, position)?) as i32;
    if !(low..=high).contains(&value) {
        // The original counts this one from itself, whichever argument it is.
        return Err(Fault::argument(1, format!("expected integer between {low} and {high}")));
    }
    *setting = value;
    Ok(())
}

/// A boolean, or one of these words instead; the index of the word, true being 1.
fn choice(lua: &Lua, args: &Args, position: usize, words: &[&str]) -> Result<Option<usize>, Fault> {
    if let Some(Value::Boolean(on)) = args.get(position) {
        return Ok(Some(usize::from(*on)));
    }
    if args.is_absent(position) {
        return Ok(None);
    }
    let word = args.bytes(lua, position)?;
    match words.iter().position(|known| known.as_bytes() == &*word) {
        Some(index) => Ok(Some(index)),
        None => Err(Fault::argument(position, format!("invalid option '{}'", String::from_utf8_lossy(&word)))),
    }
}

const SWITCH: &[&str] = &["off", "on"];

fn integer_option(
    lua: &Lua,
    shared: &Arc<Instance>,
    high: i32,
    setting: fn(&mut Config) -> &mut i32,
) -> mlua::Result<Function> {
    on(lua, shared, move |lua, shared, args| {
        at_most(args, 1)?;
        let mut config = shared.config();
        set_integer(lua, args, 1, 1, high, setting(&mut config))?;
        shared.set_config(config);
        Ok(*setting(&mut config))
    })
}

fn boolean_option(lua: &Lua, shared: &Arc<Instance>, setting: fn(&mut Config) -> &mut bool) -> mlua::Result<Function> {
    on(lua, shared, move |lua, shared, args| {
        at_most(args, 1)?;
        let chosen = choice(lua, args, 1, SWITCH)?;
        let mut config = shared.config();
        if let Some(index) = chosen {
            *setting(&mut config) = index == 1;
            shared.set_config(config);
        }
        Ok(*setting(&mut config))
    })
}

fn encode_invalid_numbers(lua: &Lua, shared: &Instance, args: &Args) -> Result<Value, Fault> {
    at_most(args, 1)?;
    let chosen = choice(lua, args, 1, &["off", "on", "null"])?;
    let mut config = shared.config();
    match chosen {
        Some(0) => config.encode_invalid_numbers = InvalidNumbers::Refuse,
        Some(1) => config.encode_invalid_numbers = InvalidNumbers::Allow,
        Some(_) => config.encode_invalid_numbers = InvalidNumbers::Null,
        None => {}
    }
    shared.set_config(config);
    Ok(match config.encode_invalid_numbers {
        InvalidNumbers::Refuse => Value::Boolean(false),
        InvalidNumbers::Allow => Value::Boolean(true),
        InvalidNumbers::Null => Value::String(lua.create_string("null")?),
    })
}

/// Arguments in front of a bad one have taken effect.
fn encode_sparse_array(lua: &Lua, shared: &Instance, args: &Args) -> Result<(bool, i32, i32), Fault> {
    at_most(args, 3)?;
    let mut config = shared.config();
    let outcome = (|| {
        if let Some(index) = choice(lua, args, 1, SWITCH)? {
            config.sparse_convert = index == 1;
        }
        set_integer(lua, args, 2, 0, i32::MAX, &mut config.sparse_ratio)?;
        set_integer(lua, args, 3, 0, i32::MAX, &mut config.sparse_safe)
    })();
    shared.set_config(config);
    outcome.map(|()| (config.sparse_convert, config.sparse_ratio, config.sparse_safe))
}
