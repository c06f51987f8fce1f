//! The life of one command: look up, check, lock, run, tell.
//!
//! Every refusal leaves the reply buffer as it was before an error line is written, and nothing changed. What a command did is
//! applied in one place ([`Node::apply_changes`]), after it returned without an error.

use std::borrow::Cow;
use std::sync::atomic::Ordering::Relaxed;

use command_api::{
    Args, Block, Caller, CommandError, CommandResult, Context, Flags, Flow, Interest, KeyPosition, Reply, Scope,
};
use keyspace::{Access, Busy, Changes, Db, KeyEvent, Mode, Turn};
use resp::{Argv, Protocol};
use stdx::UnixMs;

use crate::ServerContext;
use crate::keys::NamedKey;
use crate::node::{Live, Node};
use crate::propagation::Shape;
use crate::session::{Client, Replies};
use crate::table::{CommandTable, Entry, Spec};
use crate::worker::{Plan, Worker};

/// How much of a client's words an error repeats.
const QUOTED_BYTES: usize = 128;

/// A command about to run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) entry: &'static Entry,
    pub(crate) argv: Argv<'a>,
    /// Index of the first key among the arguments and its hash; index 0 for none.
    pub(crate) hashed: (usize, u64),
    pub(crate) db: usize,
    /// Whether its reading counts as a use.
    pub(crate) touches: bool,
    /// The client to tell when a key that it reads changes; 0 for none.
    pub(crate) reader: u64,
    pub(crate) caller: Caller,
}

impl Worker {
    /// Executes one command and appends its reply to `output`. Without a turn, while a script keeps everybody out, only what needs no
    /// keys is executed.
    #[expect(clippy::too_many_arguments, reason = "the batch is split into its borrowed parts by the one caller")]
    pub(crate) fn execute(
        &mut self,
        mut turn: Option<&mut Turn<'_>>,
        node: &Node,
        live: &Live,
        client: &mut Client,
        plan: Plan,
        argv: Argv<'_>,
        now: UnixMs,
        output: &mut Vec<u8>,
    ) {
        if plan.entry.is_none() && is_web_request(argv) {
            client.closing = true;
            node.warn_of_web_request(client, now);
            return;
        }
        let mut reply = Reply::new(output, client.protocol);
        let mark = reply.mark();
        client.replies = match client.replies {
            Replies::SkipNext => Replies::Skip,
            Replies::Skip => Replies::On,
            replies @ (Replies::On | Replies::Off) => replies,
        };
        let lane = self.lane;
        let resolved = plan.entry.ok_or_else(|| unknown_command(argv)).and_then(|entry| resolve(entry, argv));
        let counters = resolved.as_ref().ok().map(|entry| &node.stats.lanes[lane].commands[entry.id]);
        let allowed =
            resolved.and_then(|entry| admit(entry, argv, node, client, &mut self.key_positions).map(|()| entry));
        let allowed = allowed.and_then(|entry| {
            let may_run = turn.is_some() || entry.flags.contains(Flags::ALLOW_BUSY);
            if may_run { Ok(entry) } else { Err(node.refuse_busy(client, entry)) }
        });
        let mut ran = false;
        let allowed = match (allowed, &mut turn) {
            (Ok(entry), Some(turn))
                if live.settings.memory.maxmemory_bytes > 0 && !client.from_primary && self.looks_at_memory(entry) =>
            {
                self.admit_by_memory(turn, node, live, client, entry, now).map(|()| entry)
            }
            (other, _) => other,
        };
        let allowed_entry = allowed.as_ref().ok().copied();
        if let Some(entry) = allowed_entry {
            client.last_command = entry.id + 1;
        }
        let result = match allowed {
            Ok(entry) if client.queues(entry) => client.queue(entry, argv, &mut reply),
            Ok(entry) => {
                let result = self.call(turn, node, live, client, entry, plan, argv, now, &mut reply);
                self.note_run(node, live, client, entry, argv, &result, reply.written_since(mark).len());
                ran = true;
                result
            }
            Err(error) => Err(client.spoil_transaction(node, plan.entry, error)),
        };
        if !ran {
            self.command_start_ns = node.host.monotonic_ns();
            if let (Some(counters), true) = (counters, result.is_err()) {
                counters.rejected.add(1);
            }
        }
        node.stats.lanes[lane].commands_processed.add(1);
        client.commands += 1;
        if let Err(error) = result {
            reply.rewind(mark);
            self.answer_error(node, &error, &mut reply);
        }
        client.end_caching(allowed_entry);
        if client.replies != Replies::On {
            reply.rewind(mark);
        }
    }

