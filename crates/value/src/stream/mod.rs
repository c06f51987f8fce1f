//! Streams: entries in the order of their ids, and the groups of consumers that share the work of reading them.
//!
//! ```text
//! nodes (by first id)      1-1 -> [listpack of up to 100 entries]   7-0 -> [...]   ...
//! groups (by name)         "mail" -> last id, pending ids -> (who, when, how often), consumers
//! ```
//!
//! - [`StreamId`]: milliseconds and a sequence number; what commands write as `5-1`.
//! - `node`: the listpack of a node, byte for byte as DUMP shows it.
//! - [`Stream`]: adding, looking up, deleting; `trim` cuts its old end off, `range` walks over it.
//! - [`Group`]: who has been given what and has not acknowledged it; `lag` counts what a group has still to read.
//! - [`Idempotency`]: which messages of which producer are already here.
//!
//! The nodes lie in a B-tree, where Redis has a radix tree: ids are numbers of one size, so that comparing them is all a radix
//! tree could save, and a B-tree keeps a dozen nodes in a few cache lines. How many nodes Redis's tree would have is asked by
//! XINFO only and computed then (`radix`).

mod check;
mod entries;
mod entry;
mod group;
mod id;
mod idempotency;
mod lag;
mod node;
mod parts;
mod pending;
mod radix;
mod range;
#[cfg(test)]
mod tests;
mod trim;

pub use check::NodeCheck;
pub use entries::{Refused, Stream};
pub use entry::{Entry, Fields};
pub use group::{Consumer, ConsumerId, Group, Holder, Pending};
pub use id::{IdText, StreamId};
pub use idempotency::{Idempotency, Producer};
pub use parts::{GroupParts, NodeError, StreamParts};
pub use range::{Range, RevRange};
pub use trim::{References, Trim, TrimTo};
