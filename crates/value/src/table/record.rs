//! One record as bytes.
//!
//! ```text
//! head  [key length]  [value length]  [deadline]  key  value
//!
//! 03 'a' 'b' 'c'                            the member abc of a set
//! 81 02 'f' 'v' 'v'                         the field f with the value vv
//! 41 e8 03 00 00 00 00 00 00 'f'            the field f with an empty value, until one second after the epoch
//!
//! head, bit 7: a value follows, its length after the head: 0lllllll, or 1lllllll llllllll (high byte first)
//! head, bit 6: a deadline follows, milliseconds since 1970, 8 bytes, low byte first
//! head, bits 5-0: 0-61 the key's length; 62: the length is in the next two bytes, low byte first;
//!                 63: the record lies apart, 4 bytes say where, 8 bytes are its position in the table
//! ```

use stdx::UnixMs;

use super::hash::{Salt, hash_of};
use super::large::Large;

/// A record as callers see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    pub key: &'a [u8],
    /// Empty in a set.
    pub value: &'a [u8],
    pub deadline: Option<UnixMs>,
}

const VALUE: u8 = 0x80;
const DEADLINE: u8 = 0x40;
const KEY: u8 = 0x3f;
const LONG: u8 = 62;
const APART: u8 = 63;

/// Longer records (key and value together) lie in an allocation of their own, so that a page holds several at least.
pub(super) const INLINE_MAX_BYTES: usize = 512;

const DEADLINE_BYTES: usize = 8;
const APART_BYTES: usize = 13;
const HEAD_MAX_BYTES: usize = 1 + 2 + 2 + DEADLINE_BYTES;

/// Of an inline record without a deadline: a byte, and two for each length.
pub(super) const INLINE_HEAD_MAX_BYTES: usize = 5;

/// What precedes key and value.
pub(super) struct Head {
    bytes: [u8; HEAD_MAX_BYTES],
    len: usize,
}

impl Head {
    /// Of a record whose key and value have at most [`INLINE_MAX_BYTES`].
    #[expect(clippy::cast_possible_truncation, reason = "inline lengths have at most 11 bits")]
    pub(super) fn inline(key_len: usize, value_len: usize, deadline: Option<UnixMs>) -> Self {
        let mut head = Self { bytes: [0; HEAD_MAX_BYTES], len: 1 };
        if key_len < usize::from(LONG) {
            head.bytes[0] = key_len as u8;
        } else {
            head.bytes[0] = LONG;
            head.push(&(key_len as u16).to_le_bytes());
        }
        if value_len >= 0x80 {
            head.bytes[0] |= VALUE;
            head.push(&(value_len as u16 | 0x8000).to_be_bytes());
        } else if value_len > 0 {
            head.bytes[0] |= VALUE;
            head.push(&[value_len as u8]);
        }
        debug_assert_eq!(head.len, Self::inline_len(key_len, value_len), "the length is known beforehand");
        if let Some(UnixMs(ms)) = deadline {
            head.bytes[0] |= DEADLINE;
            head.push(&ms.to_le_bytes());
        }
        head
    }

    /// How many bytes [`Self::inline`] makes without a deadline.
    pub(super) const fn inline_len(key_len: usize, value_len: usize) -> usize {
        let key = if key_len < LONG as usize { 1 } else { 3 };
        let value = match value_len {
            0 => 0,
            1..0x80 => 1,
            _ => 2,
        };
        key + value
    }

