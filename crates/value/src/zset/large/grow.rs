//! New leaves in the tree.

use super::arena::NONE;
use super::leaf::Leaf;
use super::tree::{Child, INNER_CHILDREN, Inner, Low, Tree};

/// Where a new node comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    After,
}

impl Tree {
    /// Adds an empty leaf beside another; `low` is the bound between them.
    pub(super) fn add_leaf(&mut self, beside: u32, side: Side, low: Low) -> u32 {
        let id = self.leaves.push(Leaf::new());
        let (prev, next) = match side {
            Side::Before => (self.leaves[beside].prev, beside),
            Side::After => (beside, self.leaves[beside].next),
        };
        (self.leaves[id].prev, self.leaves[id].next) = (prev, next);
        if prev != NONE {
            self.leaves[prev].next = id;
        }
        if next != NONE {
            self.leaves[next].prev = id;
        }
        if self.height == 0 {
            self.add_root(beside, self.leaves[beside].len());
        }
        self.add_child(self.leaves[beside].parent, beside, side, id, low);
        id
    }

    /// A root above the present one, with that as its child.
    fn add_root(&mut self, child: u32, count: usize) {
        let children = vec![Child { low: Low::default(), count, id: child }];
        let (level, root) = (self.height + 1, self.add_inner(self.height + 1, children));
        self.set_parent(level - 1, child, root);
        (self.root, self.height) = (root, level);
    }

    fn add_inner(&mut self, level: u32, children: Vec<Child>) -> u32 {
        let inner = Inner { parent: NONE, level, children };
        match self.free.pop() {
            Some(id) => {
                self.inners[id] = inner;
                id
            }
            None => self.inners.push(inner),
        }
    }

    /// Adds a child without entries to `parent`, beside another of its children.
    fn add_child(&mut self, parent: u32, beside: u32, side: Side, id: u32, low: Low) {
        let at = self.index_in(parent, beside);
        let inner = &mut self.inners[parent];
        let level = inner.level;
        match side {
            Side::After => inner.children.insert(at + 1, Child { low, count: 0, id }),
            Side::Before => {
                let low = std::mem::replace(&mut inner.children[at].low, low);
                inner.children.insert(at, Child { low, count: 0, id });
            }
        }
        let (len, is_last) = (inner.children.len(), side == Side::After && at + 2 == inner.children.len());
        self.set_parent(level - 1, id, parent);
        if len > INNER_CHILDREN {
            // Members that come in order leave full nodes behind.
            self.split_inner(parent, if is_last { len - 1 } else { len / 2 });
        }
    }

    /// Moves the children from `at` on to a new node on the right.
    fn split_inner(&mut self, id: u32, at: usize) {
        let inner = &mut self.inners[id];
        let mut children = inner.children.split_off(at);
        let level = inner.level;
        let left = inner.children.iter().map(|child| child.count).sum::<usize>();
        let right = children.iter().map(|child| child.count).sum::<usize>();
        let low = children.first_mut().map(|first| std::mem::take(&mut first.low)).unwrap_or_default();
        let moved: Vec<u32> = children.iter().map(|child| child.id).collect();
        let new = self.add_inner(level, children);
        for child in moved {
            self.set_parent(level - 1, child, new);
        }

        let moved = right.cast_signed();
        self.count_above(id, self.inners[id].parent, -moved);
        if self.inners[id].parent == NONE {
            self.add_root(id, left);
        }
        self.add_child(self.inners[id].parent, id, Side::After, new, low);
        self.count_above(new, self.inners[new].parent, moved);
    }
}
