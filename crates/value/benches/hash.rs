//! Hashes: the operations that HSET, HGET, HGETALL and HIMPORT rest on, small (8 fields), warm (1,000) and cold (1 M), and bytes per
//! hash of 8 fields in each form.
//!
//! `cargo bench -p value --bench hash`

use std::hint::black_box;
use std::sync::{Arc, OnceLock};

use divan::Bencher;
use value::{EncodingLimits, FieldTtl, Hash, HashTemplate};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const SIZES: [u32; 3] = [8, 1_000, 1_000_000];
const NAMES: [&[u8]; 8] = [b"name", b"email", b"age", b"country", b"created_at", b"last_login", b"status", b"balance"];

#[expect(clippy::print_stdout, reason = "a benchmark reports")]
fn main() {
    let (template, order) = HashTemplate::new(&NAMES).unwrap();
    let template = Arc::new(template);
    let plain = bytes_each(|number| {
        let mut hash = Hash::default();
        for (name, value) in NAMES.iter().zip(values(number)) {
            hash.set(name, &value, FieldTtl::Clear, &EncodingLimits::default());
        }
        hash
    });
    let shared = bytes_each(|number| templated(&template, &order, number));
    println!("bytes per hash of 8 fields: plain {plain:.1}, with shared names {shared:.1}");
    divan::main();
}

fn values(number: u32) -> [Vec<u8>; 8] {
    let text = |text: String| text.into_bytes();
    [
        text(format!("user {number}")),
        text(format!("user{number}@example.com")),
        text((20 + number % 60).to_string()),
        text("DE".into()),
        text((1_700_000_000 + number).to_string()),
        text((1_760_000_000 + number).to_string()),
        text("active".into()),
        text(format!("{}.50", number % 10_000)),
    ]
}

fn templated(template: &Arc<HashTemplate>, order: &[u32], number: u32) -> Hash {
    let values = values(number);
    let sorted = order.iter().map(|at| &*values[*at as usize]);
    Hash::of_template(template, sorted, &EncodingLimits::default())
}

fn bytes_each(make: impl Fn(u32) -> Hash) -> f64 {
    const COUNT: u32 = 100_000;
    // What this thread has taken and not given back, to the byte.
    let taken = tikv_jemalloc_ctl::thread::allocatedp::read().unwrap();
    let given = tikv_jemalloc_ctl::thread::deallocatedp::read().unwrap();
    let allocated = || taken.get() - given.get();
    let mut hashes = Vec::with_capacity(COUNT as usize);
    let before = allocated();
    hashes.extend((0..COUNT).map(|number| Box::new(make(number))));
    let bytes = allocated() - before;
    drop(black_box(hashes));
    bytes as f64 / f64::from(COUNT)
}

fn field(number: u32) -> [u8; 20] {
    let mut field = *b"field:00000000000000";
    let digits = format!("{:010}", number.wrapping_mul(2_654_435_761));
    field[10..].copy_from_slice(digits.as_bytes());
    field
}

fn filled(count: u32) -> Hash {
    let mut hash = Hash::default();
    for number in 0..count {
        hash.set(&field(number), b"value:123456", FieldTtl::Clear, &EncodingLimits::default());
    }
    hash
}

fn shared(count: u32) -> &'static Hash {
    static HASHES: [OnceLock<Hash>; SIZES.len()] = [const { OnceLock::new() }; SIZES.len()];
    let at = SIZES.iter().position(|size| *size == count).unwrap_or(0);
    HASHES[at].get_or_init(|| filled(SIZES[at]))
}

/// Numbers below `count` without order, the same in every run.
fn numbers(count: u32) -> impl FnMut() -> u32 {
    let mut rng = fastrand::Rng::with_seed(1);
    move || rng.u32(..count)
}

#[divan::bench(args = SIZES)]
fn get(bencher: Bencher<'_, '_>, count: u32) {
    let (hash, mut number) = (shared(count), numbers(count));
    bencher.bench_local(|| hash.get(&field(number())).map(|(value, _)| value.text_len()));
}

#[divan::bench(args = SIZES)]
fn set_there(bencher: Bencher<'_, '_>, count: u32) {
    let (mut hash, mut number) = (shared(count).clone(), numbers(count));
    let limits = EncodingLimits::default();
    bencher.bench_local(|| hash.set(&field(number()), b"value:654321", FieldTtl::Clear, &limits));
}

#[divan::bench(args = SIZES)]
fn remove_and_set(bencher: Bencher<'_, '_>, count: u32) {
    let (mut hash, mut number) = (shared(count).clone(), numbers(count));
    let limits = EncodingLimits::default();
    bencher.bench_local(|| {
        let field = field(number());
        hash.remove(&field);
        hash.set(&field, b"value:654321", FieldTtl::Clear, &limits)
    });
}

#[divan::bench(args = SIZES)]
fn iterate(bencher: Bencher<'_, '_>, count: u32) {
    let hash = shared(count);
    bencher
        .counter(divan::counter::ItemsCount::new(count))
        .bench_local(|| hash.iter().map(|entry| entry.field.text_len() + entry.value.text_len()).sum::<usize>());
}

#[divan::bench]
fn fill_8(bencher: Bencher<'_, '_>) {
    let values = values(123_456);
    let limits = EncodingLimits::default();
    bencher.bench_local(|| {
        let mut hash = Hash::default();
        for (name, value) in NAMES.iter().zip(&values) {
            hash.set(name, value, FieldTtl::Clear, &limits);
        }
        hash
    });
}

#[divan::bench]
fn templated_fill_8(bencher: Bencher<'_, '_>) {
    let (template, order) = HashTemplate::new(&NAMES).unwrap();
    let (template, values) = (Arc::new(template), values(123_456));
    let limits = EncodingLimits::default();
    bencher.bench_local(|| Hash::of_template(&template, order.iter().map(|at| &*values[*at as usize]), &limits));
}

#[divan::bench]
fn templated_get(bencher: Bencher<'_, '_>) {
    let (template, order) = HashTemplate::new(&NAMES).unwrap();
    let (hash, mut number) = (templated(&Arc::new(template), &order, 1), numbers(8));
    bencher.bench_local(|| hash.get(NAMES[number() as usize]).map(|(value, _)| value.text_len()));
}
