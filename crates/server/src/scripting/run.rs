//! One run of a script or function, from the client's command to its reply.

use command_api::{CommandError, CommandResult, Flow, Reply, Targets};
use keyspace::{Access, Changes};
use resp::Protocol;
use script::{Flags, Input, ScriptError};
use stdx::UnixMs;

use super::busy::{Kind, LongRun};
use super::undo::Undo;
use super::{eval, fcall};
use crate::LogLevel;
use crate::dispatch::Call;
use crate::eviction::OUT_OF_MEMORY;
use crate::node::{Live, Node};
use crate::session::Client;
use crate::worker::Worker;

/// Between two looks at the other connections of the lane, once the script is known to be long.
const SERVE_EVERY_NS: u64 = 1_000_000;
/// A script that asks less often than this is to ask sooner.
const LONG_SILENCE_NS: u64 = 4_000_000;

const NOT_READ_ONLY: CommandError =
    CommandError::other("ERR Can not execute a script with write flag using *_ro command.");

/// What ended a run early: the server's word or the script's.
#[derive(Debug)]
pub(super) enum Failure {
    Command(CommandError),
    Script(ScriptError),
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        Self::Command(error)
    }
}

impl From<ScriptError> for Failure {
    fn from(error: ScriptError) -> Self {
        Self::Script(error)
    }
}

/// A script that runs: what its inner commands need, and what they have done.
pub(super) struct Run<'r, 'a> {
    pub(super) worker: &'r mut Worker,
    pub(super) access: Access<'a>,
    pub(super) node: &'r Node,
    pub(super) live: &'r Live,
    pub(super) client: &'r mut Client,
    /// The client's command.
    pub(super) call: Call<'r>,
    pub(super) now: UnixMs,
    pub(super) changes: Changes,
    /// It may not write.
    pub(super) read_only: bool,
    /// It may write when memory is over its limit.
    pub(super) allows_oom: bool,
    pub(super) has_written: bool,
    /// The copies to undo its writes with, if that is wanted.
    pub(super) undo: Option<Undo>,
    /// The last error of an inner command, which is counted already.
    pub(super) inner_error: Vec<u8>,
    /// What FUNCTION STATS calls it.
    pub(super) name: Vec<u8>,
    started_ns: u64,
    /// When it last asked whether it goes on.
    asked_ns: u64,
    /// Since when it is known to be long, and when others were last served.
    served_ns: Option<u64>,
    killed: bool,
    /// What was to be propagated before it began: a transaction's first part.
    unit_mark: usize,
}

/// What of the client a script may turn for its own time.
struct Kept {
    db: usize,
    protocol: Protocol,
    in_exec: bool,
}

impl Worker {
    /// Runs what EVAL, FCALL and their kin name, on a keyspace that is all its own.
    #[expect(clippy::too_many_arguments, reason = "see `execute`")]
    pub(crate) fn run_script(
        &mut self,
        access: Access<'_>,
        node: &Node,
        live: &Live,
        client: Option<&mut Client>,
        call: Call<'_>,
        now: UnixMs,
        reply: &mut Reply<'_>,
    ) -> (CommandResult, Changes) {
        let Some(client) = client else { return (Err(CommandError::Syntax), Changes::default()) };
        if node.monitors.is_on() {
            node.show_script_to_monitors(client, call.entry, call.argv);
        }
        let kept = Kept { db: client.db, protocol: client.protocol, in_exec: client.in_exec };
        let start_ns = self.command_start_ns;
        // What an inner command would wait for, it does not get.
        client.in_exec = true;
        client.script_time_us = Some(node.host.unix_us());
        let undo = live.settings.general.script_kill_rollback.then(Undo::default);
        let unit_mark = self.unit.mark();
        let mut run = Run {
            worker: self,
            access,
            node,
            live,
            client: &mut *client,
            call,
            now,
            changes: Changes::default(),
            read_only: false,
            allows_oom: false,
            has_written: false,
            undo,
            inner_error: Vec::new(),
            name: Vec::new(),
            started_ns: start_ns,
            asked_ns: start_ns,
            served_ns: None,
            killed: false,
            unit_mark,
        };
        let mark = reply.mark();
        let result = if is_function(call) { fcall::run(&mut run, reply) } else { eval::run(&mut run, reply) };
        if let Some(text) = reply.written_since(mark).strip_prefix(b"-") {
            run.count_returned_error(text);
        }
        let changes = run.end();
        self.unit.allowed = Targets::ALL;
        client.db = kept.db;
        client.protocol = kept.protocol;
        client.in_exec = kept.in_exec;
        client.script_time_us = None;
        self.command_start_ns = start_ns;
        let result = result.map(|()| Flow::Done).map_err(|failure| match failure {
            Failure::Command(error) => error,
            Failure::Script(error) => {
                let text = error.to_string();
                self.script_error = Some(error);
                CommandError::Other(text.into())
            }
        });
        (result, changes)
    }
}

fn is_function(call: Call<'_>) -> bool {
    matches!(call.entry.full_name, "fcall" | "fcall_ro")
}

