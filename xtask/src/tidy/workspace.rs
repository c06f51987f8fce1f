//! The files of the workspace, as the rules see them.
//!
//! A walk over the folders rather than `git ls-files`: the rules also hold for a file that is not yet added, in an unpacked
//! archive, and in a checkout that git refuses because another user owns it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::rust::Code;

/// Names of tools' and builds' folders, at any depth. (In a linked worktree `.git` is a file.)
const SKIPPED: &[&str] =
    &[".git", "target", "node_modules", "__pycache__", ".venv", "venv", "corpus-local", "artifacts", "coverage"];

/// Larger files are data, not text to hold rules against.
const TEXT_LIMIT: u64 = 1 << 20;

/// A text file.
pub(super) struct TextFile {
    /// From the workspace's root, with `/`.
    pub(super) path: String,
    pub(super) text: String,
    /// For `.rs` files.
    pub(super) code: Option<Code>,
}

/// All text files, sorted by path.
pub(super) struct Workspace {
    pub(super) files: Vec<TextFile>,
}

impl TextFile {
    pub(super) fn new(path: &str, text: String) -> TextFile {
        let code = path.ends_with(".rs").then(|| Code::new(&text));
        TextFile { path: path.to_owned(), text, code }
    }

    pub(super) fn file_name(&self) -> &str {
        self.path.rsplit_once('/').map_or(self.path.as_str(), |(_, name)| name)
    }
}

impl Workspace {
    pub(super) fn read(root: &Path) -> Result<Workspace> {
        let mut files = Vec::new();
        read_folder(root, "", &mut files).with_context(|| format!("reading {}", root.display()))?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Workspace { files })
    }

    /// The Rust sources.
    pub(super) fn rust(&self) -> impl Iterator<Item = (&TextFile, &Code)> {
        self.files.iter().filter_map(|file| Some((file, file.code.as_ref()?)))
    }

    pub(super) fn file(&self, path: &str) -> Option<&TextFile> {
        self.files.iter().find(|file| file.path == path)
    }

    /// (name, manifest) of every crate: `crates/NAME/Cargo.toml` and `xtask/Cargo.toml`.
    pub(super) fn manifests(&self) -> impl Iterator<Item = (&str, &TextFile)> {
        self.files.iter().filter_map(|file| {
            let folder = file.path.strip_suffix("/Cargo.toml")?;
            let name = folder.strip_prefix("crates/").unwrap_or(folder);
            (name == "xtask" || folder.starts_with("crates/") && !name.contains('/')).then_some((name, file))
        })
    }

    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Workspace {
        Workspace { files: files.iter().map(|(path, text)| TextFile::new(path, (*text).to_owned())).collect() }
    }
}

/// The crate that a path lies in, if any: `keyspace` of `crates/keyspace/src/db.rs`.
pub(super) fn crate_of(path: &str) -> Option<&str> {
    match path.strip_prefix("crates/") {
        Some(rest) => rest.split_once('/').map(|(name, _)| name),
        None => path.starts_with("xtask/").then_some("xtask"),
    }
}

fn read_folder(folder: &Path, prefix: &str, files: &mut Vec<TextFile>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let kind = entry.file_type()?;
        if SKIPPED.contains(&name.as_str()) {
            continue;
        }
        let path = format!("{prefix}{name}");
        if kind.is_dir() {
            read_folder(&entry.path(), &format!("{path}/"), files)?;
        }
        if kind.is_file() && entry.metadata()?.len() <= TEXT_LIMIT {
            // Files that are not UTF-8 are data.
            if let Ok(text) = String::from_utf8(fs::read(entry.path())?) {
                files.push(TextFile::new(&path, text));
            }
        }
    }
    Ok(())
}
