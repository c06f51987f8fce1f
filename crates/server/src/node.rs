//! The node: everything that all reactors share.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use command_api::{Event as Class, Interest, Tunables};
use keyspace::{AccessClock, Changes, KeyEvents, Keyspace};
use parking_lot::{Mutex, RwLock};
use stdx::UnixMs;

use crate::acl::Acl;
use crate::clients::{Endpoint, Registry};
use crate::config::{Config, ConfigError, NotifyFlags, Settings};
use crate::eviction::Gauge;
use crate::hash_import::Templates;
use crate::host::{Event, Host, LogLevel};
use crate::migrate::Links;
use crate::monitoring::{CommandLogs, HotKeys, LatencyEvents, Monitors};
use crate::names::CommandNames;
use crate::persistence::Persistence;
use crate::propagation::Stream;
use crate::pubsub::PubSub;
use crate::scripting::Scripting;
use crate::session::{Client, Session};
use crate::stats::{Reclaimed, Stats};
use crate::table::CommandTable;
use crate::tracking::Trackers;
use crate::transaction::Watcher;
use crate::waiting::{KeyNames, Waiters};

/// How many random bytes a node is seeded with.
pub const SEED_BYTES: usize = 32;

/// What all reactors share.
pub struct Node {
    pub(crate) keyspace: Keyspace,
    pub(crate) host: Arc<dyn Host>,
    pub(crate) clients: Registry,
    /// Users and what they may do.
    pub(crate) acl: Acl,
    /// Clients that wait for a key.
    pub(crate) waiters: Waiters,
    pub(crate) persistence: Persistence,
    /// Where every change goes that others keep or repeat.
    pub(crate) propagation: Arc<Stream>,
    pub(crate) pubsub: PubSub,
    /// Who is told when keys that it has read change.
    pub(crate) tracking: Trackers,
    pub(crate) templates: Templates,
    pub(crate) monitors: Monitors,
    pub(crate) command_logs: CommandLogs,
    pub(crate) hotkeys: HotKeys,
    pub(crate) latency: LatencyEvents,
    /// Scripts, functions, and the one that runs.
    pub(crate) scripting: Scripting,
    /// Connections that MIGRATE keeps.
    pub(crate) links: Links,
    /// Why the server cannot go on, if so.
    failure: Mutex<Option<String>>,
    /// Connections that watch a key.
    pub(crate) watchers: KeyNames<Watcher>,
    pub(crate) stats: Stats,
    pub(crate) names: CommandNames,
    /// The configuration as CONFIG edits it.
    pub(crate) config: Mutex<Config>,
    live: RwLock<Arc<Live>>,
    live_version: AtomicU64,
    /// 40 hex digits, new at every start.
    pub(crate) run_id: String,
    pub(crate) started_at: UnixMs,
    /// Values that another thread drops.
    pub(crate) reclaimed: Reclaimed,
    /// DEBUG SET-ACTIVE-EXPIRE.
    pub(crate) active_expire: AtomicBool,
    /// When the log was last told of a web request.
    web_request_told_at_ms: AtomicI64,
    pub(crate) seed: u64,
    /// Memory in use before any client came.
    pub(crate) startup_memory_bytes: u64,
    pub(crate) memory: Gauge,
}

/// The configuration as the reactors use it: immutable, replaced as a whole.
#[derive(Debug)]
pub struct Live {
    pub settings: Settings,
    pub(crate) tunables: Tunables,
    pub(crate) interest: Interest,
    pub(crate) key_events: KeyEvents,
}

impl Live {
    /// The access clock at `now`.
    pub(crate) fn clock(&self, now: UnixMs) -> AccessClock {
        if self.tunables.policy_is_lfu {
            AccessClock::Lfu {
                now,
                log_factor: self.settings.memory.lfu_log_factor,
                decay_minutes: self.settings.memory.lfu_decay_minutes,
            }
        } else if self.settings.memory.policy.is_lrm() {
            AccessClock::Lrm { now }
        } else {
            AccessClock::Lru { now }
        }
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node").field("run_id", &self.run_id).field("keyspace", &self.keyspace).finish_non_exhaustive()
    }
}

