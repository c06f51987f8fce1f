//! A script that runs for long: who is told, and who may end it.

use std::fmt;
use std::sync::atomic::{
    AtomicBool,
    Ordering::{AcqRel, Acquire, Release},
};

use command_api::CommandError;
use parking_lot::Mutex;

use crate::node::Node;
use crate::session::Client;
use crate::table::Entry;
use crate::worker::Worker;

/// The other connections of a lane, while one of them runs a script for long.
pub trait Bystanders: fmt::Debug {
    /// Serves whatever they sent, by [`Worker::run_beside`], without waiting for more.
    fn serve(&mut self, worker: &mut Worker);
}

/// What a client called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Script,
    Function,
}

/// A script or function that runs for long.
#[derive(Clone, Debug)]
pub(crate) struct LongRun {
    pub(crate) kind: Kind,
    /// The function's name, or the script's SHA1.
    pub(crate) name: Vec<u8>,
    /// The client's words.
    pub(crate) command: Vec<Vec<u8>>,
    pub(crate) started_ns: u64,
}

/// The one that runs for long, if any.
#[derive(Debug, Default)]
pub(crate) struct BusyState {
    run: Mutex<Option<LongRun>>,
    /// It is to end.
    kill: AtomicBool,
    /// It has written, and that cannot be undone.
    has_written: AtomicBool,
}

const SCRIPT_RUNS: &str = "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.";
const FUNCTION_RUNS: &str = "BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.";
const ABORTED_BY_SCRIPT: &str = "EXECABORT Transaction discarded because of: BUSY Redis is busy running a script. You can only \
    call SCRIPT KILL or SHUTDOWN NOSAVE.";
const ABORTED_BY_FUNCTION: &str = "EXECABORT Transaction discarded because of: BUSY Redis is busy running a script. You can only \
    call FUNCTION KILL or SHUTDOWN NOSAVE.";

const NOT_BUSY: CommandError = CommandError::other("NOTBUSY No scripts in execution right now.");
const UNKILLABLE: CommandError = CommandError::other(
    "UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the script \
     termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.",
);

impl BusyState {
    pub(super) fn begin(&self, run: LongRun, has_written: bool) {
        self.kill.store(false, Release);
        self.has_written.store(has_written, Release);
        *self.run.lock() = Some(run);
    }

    pub(super) fn end(&self) {
        *self.run.lock() = None;
        self.kill.store(false, Release);
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.run.lock().is_some()
    }

    pub(super) fn run(&self) -> Option<LongRun> {
        self.run.lock().clone()
    }

    pub(super) fn note_write(&self) {
        self.has_written.store(true, Release);
    }

    pub(super) fn is_to_end(&self) -> bool {
        self.kill.load(Acquire)
    }

    /// SCRIPT KILL and FUNCTION KILL: either ends whatever runs. (In Redis each refuses the other's.)
    pub(super) fn kill(&self) -> Result<(), CommandError> {
        let run = self.run.lock();
        if run.is_none() {
            return Err(NOT_BUSY);
        }
        if self.has_written.load(Acquire) {
            return Err(UNKILLABLE);
        }
        self.kill.swap(true, AcqRel);
        drop(run);
        Ok(())
    }

    /// What anybody is told meanwhile.
    pub(crate) fn error(&self) -> CommandError {
        CommandError::other(if self.runs_function() { FUNCTION_RUNS } else { SCRIPT_RUNS })
    }

    /// What EXEC is told: its transaction is gone.
    pub(crate) fn aborted(&self) -> CommandError {
        CommandError::other(if self.runs_function() { ABORTED_BY_FUNCTION } else { ABORTED_BY_SCRIPT })
    }

    fn runs_function(&self) -> bool {
        self.run.lock().as_ref().is_some_and(|run| run.kind == Kind::Function)
    }
}

impl Node {
    /// Why a command is not run now. EXEC loses its transaction.
    pub(crate) fn refuse_busy(&self, client: &mut Client, entry: &Entry) -> CommandError {
        if !entry.runs_queued() {
            return self.scripting.busy.error();
        }
        client.transaction = None;
        client.watch.clear(self);
        self.scripting.busy.aborted()
    }
}
