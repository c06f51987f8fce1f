//! `cmsgpack.unpack` and its kin: a loop; what is open lies on Lua's stack, a map with the key that waits for its value. Nothing is
//! allocated on the word of a length: a container grows by the elements that are there.

use std::ffi::c_int;

use mlua::ffi as c;

use super::breath::Breath;
use super::fault::Fault;
use super::instance::Frame;
use crate::ffi::state::State;
use crate::libs::msgpack::{self, Item};
use crate::libs::truncate;

const TOO_MANY_VALUES: &str =
    "stack overflow (too many return values at once; use unpack_one or unpack_limit instead.)";

pub(super) fn unpack(lua: State) -> c_int {
    several(lua, 0, 0)
}

pub(super) fn unpack_one(lua: State) -> c_int {
    several(lua, 1, optional(lua, 2))
}

pub(super) fn unpack_limit(lua: State) -> c_int {
    let limit = truncate(lua.check_number(2));
    several(lua, limit, optional(lua, 3))
}

fn optional(lua: State, index: c_int) -> i64 {
    if lua.is_nil(index) { 0 } else { truncate(lua.check_number(index)) }
}

/// Up to `limit` values from `offset` on, behind the offset of the next one, which is -1 at the end. With both 0 all values, and
/// no offset.
fn several(lua: State, limit: i64, offset: i64) -> c_int {
    let bytes = lua.check_string(1);
    match several_of(lua, bytes, limit, offset) {
        Ok(results) => results,
        Err(fault) => {
            lua.scratch();
            fault.raise(lua)
        }
    }
}

fn several_of(lua: State, bytes: &[u8], limit: i64, offset: i64) -> Result<c_int, Fault> {
    let len = i64::try_from(bytes.len()).unwrap_or(0);
    if offset < 0 || limit < 0 {
        return Err(Fault::Request { offset, len });
    }
    let Some(input) = usize::try_from(offset).ok().and_then(|offset| bytes.get(offset..)) else {
        return Err(Fault::Start { offset, len });
    };
    let takes_all = limit == 0 && offset == 0;
    let limit = if takes_all { usize::MAX } else { usize::try_from(limit).unwrap_or(usize::MAX) };
    let first = lua.top() + 1;
    let mut unpacker = Unpacker { lua, input, frames: &mut lua.scratch().frames, arrays: 0, breath: Breath::new(lua) };
    let mut values = 0;
    while values < limit && !unpacker.input.is_empty() {
        unpacker.value()?;
        values += 1;
    }
    let left = unpacker.input.len();
    if !takes_all {
        unpacker.keep_free(1, TOO_MANY_VALUES)?;
        let next = if left == 0 { -1 } else { i64::try_from(bytes.len() - left).unwrap_or(-1) };
        lua.push_number(number(next));
        lua.insert(first);
    }
    Ok(lua.top() + 1 - first)
}

#[expect(clippy::cast_precision_loss, reason = "a script's numbers are doubles")]
const fn number(integer: i64) -> f64 {
    integer as f64
}

struct Unpacker<'a, 's> {
    lua: State,
    input: &'a [u8],
    frames: &'s mut Vec<Frame>,
    /// How many of them are arrays, which hold one slot more in the C original: scripts see where it gives up.
    arrays: c_int,
    breath: Breath,
}

impl Unpacker<'_, '_> {
    /// Pushes the next value.
    fn value(&mut self) -> Result<(), Fault> {
        let lua = self.lua;
        loop {
            self.breath.take();
            self.keep_free(1, TOO_MANY_VALUES)?;
            let item = msgpack::read(&mut self.input).map_err(|problem| Fault::Text(problem.text()))?;
            match item {
                Item::Nil => lua.push_nil(),
                Item::Boolean(boolean) => lua.push_bool(boolean),
                Item::Integer(integer) => lua.push_number(number(integer)),
                Item::Float(float) => lua.push_number(float),
                Item::Text(text) => lua.push_string(text),
                Item::Array(len) => {
                    self.keep_free(2, "stack overflow (in function mp_decode_to_lua_array)")?;
                    lua.push_table(0, 0);
                    if len > 0 {
                        self.arrays += 1;
                        self.frames.push(Frame::array(len));
                        continue;
                    }
                }
                Item::Map(len) => {
                    lua.push_table(0, 0);
                    if len > 0 {
                        self.frames.push(Frame::map(len));
                        continue;
                    }
                }
            }
            if self.put()? {
                return Ok(());
            }
        }
    }

    /// Puts the whole value on top where it belongs, and what that ends too; whether nothing is open any more.
    fn put(&mut self) -> Result<bool, Fault> {
        let lua = self.lua;
        while let Some(frame) = self.frames.last_mut() {
            if frame.is_array {
                frame.done = frame.done.wrapping_add(1);
                lua.raw_set_at(-2, frame.done);
            } else if frame.done == 0 {
                // The key; its value comes next.
                frame.done = 1;
                return Ok(false);
            } else {
                frame.done = 0;
                check_key(lua)?;
                lua.raw_set(-3);
            }
            frame.len -= 1;
            if frame.len > 0 {
                return Ok(false);
            }
            self.arrays -= c_int::from(frame.is_array);
            self.frames.pop();
        }
        Ok(true)
    }

    fn keep_free(&self, slots: c_int, why: &'static str) -> Result<(), Fault> {
        if self.lua.has_room(slots + self.arrays) { Ok(()) } else { Err(Fault::Text(why)) }
    }
}

/// The key below the top, as Lua's core would refuse it.
fn check_key(lua: State) -> Result<(), Fault> {
    match lua.kind(-2) {
        c::LUA_TNIL => Err(Fault::Bare("table index is nil")),
        c::LUA_TNUMBER if lua.number(-2).is_nan() => Err(Fault::Bare("table index is NaN")),
        _ => Ok(()),
    }
}
