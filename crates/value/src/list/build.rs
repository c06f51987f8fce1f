//! Lists out of dumps.

use pack::Listpack;

use super::limit::NodeLimit;
use super::node::Node;
use super::quicklist::Quicklist;
use super::sequence::{End, List};
use crate::EncodingLimits;

/// Shorter elements that come as nodes by themselves join others: their nodes would be larger than what they hold, and a dump of a
/// few bytes could become a list of many.
const MIN_PLAIN_BYTES: usize = 32;

/// Takes elements and nodes from left to right.
///
/// ```
/// use value::{EncodingLimits, ListBuilder};
/// let mut builder = ListBuilder::new(EncodingLimits::default());
/// builder.push(b"a");
/// builder.push(b"10");
/// assert_eq!(builder.finish().unwrap().len(), 2);
/// ```
#[derive(Debug)]
pub struct ListBuilder {
    limits: EncodingLimits,
    quicklist: Quicklist,
}

impl ListBuilder {
    #[must_use]
    pub fn new(limits: EncodingLimits) -> Self {
        Self { limits, quicklist: Quicklist::default() }
    }

    /// Makes room for so many nodes.
    pub fn reserve_nodes(&mut self, count: usize) {
        self.quicklist.nodes.reserve_exact(count);
    }

    /// The room that one node takes beside its bytes.
    pub const NODE_BYTES: usize = size_of::<Node>();

    /// Appends an element, to the last node if that has room.
    pub fn push(&mut self, element: &[u8]) {
        self.quicklist.push(End::Right, element, self.limit());
    }

    /// Appends a node. An empty listpack is none.
    pub fn push_listpack(&mut self, listpack: Listpack) {
        if !listpack.is_empty() {
            self.append(Node::of(listpack));
        }
    }

    /// Appends an element that was a node by itself.
    pub fn push_plain(&mut self, element: &[u8]) {
        if element.len() < MIN_PLAIN_BYTES {
            self.push(element);
        } else {
            self.append(Node::plain(element));
        }
    }

    /// The list; `None` if there is no element.
    #[must_use]
    pub fn finish(self) -> Option<List> {
        let limit = self.limit();
        self.finish_if(|bytes, count| limit.fits_listpack(bytes, count))
    }

    /// As [`Self::finish`], but a quicklist however small: what Redis makes of a list that was a ziplist.
    #[must_use]
    pub fn finish_as_nodes(self) -> Option<List> {
        self.finish_if(|_, _| false)
    }

    fn finish_if(mut self, is_small: impl FnOnce(usize, usize) -> bool) -> Option<List> {
        if self.quicklist.len == 0 {
            return None;
        }
        let depth = self.depth();
        self.quicklist.settle(depth, 0, self.quicklist.nodes.len());
        Some(List::of_quicklist(self.quicklist, is_small))
    }

    /// Nodes that are surely not among the last are compressed at once: a long list is not all open at any time.
    fn append(&mut self, node: Node) {
        self.quicklist.append_node(node);
        let (nodes, depth) = (self.quicklist.nodes.len(), self.depth());
        if depth > 0 && nodes > 2 * depth {
            self.quicklist.nodes[nodes - 1 - depth].compress();
        }
    }

    fn limit(&self) -> NodeLimit {
        NodeLimit::new(self.limits.list_max_listpack_size)
    }

    fn depth(&self) -> usize {
        self.limits.list_compress_depth as usize
    }
}
