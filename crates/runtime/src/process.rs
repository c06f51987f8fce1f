//! This process: its pid file, its place in the background, its randomness.

use std::io::{self, Read as _};
use std::path::Path;

use crate::{files, sys};

/// Goes to the background. Call it before any thread is started.
///
/// # Errors
/// When the operating system refuses.
pub fn daemonize() -> io::Result<()> {
    sys::daemonize()
}

/// Writes this process's id to `path`.
///
/// # Errors
/// When the file cannot be written.
pub fn write_pid_file(path: &Path) -> io::Result<()> {
    files::write_bytes(path, format!("{}\n", std::process::id()).as_bytes())
}

/// Random bytes from the operating system.
///
/// # Errors
/// When there is no source of entropy.
pub fn entropy<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(io::Error::from)?;
    Ok(bytes)
}

/// Everything on standard input.
///
/// # Errors
/// When it cannot be read.
pub fn stdin_bytes() -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}
