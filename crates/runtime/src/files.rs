//! Files: the only place that opens one.

#![expect(clippy::disallowed_methods, reason = "this is where files are touched")]

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use server::FileBounds;

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

/// The files of a directory whose names end in `ending` and do not begin with a dot, sorted by name. Symbolic links are followed.
///
/// # Errors
/// When the directory or one of them, which is named, cannot be read, or when there is more than `bounds` allow.
pub(crate) fn read_matching(dir: &Path, ending: &str, bounds: FileBounds) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name();
        if !name.as_encoded_bytes().ends_with(ending.as_bytes()) || name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let named = name.into_string();
        names.push(named.map_err(|name| io::Error::other(format!("{}: the name is not UTF-8", name.display())))?);
        if names.len() > bounds.files {
            return Err(io::Error::other(format!("there are more than {} files", bounds.files)));
        }
    }
    names.sort_unstable();
    let mut left = bounds.total_bytes;
    let mut files = Vec::with_capacity(names.len());
    for name in names {
        let limit = bounds.file_bytes.min(left);
        let bytes = read_at_most(&dir.join(&name), limit);
        let bytes = bytes.map_err(|error| io::Error::new(error.kind(), format!("{name}: {error}")))?;
        left = left.saturating_sub(bytes.len() as u64);
        files.push((name, bytes));
    }
    Ok(files)
}

fn read_at_most(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    // To open a pipe would wait for its writer.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!("it is longer than the {limit} bytes that are left for it")));
    }
    Ok(bytes)
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

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: FileBounds = FileBounds { files: 3, file_bytes: 10, total_bytes: 15 };

    #[test]
    fn matching_files_are_read_in_order_and_within_bounds() {
        let dir = std::env::temp_dir().join(format!("ochre-files-{}", std::process::id()));
        fs::create_dir(&dir).unwrap();
        let told = || read_matching(&dir, ".lua", BOUNDS).unwrap_err().to_string();
        let put = |name: &str, bytes: &[u8]| write_bytes(dir.join(name), bytes).unwrap();
        put("b.lua", b"0123456789");
        put("a.lua", b"01234");
        for other in ["c.txt", ".hidden.lua", "lua"] {
            put(other, b"much longer than ten bytes");
        }
        let files = read_matching(&dir, ".lua", BOUNDS).unwrap();
        assert_eq!(files, [("a.lua".to_owned(), b"01234".to_vec()), ("b.lua".to_owned(), b"0123456789".to_vec())]);
        put("a.lua", b"012345");
        assert!(told().starts_with("b.lua: it is longer than the 9 bytes"), "together: {}", told());
        put("a.lua", b"0123456789x");
        assert!(told().starts_with("a.lua: it is longer than the 10 bytes"), "{}", told());
        std::os::unix::fs::symlink("nowhere", dir.join("a0.lua")).unwrap();
        put("a.lua", b"");
        assert!(told().starts_with("a0.lua: "), "{}", told());
        put("c.lua", b"");
        assert_eq!(told(), "there are more than 3 files");
        fs::remove_dir_all(&dir).unwrap();
        assert_eq!(read_matching(&dir, ".lua", BOUNDS).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
