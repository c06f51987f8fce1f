//! How far memory goes beyond `maxmemory` under a mixture of writes.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::super::pair::{Pair, Side};
use super::zipf::Rng;
use crate::interrupt;
use crate::wire::{self, Client, Reply};

/// How often memory is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// Connections that write, and commands that each sends together.
const WRITERS: u64 = 4;
const BATCH: u64 = 32;

/// Keys that the writes range over.
const KEYS: u64 = 2_000_000;

/// What was seen of one server under one policy.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    /// The most memory in use that INFO told of, as a share of the limit.
    pub(super) most: f64,
    /// The peak that the server itself noted, which it may do between two looks, before it evicts.
    pub(super) peak: f64,
    pub(super) evicted: u64,
    pub(super) writes: u64,
    pub(super) refused: u64,
    pub(super) keys: i64,
}

pub(super) fn measure(
    pair: &Pair,
    side: Side,
    policy: &str,
    limit_bytes: u64,
    lasting: Duration,
) -> Result<Option<Seen>> {
    let server = pair.start(side)?;
    let mut client = server.connect()?;
    if client.command(&["CONFIG", "SET", "maxmemory-policy", policy]).is_err() {
        // An older server does not know it.
        return Ok(None);
    }
    client.command(&["CONFIG", "SET", "maxmemory", &limit_bytes.to_string()])?;
    let stop = AtomicBool::new(false);
    let mut seen = Seen::default();
    let volatile = policy.starts_with("volatile");
    std::thread::scope(|scope| -> Result<()> {
        let writers: Vec<_> = (0..WRITERS)
            .map(|seed| {
                let connected = server.connect();
                let stop = &stop;
                scope.spawn(move || write(connected?, seed, volatile, stop))
            })
            .collect();
        let watched = watch(&mut client, limit_bytes, lasting, &mut seen);
        stop.store(true, Relaxed);
        for writer in writers {
            let (writes, refused) = writer.join().map_err(|_| anyhow::anyhow!("a writer panicked"))??;
            seen.writes += writes;
            seen.refused += refused;
        }
        watched
    })?;
    seen.evicted = client.info("stats", "evicted_keys")?.context("no evicted_keys")?.parse()?;
    let peak: u64 = client.info("memory", "used_memory_peak")?.context("no used_memory_peak")?.parse()?;
    seen.peak = peak as f64 / limit_bytes as f64;
    seen.keys = client.int(&["DBSIZE"])?;
    Ok(Some(seen))
}

fn watch(client: &mut Client, limit_bytes: u64, lasting: Duration, seen: &mut Seen) -> Result<()> {
    let started = Instant::now();
    while started.elapsed() < lasting {
        let used: u64 = client.info("memory", "used_memory")?.context("no used_memory")?.parse()?;
        seen.most = seen.most.max(used as f64 / limit_bytes as f64);
        interrupt::check()?;
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(())
}

/// Sends batches until told to stop; returns how many writes were sent and how many were refused.
fn write(mut client: Client, seed: u64, volatile: bool, stop: &AtomicBool) -> Result<(u64, u64)> {
    let mut rng = Rng::new(seed);
    let (mut writes, mut refused) = (0, 0);
    let text = "x".repeat(8000);
    let mut out = Vec::new();
    while !stop.load(Relaxed) {
        out.clear();
        let mut sent = 0;
        for _ in 0..BATCH {
            sent += append_write(&mut rng, volatile, &text, &mut out);
        }
        client.send(&out)?;
        for _ in 0..sent {
            if let Reply::Error(_) = client.read_reply()? {
                refused += 1;
            }
        }
        writes += sent;
    }
    Ok((writes, refused))
}

/// One write of some type, and a deadline for its key if it is to have one; returns how many commands that are.
fn append_write(rng: &mut Rng, volatile: bool, text: &str, out: &mut Vec<u8>) -> u64 {
    // Few values are large.
    let bits = rng.below(13);
    let size = usize::try_from(1 + rng.below(1 << bits)).unwrap_or(1).min(text.len());
    let value = &text[..size];
    let kind = rng.below(10);
    let name = format!("{kind}:{}", rng.below(KEYS));
    let field = format!("{}", rng.below(20));
    match kind {
        0 => wire::encode(&["INCR", &name], out),
        1 => wire::encode(&["APPEND", &name, value], out),
        2 => wire::encode(&["HSET", &name, &field, value], out),
        3 => wire::encode(&["RPUSH", &name, value, value], out),
        4 => wire::encode(&["SADD", &name, &field, value], out),
        5 => wire::encode(&["ZADD", &name, &field, value], out),
        6 => wire::encode(&["DEL", &format!("9:{}", rng.below(KEYS))], out),
        _ => wire::encode(&["SET", &name, value], out),
    }
    if volatile && kind != 6 {
        wire::encode(&["EXPIRE", &name, &(1000 + rng.below(100_000)).to_string()], out);
        return 2;
    }
    1
}
