//! Readonly tables.
//!
//! Lua 5.1 has none, and Redis has patched its copy. Here the script is given a stand-in: an empty table whose metatable reads
//! from the real one and refuses to write. What looks past metatables (`next`, `pairs`, `rawget`, `rawset`, `table.insert`,
//! `setmetatable`, ...) is replaced by functions that know stand-ins; the real table never gets into a script's hands. One more
//! hash look-up per access; a copy of the tables per run, which would need no patch either, costs far more.

use std::ffi::c_int;

use super::state::State;

pub(super) const REFUSAL: &[u8] = b"Attempt to modify a readonly table";

/// Replaces the table on top by a stand-in for it.
pub(super) fn protect_top(lua: State) {
    let shared = lua.shared();
    lua.push_table(0, 0);
    push_metatable_for(lua);
    lua.set_metatable(-2);
    lua.push_kept(shared.stand_ins.get());
    lua.copy(-2);
    lua.copy(-4);
    lua.raw_set(-3);
    lua.pop(1);
    lua.remove(-2);
}

/// Pushes the metatable of a stand-in: the real table is below the stand-in on top.
fn push_metatable_for(lua: State) {
    let pointer = lua.pointer(super::state::SHARED);
    lua.push_table(0, 2);
    lua.copy(-3);
    lua.set_raw_field(-2, b"__index");
    lua.push_pointer(pointer);
    lua.push_closure(refuse, 1);
    lua.set_raw_field(-2, b"__newindex");
}

fn refuse(lua: State) -> c_int {
    lua.raise_here(REFUSAL)
}

/// Puts the real table in the place of a stand-in. Only for functions that hand none of it to the script.
pub(super) fn see_through(lua: State, index: c_int) {
    if push_real(lua, index) {
        lua.replace(index);
    }
}

/// Raises, without a place as Lua's C functions do, when the argument is a stand-in.
pub(super) fn refuse_stand_in(lua: State, index: c_int) {
    if push_real(lua, index) {
        lua.raise(REFUSAL);
    }
}

/// Whether the argument is a stand-in; its real table is on top then.
pub(super) fn push_real(lua: State, index: c_int) -> bool {
    // Nearly every table ends the question here.
    if !lua.is_table(index) || !lua.metatable(index) {
        return false;
    }
    lua.pop(1);
    lua.push_kept(lua.shared().stand_ins.get());
    lua.copy(index);
    lua.raw_get(-2);
    lua.remove(-2);
    if lua.is_nil(-1) {
        lua.pop(1);
        return false;
    }
    true
}
