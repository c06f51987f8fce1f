//! How much memory the data may take: `maxmemory`, eviction, lazy freeing, defragmentation.

use crate::config::param::{BYTES_MAX, I32_MAX, I64_MAX, Param, at};
use crate::config::settings::EvictionPolicy;

const NO_DEFRAG: &str = "memory is not moved to defragment it";

pub(super) const TABLE: &[Param] = &[
    Param::memory("maxmemory", "0", 0, u64::MAX, at!(memory.maxmemory_bytes)),
    Param::choice("maxmemory-policy", "noeviction", EvictionPolicy::NAMES, at!(memory.policy)),
    Param::int("maxmemory-samples", "5", 1, 64, at!(memory.samples)),
    Param::int("maxmemory-eviction-tenacity", "10", 0, 100, at!(memory.eviction_tenacity)),
    Param::int("lfu-log-factor", "10", 0, I32_MAX, at!(memory.lfu_log_factor)),
    Param::int("lfu-decay-time", "1", 0, I32_MAX, at!(memory.lfu_decay_minutes)),
    Param::bool("lazyfree-lazy-eviction", "no", at!(memory.lazyfree_eviction)),
    Param::bool("lazyfree-lazy-expire", "no", at!(memory.lazyfree_expire)),
    Param::bool("lazyfree-lazy-server-del", "no", at!(memory.lazyfree_server_del)),
    Param::bool("lazyfree-lazy-user-del", "no", at!(memory.lazyfree_user_del)),
    Param::bool("lazyfree-lazy-user-flush", "no", at!(memory.lazyfree_user_flush)),
    Param::bool("replica-lazy-flush", "no", at!(memory.lazyfree_replica_flush)).alias("slave-lazy-flush"),
    Param::int("active-expire-effort", "1", 1, 10, None).unused("expiry takes the keys that are due, and no sample"),
    Param::bool("activerehashing", "yes", None).unused("the table grows a segment at a time and never rehashes"),
    Param::bool("activedefrag", "no", None).unused(NO_DEFRAG),
    Param::memory("active-defrag-ignore-bytes", "104857600", 1, BYTES_MAX, None).unused(NO_DEFRAG),
    Param::int("active-defrag-threshold-lower", "10", 0, 1000, None).unused(NO_DEFRAG),
    Param::int("active-defrag-threshold-upper", "100", 0, 1000, None).unused(NO_DEFRAG),
    Param::int("active-defrag-cycle-min", "1", 1, 99, None).unused(NO_DEFRAG),
    Param::int("active-defrag-cycle-max", "25", 1, 99, None).unused(NO_DEFRAG),
    Param::int("active-defrag-cycle-us", "500", 0, 100_000, None).unused(NO_DEFRAG),
    Param::int("active-defrag-max-scan-fields", "1000", 1, I64_MAX, None).unused(NO_DEFRAG),
    Param::text("hash-seed", "", None).immutable().unused("every start hashes with a seed of its own"),
];
