//! The counted tree: leaves in order, and inner nodes that know how many entries lie below each child and from where on.
//!
//! Nodes point up as well, so that a leaf tells its rank without a search. Between two children stands a bound: no entry in front of it is
//! greater, none behind it is less. A bound is the shortest text that does, and none at all where scores differ.

use std::cmp::Ordering;

use super::super::bounds::by_score;
use super::arena::{Arena, NONE, room_bytes};
use super::leaf::Leaf;

pub(super) const INNER_CHILDREN: usize = 32;

/// An entry, or the place in front of it. An entry at the end of a leaf is the first of the next leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Place {
    pub(super) leaf: u32,
    pub(super) at: usize,
}

/// What all entries of a child are not less than. Of a first child it means nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Low {
    score: f64,
    member: Box<[u8]>,
}

impl Low {
    /// Between two entries that follow each other.
    pub(super) fn between(left: (f64, &[u8]), right: (f64, &[u8])) -> Self {
        let member = match by_score(left.0, right.0) {
            Ordering::Less => &[],
            Ordering::Equal | Ordering::Greater => {
                let common = left.1.iter().zip(right.1).take_while(|(left, right)| left == right).count();
                right.1.get(..=common).unwrap_or(right.1)
            }
        };
        Self { score: right.0, member: Box::from(member) }
    }

    const fn heap_bytes(&self) -> usize {
        if self.member.is_empty() { 0 } else { crate::table::size::class(self.member.len()) }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Child {
    pub(super) low: Low,
    /// Entries below.
    pub(super) count: usize,
    pub(super) id: u32,
}

#[derive(Clone, Debug)]
pub(super) struct Inner {
    pub(super) parent: u32,
    /// 1 above leaves.
    pub(super) level: u32,
    pub(super) children: Vec<Child>,
}

#[derive(Clone, Debug)]
pub(super) struct Tree {
    pub(super) leaves: Arena<Leaf>,
    pub(super) inners: Arena<Inner>,
    /// Inner nodes that are not in use.
    pub(super) free: Vec<u32>,
    pub(super) root: u32,
    /// The root's level; 0 if it is a leaf.
    pub(super) height: u32,
}

impl Tree {
    pub(super) fn heap_bytes(&self) -> usize {
        let leaves = self.leaves.heap_bytes() + self.leaves.estimate(Leaf::heap_bytes);
        let below = |inner: &Inner| {
            let bounds: usize = inner.children.iter().map(|child| child.low.heap_bytes()).sum();
            room_bytes(&inner.children) + bounds
        };
        leaves + self.inners.heap_bytes() + self.inners.estimate(below) + room_bytes(&self.free)
    }
}

impl Default for Tree {
    fn default() -> Self {
        let mut leaves = Arena::new();
        leaves.push(Leaf::new());
        Self { leaves, inners: Arena::new(), free: Vec::new(), root: 0, height: 0 }
    }
}

impl Tree {
    /// The place in front of the first entry that is not as `is_before` says, which holds for all entries in front of some point and
    /// for no others; and its rank.
    pub(super) fn seek(&self, is_before: impl Fn(f64, &[u8]) -> bool) -> (Place, usize) {
        let (mut node, mut rank) = (self.root, 0);
        for _ in 0..self.height {
            let children = &self.inners[node].children;
            let is_passed = |child: &Child| is_before(child.low.score, &child.low.member);
            let index = children.get(1..).unwrap_or_default().partition_point(is_passed);
            rank += children[..index].iter().map(|child| child.count).sum::<usize>();
            node = children[index].id;
        }
        let at = self.leaves[node].partition(is_before);
        (Place { leaf: node, at }, rank + at)
    }

    /// The place of the entry with this rank, or behind the last one.
    pub(super) fn at_rank(&self, mut rank: usize) -> Place {
        let mut node = self.root;
        for _ in 0..self.height {
            let children = &self.inners[node].children;
            let mut index = 0;
            while rank >= children[index].count && index + 1 < children.len() {
                rank -= children[index].count;
                index += 1;
            }
            node = children[index].id;
        }
        Place { leaf: node, at: rank }
    }

    /// How many entries lie in front.
    pub(super) fn rank(&self, place: Place) -> usize {
        let (mut rank, mut node, mut parent) = (place.at, place.leaf, self.leaves[place.leaf].parent);
        while parent != NONE {
            let inner = &self.inners[parent];
            let before = inner.children.iter().take_while(|child| child.id != node);
            rank += before.map(|child| child.count).sum::<usize>();
            (node, parent) = (parent, inner.parent);
        }
        rank
    }

    /// `leaf` has `delta` entries more than is counted above it.
    pub(super) fn count(&mut self, leaf: u32, delta: isize) {
        self.count_above(leaf, self.leaves[leaf].parent, delta);
    }

    pub(super) fn count_above(&mut self, mut node: u32, mut parent: u32, delta: isize) {
        while parent != NONE {
            let inner = &mut self.inners[parent];
            if let Some(child) = inner.children.iter_mut().find(|child| child.id == node) {
                child.count = child.count.wrapping_add_signed(delta);
            }
            (node, parent) = (parent, inner.parent);
        }
    }

    /// The index of a child in its parent.
    pub(super) fn index_in(&self, parent: u32, child: u32) -> usize {
        self.inners[parent].children.iter().position(|other| other.id == child).unwrap_or(0)
    }

    pub(super) fn set_parent(&mut self, level: u32, node: u32, parent: u32) {
        if level == 0 {
            self.leaves[node].parent = parent;
        } else {
            self.inners[node].parent = parent;
        }
    }
}
