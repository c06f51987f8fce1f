//! Up to which size a value is kept in its compact encoding.

/// Limits of the compact encodings. Entries are counted, values measured in bytes. The defaults are Redis's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodingLimits {
    pub hash_max_listpack_entries: u64,
    pub hash_max_listpack_value_bytes: u64,
    /// Positive: elements in a quicklist node; -1 to -5: 4, 8, 16, 32, 64 KiB.
    pub list_max_listpack_size: i32,
    /// Nodes at each end of a list that are not compressed; 0: no node is.
    pub list_compress_depth: u32,
    pub set_max_intset_entries: u64,
    pub set_max_listpack_entries: u64,
    pub set_max_listpack_value_bytes: u64,
    pub zset_max_listpack_entries: u64,
    pub zset_max_listpack_value_bytes: u64,
    pub hll_sparse_max_bytes: u64,
    /// 0: any size.
    pub stream_node_max_bytes: u64,
    /// 0: any number.
    pub stream_node_max_entries: u64,
}

impl Default for EncodingLimits {
    fn default() -> Self {
        Self {
            hash_max_listpack_entries: 512,
            hash_max_listpack_value_bytes: 64,
            list_max_listpack_size: -2,
            list_compress_depth: 0,
            set_max_intset_entries: 512,
            set_max_listpack_entries: 128,
            set_max_listpack_value_bytes: 64,
            zset_max_listpack_entries: 128,
            zset_max_listpack_value_bytes: 64,
            hll_sparse_max_bytes: 3000,
            stream_node_max_bytes: 4096,
            stream_node_max_entries: 100,
        }
    }
}
