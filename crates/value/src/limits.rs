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
    /// Indexes of an array's slice: a power of two; more than 65536 count as that. Taken when an array gets its first element.
    pub array_slice_size: u64,
    /// A slice with more elements becomes a window of slots, if they lie close enough together.
    pub array_sparse_kmax: u64,
    /// A window with fewer elements becomes a list again, if that saves memory; 0: never.
    pub array_sparse_kmin: u64,
}

impl EncodingLimits {
    /// Redis's defaults.
    pub const DEFAULT: Self = Self {
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
        array_slice_size: 4096,
        array_sparse_kmax: 10,
        array_sparse_kmin: 5,
    };
}

impl Default for EncodingLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
