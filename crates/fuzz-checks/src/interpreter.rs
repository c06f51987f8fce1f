//! An interpreter with the libraries, and a script that checks one of them. It lives as long as its thread: the libraries keep nothing
//! between two calls but the settings that the script makes each time.

use std::cell::OnceCell;
use std::thread::LocalKey;

use mlua::{Function, IntoLuaMulti, Lua, MultiValue};

/// A place for the checking script.
pub(crate) type Place = LocalKey<OnceCell<(Lua, Function)>>;

/// Stands in front of every script: whether two values are equal, tables by what is in them. Tables as keys are not looked at.
const SAME: &str = r"
local function same(a, b)
    if type(a) ~= 'table' or type(b) ~= 'table' then return a == b or (a ~= a and b ~= b) end
    for k, v in pairs(a) do if type(k) ~= 'table' and not same(v, b[k]) then return false end end
    for k in pairs(b) do if type(k) ~= 'table' and a[k] == nil then return false end end
    return true
end
";

/// Calls the script at `place`, made of `source` the first time, with what `args` gives it; answers its results.
pub(crate) fn with_script<A: IntoLuaMulti, R>(
    place: &'static Place,
    source: &str,
    args: impl FnOnce(&Lua) -> mlua::Result<A>,
    look: impl FnOnce(MultiValue) -> R,
) -> R {
    place.with(|cell| {
        let (lua, script) = cell.get_or_init(|| {
            let lua = script::testing::interpreter().expect("memory");
            let script = lua.load([SAME, source].concat()).into_function().expect("a script");
            (lua, script)
        });
        let args = args(lua).expect("memory");
        let results = script.call::<MultiValue>(args).unwrap_or_else(|error| panic!("{error}"));
        look(results)
    })
}
