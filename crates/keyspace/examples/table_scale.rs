//! The table at scale: memory for each key, the longest pause, lookups one by one and in prefetched batches.
//!
//! `cargo run --release -p keyspace --example table_scale -- 10000000 text` (or `int`). One kind a process, so that the resident
//! memory is that kind's alone. `_RJEM_MALLOC_CONF=thp:always` shows what huge pages bring.
//!
//! Times are CPU time of the thread: what the machine's other work costs must not count as a pause of ours.
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a measurement reads the system and prints")]

use std::error::Error;
use std::hint::black_box;
use std::time::Duration;

use keyspace::table::{EntryBox, KeyHasher, Lookup, Quiet, Table};
use value::StringRef;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const BATCH: usize = 32;
const PROBES: usize = 4_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let count: usize = args.next().unwrap_or_default().parse().unwrap_or(10_000_000);
    let is_text = args.next().is_none_or(|kind| kind == "text");
    let text = [b'x'; 64];
    let value = |number: usize| {
        if is_text { StringRef::Raw(&text) } else { StringRef::Int(i64::try_from(number).unwrap_or(0)) }
    };
    println!("{count} keys of 16 bytes, {}", if is_text { "64 bytes of text" } else { "an integer" });

    let mut table = Table::new(KeyHasher::new(*b"0123456789abcdef"));
    let hasher = table.hasher();
    let before = resident_bytes()?;
    let mut pauses = Pauses::default();
    let mut peak = (f64::MAX, 0.0_f64);
    let reading = {
        let start = Instant::now();
        for _ in 0..1_000_000 {
            black_box(Instant::now());
        }
        nanos(start.elapsed(), 1_000_000)
    };
    let start = Instant::now();
    for number in 0..count {
        let key = key(number);
        let at = Instant::now();
        let hash = hasher.hash(&key);
        if let Lookup::Vacant(slot) = table.lookup(&key, hash) {
            slot.insert(EntryBox::new(&key, value(number).into(), None, 0));
        }
        pauses.add(at.elapsed());
        if number > 100_000 && number % 50_000 == 0 {
            let per_key = table.memory_bytes() as f64 / number as f64;
            peak = (peak.0.min(per_key), peak.1.max(per_key));
        }
    }
    let elapsed = start.elapsed();
    let each = nanos(elapsed, count) - 2.0 * reading;
    println!(
        "insert           {each:8.1} ns each, longest {:?}, {} ns for the clock left out",
        pauses.longest,
        2.0 * reading
    );
    println!("pauses           {}", pauses.summary());
    let resident = resident_bytes()? - before;
    println!("resident         {:8.2} B/key", resident as f64 / count as f64);
    println!(
        "table            {:8.2} B/key (from {:.2} to {:.2} on the way), {:.1} % of slots",
        table.memory_bytes() as f64 / count as f64,
        peak.0,
        peak.1,
        100.0 * count as f64 / (table.memory_bytes() as f64 / 64.0 * 7.0)
    );

    lookups(&table, count);
    overwrites(&mut table, count, &value);
    scan(&table);
    deletions(&mut table, count, before)
}

fn lookups(table: &Table, count: usize) {
    let hasher = table.hasher();
    let mut random = Random(7);
    let mut found = 0;
    let start = Instant::now();
    for _ in 0..PROBES {
        let key = key(random.below(count));
        found += usize::from(touch(table, &key, hasher.hash(&key)));
    }
    println!("lookup, single   {:8.1} ns each", nanos(start.elapsed(), PROBES));

    let start = Instant::now();
    for _ in 0..PROBES {
        let key = key(count + random.below(count));
        found += usize::from(touch(table, &key, hasher.hash(&key)));
    }
    println!("miss, single     {:8.1} ns each", nanos(start.elapsed(), PROBES));

    for (name, offset) in [("lookup", 0), ("miss", count)] {
        let start = Instant::now();
        for _ in 0..PROBES / BATCH {
            let keys: [[u8; 16]; BATCH] = std::array::from_fn(|_| key(offset + random.below(count)));
            let hashes = prefetched(table, &keys);
            for (key, hash) in keys.iter().zip(hashes) {
                found += usize::from(touch(table, key, hash));
            }
        }
        println!("{name:6}, batch 32 {:8.1} ns each", nanos(start.elapsed(), PROBES));
    }
    assert_eq!(found, 2 * PROBES / BATCH * BATCH + PROBES % BATCH);
}

fn prefetched(table: &Table, keys: &[[u8; 16]; BATCH]) -> [u64; BATCH] {
    let prefetcher = table.prefetcher();
    let hashes = std::array::from_fn(|at| {
        let hash = table.hasher().hash(&keys[at]);
        prefetcher.prefetch_bucket(hash);
        hash
    });
    hashes.iter().for_each(|hash| prefetcher.prefetch_entry(*hash));
    hashes
}

