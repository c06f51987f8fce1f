//! How much memory the data may take, and what happens then.

use super::choice::choice;

/// Limits and eviction, and what is freed by a thread of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a parameter of its own")]
pub struct Memory {
    /// 0: no limit.
    pub maxmemory_bytes: u64,
    pub policy: EvictionPolicy,
    /// Keys looked at for each that is evicted.
    pub samples: u32,
    /// How long a command may be held up by eviction: 0 (not at all) to 100 (as long as it takes).
    pub eviction_tenacity: u32,
    /// How slowly the LFU counter grows.
    pub lfu_log_factor: u32,
    /// Minutes after which the LFU counter shrinks by one; 0: never.
    pub lfu_decay_minutes: u32,
    pub lazyfree_eviction: bool,
    pub lazyfree_expire: bool,
    pub lazyfree_server_del: bool,
    pub lazyfree_user_del: bool,
    pub lazyfree_user_flush: bool,
    pub lazyfree_replica_flush: bool,
}

choice! {
    /// Which keys go when the memory is full.
    EvictionPolicy {
        VolatileLru = "volatile-lru",
        VolatileLfu = "volatile-lfu",
        VolatileLrm = "volatile-lrm",
        VolatileRandom = "volatile-random",
        VolatileTtl = "volatile-ttl",
        AllkeysLru = "allkeys-lru",
        AllkeysLfu = "allkeys-lfu",
        AllkeysLrm = "allkeys-lrm",
        AllkeysRandom = "allkeys-random",
        #[default]
        NoEviction = "noeviction",
    }
}

impl EvictionPolicy {
    /// Whether access frequencies are counted rather than times.
    #[must_use]
    pub const fn is_lfu(self) -> bool {
        matches!(self, Self::VolatileLfu | Self::AllkeysLfu)
    }

    /// Whether the least recently used keys go first.
    #[must_use]
    pub const fn is_lru(self) -> bool {
        matches!(self, Self::VolatileLru | Self::AllkeysLru)
    }

    /// Whether only changes count as uses.
    #[must_use]
    pub const fn is_lrm(self) -> bool {
        matches!(self, Self::VolatileLrm | Self::AllkeysLrm)
    }

    /// Whether keys without a time to live are safe.
    #[must_use]
    pub const fn is_volatile(self) -> bool {
        matches!(
            self,
            Self::VolatileLru | Self::VolatileLfu | Self::VolatileLrm | Self::VolatileRandom | Self::VolatileTtl
        )
    }
}
