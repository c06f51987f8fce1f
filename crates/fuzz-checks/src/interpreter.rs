//! An interpreter with the libraries, and a script that checks one of them. It lives as long as its thread: the libraries keep nothing
//! between two calls but the settings that the script makes each time.

use std::cell::OnceCell;
use std::thread::LocalKey;

use mlua::{Function, IntoLuaMulti, Lua, MultiValue};

/// A place for the checking script.
pub(crate) type Place = LocalKey<OnceCell<(Lua, Function)>>;

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
            let script = lua.load(source).into_function().expect("a script");
            (lua, script)
        });
        let args = args(lua).expect("memory");
        let results = script.call::<MultiValue>(args).unwrap_or_else(|error| panic!("{error}"));
        look(results)
    })
}
