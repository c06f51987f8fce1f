//! `cjson.encode`: a loop over tables, which lie on Lua's stack with the key of an object that is being written.

use std::ffi::c_int;

use mlua::ffi as c;

use super::breath::Breath;
use super::fault::Fault;
use super::instance::Frame;
use crate::ffi::state::State;
use crate::libs::{Config, InvalidNumbers, push_json_number, push_json_text};

/// The longest text. With sparse arrays unlimited, a table of one element may ask for any length.
const TEXT_LIMIT: usize = 1 << 30;
const TOO_LONG: Fault = Fault::Bare("not enough memory");

pub(super) fn encode(lua: State) -> c_int {
    if lua.top() != 1 {
        lua.raise_argument(1, c"expected 1 argument");
    }
    let scratch = lua.scratch();
    let mut encoder = Encoder {
        lua,
        config: lua.instance().config(),
        out: &mut scratch.bytes,
        frames: &mut scratch.frames,
        breath: Breath::new(lua),
    };
    match encoder.run() {
        Ok(()) => {
            lua.push_string(&scratch.bytes);
            scratch.trim();
            1
        }
        Err(fault) => {
            scratch.trim();
            fault.raise(lua)
        }
    }
}

struct Encoder<'s> {
    lua: State,
    config: Config,
    out: &'s mut Vec<u8>,
    /// Of an array `len` counts its places.
    frames: &'s mut Vec<Frame>,
    breath: Breath,
}

impl Encoder<'_> {
    /// Writes the value on top.
    fn run(&mut self) -> Result<(), Fault> {
        loop {
            self.breath.take();
            if self.lua.is_table(-1) {
                self.begin()?;
            } else {
                self.scalar()?;
                if self.frames.is_empty() {
                    return Ok(());
                }
                self.lua.pop(1);
            }
            if !self.advance()? {
                return Ok(());
            }
        }
    }

    /// Opens the table on top.
    fn begin(&mut self) -> Result<(), Fault> {
        let depth = self.frames.len() + 1;
        let max_depth = usize::try_from(self.config.encode_max_depth).unwrap_or(0);
        if depth > max_depth || !self.lua.has_room(3) {
            return Err(Fault::Nesting { depth });
        }
        match self.array_len()? {
            Some(len) => {
                self.out.push(b'[');
                self.frames.push(Frame::array(len));
            }
            None => {
                self.out.push(b'{');
                self.frames.push(Frame::map(0));
                self.lua.push_nil();
            }
        }
        Ok(())
    }

    /// Goes on in the innermost table: leaves its next value on top, having written what stands before it. `false` when all is written.
    fn advance(&mut self) -> Result<bool, Fault> {
        let lua = self.lua;
        while let Some(frame) = self.frames.last_mut() {
            let is_first = frame.done == 0;
            if frame.is_array {
                if u32::try_from(frame.done).unwrap_or(0) < frame.len {
                    frame.done += 1;
                    lua.raw_get_at(-1, frame.done);
                    self.comma_unless(is_first)?;
                    return Ok(true);
                }
                self.out.push(b']');
            } else {
                if lua.next(-2) {
                    frame.done = 1;
                    self.comma_unless(is_first)?;
                    self.key()?;
                    return Ok(true);
                }
                self.out.push(b'}');
            }
            self.frames.pop();
            if !self.frames.is_empty() {
                lua.pop(1);
            }
        }
        Ok(false)
    }

    /// The key below the top, and a colon.
    fn key(&mut self) -> Result<(), Fault> {
        let lua = self.lua;
        match lua.kind(-2) {
            c::LUA_TSTRING => self.text(lua.string(-2).unwrap_or_default())?,
            c::LUA_TNUMBER => {
                self.out.push(b'"');
                self.number(lua.number(-2))?;
                self.out.push(b'"');
            }
            _ => return Err(self.cannot(-2, "table key must be a number or string")),
        }
        self.out.push(b':');
        Ok(())
    }

    /// A value that is no table, on top.
    fn scalar(&mut self) -> Result<(), Fault> {
        let lua = self.lua;
        match lua.kind(-1) {
            c::LUA_TSTRING => self.text(lua.string(-1).unwrap_or_default())?,
            c::LUA_TNUMBER => self.number(lua.number(-1))?,
            c::LUA_TBOOLEAN => self.out.extend_from_slice(if lua.truth(-1) { b"true" } else { b"false" }),
            c::LUA_TNIL => self.out.extend_from_slice(b"null"),
            c::LUA_TLIGHTUSERDATA if lua.pointer(-1).is_null() => self.out.extend_from_slice(b"null"),
            _ => return Err(self.cannot(-1, "type not supported")),
        }
        Ok(())
    }

    fn comma_unless(&mut self, is_first: bool) -> Result<(), Fault> {
        if self.out.len() > TEXT_LIMIT {
            return Err(TOO_LONG);
        }
        if !is_first {
            self.out.push(b',');
        }
        Ok(())
    }

    /// The places of the table on top if it is an array: it has none but whole positive keys, and not too many places without an
    /// element.
    fn array_len(&mut self) -> Result<Option<u32>, Fault> {
        let lua = self.lua;
        let (mut len, mut elements) = (0_i32, 0_i32);
        lua.push_nil();
        while lua.next(-2) {
            self.breath.take();
            let Some(index) = array_index(lua) else {
                lua.pop(2);
                return Ok(None);
            };
            len = len.max(index);
            elements = elements.saturating_add(1);
            lua.pop(1);
        }
        // The product wraps in the C original too, where huge ratios then refuse small arrays.
        let ratio = self.config.sparse_ratio;
        let is_sparse = ratio > 0 && len > elements.wrapping_mul(ratio) && len > self.config.sparse_safe;
        match (is_sparse, self.config.sparse_convert) {
            (true, false) => Err(Fault::Text("Cannot serialise table: excessively sparse array")),
            (true, true) => Ok(None),
            (false, _) => Ok(u32::try_from(len).ok().filter(|len| *len > 0)),
        }
    }

    fn number(&mut self, number: f64) -> Result<(), Fault> {
        if number.is_finite() {
            push_json_number(self.out, number, usize::try_from(self.config.number_precision).unwrap_or(14));
            return Ok(());
        }
        let text: &[u8] = match self.config.encode_invalid_numbers {
            InvalidNumbers::Refuse => {
                return Err(Fault::Text("Cannot serialise number: must not be NaN or Inf"));
            }
            InvalidNumbers::Null => b"null",
            InvalidNumbers::Allow if number.is_nan() => b"nan",
            InvalidNumbers::Allow if number < 0.0 => b"-inf",
            InvalidNumbers::Allow => b"inf",
        };
        self.out.extend_from_slice(text);
        Ok(())
    }

    fn text(&mut self, text: &[u8]) -> Result<(), Fault> {
        if self.out.len().saturating_add(text.len()) > TEXT_LIMIT {
            return Err(TOO_LONG);
        }
        push_json_text(self.out, text);
        Ok(())
    }

    fn cannot(&self, index: c_int, why: &'static str) -> Fault {
        Fault::Cannot { kind: self.lua.type_name(index), why }
    }
}

/// The key below the top as an index.
fn array_index(lua: State) -> Option<i32> {
    if lua.kind(-2) != c::LUA_TNUMBER {
        return None;
    }
    let number = lua.number(-2);
    #[expect(clippy::cast_possible_truncation, reason = "whole, and in range")]
    let index = (number.trunc() == number && (1.0..=f64::from(i32::MAX)).contains(&number)).then_some(number as i32);
    index
}
