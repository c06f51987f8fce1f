//! Walking over the live entries between two ids, from either side.
//!
//! The first node is found in the tree, the first entry in it by walking: nodes are short, as far as the configuration goes.

use std::collections::btree_map;

use pack::Listpack;

use super::node::Walk;
use super::{Entry, Stream, StreamId};

/// Entries in ascending order. See [`Stream::range`].
#[derive(Clone, Debug)]
pub struct Range<'a> {
    nodes: btree_map::Range<'a, StreamId, Listpack>,
    walk: Option<Walk<'a>>,
    start: StreamId,
    end: StreamId,
}

/// Entries in descending order. See [`Stream::rev_range`].
#[derive(Clone, Debug)]
pub struct RevRange<'a> {
    nodes: btree_map::Range<'a, StreamId, Listpack>,
    walk: Option<Walk<'a>>,
    start: StreamId,
    end: StreamId,
}

impl Stream {
    /// The entries from `start` to `end`, both included.
    #[must_use]
    pub fn range(&self, start: StreamId, end: StreamId) -> Range<'_> {
        Range { nodes: self.nodes_between(start, end), walk: None, start, end }
    }

    /// The entries from `end` down to `start`, both included.
    #[must_use]
    pub fn rev_range(&self, start: StreamId, end: StreamId) -> RevRange<'_> {
        RevRange { nodes: self.nodes_between(start, end), walk: None, start, end }
    }

    /// The nodes that may hold ids from `start` to `end`.
    fn nodes_between(&self, start: StreamId, end: StreamId) -> btree_map::Range<'_, StreamId, Listpack> {
        let first = self.nodes.range(..=start).next_back().map_or(start, |(first, _)| *first);
        // A range that ends before it starts has no nodes; the tree would refuse it.
        self.nodes.range(first..=end.max(first))
    }

    /// The live entry with this id.
    #[must_use]
    pub fn get(&self, id: StreamId) -> Option<Entry<'_>> {
        self.range(id, id).next()
    }

    #[must_use]
    pub fn contains(&self, id: StreamId) -> bool {
        self.get(id).is_some()
    }

    /// The first live entry.
    #[must_use]
    pub fn first(&self) -> Option<Entry<'_>> {
        self.range(StreamId::ZERO, StreamId::MAX).next()
    }

    /// The last live entry.
    #[must_use]
    pub fn last(&self) -> Option<Entry<'_>> {
        self.rev_range(StreamId::ZERO, StreamId::MAX).next()
    }
}

impl<'a> Iterator for Range<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        loop {
            let walk = match &mut self.walk {
                Some(walk) => walk,
                None => {
                    let (first, node) = self.nodes.next()?;
                    self.walk.insert(Walk::new(*first, node)?)
                }
            };
            match walk.next() {
                Some(found) if found.entry.id > self.end => return None,
                Some(found) if found.deleted || found.entry.id < self.start => {}
                Some(found) => return Some(found.entry),
                None => self.walk = None,
            }
        }
    }
}

impl<'a> Iterator for RevRange<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        loop {
            let walk = match &mut self.walk {
                Some(walk) => walk,
                None => {
                    let (first, node) = self.nodes.next_back()?;
                    self.walk.insert(Walk::new(*first, node)?)
                }
            };
            match walk.next_back() {
                Some(found) if found.entry.id < self.start => return None,
                Some(found) if found.deleted || found.entry.id > self.end => {}
                Some(found) => return Some(found.entry),
                None => self.walk = None,
            }
        }
    }
}
