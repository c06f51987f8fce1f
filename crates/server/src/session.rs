//! One connection, without its socket: what came, what is to go out, and who it is.

use std::sync::Arc;

use command_api::{Caller, CommandError, CommandResult, Flags, Flow, KeyPosition, Reply};
use resp::{Argv, Protocol, RequestParser};
use stdx::UnixMs;

use crate::acl::Standing;
use crate::clients::{ClientInfo, Endpoint};
use crate::hash_import::Fieldsets;
use crate::node::Node;
use crate::pubsub::Subscriptions;
use crate::table::Entry;
use crate::tracking::Tracking;
use crate::transaction::{Transaction, Watch};

/// A connection's state.
#[derive(Debug)]
pub struct Session {
    /// Bytes received and not yet consumed. The runtime appends.
    pub input: Vec<u8>,
    /// Bytes to send. The runtime takes from the front.
    pub output: Vec<u8>,
    /// How much of the output is sent already. The runtime counts.
    pub sent: usize,
    pub(crate) parser: RequestParser,
    pub(crate) client: Client,
}

/// Who a connection is and how it wants to be answered.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) id: u64,
    pub(crate) db: usize,
    pub(crate) protocol: Protocol,
    /// It has given a password, or none was asked for when it came.
    pub(crate) authenticated: bool,
    /// Its user and what that may do.
    pub(crate) standing: Standing,
    pub(crate) replies: Replies,
    /// CLIENT NO-TOUCH: reading a key does not count as using it.
    pub(crate) no_touch: bool,
    /// What it brings was written elsewhere: [`Session::from_primary`].
    pub(crate) from_primary: bool,
    /// The connection ends after the output is sent.
    pub(crate) closing: bool,
    /// It waits for a key: nothing is executed until it is answered.
    pub(crate) waiting: bool,
    /// It waits for the end of CLIENT PAUSE.
    pub(crate) held: bool,
    /// What it has subscribed to, if anything.
    pub(crate) subscriptions: Option<Box<Subscriptions>>,
    /// CLIENT TRACKING.
    pub(crate) tracking: Option<Box<Tracking>>,
    /// Since when its unsent output is over the soft limit.
    pub(crate) over_soft_limit_since: Option<UnixMs>,
    /// Between MULTI and EXEC.
    pub(crate) transaction: Option<Box<Transaction>>,
    /// MONITOR: it is shown what others do.
    pub(crate) monitors: bool,
    /// EXEC runs: nothing may wait.
    pub(crate) in_exec: bool,
    /// It asked for a debugger, which there is none of: its scripts are not to change anything.
    pub(crate) wants_debugger: bool,
    /// The moment at which its script runs: time stands still for it.
    pub(crate) script_time_us: Option<i64>,
    /// What WATCH named.
    pub(crate) watch: Watch,
    /// What HIMPORT PREPARE named.
    pub(crate) fieldsets: Fieldsets,
    /// Id of the last command in the table, plus one; 0 before the first.
    pub(crate) last_command: usize,
    /// How many commands it has sent.
    pub(crate) commands: u64,
    /// What other threads may see: CLIENT LIST, CLIENT KILL.
    pub(crate) info: Arc<ClientInfo>,
}

/// CLIENT REPLY.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Replies {
    #[default]
    On,
    Off,
    /// The reply of the running command is dropped as well as the next one's.
    SkipNext,
    /// The reply of the running command is dropped.
    Skip,
}

/// Why a session stopped running before its input ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Everything complete was executed.
    Drained,
    /// It waits for a key; run it again after [`crate::Event::Wake`].
    Waiting,
    /// Clients are paused; run it again after [`crate::Event::Resume`].
    Paused,
    /// Send the output, then close.
    Closing,
    /// The output holds more than a reader should have to wait for: send first, then run again.
    OutputFull,
}

impl Session {
    /// A new connection on `lane`, registered with the node.
    #[must_use]
    pub fn new(node: &Node, lane: usize, endpoint: Endpoint) -> Self {
        let info = node.clients.register(lane, endpoint, node.host.unix_ms());
        Self {
            input: Vec::new(),
            output: Vec::new(),
            sent: 0,
            parser: RequestParser::new(),
            client: Client {
                id: info.id,
                db: 0,
                protocol: Protocol::Resp2,
                authenticated: node.acl.is_open(),
                standing: Standing::new(&node.acl),
                replies: Replies::On,
                no_touch: false,
                from_primary: false,
                closing: false,
                waiting: false,
                held: false,
                subscriptions: None,
                tracking: None,
                over_soft_limit_since: None,
                transaction: None,
                monitors: false,
                in_exec: false,
                wants_debugger: false,
                script_time_us: None,
                watch: Watch::default(),
                fieldsets: Fieldsets::default(),
                last_command: 0,
                commands: 0,
                info,
            },
        }
    }

