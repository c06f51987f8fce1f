//! The commands that a script calls: which may run, and how.

use command_api::{CommandError, Flags, Flow, Reply, Targets};
use resp::{Argv, Protocol};
use script::{Host, LogLevel as ScriptLogLevel, Verdict};

use super::run::Run;
use crate::dispatch::{Call, resolve};
use crate::eviction::OUT_OF_MEMORY;
use crate::host::LogLevel;
use crate::table::Entry;
use crate::transaction::append;

const UNKNOWN: CommandError = CommandError::other("ERR Unknown Redis command called from script");
const WRONG_ARITY: CommandError = CommandError::other("ERR Wrong number of args calling Redis command from script");
const NOT_ALLOWED: CommandError = CommandError::other("ERR This Redis command is not allowed from script");
const READ_ONLY: CommandError = CommandError::other("ERR Write commands are not allowed from read-only scripts.");

impl Host for Run<'_, '_> {
    fn call(&mut self, argv: Argv<'_>, protocol: Protocol, reply: &mut Vec<u8>) {
        let mut reply = Reply::new(reply, protocol);
        let mark = reply.mark();
        self.client.protocol = protocol;
        let result = self.find(argv).and_then(|entry| self.call_inner(entry, argv, &mut reply));
        if let Err(error) = result {
            let text = error.to_string();
            self.node.stats.count_error(self.worker.lane, &text);
            reply.rewind(mark);
            reply.error(&text);
            self.inner_error = text.into_bytes();
        }
    }

    fn may_call(&mut self, argv: Argv<'_>) -> Result<bool, String> {
        let entry = self.find(argv).map_err(|error| error.to_string())?;
        Ok(self.client.may_call(entry, argv, self.client.db, &mut self.worker.key_positions))
    }

    fn log(&mut self, level: ScriptLogLevel, message: &[u8]) {
        self.node.host.log(log_level(level), &String::from_utf8_lossy(message));
    }

    fn set_propagation(&mut self, to_aof: bool, to_replicas: bool) {
        let aof = if to_aof { Targets::AOF } else { Targets::NONE };
        let replicas = if to_replicas { Targets::REPLICAS } else { Targets::NONE };
        self.worker.unit.allowed = aof.union(replicas);
    }

    fn checkpoint(&mut self) -> Verdict {
        Run::checkpoint(self)
    }
}

pub(super) const fn log_level(level: ScriptLogLevel) -> LogLevel {
    match level {
        ScriptLogLevel::Debug => LogLevel::Debug,
        ScriptLogLevel::Verbose => LogLevel::Verbose,
        ScriptLogLevel::Notice => LogLevel::Notice,
        ScriptLogLevel::Warning => LogLevel::Warning,
    }
}

impl Run<'_, '_> {
    /// The command that is called, with as many arguments as it takes.
    fn find(&self, argv: Argv<'_>) -> Result<&'static Entry, CommandError> {
        let entry = self.node.names.find(argv.get(0).unwrap_or_default()).ok_or(UNKNOWN)?;
        let entry =
            if entry.is_container() && argv.len() < 2 { entry } else { resolve(entry, argv).map_err(|_| UNKNOWN)? };
        if !entry.accepts(argv.len()) || entry.is_container() {
            self.count_refusal(entry);
            return Err(WRONG_ARITY);
        }
        Ok(entry)
    }

    fn count_refusal(&self, entry: &Entry) {
        self.node.stats.lanes[self.worker.lane].commands[entry.id].rejected.add(1);
    }

    /// Whether the script may call it now.
    fn admit_inner(&mut self, entry: &'static Entry, argv: Argv<'_>) -> Result<(), CommandError> {
        if entry.flags.contains(Flags::NOSCRIPT) {
            return Err(NOT_ALLOWED);
        }
        if !self.client.standing.passes(self.node.acl.version()) {
            let db = self.client.db;
            self.client.check_acl_in_script(self.node, entry, argv, db, &mut self.worker.key_positions)?;
        }
        let writes = entry.flags.contains(Flags::WRITE) || entry.flags.contains(Flags::MAY_REPLICATE);
        if self.read_only && writes {
            return Err(READ_ONLY);
        }
        // One that has written may end what it began.
        let needs_memory = entry.flags.contains(Flags::DENYOOM) && !self.has_written && !self.allows_oom;
        if needs_memory && self.worker.has_no_room(self.live) {
            return Err(OUT_OF_MEMORY);
        }
        Ok(())
    }

    fn call_inner(&mut self, entry: &'static Entry, argv: Argv<'_>, reply: &mut Reply<'_>) -> Result<(), CommandError> {
        if let Err(error) = self.admit_inner(entry, argv) {
            self.count_refusal(entry);
            return Err(error);
        }
        if entry.flags.contains(Flags::WRITE) {
            if let Some(undo) = &mut self.undo {
                undo.keep(&mut self.access, self.node, self.live, self.now, entry, argv, self.client.db);
            }
            self.note_write();
        }
        let (node, live) = (self.node, self.live);
        let call = Call {
            entry,
            argv,
            hashed: (0, 0),
            db: self.client.db,
            touches: self.call.touches,
            reader: self.client.reader(),
            caller: self.client.caller(node, entry, argv, &mut self.worker.key_positions),
        };
        let mark = reply.mark();
        let access = self.access.lend();
        let (result, changes) = self.worker.invoke(access, node, live, Some(self.client), call, self.now, reply);
        append(&mut self.changes, changes);
        if result == Ok(Flow::Block) {
            crate::waiting::answer_at_once(self.worker.block.on_timeout, reply);
        }
        let result = result.map(|_| Flow::Done);
        let reply_bytes = reply.written_since(mark).len();
        self.worker.note_inner_run(node, live, self.client, entry, argv, &result, reply_bytes);
        result.map(drop)
    }
}
