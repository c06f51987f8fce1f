//! Counting the ones of a bitmap.
//!
//! Eight blocks of 32 bytes are folded by carry-save adders into three running sums (ones, twos, fours) and one block of
//! eights; only the bits of that block are counted. A plain sum of `u64::count_ones` was measured first: where the target has no
//! population count instruction, as baseline x86-64 has none, it is half as fast (15 against 32 GB/s, from 64 KiB to 16 MiB);
//! with the instruction the two are equal at about 40 GB/s. A tree of sixteen blocks gains a tenth at best for twice the code.
//! See `benches/bitmap.rs`.

use std::ops::Range;

use super::cut::Cut;

/// Number of ones among the bits `bits` of `bytes`. A range that reaches past the end stops there.
///
/// ```
/// # use commands::bitmap::words::count_ones;
/// assert_eq!(count_ones(b"\xff\x0f", 0..16), 12);
/// assert_eq!(count_ones(b"\xff\x0f", 4..14), 6);
/// ```
#[must_use]
pub fn count_ones(bytes: &[u8], bits: Range<u64>) -> u64 {
    let Some(cut) = Cut::new(bytes, bits) else { return 0 };
    let outside = (cut.first & !cut.first_mask).count_ones() + (cut.last & !cut.last_mask).count_ones();
    count_all_ones(cut.bytes) - u64::from(outside)
}

/// Words side by side, for the compiler to keep in vector registers.
type Lanes = [u64; LANES];

const LANES: usize = 4;
const LANES_BYTES: usize = LANES * 8;

/// Number of ones in `bytes`: the carry-save adder tree that the top of the file describes.
fn count_all_ones(bytes: &[u8]) -> u64 {
    let (blocks, rest) = bytes.as_chunks::<{ 8 * LANES_BYTES }>();
    let (mut ones, mut twos, mut fours) = ([0; LANES], [0; LANES], [0; LANES]);
    let mut eights_count = 0;
    for block in blocks {
        let lanes = |index: usize| load(&block.as_chunks().0[index]);
        let (twos_a, sum) = add(ones, lanes(0), lanes(1));
        let (twos_b, sum) = add(sum, lanes(2), lanes(3));
        let (fours_a, twos_sum) = add(twos, twos_a, twos_b);
        let (twos_a, sum) = add(sum, lanes(4), lanes(5));
        let (twos_b, sum) = add(sum, lanes(6), lanes(7));
        let (fours_b, twos_sum) = add(twos_sum, twos_a, twos_b);
        let (eights, fours_sum) = add(fours, fours_a, fours_b);
        (ones, twos, fours) = (sum, twos_sum, fours_sum);
        eights_count += count_lanes(eights);
    }
    8 * eights_count + 4 * count_lanes(fours) + 2 * count_lanes(twos) + count_lanes(ones) + count_by_word(rest)
}

fn load(bytes: &[u8; LANES_BYTES]) -> Lanes {
    let mut lanes = [0; LANES];
    for (lane, word) in lanes.iter_mut().zip(bytes.as_chunks().0) {
        *lane = u64::from_le_bytes(*word);
    }
    lanes
}

/// Adds three bits at each place. Returns the carries and the sums.
fn add(a: Lanes, b: Lanes, c: Lanes) -> (Lanes, Lanes) {
    let (mut carry, mut sum) = ([0; LANES], [0; LANES]);
    for lane in 0..LANES {
        let half = a[lane] ^ b[lane];
        carry[lane] = (a[lane] & b[lane]) | (half & c[lane]);
        sum[lane] = half ^ c[lane];
    }
    (carry, sum)
}

fn count_lanes(lanes: Lanes) -> u64 {
    lanes.iter().map(|lane| u64::from(lane.count_ones())).sum()
}

fn count_by_word(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks();
    let in_words: u64 = words.iter().map(|word| u64::from(u64::from_le_bytes(*word).count_ones())).sum();
    in_words + rest.iter().map(|byte| u64::from(byte.count_ones())).sum::<u64>()
}

#[cfg(test)]
mod tests {
    use arbtest::arbtest;

    use super::*;
    use crate::bitmap::words::model::{bitmap, bits_of, numbered, range};

    fn expected(bits: &[bool], range: &Range<u64>) -> u64 {
        numbered(bits, range).filter(|(_, bit)| *bit).count() as u64
    }

    #[test]
    fn counting_agrees_with_bit_by_bit() {
        arbtest(|u| {
            let bytes = bitmap(u, 2000)?;
            let range = range(u, &bytes)?;
            let expected = expected(&bits_of(&bytes), &range);
            assert_eq!(count_ones(&bytes, range.clone()), expected, "{range:?} of {bytes:02x?}");
            Ok(())
        });
    }

    #[test]
    fn every_range_of_a_short_bitmap_is_counted_right() {
        let bytes = [0b0101_1001, 0x00, 0xff, 0b1000_0001];
        let bits = bits_of(&bytes);
        for start in 0..=34 {
            for end in 0..=34 {
                assert_eq!(count_ones(&bytes, start..end), expected(&bits, &(start..end)), "{start}..{end}");
            }
        }
    }

    #[test]
    fn a_full_bitmap_has_a_one_for_every_bit() {
        for len in [0, 1, 7, 8, 255, 256, 257, 512, 4096 + 31] {
            let bytes = vec![0xff; len];
            assert_eq!(count_ones(&bytes, 0..u64::MAX), len as u64 * 8);
            assert_eq!(count_ones(&bytes, 3..u64::MAX), (len as u64 * 8).saturating_sub(3));
        }
    }
}
