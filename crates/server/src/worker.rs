//! A worker: what one reactor thread needs to run commands. It owns the scratch memory, so that a warm worker allocates nothing.
//!
//! Commands are run in batches: parse what a connection sent, hash every key and ask for its bucket, ask for the entries, and
//! only then execute. Ten million keys do not fit any cache; the batch turns one miss after the other into misses side by side.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use command_api::{Block, Effects, KeyPosition};
use keyspace::{Candidates, Key, Turn as KeyspaceTurn};
use resp::{Batch, Limits};
use script::ScriptError;
use stdx::UnixMs;
use value::table::hash_of;

use crate::eviction::Room;
use crate::host::LogLevel;
use crate::node::{Live, Node};
use crate::propagation::{Shape, Unit};
use crate::scripting::Bystanders;
use crate::session::{Client, Session, Stopped};
use crate::table::Entry;
use crate::waiting::Waiter;

/// Commands parsed, hashed and prefetched together.
const BATCH_COMMANDS: usize = 64;

/// So many commands in a row on one key are worth looking ahead for.
const LOOK_AHEAD_COMMANDS: usize = 4;

/// A connection with this much unsent output is not served further until it has read some.
const OUTPUT_FULL_BYTES: usize = 1 << 20;

/// Room made at once for an argument that was announced but has yet to come; the announcement may be a lie.
const MAX_RESERVE_BYTES: usize = 1 << 20;

/// Keys removed per turn of the expiry timer before connections are served again.
const EXPIRE_BUDGET: usize = 1024;

/// How often tables are asked whether they would give memory back, and how many segments they may merge at a time.
const SHRINK_EVERY_MS: i64 = 1000;
const SHRINK_SEGMENTS: usize = 8;

/// One reactor's hands.
#[derive(Debug)]
pub struct Worker {
    pub(crate) node: Arc<Node>,
    pub(crate) lane: usize,
    /// When the running command began, on the monotonic clock.
    pub(crate) command_start_ns: u64,
    pub(crate) rng: fastrand::Rng,
    pub(crate) effects: Effects,
    /// What the running command, transaction or script did, until it is settled.
    pub(crate) unit: Unit,
    pub(crate) block: Block,
    pub(crate) key_positions: Vec<KeyPosition>,
    /// Keys that may go next when memory is full.
    pub(crate) candidates: Candidates,
    /// Whether there was room before the running command: scripts refuse by it what may need memory.
    pub(crate) room: Room,
    /// No command of the batch has run yet.
    pub(crate) begins_batch: bool,
    /// Clients of this lane that wait until some time.
    pub(crate) waits: BTreeSet<(UnixMs, u64)>,
    /// Clients of this lane whom time alone may answer.
    pub(crate) timed_waiters: Vec<Arc<Waiter>>,
    batch: Batch,
    plans: Vec<Plan>,
    element_hashes: Vec<u64>,
    pub(crate) live: Arc<Live>,
    live_version: u64,
    /// When to add up again what all clients take.
    pub(crate) next_client_look: UnixMs,
    next_shrink: UnixMs,
    /// When the last batch or tick began: fine enough for a connection's idle time.
    pub(crate) batch_now: UnixMs,
    /// The error that ended a script, as it is to be told: set with its `CommandError`, taken when that is answered.
    pub(crate) script_error: Option<ScriptError>,
    /// The lane's other connections, for when a script runs for long.
    pub(crate) bystanders: Option<Box<dyn Bystanders>>,
}

/// Whether the worker may go in through the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Outside or inside, as it comes.
    Free,
    /// Beside a script that the same worker runs.
    BesideScript,
}

/// What is known of a command before it runs: its table entry and the hash of its first key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) entry: Option<&'static Entry>,
    /// Index of the first key among the arguments and its hash; index 0 for none.
    pub(crate) hashed: (usize, u64),
}

/// What a call of the timer asks of the reactor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Call again at this time at the latest; `None`: when something happens.
    pub wake_at: Option<UnixMs>,
    /// The time that the call saw.
    pub now: UnixMs,
}

