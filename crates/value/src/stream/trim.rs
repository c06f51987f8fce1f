//! Cutting the old end off a stream: XTRIM and the options of XADD.
//!
//! Whole nodes go first, which costs next to nothing an entry. What is left to cut of the node behind them is marked entry by entry,
//! unless an approximate result will do.

use super::node::{self, Master, Walk};
use super::{Stream, StreamId};

/// What is to remain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrimTo {
    /// At most so many entries.
    MaxLen(u64),
    /// No entry before this id.
    MinId(StreamId),
}

/// What becomes of the groups' references to an entry that goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum References {
    /// They stay.
    #[default]
    Keep,
    /// They go with it.
    Delete,
    /// An entry stays while there are any.
    Acked,
}

/// How to cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trim {
    pub to: TrimTo,
    /// Only whole nodes go.
    pub approximate: bool,
    /// The most entries that may go; 0: any number. Only where it is approximate.
    pub limit: u64,
    pub references: References,
}

impl Stream {
    /// Cuts the old end off. Returns how many entries went.
    pub fn trim(&mut self, trim: &Trim) -> u64 {
        if self.groups.is_empty() || trim.references == References::Keep {
            self.trim_nodes(trim)
        } else {
            self.trim_with_references(trim)
        }
    }

    fn trim_nodes(&mut self, trim: &Trim) -> u64 {
        let mut gone = 0;
        while let Some(mut node) = self.nodes.first_entry() {
            if trim.is_reached(self.len) {
                break;
            }
            let first = *node.key();
            let live = Master::of(node.get()).map_or(0, |master| master.live);
            if trim.approximate && trim.limit > 0 && gone + live > trim.limit {
                break;
            }
            let whole = match trim.to {
                TrimTo::MaxLen(max) => self.len - live >= max,
                TrimTo::MinId(min) => last_of(first, node.get()).is_none_or(|last| last < min),
            };
            if whole {
                node.remove();
                self.len -= live;
                gone += live;
                continue;
            }
            if !trim.approximate {
                let most = match trim.to {
                    TrimTo::MaxLen(max) => self.len - max,
                    TrimTo::MinId(_) => u64::MAX,
                };
                let marked = mark_from_start(first, node.get_mut(), trim.to, most);
                self.len -= marked;
                gone += marked;
            }
            break;
        }
        if gone > 0 {
            self.find_first_id();
        }
        gone
    }

    fn trim_with_references(&mut self, trim: &Trim) -> u64 {
        let mut gone = 0;
        let mut from = StreamId::ZERO;
        while let Some((&first, node)) = self.nodes.range(from..).next() {
            if trim.is_reached(self.len) {
                break;
            }
            let Some(walk) = Walk::new(first, node) else { break };
            let ids: Vec<StreamId> = walk.filter(|found| !found.deleted).map(|found| found.entry.id).collect();
            let live = ids.len() as u64;
            let whole = match trim.to {
                TrimTo::MaxLen(max) => self.len - live >= max,
                TrimTo::MinId(min) => ids.last().is_none_or(|last| *last < min),
            };
            if trim.approximate && (!whole || trim.limit > 0 && gone + live > trim.limit) {
                break;
            }
            for id in ids {
                let reached = match trim.to {
                    TrimTo::MaxLen(max) => self.len <= max,
                    TrimTo::MinId(min) => id >= min,
                };
                if reached {
                    break;
                }
                match trim.references {
                    References::Acked if self.is_referenced(id) => continue,
                    References::Delete => drop(self.drop_references(id)),
                    References::Acked | References::Keep => {}
                }
                // Trimming is no deletion by hand: the greatest deleted id stays.
                let max_deleted_id = self.max_deleted_id;
                gone += u64::from(self.delete(id));
                self.max_deleted_id = max_deleted_id;
            }
            let Some(next) = first.next() else { break };
            from = next;
        }
        gone
    }
}

impl Trim {
    fn is_reached(&self, len: u64) -> bool {
        match self.to {
            TrimTo::MaxLen(max) => len <= max,
            TrimTo::MinId(_) => false,
        }
    }
}

/// The last id in a node, whether it is deleted or not.
fn last_of(first: StreamId, node: &pack::Listpack) -> Option<StreamId> {
    Walk::new(first, node)?.next_back().map(|found| found.entry.id)
}

/// Marks entries from the start of a node as deleted. Returns how many.
fn mark_from_start(first: StreamId, node: &mut pack::Listpack, to: TrimTo, most: u64) -> u64 {
    let Some(walk) = Walk::new(first, node) else { return 0 };
    let mut doomed = Vec::new();
    for found in walk {
        let reached = match to {
            TrimTo::MaxLen(_) => doomed.len() as u64 >= most,
            TrimTo::MinId(min) => found.entry.id >= min,
        };
        if reached {
            break;
        }
        if !found.deleted {
            doomed.push(found.at);
        }
    }
    for at in &doomed {
        node::mark_deleted(node, *at);
    }
    let count = doomed.len() as u64;
    node::count_deleted(node, count);
    count
}
