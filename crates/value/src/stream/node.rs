//! A node: a listpack with the entries of a stretch of ids.
//!
//! ```text
//! 1d 00 00 00 0a 00                       29 bytes, 10 elements
//! 01 01  00 01  01 01  81 66 02  00 01    master entry: 1 entry, 0 deleted, 1 field: "f"; 0 ends it
//! 02 01  00 01  00 01  81 76 02  04 01    flags, ms and seq beyond the node's first id, value "v"; 4 elements lie in front of here
//! ff
//! ```
//!
//! An entry whose field names are those of the master entry has flag 2 and holds only its values; another one holds the number of
//! its fields, then names and values by turns. The last element counts those of the entry, for readers from the end. Deleting
//! sets flag 1 and moves one from the first count to the second; the bytes stay until the whole node goes.
//!
//! That is Redis's layout to the last byte. A node filled in another way would show in DUMP and in the memory of who restores it.

use pack::{Element, Entries, Listpack, Position};

use super::{Entry, Fields, StreamId};
use crate::EncodingLimits;

pub(super) const DELETED: i64 = 1;
pub(super) const SAME_FIELDS: i64 = 2;

/// No node grows beyond this, however it is configured.
pub(super) const NODE_MAX_BYTES: u64 = 1 << 30;

/// The elements of the master entry in front of the field names.
const MASTER_HEAD: usize = 3;

/// What the master entry says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Master {
    pub(super) live: u64,
    pub(super) deleted: u64,
    pub(super) fields: usize,
}

fn number(element: Element<'_>) -> Option<u64> {
    u64::try_from(element.to_int()?).ok()
}

impl Master {
    pub(super) fn of(node: &Listpack) -> Option<Self> {
        let mut elements = node.iter();
        let live = number(elements.next()?)?;
        let deleted = number(elements.next()?)?;
        let fields = usize::try_from(number(elements.next()?)?).ok()?;
        Some(Self { live, deleted, fields })
    }
}

/// A node of one entry.
pub(super) fn new<'a>(fields: impl Iterator<Item = (&'a [u8], &'a [u8])> + Clone, count: usize) -> Listpack {
    let mut node = Listpack::new();
    node.push_int(1);
    node.push_int(0);
    push_count(&mut node, count);
    for (name, _) in fields.clone() {
        node.push(name);
    }
    node.push_int(0);
    push_entry(&mut node, 0, 0, None, fields, count);
    node
}

/// Appends an entry to the node whose first id is `first`. Only its length and the limits decide whether it fits: see [`has_room`].
pub(super) fn append<'a>(
    node: &mut Listpack,
    first: StreamId,
    id: StreamId,
    fields: impl Iterator<Item = (&'a [u8], &'a [u8])> + Clone,
    count: usize,
) {
    let Some(master) = Master::of(node) else { return };
    let same = master.fields == count
        && node.iter().skip(MASTER_HEAD).zip(fields.clone()).all(|(master, (name, _))| master.eq_text(name));
    set_live(node, master.live + 1);
    let ms = id.ms.wrapping_sub(first.ms).cast_signed();
    let seq = id.seq.wrapping_sub(first.seq).cast_signed();
    push_entry(node, ms, seq, (!same).then_some(count), fields, count);
}

fn push_count(node: &mut Listpack, count: usize) {
    node.push_int(i64::try_from(count).unwrap_or(i64::MAX));
}

/// `own_names`: the number of fields, if the names are not the master entry's.
fn push_entry<'a>(
    node: &mut Listpack,
    ms: i64,
    seq: i64,
    own_names: Option<usize>,
    fields: impl Iterator<Item = (&'a [u8], &'a [u8])>,
    count: usize,
) {
    node.push_int(if own_names.is_some() { 0 } else { SAME_FIELDS });
    node.push_int(ms);
    node.push_int(seq);
    if own_names.is_some() {
        push_count(node, count);
    }
    for (name, value) in fields {
        if own_names.is_some() {
            node.push(name);
        }
        node.push(value);
    }
    push_count(node, MASTER_HEAD + if own_names.is_some() { 1 + 2 * count } else { count });
}

