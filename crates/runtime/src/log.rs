//! The server's log, in Redis's line format: `1234:M 21 Nov 2026 12:00:00.123 * Ready to accept connections`.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::time::{SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;
use server::LogLevel;

use crate::{files, sys};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Where lines go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogTarget {
    Stdout,
    File(PathBuf),
}

/// The log.
#[derive(Debug)]
pub struct Log {
    file: Mutex<Option<File>>,
    level: AtomicU8,
}

impl Log {
    /// Opens the log; lines below `level` are left out.
    ///
    /// # Errors
    /// When the file cannot be opened for appending.
    pub fn open(target: &LogTarget, level: LogLevel) -> io::Result<Self> {
        let file = match target {
            LogTarget::Stdout => None,
            LogTarget::File(path) => Some(files::open_append(path)?),
        };
        Ok(Self { file: Mutex::new(file), level: AtomicU8::new(level as u8) })
    }

    /// Leaves out lines below `level` from now on.
    pub fn set_level(&self, level: LogLevel) {
        self.level.store(level as u8, Relaxed);
    }

    /// Goes on in another file; used after the log was rotated away.
    ///
    /// # Errors
    /// When the file cannot be opened; the log stays where it was.
    pub fn reopen(&self, path: &Path) -> io::Result<()> {
        let file = files::open_append(path)?;
        *self.file.lock() = Some(file);
        Ok(())
    }

    /// Writes one line.
    #[expect(clippy::disallowed_methods, reason = "this is where clocks are read")]
    pub fn write(&self, level: LogLevel, text: &str) {
        if (level as u8) < self.level.load(Relaxed) {
            return;
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let [year, month, day, hour, minute, second] = sys::local_time(i64::try_from(now.as_secs()).unwrap_or(0));
        let month = usize::try_from(month - 1).ok().and_then(|month| MONTHS.get(month)).unwrap_or(&"???");
        let mark = match level {
            LogLevel::Debug => '.',
            LogLevel::Verbose => '-',
            LogLevel::Notice => '*',
            LogLevel::Warning | LogLevel::Nothing => '#',
        };
        let line = format!(
            "{}:M {day:02} {month} {year} {hour:02}:{minute:02}:{second:02}.{:03} {mark} {text}\n",
            std::process::id(),
            now.subsec_millis()
        );
        files::write_line(self.file.lock().as_ref(), &line);
    }
}
