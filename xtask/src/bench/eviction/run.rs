//! `cargo xtask bench eviction`.

use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;

use super::super::pair::{Both, Pair, Side};
use super::super::progress::Progress;
use super::super::record::Record;
use super::hits::{self, Hits, Requests};
use super::overshoot;
use super::zipf::Zipf;

const POLICIES: [&str; 10] = [
    "noeviction",
    "allkeys-lru",
    "allkeys-lfu",
    "allkeys-lrm",
    "allkeys-random",
    "volatile-lru",
    "volatile-lfu",
    "volatile-lrm",
    "volatile-random",
    "volatile-ttl",
];

/// How often the limit is set anew until it holds the peer's number of keys.
const ADJUSTMENTS: u32 = 2;

#[derive(Args)]
pub(crate) struct EvictionArgs {
    /// Keys that are asked for.
    #[arg(long, default_value_t = 500_000)]
    keys: u64,
    /// The exponent of their popularity.
    #[arg(long, default_value_t = 0.99)]
    exponent: f64,
    /// Bytes per value.
    #[arg(short = 'd', long, default_value_t = 100)]
    size: usize,
    /// `maxmemory` of the hit rates, in MiB.
    #[arg(long, default_value_t = 16)]
    limit: u64,
    /// Requests that are counted, after as many that fill the cache.
    #[arg(short = 'n', long, default_value_t = 1_000_000)]
    requests: u64,
    /// Requests per second.
    #[arg(long, default_value_t = 80_000)]
    rate: u64,
    /// `maxmemory` of the overshoot, in MiB.
    #[arg(long, default_value_t = 100)]
    full: u64,
    /// Seconds of writing per policy.
    #[arg(long, default_value_t = 6)]
    seconds: u64,
    /// Only the hit rates.
    #[arg(long)]
    only_hits: bool,
    /// Only the overshoot.
    #[arg(long)]
    only_overshoot: bool,
}

pub(crate) fn run(pair: &Pair, args: &EvictionArgs, record: &mut Record) -> Result<()> {
    if args.keys == 0 || args.requests == 0 || args.rate == 0 {
        bail!("nothing to do: give keys, requests and a rate");
    }
    record.line(&format!("- ours: `{}`, peer: `{}`", pair.describe(Side::Ours), pair.describe(Side::Peer)));
    if !args.only_overshoot {
        hit_rates(pair, args, record)?;
    }
    if !args.only_hits {
        overshoots(pair, args, record)?;
    }
    Ok(())
}

fn hit_rates(pair: &Pair, args: &EvictionArgs, record: &mut Record) -> Result<()> {
    let zipf = Zipf::new(args.keys, args.exponent);
    let requests = Requests { zipf: &zipf, count: args.requests, per_second: args.rate, value_bytes: args.size };
    record.line(&format!(
        "- GET, and SET on a miss, of {} keys with zipf exponent {}, values of {} B, maxmemory {} MiB, {} requests/s; {} counted after as many",
        args.keys, args.exponent, args.size, args.limit, args.rate, args.requests
    ));
    record.line("");
    record.line("| policy | compared at | hit rate ours | peer | ratio | keys ours | peer |");
    record.line("| --- | --- | --- | --- | --- | --- | --- |");
    let limit = args.limit << 20;
    for policy in ["allkeys-lru", "allkeys-lfu"] {
        let hits = Both::make(|side| hits::measure(pair, side, policy, limit, &requests))?;
        record.line(&hit_row(policy, "the same maxmemory", &hits.ours, &hits.peer));
        // So much of it as holds the peer's number of keys here.
        let (mut ours, mut equal) = (hits.ours, limit);
        for _ in 0..ADJUSTMENTS {
            equal = ours.empty_bytes + (equal - ours.empty_bytes) * hits.peer.keys / ours.keys;
            ours = hits::measure(pair, Side::Ours, policy, equal, &requests)?;
        }
        record.line(&hit_row(policy, "the same number of keys", &ours, &hits.peer));
    }
    record.line("");
    Ok(())
}

fn hit_row(policy: &str, compared: &str, ours: &Hits, peer: &Hits) -> String {
    format!(
        "| {policy} | {compared} | {:.4} | {:.4} | {:.3} | {} | {} |",
        ours.share,
        peer.share,
        ours.share / peer.share,
        ours.keys,
        peer.keys
    )
}

fn overshoots(pair: &Pair, args: &EvictionArgs, record: &mut Record) -> Result<()> {
    record.line(&format!(
        "- strings, lists, sets, hashes, sorted sets of up to 4 KiB a write through 4 pipelined connections for {} s, maxmemory {} MiB; used_memory asked every 2 ms, the most ever seen, and the peak that the server noted",
        args.seconds, args.full
    ));
    record.line("");
    record.line("| policy | most used (peak) ours | peer | kwrites/s | evicted | refused | keys at the end |");
    record.line("| --- | --- | --- | --- | --- | --- | --- |");
    let progress = Progress::new("overshoot", POLICIES.len() as u64);
    for (done, policy) in POLICIES.iter().enumerate() {
        progress.title(policy);
        let lasting = Duration::from_secs(args.seconds);
        let seen = Both::make(|side| overshoot::measure(pair, side, policy, args.full << 20, lasting))?;
        progress.set(done as u64 + 1);
        let Some(ours) = seen.ours else { bail!("ours does not know {policy}") };
        let share = |seen: Option<overshoot::Seen>| {
            seen.map_or_else(
                || "-".to_owned(),
                |seen| format!("{:.2} % ({:.2} %)", seen.most * 100.0, seen.peak * 100.0),
            )
        };
        let count = |pick: fn(&overshoot::Seen) -> u64| match seen.peer {
            Some(peer) => format!("{} / {}", pick(&ours), pick(&peer)),
            None => format!("{} / -", pick(&ours)),
        };
        let speed = |seen: &overshoot::Seen| (seen.writes - seen.refused) / 1000;
        let row = format!(
            "| {policy} | {} | {} | {} | {} | {} | {} |",
            share(seen.ours),
            share(seen.peer),
            match seen.peer {
                Some(peer) => format!("{} / {}", speed(&ours) / args.seconds, speed(&peer) / args.seconds),
                None => format!("{} / -", speed(&ours) / args.seconds),
            },
            count(|seen| seen.evicted),
            count(|seen| seen.refused),
            count(|seen| seen.keys.unsigned_abs()),
        );
        progress.suspend(|| record.line(&row));
    }
    Ok(())
}
