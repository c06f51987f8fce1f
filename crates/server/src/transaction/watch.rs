//! WATCH: which keys must be as they are for EXEC to run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use keyspace::{Access, Changes};

use crate::node::{Live, Node};
use crate::waiting::KeyName;
use stdx::UnixMs;

/// One connection's mark, set by whoever changes a key that it watches.
#[derive(Debug, Default)]
pub(crate) struct Watcher {
    touched: AtomicBool,
}

/// What a connection watches.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    watcher: Arc<Watcher>,
    keys: Vec<Watched>,
}

#[derive(Debug)]
struct Watched {
    name: KeyName,
    /// Whether the key was there: it may expire without anybody's doing.
    existed: bool,
}

impl Watch {
    /// How many keys.
    pub(crate) const fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether one of the keys is known to have changed.
    pub(crate) fn is_touched(&self) -> bool {
        self.watcher.touched.load(Relaxed)
    }

    /// Watches a key, whose lock the caller holds.
    pub(crate) fn add(&mut self, node: &Node, name: KeyName, existed: bool) {
        if self.keys.iter().all(|known| known.name != name) {
            node.watchers.add(&name, Arc::clone(&self.watcher));
            self.keys.push(Watched { name, existed });
        }
    }

    /// Watches nothing any more.
    pub(crate) fn clear(&mut self, node: &Node) {
        for Watched { name, .. } in self.keys.drain(..) {
            node.watchers.remove(&name, &self.watcher);
        }
        // A new mark: somebody may hold the old one still.
        self.watcher = Arc::default();
    }

    /// Hashes of the watched keys.
    pub(crate) fn hashes(&self) -> impl Iterator<Item = u64> + '_ {
        self.keys.iter().map(|watched| watched.name.hash)
    }

    /// Whether all watched keys are as they were, under their locks.
    pub(crate) fn holds(&self, access: &mut Access<'_>, live: &Live, now: UnixMs) -> bool {
        !self.is_touched()
            && self.keys.iter().all(|Watched { name, existed }| name.exists(access, live, now) == *existed)
    }
}

impl Node {
    /// Marks those who watch what was changed, under the locks that it was changed under.
    pub(crate) fn mark_watchers(&self, access: &mut Access<'_>, live: &Live, now: UnixMs, changes: &Changes) {
        for touched in &changes.touched {
            let name = KeyName { hash: touched.hash, db: touched.db, key: touched.key.clone() };
            self.mark(&name);
        }
        // A key that is gone with its database is missed by EXEC itself; one that came with an exchange is another one.
        for db in &changes.replaced_dbs {
            for name in self.watchers.keys_of_db(*db) {
                if name.exists(access, live, now) {
                    self.mark(&name);
                }
            }
        }
    }

    fn mark(&self, name: &KeyName) {
        for watcher in self.watchers.of(name) {
            watcher.touched.store(true, Relaxed);
        }
    }
}
