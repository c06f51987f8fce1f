//! What the loops are tested against: bitmaps bit by bit.

use std::ops::Range;

use arbtest::arbitrary::{Result, Unstructured};

/// The model of a bitmap: its bits one by one.
pub(super) fn bits_of(bytes: &[u8]) -> Vec<bool> {
    bytes.iter().flat_map(|byte| (0..8).map(move |bit| byte & (0x80 >> bit) != 0)).collect()
}

/// A bitmap of up to `max_len` bytes with long runs of zeros and of ones, which random bytes never have.
pub(super) fn bitmap(u: &mut Unstructured<'_>, max_len: usize) -> Result<Vec<u8>> {
    let len = u.int_in_range(0..=max_len)?;
    let mut bytes = Vec::with_capacity(len);
    while bytes.len() < len {
        let run = u.int_in_range(1..=300)?.min(len - bytes.len());
        match u.int_in_range(0..=2)? {
            0 => bytes.resize(bytes.len() + run, 0x00),
            1 => bytes.resize(bytes.len() + run, 0xff),
            _ => {
                let mut state: u8 = u.arbitrary()?;
                bytes.extend((0..run).map(|_| {
                    state = state.wrapping_mul(77).wrapping_add(41);
                    state
                }));
            }
        }
    }
    Ok(bytes)
}

/// A range that may be empty, turned round, or reach past the end of `bytes`.
pub(super) fn range(u: &mut Unstructured<'_>, bytes: &[u8]) -> Result<Range<u64>> {
    let past_end = bytes.len() as u64 * 8 + 20;
    Ok(u.int_in_range(0..=past_end)?..u.int_in_range(0..=past_end)?)
}

/// The bits of `range`, each with its number.
pub(super) fn numbered(bits: &[bool], range: &Range<u64>) -> impl Iterator<Item = (u64, bool)> {
    (0..).zip(bits.iter().copied()).filter(|(number, _)| range.contains(number))
}