    /// Of a record that lies apart as number `id`. Nothing follows such a head.
    pub(super) fn apart(id: u32, position: u64) -> Self {
        let mut head = Self { bytes: [0; HEAD_MAX_BYTES], len: 1 };
        head.bytes[0] = APART;
        head.push(&id.to_le_bytes());
        head.push(&position.to_le_bytes());
        head
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    fn push(&mut self, bytes: &[u8]) {
        self.bytes[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }
}

/// Where the parts of an inline record begin, from its first byte.
#[derive(Clone, Copy)]
pub(super) struct Parts {
    pub(super) key: usize,
    pub(super) value: usize,
    pub(super) end: usize,
}

/// The parts of the inline record that `bytes` begins with.
#[inline]
pub(super) fn parts(bytes: &[u8]) -> Parts {
    let head = bytes[0];
    let mut key = 1;
    let mut key_len = usize::from(head & KEY);
    if head & KEY == LONG {
        key_len = usize::from(u16::from_le_bytes([bytes[1], bytes[2]]));
        key = 3;
    }
    let mut value_len = 0;
    if head & VALUE != 0 {
        value_len = usize::from(bytes[key]);
        key += 1;
        if value_len >= 0x80 {
            value_len = (value_len & 0x7f) << 8 | usize::from(bytes[key]);
            key += 1;
        }
    }
    if head & DEADLINE != 0 {
        key += DEADLINE_BYTES;
    }
    Parts { key, value: key + key_len, end: key + key_len + value_len }
}

/// The length in bytes of the record that `bytes` begins with.
#[inline]
pub(super) fn span(bytes: &[u8]) -> usize {
    let head = bytes[0];
    if head < LONG {
        1 + usize::from(head)
    } else if head == APART {
        APART_BYTES
    } else {
        parts(bytes).end
    }
}

/// Number and position of a record that lies apart; `None` for an inline one.
#[inline]
pub(super) fn apart(bytes: &[u8]) -> Option<(u32, u64)> {
    if bytes[0] != APART {
        return None;
    }
    let id = bytes[1..].first_chunk().map(|id| u32::from_le_bytes(*id))?;
    let position = bytes[5..].first_chunk().map(|position| u64::from_le_bytes(*position))?;
    Some((id, position))
}

/// Writes another number into a record that lies apart.
pub(super) fn renumber(bytes: &mut [u8], id: u32) {
    bytes[1..5].copy_from_slice(&id.to_le_bytes());
}

/// Writes another deadline into an inline record that has one, or answers false.
pub(super) fn overwrite_deadline(bytes: &mut [u8], deadline: UnixMs) -> bool {
    if bytes[0] == APART || bytes[0] & DEADLINE == 0 {
        return false;
    }
    let end = parts(bytes).key;
    bytes[end - DEADLINE_BYTES..end].copy_from_slice(&deadline.0.to_le_bytes());
    true
}

/// The record at the start of `bytes`, wherever its parts lie.
#[inline]
pub(super) fn resolve<'a>(bytes: &'a [u8], large: &'a [Large]) -> Record<'a> {
    if let Some((id, _)) = apart(bytes) {
        return large[id as usize].record();
    }
    let Parts { key, value, end } = parts(bytes);
    let deadline = if bytes[0] & DEADLINE == 0 {
        None
    } else {
        bytes[..key].last_chunk().map(|ms| UnixMs(i64::from_le_bytes(*ms)))
    };
    Record { key: &bytes[key..value], value: &bytes[value..end], deadline }
}

/// The length of the record at the start of `bytes`, and whether it has this key (at this position).
#[inline]
pub(super) fn compare(bytes: &[u8], key: &[u8], position: u64, large: &[Large]) -> (usize, bool) {
    let head = bytes[0];
    if head < LONG {
        // Alone in its record, as members are.
        let key_len = usize::from(head);
        return (1 + key_len, key_len == key.len() && bytes[1..=key_len] == *key);
    }
    if let Some((id, at)) = apart(bytes) {
        return (APART_BYTES, at == position && large[id as usize].record().key == key);
    }
    let parts = parts(bytes);
    (parts.end, parts.value - parts.key == key.len() && bytes[parts.key..parts.value] == *key)
}

/// The position of the record at the start of `bytes`.
pub(super) fn position(bytes: &[u8], salt: Salt) -> u64 {
    if let Some((_, position)) = apart(bytes) {
        return position;
    }
    let Parts { key, value, .. } = parts(bytes);
    salt.position(hash_of(&bytes[key..value]))
}
