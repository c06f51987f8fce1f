//! Files stay below 800 lines and functions below 100; what is longer today is written down and may only shrink.
//!
//! `ratchet.txt` beside this file holds the exceptions:
//!
//! ```text
//! file crates/value/src/zset.rs 912
//! fn crates/value/src/zset.rs range 131
//! mod crates/value/src/zset/mod.rs 3
//! ```
//!
//! (The last: items in a contents page that are more than contents, a rule of `modules`.)
//!
//! `cargo xtask tidy --tighten` lowers the figures to today's; `--accept` also raises them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::modules;
use super::report::Finding;
use super::workspace::Workspace;

const FILE_LIMIT: usize = 800;
const FUNCTION_LIMIT: usize = 100;
const RATCHET: &str = "xtask/src/tidy/ratchet.txt";

/// What is measured: `file PATH`, `fn PATH NAME` or `mod PATH`.
type Subject = String;

pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    let (allowed, mut findings) = read_ratchet(workspace);
    let long = long_ones(workspace);
    for (subject, (lines, line)) in &long {
        let path = subject.split(' ').nth(1).unwrap_or_default();
        let message = match allowed.get(subject) {
            Some((limit, _)) if lines <= limit => continue,
            Some((limit, _)) => format!("{subject} grew from {limit} to {lines} lines: it may only shrink; split it"),
            None if subject.starts_with("file") => {
                format!(
                    "{lines} lines, more than {FILE_LIMIT}: ask what second noun the file hides and give it its own"
                )
            }
            None => format!(
                "{subject} has {lines} lines, more than {FUNCTION_LIMIT}: keep the branches, move the leaves out"
            ),
        };
        findings.push(Finding::new(path, *line, message));
    }
    let logic = modules::logic_counts(workspace);
    let is_needed = |subject: &Subject| long.contains_key(subject) || logic.iter().any(|(other, _)| other == subject);
    for (subject, (_, line)) in allowed.iter().filter(|(subject, _)| !is_needed(subject)) {
        findings.push(Finding::new(RATCHET, *line, format!("{subject} needs no exception now: remove this line")));
    }
    findings
}

/// The figure that the ratchet grants `subject`; 0 if it names none.
pub(super) fn allowed(workspace: &Workspace, subject: &str) -> usize {
    read_ratchet(workspace).0.get(subject).map_or(0, |(limit, _)| *limit)
}

/// Writes the ratchet anew: never above its old figures, unless `accept`.
pub(super) fn rewrite(root: &Path, workspace: &Workspace, accept: bool) -> Result<()> {
    let (allowed, _) = read_ratchet(workspace);
    let mut text = String::new();
    let long = long_ones(workspace).into_iter().map(|(subject, (lines, _))| (subject, lines));
    for (subject, lines) in long.chain(modules::logic_counts(workspace)) {
        let old = allowed.get(&subject).map(|(limit, _)| *limit);
        let new = if accept { Some(lines) } else { old.map(|old| old.min(lines)) };
        if let Some(new) = new {
            writeln!(text, "{subject} {new}")?;
        }
    }
    fs::write(root.join(RATCHET), text).with_context(|| format!("writing {RATCHET}"))
}

/// Everything above its limit: lines, and the line where it begins.
fn long_ones(workspace: &Workspace) -> BTreeMap<Subject, (usize, usize)> {
    let mut long = BTreeMap::new();
    for (file, code) in workspace.rust() {
        let lines = file.text.lines().count();
        if lines > FILE_LIMIT {
            long.insert(format!("file {}", file.path), (lines, 1));
        }
        for function in code.functions().into_iter().filter(|function| function.lines > FUNCTION_LIMIT) {
            let seen = long.entry(format!("fn {} {}", file.path, function.name)).or_insert((0, function.line));
            if function.lines > seen.0 {
                *seen = (function.lines, function.line);
            }
        }
    }
    long
}

/// The allowed lengths with the line of the ratchet that says so.
fn read_ratchet(workspace: &Workspace) -> (BTreeMap<Subject, (usize, usize)>, Vec<Finding>) {
    let mut allowed = BTreeMap::new();
    let mut findings = Vec::new();
    let text = workspace.file(RATCHET).map_or("", |file| file.text.as_str());
    for (index, line) in text.lines().enumerate() {
        match line.rsplit_once(' ').and_then(|(subject, lines)| Some((subject, lines.parse().ok()?))) {
            Some((subject, lines)) => {
                allowed.insert(subject.to_owned(), (lines, index + 1));
            }
            None => {
                findings.push(Finding::new(
                    RATCHET,
                    index + 1,
                    "expected `file PATH LINES`, `fn PATH NAME LINES` or `mod PATH ITEMS`",
                ));
            }
        }
    }
    (allowed, findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(lines: usize, ratchet: &str) -> Vec<String> {
        let long = format!("//! x\nfn f() {{\n{}}}\n", "    g();\n".repeat(lines - 2));
        let files = [("crates/value/src/long.rs", long.as_str()), (RATCHET, ratchet)];
        check(&Workspace::of(&files)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_long_function_is_found_unless_written_down() {
        assert!(findings(100, "").is_empty());
        assert!(
            findings(101, "")[0].starts_with("crates/value/src/long.rs:2: fn crates/value/src/long.rs f has 101 lines")
        );
        assert!(findings(101, "fn crates/value/src/long.rs f 101\n").is_empty());
        assert!(findings(102, "fn crates/value/src/long.rs f 101\n")[0].contains("grew from 101 to 102"));
    }

    #[test]
    fn an_exception_that_is_not_needed_must_go() {
        assert!(findings(50, "fn crates/value/src/long.rs f 101\n")[0].starts_with("xtask/src/tidy/ratchet.txt:1:"));
        assert!(findings(50, "nonsense\n")[0].contains("expected"));
    }

    #[test]
    fn a_long_file_is_found() {
        let text = format!("//! x\n{}", "const A: u8 = 1;\n".repeat(800));
        let found = check(&Workspace::of(&[("crates/value/src/long.rs", &text)]));
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("801 lines"));
    }
}
