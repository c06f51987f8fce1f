//! What other threads may read of a table without its lock: enough to warm the cache lines of a key.

/// A handle onto a table that may be used by any thread at any time, whoever holds the table's lock.
#[derive(Debug, Default)]
pub struct Prefetcher {}

impl Prefetcher {
    /// First pass over a batch: asks for the cache lines of the key's bucket.
    pub fn prefetch_bucket(&self, _hash: u64) {}

    /// Second pass: reads the bucket and asks for the entries whose tag matches.
    pub fn prefetch_entry(&self, _hash: u64) {}
}
