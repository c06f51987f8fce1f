//! How often a full cache has what is asked for: GET of popular keys, and SET of what was missed.
//!
//! Requests come at a fixed rate. Clocks of 24 bits count seconds (LRU) and minutes (LFU): a faster server that was sent
//! as much in a shorter time would see less of time, and be compared unfairly.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::super::pair::{Pair, Side};
use super::super::progress::Progress;
use super::zipf::{Rng, Zipf};
use crate::interrupt;
use crate::wire::{self, Reply};

/// Requests sent together.
const BATCH: u64 = 50;

/// What is asked of the cache.
pub(super) struct Requests<'a> {
    pub(super) zipf: &'a Zipf,
    /// Counted after as many again that fill it.
    pub(super) count: u64,
    pub(super) per_second: u64,
    pub(super) value_bytes: usize,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Hits {
    pub(super) share: f64,
    /// Keys at the end.
    pub(super) keys: u64,
    /// Memory in use before the first request.
    pub(super) empty_bytes: u64,
}

pub(super) fn measure(
    pair: &Pair,
    side: Side,
    policy: &str,
    limit_bytes: u64,
    requests: &Requests<'_>,
) -> Result<Hits> {
    let server = pair.start(side)?;
    let mut client = server.connect()?;
    let empty_bytes = client.info("memory", "used_memory")?.context("no used_memory")?.parse()?;
    client.command(&["CONFIG", "SET", "maxmemory-policy", policy])?;
    client.command(&["CONFIG", "SET", "maxmemory", &limit_bytes.to_string()])?;
    let value = "x".repeat(requests.value_bytes);
    let progress = Progress::new(&format!("{policy}: {}", server.version()), 2 * requests.count);
    // The same keys for everyone.
    let mut rng = Rng::new(2026);
    let (mut hits, mut counted) = (0_u64, 0_u64);
    let (mut gets, mut sets) = (Vec::new(), Vec::new());
    let started = Instant::now();
    let mut done = 0;
    while done < 2 * requests.count {
        let names: Vec<String> = (0..BATCH).map(|_| format!("key:{:012}", requests.zipf.draw(&mut rng))).collect();
        gets.clear();
        names.iter().for_each(|name| wire::encode(&["GET", name], &mut gets));
        client.send(&gets)?;
        sets.clear();
        let mut missed = 0;
        for name in &names {
            match client.read_reply()? {
                Reply::Null => {
                    wire::encode(&["SET", name, &value], &mut sets);
                    missed += 1;
                }
                Reply::Bulk(_) => {}
                other @ (Reply::Status(_) | Reply::Error(_) | Reply::Int(_) | Reply::Array(_)) => {
                    bail!("GET was answered with {other:?}")
                }
            }
        }
        client.send(&sets)?;
        client.read_lines(missed, &mut Vec::new())?;
        if done >= requests.count {
            counted += BATCH;
            hits += BATCH - missed as u64;
        }
        done += BATCH;
        let due = Duration::from_secs_f64(done as f64 / requests.per_second as f64);
        if let Some(early) = due.checked_sub(started.elapsed()) {
            std::thread::sleep(early);
        }
        interrupt::check()?;
        progress.set(done);
    }
    let keys = u64::try_from(client.int(&["DBSIZE"])?)?;
    Ok(Hits { share: hits as f64 / counted as f64, keys, empty_bytes })
}