impl Node {
    /// A node with `config` in force. `seed` decides hashes, random choices and the run id.
    ///
    /// # Errors
    /// A `rename-command`, a user, or a file of `functions-dir` that cannot be obeyed.
    pub fn new(config: Config, host: Arc<dyn Host>, seed: [u8; SEED_BYTES]) -> Result<Self, ConfigError> {
        let settings = config.settings();
        let lanes = settings.general.threads;
        let mut hash_seed = [0; 16];
        hash_seed.copy_from_slice(&seed[..16]);
        let mut chance = [0; 8];
        chance.copy_from_slice(&seed[16..24]);
        let mut rng = fastrand::Rng::with_seed(u64::from_le_bytes(chance));
        let run_id = (0..40).map(|_| char::from_digit(rng.u32(0..16), 16).unwrap_or('0')).collect();
        let live = Live::new(settings.clone());
        // The caller's thread is the one of lane 0.
        let memory = Gauge::new(lanes);
        let node = Self {
            names: CommandNames::new(&settings.startup.renames)?,
            keyspace: Keyspace::new(settings.general.databases, lanes, hash_seed),
            acl: Acl::at_start(settings, &*host, &seed)?,
            clients: Registry::default(),
            waiters: Waiters::default(),
            watchers: KeyNames::default(),
            persistence: Persistence::new(host.unix_ms()),
            propagation: Arc::default(),
            failure: Mutex::default(),
            pubsub: PubSub::default(),
            tracking: Trackers::default(),
            templates: Templates::default(),
            monitors: Monitors::default(),
            command_logs: CommandLogs::default(),
            hotkeys: HotKeys::default(),
            latency: LatencyEvents::default(),
            scripting: Scripting::default(),
            links: Links::default(),
            stats: Stats::new(lanes, CommandTable::get().entries().len()),
            live: RwLock::new(Arc::new(live)),
            live_version: AtomicU64::new(1),
            config: Mutex::new(config),
            run_id,
            started_at: host.unix_ms(),
            reclaimed: Reclaimed::default(),
            active_expire: AtomicBool::new(true),
            web_request_told_at_ms: AtomicI64::new(0),
            seed: rng.u64(..),
            startup_memory_bytes: memory.used(0, &*host),
            memory,
            host,
        };
        node.load_functions_dir_at_start()?;
        Ok(node)
    }

    /// The configuration in force.
    #[must_use]
    pub fn live(&self) -> Arc<Live> {
        Arc::clone(&self.live.read())
    }

    /// A number that changes whenever [`Node::live`] does.
    pub(crate) fn live_version(&self) -> u64 {
        self.live_version.load(Ordering::Acquire)
    }

    /// Puts `settings` in force on every reactor, from its next batch of commands on.
    pub(crate) fn publish(&self, settings: Settings) {
        *self.live.write() = Arc::new(Live::new(settings));
        self.live_version.fetch_add(1, Ordering::AcqRel);
    }

    /// Counts what a command changed and hands out what others must take care of.
    pub(crate) fn apply_changes(&self, lane: usize, changes: Changes) {
        let stats = &self.stats.lanes[lane];
        if changes.count > 0 {
            stats.dirty.add(changes.count);
        }
        if changes.hits > 0 {
            stats.hits.add(u64::from(changes.hits));
        }
        if changes.misses > 0 {
            stats.misses.add(u64::from(changes.misses));
        }
        if !changes.expired.is_empty() {
            stats.expired_keys.add(changes.expired.len() as u64);
            let live = self.live();
            for expired in &changes.expired {
                self.publish_event(&live, Class::Expired, "expired", expired.db, &expired.key);
            }
        }
        if !changes.expired_parts.is_empty() {
            let parts: usize = changes.expired_parts.iter().map(|expired| expired.parts.len()).sum();
            stats.expired_subkeys.add(parts as u64);
            let live = self.live();
            for expired in &changes.expired_parts {
                self.publish_event(&live, Class::Hash, "hexpired", expired.db, &expired.key);
                let parts = expired.parts.iter().map(|part| &**part);
                self.publish_parts(&live, Class::Hash, "hexpired", expired.db, &expired.key, parts);
                if expired.emptied {
                    self.publish_event(&live, Class::Generic, "del", expired.db, &expired.key);
                }
            }
        }
        if changes.free_garbage_here || (!changes.garbage.is_empty() && self.memory.is_near_limit()) {
            drop(changes.garbage);
        } else {
            changes.garbage.into_iter().for_each(|garbage| self.reclaim(garbage));
        }
        if changes.earlier_deadline && lane != 0 {
            self.host.send(0, Event::Deadline);
        }
    }

