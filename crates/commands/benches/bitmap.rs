//! The loops behind BITCOUNT, BITPOS and BITOP, by bytes a second.
//!
//! `cargo bench -p commands --bench bitmap`. Three sizes: a small bitmap, one in the second-level cache, and one (16 MiB) that
//! comes from memory. `sum_of_words` is the plain loop that counting is measured against.

use commands::bitmap::words::{Operation, combine, count_ones, first_one, first_zero};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

const SIZES: [usize; 3] = [64, 64 << 10, 16 << 20];

/// Bytes without a pattern that a loop could profit from.
fn noise(len: usize) -> Vec<u8> {
    let mut rng = fastrand::Rng::with_seed(42);
    let mut bytes = vec![0; len];
    rng.fill(&mut bytes);
    bytes
}

#[divan::bench(args = SIZES)]
fn count_all(bencher: Bencher<'_, '_>, len: usize) {
    let bytes = noise(len);
    bencher.counter(BytesCount::new(len)).bench_local(|| count_ones(black_box(&bytes), 0..u64::MAX));
}

#[divan::bench(args = SIZES)]
fn count_between_odd_bits(bencher: Bencher<'_, '_>, len: usize) {
    let bytes = noise(len);
    let bits = 3..len as u64 * 8 - 3;
    bencher.counter(BytesCount::new(len)).bench_local(|| count_ones(black_box(&bytes), bits.clone()));
}

#[divan::bench(args = SIZES)]
fn sum_of_words(bencher: Bencher<'_, '_>, len: usize) {
    let bytes = noise(len);
    let count = |bytes: &[u8]| -> u64 {
        let (words, _) = bytes.as_chunks();
        words.iter().map(|word| u64::from(u64::from_le_bytes(*word).count_ones())).sum()
    };
    bencher.counter(BytesCount::new(len)).bench_local(|| count(black_box(&bytes)));
}

#[divan::bench(args = SIZES)]
fn find_one_at_the_end(bencher: Bencher<'_, '_>, len: usize) {
    let mut bytes = vec![0x00; len];
    bytes[len - 1] = 1;
    bencher.counter(BytesCount::new(len)).bench_local(|| first_one(black_box(&bytes), 0..u64::MAX));
}

#[divan::bench(args = SIZES)]
fn find_no_zero(bencher: Bencher<'_, '_>, len: usize) {
    let bytes = vec![0xff; len];
    bencher.counter(BytesCount::new(len)).bench_local(|| first_zero(black_box(&bytes), 0..u64::MAX));
}

/// Bytes a second are those of the sources; making room for the result is part of it.
fn combine_sources(bencher: Bencher<'_, '_>, operation: Operation, count: usize, len: usize) {
    let sources: Vec<Vec<u8>> = (0..count).map(|_| noise(len)).collect();
    let slices: Vec<&[u8]> = sources.iter().map(Vec::as_slice).collect();
    bencher.counter(BytesCount::new(count * len)).bench_local(|| combine(operation, black_box(&slices)));
}

#[divan::bench(args = SIZES)]
fn not(bencher: Bencher<'_, '_>, len: usize) {
    combine_sources(bencher, Operation::Not, 1, len);
}

#[divan::bench(args = SIZES)]
fn and_of_two(bencher: Bencher<'_, '_>, len: usize) {
    combine_sources(bencher, Operation::And, 2, len);
}

#[divan::bench(args = SIZES)]
fn xor_of_eight(bencher: Bencher<'_, '_>, len: usize) {
    combine_sources(bencher, Operation::Xor, 8, len);
}

#[divan::bench(args = SIZES)]
fn andor_of_eight(bencher: Bencher<'_, '_>, len: usize) {
    combine_sources(bencher, Operation::AndOr, 8, len);
}

#[divan::bench(args = SIZES)]
fn one_of_eight(bencher: Bencher<'_, '_>, len: usize) {
    combine_sources(bencher, Operation::One, 8, len);
}
