//! Prefixes of the mode BCAST, and who named them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use parking_lot::RwLock;

use super::Tracker;

/// Those who track a prefix, by client.
type ByClient = BTreeMap<u64, Arc<Tracker>>;

/// All prefixes of all clients.
#[derive(Debug, Default)]
pub(super) struct Prefixes {
    clients: RwLock<BTreeMap<Box<[u8]>, ByClient>>,
    /// Prefixes: 0 lets a writer pass without a look.
    count: AtomicUsize,
}

impl Prefixes {
    pub(super) fn len(&self) -> usize {
        self.count.load(Relaxed)
    }

    pub(super) fn add(&self, prefix: &[u8], tracker: &Arc<Tracker>) {
        let mut clients = self.clients.write();
        clients.entry(Box::from(prefix)).or_default().insert(tracker.client, Arc::clone(tracker));
        self.count.store(clients.len(), Relaxed);
    }

    pub(super) fn remove(&self, prefix: &[u8], client: u64) {
        let mut prefixes = self.clients.write();
        if let Some(clients) = prefixes.get_mut(prefix) {
            clients.remove(&client);
            if clients.is_empty() {
                prefixes.remove(prefix);
            }
        }
        self.count.store(prefixes.len(), Relaxed);
    }

    /// Calls `tell` for every client and prefix with the keys that begin so, in order, each once.
    pub(super) fn matching(&self, keys: &BTreeSet<&[u8]>, mut tell: impl FnMut(&Tracker, &[&[u8]])) {
        for (prefix, clients) in &*self.clients.read() {
            let from = keys.range(&**prefix..);
            let begin: Vec<&[u8]> = from.copied().take_while(|key| key.starts_with(prefix)).collect();
            if !begin.is_empty() {
                clients.values().for_each(|tracker| tell(tracker, &begin));
            }
        }
    }
}
