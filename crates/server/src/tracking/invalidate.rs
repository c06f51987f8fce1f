//! Remembering what was read, and telling what was changed.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use command_api::{Flags, KeyPosition};
use keyspace::Changes;

use super::Tracker;
use crate::delivery::{Delivery, Invalidated, Message};
use crate::dispatch::Call;
use crate::host::Event;
use crate::node::{Live, Node};

/// Keys forgotten at a time when the table is over its limit: enough to catch up, little enough for one command.
const EVICT_AT_ONCE: usize = 100;

impl Node {
    /// Enters the keys of a command of the client `call.reader` that has just run, under its locks.
    pub(crate) fn remember_reads(
        &self,
        live: &Live,
        call: Call<'_>,
        positions: &mut Vec<KeyPosition>,
        rng: &mut fastrand::Rng,
    ) {
        if !call.entry.flags.contains(Flags::READONLY) {
            return;
        }
        // One whose keys cannot be told has read none.
        let Ok(keys) = call.entry.named_keys(call.argv, self.keyspace.hasher(), positions) else { return };
        for named in keys {
            self.tracking.read.remember(named.hash, named.key, call.reader);
        }
        self.limit_remembered(live, rng);
    }

    /// Forgets keys beyond `tracking-table-max-keys`, as if they had changed.
    pub(crate) fn limit_remembered(&self, live: &Live, rng: &mut fastrand::Rng) {
        let limit = usize::try_from(live.settings.clients.tracking_table_max_keys).unwrap_or(usize::MAX);
        if limit == 0 {
            return;
        }
        for _ in 0..EVICT_AT_ONCE {
            if self.tracking.read.keys() <= limit {
                return;
            }
            let Some((key, clients)) = self.tracking.read.take_any(rng.u64(..)) else { return };
            clients.into_iter().for_each(|client| self.invalidate_one(client, 0, &key));
        }
    }

    /// Tells those who track what a command of the client `author` has changed (0: nobody's command), under the locks that it was
    /// changed under.
    pub(crate) fn invalidate(&self, changes: &Changes, author: u64) {
        if !changes.replaced_dbs.is_empty() {
            self.tracking.read.clear();
            self.tracking.all().iter().for_each(|tracker| self.post_invalidation(tracker, None));
        }
        if changes.touched.is_empty() && changes.expired.is_empty() {
            return;
        }
        let hasher = self.keyspace.hasher();
        let expired = changes.expired.iter().map(|expired| (hasher.hash(&expired.key), &*expired.key));
        let touched = changes.touched.iter().map(|touched| (touched.hash, &*touched.key));
        if self.tracking.read.keys() > 0 {
            for (hash, key) in expired.clone().chain(touched.clone()) {
                for client in self.tracking.read.take(hash, key) {
                    self.invalidate_one(client, author, key);
                }
            }
        }
        if self.tracking.prefixes.len() > 0 {
            let keys: BTreeSet<&[u8]> = expired.chain(touched).map(|(_, key)| key).collect();
            self.tracking.prefixes.matching(&keys, |tracker, keys| {
                if !(tracker.noloop && tracker.client == author) {
                    self.post_invalidation(tracker, Some(keys));
                }
            });
        }
    }

    fn invalidate_one(&self, client: u64, author: u64, key: &[u8]) {
        // One that left or stopped is not told, nor one that broadcasts now and read the key before.
        let Some(tracker) = self.tracking.get(client) else { return };
        if !(tracker.bcast || tracker.noloop && client == author) {
            self.post_invalidation(&tracker, Some(&[key]));
        }
    }

    fn post_invalidation(&self, tracker: &Tracker, keys: Option<&[&[u8]]>) {
        let (lane, to, message) = match tracker.redirect {
            None => (tracker.lane, tracker.client, invalidated(keys, false)),
            Some(to) => match self.clients.get(to) {
                Some(info) => (info.lane, to, invalidated(keys, true)),
                None => {
                    tracker.broken.store(true, Relaxed);
                    (tracker.lane, tracker.client, Message::RedirectionBroken { to })
                }
            },
        };
        self.host.send(lane, Event::Deliver(Delivery { message: Arc::new(message), to: vec![to] }));
    }
}

fn invalidated(keys: Option<&[&[u8]]>, redirected: bool) -> Message {
    let keys = keys.map(|keys| keys.iter().copied().map(Box::from).collect());
    Message::Invalidated(Invalidated { keys, redirected })
}
