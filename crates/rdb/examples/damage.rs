//! Millions of damaged payloads: each must give an error or a sound value, within its bound of memory; and the same by a survey.
//!
//! ```text
//! cargo run --release -p rdb --example damage -- 4000000        so many payloads, on two threads
//! cargo run --release -p rdb --example damage -- 4000000 7      the same from another seed
//! ```
//!
//! They begin as the damaged payloads of the golden data, as every value of its files in every dialect that holds it, and as forms that
//! no server of the golden data writes. A failure prints the body and the stamp that caused it. Ends with the numbers of what was
//! accepted, by type: damage that never leaves a value is not telling. For a thousand payloads one whole file is damaged,
//! and read to its end, damage passed over.

#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a program of its own, with files and an output")]

#[path = "../tests/it/mutate.rs"]
mod mutate;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;

use mutate::Numbers;
use rdb::{Dialect, FileReader, Record, RestoreOptions, Stamp, ValueDigest, append_footer, dump, restore, survey};
use value::{Array, EncodingLimits, ValueRef};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const THREADS: u64 = 2;
/// Longer bodies are as good with a small part of the time.
const MAX_BODY_BYTES: usize = 2000;
const STAMPS: [u16; 9] = [0, 6, 9, 10, 11, 12, 15, 80, 81];

/// A body, and the stamp it was made for.
struct Seed {
    body: Vec<u8>,
    stamp: u16,
}

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1).map(|arg| arg.parse::<u64>());
    let (count, seed) = match (args.next(), args.next()) {
        (None, _) => (2_000_000, 1),
        (Some(Ok(count)), None) => (count, 1),
        (Some(Ok(count)), Some(Ok(seed))) => (count, seed),
        _ => {
            println!("damage [COUNT [SEED]]");
            return ExitCode::from(2);
        }
    };
    let (seeds, files) = (seeds(), files());
    let accepted = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (seeds, files) = (&seeds, &files);
                scope.spawn(move || {
                    let mut numbers = Numbers(seed.wrapping_mul(1000) + thread);
                    damage_files(files, &mut numbers, count / THREADS / 1000);
                    run(seeds, numbers, count / THREADS)
                })
            })
            .collect();
        threads.into_iter().map(std::thread::ScopedJoinHandle::join).collect::<Result<Vec<_>, _>>()
    });
    let Ok(accepted) = accepted else { return ExitCode::FAILURE };
    let mut sums = BTreeMap::<&str, u64>::new();
    for (name, count) in accepted.into_iter().flatten() {
        *sums.entry(name).or_default() += count;
    }
    println!("{count} payloads from {} bodies; accepted: {sums:?}", seeds.len());
    ExitCode::SUCCESS
}

fn seeds() -> Vec<Seed> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/golden");
    let mut seeds = Vec::new();
    let bad = std::fs::read_to_string(golden.join("bad-payloads.jsonl")).expect("the golden data is there");
    for line in bad.lines() {
        let row: serde_json::Value = serde_json::from_str(line).expect("a line is JSON");
        let hex = row["payload_hex"].as_str().unwrap_or_default();
        let payload: Vec<u8> =
            (0..hex.len() / 2).filter_map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).ok()).collect();
        if let Some((body, footer)) = payload.split_last_chunk::<10>() {
            seeds.push(Seed { body: body.to_vec(), stamp: u16::from_le_bytes([footer[0], footer[1]]) });
        }
    }
    for bytes in files() {
        let mut file = FileReader::new(&bytes[..], RestoreOptions::default()).expect("a golden file");
        while let Ok(Some(record)) = file.next() {
            let Record::Key(key) = record else { continue };
            let Ok(value) = key.value else { continue };
            for dialect in Dialect::ALL {
                let mut payload = Vec::new();
                if dump(value.as_ref(), dialect, &mut payload).is_ok() {
                    let (body, footer) = payload.split_at(payload.len() - 10);
                    seeds.push(Seed { body: body.to_vec(), stamp: u16::from_le_bytes([footer[0], footer[1]]) });
                }
            }
        }
    }
    let mut array = Array::default();
    for (index, text) in [(0, &b"ok"[..]), (5, b"12"), (6, b"1.50"), (65536, b"a longer text")] {
        array.set(index, text, &EncodingLimits::default());
    }
    array.seek(7);
    let mut payload = Vec::new();
    dump(ValueRef::Array(&array), Dialect::Redis8_10, &mut payload).expect("the newest dialect has arrays");
    payload.truncate(payload.len() - 10);
    // A hash of a template: the names a and bb, the values 1 and x.
    let of_template = b"\x1f\x01\x02\x01a\x02bb\xc0\x01\x01x";
    // Often enough to be met among thousands.
    for body in [payload, of_template.to_vec()] {
        for stamp in [14, 15] {
            seeds.push(Seed { body: body.clone(), stamp });
        }
    }
    seeds.retain(|seed| (1..=MAX_BODY_BYTES).contains(&seed.body.len()) && Stamp::new(seed.stamp).is_ok());
    seeds.sort_by(|a, b| (a.stamp, &a.body).cmp(&(b.stamp, &b.body)));
    seeds.dedup_by(|a, b| (a.stamp, &a.body) == (b.stamp, &b.body));
    seeds
}

