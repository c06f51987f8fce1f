//! One client that tracks: as others see it, and as it sees itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use parking_lot::RwLock;

use super::prefixes::Prefixes;
use super::table::ReadKeys;
use crate::node::Node;
use crate::session::Client;
use crate::table::Entry;

/// Whom to tell, and how: the same from one CLIENT TRACKING to the next.
#[derive(Debug)]
pub(crate) struct Tracker {
    pub(crate) client: u64,
    pub(super) lane: usize,
    /// Another client is told instead.
    pub(crate) redirect: Option<u64>,
    /// What it changes itself it is not told.
    pub(super) noloop: bool,
    pub(crate) bcast: bool,
    /// The other client was found to be gone.
    pub(crate) broken: AtomicBool,
}

/// A client's own side of it.
#[derive(Debug)]
pub(crate) struct Tracking {
    pub(super) tracker: Arc<Tracker>,
    pub(super) mode: Mode,
    /// CLIENT CACHING was said: the next command is an exception.
    pub(super) caching: bool,
    /// Of the mode BCAST.
    pub(super) prefixes: BTreeSet<Box<[u8]>>,
}

/// Which of its reads are remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    All,
    /// Those behind CLIENT CACHING YES.
    OptIn,
    /// Those not behind CLIENT CACHING NO.
    OptOut,
    /// None: it has named prefixes.
    Bcast,
}

/// All who track, and what they have read.
#[derive(Debug, Default)]
pub(crate) struct Trackers {
    clients: RwLock<BTreeMap<u64, Arc<Tracker>>>,
    /// Of them: 0 lets everybody pass without a look.
    count: AtomicUsize,
    pub(super) read: ReadKeys,
    pub(super) prefixes: Prefixes,
    /// The part of the table that is cleared next when nobody tracks.
    next_part: AtomicUsize,
}

impl Trackers {
    /// Whether anybody tracks. Certain for a key whose lock the caller holds, since reads are remembered under it.
    pub(crate) fn is_on(&self) -> bool {
        self.count.load(Relaxed) > 0
    }

    pub(crate) fn clients(&self) -> usize {
        self.count.load(Relaxed)
    }

    /// Keys remembered, clients of all of them, prefixes.
    pub(crate) fn sizes(&self) -> [usize; 3] {
        [self.read.keys(), self.read.items(), self.prefixes.len()]
    }

    pub(crate) fn get(&self, client: u64) -> Option<Arc<Tracker>> {
        self.clients.read().get(&client).cloned()
    }

    pub(super) fn all(&self) -> Vec<Arc<Tracker>> {
        self.clients.read().values().cloned().collect()
    }

    pub(super) fn enter(&self, tracker: &Arc<Tracker>) {
        let mut clients = self.clients.write();
        clients.insert(tracker.client, Arc::clone(tracker));
        self.count.store(clients.len(), Relaxed);
    }

    fn leave(&self, client: u64) {
        let mut clients = self.clients.write();
        clients.remove(&client);
        self.count.store(clients.len(), Relaxed);
    }

    /// Clears a part of the table when nobody tracks any more. Somebody who begins just now is not harmed: it is among the clients before it
    /// reads.
    pub(crate) fn sweep(&self) {
        if self.is_on() || self.read.keys() == 0 {
            return;
        }
        self.read.retain(self.next_part.fetch_add(1, Relaxed), |client| self.clients.read().contains_key(&client));
    }
}

impl Tracking {
    const fn remembers(&self) -> bool {
        match self.mode {
            Mode::All => true,
            Mode::OptIn => self.caching,
            Mode::OptOut => !self.caching,
            Mode::Bcast => false,
        }
    }
}

impl Client {
    /// Whose reads the next command's are, if they are to be remembered; 0 for nobody's.
    pub(crate) fn reader(&self) -> u64 {
        match &self.tracking {
            Some(tracking) if tracking.remembers() => self.id,
            Some(_) | None => 0,
        }
    }

    /// CLIENT CACHING holds for one command or one transaction; commands on the connection itself do not end it.
    pub(crate) fn end_caching(&mut self, entry: Option<&Entry>) {
        if let Some(tracking) = &mut self.tracking
            && self.transaction.is_none()
            && !entry.is_some_and(|entry| entry.full_name.starts_with("client|"))
        {
            tracking.caching = false;
        }
    }

    /// CLIENT TRACKING OFF.
    pub(crate) fn stop_tracking(&mut self, node: &Node) {
        if let Some(tracking) = self.tracking.take() {
            for prefix in &tracking.prefixes {
                node.tracking.prefixes.remove(prefix, self.id);
            }
            node.tracking.leave(self.id);
        }
    }
}