    /// Locks what the command declared, runs it, and applies what it did.
    #[expect(clippy::too_many_arguments, reason = "see `execute`")]
    fn call(
        &mut self,
        turn: Option<&mut Turn<'_>>,
        node: &Node,
        live: &Live,
        client: &mut Client,
        entry: &'static Entry,
        plan: Plan,
        argv: Argv<'_>,
        now: UnixMs,
        reply: &mut Reply<'_>,
    ) -> CommandResult {
        let caller = client.caller(node, entry, argv, &mut self.key_positions);
        let mut access = match turn {
            Some(turn) if entry.runs_queued() => return self.exec(turn, node, live, client, now, reply),
            Some(turn) => match self.lock(turn, node, entry, plan, argv) {
                Ok(access) => access,
                Err(Busy) => return Err(node.refuse_busy(client, entry)),
            },
            None => node.keyspace.access_nothing(),
        };
        let call = Call {
            entry,
            argv,
            hashed: plan.hashed,
            db: client.db,
            touches: !client.no_touch,
            reader: client.reader(),
            caller,
        };
        let (result, changes) = self.invoke(access.lend(), node, live, Some(client), call, now, reply);
        let result = match result {
            Ok(Flow::Block) => self.begin_wait(node, client, entry, argv),
            other @ (Ok(Flow::Done) | Err(_)) => other,
        };
        self.settle(&mut access, node, live, now, changes, client.id);
        result
    }

    /// Runs a handler on what is locked. A server command needs its client.
    #[expect(clippy::too_many_arguments, reason = "see `execute`")]
    pub(crate) fn invoke(
        &mut self,
        access: Access<'_>,
        node: &Node,
        live: &Live,
        client: Option<&mut Client>,
        call: Call<'_>,
        now: UnixMs,
        reply: &mut Reply<'_>,
    ) -> (CommandResult, Changes) {
        let entry = call.entry;
        if entry.scope(call.argv) == Scope::Script {
            return self.run_script(access, node, live, client, call, now, reply);
        }
        let mut db = Db::new(access, call.db, now, live.clock(now), call.touches, self.rng.u32(..));
        if !node.waiters.is_empty() || !node.watchers.is_empty() || node.tracking.is_on() {
            db.record_touched();
        }
        let imports = |client: &&mut Client| client.info.imports.load(Relaxed);
        if call.caller.trusted || live.settings.clients.import_mode && client.as_ref().is_some_and(imports) {
            db.see_expired();
        }
        let interest = Interest { propagation: node.propagation.is_on(), ..live.interest };
        let repeated = interest.propagation && entry.flags.contains(Flags::WRITE);
        db.record_key_events(live.key_events.with(KeyEvent::FoundExpired, repeated));
        self.effects.begin(interest);
        if entry.flags.contains(Flags::BLOCKING) {
            // A run that waits in vain leaves its rules behind: they are not the next client's.
            self.block = Block::default();
        }
        let mut args = Args::new(call.argv, entry.first_arg, node.keyspace.hasher(), call.hashed);
        let mut cx = Context {
            db,
            effects: &mut self.effects,
            rng: &mut self.rng,
            tunables: &live.tunables,
            caller: call.caller,
            block: &mut self.block,
            name: entry.full_name,
        };
        let result = match (entry.spec, client) {
            (Spec::Data(spec), _) => match spec.handler {
                Some(handler) => handler(&mut cx, &mut args, reply),
                None => Err(CommandError::Syntax),
            },
            (Spec::Server(spec), Some(client)) => match spec.handler {
                Some(handler) => {
                    let mut server = ServerContext { data: &mut cx, node, client };
                    handler(&mut server, &mut args, reply)
                }
                None => Err(CommandError::Syntax),
            },
            (Spec::Server(_), None) => Err(CommandError::Syntax),
        };
        if live.interest.events || live.interest.parts || repeated {
            if result.is_err() {
                // A key was missed whatever came of it.
                cx.effects.begin(live.interest);
            }
            cx.db.take_all_happened().iter().for_each(|happened| cx.effects.notify_happened(happened));
            node.publish_events(live, cx.effects);
        }
        for reduced in cx.effects.take_reduced() {
            node.persistence.losses.note(node, &reduced, now);
        }
        let changes = cx.db.finish();
        if interest.propagation {
            let said = (call.db, call.argv);
            let lazy_expire = live.settings.memory.lazyfree_expire;
            self.unit.note_run(said, cx.effects, &changes, result.is_ok(), lazy_expire);
        }
        if call.reader != 0 {
            node.remember_reads(live, call, &mut self.key_positions, cx.rng);
        }
        if stdx::never!(
            result != Ok(Flow::Done) && changes.count > 0,
            "{} did not succeed after it had changed something",
            entry.full_name
        ) {
            let line = format!("{} did not succeed after it had changed something", entry.full_name);
            node.host.log(crate::LogLevel::Warning, &line);
        }
        (result, changes)
    }

