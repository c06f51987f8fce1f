//! The files that a configuration is made of.

use std::io;
use std::path::{Path, PathBuf};

use server::config::Files;

/// Files of this machine.
#[derive(Debug, Default)]
pub(crate) struct RealFiles;

impl Files for RealFiles {
    fn read(&mut self, file: &Path) -> io::Result<Vec<u8>> {
        runtime::files::read_bytes(file)
    }

    fn read_stdin(&mut self) -> io::Result<Vec<u8>> {
        runtime::stdin_bytes()
    }

    fn glob(&mut self, pattern: &Path) -> Vec<PathBuf> {
        // A pattern that is none matches nothing, as in Redis.
        let paths = pattern.to_str().and_then(|pattern| glob::glob(pattern).ok());
        paths.map(|paths| paths.flatten().collect()).unwrap_or_default()
    }

    fn resolve_dir(&mut self, dir: &Path) -> io::Result<PathBuf> {
        let path = dir.canonicalize()?;
        if path.is_dir() { Ok(path) } else { Err(io::ErrorKind::NotADirectory.into()) }
    }
}
