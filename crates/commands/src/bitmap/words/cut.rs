//! A range of bits as the bytes that hold it, so that only the two edges need care.

use std::ops::Range;

/// The bytes that hold a range of bits, and which bits of the bytes at both edges belong to it.
pub(super) struct Cut<'a> {
    pub(super) bytes: &'a [u8],
    /// Index of the first byte.
    pub(super) at: u64,
    pub(super) first: u8,
    pub(super) first_mask: u8,
    pub(super) last: u8,
    pub(super) last_mask: u8,
}

impl<'a> Cut<'a> {
    /// `None` when the range holds no bit of `bytes`.
    pub(super) fn new(bytes: &'a [u8], bits: Range<u64>) -> Option<Self> {
        let end = bits.end.min(bytes.len() as u64 * 8);
        let last_bit = end.checked_sub(1).filter(|last| bits.start <= *last)?;
        let at = bits.start / 8;
        let bytes = bytes.get(index(at)..=index(last_bit / 8))?;
        Some(Self {
            bytes,
            at,
            first: *bytes.first()?,
            first_mask: 0xff >> (bits.start % 8),
            last: *bytes.last()?,
            last_mask: 0xff << (7 - last_bit % 8),
        })
    }
}

/// A byte's number as an index. One that is none lies past every slice.
fn index(byte: u64) -> usize {
    usize::try_from(byte).unwrap_or(usize::MAX)
}
