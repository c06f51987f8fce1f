//! Files: the only place that opens one.

#![expect(clippy::disallowed_methods, reason = "this is where files are touched")]

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// A whole text file.
///
/// # Errors
/// When it cannot be read or is not UTF-8.
pub fn read_text(path: impl AsRef<Path>) -> io::Result<String> {
    fs::read_to_string(path)
}

/// A whole file.
///
/// # Errors
/// When it cannot be read.
pub fn read_bytes(path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
    fs::read(path)
}

/// The names in a directory.
///
/// # Errors
/// When it cannot be read.
pub fn list(path: impl AsRef<Path>) -> io::Result<Vec<std::path::PathBuf>> {
    fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path())).collect()
}

/// Writes a small file in one go.
///
/// # Errors
/// When it cannot be written.
pub fn write_bytes(path: impl AsRef<Path>, bytes: &[u8]) -> io::Result<()> {
    fs::write(path, bytes)
}

/// Replaces a file's content as a whole: whoever reads it sees the old one or the new one, also after a crash.
///
/// # Errors
/// When the new content cannot be written beside the old.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension(format!("{}.tmp", std::process::id()));
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

/// Replaces a file by what `write` writes: whoever reads it sees the old one or the new one, also after a crash.
///
/// # Errors
/// What `write` says, or that the new content cannot be written beside the old; the old stays then.
pub fn replace_with(path: &Path, write: &mut dyn FnMut(&mut dyn io::Write) -> io::Result<()>) -> io::Result<()> {
    let beside = path.with_file_name(format!("temp-{}.rdb", std::process::id()));
    let result = write_beside(&beside, write).and_then(|()| fs::rename(&beside, path));
    if result.is_err() {
        // What is half written is of no use to anybody.
        let _ = fs::remove_file(&beside);
        return result;
    }
    // The new name is on the disk when its folder is.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    File::open(folder)?.sync_all()
}

fn write_beside(path: &Path, write: &mut dyn FnMut(&mut dyn io::Write) -> io::Result<()>) -> io::Result<()> {
    let mut file = File::create(path)?;
    write(&mut file)?;
    file.sync_all()
}

/// Opens a file for reading and tells its length in bytes.
///
/// # Errors
/// When it cannot be opened.
pub fn open(path: &Path) -> io::Result<(File, u64)> {
    let file = File::open(path)?;
    let len = file.metadata()?.len();
    Ok((file, len))
}

/// Removes a file.
///
/// # Errors
/// When it cannot be removed.
pub fn remove(path: impl AsRef<Path>) -> io::Result<()> {
    fs::remove_file(path)
}

/// A file that is only ever appended to, made when missing.
pub(crate) fn open_append(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

pub(crate) fn open_null() -> io::Result<File> {
    OpenOptions::new().read(true).write(true).open("/dev/null")
}

/// Writes a line to a file or, without one, to standard output. A log that cannot be written is no reason to stop serving.
pub(crate) fn write_line(file: Option<&File>, line: &str) {
    let _ = match file {
        Some(mut file) => file.write_all(line.as_bytes()),
        None => io::stdout().lock().write_all(line.as_bytes()),
    };
}