    /// Ends the server for a reason that its caller is to hear.
    pub(crate) fn fail(&self, reason: String) {
        *self.failure.lock() = Some(reason);
        self.host.shut_down();
    }

    /// Why the server ended, if not because it was asked to.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.failure.lock().clone()
    }

    #[must_use]
    pub fn host(&self) -> &Arc<dyn Host> {
        &self.host
    }

    /// Tells the log that a client spoke HTTP; once a minute at most, since it costs a stranger nothing to go on.
    pub(crate) fn warn_of_web_request(&self, client: &Client, now: UnixMs) {
        let told_at = UnixMs(self.web_request_told_at_ms.load(Ordering::Relaxed));
        if now.ms_since(told_at) < 60_000 {
            return;
        }
        self.web_request_told_at_ms.store(now.0, Ordering::Relaxed);
        let line = format!(
            "Possible SECURITY ATTACK detected: {} sent POST or Host:, as a web browser does that was led here by a \
             malicious page. Connection closed.",
            client.info.endpoint.addr
        );
        self.host.log(LogLevel::Warning, &line);
    }

    #[must_use]
    pub fn run_id(&self) -> &str {
        &self.run_id
    }
}

impl Live {
    fn new(settings: Settings) -> Self {
        let tunables = Tunables {
            proto_max_bulk_len_bytes: settings.clients.proto_max_bulk_len_bytes,
            // The parameter's row admits only names of dialects.
            dump_dialect: settings.dialects.dump.parse().unwrap_or_default(),
            restore_omitted_checksum: settings.dialects.restore_omitted_checksum,
            refuse_key_metadata: settings.dialects.refuse_key_metadata,
            refuse_loss: settings.dialects.refuse_loss,
            policy_is_lfu: settings.memory.policy.is_lfu(),
            encodings: settings.encodings,
        };
        let events = settings.monitoring.notify_keyspace_events;
        let interest = Interest {
            events: events.intersects(NotifyFlags::KEYSPACE.union(NotifyFlags::KEYEVENT)),
            parts: events.intersects(crate::pubsub::PARTS),
            // Known to the stream, command by command.
            propagation: false,
        };
        Self { settings, tunables, interest, key_events: crate::pubsub::key_events(events) }
    }
}

