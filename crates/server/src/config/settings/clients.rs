//! What clients may cost.

use super::MemoryLimit;

/// Limits per client and for all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clients {
    pub maxclients: u32,
    pub output_limits: OutputLimits,
    /// What all clients together may take.
    pub maxmemory_clients: MemoryLimit,
    /// The longest request that may wait for its end, in bytes (`client-query-buffer-limit`).
    pub query_buffer_limit_bytes: u64,
    /// The longest bulk string, in bytes (`proto-max-bulk-len`).
    pub proto_max_bulk_len_bytes: u64,
    /// Keys remembered for clients with tracking on; 0: any number.
    pub tracking_table_max_keys: u64,
}

/// `client-output-buffer-limit`: a limit for each class of client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutputLimits {
    pub normal: OutputLimit,
    pub replica: OutputLimit,
    pub pubsub: OutputLimit,
}

/// A client is closed when its unsent replies pass `hard_bytes`, or stay above `soft_bytes` for `soft_s` seconds. 0: no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutputLimit {
    pub hard_bytes: u64,
    pub soft_bytes: u64,
    pub soft_s: u32,
}
