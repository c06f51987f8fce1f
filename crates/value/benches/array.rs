//! Arrays: setting, getting and walking, dense and sparse.
//!
//! `cargo bench -p value --bench array`. The standard B-tree of texts stands beside as what an array would be otherwise.

use std::collections::BTreeMap;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use value::{ARRAY_MAX_INDEX, Array, EncodingLimits};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const LIMITS: EncodingLimits = EncodingLimits::DEFAULT;
const COUNT: u64 = 100_000;
/// From one element after the other to one per slice.
const STEPS: [u64; 3] = [1, 500, 5000];

#[expect(clippy::print_stdout, reason = "a benchmark reports")]
fn main() {
    println!("bytes per element, array and B-tree");
    for step in STEPS {
        println!("every {step:>4}th {:>8.1} {:>8.1}", bytes_each(|| array(step)), bytes_each(|| tree(step)));
    }
    divan::main();
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn bytes_each<T>(make: impl FnOnce() -> T) -> f64 {
    let before = allocated();
    let made = make();
    let bytes = allocated() - before;
    drop(made);
    bytes as f64 / COUNT as f64
}

fn allocated() -> usize {
    tikv_jemalloc_ctl::epoch::advance().unwrap();
    tikv_jemalloc_ctl::stats::allocated::read().unwrap()
}

fn tree(step: u64) -> BTreeMap<u64, Box<[u8]>> {
    (0..COUNT).map(|index| (index * step, Box::from(*b"12345"))).collect()
}

fn array(step: u64) -> Array {
    let mut array = Array::default();
    for index in 0..COUNT {
        array.set(index * step, b"12345", &LIMITS);
    }
    array
}

#[divan::bench(args = STEPS)]
fn fill(bencher: Bencher<'_, '_>, step: u64) {
    bencher.counter(ItemsCount::new(COUNT)).bench_local(|| array(black_box(step)));
}

#[divan::bench(args = STEPS)]
fn fill_a_b_tree(bencher: Bencher<'_, '_>, step: u64) {
    bencher.counter(ItemsCount::new(COUNT)).bench_local(|| tree(black_box(step)));
}

#[divan::bench(args = STEPS)]
fn get(bencher: Bencher<'_, '_>, step: u64) {
    let array = array(step);
    let mut rng = fastrand::Rng::with_seed(42);
    let indexes: Vec<u64> = (0..COUNT).map(|_| rng.u64(0..COUNT) * step).collect();
    bencher
        .counter(ItemsCount::new(COUNT))
        .bench_local(|| indexes.iter().filter(|index| array.get(**index).is_some()).count());
}

#[divan::bench(args = STEPS)]
fn walk(bencher: Bencher<'_, '_>, step: u64) {
    let array = array(step);
    bencher.counter(ItemsCount::new(COUNT)).bench_local(|| array.range(0, ARRAY_MAX_INDEX).count());
}
