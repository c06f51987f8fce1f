//! What native functions share with the interpreter that runs them: one block per interpreter, and one per run.
//!
//! A run borrows the server (`&mut dyn Host`) and the client's reply. The functions that scripts call are C functions that outlive
//! every run, so the borrow goes through a pointer that is set for the length of a run and null outside it. Closures made per run,
//! as mlua's scopes are, cost several allocations before a script's first instruction.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::ffi::c_int;
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{self, NonNull};

use mlua::ffi as c;
use resp::{Argv, Protocol, Reply, Span};

use super::state::{SHARED, State};
use crate::functions::Draft;
use crate::{Host, Input, Verdict};

/// Of one interpreter, at an address that does not change: native functions hold a pointer to it as their first upvalue.
#[derive(Default)]
pub(super) struct Shared {
    run: Cell<Option<NonNull<Run<'static, 'static>>>>,
    /// The checkpoint said Kill: from now on every instruction raises.
    pub(super) killed: Cell<bool>,
    /// The error that ends the run was counted by the command that gave it.
    pub(super) counted: Cell<bool>,
    /// The state of `math.random`, which lasts from script to script.
    pub(super) random: Cell<u64>,
    /// What `redis.register_function` has registered in the load that runs.
    pub(super) draft: RefCell<Option<Draft>>,
    /// Coroutines made so far, to ask the checkpoint every so many.
    pub(super) coroutines: Cell<u32>,
    /// Steps of pattern matching since the checkpoint was last asked for them.
    pub(super) pattern_steps: Cell<u32>,
    /// Steps of other library functions since then.
    pub(super) library_steps: Cell<u32>,
    /// Numbers of two tables that the registry keeps: stand-in -> readonly table, and stand-in -> what `getmetatable` says of it.
    pub(super) stand_ins: Cell<c_int>,
    pub(super) shown_metatables: Cell<c_int>,
}

/// One run of a script or function, or of a library's body while it is loaded.
pub(super) struct Run<'a, 'r> {
    pub(super) host: &'a mut dyn Host,
    /// Where the result goes; none while a library is loaded.
    pub(super) reply: Option<&'a mut Reply<'r>>,
    pub(super) input: Option<Input<'a>>,
    /// SHA1 of the script or name of the function, for messages.
    pub(super) name: &'a [u8],
    /// What `redis.setresp` chose.
    pub(super) protocol: Protocol,
    pub(super) scratch: Scratch,
    /// A panic of the host, which goes on when Lua's frames are gone.
    pub(super) panic: Option<Box<dyn Any + Send>>,
    /// An address in the frame that began the run, to tell how deep the machine's stack has become.
    pub(super) base: usize,
}

/// Buffers of `redis.call`, kept from run to run.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    pub(super) args: Vec<u8>,
    pub(super) spans: Vec<Span>,
    pub(super) answer: Vec<u8>,
}

impl Scratch {
    const KEPT_BYTES: usize = 64 << 10;

    /// Gives back what one large command made of the buffers.
    pub(super) fn trim(&mut self) {
        self.args.clear();
        self.args.shrink_to(Self::KEPT_BYTES);
        self.spans.clear();
        self.spans.shrink_to(Self::KEPT_BYTES / size_of::<Span>());
        self.answer.clear();
        self.answer.shrink_to(Self::KEPT_BYTES);
    }
}

impl Shared {
    /// The key under which the registry holds the pointer to `Shared`, for hooks, which have no upvalues.
    pub(super) fn key() -> *mut std::ffi::c_void {
        static KEY: u8 = 0;
        ptr::from_ref(&KEY).cast_mut().cast()
    }

    /// Lends `run` to the native functions called by `body`.
    pub(super) fn lend<R>(&self, run: &mut Run<'_, '_>, body: impl FnOnce() -> R) -> R {
        self.killed.set(false);
        self.counted.set(false);
        let lent = ptr::from_mut(run).cast::<Run<'static, 'static>>();
        let before = self.run.replace(NonNull::new(lent));
        debug_assert!(before.is_none(), "one run at a time");
        // `body` is a protected call of Lua, which never raises; natives catch the host's panics.
        let result = body();
        self.run.set(None);
        result
    }
}

impl State {
    /// The interpreter's block, for a native function.
    pub(super) fn shared<'a>(self) -> &'a Shared {
        // SAFETY: the first upvalue of every native function here is the pointer to its interpreter's `Shared`, which lives
        // until after the Lua state is closed.
        unsafe { &*self.pointer(SHARED).cast::<Shared>() }
    }

    /// The interpreter's block, for a hook.
    fn shared_of_hook<'a>(self) -> &'a Shared {
        self.push_pointer(Shared::key());
        self.raw_get(c::LUA_REGISTRYINDEX);
        let shared = self.pointer(-1).cast::<Shared>();
        self.pop(1);
        // SAFETY: the registry holds this pointer from before the hook is set, and what it points to lives until after the Lua
        // state is closed.
        unsafe { &*shared }
    }

    /// The run that a native function belongs to. Each function takes it once and lets go of it before it calls Lua again.
    pub(super) fn run<'a>(self) -> &'a mut Run<'a, 'a> {
        self.run_of(self.shared())
    }

    fn run_of<'a>(self, shared: &Shared) -> &'a mut Run<'a, 'a> {
        match shared.run.get() {
            // SAFETY: set by `lend`, whose caller's `Run` is borrowed exclusively until Lua has returned. One native function at
            // a time holds it, because none calls into Lua while it does, so this is the only reference. `Run` is used with
            // shorter lifetimes than it has: nothing is stored in it but buffers and owned values.
            Some(run) => unsafe { &mut *run.as_ptr().cast::<Run<'a, 'a>>() },
            None => self.raise(b"ERR no script is running"),
        }
    }
}

