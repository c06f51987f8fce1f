//! Text that does not belong into a committed file: characters beyond ASCII in sources, paths of someone's machine, registry
//! hosts, and a task left open without an owner.

use super::report::Finding;
use super::workspace::{TextFile, Workspace};

/// Files that are ASCII throughout. Documents may use what they like.
const ASCII: &[&str] = &["rs", "toml", "sh", "py", "js", "mjs", "yml", "yaml"];

/// (word, what to do); written in two parts so that this file is not its own finding.
const FORBIDDEN: &[(&str, &str)] = &[
    (concat!("/wo", "rk/"), "a path of one machine: name the thing relative to the workspace"),
    (concat!("/opt/", "peers"), "a path of one machine: make it an argument"),
    (concat!("/ho", "me/"), "a path of one machine: make it an argument"),
    (concat!("index.crates", ".io"), "a registry host: name the package only"),
    (concat!("static.crates", ".io"), "a registry host: name the package only"),
    (concat!("registry.npm", "js.org"), "a registry host: name the package only"),
    (concat!("files.python", "hosted.org"), "a registry host: name the package only"),
    (concat!("pypi.org", "/simple"), "a registry host: name the package only"),
    (concat!("deb.debian", ".org"), "a registry host: name the package only"),
];

/// Words that need an owner and a condition: `TODO(name): when what holds`.
const OWNED: &[&str] = &["TODO", "FIXME"];

pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    workspace.files.iter().flat_map(check_file).collect()
}

fn check_file(file: &TextFile) -> Vec<Finding> {
    let extension = file.file_name().rsplit_once('.').map_or("", |(_, extension)| extension);
    let ascii = ASCII.contains(&extension);
    let comments = file.code.as_ref().map(|code| code.comments.as_str());
    let mut findings = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        let mut find = |message: String| findings.push(Finding::new(&file.path, index + 1, message));
        if let Some(c) = line.chars().find(|c| ascii && !c.is_ascii()) {
            find(format!("{c:?} (U+{:04X}) in a source file: write ASCII, or an escape in a string", u32::from(c)));
        }
        for (word, instead) in FORBIDDEN.iter().filter(|(word, _)| line.contains(word)) {
            find(format!("`{word}` is {instead}"));
        }
    }
    let Some(comments) = comments else { return findings };
    for (index, line) in comments.lines().enumerate() {
        if OWNED.iter().any(|word| is_unowned(line, word)) {
            findings.push(Finding::new(
                &file.path,
                index + 1,
                "a TODO without an owner and a condition: write `TODO(name): when ...`, or do it",
            ));
        }
    }
    findings
}

fn is_unowned(line: &str, word: &str) -> bool {
    super::rust::find_words(line, word).any(|at| {
        let owner = line[at + word.len()..].strip_prefix('(').and_then(|rest| rest.split_once("): "));
        !owner.is_some_and(|(name, condition)| !name.is_empty() && !condition.trim().is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> Vec<usize> {
        check(&Workspace::of(&[(path, text)])).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn non_ascii_is_found_in_sources_only() {
        assert_eq!(findings("a.rs", "//! a\nlet x = \"\u{e4}\";"), [2]);
        assert_eq!(findings("a.md", "\u{e4}"), [0; 0]);
    }

    #[test]
    fn paths_of_a_machine_are_found_anywhere() {
        assert_eq!(findings("a.md", concat!("x\nsee /wo", "rk/x")), [2]);
        assert_eq!(findings("a.md", "see work/x and homework/y"), [0; 0]);
    }

    #[test]
    fn an_unowned_todo_is_found_in_comments_only() {
        assert_eq!(
            findings(
                "a.rs",
                "// TODO\n/* FIXME later */\n// TODO(ada): once RDB 15 is out\nlet s = \"TODO\";\n// TODO(): x\n// TODOS"
            ),
            [1, 2, 5]
        );
    }
}
