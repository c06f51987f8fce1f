//! Combining bitmaps bit by bit, as BITOP does.
//!
//! The result is made in pieces that stay in the first-level cache, every source run over a piece before the next piece: each
//! byte of a source is read once and each byte of the result goes to memory once. Going source by source over the whole result
//! would read and write it again for each of them.

/// What BITOP does with the bits that its sources have at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    And,
    Or,
    Xor,
    /// Of the first source; there is only one.
    Not,
    /// In the first source and in none of the others.
    Diff,
    /// In one of the others and not in the first source.
    Diff1,
    /// In the first source and in one of the others.
    AndOr,
    /// In exactly one source.
    One,
}

/// What `operation` makes of `sources`: as long as the longest of them, the others going on with zeros.
///
/// ```
/// # use commands::bitmap::words::{Operation, combine};
/// assert_eq!(combine(Operation::Xor, &[b"\xff\xff", b"\x0f"]), b"\xf0\xff");
/// ```
#[must_use]
pub fn combine(operation: Operation, sources: &[&[u8]]) -> Vec<u8> {
    let len = sources.iter().map(|source| source.len()).max().unwrap_or(0);
    let mut result = Vec::with_capacity(len);
    let Some((first, others)) = sources.split_first() else { return result };
    while result.len() < len {
        let piece_len = PIECE_BYTES.min(len - result.len());
        append_piece(&mut result, operation, first, others, piece_len);
    }
    result
}

/// Appends the next `len` bytes. They are begun as a copy of a source: zeroing the whole result first would cost as much memory
/// traffic as combining does.
fn append_piece(result: &mut Vec<u8>, operation: Operation, first: &[u8], others: &[&[u8]], len: usize) {
    let at = result.len();
    let first = piece_of(first, at, len);
    let mut others = others.iter().map(|other| piece_of(other, at, len));
    let begun = match operation {
        Operation::Diff1 | Operation::AndOr => others.next().unwrap_or_default(),
        Operation::And | Operation::Or | Operation::Xor | Operation::Not | Operation::Diff | Operation::One => first,
    };
    result.extend_from_slice(begun);
    result.resize(at + len, 0);
    let piece = &mut result[at..];
    match operation {
        Operation::And => others.for_each(|other| and(piece, other)),
        Operation::Or => others.for_each(|other| or(piece, other)),
        Operation::Xor => others.for_each(|other| xor(piece, other)),
        Operation::Not => piece.iter_mut().for_each(|byte| *byte = !*byte),
        Operation::Diff => others.for_each(|other| and_not(piece, other)),
        Operation::Diff1 => {
            others.for_each(|other| or(piece, other));
            and_not(piece, first);
        }
        Operation::AndOr => {
            others.for_each(|other| or(piece, other));
            and(piece, first);
        }
        Operation::One => {
            let mut repeated = [0; PIECE_BYTES];
            others.for_each(|other| collect(piece, &mut repeated, other));
            and_not(piece, &repeated);
        }
    }
}

/// What of the result is worked on at once: with one source beside it, well inside 32 KiB.
const PIECE_BYTES: usize = 4096;

/// The `len` bytes of `source` from `at` on, or what there is of them.
fn piece_of(source: &[u8], at: usize, len: usize) -> &[u8] {
    let rest = source.get(at..).unwrap_or_default();
    rest.get(..len).unwrap_or(rest)
}

fn and(piece: &mut [u8], source: &[u8]) {
    let (covered, padding) = piece.split_at_mut(source.len().min(piece.len()));
    covered.iter_mut().zip(source).for_each(|(byte, other)| *byte &= other);
    padding.fill(0);
}

fn or(piece: &mut [u8], source: &[u8]) {
    piece.iter_mut().zip(source).for_each(|(byte, other)| *byte |= other);
}

fn xor(piece: &mut [u8], source: &[u8]) {
    piece.iter_mut().zip(source).for_each(|(byte, other)| *byte ^= other);
}

fn and_not(piece: &mut [u8], source: &[u8]) {
    piece.iter_mut().zip(source).for_each(|(byte, other)| *byte &= !other);
}

/// Adds the ones of `source` to those `seen`, and those seen before to the `repeated` ones.
fn collect(seen: &mut [u8], repeated: &mut [u8], source: &[u8]) {
    for ((seen, repeated), byte) in seen.iter_mut().zip(repeated).zip(source) {
        *repeated |= *seen & byte;
        *seen |= byte;
    }
}

#[cfg(test)]
mod tests {
    use arbtest::arbitrary::Result;
    use arbtest::arbtest;

    use super::*;
    use crate::bitmap::words::model::{bitmap, bits_of};

    const OPERATIONS: [Operation; 8] = [
        Operation::And,
        Operation::Or,
        Operation::Xor,
        Operation::Not,
        Operation::Diff,
        Operation::Diff1,
        Operation::AndOr,
        Operation::One,
    ];

    /// What BITOP's definition says of one place, given the sources' bits there.
    fn expected(operation: Operation, first: bool, others: &[bool]) -> bool {
        let ones = usize::from(first) + others.iter().filter(|bit| **bit).count();
        let any_other = others.contains(&true);
        match operation {
            Operation::And => first && others.iter().all(|bit| *bit),
            Operation::Or => ones > 0,
            Operation::Xor => ones % 2 == 1,
            Operation::Not => !first,
            Operation::Diff => first && !any_other,
            Operation::Diff1 => any_other && !first,
            Operation::AndOr => first && any_other,
            Operation::One => ones == 1,
        }
    }

    #[test]
    fn combining_agrees_with_bit_by_bit() {
        arbtest(|u| {
            let operation = *u.choose(&OPERATIONS)?;
            // Lengths on both sides of a piece's end.
            let max_len = *u.choose(&[0, 3, 100, PIECE_BYTES - 1, PIECE_BYTES, 2 * PIECE_BYTES + 9])?;
            let sources = if operation == Operation::Not { 1 } else { u.int_in_range(1..=5)? };
            let sources: Vec<Vec<u8>> = (0..sources).map(|_| bitmap(u, max_len)).collect::<Result<_>>()?;
            let len = sources.iter().map(Vec::len).max().unwrap_or(0);
            let slices: Vec<&[u8]> = sources.iter().map(Vec::as_slice).collect();
            let result = combine(operation, &slices);
            assert_eq!(result.len(), len);
            let bits: Vec<Vec<bool>> = sources.iter().map(|source| bits_of(source)).collect();
            for (place, bit) in bits_of(&result).into_iter().enumerate() {
                let there: Vec<bool> = bits.iter().map(|bits| bits.get(place).is_some_and(|bit| *bit)).collect();
                assert_eq!(bit, expected(operation, there[0], &there[1..]), "{operation:?}, bit {place} of {there:?}");
            }
            Ok(())
        });
    }

    #[test]
    fn combining_is_right_for_every_mix_of_three_bits() {
        // All eight combinations of three bits, one per place.
        let sources: [&[u8]; 3] = [&[0b0000_1111], &[0b0011_0011], &[0b0101_0101]];
        for (operation, result) in [
            (Operation::And, 0b0000_0001),
            (Operation::Or, 0b0111_1111),
            (Operation::Xor, 0b0110_1001),
            (Operation::Diff, 0b0000_1000),
            (Operation::Diff1, 0b0111_0000),
            (Operation::AndOr, 0b0000_0111),
            (Operation::One, 0b0110_1000),
        ] {
            assert_eq!(combine(operation, &sources), [result], "{operation:?}");
        }
        assert_eq!(combine(Operation::Not, &sources[..1]), [0b1111_0000]);
    }
}