impl Run<'_, '_> {
    /// Runs the gathered command. `false` when the host panicked.
    pub(super) fn call_host(&mut self) -> bool {
        let Scratch { args, spans, answer } = &mut self.scratch;
        answer.clear();
        let (host, protocol) = (&mut *self.host, self.protocol);
        let called = catch_unwind(AssertUnwindSafe(|| host.call(Argv::new(args, spans), protocol, answer)));
        self.note_panic(called).is_some()
    }

    /// Does something else with the host; `None` when it panicked.
    pub(super) fn with_host<R>(&mut self, body: impl FnOnce(&mut dyn Host, &Scratch) -> R) -> Option<R> {
        let (host, scratch) = (&mut *self.host, &self.scratch);
        let done = catch_unwind(AssertUnwindSafe(|| body(host, scratch)));
        self.note_panic(done)
    }

    fn note_panic<R>(&mut self, done: Result<R, Box<dyn Any + Send>>) -> Option<R> {
        done.map_err(|panic| self.panic = Some(panic)).ok()
    }

    /// How many bytes of the machine's stack lie between the run's beginning and the caller.
    pub(super) fn stack_depth_bytes(&self) -> usize {
        self.base.abs_diff(stack_address())
    }
}

/// An address in the current frame.
#[inline(never)]
pub(super) fn stack_address() -> usize {
    let here = 0_u8;
    black_box(&raw const here).addr()
}

/// Instructions between two checkpoints: some ten microseconds, if they are what instructions usually are.
const CHECKPOINT_INSTRUCTIONS: c_int = 2000;
/// Where a run begins, and where one does whose instructions take long. From there it doubles.
const FIRST_INSTRUCTIONS: c_int = 64;
const FEWEST_INSTRUCTIONS: c_int = 8;

/// Sets the hook of a Lua thread; threads that it starts inherit it.
pub(super) fn watch(lua: State) {
    lua.set_hook(checkpoint, FIRST_INSTRUCTIONS);
}

/// Asks the host whether to go on. A script that is killed meets the hook at every single instruction from then on, in whichever
/// thread of it, so that the body of every `pcall` and every error handler dies as soon as it begins.
unsafe extern "C-unwind" fn checkpoint(raw: *mut c::lua_State, _record: *mut c::lua_Debug) {
    // SAFETY: the state that Lua calls the hook with lives while the hook runs.
    let lua = unsafe { State::new(raw) };
    let shared = lua.shared_of_hook();
    if !shared.killed.get() {
        let run = lua.run_of(shared);
        let count = lua.hook_count();
        match run.with_host(|host, _| host.checkpoint()) {
            Some(Verdict::GoOn) if count == CHECKPOINT_INSTRUCTIONS => return,
            Some(Verdict::GoOn) => {
                let count = (2 * count.max(FEWEST_INSTRUCTIONS)).min(CHECKPOINT_INSTRUCTIONS);
                return lua.set_hook(checkpoint, count);
            }
            Some(Verdict::AskSooner) => return lua.set_hook(checkpoint, FEWEST_INSTRUCTIONS),
            Some(Verdict::Kill) | None => shared.killed.set(true),
        }
    }
    lua.set_hook(checkpoint, 1);
    let loading = lua.run_of(shared).reply.is_none();
    lua.raise(if loading { b"FUNCTION LOAD timeout" } else { KILLED });
}

const KILLED: &[u8] = b"Script killed by user with SCRIPT KILL...";

/// Ends the script from a native function that has asked the checkpoint itself.
pub(super) fn kill(lua: State) -> ! {
    lua.shared().killed.set(true);
    lua.set_hook(checkpoint, 1);
    lua.raise(KILLED);
}

/// Counts steps of a library function that may go on for long, each some nanoseconds, and looks at the checkpoint every so many.
pub(super) fn breathe(lua: State, steps: u32) {
    const STEPS_PER_CHECKPOINT: u32 = 16_384;
    let counter = &lua.shared().library_steps;
    let sum = counter.get().saturating_add(steps);
    if sum < STEPS_PER_CHECKPOINT {
        counter.set(sum);
        return;
    }
    counter.set(0);
    match lua.run().with_host(|host, _| host.checkpoint()) {
        Some(Verdict::GoOn | Verdict::AskSooner) => {}
        Some(Verdict::Kill) => kill(lua),
        None => die(lua),
    }
}

/// Asks the checkpoint from a function of a library, whose upvalues are its own. Where libraries run by themselves there is nobody to
/// ask.
pub(super) fn ask_in_library(lua: State) {
    if !lua.has_room(2) {
        return;
    }
    lua.push_pointer(Shared::key());
    lua.raw_get(c::LUA_REGISTRYINDEX);
    let is_kept = !lua.is_nil(-1);
    lua.pop(1);
    if !is_kept {
        return;
    }
    let shared = lua.shared_of_hook();
    let run = lua.run_of(shared);
    match run.with_host(|host, _| host.checkpoint()) {
        Some(Verdict::GoOn | Verdict::AskSooner) => return,
        Some(Verdict::Kill) | None => shared.killed.set(true),
    }
    lua.set_hook(checkpoint, 1);
    lua.raise(KILLED);
}

/// Ends the script after its host panicked: nothing of it runs any more.
pub(super) fn die(lua: State) -> ! {
    lua.shared().killed.set(true);
    lua.set_hook(checkpoint, 1);
    lua.raise(b"the server failed inside the script");
}
