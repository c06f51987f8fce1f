//! Which messages of which producer are in the stream already: XADD IDMP.
//!
//! A producer that is not sure whether its message arrived sends it again under the same name; the entry it made is remembered
//! for a while, and answered instead of adding another. For each producer at most so many are kept, the oldest go first; and none
//! for longer than the configured time, counted from the milliseconds of the entry's id.

use std::collections::{BTreeMap, VecDeque};

use stdx::UnixMs;

use super::StreamId;

/// What is remembered of producers, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    duration_s: u64,
    max_entries: u64,
    producers: BTreeMap<Box<[u8]>, Producer>,
    /// Messages that came with a name, ever.
    pub added: u64,
    /// Those of them that were there already.
    pub duplicates: u64,
}

/// The latest messages of a producer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Producer {
    entries: BTreeMap<Box<[u8]>, StreamId>,
    /// The names, oldest first.
    order: VecDeque<Box<[u8]>>,
}

impl Producer {
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Names and entries, oldest first.
    pub fn entries(&self) -> impl Iterator<Item = (&[u8], StreamId)> {
        self.order.iter().filter_map(|name| Some((&**name, *self.entries.get(name)?)))
    }

    fn oldest(&self) -> Option<StreamId> {
        self.entries().next().map(|(_, id)| id)
    }

    fn remove_oldest(&mut self) {
        if let Some(name) = self.order.pop_front() {
            self.entries.remove(&name);
        }
    }
}

impl Default for Idempotency {
    fn default() -> Self {
        Self {
            duration_s: Self::DEFAULT_DURATION_S,
            max_entries: Self::DEFAULT_MAX_ENTRIES,
            producers: BTreeMap::new(),
            added: 0,
            duplicates: 0,
        }
    }
}

impl Idempotency {
    pub const DEFAULT_DURATION_S: u64 = 100;
    pub const DEFAULT_MAX_ENTRIES: u64 = 100;

    #[must_use]
    pub fn duration_s(&self) -> u64 {
        self.duration_s
    }

    /// How many messages of a producer are remembered.
    #[must_use]
    pub fn max_entries(&self) -> u64 {
        self.max_entries
    }

    /// Changes how much is remembered. Other values than before forget everything.
    pub fn configure(&mut self, duration_s: u64, max_entries: u64) {
        if (self.duration_s, self.max_entries) != (duration_s, max_entries) {
            self.producers.clear();
        }
        (self.duration_s, self.max_entries) = (duration_s, max_entries);
    }

    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    pub fn producers(&self) -> impl ExactSizeIterator<Item = (&[u8], &Producer)> {
        self.producers.iter().map(|(name, producer)| (&**name, producer))
    }

    /// The entry that this message of the producer made, if it is remembered.
    #[must_use]
    pub fn find(&self, producer: &[u8], message: &[u8], now: UnixMs) -> Option<StreamId> {
        let id = *self.producers.get(producer)?.entries.get(message)?;
        (!self.is_over(id, now)).then_some(id)
    }

    /// Remembers that the message made the entry `id`; forgets what is too old or too much of that producer.
    pub fn record(&mut self, producer: &[u8], message: &[u8], id: StreamId, now: UnixMs) {
        let (duration_s, max_entries) = (self.duration_s, self.max_entries);
        let producer = match self.producers.get_mut(producer) {
            Some(producer) => producer,
            None => self.producers.entry(Box::from(producer)).or_default(),
        };
        while let Some(oldest) = producer.oldest()
            && (is_over(oldest, duration_s, now) || producer.len() as u64 >= max_entries)
        {
            producer.remove_oldest();
        }
        if producer.entries.insert(Box::from(message), id).is_none() {
            producer.order.push_back(Box::from(message));
        }
    }

    /// Remembers one more of a dump, behind those before. Returns whether it was not there yet.
    pub fn restore(&mut self, producer: &[u8], message: &[u8], id: StreamId) -> bool {
        let producer = match self.producers.get_mut(producer) {
            Some(producer) => producer,
            None => self.producers.entry(Box::from(producer)).or_default(),
        };
        let is_new = producer.entries.insert(Box::from(message), id).is_none();
        if is_new {
            producer.order.push_back(Box::from(message));
        }
        is_new
    }

    fn is_over(&self, id: StreamId, now: UnixMs) -> bool {
        is_over(id, self.duration_s, now)
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let entry = 2 * size_of::<Box<[u8]>>() + size_of::<StreamId>() + 32;
        self.producers.iter().map(|(name, producer)| name.len() + producer.len() * entry).sum()
    }
}

fn is_over(id: StreamId, duration_s: u64, now: UnixMs) -> bool {
    let now = u64::try_from(now.0).unwrap_or(0);
    now.saturating_sub(id.ms) >= duration_s.saturating_mul(1000)
}
