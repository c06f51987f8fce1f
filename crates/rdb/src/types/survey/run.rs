//! What a walk over a value has at hand, and the walks in a row.

use pack::{Item, PackError, PackErrorKind, Packed, Walk};
use stdx::num::{IntText, parse_i64};
use value::StreamId;

use super::Text;
use super::keys::Keys;
use crate::reader::Reader;
use crate::{DecodeError, Stamp};

/// The longest text of a 64-bit integer.
const INT_TEXT_BYTES: usize = 20;

/// A survey under way.
#[derive(Debug)]
pub(crate) struct Survey {
    keys: Keys,
    /// For inflating, used again and again.
    buffer: Vec<u8>,
    /// What is pending in a stream's group, in order, and what of it has an owner.
    pending: Vec<StreamId>,
    owned: Vec<bool>,
}

/// What the hashes of keys may take, however small the value: without it, small ones would take many walks.
const KEY_EXTRA_BYTES: usize = 256 << 10;
/// Buffers, of a [`Sequence`](super::Sequence) too.
const BUFFER_BYTES: usize = 160 << 10;

/// What the hashes of keys may take, of a payload of `len` bytes. A key takes four bytes of it at least, its hash eight.
fn key_bytes(code: u8, len: usize) -> usize {
    let times = if is_stream(code) { 1 } else { 2 };
    len.saturating_mul(times).saturating_add(KEY_EXTRA_BYTES)
}

const fn is_stream(code: u8) -> bool {
    matches!(code, 15 | 19 | 21 | 26 | 27)
}

/// What a survey may allocate, at most.
pub(crate) fn cost(code: u8, len: usize) -> usize {
    let beside = match code {
        // No keys.
        0 | 1 | 10 | 14 | 18 | 29 | 31 => return BUFFER_BYTES,
        // A pending entry takes 25 bytes at least, its id 16.
        _ if is_stream(code) => len.saturating_sub(len / 4),
        _ => 0,
    };
    key_bytes(code, len).saturating_add(beside).saturating_add(BUFFER_BYTES)
}

/// Walks over the value behind the type byte `code`, which begins where the reader is, and puts that behind it.
pub(crate) fn survey(code: u8, stamp: Stamp, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    let mut survey = Survey {
        keys: Keys::new(key_bytes(code, reader.len())),
        buffer: Vec::new(),
        pending: Vec::new(),
        owned: Vec::new(),
    };
    loop {
        let mut walk = reader.clone();
        crate::types::walk(code, stamp, &mut walk, &mut survey)?;
        if !survey.keys.want_another_walk() {
            *reader = walk;
            return Ok(());
        }
    }
}

impl Survey {
    /// Takes a string that must not come twice. False if it did.
    pub(in crate::types) fn key(&mut self, text: Text<'_>) -> bool {
        match text {
            Text::Int(int) => self.keys.whole(IntText::new().format(i64::from(int))),
            Text::Raw(bytes) => self.keys.whole(bytes),
            Text::Lzf { .. } => self.key_within(&[], text),
        }
    }

    /// As [`Self::key`], of strings that must not come twice in one scope.
    pub(in crate::types) fn key_within(&mut self, scope: &[u64], text: Text<'_>) -> bool {
        let mut key = self.keys.begin();
        scope.iter().for_each(|word| key.write(&word.to_le_bytes()));
        text.pieces(&mut self.buffer, &mut |piece| key.write(piece));
        self.keys.end(&key)
    }

    /// A scope that has a text for its name.
    pub(in crate::types) fn scope(&mut self, text: Text<'_>) -> [u64; 2] {
        Keys::hashes_of(|take| text.pieces(&mut self.buffer, take))
    }

    /// Takes a number that must not come twice.
    pub(in crate::types) fn number(&mut self, number: u64) -> bool {
        self.keys.number(number)
    }

    /// Takes the element that a walk has reached as a key.
    pub(in crate::types) fn element(&mut self, walk: &mut Walk<'_>, item: Item) -> bool {
        let mut key = self.keys.begin();
        match item {
            Item::Int(int) => key.write(IntText::new().format(int)),
            Item::Text(_) => walk.text(&mut |piece| key.write(piece)),
        }
        self.keys.end(&key)
    }

