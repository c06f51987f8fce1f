//! What other threads may see of a connection. Its own thread writes, with plain stores; anyone reads.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering::Relaxed};

use parking_lot::Mutex;
use resp::Protocol;
use stdx::UnixMs;

use crate::pubsub::Kind;
use crate::session::{Client, Session};

/// Where a connection comes from and where it arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// `ip:port`, `[ip6]:port`, or the socket's path with `:0` behind it.
    pub addr: String,
    pub laddr: String,
    /// File descriptor, as CLIENT LIST shows it; -1 for none.
    pub fd: i32,
    /// A Unix socket or a loopback address: protected mode lets it in.
    pub is_local: bool,
    pub is_unix: bool,
}

/// A buffer up to this size is on loan while the connection is served, and goes back to its reactor.
const LOAN_BYTES: usize = 64 * 1024;

/// What a buffer takes of its connection's account: one on loan only what is left in it.
const fn kept(len: usize, capacity: usize) -> usize {
    if capacity <= LOAN_BYTES { len } else { capacity }
}

/// About what a channel or a watched key takes, here and where it is looked up.
const NAME_BYTES: usize = 160;

/// Names that a client gives itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Names {
    /// CLIENT SETNAME.
    pub(crate) name: Vec<u8>,
    /// CLIENT SETINFO.
    pub(crate) lib_name: Vec<u8>,
    pub(crate) lib_ver: Vec<u8>,
}

/// A connection as others see it.
#[derive(Debug)]
pub(crate) struct ClientInfo {
    pub(crate) id: u64,
    pub(crate) lane: usize,
    pub(crate) endpoint: Endpoint,
    pub(crate) connected_at: UnixMs,
    pub(crate) names: Mutex<Names>,
    /// Name of its user.
    pub(crate) user: Mutex<Box<[u8]>>,
    pub(crate) last_active_ms: AtomicI64,
    pub(crate) db: AtomicUsize,
    pub(crate) is_resp3: AtomicBool,
    pub(crate) no_evict: AtomicBool,
    pub(crate) no_touch: AtomicBool,
    pub(crate) input_bytes: AtomicUsize,
    pub(crate) output_bytes: AtomicUsize,
    pub(crate) input_capacity: AtomicUsize,
    pub(crate) output_capacity: AtomicUsize,
    /// Id of the last command in the table, plus one; 0 before the first.
    pub(crate) last_command: AtomicUsize,
    pub(crate) commands: AtomicU64,
    pub(crate) received_bytes: AtomicU64,
    pub(crate) sent_bytes: AtomicU64,
    /// Somebody asked to close it.
    pub(crate) killed: AtomicBool,
    /// It is shown what others do: MONITOR.
    pub(crate) monitors: AtomicBool,
    /// It waits for a key.
    pub(crate) waiting: AtomicBool,
    /// Commands queued since MULTI, plus one; 0 outside a transaction.
    pub(crate) queued_plus_one: AtomicUsize,
    /// Bytes of those commands.
    pub(crate) queued_bytes: AtomicUsize,
    /// Channels, patterns and shard channels it has subscribed to.
    pub(crate) subscribed: [AtomicUsize; 3],
    /// Keys it watches.
    pub(crate) watched: AtomicUsize,
}

impl ClientInfo {
    pub(crate) fn new(id: u64, lane: usize, endpoint: Endpoint, now: UnixMs) -> Self {
        Self {
            id,
            lane,
            endpoint,
            connected_at: now,
            names: Mutex::default(),
            user: Mutex::new(Box::from(crate::acl::DEFAULT)),
            last_active_ms: AtomicI64::new(now.0),
            db: AtomicUsize::new(0),
            is_resp3: AtomicBool::new(false),
            no_evict: AtomicBool::new(false),
            no_touch: AtomicBool::new(false),
            input_bytes: AtomicUsize::new(0),
            output_bytes: AtomicUsize::new(0),
            input_capacity: AtomicUsize::new(0),
            output_capacity: AtomicUsize::new(0),
            last_command: AtomicUsize::new(0),
            commands: AtomicU64::new(0),
            received_bytes: AtomicU64::new(0),
            sent_bytes: AtomicU64::new(0),
            killed: AtomicBool::new(false),
            monitors: AtomicBool::new(false),
            waiting: AtomicBool::new(false),
            queued_plus_one: AtomicUsize::new(0),
            queued_bytes: AtomicUsize::new(0),
            subscribed: std::array::from_fn(|_| AtomicUsize::new(0)),
            watched: AtomicUsize::new(0),
        }
    }

    /// Publishes what a turn of the connection's worker left behind.
    pub(crate) fn note_turn(&self, client: &Client, now: UnixMs) {
        self.last_active_ms.store(now.0, Relaxed);
        self.note_state(client);
    }

    /// Publishes what the buffers hold, and what they take.
    pub(crate) fn note_buffers(&self, input: usize, input_capacity: usize, output: usize, output_capacity: usize) {
        self.input_bytes.store(input, Relaxed);
        self.input_capacity.store(input_capacity, Relaxed);
        self.output_bytes.store(output, Relaxed);
        self.output_capacity.store(output_capacity, Relaxed);
    }

    /// Publishes the client's own settings: also right before a command looks at all clients.
    pub(crate) fn note_state(&self, client: &Client) {
        self.db.store(client.db, Relaxed);
        self.is_resp3.store(client.protocol == Protocol::Resp3, Relaxed);
        self.no_touch.store(client.no_touch, Relaxed);
        self.monitors.store(client.monitors, Relaxed);
        self.last_command.store(client.last_command, Relaxed);
        self.commands.store(client.commands, Relaxed);
        let transaction = client.transaction.as_deref();
        self.queued_plus_one.store(transaction.map_or(0, |queue| queue.commands.len() + 1), Relaxed);
        self.queued_bytes.store(client.queued_bytes(), Relaxed);
        for (count, kind) in self.subscribed.iter().zip([Kind::Channel, Kind::Pattern, Kind::ShardChannel]) {
            count.store(client.subscriptions.as_ref().map_or(0, |mine| mine.of(kind).len()), Relaxed);
        }
        self.watched.store(client.watch.len(), Relaxed);
    }

    /// What it takes: itself, its buffers, the commands it has queued, and what it is remembered for elsewhere.
    pub(crate) fn total_bytes(&self) -> usize {
        let load = |number: &AtomicUsize| number.load(Relaxed);
        let named: usize = self.subscribed.iter().map(load).sum::<usize>() + load(&self.watched);
        let input = kept(load(&self.input_bytes), load(&self.input_capacity));
        let buffers = input + kept(load(&self.output_bytes), load(&self.output_capacity));
        let own = size_of::<Self>() + size_of::<Session>() + self.endpoint.addr.len() + self.endpoint.laddr.len();
        own + buffers + load(&self.queued_bytes) + named * NAME_BYTES
    }

    /// Whether it has subscribed to anything.
    pub(crate) fn subscribes(&self) -> bool {
        self.subscribed.iter().any(|count| count.load(Relaxed) > 0)
    }

    pub(crate) fn set_waiting(&self, waiting: bool) {
        self.waiting.store(waiting, Relaxed);
    }

    /// Forgets what RESET forgets.
    pub(crate) fn reset(&self) {
        self.names.lock().name.clear();
        self.no_evict.store(false, Relaxed);
        self.no_touch.store(false, Relaxed);
        self.db.store(0, Relaxed);
        self.is_resp3.store(false, Relaxed);
    }
}
