//! Which crate may depend on which.
//!
//! The table holds the edges of the building, one line a crate; a crate may also name what lies below those. An edge that is
//! missing here is a decision to take in ARCHITECTURE.md first.

use super::report::Finding;
use super::workspace::{TextFile, Workspace};

/// (crate, the crates right below it)
const EDGES: &[(&str, &[&str])] = &[
    ("stdx", &[]),
    ("pack", &["stdx"]),
    ("value", &["pack", "stdx"]),
    ("resp", &["stdx"]),
    ("rdb", &["value"]),
    ("keyspace", &["value"]),
    ("command-api", &["keyspace", "rdb", "resp"]),
    ("commands", &["command-api", "rdb"]),
    ("script", &["command-api"]),
    ("persist", &["rdb"]),
    ("replication", &["rdb", "resp"]),
    ("cluster", &["resp"]),
    ("server", &["commands", "script", "persist", "replication", "cluster"]),
    ("runtime", &["server"]),
    ("ochre", &["runtime"]),
    ("testkit", &["resp"]),
    ("fuzz-checks", &["server", "testkit"]),
    ("xtask", &["testkit"]),
];

/// Crates that only tests use: any crate's tests may, and an optional dependency behind a feature for other crates' tests.
const FOR_TESTS: &[&str] = &["testkit"];

/// Edges of tests alone: transcripts of commands are put to a whole server in memory, and the checks of fuzzers are there for tests only.
const TEST_EDGES: &[(&str, &str)] = &[("commands", "server"), ("fuzz-checks", "fuzz-checks")];

/// Outside crates that reach the operating system, and who may use them.
const SYSTEM_CRATES: &[&str] = &["mio", "socket2", "libc", "signal-hook", "rustls", "nix", "rustix"];
const SYSTEM_USERS: &[&str] = &["runtime", "ochre", "testkit", "xtask"];

/// One line of a manifest's dependency tables.
#[derive(Debug, PartialEq, Eq)]
struct Dependency {
    name: String,
    line: usize,
    for_tests: bool,
    optional: bool,
}

pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, manifest) in workspace.manifests() {
        let Some(allowed) = below(name) else {
            let message =
                format!("crate `{name}` has no place in the building: give it a line in xtask/src/tidy/edges.rs");
            findings.push(Finding::new(&manifest.path, 1, message));
            continue;
        };
        for dependency in dependencies(manifest) {
            findings.extend(
                judge(name, &allowed, &dependency)
                    .map(|message| Finding::new(&manifest.path, dependency.line, message)),
            );
        }
    }
    findings
}

fn judge(name: &str, allowed: &[&str], dependency: &Dependency) -> Option<String> {
    let target = dependency.name.as_str();
    let ours = EDGES.iter().any(|(other, _)| *other == target);
    let for_tests = FOR_TESTS.contains(&target) && (dependency.for_tests || dependency.optional)
        || dependency.for_tests && TEST_EDGES.contains(&(name, target));
    if ours && !allowed.contains(&target) && !for_tests {
        let kind = if dependency.for_tests { "tests of " } else { "" };
        return Some(format!("{kind}`{name}` must not depend on `{target}`: the edges are in xtask/src/tidy/edges.rs"));
    }
    if SYSTEM_CRATES.contains(&target) && !SYSTEM_USERS.contains(&name) && !dependency.for_tests {
        return Some(format!(
            "`{target}` reaches the operating system: only `runtime` may; pass in what `{name}` needs"
        ));
    }
    None
}

/// Everything below `name`.
fn below(name: &str) -> Option<Vec<&'static str>> {
    let (_, direct) = EDGES.iter().find(|(other, _)| *other == name)?;
    let mut all = direct.to_vec();
    let mut next = 0;
    while next < all.len() {
        if let Some((_, deeper)) = EDGES.iter().find(|(other, _)| *other == all[next]) {
            let new: Vec<_> = deeper.iter().filter(|crate_name| !all.contains(crate_name)).copied().collect();
            all.extend(new);
        }
        next += 1;
    }
    Some(all)
}