    /// As [`Self::element`], of elements that have an order too.
    pub(in crate::types) fn element_of<'a>(
        &mut self,
        sequence: &mut super::Sequence<'a>,
        walk: &mut Walk<'a>,
        item: Item,
    ) -> bool {
        let mut key = self.keys.begin();
        sequence.take(walk, item, &mut |piece| key.write(piece));
        self.keys.end(&key)
    }

    /// Takes a name of a template.
    pub(in crate::types) fn name<'a>(&mut self, sequence: &mut super::Sequence<'a>, text: Text<'a>) {
        sequence.take_text(text, &mut self.buffer);
    }

    /// The bytes of a string of that length.
    pub(in crate::types) fn exactly<const N: usize>(&mut self, text: Text<'_>) -> Option<[u8; N]> {
        let (mut bytes, mut at) = ([0; N], 0_usize);
        if text.len() != N {
            return None;
        }
        text.pieces(&mut self.buffer, &mut |piece| {
            let end = at.saturating_add(piece.len());
            if let Some(part) = bytes.get_mut(at..end) {
                part.copy_from_slice(piece);
            }
            at = end;
        });
        Some(bytes)
    }

    /// A group of a stream begins, with so many pending entries.
    pub(in crate::types) fn begin_group(&mut self, count: usize) {
        self.pending.clear();
        self.pending.reserve_exact(count);
    }

    pub(in crate::types) fn pending(&mut self, id: StreamId) {
        self.pending.push(id);
    }

    /// All pending entries are known. False if one came twice.
    pub(in crate::types) fn end_pending(&mut self) -> bool {
        self.pending.sort_unstable();
        self.owned.clear();
        self.owned.reserve_exact(self.pending.len());
        self.owned.resize(self.pending.len(), false);
        self.pending.is_sorted_by(|one, other| one < other)
    }

    /// Somebody has the entry, or nobody. False if it is not pending, or was named before.
    pub(in crate::types) fn own(&mut self, id: StreamId) -> bool {
        let owned = self.pending.binary_search(&id).ok().and_then(|at| self.owned.get_mut(at));
        owned.is_some_and(|owned| !std::mem::replace(owned, true))
    }

    pub(in crate::types) fn is_all_owned(&self) -> bool {
        self.owned.iter().all(|owned| *owned)
    }

    /// Walks over the elements of an encoding. An integer is none: its text is too short for any.
    pub(in crate::types) fn walk<'a>(&mut self, packed: Packed, text: Text<'a>) -> Result<Walk<'a>, PackError> {
        match text.source(&mut self.buffer) {
            Some(source) => Walk::new(packed, source, text.len()),
            None => Err(PackError { offset: 0, kind: PackErrorKind::Truncated }),
        }
    }

    /// After a walk: its buffer serves the next.
    pub(in crate::types) fn walked(&mut self, walk: Walk<'_>) {
        let buffer = walk.into_source().into_buffer();
        if buffer.capacity() > self.buffer.capacity() {
            self.buffer = buffer;
        }
    }
}

/// The integer that an element is or whose canonical form it is.
pub(in crate::types) fn int_of(walk: &mut Walk<'_>, item: Item) -> Option<i64> {
    match item {
        Item::Int(int) => Some(int),
        Item::Text(len) => short_text(walk, len, &mut [0; INT_TEXT_BYTES]).and_then(parse_i64),
    }
}

/// The text that a walk has reached, if `room` is enough for it.
pub(in crate::types) fn short_text<'r>(walk: &mut Walk<'_>, len: usize, room: &'r mut [u8]) -> Option<&'r [u8]> {
    let room = room.get_mut(..len)?;
    let mut at = 0_usize;
    walk.text(&mut |piece| {
        let end = at.saturating_add(piece.len());
        if let Some(part) = room.get_mut(at..end) {
            part.copy_from_slice(piece);
        }
        at = end;
    });
    Some(room)
}
