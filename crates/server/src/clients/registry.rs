//! All connections of all reactors, by id.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use parking_lot::Mutex;
use stdx::UnixMs;

use crate::clients::pause::Pause;
use crate::clients::{ClientInfo, Endpoint};

/// The connections, and what holds for all of them.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    last_id: AtomicU64,
    clients: Mutex<BTreeMap<u64, Arc<ClientInfo>>>,
    pub(crate) pause: Pause,
}

impl Registry {
    /// Adds a connection; its id is greater than any before it.
    pub(crate) fn register(&self, lane: usize, endpoint: Endpoint, now: UnixMs) -> Arc<ClientInfo> {
        let mut clients = self.clients.lock();
        let id = self.last_id.fetch_add(1, Relaxed) + 1;
        let info = Arc::new(ClientInfo::new(id, lane, endpoint, now));
        clients.insert(id, Arc::clone(&info));
        info
    }

    pub(crate) fn remove(&self, id: u64) {
        self.clients.lock().remove(&id);
    }

    /// The connection with this id, if it is there.
    pub(crate) fn get(&self, id: u64) -> Option<Arc<ClientInfo>> {
        self.clients.lock().get(&id).cloned()
    }

    /// All of them, oldest first.
    pub(crate) fn all(&self) -> Vec<Arc<ClientInfo>> {
        self.clients.lock().values().cloned().collect()
    }
}
