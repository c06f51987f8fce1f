//! `cjson`: any bytes are decoded or refused; what was decoded and encoded decodes the same from then on.
//!
//! The judge is `serde_json`, which knows nothing of Lua: what it takes, `cjson` takes for the same value (`cjson` is the laxer of the
//! two), and what `cjson` encodes it can read.

use std::cell::OnceCell;

use mlua::{MultiValue, Value as Lua};
use serde_json::Value as Json;

use crate::interpreter::with_script;

/// Takes the bytes and whether numbers that are none are taken; answers what was decoded and its encoding, or nothing. Fails if
/// something does not hold.
const SCRIPT: &str = r"
local bytes, invalid = ...
cjson.decode_invalid_numbers(invalid)
local ok, first = pcall(cjson.decode, bytes)
if not ok then return false end
-- Infinities are read and not written; numbers lose all but fourteen digits the first time.
local ok, text = pcall(cjson.encode, first)
if not ok then return true, first end
local second = cjson.decode(text)
local third = cjson.decode(cjson.encode(second))
assert(same(second, third), text)
return true, first, text
";

thread_local! {
    static PLACE: OnceCell<(mlua::Lua, mlua::Function)> = const { OnceCell::new() };
}

/// `cjson.decode` and `encode`.
pub fn check(input: &[u8]) {
    let strict = serde_json::from_slice::<Json>(input).ok();
    for invalid in [true, false] {
        let args = |lua: &mlua::Lua| Ok((lua.create_string(input)?, invalid));
        with_script(&PLACE, SCRIPT, args, |results| look(&results, strict.as_ref()));
    }
}

fn look(results: &MultiValue, strict: Option<&Json>) {
    let decoded = results.front() == Some(&Lua::Boolean(true));
    if let Some(strict) = strict {
        assert!(decoded, "strict JSON is refused");
        let read = results.get(1).expect("a value");
        assert!(agrees(strict, read), "{strict} is {read:#?}");
    }
    let Some(Lua::String(text)) = results.get(2) else { return };
    if let Ok(text) = text.to_str()
        && let Err(error) = serde_json::from_str::<Json>(&text)
    {
        assert!(error.to_string().contains("recursion limit"), "{error}: {}", &*text);
    }
}

fn agrees(json: &Json, lua: &Lua) -> bool {
    match (json, lua) {
        (Json::Null, lua) => *lua == Lua::NULL,
        (Json::Bool(json), Lua::Boolean(lua)) => json == lua,
        // Lua 5.1 has no other whole numbers than these; `mlua` tells them apart.
        (json, Lua::Integer(whole)) => agrees(json, &Lua::Number(*whole as f64)),
        // The quick reading of numbers may be off by the last digit.
        (Json::Number(json), Lua::Number(lua)) => {
            json.as_f64().is_some_and(|json| (json - lua).abs() <= lua.abs() * 1e-15 + 1e-300)
        }
        (Json::String(json), Lua::String(lua)) => json.as_bytes() == &*lua.as_bytes(),
        (Json::Array(json), Lua::Table(lua)) => {
            lua.raw_len() == json.len()
                && json.iter().zip(1..).all(|(json, at)| lua.raw_get(at).is_ok_and(|lua: Lua| agrees(json, &lua)))
        }
        (Json::Object(json), Lua::Table(lua)) => {
            lua.pairs::<Lua, Lua>().count() == json.len()
                && json.iter().all(|(key, json)| lua.raw_get(&**key).is_ok_and(|lua: Lua| agrees(json, &lua)))
        }
        _ => false,
    }
}