impl Worker {
    /// The worker of `lane`.
    #[must_use]
    pub fn new(node: Arc<Node>, lane: usize) -> Self {
        let live = node.live();
        let live_version = node.live_version();
        let rng = fastrand::Rng::with_seed(node.seed.wrapping_add(lane as u64));
        Self {
            lane,
            command_start_ns: 0,
            rng,
            effects: Effects::new(),
            unit: Unit::default(),
            block: Block::default(),
            key_positions: Vec::new(),
            candidates: Candidates::default(),
            room: Room::Enough,
            begins_batch: true,
            waits: BTreeSet::new(),
            timed_waiters: Vec::new(),
            batch: Batch::new(BATCH_COMMANDS),
            plans: Vec::new(),
            element_hashes: Vec::new(),
            live,
            live_version,
            next_client_look: UnixMs::default(),
            next_shrink: UnixMs::default(),
            batch_now: UnixMs::default(),
            script_error: None,
            bystanders: None,
            node,
        }
    }

    /// Who is served while a script of this lane runs for long.
    pub fn set_bystanders(&mut self, others: Box<dyn Bystanders>) {
        self.bystanders = Some(others);
    }

    #[must_use]
    pub const fn node(&self) -> &Arc<Node> {
        &self.node
    }

    /// Executes what is complete in the session's input, in order, until something stops it.
    pub fn run(&mut self, session: &mut Session) -> Stopped {
        self.run_at(Place::Free, session)
    }

    /// As [`Worker::run`], for another connection of the lane while this worker runs a script for long: what needs the keyspace is
    /// refused.
    pub fn run_beside(&mut self, session: &mut Session) -> Stopped {
        let plans = std::mem::take(&mut self.plans);
        let (start_ns, now) = (self.command_start_ns, self.batch_now);
        // The script has not ended: what it did so far is nobody's yet.
        let unit = std::mem::take(&mut self.unit);
        let stopped = self.run_at(Place::BesideScript, session);
        self.unit = unit;
        self.plans = plans;
        (self.command_start_ns, self.batch_now) = (start_ns, now);
        stopped
    }

    fn run_at(&mut self, place: Place, session: &mut Session) -> Stopped {
        self.refresh_live();
        let node = Arc::clone(&self.node);
        let before = session.output.len();
        // CLIENT LIST shows the running client with what it has sent.
        session.note_buffers();
        let stopped = self.run_batches(place, &node, session);
        let lane = &node.stats.lanes[self.lane];
        lane.output_bytes.add(session.output.len().saturating_sub(before) as u64);
        session.client.info.note_turn(&session.client, self.batch_now);
        self.limit_client(session);
        session.note_buffers();
        stopped
    }

    fn run_batches(&mut self, place: Place, node: &Node, session: &mut Session) -> Stopped {
        // `None` while a script keeps everybody out.
        let mut turn: Option<KeyspaceTurn<'_>> = None;
        // The batch leaves `self` while it is executed, since handlers need the rest of the worker.
        let mut batch = std::mem::replace(&mut self.batch, Batch::new(1));
        let mut consumed = 0;
        let stopped = loop {
            if place == Place::Free && turn.as_ref().is_none_or(KeyspaceTurn::is_over) {
                drop(turn.take());
                turn = node.keyspace.enter_unless_busy(self.lane).ok();
            }
            // Whoever killed it was told so: no command of it runs after that, although the word of it is still on its way.
            session.client.closing |= session.client.info.killed.load(Relaxed);
            if session.client.closing {
                consumed = session.input.len();
                break Stopped::Closing;
            }
            if session.client.waiting {
                break Stopped::Waiting;
            }
            if session.output.len() > OUTPUT_FULL_BYTES {
                break Stopped::OutputFull;
            }
            let limits = Limits {
                authenticated: session.client.authenticated,
                max_bulk_len: self.live.tunables.proto_max_bulk_len_bytes,
            };
            let input = session.input.get(consumed..).unwrap_or_default();
            let progress = match session.parser.parse(input, &mut batch, &limits) {
                Ok(progress) => progress,
                Err(error) => {
                    self.refuse(session, &error);
                    continue;
                }
            };
            if batch.is_empty() {
                consumed += progress.consumed;
                let waiting = session.input.len() - consumed;
                if waiting as u64 > self.live.settings.clients.query_buffer_limit_bytes {
                    self.end_for_its_input(node, session, waiting);
                    continue;
                }
                session.input.reserve(progress.missing.min(MAX_RESERVE_BYTES));
                break Stopped::Drained;
            }
            self.plan(turn.as_mut(), &batch, input, session.client.db);
            let Session { input, output, client, .. } = &mut *session;
            let input = input.get(consumed..).unwrap_or_default();
            let (executed, paused) = self.run_batch(turn.as_mut(), node, &batch, input, client, output);
            if executed < batch.len() {
                // The commands not executed are parsed again, under what holds then.
                session.parser.reset();
                consumed += executed.checked_sub(1).and_then(|last| batch.end(last)).unwrap_or(0);
            } else {
                consumed += progress.consumed;
            }
            node.clients.pause.note_held(&mut session.client, paused);
            if paused {
                break Stopped::Paused;
            }
        };
        session.input.drain(..consumed);
        self.batch = batch;
        stopped
    }