/// Reads `[dependencies]`, `[dev-dependencies]`, `[build-dependencies]`, their `[target.*]` forms and `[dependencies.NAME]`.
fn dependencies(manifest: &TextFile) -> Vec<Dependency> {
    let mut found = Vec::new();
    let mut table = None;
    for (index, line) in manifest.text.lines().enumerate() {
        let line = line.trim();
        let optional = line.contains("optional = true");
        let dependency =
            |name: &str, for_tests| Dependency { name: name.to_owned(), line: index + 1, for_tests, optional };
        if let Some(header) = line.strip_prefix('[') {
            let header = header.trim_end_matches(']');
            // The last part that names a kind of dependency; what follows it names one.
            let kind = ["dev-dependencies", "build-dependencies", "dependencies"].iter().find_map(|kind| {
                let at = header.rfind(kind)?;
                Some((*kind == "dev-dependencies", header[at + kind.len()..].trim_start_matches('.')))
            });
            table = kind.and_then(|(for_tests, name)| {
                if name.is_empty() {
                    return Some(for_tests);
                }
                found.push(dependency(name, for_tests));
                None
            });
        } else if let Some(for_tests) = table
            && let Some(end) = line.find(['=', '.', ' '])
            && !line.starts_with('#')
        {
            found.push(dependency(line[..end].trim_matches('"'), for_tests));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, manifest: &str) -> Vec<String> {
        check(&Workspace::of(&[(path, manifest)])).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_edge_upwards_is_found_with_its_line() {
        let found = findings(
            "crates/value/Cargo.toml",
            "[package]\nname = \"value\"\n[dependencies]\nstdx.workspace = true\nkeyspace.workspace = true\n",
        );
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with("crates/value/Cargo.toml:5: `value` must not depend on `keyspace`"),
            "{}",
            found[0]
        );
    }

    #[test]
    fn edges_down_the_building_are_allowed() {
        let manifest = "[dependencies]\nstdx = { workspace = true }\nvalue.workspace = true\npack.workspace = true\n[dev-dependencies]\ntestkit.workspace = true\n";
        assert_eq!(findings("crates/commands/Cargo.toml", manifest), Vec::<String>::new());
    }

    #[test]
    fn other_forms_of_tables_are_read() {
        let manifest = "[target.'cfg(unix)'.dependencies]\nserver = \"1\"\n[dependencies.runtime]\npath = \"x\"\n[dev-dependencies]\ncommands.workspace = true\n[features]\nochre = []\n";
        assert_eq!(findings("crates/stdx/Cargo.toml", manifest).len(), 3);
    }

    #[test]
    fn tests_reach_further_than_the_crate() {
        assert_eq!(findings("crates/commands/Cargo.toml", "[dev-dependencies]\nserver.workspace = true\n").len(), 0);
        assert_eq!(findings("crates/commands/Cargo.toml", "[dependencies]\nserver.workspace = true\n").len(), 1);
        assert_eq!(findings("crates/value/Cargo.toml", "[dev-dependencies]\nserver.workspace = true\n").len(), 1);
        let optional = "[dependencies]\ntestkit = { workspace = true, optional = true }\n";
        assert_eq!(findings("crates/server/Cargo.toml", optional).len(), 0);
        assert_eq!(findings("crates/server/Cargo.toml", "[dependencies]\ntestkit.workspace = true\n").len(), 1);
    }

    #[test]
    fn system_crates_are_for_the_runtime() {
        assert_eq!(findings("crates/server/Cargo.toml", "[dependencies]\nmio.workspace = true\n").len(), 1);
        assert_eq!(findings("crates/runtime/Cargo.toml", "[dependencies]\nmio.workspace = true\n").len(), 0);
    }

    #[test]
    fn an_unknown_crate_needs_a_place() {
        assert_eq!(findings("crates/helpers/Cargo.toml", "[package]\n").len(), 1);
    }

    #[test]
    fn the_building_has_no_cycle() {
        for (name, _) in EDGES {
            assert!(!below(name).unwrap().contains(name), "{name}");
        }
    }
}