    /// Counts an error and writes it. What a script says of itself is passed on byte for byte.
    pub(crate) fn answer_error(&mut self, node: &Node, error: &CommandError, reply: &mut Reply<'_>) {
        match self.script_error.take() {
            Some(error) => {
                if !error.is_counted() {
                    node.stats.count_error(self.lane, &error.to_string());
                }
                reply.error(error.text());
            }
            None => {
                let text = error.to_string();
                node.stats.count_error(self.lane, &text);
                reply.error(&text);
            }
        }
    }

    /// Tells everybody what the client `author` changed, under the locks that it was changed under.
    pub(crate) fn settle(
        &mut self,
        access: &mut Access<'_>,
        node: &Node,
        live: &Live,
        now: UnixMs,
        mut changes: Changes,
        author: u64,
    ) {
        if !self.unit.is_empty() {
            node.propagation.append(&mut self.unit, Shape::Together);
        }
        if node.tracking.is_on() {
            node.invalidate(&changes, author);
        }
        let expired = !changes.expired.is_empty() && !node.waiters.is_empty();
        if expired || !changes.touched.is_empty() || !changes.replaced_dbs.is_empty() {
            node.mark_watchers(access, live, now, &changes);
            self.serve_waiters(access, node, live, now, &mut changes);
        }
        node.apply_changes(self.lane, changes);
    }

    /// Takes the locks that the command's keys and scope ask for.
    fn lock<'t>(
        &mut self,
        turn: &'t mut Turn<'_>,
        node: &Node,
        entry: &Entry,
        plan: Plan,
        argv: Argv<'_>,
    ) -> Result<Access<'t>, Busy> {
        let access = self.lock_declared(turn, node, entry, plan, argv)?;
        if node.waiters.is_empty() || !entry.flags.contains(Flags::WRITE) || entry.scope(argv) != Scope::Keys {
            return Ok(access);
        }
        match entry.named_keys(argv, node.keyspace.hasher(), &mut self.key_positions) {
            Ok(keys) => node.widen_for_waiters(access, &keys.map(NamedKey::lock).collect::<Vec<_>>()),
            Err(_) => Ok(access),
        }
    }

    fn lock_declared<'t>(
        &mut self,
        turn: &'t mut Turn<'_>,
        node: &Node,
        entry: &Entry,
        plan: Plan,
        argv: Argv<'_>,
    ) -> Result<Access<'t>, Busy> {
        match entry.scope(argv) {
            Scope::All | Scope::Script => return turn.lock_all_unless_busy(),
            Scope::Walk | Scope::Queued => return Ok(turn.walk()),
            Scope::Keys => {}
        }
        if !entry.has_keys {
            return Ok(turn.walk());
        }
        if let Some(range) = entry.range
            && plan.hashed.0 != 0
            && (range.last == i32::try_from(range.first).unwrap_or(i32::MAX))
        {
            let mode = if range.read_only { Mode::Read } else { Mode::Write };
            return Ok(turn.lock_key(plan.hashed.1, mode));
        }
        Ok(match entry.named_keys(argv, node.keyspace.hasher(), &mut self.key_positions) {
            Ok(keys) => turn.lock_keys(keys.map(NamedKey::lock)),
            // Arguments whose keys cannot be told are refused by the handler before it touches any.
            Err(_) => turn.walk(),
        })
    }
}

