//! The two servers that a benchmark compares.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::args::PairArgs;
use crate::servers::{self, Program, Server};

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Ours,
    Peer,
}

impl Side {
    pub(super) const BOTH: [Side; 2] = [Side::Ours, Side::Peer];
}

/// One figure (or server, or list of figures) for each side.
#[derive(Clone, Debug, Default)]
pub(super) struct Both<T> {
    pub(super) ours: T,
    pub(super) peer: T,
}

impl<T> Both<T> {
    pub(super) fn get(&self, side: Side) -> &T {
        match side {
            Side::Ours => &self.ours,
            Side::Peer => &self.peer,
        }
    }

    pub(super) fn get_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::Ours => &mut self.ours,
            Side::Peer => &mut self.peer,
        }
    }

    /// Makes one of something for each side, ours first.
    pub(super) fn make(mut make: impl FnMut(Side) -> Result<T>) -> Result<Both<T>> {
        Ok(Both { ours: make(Side::Ours)?, peer: make(Side::Peer)? })
    }
}

/// What to compare, and where.
pub(super) struct Pair {
    programs: Both<Program>,
    port: u16,
    pub(super) load_cores: String,
    /// The peer's chroot tree, which often holds the better load generator too.
    pub(super) peer_root: Option<PathBuf>,
}

impl Pair {
    /// Finds both programs, building Ochre if no other program takes its place.
    pub(super) fn prepare(args: &PairArgs) -> Result<Pair> {
        let peer = Program {
            path: peer_path(args.peer.as_deref(), args.peer_root.as_deref())?,
            root: args.peer_root.clone(),
            args: words(&args.peer_args),
            cores: Some(args.server_cores.clone()),
        };
        let mut ours_args = words(&args.ours_args);
        if args.ours.is_none() {
            ours_args.extend(["--threads".to_owned(), args.threads.to_string()]);
        }
        let ours = Program {
            path: match &args.ours {
                Some(path) => path.clone(),
                None => build_ochre(true)?,
            },
            root: args.ours_root.clone(),
            args: ours_args,
            cores: Some(args.server_cores.clone()),
        };
        Ok(Pair {
            programs: Both { ours, peer },
            port: args.port,
            load_cores: args.load_cores.clone(),
            peer_root: args.peer_root.clone(),
        })
    }

    /// Starts the server of one side.
    pub(super) fn start(&self, side: Side) -> Result<Server> {
        Server::start(self.programs.get(side), self.port)
    }

    /// Starts it with a copy of `rdb_file` to load.
    pub(super) fn start_with(&self, side: Side, rdb_file: &Path) -> Result<Server> {
        Server::start_with(self.programs.get(side), self.port, Some(rdb_file))
    }

    /// `ochre --threads 2`: how a report names the program of one side.
    pub(super) fn describe(&self, side: Side) -> String {
        let program = self.programs.get(side);
        format!("{} {}", program.file_name(), program.args.join(" ")).trim_end().to_owned()
    }
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn peer_path(path: Option<&Path>, root: Option<&Path>) -> Result<PathBuf> {
    match path {
        // A bare name is looked up like a shell would.
        Some(path) if path.components().count() == 1 => {
            let name = path.to_string_lossy();
            servers::find_program(root, &name).with_context(|| format!("no {name} to be found"))
        }
        Some(path) => Ok(path.to_owned()),
        None => servers::find_program(root, "redis-server").context("no redis-server to be found: give --peer PATH"),
    }
}

/// Builds the `ochre` binary and answers where cargo put it.
pub(crate) fn build_ochre(release: bool) -> Result<PathBuf> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["build", "--package", "ochre", "--bin", "ochre", "--message-format", "json-render-diagnostics"]);
    if release {
        command.arg("--release");
    }
    let output = command.stderr(Stdio::inherit()).output().context("running cargo build")?;
    if !output.status.success() {
        bail!("building ochre failed");
    }
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["target"]["name"] == "ochre")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .context("cargo named no executable for ochre")
}
