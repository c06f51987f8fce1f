//! What is pending in a group: giving out, acknowledging, handing back.

use std::collections::BTreeSet;
use std::ops::RangeBounds;

use stdx::UnixMs;

use super::{ConsumerId, Group, Holder, Pending, StreamId};

impl Group {
    #[must_use]
    pub fn pending_count(&self) -> usize {
        self.pending.len()
    }

    /// What is pending, in the order of ids.
    pub fn pending(&self, range: impl RangeBounds<StreamId>) -> impl DoubleEndedIterator<Item = (StreamId, &Pending)> {
        self.pending.range(range).map(|(id, pending)| (*id, pending))
    }

    #[must_use]
    pub fn pending_of(&self, id: StreamId) -> Option<&Pending> {
        self.pending.get(&id)
    }

    /// What was handed back and belongs to nobody, the earliest first.
    pub fn nacked(&self) -> impl ExactSizeIterator<Item = StreamId> {
        self.nacked.values().copied()
    }

    /// Gives the entry to a consumer, whoever had it.
    pub fn deliver(&mut self, id: StreamId, consumer: ConsumerId, delivered_at: UnixMs, deliveries: u64) {
        let pending = Pending { holder: Holder::Consumer { consumer, delivered_at }, deliveries };
        let old = self.pending.insert(id, pending);
        // Given again to who has it, as most are: its own set stays as it is.
        let stays = old.is_some_and(|old| old.consumer() == Some(consumer));
        if let Some(old) = old {
            self.forget(id, old, stays);
        }
        if !stays {
            self.consumer_mut(consumer).pending.insert(id);
        }
        if let Some(times) = &mut self.by_time {
            times.insert((delivered_at, id));
        }
    }

    /// Hands the entry back: it is pending and nobody's.
    pub fn release(&mut self, id: StreamId, deliveries: u64) {
        let order = self.nacked.last_key_value().map_or(0, |(last, _)| last + 1);
        if let Some(old) = self.pending.insert(id, Pending { holder: Holder::Nobody { order }, deliveries }) {
            self.forget(id, old, false);
        }
        self.nacked.insert(order, id);
    }

    /// Takes the entry out of what is pending. Returns whether it was.
    pub fn acknowledge(&mut self, id: StreamId) -> bool {
        let Some(old) = self.pending.remove(&id) else { return false };
        self.forget(id, old, false);
        true
    }

    /// Removes the traces of `old`, which is no longer in the group's tree.
    fn forget(&mut self, id: StreamId, old: Pending, consumer_keeps_it: bool) {
        match old.holder {
            Holder::Consumer { consumer, delivered_at } => {
                if !consumer_keeps_it {
                    self.consumer_mut(consumer).pending.remove(&id);
                }
                if let Some(times) = &mut self.by_time {
                    times.remove(&(delivered_at, id));
                }
            }
            Holder::Nobody { order } => drop(self.nacked.remove(&order)),
        }
    }

    /// Up to `count` entries that have been idle for `min_idle_ms`: what is nobody's, then by time, the longest first.
    #[must_use]
    pub fn idle_longest(&mut self, now: UnixMs, min_idle_ms: i64, count: usize) -> Vec<StreamId> {
        let pending = &self.pending;
        let times = self.by_time.get_or_insert_with(|| {
            let owned = pending.iter().filter(|(_, pending)| pending.consumer().is_some());
            owned.map(|(id, pending)| (pending.delivered_at(), *id)).collect::<BTreeSet<_>>()
        });
        let idle = times.iter().take_while(|(at, _)| now.ms_since(*at) >= min_idle_ms).map(|(_, id)| *id);
        self.nacked.values().copied().chain(idle).take(count).collect()
    }

    /// When the entry that has been idle the longest was delivered; known once [`Self::idle_longest`] was asked.
    #[must_use]
    pub fn oldest_delivery(&self) -> Option<UnixMs> {
        self.by_time.as_ref()?.first().map(|(at, _)| *at)
    }
}
