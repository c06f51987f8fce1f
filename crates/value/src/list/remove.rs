//! Removal from a quicklist: ranges, and elements that are equal to a text.

use pack::Listpack;

use super::node::{Node, Opened};
use super::quicklist::Quicklist;
use super::sequence::End;

impl Quicklist {
    /// Removes `count` elements from the one with index `start` on; all of them must be there. Returns the node where the gap is.
    pub(super) fn remove_range(&mut self, start: usize, count: usize) -> usize {
        if count == 0 {
            return 0;
        }
        let (first, mut offset) = self.find(start);
        let mut at = first;
        let mut left = count;
        while left > 0 && at < self.nodes.len() {
            let node_count = self.nodes[at].count();
            let here = (node_count - offset).min(left);
            if here < node_count {
                if let (Some(listpack), Ok(index)) = (self.nodes[at].listpack_mut(), isize::try_from(offset)) {
                    listpack.remove_range(index, here);
                }
                left -= here;
                at += 1;
            } else {
                let whole = self.whole_nodes(at, left);
                left -= self.nodes.drain(at..at + whole).map(|node| node.count()).sum::<usize>();
            }
            offset = 0;
        }
        self.len -= count;
        first
    }

    /// How many nodes from `at` on are within the next `count` elements.
    fn whole_nodes(&self, at: usize, count: usize) -> usize {
        let mut left = count;
        let within = |node: &&Node| {
            let rest = left.checked_sub(node.count());
            left = rest.unwrap_or(0);
            rest.is_some()
        };
        self.nodes.iter().skip(at).take_while(within).count()
    }

    /// Removes up to `most` elements whose text is `text`, coming from `end`. Returns how many; their nodes are settled.
    pub(super) fn remove_equal(&mut self, text: &[u8], end: End, most: usize, depth: usize) -> usize {
        let nodes = self.nodes.len();
        let mut removed = 0;
        for step in 0..nodes {
            if removed == most {
                break;
            }
            let node = &mut self.nodes[if end == End::Left { step } else { nodes - 1 - step }];
            let changed = match node.open() {
                Opened::Plain(element) if *element == *text => Some((Listpack::new(), 1)),
                Opened::Packed(listpack) if listpack.find(text, 0).is_some() => {
                    let mut listpack = listpack.into_owned();
                    let here = remove_equal(&mut listpack, text, end, most - removed);
                    Some((listpack, here))
                }
                Opened::Plain(_) | Opened::Packed(_) => None,
            };
            if let Some((listpack, here)) = changed {
                let was_compressed = matches!(node, Node::Lzf(_));
                *node = Node::of(listpack);
                if was_compressed && node.count() > 0 {
                    node.compress();
                }
                removed += here;
            }
        }
        if removed > 0 {
            self.nodes.retain(|node| node.count() > 0);
            self.len -= removed;
            self.settle(depth, 0, 0);
        }
        removed
    }
}

/// Removes up to `most` elements whose text is `text`, coming from `end`. Returns how many.
pub(super) fn remove_equal(listpack: &mut Listpack, text: &[u8], end: End, most: usize) -> usize {
    let mut removed = 0;
    match end {
        End::Left => {
            let mut next = listpack.find(text, 0);
            while let Some(at) = next.filter(|_| removed < most) {
                let behind = listpack.remove(at);
                removed += 1;
                next = listpack.find_from(behind, text, 0);
            }
        }
        End::Right => {
            let mut behind = listpack.end();
            while let Some(at) = listpack.prev(behind).filter(|_| removed < most) {
                if listpack.at(at).is_some_and(|element| element.eq_text(text)) {
                    listpack.remove(at);
                    removed += 1;
                }
                behind = at;
            }
        }
    }
    removed
}
