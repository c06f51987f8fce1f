//! Edits a transcript where it stands in a source file.
//!
//! Only the bytes after a wrong line's `=>` change; layout, comments and patterns that hold stay as they were written. The
//! literal is found by its value and not by its line alone: a test that ran a moment ago may have grown the file above it,
//! and under nextest that test is another process. So the file is locked, read afresh, edited and written back each time.

use std::env;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::PathBuf;

use crate::source::{Literal, line_of, literals};

/// A change to a transcript's text: its bytes `span` become `text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    pub(crate) span: Range<usize>,
    pub(crate) text: String,
}

/// Whether the caller asked for updates instead of failures.
#[expect(clippy::disallowed_methods, reason = "a test's switch, read by the harness and not by a server")]
pub(crate) fn is_asked_for() -> bool {
    env::var("UPDATE_EXPECT").is_ok_and(|value| value == "1")
}

/// `text` with `edits`, which are in order and do not overlap.
pub(crate) fn apply(text: &str, edits: &[Edit]) -> String {
    let mut out = String::new();
    let mut at = 0;
    for edit in edits {
        out.push_str(&text[at..edit.span.start]);
        out.push_str(&edit.text);
        at = edit.span.end;
    }
    out.push_str(&text[at..]);
    out
}

/// Applies `edits` to the transcript `text` that stands in the source file `file`, near `line`.
///
/// # Errors
/// When the file cannot be found or written, or no longer holds `text`.
pub(crate) fn update_file(file: &str, line: usize, text: &str, edits: &[Edit]) -> Result<(), String> {
    let path = locate(file).ok_or_else(|| format!("{file} is not to be found from here"))?;
    let fail = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut file = OpenOptions::new().read(true).write(true).open(&path).map_err(fail)?;
    file.lock().map_err(fail)?;
    let mut source = String::new();
    file.read_to_string(&mut source).map_err(fail)?;
    let updated = rewrite(&source, line, text, edits).ok_or("the transcript is not in the file any more")?;
    overwrite(&mut file, &updated).map_err(fail)
}

fn overwrite(file: &mut File, text: &str) -> std::io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    file.write_all(text.as_bytes())?;
    file.set_len(text.len() as u64)
}

/// The line of the file that the literal with this value opens on, if the file can be read and has it.
pub(crate) fn line_of_literal(file: &str, line: usize, text: &str) -> Option<usize> {
    let mut source = String::new();
    OpenOptions::new().read(true).open(locate(file)?).ok()?.read_to_string(&mut source).ok()?;
    find(&source, line, text).map(|literal| line_of(&source, literal.span.start))
}

/// The compiler names a file relative to the workspace, tests run in the folder of their crate: looks upwards from here.
fn locate(file: &str) -> Option<PathBuf> {
    let here = env::current_dir().ok()?;
    here.ancestors().map(|folder| folder.join(file)).find(|path| path.is_file())
}

fn find(source: &str, line: usize, text: &str) -> Option<Literal> {
    literals(source)
        .filter(|literal| literal.text == text)
        .min_by_key(|literal| line_of(source, literal.span.start).abs_diff(line))
}

/// `source` with `edits` made to the literal that holds `text`; `None` if there is none.
fn rewrite(source: &str, line: usize, text: &str, edits: &[Edit]) -> Option<String> {
    let literal = find(source, line, text)?;
    let span = literal.span.clone();
    let written = match literal.raw_hashes {
        Some(hashes) => raw_literal(&apply(text, edits), hashes),
        None => {
            // Ordinary literals keep the spelling of what does not change.
            let in_source: Vec<Edit> = edits
                .iter()
                .map(|edit| Edit {
                    span: literal.offsets[edit.span.start] - span.start..literal.offsets[edit.span.end] - span.start,
                    text: edit.text.replace('\\', "\\\\").replace('"', "\\\""),
                })
                .collect();
            apply(&source[span.clone()], &in_source)
        }
    };
    Some(apply(source, &[Edit { span, text: written }]))
}

/// A raw literal with as many hashes as its text needs, at least `hashes`.
fn raw_literal(text: &str, hashes: usize) -> String {
    let needed = text
        .split('"')
        .skip(1)
        .map(|after| after.len() - after.trim_start_matches('#').len() + 1)
        .fold(hashes, usize::max);
    let hashes = "#".repeat(needed);
    format!("r{hashes}\"{text}\"{hashes}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(text: &str, old: &str, new: &str) -> Edit {
        let start = text.find(old).unwrap();
        Edit { span: start..start + old.len(), text: new.to_owned() }
    }

    #[test]
    fn an_ordinary_literal_keeps_its_spelling_around_the_change() {
        let source =
            "fn t() {\n    check(\"\n        > SET k \\\"a\\\" => 1\n        > GET \\u{6b}  => 2\n    \");\n}\n";
        let text = "\n        > SET k \"a\" => 1\n        > GET k  => 2\n    ";
        let edits = [edit(text, "=> 1", "=> OK"), edit(text, "=> 2", "=> '\"a\\n\"'")];
        assert_eq!(
            rewrite(source, 2, text, &edits).unwrap(),
            "fn t() {\n    check(\"\n        > SET k \\\"a\\\" => OK\n        > GET \\u{6b}  => '\\\"a\\\\n\\\"'\n    \");\n}\n"
        );
    }

    #[test]
    fn a_raw_literal_gets_the_hashes_its_new_text_needs() {
        let table = [
            ("r\"> A => 1\"", "'x'", "r\"> A => 'x'\""),
            ("r\"> A => 1\"", "'\"'", "r#\"> A => '\"'\"#"),
            ("r#\"> A => 1\"#", "'\"\\n'", "r#\"> A => '\"\\n'\"#"),
            ("r#\"> A => 1\"#", "'\"#\"##'", "r###\"> A => '\"#\"##'\"###"),
        ];
        for (source, new, expected) in table {
            let updated = rewrite(source, 1, "> A => 1", &[edit("> A => 1", "1", new)]).unwrap();
            assert_eq!(updated, expected);
            assert_eq!(literals(&updated).next().unwrap().text, format!("> A => {new}"));
        }
    }

    #[test]
    fn a_file_is_found_from_the_folder_that_tests_run_in() {
        assert_eq!(locate(file!()).and_then(|path| path.file_name().map(|name| name == "file.rs")), Some(true));
        assert_eq!(locate("no/such/file.rs"), None);
    }

    #[test]
    fn of_equal_transcripts_the_nearest_is_changed() {
        let source = "check(\"> A\");\n\n\ncheck(\"> A\");\n";
        let updated = rewrite(source, 4, "> A", &[Edit { span: 3..3, text: "  => 1".to_owned() }]).unwrap();
        assert_eq!(updated, "check(\"> A\");\n\n\ncheck(\"> A  => 1\");\n");
        assert_eq!(rewrite(source, 4, "> B", &[]), None);
    }
}
