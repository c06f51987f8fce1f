//! `table.*` on tables of many elements: the originals are loops that nothing interrupts, over as many elements as memory holds.
//!
//! Small tables, which are nearly all, go to the originals; what is said and done here is the same. A loop over table elements counts
//! its steps (`breathe`), and so does each comparison of a sort.

use std::ffi::c_int;

use mlua::ffi as c;

use super::guards::{reading, writing};
use super::readonly::{refuse_stand_in, see_through};
use super::run::breathe;
use super::state::{GUARDED, SHARED, State};
use super::strings::{c_int_of, push_place};

/// Elements that an original may go over by itself: a millisecond at most.
const FEW: usize = 10_000;

/// Whether the original does it, which a script may call over and over: that counts as well.
fn is_small(lua: State, table: c_int) -> bool {
    let len = if lua.is_table(table) { lua.raw_len(table) } else { 0 };
    let is_small = len <= FEW;
    if is_small {
        breathe(lua, u32::try_from(len).unwrap_or(u32::MAX));
    }
    is_small
}

/// The length of the first argument, as Lua counts it.
fn length(lua: State) -> c_int {
    c_int::try_from(lua.raw_len(1)).unwrap_or(c_int::MAX)
}

/// `table.sort(t [, before])`: the original, with a comparison that can be stopped.
pub(super) fn sort(lua: State) -> c_int {
    if is_small(lua, 1) {
        breathe(lua, 8 * u32::try_from(lua.raw_len(1)).unwrap_or(u32::MAX));
    } else {
        if !lua.is_nil(2) {
            lua.check_function(2);
        }
        lua.set_top(2);
        lua.push_pointer(lua.pointer(SHARED));
        lua.copy(2);
        lua.push_closure(comes_before, 2);
        lua.replace(2);
    }
    lua.call_guarded()
}

/// Compares two values by the function in the upvalue, if it is one.
fn comes_before(lua: State) -> c_int {
    breathe(lua, 4);
    if lua.is_nil(GUARDED) {
        lua.push_bool(lua.less_than(1, 2));
        return 1;
    }
    lua.copy(GUARDED);
    lua.insert(1);
    lua.call(2, 1);
    1
}

/// `table.concat(t [, separator [, first [, last]]])`, in two walks: how long, and what.
pub(super) fn concat(lua: State) -> c_int {
    if is_small(lua, 1) {
        let results = lua.call_guarded();
        breathe(lua, steps_of(lua.raw_len(-1)));
        return results;
    }
    let separator = if lua.is_nil(2) { b"" } else { lua.check_string(2) };
    let first = c_int_of(lua.optional_integer(3, 1));
    let last = if lua.is_nil(4) { length(lua) } else { c_int_of(lua.optional_integer(4, 1)) };
    let mut bytes = 0_usize;
    for index in first..=last {
        let piece = piece(lua, index);
        bytes = bytes.saturating_add(piece.len() + if index < last { separator.len() } else { 0 });
        lua.pop(1);
        breathe(lua, 1);
    }
    let block = lua.push_block(bytes);
    let mut rest = &mut *block;
    for index in first..=last {
        let text = piece(lua, index);
        rest = put(rest, text);
        if index < last {
            rest = put(rest, separator);
        }
        lua.pop(1);
        breathe(lua, 1 + steps_of(text.len()));
    }
    lua.push_string(block);
    1
}

/// Pushes an element, which has to have a text.
fn piece<'a>(lua: State, index: c_int) -> &'a [u8] {
    lua.raw_get_at(1, index);
    if let Some(text) = lua.text(-1) {
        return text;
    }
    lua.push_string(b"invalid value (");
    lua.push_string(lua.type_name(-2));
    lua.push_string(b") at index ");
    lua.push_number(f64::from(index));
    lua.push_string(b" in table for 'concat'");
    lua.concat(5);
    lua.raise_here(lua.string(-1).unwrap_or_default())
}

/// Copies `text` to the front of `to` and returns what is behind it.
fn put<'a>(to: &'a mut [u8], text: &[u8]) -> &'a mut [u8] {
    match to.split_at_mut_checked(text.len()) {
        Some((front, rest)) => {
            front.copy_from_slice(text);
            rest
        }
        None => &mut [],
    }
}

fn steps_of(bytes: usize) -> u32 {
    u32::try_from(bytes / 32).unwrap_or(u32::MAX)
}

/// `table.insert` shifts every element above the position, which may lie two thousand million below the first.
pub(super) fn insert(lua: State) -> c_int {
    if lua.top() != 3 || !lua.is_number(2) {
        return writing(lua);
    }
    if lua.number(2) < -1e6 {
        lua.raise_argument(2, c"position out of bounds");
    }
    if is_small(lua, 1) {
        return writing(lua);
    }
    refuse_stand_in(lua, 1);
    let position = c_int_of(lua.optional_integer(2, 1));
    let end = length(lua).saturating_add(1).max(position);
    for index in (position..end).rev() {
        lua.raw_get_at(1, index);
        lua.raw_set_at(1, index + 1);
        breathe(lua, 1);
    }
    lua.raw_set_at(1, position);
    0
}

/// `table.remove(t [, position])`
pub(super) fn remove(lua: State) -> c_int {
    // A stand-in is empty, so that there is nothing to refuse.
    if is_small(lua, 1) {
        return lua.call_guarded();
    }
    let end = length(lua);
    let position = c_int_of(lua.optional_integer(2, i64::from(end)));
    if !(1..=end).contains(&position) {
        return 0;
    }
    lua.raw_get_at(1, position);
    for index in position..end {
        lua.raw_get_at(1, index + 1);
        lua.raw_set_at(1, index);
        breathe(lua, 1);
    }
    lua.push_nil();
    lua.raw_set_at(1, end);
    1
}

/// `table.maxn(t)`: the greatest number among the keys.
pub(super) fn maxn(lua: State) -> c_int {
    lua.check_table(1);
    let mut greatest = 0.0_f64;
    lua.push_nil();
    while lua.next(1) {
        lua.pop(1);
        if lua.kind(-1) == c::LUA_TNUMBER {
            greatest = greatest.max(lua.number(-1));
        }
        breathe(lua, 1);
    }
    lua.push_number(greatest);
    1
}

/// `table.foreach(t, f)`: to the first result that is not nil.
pub(super) fn foreach(lua: State) -> c_int {
    if is_small(lua, 1) {
        return reading(lua);
    }
    see_through(lua, 1);
    lua.check_function(2);
    lua.push_nil();
    while lua.next(1) {
        lua.copy(2);
        lua.copy(-3);
        lua.copy(-3);
        lua.call(2, 1);
        if !lua.is_nil(-1) {
            return 1;
        }
        lua.pop(2);
        breathe(lua, 1);
    }
    0
}

/// `table.foreachi(t, f)`: the same by index.
pub(super) fn foreachi(lua: State) -> c_int {
    if is_small(lua, 1) {
        return reading(lua);
    }
    see_through(lua, 1);
    lua.check_function(2);
    for index in 1..=lua.raw_len(1) {
        lua.copy(2);
        push_place(lua, index);
        lua.raw_get_at(1, c_int::try_from(index).unwrap_or(c_int::MAX));
        lua.call(2, 1);
        if !lua.is_nil(-1) {
            return 1;
        }
        lua.pop(1);
        breathe(lua, 1);
    }
    0
}
