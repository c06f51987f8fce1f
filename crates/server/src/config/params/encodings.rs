//! Limits of the compact encodings, with the names they had when listpacks were ziplists.

use crate::config::param::{BYTES_MAX, I32_MAX, I64_MAX, Param, at};

const I32_MIN: i64 = i32::MIN as i64;

pub(super) const TABLE: &[Param] = &[
    Param::int("hash-max-listpack-entries", "512", 0, I64_MAX, at!(encodings.hash_max_listpack_entries))
        .alias("hash-max-ziplist-entries"),
    Param::memory("hash-max-listpack-value", "64", 0, BYTES_MAX, at!(encodings.hash_max_listpack_value_bytes))
        .alias("hash-max-ziplist-value"),
    Param::int("list-max-listpack-size", "-2", I32_MIN, I32_MAX, at!(encodings.list_max_listpack_size))
        .alias("list-max-ziplist-size"),
    Param::int("list-compress-depth", "0", 0, I32_MAX, at!(encodings.list_compress_depth)),
    Param::int("set-max-intset-entries", "512", 0, I64_MAX, at!(encodings.set_max_intset_entries)),
    Param::int("set-max-listpack-entries", "128", 0, I64_MAX, at!(encodings.set_max_listpack_entries)),
    Param::int("set-max-listpack-value", "64", 0, I64_MAX, at!(encodings.set_max_listpack_value_bytes)),
    Param::int("zset-max-listpack-entries", "128", 0, I64_MAX, at!(encodings.zset_max_listpack_entries))
        .alias("zset-max-ziplist-entries"),
    Param::memory("zset-max-listpack-value", "64", 0, BYTES_MAX, at!(encodings.zset_max_listpack_value_bytes))
        .alias("zset-max-ziplist-value"),
    Param::memory("hll-sparse-max-bytes", "3000", 0, BYTES_MAX, at!(encodings.hll_sparse_max_bytes)),
    Param::memory("stream-node-max-bytes", "4096", 0, BYTES_MAX, at!(encodings.stream_node_max_bytes)),
    Param::int("stream-node-max-entries", "100", 0, I64_MAX, at!(encodings.stream_node_max_entries)),
    Param::int("stream-idmp-duration", "100", 1, 86_400, None).unused("idempotent XADD takes its limits from XCFGSET"),
    Param::int("stream-idmp-maxsize", "100", 1, 10_000, None).unused("idempotent XADD takes its limits from XCFGSET"),
    Param::int("hash-min-template-entries", "0", 0, I64_MAX, at!(hash_templates.on_write.min)),
    Param::int("hash-max-template-entries", "0", 0, I64_MAX, at!(hash_templates.on_write.max)),
    Param::int("hash-rdb-load-min-template-entries", "0", 0, I64_MAX, at!(hash_templates.on_load.min)),
    Param::int("hash-rdb-load-max-template-entries", "0", 0, I64_MAX, at!(hash_templates.on_load.max)),
    Param::int("hash-rdb-load-template-disassembly-threshold", "0", 0, I64_MAX, at!(hash_templates.least_keys)),
    Param::bool("vset-force-single-threaded-execution", "no", None).unused("vector sets are not built yet"),
];
