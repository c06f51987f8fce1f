//! Where `unsafe` may live.
//!
//! `unsafe_code` is denied for the workspace; a module lifts it with an attribute that names a reason. This rule says which
//! modules may do so: each has a safe surface with stated invariants, a proof per block, and runs under Miri.

use super::report::Finding;
use super::workspace::Workspace;

/// Modules that may, each a file `PATH.rs` or a folder `PATH/`.
const ALLOWED: &[&str] = &[
    "crates/stdx/src/alloc",
    "crates/pack/src/prefetch",
    "crates/pack/src/raw",
    "crates/pack/src/simd",
    // The table's memory, the stripes' locks, and the part of a view that reaches through them.
    "crates/keyspace/src/table",
    // Measures the table alone: gives the gate's word itself, and reads the CPU clock of its thread.
    "crates/keyspace/examples/table_scale",
    "crates/keyspace/src/locks",
    "crates/keyspace/src/db/access",
    "crates/runtime/src/sys",
    "crates/script/src/ffi",
];

pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, code) in workspace.rust().filter(|(file, _)| !is_allowed(&file.path)) {
        let blocks = code.words("unsafe").map(|at| (at, "`unsafe`"));
        let lifted = code.words("unsafe_code").filter(|at| is_lifted(&code.code[..*at]));
        let lifted = lifted.map(|at| (at, "lifting `unsafe_code`"));
        findings.extend(blocks.chain(lifted).map(|(at, what)| {
            let message = format!("{what} outside the modules that may: use a safe surface of one of them, or argue for a line in xtask/src/tidy/unsafe_code.rs");
            Finding::new(&file.path, code.line(at), message)
        }));
    }
    findings
}

/// Whether the attribute that `head` breaks off in is an `allow` or `expect`.
fn is_lifted(head: &str) -> bool {
    let attribute = head.rfind('[').map_or(head, |start| &head[start + 1..]);
    ["allow(", "expect("].iter().any(|lift| attribute.trim_start().starts_with(lift))
}

fn is_allowed(path: &str) -> bool {
    ALLOWED.iter().any(|module| path.strip_prefix(module).is_some_and(|rest| rest == ".rs" || rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsafe_is_found_outside_its_modules_only() {
        let text = "//! unsafe\n#![expect(unsafe_code, reason = \"x\")]\nfn f() { unsafe { g() } }\n";
        let lines =
            |path: &str| check(&Workspace::of(&[(path, text)])).iter().map(|finding| finding.line).collect::<Vec<_>>();
        assert_eq!(lines("crates/value/src/hash.rs"), [3, 2]);
        assert_eq!(lines("crates/keyspace/src/tables.rs"), [3, 2]);
        assert_eq!(lines("crates/keyspace/src/table/map.rs"), [0; 0]);
        assert_eq!(lines("crates/keyspace/src/locks.rs"), [0; 0]);
    }
}
