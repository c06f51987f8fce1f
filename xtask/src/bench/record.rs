//! The report: printed as it comes, and kept in `bench/record/DATE-NAME.md` when asked to.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::machine;

/// A report in Markdown.
pub(super) struct Record {
    path: Option<PathBuf>,
    text: String,
}

impl Record {
    /// A report that will be kept under `name`, if one is given.
    pub(super) fn new(name: Option<&str>) -> Result<Record> {
        let path = name.map(record_path).transpose()?;
        let mut record = Record { path, text: String::new() };
        if let Some(name) = name {
            record.line(&format!("# {name}, {}", machine::date()));
            record.line("");
        }
        record.line(&format!("- machine: {}", machine::describe()));
        record.line(&format!("- commit: {}", machine::commit()));
        record.line(&format!("- command: `{}`", command_line()));
        Ok(record)
    }

    /// Prints a line and keeps it.
    pub(super) fn line(&mut self, line: &str) {
        println!("{line}");
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Writes the file, if there is to be one.
    pub(super) fn save(&self) -> Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        fs::write(path, &self.text).with_context(|| format!("writing {}", path.display()))?;
        println!("\nrecorded in {}", path.display());
        Ok(())
    }
}

fn record_path(name: &str) -> Result<PathBuf> {
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
        bail!("a record's name consists of letters, digits, '-', '_' and '.': {name:?}");
    }
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../bench/record"));
    fs::create_dir_all(&folder)?;
    Ok(folder.canonicalize()?.join(format!("{}-{name}.md", machine::date())))
}

/// This invocation with the folders of other machines' paths cut off.
fn command_line() -> String {
    let words = std::env::args().skip(1).map(|word| match word.rsplit_once('/') {
        Some((folder, name)) if folder.starts_with('/') || folder.starts_with('.') => format!(".../{name}"),
        Some(_) | None if word.contains(' ') => format!("'{word}'"),
        Some(_) | None => word,
    });
    std::iter::once("cargo xtask".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}
