//! The element table beside the standard map of boxed byte strings (which is hashbrown), both with the same hash function: members of
//! 20 bytes, warm (1,000, in the first caches) and cold (1 M, in none), and bytes per member.
//!
//! `cargo bench -p value --bench elements`

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};
use std::hint::black_box;
use std::sync::OnceLock;

use divan::Bencher;
use divan::counter::ItemsCount;
use value::table::{Table, hash_of};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const SIZES: [u32; 2] = [1_000, 1_000_000];

#[expect(clippy::print_stdout, reason = "a benchmark reports")]
fn main() {
    println!("bytes per member     table     hashbrown");
    for count in [129, 1_000, 10_000, 100_000, 300_000, 1_000_000] {
        println!("{count:>16} {:>9.2} {:>13.2}", bytes_each::<Table>(count), bytes_each::<Map>(count));
    }
    divan::main();
}

type Map = HashMap<Box<[u8]>, (), SameHash>;

#[derive(Clone, Copy, Default)]
struct SameHash;

impl BuildHasher for SameHash {
    type Hasher = SameHasher;

    fn build_hasher(&self) -> SameHasher {
        SameHasher(0)
    }
}

/// Of byte strings only.
struct SameHasher(u64);

impl Hasher for SameHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = hash_of(bytes);
    }

    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}

/// What both can do.
trait Set: Sized + Send + Sync + 'static {
    fn new() -> Self;
    fn add(&mut self, key: &[u8]) -> bool;
    fn has(&self, key: &[u8]) -> bool;
    fn cut(&mut self, key: &[u8]) -> bool;
    fn lengths(&self) -> usize;
    fn shared() -> &'static [OnceLock<Self>; SIZES.len()];

    fn filled(count: u32) -> Self {
        let mut set = Self::new();
        for number in 0..count {
            set.add(&member(number));
        }
        set
    }

    /// Filled once for all benchmarks that only read.
    fn of(count: u32) -> &'static Self {
        let at = SIZES.iter().position(|size| *size == count).unwrap_or(0);
        Self::shared()[at].get_or_init(|| Self::filled(SIZES[at]))
    }
}

impl Set for Table {
    fn new() -> Self {
        Self::new()
    }

    fn add(&mut self, key: &[u8]) -> bool {
        self.insert(key, b"", None)
    }

    fn has(&self, key: &[u8]) -> bool {
        self.contains(key)
    }

    fn cut(&mut self, key: &[u8]) -> bool {
        self.remove(key)
    }

    fn lengths(&self) -> usize {
        self.iter().map(|record| record.key.len()).sum()
    }

    fn shared() -> &'static [OnceLock<Self>; SIZES.len()] {
        static TABLES: [OnceLock<Table>; SIZES.len()] = [const { OnceLock::new() }; SIZES.len()];
        &TABLES
    }
}

impl Set for Map {
    fn new() -> Self {
        Self::default()
    }

    fn add(&mut self, key: &[u8]) -> bool {
        self.insert(key.into(), ()).is_none()
    }

    fn has(&self, key: &[u8]) -> bool {
        self.contains_key(key)
    }

    fn cut(&mut self, key: &[u8]) -> bool {
        self.remove(key).is_some()
    }

    fn lengths(&self) -> usize {
        self.keys().map(|key| key.len()).sum()
    }

    fn shared() -> &'static [OnceLock<Self>; SIZES.len()] {
        static MAPS: [OnceLock<Map>; SIZES.len()] = [const { OnceLock::new() }; SIZES.len()];
        &MAPS
    }
}

fn member(number: u32) -> [u8; 20] {
    let mut member = *b"member:0000000000000";
    let mut rest = number;
    for digit in member[7..].iter_mut().rev() {
        *digit += u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
    }
    member
}

/// Numbers below `count` in an order that no prefetcher guesses.
struct Numbers(fastrand::Rng, u32);

impl Numbers {
    fn new(count: u32) -> Self {
        Self(fastrand::Rng::with_seed(1), count)
    }

    fn next(&mut self) -> u32 {
        self.0.u32(..self.1)
    }
}

