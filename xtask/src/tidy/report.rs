//! Findings, and the run that collects them.

use std::fmt;
use std::path::Path;

use anyhow::{Result, bail};
use clap::Args;

use super::{RULES, Workspace, length};

#[derive(Args, Default)]
pub(crate) struct TidyArgs {
    /// Lower the ratchet to today's lengths where they shrank, and drop what is no longer needed.
    #[arg(long)]
    tighten: bool,
    /// Write today's lengths into the ratchet, longer ones too: for a change that argues why.
    #[arg(long)]
    accept: bool,
}

/// A broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// From the workspace's root.
    pub(super) path: String,
    pub(super) line: usize,
    /// What is wrong and what to do.
    pub(super) message: String,
}

impl Finding {
    pub(super) fn new(path: &str, line: usize, message: impl Into<String>) -> Finding {
        Finding { path: path.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// Checks the workspace that this tool was built in.
pub(crate) fn run(args: &TidyArgs) -> Result<()> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let mut workspace = Workspace::read(root)?;
    if args.tighten || args.accept {
        length::rewrite(root, &workspace, args.accept)?;
        workspace = Workspace::read(root)?;
    }
    let findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule(&workspace)).collect();
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => {
            println!("tidy: {} files, nothing to say", workspace.files.len());
            Ok(())
        }
        count => bail!("tidy: {count} findings"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_is_tidy() {
        run(&TidyArgs::default()).unwrap();
    }
}