    /// Looks every command up, hashes its first key, and warms the cache in two passes.
    fn plan(&mut self, turn: Option<&mut KeyspaceTurn<'_>>, batch: &Batch, input: &[u8], db: usize) {
        self.plans.clear();
        let hasher = self.node.keyspace.hasher();
        let mut previous: Option<(&[u8], &'static Entry)> = None;
        for argv in batch.iter(input) {
            let name = argv.get(0).unwrap_or_default();
            let entry = match previous {
                Some((same, entry)) if same == name => Some(entry),
                _ => self.node.names.find(name),
            };
            previous = entry.map(|entry| (name, entry));
            let key = entry.and_then(|entry| entry.range).and_then(|range| {
                let index = range.first as usize;
                argv.get(index).map(|key| (index, hasher.hash(key)))
            });
            if let (Some((_, hash)), Some(turn)) = (key, &turn) {
                turn.prefetch_bucket(db, hash);
            }
            self.plans.push(Plan { entry, hashed: key.unwrap_or((0, 0)) });
        }
        if let Some(turn) = turn
            && self.plans.len() > 1
        {
            for plan in self.plans.iter().filter(|plan| plan.hashed.0 != 0) {
                turn.prefetch_entry(db, plan.hashed.1);
            }
            self.look_ahead(turn, batch, input, db);
        }
    }

    /// Third pass, where commands in a row name elements of one large collection.
    fn look_ahead(&mut self, turn: &mut KeyspaceTurn<'_>, batch: &Batch, input: &[u8], db: usize) {
        let mut next = 0;
        for run in self.plans.chunk_by(|one, other| one.hashed == other.hashed) {
            let first = next;
            next += run.len();
            let (at, hash) = run[0].hashed;
            if run.len() < LOOK_AHEAD_COMMANDS || at == 0 {
                continue;
            }
            let key = batch.argv(first, input).and_then(|argv| argv.get(at)).unwrap_or_default();
            let elements = run.iter().enumerate().filter_map(|(index, plan)| {
                let element = plan.entry.map(|entry| entry.element).filter(|element| *element > 0)?;
                batch.argv(first + index, input)?.get(element)
            });
            turn.look_ahead(db, Key::with_hash(key, hash), |table| {
                self.element_hashes.clear();
                self.element_hashes.extend(elements.map(hash_of));
                table.prefetch(&self.element_hashes);
            });
        }
    }

    /// Executes the planned commands; returns how many were, and whether a pause stopped them.
    fn run_batch(
        &mut self,
        mut turn: Option<&mut KeyspaceTurn<'_>>,
        node: &Node,
        batch: &Batch,
        input: &[u8],
        client: &mut Client,
        output: &mut Vec<u8>,
    ) -> (usize, bool) {
        let live = Arc::clone(&self.live);
        let clock_base_ns = node.host.monotonic_ns();
        let now_base = node.host.unix_us();
        self.command_start_ns = clock_base_ns;
        self.batch_now = UnixMs(now_base.div_euclid(1000));
        self.begins_batch = true;
        for (index, argv) in batch.iter(input).enumerate() {
            if node.clients.pauses(self.plans[index].entry, client) {
                return (index, true);
            }
            let elapsed_us = i64::try_from((self.command_start_ns - clock_base_ns) / 1000).unwrap_or(0);
            let now = UnixMs((now_base + elapsed_us).div_euclid(1000));
            let plan = self.plans[index];
            self.execute(turn.as_deref_mut(), node, &live, client, plan, argv, now, output);
            if client.closing
                || client.waiting
                || output.len() > OUTPUT_FULL_BYTES
                || self.live_version != node.live_version()
                || turn.as_ref().is_some_and(|turn| turn.is_over())
            {
                // New limits and passwords hold from the next command on, and a turn that is over runs no other.
                self.refresh_live();
                return (index + 1, false);
            }
        }
        (batch.len(), false)
    }

    /// Removes expired keys, gives memory back and reloads if it is time, and tells when to call again. Lane 0 does it for all.
    pub fn tick(&mut self) -> Turn {
        self.refresh_live();
        let node = Arc::clone(&self.node);
        let now = node.host.unix_ms();
        self.batch_now = now;
        node.memory.tell(self.lane, &*node.host);
        let next_wait = self.end_overdue_waits(&node, now);
        let live = Arc::clone(&self.live);
        let next_wait = next_wait.into_iter().chain(self.retry_waiters(&node, &live, now)).min();
        if self.lane != 0 {
            return Turn { wake_at: next_wait, now };
        }
        let sooner = |at: Option<UnixMs>| at.into_iter().chain(next_wait).min();
        node.stats.sample(now);
        self.reload_if_asked();
        let more_to_free = self.shrink(&node, now);
        if self.load_slice(&node, &live, now) {
            return Turn { wake_at: Some(now), now };
        }
        let mut more_to_evict = false;
        if live.settings.memory.maxmemory_bytes > 0 {
            let Ok(mut turn) = node.keyspace.enter_unless_busy(0) else { return Turn { wake_at: next_wait, now } };
            more_to_evict = self.make_room(&mut turn, &node, &live, now) == Room::Later;
        }
        self.limit_clients(now);
        node.limit_remembered(&live, &mut self.rng);
        node.tracking.sweep();
        // In a pause the data set stands still, for whoever wants to copy it; in import mode what seems over may yet live on at its source.
        let stands_still = node.clients.pause.state().is_some() || live.settings.clients.import_mode;
        if !node.active_expire.load(Relaxed) || stands_still {
            return Turn { wake_at: sooner((more_to_free || more_to_evict).then_some(now)), now };
        }
        let mut more = more_to_free || more_to_evict;
        if node.keyspace.earliest_deadline().is_some_and(|at| at < now) {
            let start_ns = node.host.monotonic_ns();
            // Nothing expires while a script runs.
            let Ok(mut turn) = node.keyspace.enter_unless_busy(0) else { return Turn { wake_at: next_wait, now } };
            let unit = &mut self.unit;
            let (changes, more_due) = turn.expire_due(now, self.live.clock(now), EXPIRE_BUDGET, |changes| {
                if node.propagation.is_on() {
                    unit.note_expired(changes, live.settings.memory.lazyfree_expire);
                    node.propagation.append(unit, Shape::Apart);
                }
            });
            drop(turn);
            if node.tracking.is_on() {
                node.invalidate(&changes, 0);
            }
            let ns = node.host.monotonic_ns().saturating_sub(start_ns);
            node.stats.lanes[0].expire_ns.add(ns);
            node.latency.note(&live, "expire-cycle", ns, now);
            let gone = node.names_waited_for(&changes.expired);
            node.apply_changes(0, changes);
            if !gone.is_empty() {
                self.serve_keys(&node, &live, now, gone);
            }
            more |= more_due;
        }
        // A key lives through the millisecond of its deadline.
        let next = node.keyspace.earliest_deadline().and_then(|at| at.checked_add_ms(1));
        Turn { wake_at: sooner(if more { Some(now) } else { next }), now }
    }

    /// Merges table segments after deletions, a few at a time. Returns whether there is more to do.
    fn shrink(&mut self, node: &Node, now: UnixMs) -> bool {
        if now < self.next_shrink {
            return false;
        }
        let Ok(mut turn) = node.keyspace.enter_unless_busy(0) else { return false };
        let more = turn.wants_shrink() && turn.shrink(SHRINK_SEGMENTS);
        drop(turn);
        let wait_ms = if more { 0 } else { SHRINK_EVERY_MS };
        self.next_shrink = UnixMs(now.0.saturating_add(wait_ms));
        more
    }

    fn refresh_live(&mut self) {
        let version = self.node.live_version();
        if version != self.live_version {
            self.live = self.node.live();
            self.live_version = version;
            // Scores of another policy compare with nothing.
            self.candidates.clear();
            self.room = Room::Enough;
        }
    }

    /// Ends a connection that sent more than is executed or may wait: no command of it is known well enough to be answered.
    fn end_for_its_input(&self, node: &Node, session: &mut Session, waiting_bytes: usize) {
        node.stats.lanes[self.lane].query_buffer_disconnections.add(1);
        let line = format!(
            "Closing client that reached max query buffer length: id={} with {waiting_bytes} bytes (client-query-buffer-limit)",
            session.client.id
        );
        node.host.log(LogLevel::Warning, &line);
        session.client.closing = true;
    }

    /// Answers a protocol error and ends the connection.
    fn refuse(&self, session: &mut Session, error: &resp::ProtocolError) {
        let text = format!("ERR {error}");
        self.node.stats.count_error(self.lane, &text);
        resp::Reply::new(&mut session.output, session.client.protocol).error(&text);
        session.client.closing = true;
    }
}
