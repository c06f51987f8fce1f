//! The libraries that scripts find beside Lua's own: `cjson`, `cmsgpack`, `struct`, `bit`.

/// Adds them to the globals of a fresh state.
pub(crate) fn register(_lua: &mlua::Lua) -> mlua::Result<()> {
    Ok(())
}
