//! All transcripts of the project, from the sources under `crates/`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use testkit::{ParseError, Transcript};

/// A transcript and where it stands.
pub(super) struct Script {
    /// From the workspace's root.
    pub(super) path: String,
    /// The line of the source that the transcript's line 1 is on.
    pub(super) first_line: usize,
    /// The test.
    pub(super) function: String,
    pub(super) transcript: Result<Transcript, ParseError>,
}

impl Script {
    /// `crates/commands/src/hash/incr.rs hincrby_refuses_to_overflow`
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.path, self.function)
    }

    /// `crates/commands/src/hash/incr.rs:118` for a line of the transcript.
    pub(super) fn place(&self, line: usize) -> String {
        format!("{}:{}", self.path, self.first_line + line - 1)
    }
}

/// Reads the transcripts whose name contains `filter`, sorted by path.
pub(super) fn read(root: &Path, filter: &str) -> Result<Vec<Script>> {
    let mut paths = Vec::new();
    // The harness tests itself with transcripts that are wrong on purpose.
    collect(&root.join("crates"), &mut paths).context("reading the sources")?;
    paths.sort();
    let mut scripts = Vec::new();
    for path in paths {
        let source = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let path = path.strip_prefix(root)?.to_string_lossy().into_owned();
        scripts.extend(testkit::extract(&source).into_iter().map(|found| Script {
            path: path.clone(),
            first_line: found.line,
            function: found.function,
            transcript: Transcript::parse(&found.text),
        }));
    }
    scripts.retain(|script| script.name().contains(filter));
    Ok(scripts)
}

fn collect(folder: &Path, paths: &mut Vec<std::path::PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "testkit" && name != "target") {
            collect(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
    Ok(())
}
