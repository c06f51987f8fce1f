//! What must hold of any bytes: one function for each decoder and interpreter that meets the bytes of strangers.
//!
//! Each takes the input of a fuzzer and panics if something does not hold. They are here and not in the fuzz targets, so that an ordinary
//! `cargo test` on a stable compiler puts every seed and every former crash in `fuzz/seeds` to them (`tests/seeds.rs`), and so that
//! lints hold for them. `fuzz/fuzz_targets/NAME.rs` is the line that hands `libFuzzer`'s bytes to one of them: see `fuzz/README.md`.
//!
//! Knows nothing of fuzzers, files and compilers with sanitizers. All of it is behind the feature `checks`.
#![cfg(feature = "checks")]

mod acl_rules;
mod cjson;
mod cmsgpack;
mod function_load;
mod function_payload;
mod function_restore;
mod hostile_host;
mod interpreter;
mod lua_text;
mod memory_server;
mod pack_listpack;
mod rdb_file;
mod registry;
mod resp_reply;
mod resp_request;
mod restore_payload;
mod struct_format;

/// A check of any bytes. It panics if what must hold does not.
pub type Check = fn(&[u8]);

/// Every fuzz target's name and its check.
///
/// ```
/// for (name, check) in fuzz_checks::TARGETS {
///     check(b"whatever");
///     println!("{name} holds");
/// }
/// ```
pub const TARGETS: &[(&str, Check)] = &[
    ("acl_rules", acl_rules::check),
    ("cjson", cjson::check),
    ("cmsgpack", cmsgpack::check),
    ("function_load", function_load::check),
    ("function_payload", function_payload::check),
    ("function_restore", function_restore::check),
    ("pack_listpack", pack_listpack::check),
    ("rdb_file", rdb_file::check),
    ("resp_reply", resp_reply::check),
    ("resp_request", resp_request::check),
    ("restore_payload", restore_payload::check),
    ("struct_format", struct_format::check),
];

pub use acl_rules::check as acl_rules;
pub use cjson::check as cjson;
pub use cmsgpack::check as cmsgpack;
pub use function_load::check as function_load;
pub use function_payload::check as function_payload;
pub use function_restore::check as function_restore;
pub use pack_listpack::check as pack_listpack;
pub use rdb_file::check as rdb_file;
pub use resp_reply::check as resp_reply;
pub use resp_request::check as resp_request;
pub use restore_payload::check as restore_payload;
pub use struct_format::check as struct_format;
