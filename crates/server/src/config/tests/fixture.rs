//! A disk in memory, and short ways to start and to set.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::config::{CommandLine, Config, ConfigError, Files, Launch, Peer};

/// Files in memory. The working directory is `/srv`.
#[derive(Default)]
pub(super) struct Disk {
    pub(super) files: BTreeMap<PathBuf, Vec<u8>>,
    pub(super) stdin: Vec<u8>,
}

impl Disk {
    pub(super) fn with(files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|(path, text)| (PathBuf::from(path), text.as_bytes().to_vec()));
        Self { files: files.collect(), stdin: Vec::new() }
    }
}

pub(super) fn missing() -> io::Error {
    // As the system says it, with the number that a refusal leaves out.
    io::Error::from_raw_os_error(2)
}

impl Files for Disk {
    fn read(&mut self, file: &Path) -> io::Result<Vec<u8>> {
        self.files.get(&Path::new("/srv").join(file)).cloned().ok_or_else(missing)
    }

    fn read_stdin(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.stdin.clone())
    }

    fn glob(&mut self, pattern: &Path) -> Vec<PathBuf> {
        let pattern = Path::new("/srv").join(pattern);
        let matches = |path: &&PathBuf| {
            stdx::glob::matches(pattern.as_os_str().as_encoded_bytes(), path.as_os_str().as_encoded_bytes())
        };
        self.files.keys().filter(matches).cloned().collect()
    }

    fn resolve_dir(&mut self, dir: &Path) -> io::Result<PathBuf> {
        if dir.components().any(|part| part.as_os_str() == "missing") || dir.as_os_str().is_empty() {
            return Err(missing());
        }
        Ok(Path::new("/srv").join(dir).components().collect())
    }
}

pub(super) fn command_line(args: &[&str]) -> CommandLine {
    let Launch::Serve(line) = Launch::parse(args) else { panic!("{args:?}") };
    line
}

/// Starts with `args`, and `files` on disk.
pub(super) fn start(args: &[&str], files: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::load(&command_line(args), 1, &mut Disk::with(files))
}

/// Starts with `text` as the configuration file.
pub(super) fn start_with(text: &str) -> Result<Config, ConfigError> {
    start(&["redis.conf"], &[("/srv/redis.conf", text)])
}

pub(super) fn value(config: &Config, name: &str) -> String {
    let answers = config.get(&[name.as_bytes()]);
    String::from_utf8_lossy(&answers.first().unwrap_or_else(|| panic!("{name}")).value).into_owned()
}

/// CONFIG SET, and the reply.
pub(super) fn set(config: &mut Config, pairs: &[&str]) -> String {
    let args: Vec<&[u8]> = pairs.iter().map(|arg| arg.as_bytes()).collect();
    match config.prepare(&args, Peer::Remote) {
        Ok(change) => {
            config.commit(change);
            "OK".to_owned()
        }
        Err(error) => error.to_string(),
    }
}
