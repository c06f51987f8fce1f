//! CLIENT PAUSE: until when commands wait, and which.
//!
//! The end and the kind of a pause are one atomic word, so that the timer ends exactly the pause that it saw to be over: one that begins in
//! the same moment is another word, and stays.
//!
//! ```text
//! word    i64::MIN: nobody waits; otherwise  milliseconds << 1 | (1: only writes wait)
//! ```

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering::Relaxed};

use command_api::Flags;
use stdx::UnixMs;

use crate::clients::Registry;
use crate::session::Client;
use crate::table::Entry;

const NOT_PAUSED: i64 = i64::MIN;

/// The last moment that a word can name, some 146 million years away.
const LATEST_MS: i64 = i64::MAX >> 1;

/// A pause of all clients.
#[derive(Debug)]
pub(crate) struct Pause {
    word: AtomicI64,
    /// Clients that sent a command and wait for the end.
    held: AtomicUsize,
}

impl Default for Pause {
    fn default() -> Self {
        Self { word: AtomicI64::new(NOT_PAUSED), held: AtomicUsize::new(0) }
    }
}

const fn word(until: UnixMs, writes_only: bool) -> i64 {
    let ms = if until.0 < LATEST_MS { until.0 } else { LATEST_MS };
    ms << 1 | writes_only as i64
}

const fn state_of(word: i64) -> Option<(UnixMs, bool)> {
    if word == NOT_PAUSED { None } else { Some((UnixMs(word >> 1), word & 1 == 1)) }
}

impl Pause {
    /// Pauses until `until`. A pause that is in force is never shortened, nor is one of all commands weakened to writes.
    pub(crate) fn start(&self, until: UnixMs, writes_only: bool) {
        // The function never declines, so there is nothing to hear of.
        let _ = self.word.fetch_update(Relaxed, Relaxed, |now| {
            Some(match state_of(now) {
                None => word(until, writes_only),
                Some((end, only)) => word(end.max(until), only && writes_only),
            })
        });
    }

    pub(crate) fn end(&self) {
        self.word.store(NOT_PAUSED, Relaxed);
    }

    /// Until when, and whether only writes wait; `None` when clients are not paused.
    pub(crate) fn state(&self) -> Option<(UnixMs, bool)> {
        state_of(self.word.load(Relaxed))
    }

    /// Ends the pause if its time is over; returns whether it did so now.
    pub(crate) fn end_if_over(&self, now: UnixMs) -> bool {
        let seen = self.word.load(Relaxed);
        state_of(seen).is_some_and(|(until, _)| until <= now) && self.end_exactly(seen)
    }

    /// Ends the pause that `seen` stands for, unless there is another by now.
    fn end_exactly(&self, seen: i64) -> bool {
        self.word.compare_exchange(seen, NOT_PAUSED, Relaxed, Relaxed).is_ok()
    }

    /// How many clients wait for the end.
    pub(crate) fn held(&self) -> usize {
        self.held.load(Relaxed)
    }

    /// Notes whether a client waits for the end.
    pub(crate) fn note_held(&self, client: &mut Client, held: bool) {
        if client.held == held {
            return;
        }
        client.held = held;
        client.info.set_waiting(held || client.waiting);
        if held {
            self.held.fetch_add(1, Relaxed);
        } else {
            self.held.fetch_sub(1, Relaxed);
        }
    }
}

impl Registry {
    /// Whether a command has to wait for the end of a pause.
    pub(crate) fn pauses(&self, entry: Option<&'static Entry>, client: &Client) -> bool {
        let Some((_, writes_only)) = self.pause.state() else { return false };
        let Some(entry) = entry.filter(|_| !client.from_primary) else { return false };
        !writes_only || may_write(entry) || entry.full_name == "exec" && client.has_queued(may_write)
    }
}

/// A script may do anything unless it was called by a command for those that only read.
fn may_write(entry: &Entry) -> bool {
    let runs_script = entry.flags.contains(Flags::SCRIPT_RUNNER) && !entry.flags.contains(Flags::READONLY);
    entry.flags.contains(Flags::WRITE) || entry.flags.contains(Flags::MAY_REPLICATE) || runs_script
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_never_shortened_nor_weakened() {
        let pause = Pause::default();
        assert_eq!(pause.state(), None);
        pause.start(UnixMs(1000), true);
        pause.start(UnixMs(500), true);
        assert_eq!(pause.state(), Some((UnixMs(1000), true)));
        pause.start(UnixMs(700), false);
        assert_eq!(pause.state(), Some((UnixMs(1000), false)));
        pause.start(UnixMs(i64::MAX), true);
        assert_eq!(pause.state(), Some((UnixMs(LATEST_MS), false)));
        pause.end();
        assert_eq!(pause.state(), None);
    }

    #[test]
    fn the_timer_ends_only_the_pause_that_it_saw() {
        let pause = Pause::default();
        pause.start(UnixMs(1000), true);
        assert!(!pause.end_if_over(UnixMs(999)));
        let seen = pause.word.load(Relaxed);
        // Between the timer's look and its hand a client pauses everybody again.
        pause.start(UnixMs(5000), true);
        assert!(!pause.end_exactly(seen));
        assert_eq!(pause.state(), Some((UnixMs(5000), true)));
        assert!(pause.end_if_over(UnixMs(5000)));
        assert!(!pause.end_if_over(UnixMs(6000)), "there is none left to end");
    }
}
