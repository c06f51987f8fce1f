//! The stream itself: its nodes, its counters, and what changes them one entry at a time.

use std::collections::BTreeMap;

use pack::Listpack;
use stdx::UnixMs;

use super::node::{self, Walk};
use super::{Group, Idempotency, StreamId};
use crate::{Encoding, EncodingLimits};

/// Entries ordered by id, and the groups that read them.
///
/// ```
/// use value::{EncodingLimits, Stream, StreamId};
/// let mut stream = Stream::default();
/// let fields = [(&b"sensor"[..], &b"7"[..])];
/// stream.append(StreamId::new(5, 1), fields.iter().copied(), &EncodingLimits::default()).unwrap();
/// assert_eq!(stream.len(), 1);
/// assert_eq!(stream.first().unwrap().id, StreamId::new(5, 1));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stream {
    pub(super) nodes: BTreeMap<StreamId, Listpack>,
    pub(super) len: u64,
    pub(super) last_id: StreamId,
    pub(super) first_id: StreamId,
    pub(super) max_deleted_id: StreamId,
    pub(super) entries_added: u64,
    pub(super) groups: BTreeMap<Box<[u8]>, Box<Group>>,
    pub(super) idempotency: Option<Box<Idempotency>>,
}

/// Why an entry was not added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Its id is not greater than the last one.
    NotGreater,
    /// It is larger than a node may become.
    TooLarge,
}

impl Stream {
    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// A stream without entries is one still: it remembers its last id.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[must_use]
    pub fn encoding(&self) -> Encoding {
        Encoding::Stream
    }

    /// Bytes of heap that dropping the value gives back, about.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let nodes: usize = self.nodes.values().map(|node| node.heap_bytes() + size_of::<(StreamId, Listpack)>()).sum();
        let groups: usize = self.groups.iter().map(|(name, group)| name.len() + group.heap_bytes()).sum();
        nodes + groups + self.idempotency.as_ref().map_or(0, |it| it.heap_bytes())
    }

    /// The greatest id that ever was, deleted or not.
    #[must_use]
    pub fn last_id(&self) -> StreamId {
        self.last_id
    }

    /// The id of the first entry; zero if there is none.
    #[must_use]
    pub fn first_id(&self) -> StreamId {
        self.first_id
    }

    /// The greatest id that was deleted one by one (XDEL), not by trimming.
    #[must_use]
    pub fn max_deleted_id(&self) -> StreamId {
        self.max_deleted_id
    }

    /// How many entries were ever added.
    #[must_use]
    pub fn entries_added(&self) -> u64 {
        self.entries_added
    }

    pub fn set_entries_added(&mut self, count: u64) {
        self.entries_added = count;
    }

    pub fn set_last_id(&mut self, id: StreamId) {
        self.last_id = id;
    }

    pub fn set_max_deleted_id(&mut self, id: StreamId) {
        self.max_deleted_id = id;
    }

    /// The nodes with their first ids, as dumps hold them.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = (StreamId, &[u8])> {
        self.nodes.iter().map(|(first, node)| (*first, node.as_bytes()))
    }

    /// The id for an entry that is added now: the time, unless the last entry is not older. `None` when ids are used up.
    #[must_use]
    pub fn next_id(&self, now: UnixMs) -> Option<StreamId> {
        let ms = u64::try_from(now.0).unwrap_or(0);
        if ms > self.last_id.ms { Some(StreamId::new(ms, 0)) } else { self.last_id.next() }
    }

    /// Adds an entry at the end.
    ///
    /// # Errors
    /// See [`Refused`]; nothing is changed then.
    pub fn append<'a>(
        &mut self,
        id: StreamId,
        fields: impl ExactSizeIterator<Item = (&'a [u8], &'a [u8])> + Clone,
        limits: &EncodingLimits,
    ) -> Result<(), Refused> {
        if id <= self.last_id {
            return Err(Refused::NotGreater);
        }
        let count = fields.len();
        let bytes: u64 = fields.clone().map(|(name, value)| (name.len() + value.len()) as u64).sum();
        // Twice the names in a new node, and a dozen bytes around each element.
        if bytes.saturating_mul(2).saturating_add(24 * (count as u64 + 4)) > node::NODE_MAX_BYTES {
            return Err(Refused::TooLarge);
        }
        match self.nodes.last_entry() {
            Some(mut last) if node::has_room(last.get(), bytes, limits) => {
                let first = *last.key();
                node::append(last.get_mut(), first, id, fields, count);
            }
            _ => drop(self.nodes.insert(id, node::new(fields, count))),
        }
        if self.len == 0 {
            self.first_id = id;
        }
        self.last_id = id;
        self.len += 1;
        self.entries_added += 1;
        Ok(())
    }

    /// Deletes an entry. Returns whether it was there.
    pub fn delete(&mut self, id: StreamId) -> bool {
        let Some((&first, node)) = self.nodes.range_mut(..=id).next_back() else { return false };
        let found = Walk::new(first, node).and_then(|mut walk| walk.find(|found| found.entry.id >= id));
        let Some(at) = found.filter(|found| !found.deleted && found.entry.id == id).map(|found| found.at) else {
            return false;
        };
        if node::Master::of(node).is_some_and(|master| master.live > 1) {
            node::mark_deleted(node, at);
            node::count_deleted(node, 1);
        } else {
            self.nodes.remove(&first);
        }
        self.len -= 1;
        self.max_deleted_id = self.max_deleted_id.max(id);
        if id == self.first_id {
            self.find_first_id();
        }
        true
    }

    /// Settles the first id after entries went from the beginning.
    pub(super) fn find_first_id(&mut self) {
        self.first_id = self.first().map_or(StreamId::ZERO, |entry| entry.id);
    }

    /// The groups in the order of their names.
    pub fn groups(&self) -> impl ExactSizeIterator<Item = (&[u8], &Group)> {
        self.groups.iter().map(|(name, group)| (&**name, &**group))
    }

    #[must_use]
    pub fn group(&self, name: &[u8]) -> Option<&Group> {
        self.groups.get(name).map(|group| &**group)
    }

    #[must_use]
    pub fn group_mut(&mut self, name: &[u8]) -> Option<&mut Group> {
        self.groups.get_mut(name).map(|group| &mut **group)
    }

    /// Adds a group. Returns whether there was none of that name.
    pub fn add_group(&mut self, name: &[u8], group: Group) -> bool {
        let missing = !self.groups.contains_key(name);
        if missing {
            self.groups.insert(Box::from(name), Box::new(group));
        }
        missing
    }

    /// Removes a group with all that is pending in it. Returns whether there was one.
    pub fn remove_group(&mut self, name: &[u8]) -> bool {
        self.groups.remove(name).is_some()
    }

    /// Whether any group has not had the entry yet, or has it pending.
    #[must_use]
    pub fn is_referenced(&self, id: StreamId) -> bool {
        self.groups.values().any(|group| id > group.last_id() || group.pending_of(id).is_some())
    }

    /// Takes the entry out of what is pending in all groups. Returns in how many it was.
    pub fn drop_references(&mut self, id: StreamId) -> usize {
        self.groups.values_mut().map(|group| usize::from(group.acknowledge(id))).sum()
    }

    #[must_use]
    pub fn idempotency(&self) -> Option<&Idempotency> {
        self.idempotency.as_deref()
    }

    /// What is known of producers; begun if there is nothing yet.
    pub fn idempotency_mut(&mut self) -> &mut Idempotency {
        self.idempotency.get_or_insert_default()
    }
}
