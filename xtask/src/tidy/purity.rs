//! Below `runtime` nothing reads a clock, the environment, a file or a socket: `now` and `rng` are arguments.
//!
//! clippy.toml bans the usual functions too; this rule also sees the types, renamed imports and future functions, and cannot
//! be suppressed in passing. Tests are free.

use super::report::Finding;
use super::rust::{Code, is_word};
use super::workspace::{TextFile, Workspace, crate_of};

/// The crates that may.
const FREE: &[&str] = &["runtime", "ochre", "testkit", "xtask"];

/// (path, what to do instead)
const BANNED: &[(&str, &str)] = &[
    ("std::time::Instant", "take `now` as an argument"),
    ("std::time::SystemTime", "take `now: UnixMs` as an argument"),
    ("std::env", "let `runtime` read the environment and pass the value in"),
    ("std::fs", "let `runtime` do it behind a trait that the server asks"),
    ("std::net", "sockets belong to `runtime`; address types are in `core::net`"),
    ("std::process", "processes belong to `runtime`"),
];

pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    workspace
        .rust()
        .filter(|(file, _)| crate_of(&file.path).is_some_and(|name| !FREE.contains(&name)) && !is_test_file(file))
        .flat_map(|(file, code)| check_file(file, code))
        .collect()
}

fn is_test_file(file: &TextFile) -> bool {
    file.file_name() == "tests.rs"
        || ["/tests/", "/benches/", "/examples/"].iter().any(|folder| file.path.contains(folder))
        || file.file_name() == "build.rs"
}

fn check_file(file: &TextFile, code: &Code) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, path) in std_paths(code) {
        let banned = BANNED.iter().find(|(banned, _)| {
            path == *banned || path.strip_prefix(banned).is_some_and(|rest| rest.starts_with("::"))
        });
        if let Some((banned, instead)) = banned
            && !code.in_tests(at)
        {
            let message = format!("`{banned}` below `runtime`: {instead}");
            findings.push(Finding::new(&file.path, code.line(at), message));
        }
    }
    findings
}

/// Every path from `std` in the code, use trees spread out: `use std::{fs, io::Read}` gives `std::fs` and `std::io::Read`.
fn std_paths(code: &Code) -> Vec<(usize, String)> {
    let mut paths = Vec::new();
    for at in code.words("std") {
        spread(&code.code, at, "", &mut paths);
    }
    paths
}

/// Reads one path of a use tree at `at` and appends what it leads to; answers the offset behind it.
fn spread(code: &str, at: usize, prefix: &str, paths: &mut Vec<(usize, String)>) -> usize {
    let mut path = prefix.to_owned();
    let mut next = at;
    loop {
        next = skip_blank(code, next);
        let word: String = code[next..].chars().take_while(|c| is_word(*c)).collect();
        next += word.len();
        path.push_str(&word);
        let behind = skip_blank(code, next);
        if !code[behind..].starts_with("::") {
            break;
        }
        next = skip_blank(code, behind + 2);
        path.push_str("::");
        if code[next..].starts_with('{') {
            return spread_group(code, next + 1, &path, paths);
        }
        if !code[next..].starts_with(is_word) {
            // A glob or a turbofish ends what concerns us.
            path.truncate(path.len() - 2);
            break;
        }
    }
    paths.push((at, path));
    next
}

fn spread_group(code: &str, from: usize, prefix: &str, paths: &mut Vec<(usize, String)>) -> usize {
    let mut next = from;
    loop {
        next = skip_blank(code, next);
        match code[next..].chars().next() {
            Some('}') => return next + 1,
            Some(c) if is_word(c) => next = spread(code, next, prefix, paths),
            Some(c) => next += c.len_utf8(),
            None => return next,
        }
    }
}

fn skip_blank(code: &str, at: usize) -> usize {
    at + code[at..].len() - code[at..].trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> Vec<usize> {
        check(&Workspace::of(&[(path, text)])).iter().map(|finding| finding.line).collect()
    }

    const LIB: &str = "crates/server/src/lib.rs";

    #[test]
    fn plain_grouped_and_inline_paths_are_found() {
        assert_eq!(findings(LIB, "use std::time::Instant;"), [1]);
        assert_eq!(
            findings(LIB, "use std::{\n    io::Read,\n    fs,\n    time::{Duration, SystemTime as Clock},\n};"),
            [3, 4]
        );
        assert_eq!(findings(LIB, "fn f() {\n    let t = std :: env::var(\"X\");\n}"), [2]);
        assert_eq!(findings(LIB, "use std::net::*;"), [1]);
        assert_eq!(findings(LIB, "use std::{self, io};\nuse ::std::fs::File;"), [2]);
    }

    #[test]
    fn harmless_paths_pass() {
        let text = "//! std::fs\nuse std::time::Duration;\nuse core::net::SocketAddr;\nconst S: &str = \"std::fs\";\nuse std::environment;";
        assert_eq!(findings(LIB, text), Vec::<usize>::new());
    }

    #[test]
    fn tests_and_the_runtime_are_free() {
        assert_eq!(findings(LIB, "#[cfg(test)]\nmod tests {\n    use std::fs;\n}"), Vec::<usize>::new());
        assert_eq!(findings("crates/server/src/config/tests.rs", "use std::fs;"), Vec::<usize>::new());
        assert_eq!(findings("crates/runtime/src/lib.rs", "use std::fs;"), Vec::<usize>::new());
    }
}
