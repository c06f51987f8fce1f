//! Putting a stream together from the parts that a dump holds, every one checked.

use std::collections::BTreeMap;
use std::fmt;

use pack::Listpack;
use stdx::UnixMs;

use super::{Group, Idempotency, NodeCheck, Stream, StreamId};

/// The parts of a stream. [`StreamParts::node`] and [`GroupParts`] take them in, [`StreamParts::finish`] gives the stream.
#[derive(Debug, Default)]
pub struct StreamParts {
    pub(super) nodes: BTreeMap<StreamId, Listpack>,
    pub(super) live: u64,
    pub(super) last: Option<StreamId>,
    pub len: u64,
    pub last_id: StreamId,
    /// `None`: the dump's form has none, and they are found out.
    pub counters: Option<(StreamId, StreamId, u64)>,
    pub idempotency: Option<Idempotency>,
    pub(super) groups: BTreeMap<Box<[u8]>, Box<Group>>,
}

/// A group whose consumers are still to be named.
#[derive(Debug)]
pub struct GroupParts {
    pub group: Group,
    /// Delivery times and counts, until a consumer or nobody is named for each.
    unowned: BTreeMap<StreamId, (UnixMs, u64)>,
}

/// What is wrong with the parts of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeError {
    /// The node's bytes do not have the layout of a node.
    Layout,
    /// Entries whose ids do not ascend.
    Order,
    /// A count that differs from what is there.
    Count,
    /// Something that can be there once only is there again.
    Duplicate,
    /// A pending entry that belongs to nobody, or to two.
    Owner,
}

impl fmt::Display for NodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Layout => "a stream node without the layout of one",
            Self::Order => "stream ids that do not ascend",
            Self::Count => "a count of stream entries that differs from what is there",
            Self::Duplicate => "a name or id of a stream's group that is there twice",
            Self::Owner => "a pending entry without an owner, or with two",
        })
    }
}

impl std::error::Error for NodeError {}

impl StreamParts {
    /// Takes the next node.
    ///
    /// # Errors
    /// If it is no node, or its ids do not follow those before.
    pub fn node(&mut self, first: StreamId, node: &[u8]) -> Result<(), NodeError> {
        let node = Listpack::from_bytes(node).map_err(|_| NodeError::Layout)?;
        if self.last.is_some_and(|last| first <= last) {
            return Err(NodeError::Order);
        }
        let mut check = NodeCheck::new(first);
        node.iter().try_for_each(|element| check.element(element.to_int()))?;
        let (live, last) = check.finish()?;
        self.live = self.live.saturating_add(live);
        self.last = Some(last);
        self.nodes.insert(first, node);
        Ok(())
    }

    /// Takes a group.
    ///
    /// # Errors
    /// If there is one of that name, or something in it is pending without an owner.
    pub fn group(&mut self, name: &[u8], parts: GroupParts) -> Result<(), NodeError> {
        if !parts.unowned.is_empty() {
            return Err(NodeError::Owner);
        }
        match self.groups.insert(Box::from(name), Box::new(parts.group)) {
            None => Ok(()),
            Some(_) => Err(NodeError::Duplicate),
        }
    }

    /// The stream.
    ///
    /// # Errors
    /// If counts and ids contradict each other.
    pub fn finish(self) -> Result<Stream, NodeError> {
        if self.len != self.live {
            return Err(NodeError::Count);
        }
        if self.last.is_some_and(|last| last > self.last_id) {
            return Err(NodeError::Order);
        }
        let mut stream = Stream {
            nodes: self.nodes,
            len: self.len,
            last_id: self.last_id,
            groups: self.groups,
            idempotency: self.idempotency.filter(|it| !it.is_default()).map(Box::new),
            ..Stream::default()
        };
        match self.counters {
            Some((first_id, max_deleted_id, entries_added)) => {
                stream.first_id = first_id;
                stream.max_deleted_id = max_deleted_id;
                stream.entries_added = entries_added;
            }
            None => {
                stream.entries_added = stream.len;
                stream.find_first_id();
                stream.find_entries_read();
            }
        }
        Ok(stream)
    }
}

impl GroupParts {
    #[must_use]
    pub fn new(last_id: StreamId, entries_read: Option<u64>) -> Self {
        Self { group: Group::new(last_id, entries_read), unowned: BTreeMap::new() }
    }

    /// Takes an entry that is pending.
    ///
    /// # Errors
    /// If it is there already.
    pub fn pending(&mut self, id: StreamId, delivered_at: UnixMs, deliveries: u64) -> Result<(), NodeError> {
        match self.unowned.insert(id, (delivered_at, deliveries)) {
            None => Ok(()),
            Some(_) => Err(NodeError::Duplicate),
        }
    }

    /// Takes a consumer; `active_at` is `None` if it never got anything.
    ///
    /// # Errors
    /// If there is one of that name.
    pub fn consumer(&mut self, name: &[u8], seen_at: UnixMs, active_at: Option<UnixMs>) -> Result<(), NodeError> {
        let consumer = self.group.add_consumer(name, seen_at).ok_or(NodeError::Duplicate)?;
        self.group.consumer_mut(consumer).active_at = active_at;
        Ok(())
    }

    /// Names the owner of a pending entry.
    ///
    /// # Errors
    /// If the entry is not pending, or has an owner.
    pub fn owned(&mut self, name: &[u8], id: StreamId) -> Result<(), NodeError> {
        let (delivered_at, deliveries) = self.unowned.remove(&id).ok_or(NodeError::Owner)?;
        let consumer = self.group.find_consumer(name).ok_or(NodeError::Owner)?;
        self.group.deliver(id, consumer, delivered_at, deliveries);
        Ok(())
    }

    /// Says that a pending entry is nobody's.
    ///
    /// # Errors
    /// If the entry is not pending, or has an owner.
    pub fn released(&mut self, id: StreamId) -> Result<(), NodeError> {
        let (_, deliveries) = self.unowned.remove(&id).ok_or(NodeError::Owner)?;
        self.group.release(id, deliveries);
        Ok(())
    }
}
