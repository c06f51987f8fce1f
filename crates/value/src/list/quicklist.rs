//! The large form: nodes in a row.

use std::collections::VecDeque;

use pack::{Element, Listpack};

use super::limit::NodeLimit;
use super::node::{Node, Opened};
use super::sequence::End;

/// Elements in nodes.
#[derive(Clone, Debug, Default)]
pub(super) struct Quicklist {
    pub(super) nodes: VecDeque<Node>,
    /// Elements in all nodes.
    pub(super) len: usize,
}

impl Quicklist {
    /// The quicklist that a listpack becomes: one node, however large, or none.
    pub(super) fn of(listpack: Listpack) -> Self {
        let mut quicklist = Self::default();
        if !listpack.is_empty() {
            quicklist.append_node(Node::of(listpack));
        }
        quicklist
    }

    pub(super) fn append_node(&mut self, node: Node) {
        self.len += node.count();
        self.nodes.push_back(node);
    }

    pub(super) fn push(&mut self, end: End, element: &[u8], limit: NodeLimit) {
        self.len += 1;
        let edge = match end {
            End::Left => self.nodes.front_mut(),
            End::Right => self.nodes.back_mut(),
        };
        let room = edge.filter(|node| has_room(node, element, limit)).and_then(Node::listpack_mut);
        match (room, end) {
            (Some(listpack), End::Left) => listpack.push_front(element),
            (Some(listpack), End::Right) => listpack.push(element),
            (None, End::Left) => self.nodes.push_front(node_for(element, limit)),
            (None, End::Right) => self.nodes.push_back(node_for(element, limit)),
        }
    }

    pub(super) fn pop<R>(&mut self, end: End, take: impl FnOnce(Element<'_>) -> R) -> Option<R> {
        let edge = match end {
            End::Left => self.nodes.front_mut(),
            End::Right => self.nodes.back_mut(),
        };
        let node = edge?;
        node.decompress();
        let taken = match node {
            Node::Packed(listpack) => {
                let at = listpack.position_of(if end == End::Left { 0 } else { -1 })?;
                let taken = take(listpack.at(at)?);
                listpack.remove(at);
                taken
            }
            Node::Plain(element) => take(Element::Bytes(element)),
            Node::Lzf(_) => return None,
        };
        if node.is_plain() || node.count() == 0 {
            match end {
                End::Left => self.nodes.pop_front(),
                End::Right => self.nodes.pop_back(),
            };
        }
        self.len -= 1;
        Some(taken)
    }

    /// The node that holds the element with this index, which must be there, and the index within it.
    pub(super) fn find(&self, index: usize) -> (usize, usize) {
        if index <= self.len / 2 {
            let mut before = 0;
            for (at, node) in self.nodes.iter().enumerate() {
                if index < before + node.count() {
                    return (at, index - before);
                }
                before += node.count();
            }
        } else {
            let mut before = self.len;
            for (at, node) in self.nodes.iter().enumerate().rev() {
                before -= node.count();
                if before <= index {
                    return (at, index - before);
                }
            }
        }
        (self.nodes.len(), 0)
    }

    pub(super) fn get<R>(&self, index: usize, read: impl FnOnce(Element<'_>) -> R) -> Option<R> {
        let (at, offset) = self.find(index);
        match self.nodes.get(at)?.open() {
            Opened::Packed(listpack) => listpack.get(isize::try_from(offset).ok()?).map(read),
            Opened::Plain(element) => Some(read(Element::Bytes(&element))),
        }
    }

    /// Puts the compression right after a change: the nodes within `depth` of an end open, the others closed. Of those, only the ones
    /// from `from` up to `to`, which the change may have opened, are looked at, and the two next to each end's open ones, which it
    /// may have moved away from the end.
    pub(super) fn settle(&mut self, depth: usize, from: usize, to: usize) {
        let count = self.nodes.len();
        if depth == 0 {
            return;
        }
        if count / 2 < depth {
            return self.nodes.iter_mut().for_each(Node::decompress);
        }
        let inner = depth..count - depth;
        for at in (0..inner.start).chain(inner.end..count) {
            self.nodes[at].decompress();
        }
        let left = inner.start..(inner.start + 2).min(inner.end);
        let right = inner.end.saturating_sub(2).max(inner.start)..inner.end;
        for at in left.chain(right).chain(from.max(inner.start)..to.min(inner.end)) {
            self.nodes[at].compress();
        }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let slots = self.nodes.capacity() * size_of::<Node>();
        slots + self.nodes.iter().map(Node::heap_bytes).sum::<usize>()
    }
}

/// Whether `element` may join `node`.
pub(super) fn has_room(node: &Node, element: &[u8], limit: NodeLimit) -> bool {
    !node.is_plain() && limit.has_room(node.byte_len(), node.count(), element.len())
}

/// A new node for `element`.
pub(super) fn node_for(element: &[u8], limit: NodeLimit) -> Node {
    if limit.is_large(element.len()) { Node::plain(element) } else { Node::packed(element) }
}