/// The entry that runs: the command itself or its subcommand.
pub(crate) fn resolve(entry: &'static Entry, argv: Argv<'_>) -> Result<&'static Entry, CommandError> {
    if entry.subcommands.is_empty() {
        return Ok(entry);
    }
    match argv.get(1) {
        None => Ok(entry),
        Some(name) => match CommandTable::get().find_sub(entry, name) {
            Some(sub) => Ok(sub),
            None if !entry.is_container() => Ok(entry),
            None => Err(unknown_subcommand(entry.full_name, name)),
        },
    }
}

/// The checks that come before any key is looked at, in Redis's order.
pub(crate) fn admit(
    entry: &Entry,
    argv: Argv<'_>,
    node: &Node,
    client: &mut Client,
    positions: &mut Vec<KeyPosition>,
) -> Result<(), CommandError> {
    if !entry.accepts(argv.len()) || entry.is_container() {
        return Err(CommandError::Arity(Cow::Borrowed(entry.full_name)));
    }
    if !client.standing.passes(node.acl.version()) {
        client.check_acl(node, entry, argv, positions)?;
    }
    if client.subscriptions.is_some() && client.protocol == Protocol::Resp2 && !entry.runs_subscribed {
        return Err(CommandError::Other(Cow::Owned(format!(
            "ERR Can't execute '{}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this \
             context",
            entry.full_name
        ))));
    }
    if client.monitors && (entry.flags.contains(Flags::READONLY) || entry.flags.contains(Flags::WRITE)) {
        return Err(CommandError::other("ERR Replica can't interact with the keyspace"));
    }
    if node.persistence.is_loading() && !client.from_primary && !entry.flags.contains(Flags::LOADING) {
        return Err(CommandError::other("LOADING Redis is loading the dataset in memory"));
    }
    Ok(())
}

/// `ERR unknown command 'x', with args beginning with: 'a' 'b' `, cut where Redis cuts.
/// Whether this is a line of HTTP. A web page can make a browser send one to a server on the reader's own machine, with commands
/// in its body; so the connection ends before the body is looked at.
fn is_web_request(argv: Argv<'_>) -> bool {
    let name = argv.get(0).unwrap_or_default();
    name.eq_ignore_ascii_case(b"post") || name.eq_ignore_ascii_case(b"host:")
}

fn unknown_command(argv: Argv<'_>) -> CommandError {
    let name = argv.get(0).unwrap_or_default();
    let mut args = String::new();
    for arg in argv.iter().skip(1) {
        if args.len() >= QUOTED_BYTES {
            break;
        }
        let room = QUOTED_BYTES - args.len();
        args.push_str(&format!("'{}' ", lossy(arg, room)));
    }
    CommandError::Other(Cow::Owned(format!(
        "ERR unknown command '{}', with args beginning with: {args}",
        lossy(name, QUOTED_BYTES)
    )))
}

pub(crate) fn unknown_subcommand(container: &str, name: &[u8]) -> CommandError {
    CommandError::Other(Cow::Owned(format!(
        "ERR unknown subcommand '{}'. Try {} HELP.",
        lossy(name, QUOTED_BYTES),
        container.to_ascii_uppercase()
    )))
}

fn lossy(bytes: &[u8], limit: usize) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes.get(..limit).unwrap_or(bytes))
}
