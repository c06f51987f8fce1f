//! Lua values -> the client's reply.
//!
//! | value | answer |
//! | --- | --- |
//! | number | integer, cut toward zero |
//! | string | bulk |
//! | `true`, `false` | `1`, null; booleans after `redis.setresp(3)` |
//! | `nil` and everything else | null |
//! | `{err=string}`, `{ok=string}` | error, status |
//! | `{double=number}`, `{big_number=string}` | double, big number |
//! | `{map=table}`, `{set=table}` | map, set of the table's keys |
//! | `{verbatim_string={string=, format=}}` | verbatim string |
//! | any other table | array of `t[1]`, `t[2]`, .. to the first `nil` |
//!
//! Metatables are not asked. A table may hold itself, so depth is bounded; it may also hold one other twice, and that one too,
//! thirty times over: that is a reply of a thousand million elements out of thirty tables, so the checkpoint is asked here as well.

use std::ffi::c_int;

use mlua::ffi as c;
use resp::{Protocol, Reply};

use super::run::{Run, die, kill};
use super::state::State;
use crate::Verdict;

/// Upvalues of the native function that this runs in: the names that mark special tables.
pub(super) const FIRST_NAME: c_int = 5;
pub(super) const NAMES: [&[u8]; 7] = [b"err", b"ok", b"double", b"map", b"set", b"big_number", b"verbatim_string"];

/// What fits Lua's own bound on a C function's stack; deeper values are cut with an error in their place.
const MAX_DEPTH: u32 = 1000;
const ELEMENTS_PER_CHECKPOINT: u32 = 4096;

/// Writes values; one per run.
pub(super) struct Writer<'a, 'b, 'r> {
    pub(super) lua: State,
    pub(super) run: &'a mut Run<'b, 'r>,
    written: u32,
}

impl<'a, 'b, 'r> Writer<'a, 'b, 'r> {
    pub(super) const fn new(lua: State, run: &'a mut Run<'b, 'r>) -> Self {
        Self { lua, run, written: 0 }
    }

    /// Writes the value on top and takes it.
    pub(super) fn write(&mut self, depth: u32) {
        self.breathe();
        let lua = self.lua;
        if depth > MAX_DEPTH || !lua.has_room(8) {
            self.reply(|reply| reply.error("ERR reached lua stack limit"));
            lua.pop(1);
            return;
        }
        match lua.kind(-1) {
            c::LUA_TSTRING => {
                let bytes = lua.string(-1).unwrap_or_default();
                self.reply(|reply| reply.bulk(bytes));
            }
            c::LUA_TNUMBER => self.reply(|reply| reply.int(cut(lua.number(-1)))),
            c::LUA_TBOOLEAN => {
                let (truth, protocol) = (lua.truth(-1), self.run.protocol);
                self.reply(|reply| match (protocol, truth) {
                    (Protocol::Resp3, truth) => reply.bool(truth),
                    (Protocol::Resp2, true) => reply.int(1),
                    (Protocol::Resp2, false) => reply.null(),
                });
            }
            c::LUA_TTABLE => self.table(depth),
            _ => self.reply(Reply::null),
        }
        lua.pop(1);
    }

    /// Writes the table on top and leaves it there.
    fn table(&mut self, depth: u32) {
        let lua = self.lua;
        for index in 0..7 {
            lua.copy(c::lua_upvalueindex(FIRST_NAME + index));
            lua.raw_get(-2);
            let special = self.special(index, depth);
            lua.pop(1);
            if special {
                return;
            }
        }
        let Some(later) = self.run.reply.as_deref_mut().map(Reply::array_later) else { return };
        let mut len = 0;
        for index in 1..=c_int::MAX {
            lua.raw_get_at(-1, index);
            if lua.is_nil(-1) {
                lua.pop(1);
                break;
            }
            self.write(depth + 1);
            len += 1;
        }
        self.reply(|reply| reply.settle_array(later, len));
    }

    /// Writes what the field on top makes of its table; `false` when it is not of the type that counts.
    fn special(&mut self, index: c_int, depth: u32) -> bool {
        let lua = self.lua;
        let kind = lua.kind(-1);
        match (index, kind) {
            (0 | 1, c::LUA_TSTRING) => {
                let text = lua.string(-1).unwrap_or_default();
                if depth == 0 && index == 0 {
                    lua.raw_field(-2, b"ignore_error_stats_update");
                    lua.shared().counted.set(lua.truth(-1));
                    lua.pop(1);
                }
                self.reply(|reply| if index == 0 { reply.error(text) } else { reply.status(text) });
            }
            (5, c::LUA_TSTRING) => self.big_number(),
            (2, c::LUA_TNUMBER) => self.reply(|reply| reply.double(lua.number(-1))),
            (3, c::LUA_TTABLE) => self.pairs(depth),
            (4, c::LUA_TTABLE) => self.members(depth),
            (6, c::LUA_TTABLE) => return self.verbatim(),
            _ => return false,
        }
        true
    }

    fn pairs(&mut self, depth: u32) {
        let Some(later) = self.run.reply.as_deref_mut().map(Reply::array_later) else { return };
        let lua = self.lua;
        let mut len = 0;
        lua.push_nil();
        while lua.next(-2) {
            lua.copy(-2);
            self.write(depth + 1);
            self.write(depth + 1);
            len += 1;
        }
        self.reply(|reply| reply.settle_map(later, len));
    }

    fn members(&mut self, depth: u32) {
        let Some(later) = self.run.reply.as_deref_mut().map(Reply::array_later) else { return };
        let lua = self.lua;
        let mut len = 0;
        lua.push_nil();
        while lua.next(-2) {
            lua.pop(1);
            lua.copy(-1);
            self.write(depth + 1);
            len += 1;
        }
        self.reply(|reply| reply.settle_set(later, len));
    }

    /// Its digits are a line of their own in RESP3, so line ends become spaces, in RESP2 too.
    fn big_number(&mut self) {
        let digits = self.lua.string(-1).unwrap_or_default();
        let line = &mut self.run.scratch.args;
        line.clear();
        line.extend(digits.iter().map(|byte| if matches!(byte, b'\r' | b'\n') { b' ' } else { *byte }));
        if let Some(reply) = self.run.reply.as_deref_mut() {
            reply.big_number(line);
        }
    }

    fn verbatim(&mut self) -> bool {
        let lua = self.lua;
        lua.raw_field(-1, b"string");
        lua.raw_field(-2, b"format");
        let parts = (lua.string(-2), lua.string(-1));
        if let (Some(text), Some(format)) = parts {
            let mut padded = [b' '; 3];
            padded.iter_mut().zip(format).for_each(|(to, from)| *to = *from);
            self.reply(|reply| reply.verbatim(&padded, text));
        }
        lua.pop(2);
        matches!(parts, (Some(_), Some(_)))
    }

    fn reply(&mut self, answer: impl FnOnce(&mut Reply<'r>)) {
        if let Some(reply) = self.run.reply.as_deref_mut() {
            answer(reply);
        }
    }

    /// Asks the host now and then whether to go on.
    fn breathe(&mut self) {
        self.written += 1;
        if self.written < ELEMENTS_PER_CHECKPOINT {
            return;
        }
        self.written = 0;
        match self.run.with_host(|host, _| host.checkpoint()) {
            Some(Verdict::GoOn | Verdict::AskSooner) => {}
            Some(Verdict::Kill) => kill(self.lua),
            None => die(self.lua),
        }
    }
}

/// A number as a reply's integer: cut toward zero; what does not fit, and NaN, is the least integer.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
fn cut(number: f64) -> i64 {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&number) { number as i64 } else { i64::MIN }
}
