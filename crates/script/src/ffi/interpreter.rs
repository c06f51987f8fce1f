//! One Lua state: built, given chunks, run. The safe surface of this folder.

use std::ffi::{CStr, c_int};
use std::panic::resume_unwind;
use std::ptr;

use mlua::ffi as c;
use mlua::{Lua, LuaOptions, StdLib};
use resp::{Protocol, Reply};

use super::api::Reach;
use super::outgoing::{FIRST_NAME, NAMES, Writer};
use super::run::{Run, Scratch, Shared, stack_address, watch};
use super::sandbox::{self, Kept};
use super::state::{GUARDED, State, Status};
use super::{guards, random};
use crate::functions::Draft;
use crate::{Host, Input, ScriptError, Settings};

/// What a state is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// EVAL: keys and arguments are the globals `KEYS` and `ARGV`.
    Scripts,
    /// FCALL: keys and arguments are parameters.
    Functions,
}

/// A function that the state keeps. To be given back to [`Interpreter::release`], or it stays until the state goes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Chunk(c_int);

impl Chunk {
    /// A function that `redis.register_function` kept.
    pub(crate) const fn kept(kept: c_int) -> Self {
        Self(kept)
    }
}

/// One Lua state in its sandbox.
pub(crate) struct Interpreter {
    lua: Lua,
    /// Dropped after `lua`, whose functions point to it.
    shared: Box<Shared>,
    kind: Kind,
    kept: Kept,
    /// Native functions, by their numbers in the registry.
    protector: c_int,
    handler: c_int,
    entry: c_int,
    load_entry: c_int,
    scratch: Scratch,
}

// SAFETY: the state and its `Shared` are reached through this value alone, by one thread at a time: every method that runs
// anything takes `&mut self`. Nothing in a Lua state belongs to a thread.
unsafe impl Send for Interpreter {}

impl std::fmt::Debug for Interpreter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Interpreter").field("kind", &self.kind).field("bytes", &self.lua.used_memory()).finish()
    }
}

impl Interpreter {
    pub(crate) fn new(settings: &Settings, kind: Kind) -> Result<Self, ScriptError> {
        let libs = StdLib::TABLE | StdLib::STRING | StdLib::MATH | StdLib::OS;
        let lua = Lua::new_with(libs, LuaOptions::new()).map_err(failed)?;
        crate::libs::register(&lua).map_err(failed)?;
        let shared = Box::new(Shared::default());
        shared.random.set(random::START);
        let mut interpreter = Self {
            lua,
            shared,
            kind,
            kept: Kept::default(),
            protector: c::LUA_NOREF,
            handler: c::LUA_NOREF,
            entry: c::LUA_NOREF,
            load_entry: c::LUA_NOREF,
            scratch: Scratch::default(),
        };
        interpreter.furnish(settings)?;
        interpreter.lua.set_memory_limit(settings.memory_limit_bytes).map_err(failed)?;
        Ok(interpreter)
    }

    /// Builds the sandbox and the functions that runs begin with.
    fn furnish(&mut self, settings: &Settings) -> Result<(), ScriptError> {
        let shared = ptr::from_ref(&*self.shared).cast_mut().cast();
        let lua = self.state();
        // No bound on memory is set yet, so this cannot raise; all else happens under it.
        lua.push_pointer(shared);
        lua.push_closure(protector, 1);
        self.protector = lua.keep();
        let kind = self.kind;
        let reach = match kind {
            Kind::Scripts => Reach::Script,
            Kind::Functions => Reach::Function,
        };
        let (mut kept, mut numbers) = (Kept::default(), [c::LUA_NOREF; 3]);
        self.protect(&mut |lua| {
            kept = sandbox::build(lua, shared, settings, reach);
            lua.push_pointer(shared);
            lua.push_kept(kept.tostring);
            lua.push_closure(describe, 2);
            numbers[0] = lua.keep();
            lua.push_pointer(shared);
            lua.push_kept(kept.globals);
            lua.push_string(b"KEYS");
            lua.push_string(b"ARGV");
            for name in NAMES {
                lua.push_string(name);
            }
            let upvalues = FIRST_NAME - 1 + 7;
            match kind {
                Kind::Scripts => lua.push_closure(run_script, upvalues),
                Kind::Functions => lua.push_closure(run_function, upvalues),
            }
            numbers[1] = lua.keep();
            lua.push_pointer(shared);
            lua.push_closure(run_library, 1);
            numbers[2] = lua.keep();
        })
        .map_err(ScriptError::new)?;
        self.kept = kept;
        [self.handler, self.entry, self.load_entry] = numbers;
        watch(lua);
        Ok(())
    }

