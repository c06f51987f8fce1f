//! ACL LOG: who was refused what, newest first.
//!
//! One that repeats itself within a minute is counted, not added, if it is among the ten newest entries.

use std::collections::VecDeque;

use stdx::UnixMs;

use super::check::Reason;

/// How many of the newest entries a new one is compared with.
const COMPARED: usize = 10;

/// How long after its last time an entry takes up another of its kind.
const SAME_MS: i64 = 60_000;

/// How much of a refused key is kept: a client chooses its length.
const MAX_OBJECT_BYTES: usize = 1024;

/// The entries.
#[derive(Debug, Default)]
pub(super) struct Log {
    entries: VecDeque<Entry>,
    next_id: u64,
}

/// What was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) reason: Reason,
    pub(super) context: Context,
    pub(super) object: Vec<u8>,
    pub(super) username: Vec<u8>,
}

/// Where it was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Context {
    TopLevel,
    Multi,
    Script,
}

/// A refusal, and how often and when.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) id: u64,
    pub(super) refusal: Refusal,
    pub(super) count: u64,
    /// The line of CLIENT LIST, of the last time.
    pub(super) client: String,
    pub(super) created: UnixMs,
    pub(super) updated: UnixMs,
}

impl Log {
    /// Takes note of a refusal and keeps the `max_len` newest.
    pub(super) fn add(&mut self, mut refusal: Refusal, client: String, now: UnixMs, max_len: usize) {
        refusal.object.truncate(MAX_OBJECT_BYTES);
        let same = self
            .entries
            .iter()
            .take(COMPARED)
            .position(|entry| entry.refusal == refusal && now.ms_since(entry.updated) <= SAME_MS);
        let entry = match same.and_then(|at| self.entries.remove(at)) {
            Some(entry) => Entry { count: entry.count.saturating_add(1), client, updated: now, ..entry },
            None => {
                self.next_id += 1;
                Entry { id: self.next_id - 1, refusal, count: 1, client, created: now, updated: now }
            }
        };
        self.entries.push_front(entry);
        self.entries.truncate(max_len);
    }

    /// Newest first.
    pub(super) fn entries(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.entries.iter()
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
    }
}

impl Reason {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Command => "command",
            Self::Key => "key",
            Self::Channel => "channel",
            Self::Auth => "auth",
        }
    }
}

impl Context {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::TopLevel => "toplevel",
            Self::Multi => "multi",
            Self::Script => "lua",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(name: &str) -> Refusal {
        Refusal {
            reason: Reason::Auth,
            context: Context::TopLevel,
            object: b"AUTH".to_vec(),
            username: name.as_bytes().to_vec(),
        }
    }

    fn seen(log: &Log) -> Vec<(u64, String, u64)> {
        let name = |entry: &Entry| String::from_utf8(entry.refusal.username.clone()).unwrap();
        log.entries().map(|entry| (entry.id, name(entry), entry.count)).collect()
    }

    #[test]
    fn a_repeated_refusal_is_counted_and_comes_first() {
        let mut log = Log::default();
        for name in ["a", "b", "a"] {
            log.add(refusal(name), String::new(), UnixMs(0), 128);
        }
        assert_eq!(seen(&log), [(0, "a".into(), 2), (1, "b".into(), 1)]);
        log.add(refusal("b"), String::new(), UnixMs(SAME_MS + 1), 128);
        assert_eq!(
            seen(&log),
            [(2, "b".into(), 1), (0, "a".into(), 2), (1, "b".into(), 1)],
            "a minute later it is new"
        );
    }

    #[test]
    fn only_the_newest_entries_are_compared_and_kept() {
        let mut log = Log::default();
        for name in 0..=COMPARED {
            log.add(refusal(&name.to_string()), String::new(), UnixMs(0), 12);
        }
        log.add(refusal("0"), String::new(), UnixMs(0), 12);
        assert_eq!(seen(&log).len(), 12, "the oldest was too far away");
        log.add(refusal("x"), String::new(), UnixMs(0), 3);
        assert_eq!(seen(&log).len(), 3);
        log.add(refusal("y"), String::new(), UnixMs(0), 0);
        assert!(seen(&log).is_empty());
    }

    #[test]
    fn a_long_key_is_cut() {
        let mut log = Log::default();
        let long = Refusal { object: vec![b'x'; 1 << 20], ..refusal("a") };
        log.add(long.clone(), String::new(), UnixMs(0), 128);
        log.add(long, String::new(), UnixMs(0), 128);
        assert_eq!(
            log.entries().map(|entry| (entry.refusal.object.len(), entry.count)).collect::<Vec<_>>(),
            [(1024, 2)]
        );
    }
}
