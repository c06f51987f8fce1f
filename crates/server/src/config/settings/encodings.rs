//! Up to which size a value is kept in its compact encoding.

/// Limits of the compact encodings. Entries are counted, values measured in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encodings {
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
