//! Files and the module tree: no logic in `mod.rs`, no file that nothing names, a module comment on top of each.
//!
//! A `mod.rs` that held logic when the rule came is in the ratchet (see `length`) with its number of items that are more than
//! contents, and may only lose some.

use std::collections::BTreeSet;

use super::length;
use super::report::Finding;
use super::rust::{Code, is_word, matching_brace};
use super::workspace::{TextFile, Workspace};

/// What may stand in a `mod.rs`, besides comments and attributes.
const CONTENTS: &[&str] = &["mod", "use", "const", "static", "extern"];

/// Places where a `mod.rs` may hold more: (pattern with one `*` for a folder's name, why).
const LOGIC: &[(&str, &str)] = &[
    ("crates/value/src/*/mod.rs", "a type's folder opens with the type and the choice of its encoding"),
    ("crates/rdb/src/types/mod.rs", "the one choice by type byte"),
];

pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = dead_files(workspace);
    for (file, code) in workspace.rust() {
        if is_contents_page(&file.path) {
            findings.extend(too_much_logic(workspace, file, code));
        }
        let first = file.text.lines().position(|line| !line.trim().is_empty()).unwrap_or(0);
        // What tests.rs holds is said by its name and the file it tests.
        if !file.text.trim_start().starts_with("//!") && file.file_name() != "tests.rs" {
            let message = "no module comment: open with `//!`, what this is and why this way";
            findings.push(Finding::new(&file.path, first + 1, message));
        }
    }
    findings
}

/// Whether the file may hold no logic. Tests may have their helpers in `tests/mod.rs`.
fn is_contents_page(path: &str) -> bool {
    let allowed = LOGIC.iter().any(|(pattern, _)| match pattern.split_once('*') {
        Some((head, tail)) => {
            path.strip_prefix(head).and_then(|rest| rest.strip_suffix(tail)).is_some_and(|folder| !folder.contains('/'))
        }
        None => path == *pattern,
    });
    path.ends_with("/mod.rs") && !path.ends_with("/tests/mod.rs") && !allowed
}

fn too_much_logic(workspace: &Workspace, file: &TextFile, code: &Code) -> Option<Finding> {
    let found = logic(code);
    let (line, word) = found.first()?;
    if found.len() <= length::allowed(workspace, &format!("mod {}", file.path)) {
        return None;
    }
    let message = format!(
        "`{word}` in a mod.rs, which is a contents page (docs, mod, use, tables): move it to a file named by its noun"
    );
    Some(Finding::new(&file.path, *line, message))
}

/// Subject and count for the ratchet: what there is today.
pub(super) fn logic_counts(workspace: &Workspace) -> Vec<(String, usize)> {
    let pages = workspace.rust().filter(|(file, _)| is_contents_page(&file.path));
    let counts = pages.map(|(file, code)| (format!("mod {}", file.path), logic(code).len()));
    counts.filter(|(_, count)| *count > 0).collect()
}

/// Line and keyword of each item that is more than contents.
fn logic(code: &Code) -> Vec<(usize, &str)> {
    let text = &code.code;
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(|c: char| !c.is_whitespace()).map(|skip| at + skip) {
        if text[start..].starts_with('#') {
            at = end_of_attribute(text, start);
            continue;
        }
        let word = item_word(&text[start..]);
        let Some(end) = text[start..].find([';', '{']).map(|skip| start + skip) else { break };
        // `mod tests { .. }` has a body and thereby logic; a table or use group may have braces.
        let body = text[end..].starts_with('{');
        let contents = CONTENTS.contains(&word) && !(word == "mod" && body);
        if !contents {
            found.push((code.line(start), word));
        }
        let Some(next) = end_of_item(text, start, contents) else { break };
        at = next;
    }
    found
}

/// The word that says what an item is, behind its visibility.
fn item_word(item: &str) -> &str {
    let word_len = |text: &str| text.find(|c: char| !is_word(c)).unwrap_or(text.len());
    let first = &item[..word_len(item)];
    if first != "pub" {
        return first;
    }
    let mut rest = item[first.len()..].trim_start();
    if rest.starts_with('(') {
        rest = rest.find(')').map_or("", |close| rest[close + 1..].trim_start());
    }
    let word = &rest[..word_len(rest)];
    // `const fn` is a function.
    if word == "const" && rest[word.len()..].trim_start().starts_with("fn ") { "fn" } else { word }
}

