//! Lifts the interpreter's memory limit for calls whose memory the size of their input bounds.
//!
//! Under a limit mlua makes each call that may allocate a protected one, which for a decoder, a table write at a time, is two thirds of
//! the work. A small input makes at most a few megabytes; the limit sees them as soon as it is back.

use mlua::Lua;

/// Inputs up to here are read without the limit.
const SMALL_INPUT_BYTES: usize = 64 * 1024;

/// Runs `body`, without the memory limit if its input is small.
pub(super) fn with_room<R>(lua: &Lua, input_len: usize, body: impl FnOnce() -> R) -> R {
    if input_len > SMALL_INPUT_BYTES {
        return body();
    }
    // Comes back even when the body panics.
    let _limit = lua.set_memory_limit(0).ok().map(|bytes| Limit { lua, bytes });
    body()
}

struct Limit<'a> {
    lua: &'a Lua,
    bytes: usize,
}

impl Drop for Limit<'_> {
    fn drop(&mut self) {
        let back = self.lua.set_memory_limit(self.bytes);
        stdx::never!(back.is_err(), "a memory limit that was there cannot be set again");
    }
}
