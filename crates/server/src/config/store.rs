//! The configuration of one server: what is in force, and where it came from.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::error::ConfigError;
use super::get::{self, Answer};
use super::launch::CommandLine;
use super::load::{self, Files};
use super::rewrite::{self, UserLines};
use super::set::{self, Change, Peer, SetError};
use super::settings::Settings;

/// Settings, and what CONFIG needs besides.
///
/// ```
/// use server::config::{Config, Peer};
/// let mut config = Config::new(1);
/// let change = config.prepare(&[b"maxmemory", b"100mb"], Peer::Remote).unwrap();
/// assert_eq!(change.params[0].name, "maxmemory");
/// config.commit(change);
/// assert_eq!(config.get(&[b"maxmemory"])[0].value, b"104857600");
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    settings: Settings,
    defaults: Settings,
    /// The file that CONFIG REWRITE writes.
    file: Option<PathBuf>,
    /// Parameters that files included by [`Config::file`] set.
    included: BTreeSet<&'static str>,
}

impl Config {
    /// The defaults on a machine of `cores` cores.
    #[must_use]
    pub fn new(cores: usize) -> Self {
        let defaults = Settings::new(cores);
        Self { settings: defaults.clone(), defaults, file: None, included: BTreeSet::new() }
    }

    /// The configuration that the command line asks for.
    ///
    /// # Errors
    ///
    /// The first directive that cannot be obeyed, or the file that cannot be read.
    pub fn load(line: &CommandLine, cores: usize, files: &mut dyn Files) -> Result<Self, ConfigError> {
        let mut config = Self::new(cores);
        // Before `dir` makes another place of the path.
        config.file = line.file.as_deref().map(|file| absolute(file, files));
        config.included = load::load(&mut config.settings, line, files)?;
        Ok(config)
    }

    /// What is in force.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The configuration file of the command line; its path is absolute, for the server works in another directory.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Parameters that were set to something and act on nothing, each with the reason: worth a line of the log at start.
    #[must_use]
    pub fn unused(&self) -> Vec<(&'static str, &'static str)> {
        self.settings.unused()
    }

    /// CONFIG GET: the parameters that any of `patterns` matches.
    #[must_use]
    pub fn get(&self, patterns: &[&[u8]]) -> Vec<Answer> {
        get::get(&self.settings, patterns)
    }

    /// CONFIG SET, up to the point where nothing has changed yet. `args` are names and values in turn.
    ///
    /// # Errors
    ///
    /// The reply, when any of the pairs is refused.
    pub fn prepare(&self, args: &[&[u8]], peer: Peer) -> Result<Change, SetError> {
        set::prepare(&self.settings, args, peer)
    }

    /// Puts a prepared change in force.
    pub fn commit(&mut self, change: Change) {
        self.settings = change.settings;
    }

    /// CONFIG REWRITE: what [`Config::file`], which now holds `old`, is to hold.
    #[must_use]
    pub fn rewrite(&self, old: &[u8], users: &UserLines<'_>) -> Vec<u8> {
        rewrite::rewrite(old, &self.settings, &self.defaults, &self.included, users)
    }
}

/// `file` where it is now; as it was written if that cannot be told, and reading it will tell why.
fn absolute(file: &Path, files: &mut dyn Files) -> PathBuf {
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    match (files.resolve_dir(parent), file.file_name()) {
        (Ok(dir), Some(name)) => dir.join(name),
        _ => file.to_path_buf(),
    }
}
