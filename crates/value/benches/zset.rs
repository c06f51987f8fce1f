//! Sorted sets of 20-byte members: bytes per member, and the hot operations, warm (1,000 members) and cold (1 M).
//!
//! `cargo bench -p value --bench zset`

use std::hint::black_box;
use std::sync::OnceLock;

use divan::Bencher;
use value::{EncodingLimits, SortedSet};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const SIZES: [u32; 2] = [1_000, 1_000_000];

#[expect(clippy::print_stdout, reason = "a benchmark reports")]
fn main() {
    println!("bytes per member    random scores    in order    all equal");
    for count in [129, 1_000, 10_000, 100_000, 300_000, 1_000_000] {
        println!(
            "{count:>16} {:>15.2} {:>11.2} {:>12.2}",
            bytes_each(count, scattered),
            bytes_each(count, f64::from),
            bytes_each(count, |_| 0.0)
        );
    }
    divan::main();
}

fn member(number: u32) -> [u8; 20] {
    let mut member = *b"member:0000000000000";
    let digits = format!("{:010}", number.wrapping_mul(2_654_435_761));
    member[10..].copy_from_slice(digits.as_bytes());
    member
}

fn scattered(number: u32) -> f64 {
    f64::from(number.wrapping_mul(0x9e37_79b1) >> 4)
}

fn filled(count: u32, score: fn(u32) -> f64) -> SortedSet {
    let mut zset = SortedSet::new();
    for number in 0..count {
        zset.insert(&member(number), score(number), &EncodingLimits::default());
    }
    zset
}

fn bytes_each(count: u32, score: fn(u32) -> f64) -> f64 {
    // What this thread has taken and not given back, to the byte.
    let taken = tikv_jemalloc_ctl::thread::allocatedp::read().unwrap();
    let given = tikv_jemalloc_ctl::thread::deallocatedp::read().unwrap();
    let allocated = || taken.get() - given.get();
    let before = allocated();
    let zset = filled(count, score);
    let bytes = allocated() - before;
    drop(black_box(zset));
    bytes as f64 / f64::from(count)
}

fn shared(count: u32) -> &'static SortedSet {
    static SETS: [OnceLock<SortedSet>; SIZES.len()] = [const { OnceLock::new() }; SIZES.len()];
    SETS[usize::from(count != SIZES[0])].get_or_init(|| filled(count, scattered))
}

/// Numbers below `count` without order, the same in every run.
fn numbers(count: u32) -> impl FnMut() -> u32 {
    let mut state = 1_u32;
    move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        u32::try_from((u64::from(state) * u64::from(count)) >> 32).unwrap()
    }
}

#[divan::bench(args = SIZES)]
fn score(bencher: Bencher<'_, '_>, count: u32) {
    let (zset, mut number) = (shared(count), numbers(count));
    bencher.bench_local(|| zset.score(&member(number())));
}

#[divan::bench(args = SIZES)]
fn rank(bencher: Bencher<'_, '_>, count: u32) {
    let (zset, mut number) = (shared(count), numbers(count));
    bencher.bench_local(|| zset.rank(&member(number())));
}

#[divan::bench(args = SIZES)]
fn range_of_100(bencher: Bencher<'_, '_>, count: u32) {
    let (zset, mut number) = (shared(count), numbers(count - 100));
    bencher.bench_local(|| {
        let first = number() as usize;
        zset.range(first..first + 100).map(|(member, score)| member.text_len() as f64 + score).sum::<f64>()
    });
}

#[divan::bench(args = SIZES)]
fn add_new(bencher: Bencher<'_, '_>, count: u32) {
    let (mut zset, mut number) = (shared(count).clone(), count);
    bencher.bench_local(|| {
        number += 1;
        zset.insert(&member(number), scattered(number), &EncodingLimits::default())
    });
}

#[divan::bench(args = SIZES)]
fn add_other_score(bencher: Bencher<'_, '_>, count: u32) {
    let (mut zset, mut number) = (shared(count).clone(), numbers(count));
    bencher.bench_local(|| {
        let (one, other) = (number(), number());
        zset.insert(&member(one), scattered(other), &EncodingLimits::default())
    });
}

#[divan::bench(args = SIZES)]
fn add_and_pop_min(bencher: Bencher<'_, '_>, count: u32) {
    let (mut zset, mut number) = (shared(count).clone(), count);
    bencher.bench_local(|| {
        number += 1;
        zset.insert(&member(number), scattered(number), &EncodingLimits::default());
        zset.remove_ranks(0..1);
    });
}

#[divan::bench]
fn compact_score(bencher: Bencher<'_, '_>) {
    let (zset, mut number) = (filled(100, scattered), numbers(100));
    bencher.bench_local(|| zset.score(&member(number())));
}

#[divan::bench]
fn compact_add_other_score(bencher: Bencher<'_, '_>) {
    let (mut zset, mut number) = (filled(100, scattered), numbers(100));
    bencher.bench_local(|| {
        let (one, other) = (number(), number());
        zset.insert(&member(one), scattered(other), &EncodingLimits::default())
    });
}
