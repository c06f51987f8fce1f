//! What values lost: parts that a dialect has no place for, and notes of modules that nothing here keeps.
//!
//! Nothing is dropped without a word, and a word for each key of a migration would fill the log: all are counted, INFO tells the counts,
//! and the log names one of them every few seconds, with the number of those it did not name.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

use command_api::{Loss, Reduced};
use stdx::UnixMs;

use crate::LogLevel;
use crate::node::Node;

/// Between two lines of the log.
const TELL_EVERY_MS: i64 = 10_000;
/// Bytes of a key that the log shows.
const KEY_SHOWN_BYTES: usize = 128;

/// Counts since the start or CONFIG RESETSTAT.
#[derive(Debug, Default)]
pub(crate) struct Losses {
    /// Values written without something.
    pub(crate) not_written: AtomicU64,
    /// Keys read without what modules had noted of them.
    pub(crate) without_metadata: AtomicU64,
    told_at_ms: AtomicI64,
    /// Values that the log has not named since then.
    untold: AtomicU64,
}

impl Losses {
    /// Counts what a command left out, and tells if it is time.
    pub(crate) fn note(&self, node: &Node, reduced: &Reduced, now: UnixMs) {
        let count = match reduced.loss {
            Loss::NotWritten { .. } => &self.not_written,
            Loss::Metadata { .. } => &self.without_metadata,
        };
        count.fetch_add(1, Relaxed);
        let told_at_ms = self.told_at_ms.load(Relaxed);
        let is_time = now.ms_since(UnixMs(told_at_ms)) >= TELL_EVERY_MS;
        if !is_time || self.told_at_ms.compare_exchange(told_at_ms, now.0, Relaxed, Relaxed).is_err() {
            self.untold.fetch_add(1, Relaxed);
            return;
        }
        node.host.log(LogLevel::Warning, &line(reduced, self.untold.swap(0, Relaxed)));
    }

    /// CONFIG RESETSTAT.
    pub(crate) fn reset(&self) {
        self.not_written.store(0, Relaxed);
        self.without_metadata.store(0, Relaxed);
    }
}

fn line(reduced: &Reduced, untold: u64) -> String {
    let Reduced { db, key, loss } = reduced;
    let shown = key.get(..KEY_SHOWN_BYTES).unwrap_or(key).escape_ascii();
    let mut line = match loss {
        Loss::NotWritten { dialect, what } => {
            format!("{dialect} has no place for {what}: key '{shown}' of database {db} was written without")
        }
        Loss::Metadata { pieces } => {
            format!(
                "Left out: what modules had noted of key '{shown}' of database {db}, which was restored ({pieces} pieces)"
            )
        }
    };
    if untold > 0 {
        line.push_str(&format!("; {untold} more such values since the last line"));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_key_feature_and_how_many_were_not_named() {
        let loss = Loss::NotWritten { dialect: rdb::Dialect::Redis7_0, what: "x" };
        let reduced = Reduced { db: 3, key: b"k\n"[..].into(), loss };
        let text = "redis-7.0 has no place for x: key 'k\\n' of database 3 was written without";
        assert_eq!(line(&reduced, 0), text);
        assert_eq!(line(&reduced, 7), format!("{text}; 7 more such values since the last line"));
        let long = Reduced { db: 0, key: [b'x'; 4000].into(), loss: Loss::Metadata { pieces: 1 } };
        assert!(line(&long, 0).len() < 300);
    }
}
