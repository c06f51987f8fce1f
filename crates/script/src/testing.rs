//! An interpreter with nothing but the libraries, for benches and fuzzers.

/// Lua's own libraries and `cjson`, `cmsgpack`, `struct` and `bit`: no sandbox, no `redis`.
///
/// # Errors
/// Memory.
///
/// ```
/// let lua = script::testing::interpreter()?;
/// assert_eq!(lua.load("return cjson.encode({1, 2})").eval::<String>()?, "[1,2]");
/// # Ok::<(), mlua::Error>(())
/// ```
pub fn interpreter() -> mlua::Result<mlua::Lua> {
    let lua = mlua::Lua::new();
    crate::libs::register(&lua)?;
    Ok(lua)
}
