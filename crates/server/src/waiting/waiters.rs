//! All waiting clients, by key and by client.

use std::collections::BTreeMap;
use std::sync::Arc;

use keyspace::{Access, Expired, Mode};
use parking_lot::Mutex;

use super::{Answer, KeyName, KeyNames, Waiter};
use crate::node::Node;

/// Beyond so many keys a writer does not ask which it needs: it takes all.
const MOST_KEYS: usize = 64;

/// How often a writer locks more before it takes all.
const MOST_TRIES: usize = 4;

/// All waiting clients.
#[derive(Debug, Default)]
pub(crate) struct Waiters {
    keys: KeyNames<Waiter>,
    clients: Mutex<BTreeMap<u64, Arc<Waiter>>>,
}

impl Waiters {
    /// Whether nobody waits for a key. See [`KeyNames::is_empty`].
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Lets a client wait. The caller holds the locks of its keys.
    pub(crate) fn add(&self, waiter: &Arc<Waiter>) {
        for (name, _) in &waiter.keys {
            self.keys.add(name, Arc::clone(waiter));
        }
        self.clients.lock().insert(waiter.client, Arc::clone(waiter));
    }

    /// Takes a waiter off its keys: it was answered, or is gone.
    pub(crate) fn remove(&self, waiter: &Arc<Waiter>) {
        for (name, _) in &waiter.keys {
            self.keys.remove(name, waiter);
        }
    }

    /// Takes the answer of a client that was told there is one.
    pub(crate) fn fetch(&self, client: u64) -> Option<Vec<u8>> {
        let mut clients = self.clients.lock();
        let waiter = clients.get(&client)?;
        let answer = std::mem::replace(&mut *waiter.answer.lock(), Answer::Over);
        match answer {
            Answer::Ready(bytes) => {
                clients.remove(&client);
                Some(bytes)
            }
            other @ (Answer::None | Answer::Over) => {
                *waiter.answer.lock() = other;
                None
            }
        }
    }

    /// Forgets a client that is gone.
    pub(crate) fn forget(&self, client: u64) {
        let waiter = self.clients.lock().remove(&client);
        if let Some(waiter) = waiter {
            *waiter.answer.lock() = Answer::Over;
            self.remove(&waiter);
        }
    }

    pub(crate) fn of_client(&self, client: u64) -> Option<Arc<Waiter>> {
        self.clients.lock().get(&client).cloned()
    }

    /// Those who wait for the key, oldest first.
    pub(crate) fn of(&self, name: &KeyName) -> Vec<Arc<Waiter>> {
        self.keys.of(name)
    }

    /// The keys of a database that somebody waits for.
    pub(crate) fn keys_of_db(&self, db: usize) -> Vec<KeyName> {
        self.keys.keys_of_db(db)
    }

    /// How many clients wait, for how many keys.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.clients.lock().len(), self.keys.key_count())
    }

    /// What a writer of these keys must hold to serve all who may become ready; `None`: everything.
    pub(crate) fn needs(&self, written: impl Iterator<Item = u64>) -> Option<Vec<(u64, Mode)>> {
        let mut open: Vec<u64> = written.collect();
        let mut seen = open.clone();
        let mut needed = Vec::new();
        while let Some(hash) = open.pop() {
            for waiter in self.keys.of_hash(hash) {
                for (name, mode) in &waiter.keys {
                    needed.push((name.hash, *mode));
                    if *mode == Mode::Write && !seen.contains(&name.hash) {
                        seen.push(name.hash);
                        open.push(name.hash);
                    }
                }
                if needed.len() > MOST_KEYS {
                    return None;
                }
            }
        }
        Some(needed)
    }
}

impl Node {
    /// Those of the expired keys that somebody waits for.
    pub(crate) fn names_waited_for(&self, expired: &[Expired]) -> Vec<KeyName> {
        if self.waiters.is_empty() {
            return Vec::new();
        }
        let hasher = self.keyspace.hasher();
        let names = expired.iter().map(|expired| KeyName::new(hasher, expired.db, &expired.key));
        names.filter(|name| !self.waiters.of(name).is_empty()).collect()
    }

    /// What `access` allows, and all that serving those who wait for the written ones of `keys`, which it covers, may need.
    pub(crate) fn widen_for_waiters<'t>(&self, mut access: Access<'t>, keys: &[(u64, Mode)]) -> Access<'t> {
        for _ in 0..MOST_TRIES {
            if self.waiters.is_empty() {
                return access;
            }
            let written = keys.iter().filter(|(_, mode)| *mode == Mode::Write).map(|(hash, _)| *hash);
            let Some(needed) = self.waiters.needs(written) else { break };
            if access.covers(needed.iter().copied()) {
                return access;
            }
            // Meanwhile others may begin to wait, so that it is asked again.
            access = access.relock(keys.iter().chain(&needed).copied());
        }
        access.widen_to_all()
    }
}
