//! The table `cjson`: functions and the settings they share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mlua::{Function, IntoLuaMulti, Lua, Table, Value};

use super::config::{Config, InvalidNumbers};
use super::decode::decode;
use super::encode::{Encoder, NEXT};
use crate::libs::args::{Args, truncate};
use crate::libs::fault::{Fault, function};
use crate::libs::room::with_room;

/// A larger buffer is given back after use.
const KEPT_BUFFER_BYTES: usize = 64 * 1024;

/// What the functions of one instance share.
#[derive(Debug, Default)]
struct Instance {
    config: Config,
    buffer: Vec<u8>,
}

type Shared = Arc<Mutex<Instance>>;

pub(in crate::libs) fn library(lua: &Lua) -> mlua::Result<Table> {
    // Kept for deep tables: a script may put something else in its place later.
    lua.set_named_registry_value(NEXT, lua.globals().raw_get::<Function>("next")?)?;
    instance(lua)
}

/// Each instance has settings of its own: `cjson.new()` makes another.
fn instance(lua: &Lua) -> mlua::Result<Table> {
    let shared = Shared::default();
    let table = lua.create_table()?;
    table.raw_set("new", function(lua, |lua, _| Ok(instance(lua)?))?)?;
    table.raw_set("encode", on(lua, &shared, encode)?)?;
    table.raw_set("decode", on(lua, &shared, decode_text)?)?;
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

fn lock(shared: &Mutex<Instance>) -> MutexGuard<'_, Instance> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A function of this instance.
fn on<R: IntoLuaMulti>(
    lua: &Lua,
    shared: &Shared,
    body: impl Fn(&Lua, &Mutex<Instance>, &Args) -> Result<R, Fault> + Send + 'static,
) -> mlua::Result<Function> {
    let shared = Arc::clone(shared);
    function(lua, move |lua, args| body(lua, &shared, args))
}

fn expect_one(args: &Args) -> Result<(), Fault> {
    if args.len() == 1 { Ok(()) } else { Err(Fault::argument(1, "expected 1 argument")) }
}

fn encode(lua: &Lua, shared: &Mutex<Instance>, args: &Args) -> Result<Value, Fault> {
    expect_one(args)?;
    // Taken, not locked: nothing may be held while Lua runs.
    let (config, buffer) = {
        let mut instance = lock(shared);
        (instance.config, std::mem::take(&mut instance.buffer))
    };
    let mut encoder = Encoder::new(lua, config, buffer);
    let result =
        encoder.encode(args.get(1).unwrap_or(&Value::Nil)).and_then(|()| Ok(lua.create_string(encoder.text())?));
    let mut buffer = encoder.into_buffer();
    if buffer.capacity() <= KEPT_BUFFER_BYTES {
        buffer.clear();
        lock(shared).buffer = buffer;
    }
    result.map(Value::String)
}

fn decode_text(lua: &Lua, shared: &Mutex<Instance>, args: &Args) -> Result<Value, Fault> {
    expect_one(args)?;
    let config = lock(shared).config;
    let text = args.bytes(lua, 1)?;
    with_room(lua, text.len(), || decode(lua, &text, &config))
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
    shared: &Shared,
    high: i32,
    setting: fn(&mut Config) -> &mut i32,
) -> mlua::Result<Function> {
    on(lua, shared, move |lua, shared, args| {
        at_most(args, 1)?;
        let mut config = lock(shared).config;
        set_integer(lua, args, 1, 1, high, setting(&mut config))?;
        lock(shared).config = config;
        Ok(*setting(&mut config))
    })
}

fn boolean_option(lua: &Lua, shared: &Shared, setting: fn(&mut Config) -> &mut bool) -> mlua::Result<Function> {
    on(lua, shared, move |lua, shared, args| {
        at_most(args, 1)?;
        let chosen = choice(lua, args, 1, SWITCH)?;
        let mut instance = lock(shared);
        let setting = setting(&mut instance.config);
        if let Some(index) = chosen {
            *setting = index == 1;
        }
        Ok(*setting)
    })
}

fn encode_invalid_numbers(lua: &Lua, shared: &Mutex<Instance>, args: &Args) -> Result<Value, Fault> {
    at_most(args, 1)?;
    let chosen = choice(lua, args, 1, &["off", "on", "null"])?;
    let now = {
        let setting = &mut lock(shared).config.encode_invalid_numbers;
        match chosen {
            Some(0) => *setting = InvalidNumbers::Refuse,
            Some(1) => *setting = InvalidNumbers::Allow,
            Some(_) => *setting = InvalidNumbers::Null,
            None => {}
        }
        *setting
    };
    Ok(match now {
        InvalidNumbers::Refuse => Value::Boolean(false),
        InvalidNumbers::Allow => Value::Boolean(true),
        InvalidNumbers::Null => Value::String(lua.create_string("null")?),
    })
}

/// Arguments in front of a bad one have taken effect.
fn encode_sparse_array(lua: &Lua, shared: &Mutex<Instance>, args: &Args) -> Result<(bool, i32, i32), Fault> {
    at_most(args, 3)?;
    let mut config = lock(shared).config;
    let outcome = (|| {
        if let Some(index) = choice(lua, args, 1, SWITCH)? {
            config.sparse_convert = index == 1;
        }
        set_integer(lua, args, 2, 0, i32::MAX, &mut config.sparse_ratio)?;
        set_integer(lua, args, 3, 0, i32::MAX, &mut config.sparse_safe)
    })();
    lock(shared).config = config;
    outcome.map(|()| (config.sparse_convert, config.sparse_ratio, config.sparse_safe))
}
