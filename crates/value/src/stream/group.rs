//! A group of consumers: what each of them has been given, and has not acknowledged.
//!
//! What is pending lies in one tree by id for the group; each consumer keeps the ids that are its own. A pending entry names its
//! holder by number, so that it takes 24 bytes and moving it to another consumer copies no name.
//!
//! An order by time is needed by XREADGROUP CLAIM alone, which takes what has been idle longest. It is built when a group is
//! first asked for it, and kept from then on: groups that never claim so do not pay for it.
//!
//! What was handed back (XNACK) belongs to nobody and comes before all else, in the order in which it came back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use stdx::UnixMs;

use super::StreamId;

/// A consumer within its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConsumerId(u32);

/// Who has a pending entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    Consumer {
        consumer: ConsumerId,
        delivered_at: UnixMs,
    },
    /// It was handed back; the smaller the number, the earlier.
    Nobody {
        order: u64,
    },
}

/// An entry that was delivered and not acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending {
    pub holder: Holder,
    /// How often it was delivered.
    pub deliveries: u64,
}

impl Pending {
    /// When it was delivered last; the beginning of time if nobody has it.
    #[must_use]
    pub const fn delivered_at(&self) -> UnixMs {
        match self.holder {
            Holder::Consumer { delivered_at, .. } => delivered_at,
            Holder::Nobody { .. } => UnixMs(0),
        }
    }

    #[must_use]
    pub const fn consumer(&self) -> Option<ConsumerId> {
        match self.holder {
            Holder::Consumer { consumer, .. } => Some(consumer),
            Holder::Nobody { .. } => None,
        }
    }
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consumer {
    name: Arc<[u8]>,
    pub(super) pending: BTreeSet<StreamId>,
    /// When it last asked for anything.
    pub seen_at: UnixMs,
    /// When it last got anything.
    pub active_at: Option<UnixMs>,
}

impl Consumer {
    #[must_use]
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    #[must_use]
    pub fn pending_count(&self) -> usize {
        self.pending.len()
    }

    /// The ids of what it has, from `start` on.
    pub fn pending_from(&self, start: StreamId) -> impl Iterator<Item = StreamId> {
        self.pending.range(start..).copied()
    }
}

/// A group of consumers.
#[derive(Clone, Debug, Default)]
pub struct Group {
    last_id: StreamId,
    entries_read: Option<u64>,
    pub(super) pending: BTreeMap<StreamId, Pending>,
    consumers: Vec<Option<Consumer>>,
    names: BTreeMap<Arc<[u8]>, ConsumerId>,
    pub(super) nacked: BTreeMap<u64, StreamId>,
    pub(super) by_time: Option<BTreeSet<(UnixMs, StreamId)>>,
}

impl Group {
    /// A group that has had everything up to `last_id`. `entries_read`: how many entries that were, if known.
    #[must_use]
    pub fn new(last_id: StreamId, entries_read: Option<u64>) -> Self {
        Self { last_id, entries_read, ..Self::default() }
    }

    #[must_use]
    pub fn last_id(&self) -> StreamId {
        self.last_id
    }

    /// How many entries of the stream lie up to the last id, as far as is known.
    #[must_use]
    pub fn entries_read(&self) -> Option<u64> {
        self.entries_read
    }

    pub fn set_last_id(&mut self, id: StreamId, entries_read: Option<u64>) {
        self.last_id = id;
        self.entries_read = entries_read;
    }

    /// Bytes of heap, about; without walking over what is pending.
    #[must_use]
    pub(super) fn heap_bytes(&self) -> usize {
        let pending = size_of::<(StreamId, Pending)>() + size_of::<StreamId>();
        let by_time = self.by_time.as_ref().map_or(0, |times| times.len() * size_of::<(UnixMs, StreamId)>());
        size_of::<Self>() + self.pending.len() * pending + self.consumers.len() * size_of::<Consumer>() + by_time
    }

    // Consumers

    #[must_use]
    pub fn consumer_count(&self) -> usize {
        self.names.len()
    }

    /// The consumers in the order of their names.
    pub fn consumers(&self) -> impl ExactSizeIterator<Item = &Consumer> {
        self.names.values().map(|id| self.consumer(*id))
    }

    #[must_use]
    pub fn find_consumer(&self, name: &[u8]) -> Option<ConsumerId> {
        self.names.get(name).copied()
    }

    /// The consumer with this number.
    ///
    /// # Panics
    /// If it was removed.
    #[must_use]
    pub fn consumer(&self, id: ConsumerId) -> &Consumer {
        self.consumers.get(id.0 as usize).and_then(Option::as_ref).expect("nothing names a consumer that was removed")
    }

    /// As [`Self::consumer`], for changing its times.
    ///
    /// # Panics
    /// If it was removed.
    pub fn consumer_mut(&mut self, id: ConsumerId) -> &mut Consumer {
        self.consumers
            .get_mut(id.0 as usize)
            .and_then(Option::as_mut)
            .expect("nothing names a consumer that was removed")
    }

    /// The name of who holds a pending entry; empty for nobody.
    #[must_use]
    pub fn holder_name(&self, pending: &Pending) -> &[u8] {
        pending.consumer().map_or(&[], |consumer| self.consumer(consumer).name())
    }

    /// Adds a consumer, seen at `now`. `None` if there is one of that name.
    pub fn add_consumer(&mut self, name: &[u8], now: UnixMs) -> Option<ConsumerId> {
        if self.names.contains_key(name) {
            return None;
        }
        let name: Arc<[u8]> = Arc::from(name);
        let consumer = Consumer { name: name.clone(), pending: BTreeSet::new(), seen_at: now, active_at: None };
        // Numbers of consumers that left are used again only when many have: a group has few.
        let free = if self.consumers.len() > 2 * self.names.len() + 8 {
            self.consumers.iter().position(Option::is_none)
        } else {
            None
        };
        let index = free.unwrap_or(self.consumers.len());
        let id = ConsumerId(u32::try_from(index).ok()?);
        match self.consumers.get_mut(index) {
            Some(slot) => *slot = Some(consumer),
            None => self.consumers.push(Some(consumer)),
        }
        self.names.insert(name, id);
        Some(id)
    }

    /// Removes a consumer with all it has pending. Returns how many entries that were.
    pub fn remove_consumer(&mut self, name: &[u8]) -> Option<usize> {
        let id = self.names.remove(name)?;
        let consumer = self.consumers.get_mut(id.0 as usize)?.take()?;
        for entry in &consumer.pending {
            if let Some(pending) = self.pending.remove(entry)
                && let Some(times) = &mut self.by_time
            {
                times.remove(&(pending.delivered_at(), *entry));
            }
        }
        Some(consumer.pending.len())
    }
}

/// Numbers given to consumers are nobody's business: two groups are equal when their consumers of the same name have the same.
impl PartialEq for Group {
    fn eq(&self, other: &Self) -> bool {
        let described = |group: &Self, pending: &Pending| {
            (group.holder_name(pending).to_vec(), pending.delivered_at(), pending.deliveries)
        };
        self.last_id == other.last_id
            && self.entries_read == other.entries_read
            && self.consumers().eq(other.consumers())
            && self.nacked.values().eq(other.nacked.values())
            && self.pending.len() == other.pending.len()
            && self.pending.iter().zip(&other.pending).all(|((id, pending), (other_id, other_pending))| {
                id == other_id && described(self, pending) == described(other, other_pending)
            })
    }
}

impl Eq for Group {}