/// What a reactor asks about its connections.
impl Node {
    /// Counts bytes that came from a connection.
    pub fn count_received(&self, lane: usize, session: &Session, bytes: usize) {
        self.stats.lanes[lane].input_bytes.add(bytes as u64);
        self.stats.lanes[lane].reads.add(1);
        session.client.info.received_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Counts bytes that went out to a connection.
    pub fn count_sent(&self, lane: usize, session: &Session, bytes: usize) {
        if bytes > 0 {
            self.stats.lanes[lane].writes.add(1);
            session.client.info.sent_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        }
    }

    /// Counts a turn of a reactor's loop that took `ns` from its waking on.
    pub fn count_cycle(&self, lane: usize, ns: u64) {
        self.stats.lanes[lane].cycles.add(1);
        self.stats.lanes[lane].cycles_ns.add(ns);
        self.stats.lanes[lane].longest_cycle_ns.raise(ns);
    }

    /// Lets another thread drop what is large.
    pub(crate) fn reclaim(&self, garbage: Box<dyn std::any::Any + Send>) {
        self.host.reclaim(Box::new(self.reclaimed.counted(garbage)));
    }

    /// Forgets a connection that is closed.
    pub fn forget(&self, session: &mut Session) {
        session.client.watch.clear(self);
        if let Some(mut mine) = session.client.subscriptions.take() {
            self.pubsub.forget(&mut mine, session.client.id);
        }
        self.clients.pause.note_held(&mut session.client, false);
        session.client.stop_tracking(self);
        self.monitors.remove(session.client.id);
        self.waiters.forget(session.client.id);
        self.clients.remove(session.client.id);
    }

    /// Ends a pause of clients whose time is over; returns whether it did so now, so that the caller resumes them.
    pub fn end_pause_if_over(&self, now: UnixMs) -> bool {
        self.clients.pause.end_if_over(now)
    }

    /// Whether a connection has said nothing for longer than `timeout` allows.
    #[must_use]
    pub fn is_idle_too_long(&self, session: &Session, now: UnixMs) -> bool {
        let timeout_s = self.live.read().settings.network.timeout_s;
        let last = UnixMs(session.client.info.last_active_ms.load(Ordering::Relaxed));
        timeout_s > 0 && now.ms_since(last) > i64::from(timeout_s) * 1000
    }

    /// Why a new connection is turned away while `connected` others are let in, as the error line to send; `None` lets it in.
    /// The caller counts, since only it knows of those that are on their way to their reactor.
    #[must_use]
    pub fn refusal(&self, endpoint: &Endpoint, connected: usize) -> Option<&'static str> {
        let live = self.live.read();
        let stats = &self.stats.lanes[0];
        if connected >= usize::try_from(live.settings.clients.maxclients).unwrap_or(usize::MAX) {
            stats.connections_rejected.add(1);
            return Some("-ERR max number of clients reached\r\n");
        }
        if live.settings.security.protected_mode && self.acl.is_open() && !endpoint.is_local {
            stats.connections_rejected.add(1);
            return Some(PROTECTED);
        }
        stats.connections_received.add(1);
        None
    }
}

/// Protected mode's answer to a stranger; begins as Redis's does, so that clients recognize it.
const PROTECTED: &str = "-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for \
    the default user. In this mode connections are only accepted from the loopback interface. To let others in, either set a \
    password with requirepass (in the configuration file, or with CONFIG SET from this machine), or turn the mode off with \
    'CONFIG SET protected-mode no' or --protected-mode no, provided that the network in front of it is trusted.\r\n";

#[cfg(test)]
mod tests {
    use crate::Endpoint;
    use crate::testing::MemoryServer;

    fn from(addr: &str, is_local: bool) -> Endpoint {
        Endpoint { addr: addr.into(), laddr: "192.0.2.1:6379".into(), fd: 8, is_local, is_unix: false }
    }

    #[test]
    fn protected_mode_admits_only_this_machine_until_there_is_a_password() {
        let server = MemoryServer::new(1);
        let node = server.node();
        let (stranger, local) = (from("192.0.2.9:50000", false), from("127.0.0.1:50000", true));
        let refusal = node.refusal(&stranger, 0).expect("a refusal");
        assert!(refusal.starts_with("-DENIED Redis is running in protected mode because protected mode is enabled"));
        assert_eq!((refusal.find("\r\n"), refusal.matches('\n').count()), (Some(refusal.len() - 2), 1));
        assert_eq!(node.refusal(&local, 9_999), None);
        assert_eq!(node.refusal(&local, 10_000), Some("-ERR max number of clients reached\r\n"));

        let mut settings = node.live().settings.clone();
        node.acl.require(b"secret");
        assert_eq!(node.refusal(&stranger, 0), None, "a password protects");

        node.acl.require(b"");
        settings.security.protected_mode = false;
        node.publish(settings);
        assert_eq!(node.refusal(&stranger, 0), None, "protection is off");
    }
}
