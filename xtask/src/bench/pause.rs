//! The longest SETs while a keyspace grows: where tables double, rehash or split, someone waits.
//!
//! Keys are inserted over one connection in small batches, each answered before the next is sent. Two clocks are read around
//! every batch: the wall, which also counts what else the machine did, and the server's CPU, which does not. A table that
//! stops to rehash shows on both; a neighbour on the core shows on the first only.

use std::time::Instant;

use anyhow::{Result, bail};
use clap::Args;

use super::cpu::{self, CpuMeter};
use super::histogram::Histogram;
use super::loader::Template;
use super::pair::{Both, Pair, Side};
use super::progress::Progress;
use super::record::Record;
use super::{loader, machine};
use crate::interrupt;

#[derive(Args)]
pub(crate) struct PauseArgs {
    /// Keys to insert.
    #[arg(long, default_value_t = 10_000_000)]
    keys: u64,
    /// SETs per write; 1 measures each by itself and takes longer.
    #[arg(long, default_value_t = 16)]
    batch: u64,
    /// Bytes per value.
    #[arg(short = 'd', long, default_value_t = 16)]
    size: usize,
}

/// How long batches took.
struct Pauses {
    version: String,
    wall: Histogram,
    cpu: Histogram,
    /// The longest by CPU: (key count at the time, CPU, wall).
    longest: Vec<(u64, u64, u64)>,
    bytes_per_key: f64,
}

pub(super) fn run(pair: &Pair, args: &PauseArgs, record: &mut Record) -> Result<()> {
    if args.batch == 0 || args.keys == 0 {
        bail!("nothing to insert");
    }
    let needed = args.keys.saturating_mul(250 + 2 * args.size as u64);
    if needed > machine::available_memory_bytes() {
        bail!("{} keys may need {} MiB, more than is free", args.keys, needed >> 20);
    }
    let pauses = Both::make(|side| insert(pair, side, args))?;

    for (side, name) in [(Side::Ours, "ours"), (Side::Peer, "peer")] {
        record.line(&format!("- {name}: {} (`{}`)", pauses.get(side).version, pair.describe(side)));
    }
    record.line(&format!(
        "- {} keys of 16 B + {} B, {} SETs per write, next write after the replies; milliseconds per write",
        args.keys, args.size, args.batch
    ));
    record.line("");
    record.line("| clock | server | p50 | p99 | p99.9 | p99.99 | p99.999 | max | > 1 ms | > 5 ms | > 50 ms |");
    record.line("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for side in Side::BOTH {
        let pauses = pauses.get(side);
        record.line(&row("wall", &pauses.version, &pauses.wall));
        record.line(&row("server CPU", &pauses.version, &pauses.cpu));
    }
    record.line("");
    for side in Side::BOTH {
        let pauses = pauses.get(side);
        let longest: Vec<String> = pauses
            .longest
            .iter()
            .map(|(keys, cpu, wall)| format!("{:.2} (wall {:.2}) at {keys} keys", ms(*cpu), ms(*wall)))
            .collect();
        record.line(&format!(
            "- {}: {:.0} B RSS per key; longest ms of CPU: {}",
            pauses.version,
            pauses.bytes_per_key,
            longest.join(", ")
        ));
    }
    let (ours, peer) = (pauses.ours.cpu.max_ns() as f64, pauses.peer.cpu.max_ns() as f64);
    record.line(&format!("- longest by CPU, ours/peer: {:.3}", ours / peer));
    Ok(())
}

fn insert(pair: &Pair, side: Side, args: &PauseArgs) -> Result<Pauses> {
    let server = pair.start(side)?;
    let empty = cpu::rss_bytes(server.pid())?;
    let mut meter = CpuMeter::open(server.pid())?;
    let mut client = server.connect()?;
    let template = Template::new(&["SET".to_owned(), format!("key:{}", loader::INDEX), "x".repeat(args.size)]);
    let progress = Progress::new(server.version(), args.keys);
    let (mut wall, mut cpu) = (Histogram::new(), Histogram::new());
    let mut longest = Vec::new();
    let (mut out, mut line) = (Vec::new(), Vec::new());
    let mut next = 0;
    while next < args.keys {
        out.clear();
        let batch = args.batch.min(args.keys - next);
        (next..next + batch).for_each(|index| template.write(index, &mut out));
        let cpu_before = meter.read()?;
        let started = Instant::now();
        client.send(&out)?;
        client.read_lines(usize::try_from(batch)?, &mut line)?;
        let wall_ns = u64::try_from(started.elapsed().as_nanos())?;
        let cpu_ns = meter.read()?.since(cpu_before).on_core_ns;
        next += batch;

        wall.record(wall_ns);
        cpu.record(cpu_ns);
        keep_longest(&mut longest, (next, cpu_ns, wall_ns));
        if (next / args.batch).is_multiple_of(4096) {
            interrupt::check()?;
            progress.set(next);
        }
    }
    let grown = cpu::rss_bytes(server.pid())?.saturating_sub(empty);
    let bytes_per_key = grown as f64 / args.keys as f64;
    Ok(Pauses { version: server.version().to_owned(), wall, cpu, longest, bytes_per_key })
}

fn keep_longest(longest: &mut Vec<(u64, u64, u64)>, pause: (u64, u64, u64)) {
    let at = longest.partition_point(|other| other.1 >= pause.1);
    if at < 8 {
        longest.insert(at, pause);
        longest.truncate(8);
    }
}

fn row(clock: &str, version: &str, histogram: &Histogram) -> String {
    let percentile = |share| ms(histogram.percentile_ns(share));
    format!(
        "| {clock} | {version} | {:.3} | {:.3} | {:.3} | {:.3} | {:.3} | {:.2} | {} | {} | {} |",
        percentile(0.5),
        percentile(0.99),
        percentile(0.999),
        percentile(0.9999),
        percentile(0.99999),
        ms(histogram.max_ns()),
        histogram.count_above(1_000_000),
        histogram.count_above(5_000_000),
        histogram.count_above(50_000_000),
    )
}

fn ms(ns: u64) -> f64 {
    ns as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eight_longest_are_kept_in_order() {
        let mut longest = Vec::new();
        for ns in [5, 1, 9, 3, 7, 2, 8, 6, 4, 10, 0] {
            keep_longest(&mut longest, (0, ns, 0));
        }
        let kept: Vec<u64> = longest.iter().map(|pause| pause.1).collect();
        assert_eq!(kept, [10, 9, 8, 7, 6, 5, 4, 3]);
    }
}
