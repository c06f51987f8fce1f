//! Protocol bytes of a command's answer -> Lua values.
//!
//! | answer | value |
//! | --- | --- |
//! | `:7` | number |
//! | `$1 a` | string |
//! | `+OK`, `-ERR x` | `{ok='OK'}`, `{err='ERR x'}` |
//! | `*2 ..` | `{.., ..}` |
//! | `$-1`, `*-1` | `false` |
//! | `_` | `nil` |
//! | `#t` | boolean |
//! | `,1.5` | `{double=1.5}` |
//! | `(12` | `{big_number='12'}` |
//! | `=7 txt:abc` | `{verbatim_string={format='txt', string='abc'}}` |
//! | `%1 ..` | `{map={key=value}}` |
//! | `~1 ..` | `{set={member=true}}` |
//!
//! The bytes come from our own handlers, but a mistake in one of those must not become one here: everything is checked.

use std::ffi::c_int;

use stdx::num::{parse_f64, parse_i64};

use super::state::State;

/// Deeper than any command answers.
const MAX_DEPTH: u32 = 64;

/// Pushes the one answer that `bytes` holds; `false`, with nothing useful pushed, when they are no answer.
pub(super) fn push_answer(lua: State, bytes: &[u8]) -> bool {
    let mut rest = bytes;
    push(lua, &mut rest, 0).is_some() && rest.is_empty()
}

fn push(lua: State, rest: &mut &[u8], depth: u32) -> Option<()> {
    if depth > MAX_DEPTH || !lua.has_room(8) {
        return None;
    }
    let (kind, line) = take_line(rest)?;
    match kind {
        b':' => lua.push_number(number(parse_i64(line)?)),
        b'$' => match bulk(line, rest)? {
            Some(bytes) => lua.push_string(bytes),
            None => lua.push_bool(false),
        },
        b'+' => push_tagged(lua, b"ok", line),
        b'-' => {
            lua.push_table(0, 2);
            lua.push_string(line);
            lua.set_raw_field(-2, b"err");
            lua.push_bool(true);
            lua.set_raw_field(-2, b"ignore_error_stats_update");
        }
        b'*' | b'>' => match length(line)? {
            Some(len) => push_array(lua, rest, len, depth)?,
            None => lua.push_bool(false),
        },
        b'_' => lua.push_nil(),
        b'#' => lua.push_bool(line == b"t"),
        b',' => {
            lua.push_table(0, 1);
            lua.push_number(parse_f64(line)?);
            lua.set_raw_field(-2, b"double");
        }
        b'(' => push_tagged(lua, b"big_number", line),
        b'=' => push_verbatim(lua, bulk(line, rest)??)?,
        b'%' => push_pairs(lua, rest, length(line)??, depth)?,
        b'~' => push_members(lua, rest, length(line)??, depth)?,
        b'|' => {
            push_pairs(lua, rest, length(line)??, depth)?;
            lua.pop(1);
            push(lua, rest, depth + 1)?;
        }
        _ => return None,
    }
    Some(())
}

/// `{tag=text}`
fn push_tagged(lua: State, tag: &[u8], text: &[u8]) {
    lua.push_table(0, 1);
    lua.push_string(text);
    lua.set_raw_field(-2, tag);
}

fn push_verbatim(lua: State, bytes: &[u8]) -> Option<()> {
    let (format, text) = (bytes.get(..3)?, bytes.get(4..)?);
    lua.push_table(0, 1);
    lua.push_table(0, 2);
    lua.push_string(text);
    lua.set_raw_field(-2, b"string");
    lua.push_string(format);
    lua.set_raw_field(-2, b"format");
    lua.set_raw_field(-2, b"verbatim_string");
    Some(())
}

fn push_array(lua: State, rest: &mut &[u8], len: usize, depth: u32) -> Option<()> {
    lua.push_table(at_most(len, rest), 0);
    for index in 1..=c_int::try_from(len).ok()? {
        push(lua, rest, depth + 1)?;
        lua.raw_set_at(-2, index);
    }
    Some(())
}

fn push_pairs(lua: State, rest: &mut &[u8], len: usize, depth: u32) -> Option<()> {
    lua.push_table(0, 1);
    lua.push_table(0, at_most(len, rest));
    for _ in 0..len {
        push(lua, rest, depth + 1)?;
        push(lua, rest, depth + 1)?;
        set_unless_nil(lua);
    }
    lua.set_raw_field(-2, b"map");
    Some(())
}

fn push_members(lua: State, rest: &mut &[u8], len: usize, depth: u32) -> Option<()> {
    lua.push_table(0, 1);
    lua.push_table(0, at_most(len, rest));
    for _ in 0..len {
        push(lua, rest, depth + 1)?;
        lua.push_bool(true);
        set_unless_nil(lua);
    }
    lua.set_raw_field(-2, b"set");
    Some(())
}

/// Stores key and value, the topmost two, in the table below them; nil is no key and is left out.
fn set_unless_nil(lua: State) {
    if lua.is_nil(-2) { lua.pop(2) } else { lua.raw_set(-3) }
}

/// Room for `len` elements, as far as the bytes that are left can hold them: three each at least.
fn at_most(len: usize, rest: &[u8]) -> usize {
    len.min(rest.len() / 3)
}

fn take_line<'a>(rest: &mut &'a [u8]) -> Option<(u8, &'a [u8])> {
    let end = rest.iter().position(|byte| *byte == b'\r')?;
    let (line, after) = rest.split_at_checked(end)?;
    *rest = after.strip_prefix(b"\r\n")?;
    line.split_first().map(|(kind, line)| (*kind, line))
}

fn length(line: &[u8]) -> Option<Option<usize>> {
    if line == b"-1" { Some(None) } else { usize::try_from(parse_i64(line)?).ok().map(Some) }
}

fn bulk<'a>(line: &[u8], rest: &mut &'a [u8]) -> Option<Option<&'a [u8]>> {
    let Some(len) = length(line)? else { return Some(None) };
    let (bytes, after) = rest.split_at_checked(len)?;
    *rest = after.strip_prefix(b"\r\n")?;
    Some(Some(bytes))
}

#[expect(clippy::cast_precision_loss, reason = "a script's numbers are doubles: past 2^53 they round, as everywhere")]
const fn number(int: i64) -> f64 {
    int as f64
}