    /// Compiles text. The error is Lua's message, with the place in it.
    pub(crate) fn compile(&mut self, source: &[u8], name: &CStr) -> Result<Chunk, Vec<u8>> {
        let mut kept = None;
        self.protect(&mut |lua| {
            if guards::compile(lua, source, name) != Status::Ok {
                lua.raise_top();
            }
            kept = Some(lua.keep());
        })?;
        kept.map(Chunk).ok_or_else(|| b"not enough memory".to_vec())
    }

    #[expect(clippy::needless_pass_by_ref_mut, reason = "changes the Lua state, which is behind a pointer")]
    pub(crate) fn release(&mut self, chunk: &Chunk) {
        self.state().let_go(chunk.0);
    }

    /// Runs a chunk for a client. `name` is what messages call it. An error that it returns is an error of the run. On an error
    /// nothing has been written.
    pub(crate) fn run(
        &mut self,
        chunk: &Chunk,
        name: &[u8],
        input: &Input<'_>,
        host: &mut dyn Host,
        reply: &mut Reply<'_>,
    ) -> Result<(), ScriptError> {
        let mark = reply.mark();
        let mut done = self.start(self.entry, chunk, name, Some(*input), host, Some(&mut *reply));
        if let (Ok(()), Some(text)) = (&done, reply.written_since(mark).strip_prefix(b"-")) {
            let text = text.strip_suffix(b"\r\n").unwrap_or(text);
            done = Err(ScriptError::new(text).counted(self.shared.counted.get()));
        }
        if done.is_err() {
            reply.rewind(mark);
        }
        done
    }

    /// Runs the body of a library and returns what it registered; the body itself is released.
    pub(crate) fn load(&mut self, chunk: &Chunk, host: &mut dyn Host) -> Result<Draft, ScriptError> {
        *self.shared.draft.borrow_mut() = Some(Draft::default());
        self.switch_globals(self.kept.load_globals)?;
        let done = self.start(self.load_entry, chunk, b"", None, host, None);
        let draft = self.shared.draft.borrow_mut().take().unwrap_or_default();
        let back = self.switch_globals(self.kept.globals);
        self.release(chunk);
        if let Err(error) = done.and(back) {
            self.discard(&draft);
            return Err(error);
        }
        Ok(draft)
    }

    /// Lets go of functions that were registered in vain.
    #[expect(clippy::needless_pass_by_ref_mut, reason = "changes the Lua state, which is behind a pointer")]
    pub(crate) fn discard(&mut self, draft: &Draft) {
        for function in &draft.functions {
            self.state().let_go(function.kept);
        }
    }

    pub(crate) fn used_memory_bytes(&self) -> usize {
        self.lua.used_memory()
    }

    fn start(
        &mut self,
        entry: c_int,
        chunk: &Chunk,
        name: &[u8],
        input: Option<Input<'_>>,
        host: &mut dyn Host,
        reply: Option<&mut Reply<'_>>,
    ) -> Result<(), ScriptError> {
        let lua = self.state();
        let scratch = std::mem::take(&mut self.scratch);
        let base = stack_address();
        let mut run = Run { host, reply, input, name, protocol: Protocol::Resp2, scratch, panic: None, base };
        let top = lua.top();
        watch(lua);
        let status = self.shared.lend(&mut run, || {
            lua.push_kept(self.handler);
            lua.push_kept(entry);
            lua.push_kept(chunk.0);
            lua.protected_call(1, 0, top + 1)
        });
        let Run { mut scratch, panic, .. } = run;
        scratch.trim();
        self.scratch = scratch;
        let done = match status {
            Status::Ok => Ok(()),
            Status::Error => Err(ScriptError::new(message(lua)).counted(self.shared.counted.get())),
            Status::OutOfMemory => Err(ScriptError::new(out_of_memory(name))),
        };
        lua.set_top(top);
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
        if status == Status::OutOfMemory {
            // What the script held is garbage now; without this the next one would begin without memory.
            self.lua.gc_collect().map_err(failed)?;
        }
        done
    }

    fn switch_globals(&mut self, table: c_int) -> Result<(), ScriptError> {
        let switch = self.kept.switch;
        let switched = self.protect(&mut |lua| {
            lua.push_kept(switch);
            lua.push_kept(table);
            lua.set_raw_field(-2, b"__index");
        });
        switched.map_err(ScriptError::new)
    }