/// The files of the golden data that hold something of everything.
fn files() -> Vec<Vec<u8>> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/golden/rdb");
    let entries = std::fs::read_dir(golden).expect("the golden data is there");
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.to_string_lossy().ends_with("mixed-a.rdb"));
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).expect("a file can be read")).collect()
}

/// Reads damaged files to their end. Whatever comes, each byte is passed once.
fn damage_files(files: &[Vec<u8>], numbers: &mut Numbers, count: u64) {
    for _ in 0..count {
        let mut bytes = files[numbers.below(files.len())].clone();
        numbers.damage(&mut bytes);
        let Ok(mut file) = FileReader::new(&bytes[..], RestoreOptions::default()) else { continue };
        file.ignore_checksum();
        let mut before = file.offset();
        loop {
            match file.next() {
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(_) if file.resync().expect("a slice does not fail").is_none() => break,
                Err(_) => {}
            }
            assert!(file.offset() <= bytes.len() as u64 && file.offset() >= before);
            before = file.offset();
        }
    }
}

fn run(seeds: &[Seed], mut numbers: Numbers, count: u64) -> BTreeMap<&'static str, u64> {
    let mut accepted = BTreeMap::new();
    for _ in 0..count {
        let seed = &seeds[numbers.below(seeds.len())];
        let mut body = seed.body.clone();
        numbers.damage(&mut body);
        let stamp = if numbers.below(8) == 0 { STAMPS[numbers.below(STAMPS.len())] } else { seed.stamp };
        match catch_unwind(AssertUnwindSafe(|| try_body(&body, stamp))) {
            Ok(Some(name)) => *accepted.entry(name).or_default() += 1,
            Ok(None) => {}
            Err(panic) => {
                println!("stamp {stamp}, body {}", body.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
                std::panic::resume_unwind(panic);
            }
        }
    }
    accepted
}

/// Restores the body; the type of the value that it gives. Panics if it is not sound, or cost too much.
fn try_body(body: &[u8], stamp: u16) -> Option<&'static str> {
    let mut payload = body.to_vec();
    append_footer(&mut payload, 0, Stamp::new(stamp).expect("a stamp that is known"));
    let allocated = tikv_jemalloc_ctl::thread::allocatedp::read().expect("jemalloc counts");
    let before = allocated.get();
    let result = restore(&payload, RestoreOptions::default());
    let cost = allocated.get() - before;
    let surveyed = survey(&payload, RestoreOptions::default());
    assert_eq!(surveyed.is_ok(), result.is_ok(), "{surveyed:?}");
    let Ok(value) = result else {
        assert!(cost <= payload.len() as u64 * 4 + (1 << 20), "{cost} bytes for {}", payload.len());
        return None;
    };
    let digest = ValueDigest::of(value.as_ref());
    for dialect in [Dialect::Portable, Dialect::Redis6_2, Dialect::Redis8_10, Dialect::Valkey9] {
        let mut again = Vec::new();
        if dump(value.as_ref(), dialect, &mut again).is_err() {
            continue;
        }
        let restored = restore(&again, RestoreOptions::default()).expect("what was written is read");
        // Older forms of streams lack some times and counters.
        if dialect != Dialect::Redis6_2 {
            assert_eq!(ValueDigest::of(restored.as_ref()), digest, "{dialect}");
        }
    }
    Some(value.value_type().name())
}
