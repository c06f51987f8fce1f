//! Finding the first one or the first zero of a bitmap.
//!
//! Both are the first bit that is not as a filler byte has it. Blocks of 64 bytes are passed over by one test each; the bit is
//! looked for in the block that fails it.

use std::ops::Range;

use super::cut::Cut;

/// Where the first one among the bits `bits` of `bytes` is, if there is any.
///
/// ```
/// # use commands::bitmap::words::first_one;
/// assert_eq!(first_one(b"\x00\x0f", 0..16), Some(12));
/// assert_eq!(first_one(b"\x00\x0f", 0..12), None);
/// ```
#[must_use]
pub fn first_one(bytes: &[u8], bits: Range<u64>) -> Option<u64> {
    first_unlike(bytes, bits, 0x00)
}

/// Where the first zero among the bits `bits` of `bytes` is, if there is any.
///
/// ```
/// # use commands::bitmap::words::first_zero;
/// assert_eq!(first_zero(b"\xff\xf0", 0..16), Some(12));
/// ```
#[must_use]
pub fn first_zero(bytes: &[u8], bits: Range<u64>) -> Option<u64> {
    first_unlike(bytes, bits, 0xff)
}

/// The first bit among `bits` that is not as `filler`, all of whose bits are alike, has it.
fn first_unlike(bytes: &[u8], bits: Range<u64>, filler: u8) -> Option<u64> {
    let end = bits.end;
    let cut = Cut::new(bytes, bits)?;
    let differing = (cut.first ^ filler) & cut.first_mask;
    let (byte, differing) = if differing != 0 {
        (0, differing)
    } else {
        let byte = 1 + first_byte_unlike(&cut.bytes[1..], filler)?;
        (byte, cut.bytes[byte] ^ filler)
    };
    // What differs may be a bit of the last byte behind the range.
    let bit = (cut.at + byte as u64) * 8 + u64::from(differing.leading_zeros());
    (bit < end).then_some(bit)
}

/// Where the first byte other than `filler` is.
fn first_byte_unlike(bytes: &[u8], filler: u8) -> Option<usize> {
    let (blocks, _) = bytes.as_chunks::<BLOCK_BYTES>();
    let uniform = |block: &[u8; BLOCK_BYTES]| block.iter().fold(0, |sum, byte| sum | (byte ^ filler)) == 0;
    let passed = blocks.iter().position(|block| !uniform(block)).unwrap_or(blocks.len()) * BLOCK_BYTES;
    // Within the block, or behind the last whole one: by words, then by bytes.
    let (words, _) = bytes[passed..].as_chunks();
    let pattern = u64::from_le_bytes([filler; WORD_BYTES]);
    let alike = |word: &[u8; WORD_BYTES]| u64::from_le_bytes(*word) == pattern;
    let passed = passed + words.iter().position(|word| !alike(word)).unwrap_or(words.len()) * WORD_BYTES;
    bytes[passed..].iter().position(|byte| *byte != filler).map(|byte| passed + byte)
}

const BLOCK_BYTES: usize = 64;
const WORD_BYTES: usize = 8;

#[cfg(test)]
mod tests {
    use arbtest::arbtest;

    use super::*;
    use crate::bitmap::words::model::{bitmap, bits_of, numbered, range};

    fn expected(bits: &[bool], range: &Range<u64>, wanted: bool) -> Option<u64> {
        numbered(bits, range).find(|(_, bit)| *bit == wanted).map(|(number, _)| number)
    }

    #[test]
    fn searching_agrees_with_bit_by_bit() {
        arbtest(|u| {
            let bytes = bitmap(u, 2000)?;
            let range = range(u, &bytes)?;
            let bits = bits_of(&bytes);
            assert_eq!(first_one(&bytes, range.clone()), expected(&bits, &range, true), "{range:?} of {bytes:02x?}");
            assert_eq!(first_zero(&bytes, range.clone()), expected(&bits, &range, false), "{range:?} of {bytes:02x?}");
            Ok(())
        });
    }

    #[test]
    fn every_range_of_a_short_bitmap_is_searched_right() {
        let bytes = [0b0101_1001, 0x00, 0xff, 0b1000_0001];
        let bits = bits_of(&bytes);
        for start in 0..=34 {
            for end in 0..=34 {
                let range = start..end;
                assert_eq!(first_one(&bytes, start..end), expected(&bits, &range, true), "{range:?}");
                assert_eq!(first_zero(&bytes, start..end), expected(&bits, &range, false), "{range:?}");
            }
        }
    }

    #[test]
    fn a_lone_bit_is_found_wherever_it_is() {
        for len in [1_u64, 8, 63, 64, 65, 200] {
            for bit in 0..len * 8 {
                let zeros: Vec<u8> = (0..len).map(|at| if at == bit / 8 { 0x80 >> (bit % 8) } else { 0 }).collect();
                let ones: Vec<u8> = zeros.iter().map(|byte| !byte).collect();
                assert_eq!(first_one(&zeros, 0..u64::MAX), Some(bit));
                assert_eq!(first_zero(&ones, 0..u64::MAX), Some(bit));
                assert_eq!(first_one(&zeros, bit + 1..u64::MAX), None);
                assert_eq!(first_zero(&ones, 0..bit), None);
            }
        }
    }
}
