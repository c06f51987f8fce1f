//! How many nodes a radix tree of the same ids would have: XINFO STREAM tells, and tools plot it.
//!
//! Redis keeps its nodes in a radix tree with compressed paths, keyed by the sixteen bytes of an id. Such a tree has a node for each
//! place where keys part, one for each run of bytes between two such places, and one for the end of each key; the root alone if
//! it is empty.

use super::{Stream, StreamId};

const KEY_BYTES: usize = 16;

impl Stream {
    /// Nodes of a radix tree over [`Self::node_count`] keys.
    #[must_use]
    pub fn radix_nodes(&self) -> usize {
        radix_nodes(self.nodes.keys().copied())
    }
}

fn radix_nodes(ids: impl Iterator<Item = StreamId>) -> usize {
    let mut count = 0;
    // Depths of the places where keys part, on the path to the current key.
    let mut path: Vec<usize> = Vec::new();
    let mut previous: Option<[u8; KEY_BYTES]> = None;
    let run = |from: Option<&usize>, to: usize| usize::from(to > from.map_or(0, |depth| depth + 1));
    for id in ids {
        let key = id.to_bytes();
        if let Some(previous) = previous {
            let shared = previous.iter().zip(key).take_while(|(a, b)| **a == *b).count();
            // The last key ends below the deepest place; then that place is done with, and so on up to where this key parts.
            let mut below = KEY_BYTES;
            count += 1;
            while let Some(depth) = path.pop_if(|depth| *depth > shared) {
                count += run(Some(&depth), below) + 1;
                below = depth;
            }
            if path.last() != Some(&shared) {
                path.push(shared);
            }
            count += run(path.last(), below);
        }
        previous = Some(key);
    }
    if previous.is_none() {
        return 1;
    }
    let mut below = KEY_BYTES;
    count += 1;
    while let Some(depth) = path.pop() {
        count += run(Some(&depth), below) + 1;
        below = depth;
    }
    count + run(None, below)
}

#[cfg(test)]
mod tests {
    use super::{StreamId, radix_nodes};

    #[test]
    fn nodes_are_counted_as_redis_counts_them() {
        let nodes = |ids: &[(u64, u64)]| radix_nodes(ids.iter().map(|(ms, seq)| StreamId::new(*ms, *seq)));
        assert_eq!(nodes(&[]), 1);
        assert_eq!(nodes(&[(1, 1)]), 2);
        assert_eq!(nodes(&[(1, 1), (1, 2)]), 4);
        assert_eq!(nodes(&[(1, 1), (1, 2), (1, 3)]), 5);
        assert_eq!(nodes(&[(1, 1), (2, 1)]), 6);
        assert_eq!(nodes(&[(1, 1), (1, 2), (2, 1)]), 8);
        assert_eq!(nodes(&[(1, 1), (2, 1), (2, 2)]), 8);
        assert_eq!(nodes(&[(0, 1), (1 << 56, 0)]), 5);
    }
}
