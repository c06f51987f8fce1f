//! List: a sequence of elements, cheap to change at both ends.
//!
//! A small list is one listpack (`listpack` to OBJECT ENCODING). What outgrows a node's limit becomes a run of nodes (`quicklist`): each
//! a listpack, or one element by itself that is larger than a node may be. A list that shrinks to half a node turns back.
//!
//! ```text
//! RPUSH l a 1 b                      0d 00 00 00 03 00  81 61 02  01 01  81 62 02  ff
//! list-max-listpack-size 2, same     [a 1] [b]
//! ```
//!
//! Where nodes are filled, split and joined is Redis's business as well: DUMP shows it, and the bytes are to be the same. The nodes
//! lie in a `VecDeque`: constant time at the ends, and a walk over nodes, not elements, to reach the middle. A linked list (as in
//! Redis) costs a pointer chase for each of those steps and two more pointers a node.
//!
//! With a compress depth of D, all nodes but the D at each end lie there compressed. Reading one decompresses it for the moment;
//! changing one puts it back.

mod build;
mod insert;
mod limit;
mod node;
mod quicklist;
mod remove;
mod sequence;
#[cfg(test)]
mod tests;
mod walk;

pub use build::ListBuilder;
pub use node::NodeRef;
pub use sequence::{End, List, Side};