/// Bytes that the allocator has handed out, over the members of many small sets, or of one large.
fn bytes_each<S: Set>(count: u32) -> f64 {
    let sets = (1_000_000 / count).max(1);
    let before = allocated();
    let filled: Vec<Box<S>> = (0..sets).map(|_| Box::new(S::filled(count))).collect();
    let bytes = allocated().saturating_sub(before);
    drop(filled);
    bytes as f64 / f64::from(sets * count)
}

fn allocated() -> usize {
    let told = tikv_jemalloc_ctl::epoch::advance().and_then(|_| tikv_jemalloc_ctl::stats::allocated::read());
    told.unwrap_or(0)
}

#[divan::bench(types = [Table, Map], args = SIZES)]
fn get<S: Set>(bencher: Bencher<'_, '_>, count: u32) {
    let set = S::of(count);
    let mut numbers = Numbers::new(count);
    bencher.bench_local(|| set.has(black_box(&member(numbers.next()))));
}

#[divan::bench(types = [Table, Map], args = SIZES)]
fn get_missing<S: Set>(bencher: Bencher<'_, '_>, count: u32) {
    let set = S::of(count);
    let mut numbers = Numbers::new(count);
    bencher.bench_local(|| set.has(black_box(&member(count + numbers.next()))));
}

#[divan::bench(types = [Table, Map], args = SIZES, sample_count = 10)]
fn fill<S: Set>(bencher: Bencher<'_, '_>, count: u32) {
    bencher.counter(ItemsCount::new(count)).bench_local(|| S::filled(count));
}

#[divan::bench(types = [Table, Map], args = SIZES)]
fn remove_and_insert<S: Set>(bencher: Bencher<'_, '_>, count: u32) {
    let mut set = S::filled(count);
    let mut numbers = Numbers::new(count);
    bencher.bench_local(|| {
        let member = member(numbers.next());
        set.cut(&member);
        set.add(&member)
    });
}

#[divan::bench(types = [Table, Map], args = SIZES)]
fn iterate<S: Set>(bencher: Bencher<'_, '_>, count: u32) {
    let set = S::of(count);
    bencher.counter(ItemsCount::new(count)).bench_local(|| set.lengths());
}

#[divan::bench(args = SIZES)]
fn random(bencher: Bencher<'_, '_>, count: u32) {
    let table = Table::of(count);
    let mut rng = fastrand::Rng::with_seed(2);
    bencher.bench_local(|| table.random(&mut rng).map(|record| record.key.len()));
}

/// A field with a value that is longer than a cache line.
#[divan::bench(args = SIZES)]
fn get_field(bencher: Bencher<'_, '_>, count: u32) {
    let table = fields(count);
    let mut numbers = Numbers::new(count);
    bencher.bench_local(|| table.get(black_box(&member(numbers.next()))).map(|record| record.value.len()));
}

/// As HSET of a field that is there.
#[divan::bench(args = SIZES)]
fn set_field(bencher: Bencher<'_, '_>, count: u32) {
    let mut table = fields(count);
    let mut numbers = Numbers::new(count);
    bencher.bench_local(|| table.insert(&member(numbers.next()), &[b'y'; 64], None));
}

fn fields(count: u32) -> Table {
    let mut table = Table::new();
    for number in 0..count {
        table.insert(&member(number), &[b'x'; 64], None);
    }
    table
}

/// By ten, as clients do who say nothing else.
#[divan::bench(args = SIZES)]
fn scan(bencher: Bencher<'_, '_>, count: u32) {
    let table = Table::of(count);
    bencher.counter(ItemsCount::new(count)).bench_local(|| {
        let (mut cursor, mut bytes) = (0, 0);
        loop {
            cursor = table.scan(cursor, 10, &mut |record| bytes += record.key.len());
            if cursor == 0 {
                return bytes;
            }
        }
    });
}

#[divan::bench]
fn hash(bencher: Bencher<'_, '_>) {
    let mut numbers = Numbers::new(1_000_000);
    bencher.bench_local(|| hash_of(black_box(&member(numbers.next()))));
}

/// What the harness costs: a member's text.
#[divan::bench]
fn nothing(bencher: Bencher<'_, '_>) {
    let mut numbers = Numbers::new(1_000_000);
    bencher.bench_local(|| black_box(member(numbers.next())));
}
