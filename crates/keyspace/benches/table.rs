//! Single operations of the table, warm (1,000 keys, in the first caches) and cold (4 M keys, in none).
//!
//! `cargo bench -p keyspace --bench table`. For memory and pauses see the example `table_scale`.

use std::hint::black_box;
use std::sync::OnceLock;

use divan::Bencher;
use keyspace::table::{EntryBox, KeyHasher, Lookup, Table};
use value::StringRef;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const SIZES: [usize; 2] = [1_000, 4_000_000];
const TEXT: [u8; 64] = [b'x'; 64];

fn main() {
    divan::main();
}

fn key(number: usize) -> [u8; 16] {
    let mut key = *b"key:000000000000";
    let mut rest = number;
    for digit in key[4..].iter_mut().rev() {
        *digit += u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
    }
    key
}

fn filled(count: usize) -> Table {
    let mut table = Table::new(KeyHasher::new([7; 16]));
    for number in 0..count {
        let key = key(number);
        let hash = table.hasher().hash(&key);
        table.insert(hash, EntryBox::new(&key, StringRef::Raw(&TEXT).into(), None, 0));
    }
    table
}

/// Filled once for all benchmarks that only read.
fn shared(count: usize) -> &'static Table {
    static TABLES: [OnceLock<Table>; SIZES.len()] = [const { OnceLock::new() }; SIZES.len()];
    let at = SIZES.iter().position(|size| *size == count).unwrap_or(0);
    TABLES[at].get_or_init(|| filled(SIZES[at]))
}

/// Numbers below `count` in an order that no prefetcher guesses.
struct Numbers {
    state: u64,
    count: u64,
}

impl Numbers {
    fn new(count: usize) -> Self {
        Self { state: 1, count: count as u64 }
    }

    fn next(&mut self) -> usize {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.state >> 33) % self.count).unwrap_or(0)
    }
}

#[divan::bench(args = [16, 40])]
fn hash(bencher: Bencher<'_, '_>, len: usize) {
    let hasher = KeyHasher::new([7; 16]);
    let key = vec![b'k'; len];
    bencher.bench_local(|| hasher.hash(black_box(&key)));
}

#[divan::bench(args = SIZES)]
fn get(bencher: Bencher<'_, '_>, count: usize) {
    let table = shared(count);
    let mut numbers = Numbers::new(count);
    bencher.bench_local(|| {
        let key = key(numbers.next());
        table.get(&key, table.hasher().hash(&key)).map(|entry| black_box(entry.value()).value_type())
    });
}

#[divan::bench(args = SIZES)]
fn get_missing(bencher: Bencher<'_, '_>, count: usize) {
    let table = shared(count);
    let mut numbers = Numbers::new(count);
    bencher.bench_local(|| {
        let key = key(count + numbers.next());
        table.get(&key, table.hasher().hash(&key)).is_some()
    });
}

#[divan::bench(args = SIZES)]
fn get_32_prefetched(bencher: Bencher<'_, '_>, count: usize) {
    let table = shared(count);
    let mut numbers = Numbers::new(count);
    bencher.counter(divan::counter::ItemsCount::new(32_usize)).bench_local(|| {
        let keys: [[u8; 16]; 32] = std::array::from_fn(|_| key(numbers.next()));
        let hashes = keys.map(|key| {
            let hash = table.hasher().hash(&key);
            table.prefetcher().prefetch_bucket(hash);
            hash
        });
        hashes.iter().for_each(|hash| table.prefetcher().prefetch_entry(*hash));
        keys.iter().zip(hashes).filter(|(key, hash)| table.get(*key, *hash).is_some()).count()
    });
}

#[divan::bench(args = SIZES)]
fn set_existing(bencher: Bencher<'_, '_>, count: usize) {
    let mut table = filled(count);
    let mut numbers = Numbers::new(count);
    bencher.bench_local(|| {
        let key = key(numbers.next());
        let hash = table.hasher().hash(&key);
        match table.lookup(&key, hash) {
            Lookup::Occupied(mut slot) => slot.entry_mut().set(StringRef::Raw(&TEXT).into(), None).is_some(),
            Lookup::Vacant(_) => false,
        }
    });
}

#[divan::bench(args = SIZES)]
fn remove_and_insert(bencher: Bencher<'_, '_>, count: usize) {
    let mut table = filled(count);
    let mut numbers = Numbers::new(count);
    bencher.bench_local(|| {
        let key = key(numbers.next());
        let hash = table.hasher().hash(&key);
        let entry = table.remove(&key, hash);
        entry.map(|entry| table.insert(hash, entry))
    });
}

#[divan::bench]
fn entry_with_text(bencher: Bencher<'_, '_>) {
    bencher.bench_local(|| EntryBox::new(black_box(b"key:000000000000"), StringRef::Raw(&TEXT).into(), None, 0));
}
