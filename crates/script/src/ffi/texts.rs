//! `string.rep`, `reverse`, `lower` and `upper` of large texts, piece by piece: the originals go byte by byte, and nothing interrupts
//! them. Small texts go to the originals.

use std::ffi::c_int;

use mlua::ffi as c;

use super::run::breathe;
use super::state::State;
use super::strings::c_int_of;

/// What `string.rep` may make.
const MAX_REPEATED_BYTES: f64 = (1_u64 << 30) as f64;
/// Bytes that an original may go over by itself.
const FEW_BYTES: usize = 1 << 20;
/// Bytes between two looks at the checkpoint.
const PIECE_BYTES: usize = 256 << 10;

/// `string.rep(s, n)`
pub(super) fn rep(lua: State) -> c_int {
    let (text, times) = (lua.check_string(1), lua.check_number(2));
    if text.is_empty() {
        lua.push_string(b"");
        return 1;
    }
    #[expect(clippy::cast_precision_loss, reason = "no string is 2^53 bytes long")]
    let bytes = text.len() as f64 * times;
    if bytes > MAX_REPEATED_BYTES {
        lua.raise_here(b"resulting string too large");
    }
    let times = usize::try_from(c_int_of(lua.optional_integer(2, 0))).unwrap_or(0);
    let bytes = text.len().saturating_mul(times);
    if is_small(lua, bytes) {
        return lua.call_guarded();
    }
    let block = lua.push_block(bytes);
    if let Some(to) = block.get_mut(..text.len()) {
        to.copy_from_slice(text);
    }
    let mut filled = text.len();
    while filled < bytes {
        // A multiple of the text, so that what is copied begins where it begins.
        let whole = (PIECE_BYTES / text.len()).max(1) * text.len();
        let len = filled.min(bytes - filled).min(whole);
        block.copy_within(..len, filled);
        filled += len;
        look(lua);
    }
    finish(lua, block)
}

pub(super) fn reverse(lua: State) -> c_int {
    let text = lua.check_string(1);
    if is_small(lua, text.len()) {
        return lua.call_guarded();
    }
    let block = lua.push_block(text.len());
    for (to, from) in block.chunks_mut(PIECE_BYTES).zip(text.rchunks(PIECE_BYTES)) {
        to.iter_mut().zip(from.iter().rev()).for_each(|(to, from)| *to = *from);
        look(lua);
    }
    finish(lua, block)
}

pub(super) fn lower(lua: State) -> c_int {
    mapped(lua, <[u8]>::make_ascii_lowercase)
}

pub(super) fn upper(lua: State) -> c_int {
    mapped(lua, <[u8]>::make_ascii_uppercase)
}

fn mapped(lua: State, map: fn(&mut [u8])) -> c_int {
    let text = lua.check_string(1);
    if is_small(lua, text.len()) {
        return lua.call_guarded();
    }
    let block = lua.push_block(text.len());
    for (to, from) in block.chunks_mut(PIECE_BYTES).zip(text.chunks(PIECE_BYTES)) {
        to.copy_from_slice(from);
        map(to);
        look(lua);
    }
    finish(lua, block)
}

/// Makes a string of the block. Lua's collector counts allocations rather than bytes, so a script that makes few and large ones would meet
/// the memory limit before it: the block is paid for here.
fn finish(lua: State, block: &[u8]) -> c_int {
    lua.push_string(block);
    lua.remove(-2);
    lua.collect(c::LUA_GCSTEP, c_int::try_from(block.len() >> 10).unwrap_or(c_int::MAX));
    1
}

/// Whether the original does it, which a script may call over and over: that counts as well.
fn is_small(lua: State, bytes: usize) -> bool {
    breathe(lua, u32::try_from(bytes / 4).unwrap_or(u32::MAX));
    bytes <= FEW_BYTES
}

/// After a piece.
fn look(lua: State) {
    breathe(lua, u32::MAX);
}