    #[must_use]
    pub const fn id(&self) -> u64 {
        self.client.id
    }

    /// Output that the peer has not been sent yet.
    pub(crate) const fn unsent_bytes(&self) -> usize {
        self.output.len().saturating_sub(self.sent)
    }

    /// Publishes what its buffers hold: after a turn, and after its output was sent.
    pub fn note_buffers(&self) {
        self.client.info.note_buffers(
            self.input.len(),
            self.input.capacity(),
            self.unsent_bytes(),
            self.output.capacity(),
        );
    }

    /// Whether the connection is to be closed once its output is sent.
    #[must_use]
    pub const fn is_closing(&self) -> bool {
        self.client.closing
    }

    /// Whether somebody asked to close it: CLIENT KILL, perhaps before its reactor had it.
    #[must_use]
    pub fn is_killed(&self) -> bool {
        self.client.info.killed.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Whether it waits for a key.
    #[must_use]
    pub const fn is_waiting(&self) -> bool {
        self.client.waiting
    }

    /// Closes the connection once its output is sent.
    pub const fn close(&mut self) {
        self.client.closing = true;
    }
}

impl Client {
    /// RESET: back to what a new connection is.
    pub(crate) fn reset(&mut self, node: &Node) {
        self.db = 0;
        self.protocol = Protocol::Resp2;
        self.log_out(node);
        self.replies = Replies::On;
        self.no_touch = false;
        if let Some(mut mine) = self.subscriptions.take() {
            node.pubsub.forget(&mut mine, self.id);
        }
        self.stop_tracking(node);
        node.monitors.remove(self.id);
        self.monitors = false;
        self.transaction = None;
        self.watch.clear(node);
        self.fieldsets.clear();
        self.info.reset();
    }

    /// Whether a command of the transaction is one that `is` asks for.
    pub(crate) fn has_queued(&self, is: impl Fn(&Entry) -> bool) -> bool {
        self.transaction.as_ref().is_some_and(|transaction| transaction.commands.iter().any(|queued| is(queued.entry)))
    }

    /// Memory that the commands between MULTI and EXEC take.
    pub(crate) fn queued_bytes(&self) -> usize {
        self.transaction.as_deref().map_or(0, Transaction::bytes)
    }

    /// Whether the command is put into the transaction instead of being run.
    pub(crate) const fn queues(&self, entry: &Entry) -> bool {
        self.transaction.is_some() && !entry.runs_in_multi
    }

    /// A command was refused: a transaction that is being queued will not run. EXEC itself says so.
    pub(crate) fn spoil_transaction(
        &mut self,
        node: &Node,
        entry: Option<&Entry>,
        error: CommandError,
    ) -> CommandError {
        let Some(transaction) = &mut self.transaction else { return error };
        if entry.is_none_or(|entry| !entry.runs_queued()) {
            transaction.fail();
            return error;
        }
        self.transaction = None;
        self.watch.clear(node);
        let text = error.to_string();
        let reason = text.strip_prefix("ERR ").unwrap_or(&text);
        CommandError::Other(format!("EXECABORT Transaction discarded because of: {reason}").into())
    }

    /// What a handler is told of the client.
    pub(crate) fn caller(
        &self,
        node: &Node,
        entry: &Entry,
        argv: Argv<'_>,
        positions: &mut Vec<KeyPosition>,
    ) -> Caller {
        let reads_others = entry.may_read_others() && !self.standing.passes(node.acl.version());
        Caller {
            trusted: self.from_primary,
            reads_named_keys_only: reads_others && !self.may_read_every_key(node, entry, argv, positions),
        }
    }

    /// Puts a command into the transaction.
    pub(crate) fn queue(&mut self, entry: &'static Entry, argv: Argv<'_>, reply: &mut Reply<'_>) -> CommandResult {
        let Some(transaction) = &mut self.transaction else { return Ok(Flow::Done) };
        if entry.flags.contains(Flags::NO_MULTI) {
            transaction.fail();
            return Err(CommandError::other("ERR Command not allowed inside a transaction"));
        }
        transaction.push(entry, argv);
        reply.status("QUEUED");
        Ok(Flow::Done)
    }
}