fn end_of_attribute(text: &str, start: usize) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate().skip(start) {
        match byte {
            b'[' => depth += 1,
            b']' if depth <= 1 => return at + 1,
            b']' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

/// Behind the item: behind its `;`, stepping over braces, or behind its body if it is no contents and has one.
fn end_of_item(text: &str, start: usize, contents: bool) -> Option<usize> {
    let mut at = start;
    loop {
        at += text[at..].find([';', '{'])?;
        if text[at..].starts_with('{') {
            at = matching_brace(text, at)? + 1;
            if !contents {
                return Some(at);
            }
        } else if brackets_closed(&text[start..at]) {
            return Some(at + 1);
        } else {
            at += 1;
        }
    }
}

/// Whether a `;` behind `text` is not one of `[u8; 4]`.
fn brackets_closed(text: &str) -> bool {
    text.matches(['[', '(']).count() == text.matches([']', ')']).count()
}

/// Sources that no `mod` leads to.
fn dead_files(workspace: &Workspace) -> Vec<Finding> {
    let mut alive = BTreeSet::new();
    let mut queue: Vec<&str> =
        workspace.rust().map(|(file, _)| file.path.as_str()).filter(|path| is_root(path)).collect();
    while let Some(path) = queue.pop() {
        if !alive.insert(path) {
            continue;
        }
        let Some(file) = workspace.file(path) else { continue };
        let named = named_files(file);
        queue.extend(
            workspace.rust().map(|(file, _)| file.path.as_str()).filter(|path| named.iter().any(|name| name == path)),
        );
    }
    workspace
        .rust()
        .filter(|(file, _)| !alive.contains(file.path.as_str()))
        .map(|(file, _)| Finding::new(&file.path, 1, "no `mod` leads to this file: declare it or delete it"))
        .collect()
}

/// Whether cargo finds the file by its place.
fn is_root(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        [.., "src", "lib.rs" | "main.rs"] | [.., "src", "bin", _] | [.., "build.rs"] => true,
        [.., "tests" | "benches" | "examples" | "fuzz_targets", _] => !path.contains("/src/"),
        [.., "tests" | "benches" | "examples" | "bin", _, "main.rs"] => true,
        _ => false,
    }
}

/// The paths that the file's `mod NAME;` lines (and `include!`) may mean.
fn named_files(file: &TextFile) -> Vec<String> {
    let Some(code) = &file.code else { return Vec::new() };
    let folder = file.path.strip_suffix(file.file_name()).unwrap_or_default();
    let own = match file.file_name() {
        "mod.rs" | "lib.rs" | "main.rs" => folder.to_owned(),
        _ if is_root(&file.path) => folder.to_owned(),
        name => format!("{folder}{}/", name.trim_end_matches(".rs")),
    };
    let mut named = Vec::new();
    for at in code.words("mod") {
        let rest = code.code[at + 3..].trim_start();
        let name: String = rest.chars().take_while(|c| is_word(*c)).collect();
        if name.is_empty() || !rest[name.len()..].trim_start().starts_with(';') {
            continue;
        }
        if let Some(path) = path_attribute(file, code, at) {
            named.push(format!("{folder}{path}"));
            continue;
        }
        let inline = enclosing_modules(&code.code, at);
        named.push(format!("{own}{inline}{name}.rs"));
        named.push(format!("{own}{inline}{name}/mod.rs"));
    }
    for at in code.words("include") {
        named.extend(quoted(&file.text[at..]).map(|path| format!("{folder}{path}")));
    }
    named
}

/// `#[path = "x.rs"]` right before the `mod` at `at`.
fn path_attribute(file: &TextFile, code: &Code, at: usize) -> Option<String> {
    let head = code.code[..at].rfind([';', '}']).map_or(0, |end| end + 1);
    let attribute = head + code.code[head..at].find("#[path")?;
    quoted(&file.text[attribute..at])
}

fn quoted(text: &str) -> Option<String> {
    text.split('"').nth(1).map(str::to_owned)
}

/// `a/b/` for something inside `mod a { mod b { ... } }`.
fn enclosing_modules(code: &str, at: usize) -> String {
    let mut folders = String::new();
    for start in super::rust::find_words(&code[..at], "mod") {
        let rest = code[start + 3..].trim_start();
        let name: String = rest.chars().take_while(|c| is_word(*c)).collect();
        let open = code.len() - rest[name.len()..].trim_start().len();
        if code[open..].starts_with('{') && matching_brace(code, open).is_some_and(|close| open < at && at < close) {
            folders.push_str(&name);
            folders.push('/');
        }
    }
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(files: &[(&str, &str)]) -> Vec<String> {
        check(&Workspace::of(files)).iter().map(|finding| format!("{}:{}", finding.path, finding.line)).collect()
    }

    #[test]
    fn a_contents_page_passes() {
        let text = "//! Hashes.\n\n#[cfg(test)]\nmod tests;\nmod set;\n\npub(crate) use set::{A, B};\n\n/// All.\npub const TABLE: &[&Command] = &[&set::HSET, C { x: 1 }];\nstatic N: [u8; 2] = [0; 2];\n";
        let files = [
            ("crates/a/src/lib.rs", "//! a\nmod hash;"),
            ("crates/a/src/hash/mod.rs", text),
            ("crates/a/src/hash/set.rs", "//! s"),
            ("crates/a/src/hash/tests.rs", "//! t"),
        ];
        assert_eq!(findings(&files), Vec::<String>::new());
    }

    #[test]
    fn logic_in_a_contents_page_is_found() {
        for logic in [
            "fn f() {}",
            "pub(crate) struct S { a: u8 }",
            "pub const fn f() {}",
            "impl A for B {}",
            "mod tests { fn f() {} }",
            "macro_rules! m { () => {} }",
        ] {
            let text = format!("//! x\nuse a::b;\n{logic}\n");
            assert_eq!(
                findings(&[("crates/a/src/lib.rs", "//! a\nmod x;"), ("crates/a/src/x/mod.rs", &text)]),
                ["crates/a/src/x/mod.rs:3"],
                "{logic}"
            );
        }
    }

    #[test]
    fn logic_that_was_there_may_stay_but_not_grow() {
        let one = "//! x\nmod y;\nstruct S { a: u8 }\nuse z;\n";
        let two = "//! x\nmod y;\nstruct S { a: u8 }\nuse z;\nimpl S { fn f() { if a { } } }\ntype T = u8;\n";
        let run = |text: &str, ratchet: &str| {
            let files = [("crates/a/src/x/mod.rs", text), ("xtask/src/tidy/ratchet.txt", ratchet)];
            let workspace = Workspace::of(&files);
            workspace.rust().filter_map(|(file, code)| too_much_logic(&workspace, file, code)).count()
        };
        assert_eq!(run(one, ""), 1);
        assert_eq!(run(one, "mod crates/a/src/x/mod.rs 1\n"), 0);
        assert_eq!(run(two, "mod crates/a/src/x/mod.rs 1\n"), 1);
        assert_eq!(run(two, "mod crates/a/src/x/mod.rs 3\n"), 0);
    }

    #[test]
    fn some_places_may_hold_more() {
        assert!(is_contents_page("crates/value/src/mod.rs") && is_contents_page("crates/commands/src/hash/mod.rs"));
        assert!(!is_contents_page("crates/value/src/hash/mod.rs") && !is_contents_page("crates/a/src/x/tests/mod.rs"));
        assert!(is_contents_page("crates/value/src/hash/inner/mod.rs") && !is_contents_page("crates/a/src/lib.rs"));
    }

    #[test]
    fn a_file_that_nothing_names_is_found() {
        let files = [
            (
                "crates/a/src/lib.rs",
                "//! a\nmod used;\n#[path = \"else/where.rs\"]\nmod renamed;\nmod inner {\n    mod deep;\n}\n// mod dead;\n",
            ),
            ("crates/a/src/used.rs", "//! u\nmod below;"),
            ("crates/a/src/used/below.rs", "//! b"),
            ("crates/a/src/else/where.rs", "//! w"),
            ("crates/a/src/inner/deep.rs", "//! d"),
            ("crates/a/src/dead.rs", "//! d"),
            ("crates/a/tests/it/main.rs", "//! m\nmod part;"),
            ("crates/a/tests/it/part.rs", "//! p"),
            ("crates/a/benches/b.rs", "//! b"),
        ];
        assert_eq!(findings(&files), ["crates/a/src/dead.rs:1"]);
    }

    #[test]
    fn a_missing_module_comment_is_found() {
        assert_eq!(findings(&[("crates/a/src/lib.rs", "\n// x\nmod a;")]), ["crates/a/src/lib.rs:2"]);
    }
}
