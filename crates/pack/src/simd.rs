//! Loops that a processor's newer instructions speed up, chosen when the program runs.
//!
//! One loop, compiled twice: for what every processor of the target has, and for AVX2 with the population count instruction, which baseline
//! x86-64 lacks. No intrinsics: the loop is written so that the compiler makes vector code of it, so both are the same source and one
//! test judges them. Elsewhere (NEON is part of baseline aarch64) the first is all there is.
#![cfg_attr(
    target_arch = "x86_64",
    expect(unsafe_code, reason = "a function for newer processors is called once they were detected")
)]

/// Number of ones in `bytes`.
///
/// Eight blocks of 32 bytes are folded by carry-save adders into three running sums (ones, twos, fours) and one block of eights;
/// only the bits of that block are counted.
///
/// ```
/// assert_eq!(pack::simd::count_ones(b"\xff\x0f"), 12);
/// ```
#[must_use]
pub fn count_ones(bytes: &[u8]) -> u64 {
    #[cfg(target_arch = "x86_64")]
    // Short ones are done before the detection would pay.
    if bytes.len() >= BLOCK_BYTES && is_x86_feature_detected!("avx2") && is_x86_feature_detected!("popcnt") {
        // SAFETY: the processor has both features.
        return unsafe { count_avx2(bytes) };
    }
    count(bytes)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,popcnt")]
fn count_avx2(bytes: &[u8]) -> u64 {
    count(bytes)
}

/// Words side by side, for the compiler to keep in vector registers.
type Lanes = [u64; LANES];

const LANES: usize = 4;
const LANES_BYTES: usize = LANES * 8;
const BLOCK_BYTES: usize = 8 * LANES_BYTES;

#[inline(always)]
fn count(bytes: &[u8]) -> u64 {
    let (blocks, rest) = bytes.as_chunks::<BLOCK_BYTES>();
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

#[inline(always)]
fn load(bytes: &[u8; LANES_BYTES]) -> Lanes {
    let mut lanes = [0; LANES];
    for (lane, word) in lanes.iter_mut().zip(bytes.as_chunks().0) {
        *lane = u64::from_le_bytes(*word);
    }
    lanes
}

/// Adds three bits at each place. Returns the carries and the sums.
#[inline(always)]
fn add(a: Lanes, b: Lanes, c: Lanes) -> (Lanes, Lanes) {
    let (mut carry, mut sum) = ([0; LANES], [0; LANES]);
    for lane in 0..LANES {
        let half = a[lane] ^ b[lane];
        carry[lane] = (a[lane] & b[lane]) | (half & c[lane]);
        sum[lane] = half ^ c[lane];
    }
    (carry, sum)
}

#[inline(always)]
fn count_lanes(lanes: Lanes) -> u64 {
    lanes.iter().map(|lane| u64::from(lane.count_ones())).sum()
}

#[inline(always)]
fn count_by_word(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks();
    let in_words: u64 = words.iter().map(|word| u64::from(u64::from_le_bytes(*word).count_ones())).sum();
    in_words + rest.iter().map(|byte| u64::from(byte.count_ones())).sum::<u64>()
}

#[cfg(test)]
mod tests {
    use super::{count, count_ones};

    #[test]
    fn both_loops_count_as_byte_by_byte() {
        let bytes: Vec<u8> =
            (0_u32..2000).map(|index| (index.wrapping_mul(0x9e37_79b9) >> 24).to_le_bytes()[0]).collect();
        let step = if cfg!(miri) { 199 } else { 1 };
        for len in (0..bytes.len()).step_by(step) {
            for start in [0, 1, 7] {
                let bytes = &bytes[start.min(len)..len];
                let expected: u64 = bytes.iter().map(|byte| u64::from(byte.count_ones())).sum();
                assert_eq!((count_ones(bytes), count(bytes)), (expected, expected), "{start}..{len}");
            }
        }
    }

    #[test]
    fn full_bytes_have_eight_ones_each() {
        for len in [0, 1, 255, 256, 257, 4096 + 31] {
            assert_eq!(count_ones(&vec![0xff; len]), len as u64 * 8);
        }
    }
}