    /// Runs `body` where it may raise: the error is its message.
    #[expect(clippy::needless_pass_by_ref_mut, reason = "changes the Lua state, which is behind a pointer")]
    fn protect(&mut self, body: &mut dyn FnMut(State)) -> Result<(), Vec<u8>> {
        let lua = self.state();
        let top = lua.top();
        let mut body: &mut dyn FnMut(State) = body;
        lua.push_kept(self.protector);
        lua.push_pointer(ptr::from_mut(&mut body).cast());
        let done = match lua.protected_call(1, 0, 0) {
            Status::Ok => Ok(()),
            Status::Error | Status::OutOfMemory => Err(message(lua)),
        };
        lua.set_top(top);
        done
    }

    fn state(&self) -> State {
        // SAFETY: the state of `self.lua`, which lives as long as `self`; methods do not keep it.
        unsafe { State::new(self.lua.state()) }
    }
}

fn failed(error: mlua::Error) -> ScriptError {
    ScriptError::new(format!("ERR {error}"))
}

fn message(lua: State) -> Vec<u8> {
    lua.string(-1).unwrap_or(b"ERR unknown error").to_vec()
}

fn out_of_memory(name: &[u8]) -> Vec<u8> {
    let mut text = b"ERR not enough memory".to_vec();
    if !name.is_empty() {
        text.extend_from_slice(b" script: ");
        text.extend_from_slice(name);
    }
    text
}

/// Runs the closure that its argument points to.
fn protector(lua: State) -> c_int {
    let body = lua.pointer(1).cast::<&mut dyn FnMut(State)>();
    // SAFETY: `protect` passes the address of its own local, which outlives the call, and does not touch it meanwhile.
    let body = unsafe { &mut *body };
    body(lua);
    0
}

const GLOBALS: c_int = GUARDED;
const KEYS_NAME: c_int = c::lua_upvalueindex(3);
const ARGV_NAME: c_int = c::lua_upvalueindex(4);

/// Argument: the script. `KEYS` and `ARGV` are set past the refusal of the globals.
fn run_script(lua: State) -> c_int {
    if let Some(input) = lua.run().input {
        lua.copy(KEYS_NAME);
        push_list(lua, input.keys());
        lua.raw_set(GLOBALS);
        lua.copy(ARGV_NAME);
        push_list(lua, input.args());
        lua.raw_set(GLOBALS);
    }
    lua.call(0, 1);
    Writer::new(lua, lua.run()).write(0);
    0
}

/// Argument: the function, which takes keys and arguments.
fn run_function(lua: State) -> c_int {
    if let Some(input) = lua.run().input {
        push_list(lua, input.keys());
        push_list(lua, input.args());
        lua.call(2, 1);
        Writer::new(lua, lua.run()).write(0);
    }
    0
}

/// Argument: the body of a library.
fn run_library(lua: State) -> c_int {
    lua.call(0, 0);
    0
}

fn push_list<'a>(lua: State, list: impl ExactSizeIterator<Item = &'a [u8]>) {
    lua.push_table(list.len(), 0);
    for (index, bytes) in (1..).zip(list) {
        lua.push_string(bytes);
        lua.raw_set_at(-2, index);
    }
}

/// Turns an error into the line that the client gets: `ERR x script: NAME, on @user_script:1.`
fn describe(lua: State) -> c_int {
    lua.set_top(1);
    guards::simplify_object(lua);
    let mut counted = false;
    if lua.is_table(1) {
        lua.raw_field(1, b"ignore_error_stats_update");
        counted = lua.truth(-1);
        lua.raw_field(1, b"err");
        if !matches!(lua.kind(-1), c::LUA_TSTRING | c::LUA_TNUMBER) {
            lua.push_string(b"ERR unknown error");
        }
    } else {
        lua.push_string(b"ERR ");
        // Lua's own `tostring`, which asks `__tostring`: that can fail, and then the message is about that.
        lua.copy(GUARDED);
        lua.copy(1);
        lua.call(1, 1);
        lua.concat(2);
    }
    lua.shared().counted.set(counted);
    let name = lua.run().name;
    if name.is_empty() {
        return 1;
    }
    lua.push_string(b" script: ");
    lua.push_string(name);
    let place =
        (1..=MAX_NATIVE_LEVELS).map_while(|level| lua.place(level)).find(|place| !place.native && place.line > 0);
    let Some(place) = place else {
        lua.concat(3);
        return 1;
    };
    lua.push_string(b", on ");
    lua.push_string(place.source);
    lua.push_string(b":");
    lua.push_number(f64::from(place.line));
    lua.push_string(b".");
    lua.concat(8);
    1
}

/// How far up the place of an error is looked for.
const MAX_NATIVE_LEVELS: c_int = 16;
