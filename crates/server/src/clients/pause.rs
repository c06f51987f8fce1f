//! CLIENT PAUSE: until when commands wait, and which.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::Relaxed};

use command_api::Flags;
use stdx::UnixMs;

use crate::clients::Registry;
use crate::session::Client;
use crate::table::Entry;

/// Not paused.
const NOT_PAUSED: i64 = i64::MIN;

/// A pause of all clients.
#[derive(Debug)]
pub(crate) struct Pause {
    until_ms: AtomicI64,
    writes_only: AtomicBool,
}

impl Default for Pause {
    fn default() -> Self {
        Self { until_ms: AtomicI64::new(NOT_PAUSED), writes_only: AtomicBool::new(false) }
    }
}

impl Pause {
    /// Pauses until `until`. A pause that is in force is never shortened, nor is one of all commands weakened to writes.
    pub(crate) fn start(&self, until: UnixMs, writes_only: bool) {
        let was_paused = self.until_ms.fetch_max(until.0, Relaxed) != NOT_PAUSED;
        let writes_only = writes_only && (!was_paused || self.writes_only.load(Relaxed));
        self.writes_only.store(writes_only, Relaxed);
    }

    pub(crate) fn end(&self) {
        self.until_ms.store(NOT_PAUSED, Relaxed);
        self.writes_only.store(false, Relaxed);
    }

    /// Until when, and whether only writes wait; `None` when clients are not paused.
    pub(crate) fn state(&self) -> Option<(UnixMs, bool)> {
        let until = self.until_ms.load(Relaxed);
        (until != NOT_PAUSED).then(|| (UnixMs(until), self.writes_only.load(Relaxed)))
    }

    /// Ends the pause if its time is over; returns whether it did so now.
    pub(crate) fn end_if_over(&self, now: UnixMs) -> bool {
        let over = self.state().is_some_and(|(until, _)| until <= now);
        if over {
            self.end();
        }
        over
    }
}

impl Registry {
    /// Whether a command has to wait for the end of a pause.
    pub(crate) fn pauses(&self, entry: Option<&'static Entry>, _client: &Client) -> bool {
        let Some((_, writes_only)) = self.pause.state() else { return false };
        let Some(entry) = entry else { return false };
        !writes_only || entry.flags.contains(Flags::WRITE) || entry.flags.contains(Flags::MAY_REPLICATE)
    }
}
