//! Changes in the middle of a quicklist: insert, replace, split, join.
//!
//! ```text
//! nodes of at most 4; insert x behind c:
//! [a b c d] [e]         the node is full and c is not at its edge: split there, the new half takes x
//! [a b c] [x d] [e]     then neighbours that fit into one node are joined: x d and e
//! [a b c] [x d e]
//! ```

use pack::Position;

use super::limit::NodeLimit;
use super::node::{Node, Opened};
use super::quicklist::{Quicklist, has_room, node_for};
use super::sequence::{End, Side};

/// The bytes of header and terminator that joining two listpacks saves.
const LISTPACK_FRAME_BYTES: usize = 7;
/// The most bytes around an element in a listpack.
const ENTRY_FRAME_BYTES: usize = 10;

/// The place of an element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Index of its node.
    pub(super) node: usize,
    /// Within the node's listpack; `None` if the node is the element.
    pub(super) at: Option<Position>,
}

impl Quicklist {
    /// The place of the first element whose text is `text`.
    pub(super) fn search(&self, text: &[u8]) -> Option<Place> {
        self.nodes.iter().enumerate().find_map(|(index, node)| match node.open() {
            Opened::Packed(listpack) => listpack.find(text, 0).map(|at| Place { node: index, at: Some(at) }),
            Opened::Plain(element) => (*element == *text).then_some(Place { node: index, at: None }),
        })
    }

    /// The place of the element with this index, which must be there.
    pub(super) fn place(&self, index: usize) -> Option<Place> {
        let (node, offset) = self.find(index);
        Some(match self.nodes.get(node)?.open() {
            Opened::Packed(listpack) => Place { node, at: Some(listpack.position_of(isize::try_from(offset).ok()?)?) },
            Opened::Plain(_) => Place { node, at: None },
        })
    }

    /// Inserts `element` beside the one at `place`.
    pub(super) fn insert(&mut self, place: Place, side: Side, element: &[u8], limit: NodeLimit) {
        self.len += 1;
        let is_large = limit.is_large(element.len());
        let fits = !is_large && has_room(&self.nodes[place.node], element, limit);
        // Where in the listpack the element goes; `None` at an edge of the node.
        let inside = self.nodes[place.node].listpack_mut().zip(place.at).and_then(|(listpack, at)| match side {
            Side::Before => (at > listpack.start()).then_some(at),
            Side::After => listpack.next(at),
        });
        match inside {
            Some(at) if fits => {
                if let Some(listpack) = self.nodes[place.node].listpack_mut() {
                    listpack.insert(at, element);
                }
            }
            Some(at) => self.split_around(place.node, at, side, element, limit),
            None if fits => self.push_to(place.node, side.edge(), element),
            None => self.insert_at_edge(place.node, side, element, limit),
        }
    }

    /// The element goes to an edge of a node that has no room: into the neighbour if that has, else between the two.
    fn insert_at_edge(&mut self, node: usize, side: Side, element: &[u8], limit: NodeLimit) {
        let neighbour = match side {
            Side::Before => node.checked_sub(1),
            Side::After => Some(node + 1).filter(|next| *next < self.nodes.len()),
        };
        match neighbour {
            Some(neighbour) if !limit.is_large(element.len()) && has_room(&self.nodes[neighbour], element, limit) => {
                self.push_to(neighbour, side.edge().opposite(), element);
            }
            Some(_) | None => self.nodes.insert(node + usize::from(side == Side::After), node_for(element, limit)),
        }
    }

    /// Splits the node in front of `at` and puts `element` into the gap.
    fn split_around(&mut self, node: usize, at: Position, side: Side, element: &[u8], limit: NodeLimit) {
        let Some(listpack) = self.nodes[node].listpack_mut() else { return };
        let right = listpack.split_off(at);
        self.nodes.insert(node + 1, Node::of(right));
        if limit.is_large(element.len()) {
            // The halves stay as they are, other than when a large element replaces one.
            return self.nodes.insert(node + 1, Node::plain(element));
        }
        // The half that was cut off takes it: what is joined first depends on which one stayed.
        match side {
            Side::Before => {
                self.push_to(node, End::Right, element);
                self.join_around(node + 1, limit);
            }
            Side::After => {
                self.push_to(node + 1, End::Left, element);
                self.join_around(node, limit);
            }
        }
    }

    fn push_to(&mut self, node: usize, end: End, element: &[u8]) {
        match (self.nodes[node].listpack_mut(), end) {
            (Some(listpack), End::Left) => listpack.push_front(element),
            (Some(listpack), End::Right) => listpack.push(element),
            (None, _) => {}
        }
    }

    /// Puts `element` in the place of the one at `place`.
    pub(super) fn replace(&mut self, place: Place, element: &[u8], limit: NodeLimit) {
        let is_large = limit.is_large(element.len());
        let node = &mut self.nodes[place.node];
        match (node.listpack_mut(), place.at) {
            (Some(listpack), Some(at)) if !is_large && listpack.fits(element.len() + ENTRY_FRAME_BYTES) => {
                listpack.replace(at, element);
            }
            (Some(listpack), Some(at)) if listpack.len() == 1 => {
                listpack.remove(at);
                *node = Node::plain(element);
            }
            (Some(_), Some(at)) => self.replace_by_node(place.node, at, element, limit),
            (_, _) if is_large => *node = Node::plain(element),
            (_, _) => {
                self.insert(place, Side::After, element, limit);
                self.nodes.remove(place.node);
                self.len -= 1;
            }
        }
    }

    /// Puts a node of `element` alone in the place of the one at `at`.
    fn replace_by_node(&mut self, node: usize, at: Position, element: &[u8], limit: NodeLimit) {
        let Some(listpack) = self.nodes[node].listpack_mut() else { return };
        let mut right = listpack.split_off(at);
        right.remove(right.start());
        let left_is_empty = listpack.is_empty();
        if !right.is_empty() {
            self.nodes.insert(node + 1, Node::of(right));
        }
        if left_is_empty {
            self.nodes[node] = Node::plain(element);
        } else {
            self.nodes.insert(node + 1, Node::plain(element));
            self.join_around(node + 1, limit);
        }
    }

    /// Joins what fits into one node among `center` and the two nodes on each side of it, in Redis's order.
    fn join_around(&mut self, center: usize, limit: NodeLimit) {
        let mut center = center;
        if center >= 2 && self.join(center - 2, limit) {
            center -= 1;
        }
        self.join(center + 1, limit);
        if center >= 1 && self.join(center - 1, limit) {
            center -= 1;
        }
        self.join(center, limit);
    }

    /// Joins `node` and the next if both fit into one. Returns whether they did.
    fn join(&mut self, node: usize, limit: NodeLimit) -> bool {
        let (Some(left), Some(right)) = (self.nodes.get(node), self.nodes.get(node + 1)) else { return false };
        let bytes = (left.byte_len() + right.byte_len()).saturating_sub(LISTPACK_FRAME_BYTES);
        if left.is_plain() || right.is_plain() || !limit.holds(bytes, left.count() + right.count()) {
            return false;
        }
        let Some(mut right) = self.nodes.remove(node + 1) else { return false };
        if let (Some(left), Some(right)) = (self.nodes[node].listpack_mut(), right.listpack_mut()) {
            left.append(right);
        }
        true
    }
}
