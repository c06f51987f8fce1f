//! `string.find`, `match`, `gmatch` and `gsub` over our own matcher, which can be stopped.
//!
//! Arguments, results and messages are those of Lua 5.1.5. `gsub` builds its result in blocks that Lua owns: a replacement
//! function may raise, which runs no destructors, and what a script makes must count as its memory.

use std::cell::Cell;
use std::ffi::c_int;

use mlua::ffi as c;

use super::run::{breathe, die, kill};
use super::state::{SHARED, State};
use crate::Verdict;
use crate::pattern::{Captured, Fault, Found, Matcher, STEPS_PER_QUESTION, find_plain, is_plain};

/// How much of the machine's stack a script may have used up when it calls `string.gsub`, whose function may call it again.
const MAX_STACK_BYTES: usize = 768 << 10;

pub(super) fn find(lua: State) -> c_int {
    let (subject, pattern, from) = arguments(lua);
    if lua.truth(4) || is_plain(pattern) {
        let Some(at) = find_in_pieces(lua, subject, pattern, from) else {
            lua.push_nil();
            return 1;
        };
        push_place(lua, at + 1);
        push_place(lua, at + pattern.len());
        return 2;
    }
    search(lua, subject, pattern, from, |matcher, found| {
        push_place(lua, found.start + 1);
        push_place(lua, found.end);
        let captures = matcher.captures();
        push_captures(lua, matcher, found, captures).map(|()| captures + 2)
    })
}

/// Plain text, with a look at the checkpoint behind every piece of the subject.
fn find_in_pieces(lua: State, subject: &[u8], needle: &[u8], mut from: usize) -> Option<usize> {
    const PIECE_BYTES: usize = 4 << 20;
    // Pieces overlap by the needle, so they are no shorter than it.
    let piece = needle.len().max(PIECE_BYTES);
    // A script may search over and over: that counts as well.
    breathe(lua, u32::try_from(subject.len().saturating_sub(from).min(2 * piece) / 64).unwrap_or(u32::MAX));
    while subject.len().saturating_sub(from) > 2 * piece {
        let end = from + piece + needle.len();
        if let Some(at) = find_plain(subject.get(..end)?, needle, from) {
            return Some(at);
        }
        from += piece;
        breathe(lua, u32::MAX);
    }
    find_plain(subject, needle, from)
}

/// `string.match`
pub(super) fn match_first(lua: State) -> c_int {
    let (subject, pattern, from) = arguments(lua);
    search(lua, subject, pattern, from, |matcher, found| push_all(lua, matcher, found))
}

/// Subject, pattern, and where to begin, which counts from the end when it is negative.
fn arguments<'a>(lua: State) -> (&'a [u8], &'a [u8], usize) {
    let (subject, pattern) = (lua.check_string(1), lua.check_string(2));
    let init = lua.optional_integer(3, 1);
    let from = match usize::try_from(init) {
        Ok(init) => init.saturating_sub(1).min(subject.len()),
        Err(_) => subject.len().saturating_sub(usize::try_from(init.unsigned_abs()).unwrap_or(usize::MAX)),
    };
    (subject, pattern, from)
}

/// Pushes what `push` makes of the first match, or nil.
fn search(
    lua: State,
    subject: &[u8],
    pattern: &[u8],
    from: usize,
    push: impl Fn(&Matcher<'_, '_>, Found) -> Result<usize, Fault>,
) -> c_int {
    let failed = Cell::new(false);
    let mut go_on = || ask(lua, &failed);
    let mut matcher = Matcher::new(subject, pattern, true, steps_left(lua), &mut go_on);
    let found = matcher.search(from);
    note_steps(lua, &matcher);
    match found.and_then(|found| found.map_or(Ok(None), |found| push(&matcher, found).map(Some))) {
        Ok(Some(results)) => results_len(results),
        Ok(None) => {
            lua.push_nil();
            1
        }
        Err(fault) => raise(lua, fault, failed.get()),
    }
}

// Upvalues of an iterator

const SUBJECT: c_int = c::lua_upvalueindex(2);
const PATTERN: c_int = c::lua_upvalueindex(3);
const NEXT: c_int = c::lua_upvalueindex(4);

pub(super) fn gmatch(lua: State) -> c_int {
    lua.check_string(1);
    lua.check_string(2);
    lua.set_top(2);
    lua.push_pointer(lua.pointer(SHARED));
    lua.insert(1);
    push_place(lua, 0);
    lua.push_closure(next_match, 4);
    1
}

