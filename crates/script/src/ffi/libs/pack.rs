//! `cmsgpack.pack`. Recursive: tables in more than sixteen tables are not written.

use std::ffi::c_int;

use mlua::ffi as c;

use super::breath::Breath;
use crate::ffi::state::State;
use crate::libs::msgpack;

/// Tables that a table may lie in. Those deeper are written as nil.
const NESTING_LIMIT: u32 = 16;
/// Arguments past this do not fit twice onto the stack of the C original.
const MAX_ARGUMENTS: c_int = 4000;

/// All arguments, one behind the other.
pub(super) fn pack(lua: State) -> c_int {
    let count = lua.top();
    if count == 0 {
        lua.raise_argument(0, c"MessagePack pack needs input.");
    }
    if count > MAX_ARGUMENTS || !lua.has_room(3 * (c_int::try_from(NESTING_LIMIT).unwrap_or(0) + 2)) {
        lua.raise_argument(0, c"Too many arguments for MessagePack pack.");
    }
    let scratch = lua.scratch();
    let mut packer = Packer { lua, out: &mut scratch.bytes, breath: Breath::new(lua) };
    for index in 1..=count {
        lua.copy(index);
        packer.put(0);
        lua.pop(1);
    }
    lua.push_string(&scratch.bytes);
    scratch.trim();
    1
}

struct Packer<'s> {
    lua: State,
    out: &'s mut Vec<u8>,
    breath: Breath,
}

/// What a table's keys are.
enum Keys {
    /// Exactly 1 to this number.
    Array(usize),
    /// That many, of any type.
    Mixed(usize),
}

impl Packer<'_> {
    /// Writes the value on top and leaves it there.
    fn put(&mut self, depth: u32) {
        self.breath.take();
        let lua = self.lua;
        match lua.kind(-1) {
            c::LUA_TSTRING => msgpack::put_string(self.out, lua.string(-1).unwrap_or_default()),
            c::LUA_TNUMBER => msgpack::put_number(self.out, lua.number(-1)),
            c::LUA_TBOOLEAN => self.out.push(if lua.truth(-1) { 0xc3 } else { 0xc2 }),
            c::LUA_TTABLE if depth < NESTING_LIMIT => self.put_table(depth + 1),
            _ => self.out.push(0xc0),
        }
    }

    fn put_table(&mut self, depth: u32) {
        let lua = self.lua;
        match self.keys() {
            Keys::Array(len) => {
                msgpack::put_array_len(self.out, len);
                for index in 1..=c_int::try_from(len).unwrap_or(c_int::MAX) {
                    lua.raw_get_at(-1, index);
                    self.put(depth);
                    lua.pop(1);
                }
            }
            Keys::Mixed(pairs) => {
                msgpack::put_map_len(self.out, pairs);
                lua.push_nil();
                while lua.next(-2) {
                    lua.copy(-2);
                    self.put(depth);
                    lua.pop(1);
                    self.put(depth);
                    lua.pop(1);
                }
            }
        }
    }

    /// Of the table on top.
    fn keys(&mut self) -> Keys {
        let lua = self.lua;
        let (mut pairs, mut greatest, mut is_array) = (0_usize, 0.0_f64, true);
        lua.push_nil();
        while lua.next(-2) {
            self.breath.take();
            pairs += 1;
            let index = if lua.kind(-2) == c::LUA_TNUMBER { lua.number(-2) } else { 0.0 };
            is_array &= index >= 1.0 && index.trunc() == index;
            greatest = greatest.max(index);
            lua.pop(1);
        }
        #[expect(clippy::cast_precision_loss, clippy::float_cmp, reason = "whole, and far below 2^53")]
        let is_dense = greatest == pairs as f64;
        if is_array && is_dense { Keys::Array(pairs) } else { Keys::Mixed(pairs) }
    }
}