/// Whether an entry whose names and values have `bytes` bytes goes into the node.
pub(super) fn has_room(node: &Listpack, bytes: u64, limits: &EncodingLimits) -> bool {
    let max_bytes = match limits.stream_node_max_bytes {
        0 => NODE_MAX_BYTES,
        max => max.min(NODE_MAX_BYTES),
    };
    if (node.byte_len() as u64).saturating_add(bytes) >= max_bytes {
        return false;
    }
    let Some(master) = Master::of(node) else { return false };
    limits.stream_node_max_entries == 0 || master.live + master.deleted < limits.stream_node_max_entries
}

pub(super) fn set_live(node: &mut Listpack, live: u64) {
    node.replace(node.start(), i64::try_from(live).unwrap_or(i64::MAX));
}

/// Moves `count` entries, whose flags are set already, from the live to the deleted.
pub(super) fn count_deleted(node: &mut Listpack, count: u64) {
    let Some(master) = Master::of(node) else { return };
    set_live(node, master.live.saturating_sub(count));
    if let Some(at) = node.next(node.start()) {
        node.replace(at, i64::try_from(master.deleted + count).unwrap_or(i64::MAX));
    }
}

/// Sets the flag of the entry at `at`.
pub(super) fn mark_deleted(node: &mut Listpack, at: Position) {
    if let Some(flags) = node.at(at).and_then(Element::to_int) {
        node.replace(at, flags | DELETED);
    }
}

/// An entry on a walk, deleted or not.
#[derive(Clone, Debug)]
pub(super) struct Found<'a> {
    pub(super) at: Position,
    pub(super) deleted: bool,
    pub(super) entry: Entry<'a>,
}

/// Walks over all entries of a node, from either end.
#[derive(Clone, Debug)]
pub(super) struct Walk<'a> {
    node: &'a Listpack,
    first: StreamId,
    fields: usize,
    rest: Entries<'a>,
}

impl<'a> Walk<'a> {
    /// `None` for bytes that are no node: `parts` lets none in.
    pub(super) fn new(first: StreamId, node: &'a Listpack) -> Option<Self> {
        let fields = Master::of(node)?.fields;
        let mut rest = node.entries();
        // The names and the zero behind them.
        rest.nth(MASTER_HEAD + fields)?;
        Some(Self { node, first, fields, rest })
    }

    fn id(&self, ms: Element<'_>, seq: Element<'_>) -> Option<StreamId> {
        let ms = self.first.ms.wrapping_add(ms.to_int()?.cast_unsigned());
        let seq = self.first.seq.wrapping_add(seq.to_int()?.cast_unsigned());
        Some(StreamId::new(ms, seq))
    }

    /// Reads the entry in front of `rest` and steps over it.
    fn read(&self, rest: &mut Entries<'a>) -> Option<Found<'a>> {
        let (at, flags) = rest.next()?;
        let flags = flags.to_int()?;
        let (_, ms) = rest.next()?;
        let (seq_at, seq) = rest.next()?;
        let id = self.id(ms, seq)?;
        let fields = if flags & SAME_FIELDS != 0 {
            let mut values = self.node.iter_from(seq_at);
            values.next();
            let mut names = self.node.iter();
            names.nth(MASTER_HEAD - 1);
            if let Some(last) = self.fields.checked_sub(1) {
                rest.nth(last)?;
            }
            Fields { names: Some(names), values, left: self.fields }
        } else {
            let (count_at, count) = rest.next()?;
            let count = usize::try_from(number(count)?).ok()?;
            let mut values = self.node.iter_from(count_at);
            values.next();
            if let Some(last) = count.checked_mul(2)?.checked_sub(1) {
                rest.nth(last)?;
            }
            Fields { names: None, values, left: count }
        };
        rest.next()?;
        Some(Found { at, deleted: flags & DELETED != 0, entry: Entry { id, fields } })
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Found<'a>;

    fn next(&mut self) -> Option<Found<'a>> {
        let mut rest = self.rest.clone();
        let found = self.read(&mut rest)?;
        self.rest = rest;
        Some(found)
    }
}

impl<'a> DoubleEndedIterator for Walk<'a> {
    fn next_back(&mut self) -> Option<Found<'a>> {
        let (_, count) = self.rest.next_back()?;
        let last = usize::try_from(number(count)?).ok()?.checked_sub(1)?;
        let (at, _) = self.rest.nth_back(last)?;
        self.read(&mut self.node.entries_from(at))
    }
}