fn next_match(lua: State) -> c_int {
    let (subject, pattern) = (lua.string(SUBJECT).unwrap_or_default(), lua.string(PATTERN).unwrap_or_default());
    let from = usize::try_from(lua.optional_integer(NEXT, 0)).unwrap_or(usize::MAX);
    let failed = Cell::new(false);
    let mut go_on = || ask(lua, &failed);
    // An iterator knows no anchor: `^` is a byte like others.
    let mut matcher = Matcher::new(subject, pattern, false, steps_left(lua), &mut go_on);
    let found = matcher.search(from);
    note_steps(lua, &matcher);
    let pushed = match found {
        Ok(None) => return 0,
        Ok(Some(found)) => {
            push_place(lua, found.end + usize::from(found.end == found.start));
            lua.replace(NEXT);
            push_all(lua, &matcher, found)
        }
        Err(fault) => Err(fault),
    };
    match pushed {
        Ok(results) => results_len(results),
        Err(fault) => raise(lua, fault, failed.get()),
    }
}

// Replacement

const REPLACEMENT: c_int = 3;
/// Where the result's block lies on the stack, above the arguments.
const BLOCK: c_int = 5;

pub(super) fn gsub(lua: State) -> c_int {
    if lua.run().stack_depth_bytes() > MAX_STACK_BYTES {
        lua.raise_here(b"stack overflow");
    }
    let (subject, pattern) = (lua.check_string(1), lua.check_string(2));
    let kind = lua.kind(REPLACEMENT);
    let max = c_int_of(lua.optional_integer(4, i64::try_from(subject.len() + 1).unwrap_or(i64::MAX)));
    if !matches!(kind, c::LUA_TNUMBER | c::LUA_TSTRING | c::LUA_TFUNCTION | c::LUA_TTABLE) {
        lua.raise_argument(REPLACEMENT, c"string/function/table expected");
    }
    let template = if matches!(kind, c::LUA_TNUMBER | c::LUA_TSTRING) { lua.text(REPLACEMENT) } else { None };
    lua.set_top(4);
    lua.push_nil();

    let failed = Cell::new(false);
    let mut go_on = || ask(lua, &failed);
    let mut matcher = Matcher::new(subject, pattern, true, steps_left(lua), &mut go_on);
    let mut output = Output { lua, block: &mut [], len: 0 };
    let replaced = replace_all(&mut output, &mut matcher, subject, template, max);
    note_steps(lua, &matcher);
    match replaced {
        Err(fault) => raise(lua, fault, failed.get()),
        Ok(0) => lua.copy(1),
        Ok(_) => lua.push_string(output.block.get(..output.len).unwrap_or_default()),
    }
    lua.push_number(f64::from(replaced.unwrap_or(0)));
    2
}

/// C's `int` of an integer, as Lua's library takes counts and positions.
#[expect(clippy::cast_possible_truncation, reason = "Lua's own library cuts it the same way")]
pub(super) const fn c_int_of(integer: i64) -> c_int {
    integer as c_int
}

/// Writes the subject with its matches replaced, unless there are none, and returns how many there were.
fn replace_all<'a>(
    output: &mut Output<'_>,
    matcher: &mut Matcher<'a, '_>,
    subject: &'a [u8],
    template: Option<&[u8]>,
    max: c_int,
) -> Result<c_int, Fault> {
    let (mut count, mut at, mut copied) = (0, 0, 0);
    while count < max {
        let Some(found) = matcher.search(at)? else { break };
        count += 1;
        output.add(matcher.text(Found { start: copied, end: found.start }));
        match template {
            Some(template) => expand(output, matcher, found, template)?,
            None => add_value(output, matcher, found)?,
        }
        copied = found.end;
        at = found.end + usize::from(found.end == found.start);
        if at > subject.len() || matcher.is_anchored() {
            break;
        }
    }
    if count > 0 {
        output.add(subject.get(copied..).unwrap_or_default());
    }
    Ok(count)
}

/// `%0` is the match, `%1` its first capture; `%` before another byte is dropped, and before none it is a NUL.
fn expand(output: &mut Output<'_>, matcher: &mut Matcher<'_, '_>, found: Found, template: &[u8]) -> Result<(), Fault> {
    matcher.charge_bytes(template.len())?;
    let mut rest = template;
    while let Some(escape) = memchr::memchr(b'%', rest) {
        let (text, escaped) = rest.split_at(escape);
        output.add(text);
        match escaped.get(1).copied() {
            Some(b'0') => output.add(matcher.text(found)),
            Some(digit @ b'1'..=b'9') => match matcher.capture(usize::from(digit - b'1'), found)? {
                Captured::Text(text) => output.add(text),
                Captured::Position(place) => output.add(itoa::Buffer::new().format(place).as_bytes()),
            },
            Some(byte) => output.add(&[byte]),
            None => output.add(&[0]),
        }
        rest = escaped.get(2..).unwrap_or_default();
    }
    output.add(rest);
    Ok(())
}