impl<'r> Run<'r, '_> {
    /// Whether the client's command is of the kind that never writes.
    fn is_ro_command(&self) -> bool {
        matches!(self.call.entry.full_name, "eval_ro" | "evalsha_ro" | "fcall_ro")
    }

    /// Holds what the script says of itself against the command and the server's state. `None`: it says nothing, and is held to the
    /// older, laxer rules.
    pub(super) fn admit(&mut self, flags: Option<Flags>) -> Result<(), CommandError> {
        let Some(flags) = flags else {
            self.read_only = self.is_ro_command();
            return Ok(());
        };
        let never_writes = flags.has(Flags::NO_WRITES);
        if self.is_ro_command() && !never_writes {
            return Err(NOT_READ_ONLY);
        }
        self.read_only = never_writes;
        self.allows_oom = never_writes || flags.has(Flags::ALLOW_OOM);
        if !self.allows_oom && self.worker.has_no_room(self.live) {
            return Err(OUT_OF_MEMORY);
        }
        Ok(())
    }

    /// Keys and arguments, with the number of keys at `argv[2]`; `not_a_number` is the command's word for one that is none.
    pub(super) fn input(&self, not_a_number: CommandError) -> Result<Input<'r>, CommandError> {
        let argv = self.call.argv;
        let count = argv.get(2).and_then(stdx::num::parse_i64).ok_or(not_a_number)?;
        if count > i64::try_from(argv.len() - 3).unwrap_or(i64::MAX) {
            return Err(CommandError::other("ERR Number of keys can't be greater than number of args"));
        }
        let num_keys =
            usize::try_from(count).map_err(|_| CommandError::other("ERR Number of keys can't be negative"))?;
        Ok(Input { argv, first_key: 3, num_keys })
    }

    /// Looks at the clock, lets the others be served if it has been long, and tells whether the script goes on.
    pub(super) fn checkpoint(&mut self) -> script::Verdict {
        let threshold_ms = self.live.settings.general.busy_reply_threshold_ms;
        let now_ns = self.node.host.monotonic_ns();
        let elapsed_ns = now_ns.saturating_sub(self.started_ns);
        match self.served_ns {
            None if threshold_ms == 0 || elapsed_ns / 1_000_000 < threshold_ms => {}
            None => {
                self.announce(elapsed_ns / 1_000_000);
                self.serve_others(now_ns);
            }
            Some(served_ns) if now_ns.saturating_sub(served_ns) >= SERVE_EVERY_NS => self.serve_others(now_ns),
            Some(_) => {}
        }
        if self.is_to_end() {
            return script::Verdict::Kill;
        }
        let waited_ns = now_ns.saturating_sub(std::mem::replace(&mut self.asked_ns, now_ns));
        if waited_ns > LONG_SILENCE_NS { script::Verdict::AskSooner } else { script::Verdict::GoOn }
    }

    /// From now on the others know that it takes long.
    fn announce(&self, elapsed_ms: u64) {
        let kind = if is_function(self.call) { Kind::Function } else { Kind::Script };
        let run = LongRun {
            kind,
            name: self.name.clone(),
            command: self.call.argv.iter().map(<[u8]>::to_vec).collect(),
            started_ns: self.started_ns,
        };
        let cannot_undo = self.has_written && self.undo.as_ref().is_none_or(Undo::is_incomplete);
        self.node.scripting.busy.begin(run, cannot_undo);
        self.access.announce_busy();
        let word = if kind == Kind::Function { "FUNCTION KILL" } else { "SCRIPT KILL" };
        let line = format!(
            "Slow script detected: still in execution after {elapsed_ms} milliseconds. You can try killing the script using \
             the {word} command. Script name is: {}.",
            String::from_utf8_lossy(&self.name)
        );
        self.node.host.log(LogLevel::Warning, &line);
    }

    fn serve_others(&mut self, now_ns: u64) {
        self.served_ns = Some(now_ns);
        if let Some(mut others) = self.worker.bystanders.take() {
            others.serve(self.worker);
            self.worker.bystanders = Some(others);
        }
    }

    fn is_to_end(&mut self) -> bool {
        let host = &self.node.host;
        let asked = self.served_ns.is_some() && self.node.scripting.busy.is_to_end();
        // A process that is to end does not wait for a script. One that has written goes on if what it wrote may yet be saved.
        let stops = host.is_stopping() && (!self.has_written || self.node.persistence.is_final());
        self.killed |= asked || stops;
        self.killed
    }

    /// Notes that a command is about to write.
    pub(super) fn note_write(&mut self) {
        self.has_written = true;
        if self.served_ns.is_some() && self.undo.as_ref().is_none_or(Undo::is_incomplete) {
            self.node.scripting.busy.note_write();
        }
    }

    /// The script ended well, and its answer is an error.
    fn count_returned_error(&self, text: &[u8]) {
        let lane = self.worker.lane;
        self.node.stats.lanes[lane].commands[self.call.entry.id].failed.add(1);
        let text = text.strip_suffix(b"\r\n").unwrap_or(text);
        if text != self.inner_error {
            self.node.stats.count_error(lane, &String::from_utf8_lossy(text));
        }
    }

    /// What all of it changed: nothing, if it was killed and its writes are undone.
    fn end(mut self) -> Changes {
        if self.served_ns.is_some() {
            self.node.scripting.busy.end();
        }
        if self.killed
            && let Some(undo) = self.undo.take()
        {
            if !undo.is_incomplete() {
                self.worker.unit.undo_since(self.unit_mark);
            }
            undo.apply(&mut self.access, self.live, self.now, &mut self.changes);
        }
        self.changes
    }
}
