//! Leaves that leave the tree, and inner nodes that have become sparse.

use super::arena::NONE;
use super::tree::{Child, INNER_CHILDREN, Tree};

const SPARSE_CHILDREN: usize = INNER_CHILDREN / 4;
const MERGED_CHILDREN: usize = INNER_CHILDREN * 3 / 4;

/// Who is in charge of the entries that would have come to a leaf that went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heir {
    Left,
    /// The next leaf of the same parent.
    Right,
}

impl Tree {
    /// Takes a leaf without entries out of the tree, which is not the only one. Its number goes to the last leaf: returns the number that one
    /// had.
    pub(super) fn drop_leaf(&mut self, id: u32, heir: Heir) -> Option<u32> {
        let (parent, prev, next) = (self.leaves[id].parent, self.leaves[id].prev, self.leaves[id].next);
        if prev != NONE {
            self.leaves[prev].next = next;
        }
        if next != NONE {
            self.leaves[next].prev = prev;
        }
        self.drop_child(parent, id, heir);

        let old = self.leaves.swap_remove(id)?;
        let (parent, prev, next) = (self.leaves[id].parent, self.leaves[id].prev, self.leaves[id].next);
        if prev != NONE {
            self.leaves[prev].next = id;
        }
        if next != NONE {
            self.leaves[next].prev = id;
        }
        match parent {
            NONE => self.root = id,
            parent => {
                let at = self.index_in(parent, old);
                self.inners[parent].children[at].id = id;
            }
        }
        Some(old)
    }

    /// Removes a child without entries.
    fn drop_child(&mut self, parent: u32, id: u32, heir: Heir) {
        let at = self.index_in(parent, id);
        let inner = &mut self.inners[parent];
        let gone = inner.children.remove(at);
        if heir == Heir::Right
            && let Some(right) = inner.children.get_mut(at)
        {
            right.low = gone.low;
        }
        let (len, above) = (inner.children.len(), inner.parent);
        if above == NONE {
            self.lower();
        } else if len == 0 {
            self.drop_child(above, parent, Heir::Left);
            self.free_inner(parent);
        } else if len < SPARSE_CHILDREN {
            self.merge_inner(above, parent);
        }
    }

    /// Takes away roots that have a single child.
    fn lower(&mut self) {
        while self.height > 0
            && let [Child { id, .. }] = self.inners[self.root].children[..]
        {
            self.free_inner(self.root);
            (self.root, self.height) = (id, self.height - 1);
            self.set_parent(self.height, id, NONE);
        }
    }

    /// Joins a sparse node with a neighbour below the same parent, if there is one that is not full.
    fn merge_inner(&mut self, parent: u32, id: u32) {
        let at = self.index_in(parent, id);
        let siblings = &self.inners[parent].children;
        let len = |at: usize| self.inners[siblings[at].id].children.len();
        let right = if at + 1 < siblings.len() { at + 1 } else { at };
        if right == 0 || len(right - 1) + len(right) > MERGED_CHILDREN {
            return;
        }
        let (stays, goes) = (siblings[right - 1].id, siblings[right].id);

        let Child { low, count, .. } = &mut self.inners[parent].children[right];
        let (low, count) = (std::mem::take(low), std::mem::take(count));
        self.inners[parent].children[right - 1].count += count;
        let mut moved = std::mem::take(&mut self.inners[goes].children);
        if let Some(first) = moved.first_mut() {
            first.low = low;
        }
        let level = self.inners[stays].level;
        for child in &moved {
            self.set_parent(level - 1, child.id, stays);
        }
        self.inners[stays].children.append(&mut moved);
        self.drop_child(parent, goes, Heir::Left);
        self.free_inner(goes);
    }

    fn free_inner(&mut self, id: u32) {
        self.inners[id].children = Vec::new();
        self.free.push(id);
    }
}
