//! The node: everything that all reactors share.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use command_api::{Interest, Tunables};
use keyspace::{AccessClock, Keyspace};
use parking_lot::{Mutex, RwLock};
use stdx::UnixMs;

use crate::clients::Registry;
use crate::config::{Config, Settings};
use crate::host::Host;
use crate::stats::Stats;
use crate::table::CommandTable;

/// How many random bytes a node is seeded with.
pub const SEED_BYTES: usize = 32;

/// What all reactors share.
pub struct Node {
    pub(crate) keyspace: Keyspace,
    pub(crate) host: Arc<dyn Host>,
    pub(crate) clients: Registry,
    pub(crate) stats: Stats,
    /// The configuration as CONFIG edits it.
    pub(crate) config: Mutex<Config>,
    live: RwLock<Arc<Live>>,
    live_version: AtomicU64,
    /// 40 hex digits, new at every start.
    pub(crate) run_id: String,
    pub(crate) started_at: UnixMs,
    /// DEBUG SET-ACTIVE-EXPIRE.
    pub(crate) active_expire: AtomicBool,
    pub(crate) seed: u64,
}

/// The configuration as the reactors use it: immutable, replaced as a whole.
#[derive(Debug)]
pub struct Live {
    pub settings: Settings,
    pub(crate) tunables: Tunables,
    pub(crate) interest: Interest,
}

impl Live {
    pub(crate) fn requires_password(&self) -> bool {
        !self.settings.security.requirepass.is_empty()
    }

    /// The access clock at `now`.
    pub(crate) fn clock(&self, now: UnixMs) -> AccessClock {
        if self.tunables.policy_is_lfu {
            AccessClock::Lfu {
                now,
                log_factor: self.settings.memory.lfu_log_factor,
                decay_minutes: self.settings.memory.lfu_decay_minutes,
            }
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
    #[must_use]
    pub fn new(config: Config, host: Arc<dyn Host>, seed: [u8; SEED_BYTES]) -> Self {
        let settings = config.settings();
        let lanes = settings.general.threads;
        let mut hash_seed = [0; 16];
        hash_seed.copy_from_slice(&seed[..16]);
        let mut chance = [0; 8];
        chance.copy_from_slice(&seed[16..24]);
        let mut rng = fastrand::Rng::with_seed(u64::from_le_bytes(chance));
        let run_id = (0..40).map(|_| char::from_digit(rng.u32(0..16), 16).unwrap_or('0')).collect();
        let live = Live::new(settings.clone());
        Self {
            keyspace: Keyspace::new(settings.general.databases, lanes, hash_seed),
            clients: Registry::default(),
            stats: Stats::new(lanes, CommandTable::get().entries().len()),
            live: RwLock::new(Arc::new(live)),
            live_version: AtomicU64::new(1),
            config: Mutex::new(config),
            run_id,
            started_at: host.unix_ms(),
            active_expire: AtomicBool::new(true),
            seed: rng.u64(..),
            host,
        }
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

    #[must_use]
    pub fn host(&self) -> &Arc<dyn Host> {
        &self.host
    }

    #[must_use]
    pub fn run_id(&self) -> &str {
        &self.run_id
    }
}