/// Reads the value's last byte, as an answer would.
fn touch(table: &Table, key: &[u8], hash: u64) -> bool {
    table.get(key, hash).is_some_and(|entry| {
        black_box(entry.value().encoding());
        let value = entry.value();
        if let value::ValueRef::String(StringRef::Raw(text)) = value {
            return black_box(text.last().copied()).is_some();
        }
        black_box(value).value_type() == value::Type::String
    })
}

fn overwrites<'v>(table: &mut Table, count: usize, value: &impl Fn(usize) -> StringRef<'v>) {
    let mut random = Random(9);
    let start = Instant::now();
    for _ in 0..PROBES / BATCH {
        let numbers: [usize; BATCH] = std::array::from_fn(|_| random.below(count));
        let keys = numbers.map(key);
        let hashes = prefetched(table, &keys);
        for ((key, hash), number) in keys.iter().zip(hashes).zip(numbers) {
            if let Lookup::Occupied(mut slot) = table.lookup(key, hash) {
                drop(slot.entry_mut().set(value(number + 1).into(), None));
            }
        }
    }
    println!("set,    batch 32 {:8.1} ns each", nanos(start.elapsed(), PROBES));
}

fn scan(table: &Table) {
    let (mut cursor, mut calls, mut visited) = (0, 0_usize, 0_usize);
    let start = Instant::now();
    loop {
        cursor = table.scan(cursor, 1000, |entry| visited += black_box(entry.key().len() / 16));
        calls += 1;
        if cursor == 0 {
            break;
        }
    }
    println!("scan             {:8.1} ns each, {calls} calls", nanos(start.elapsed(), visited));
}

fn deletions(table: &mut Table, count: usize, before: usize) -> Result<(), Box<dyn Error>> {
    let hasher = table.hasher();
    let start = Instant::now();
    for number in (0..count).filter(|number| number % 10 != 0) {
        let key = key(number);
        drop(table.remove(&key, hasher.hash(&key)));
    }
    println!("delete 90 %      {:8.1} ns each", nanos(start.elapsed(), count / 10 * 9));
    println!("table then       {:8.2} B/key", table.memory_bytes() as f64 / table.len() as f64);
    // SAFETY: there is one thread.
    #[expect(unsafe_code, reason = "the caller's word")]
    let quiet = unsafe { Quiet::assume() };
    let mut pauses = Pauses::default();
    loop {
        let at = Instant::now();
        let more = table.shrink(quiet, 16);
        pauses.add(at.elapsed());
        if !more {
            break;
        }
    }
    println!("shrink by 16     longest {:?}, {} calls", pauses.longest, pauses.count);
    println!("table after      {:8.2} B/key", table.memory_bytes() as f64 / table.len() as f64);
    let mut random = Random(1);
    let draws = 200_000;
    let start = Instant::now();
    for _ in 0..draws {
        black_box(table.random(|| random.next()));
    }
    println!("random           {:8.1} ns each", nanos(start.elapsed(), draws));
    let left = table.len();
    let start = Instant::now();
    let remains = table.take_all(quiet);
    println!("take all         {:?}", start.elapsed());
    let start = Instant::now();
    drop(remains);
    println!("free             {:8.1} ns each", nanos(start.elapsed(), left));
    println!("resident at end  {} MiB above start", resident_bytes()?.saturating_sub(before) >> 20);
    Ok(())
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

fn nanos(elapsed: Duration, count: usize) -> f64 {
    elapsed.as_nanos() as f64 / count as f64
}

fn resident_bytes() -> Result<usize, Box<dyn Error>> {
    let pages = std::fs::read_to_string("/proc/self/statm")?;
    Ok(pages.split(' ').nth(1).ok_or("no resident pages")?.parse::<usize>()? * 4096)
}

/// CPU time of this thread.
#[derive(Clone, Copy)]
struct Instant(Duration);

impl Instant {
    fn now() -> Self {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: `time` is a timespec to write to.
        #[expect(unsafe_code, reason = "std has no clock of CPU time")]
        let failed = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
        assert!(failed == 0);
        Self(Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0)))
    }

    fn elapsed(self) -> Duration {
        Self::now().0 - self.0
    }
}

/// How long single operations took.
#[derive(Default)]
struct Pauses {
    longest: Duration,
    count: usize,
    /// By power of ten, from 10 us on.
    above: [usize; 4],
}

impl Pauses {
    fn add(&mut self, pause: Duration) {
        self.count += 1;
        self.longest = self.longest.max(pause);
        for (at, limit) in [10, 100, 1000, 10_000].into_iter().enumerate() {
            self.above[at] += usize::from(pause >= Duration::from_micros(limit));
        }
    }

    fn summary(&self) -> String {
        let [ten_us, hundred_us, ms, ten_ms] = self.above;
        format!("{ten_us} of 10 us, {hundred_us} of 0.1 ms, {ms} of 1 ms, {ten_ms} of 10 ms or more")
    }
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from((u128::from(self.next()) * bound as u128) >> 64).unwrap_or(0)
    }
}