/// What the function or table makes of the match; the match itself, where that is nothing.
fn add_value(output: &mut Output<'_>, matcher: &Matcher<'_, '_>, found: Found) -> Result<(), Fault> {
    let lua = output.lua;
    if lua.is_table(REPLACEMENT) {
        push_capture(lua, matcher, found, 0)?;
        lua.get(REPLACEMENT);
    } else {
        lua.copy(REPLACEMENT);
        let args = push_all(lua, matcher, found)?;
        lua.call(results_len(args), 1);
    }
    if !lua.truth(-1) {
        output.add(matcher.text(found));
    } else if matches!(lua.kind(-1), c::LUA_TSTRING | c::LUA_TNUMBER) {
        output.add(lua.text(-1).unwrap_or_default());
    } else {
        lua.push_string(b"invalid replacement value (a ");
        lua.push_string(lua.type_name(-2));
        lua.push_string(b")");
        lua.concat(3);
        lua.raise_here(lua.string(-1).unwrap_or_default());
    }
    lua.pop(1);
    Ok(())
}

/// Bytes in a block that Lua owns, which is at [`BLOCK`].
struct Output<'a> {
    lua: State,
    block: &'a mut [u8],
    len: usize,
}

impl Output<'_> {
    const MIN_BYTES: usize = 64;

    fn add(&mut self, bytes: &[u8]) {
        let end = self.len + bytes.len();
        if end > self.block.len() {
            let grown = self.lua.push_block((2 * self.block.len()).max(end).max(Self::MIN_BYTES));
            if let (Some(to), Some(from)) = (grown.get_mut(..self.len), self.block.get(..self.len)) {
                to.copy_from_slice(from);
            }
            self.lua.replace(BLOCK);
            self.block = grown;
        }
        if let Some(to) = self.block.get_mut(self.len..end) {
            to.copy_from_slice(bytes);
        }
        self.len = end;
    }
}

// Captures

/// The captures, or the match if there are none.
fn push_all(lua: State, matcher: &Matcher<'_, '_>, found: Found) -> Result<usize, Fault> {
    let count = matcher.captures().max(1);
    push_captures(lua, matcher, found, count).map(|()| count)
}

fn push_captures(lua: State, matcher: &Matcher<'_, '_>, found: Found, count: usize) -> Result<(), Fault> {
    if !lua.has_room(results_len(count) + 4) {
        lua.raise_here(b"stack overflow (too many captures)");
    }
    (0..count).try_for_each(|index| push_capture(lua, matcher, found, index))
}

fn push_capture(lua: State, matcher: &Matcher<'_, '_>, found: Found, index: usize) -> Result<(), Fault> {
    match matcher.capture(index, found)? {
        Captured::Text(text) => lua.push_string(text),
        Captured::Position(place) => push_place(lua, place),
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "no string is 2^53 bytes long")]
pub(super) fn push_place(lua: State, place: usize) {
    lua.push_number(place as f64);
}

/// A count of results, of which there are few.
fn results_len(count: usize) -> c_int {
    c_int::try_from(count).unwrap_or(c_int::MAX)
}

// Checkpoints

fn steps_left(lua: State) -> u32 {
    STEPS_PER_QUESTION.saturating_sub(lua.shared().pattern_steps.get())
}

/// Keeps the count for the next call: a script may make many short ones.
fn note_steps(lua: State, matcher: &Matcher<'_, '_>) {
    lua.shared().pattern_steps.set(STEPS_PER_QUESTION.saturating_sub(matcher.steps_left()));
}

fn ask(lua: State, failed: &Cell<bool>) -> bool {
    match lua.run().with_host(|host, _| host.checkpoint()) {
        Some(Verdict::GoOn | Verdict::AskSooner) => true,
        Some(Verdict::Kill) => false,
        None => {
            failed.set(true);
            false
        }
    }
}

fn raise(lua: State, fault: Fault, host_failed: bool) -> ! {
    match fault {
        Fault::Stopped if host_failed => die(lua),
        Fault::Stopped => kill(lua),
        Fault::EndsWithEscape
        | Fault::MissingBracket
        | Fault::MissingBracketAfterFrontier
        | Fault::Unbalanced
        | Fault::InvalidCaptureIndex
        | Fault::UnfinishedCapture
        | Fault::InvalidCapture
        | Fault::TooManyCaptures
        | Fault::TooComplex => lua.raise_here(fault.text().as_bytes()),
    }
}
