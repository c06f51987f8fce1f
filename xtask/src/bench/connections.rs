//! What a connection costs while it is idle, and what many idle ones cost those that are busy.
//!
//! Every connection asks once, so that its buffers have been in use, and is silent from then on.

use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;

use super::cpu::{self, CpuMeter};
use super::load::{LoadGenerator, Run};
use super::pair::{Both, Pair, Side};
use super::progress::Progress;
use super::record::Record;
use crate::interrupt;
use crate::wire::Client;

#[derive(Args)]
pub(crate) struct ConnectionsArgs {
    /// Connections that are idle.
    #[arg(long, default_value_t = 10_000)]
    idle: u64,
    /// Connections that are busy.
    #[arg(long, default_value_t = 500)]
    busy: u32,
    /// Requests of the busy ones, per run.
    #[arg(short = 'n', long, default_value_t = 200_000)]
    requests: u64,
}

/// What was seen of one server.
#[derive(Default)]
struct Seen {
    version: String,
    rss_per_idle: f64,
    used_per_idle: f64,
    /// Server nanoseconds per command of the busy ones: alone, and beside the idle ones.
    cpu_ns: [f64; 2],
    p99_ms: [f64; 2],
}

pub(crate) fn run(pair: &Pair, args: &ConnectionsArgs, record: &mut Record) -> Result<()> {
    let generator = LoadGenerator::find(None, pair.peer_root.as_deref(), &pair.load_cores, 1)?;
    let seen = Both::make(|side| watch(pair, side, args, &generator))?;
    record.line(&format!("- ours: `{}`, peer: `{}`", pair.describe(Side::Ours), pair.describe(Side::Peer)));
    record.line(&format!(
        "- {} idle connections that have asked once; {} busy ones with SET of 64 B ({}), without and beside them",
        args.idle,
        args.busy,
        generator.name()
    ));
    record.line("");
    record.line("| server | RSS/idle connection | used_memory/idle connection | busy: CPU ns/command | p99 ms |");
    record.line("| --- | --- | --- | --- | --- |");
    for side in Side::BOTH {
        let seen = seen.get(side);
        let [alone, beside] = seen.cpu_ns;
        let [alone_ms, beside_ms] = seen.p99_ms;
        record.line(&format!(
            "| {} | {:.0} B | {:.0} B | {alone:.0} -> {beside:.0} | {alone_ms:.3} -> {beside_ms:.3} |",
            seen.version, seen.rss_per_idle, seen.used_per_idle
        ));
    }
    record
        .line(&format!("\nRSS per idle connection, ours/peer: {:.2}", seen.ours.rss_per_idle / seen.peer.rss_per_idle));
    Ok(())
}

fn watch(pair: &Pair, side: Side, args: &ConnectionsArgs, generator: &LoadGenerator) -> Result<Seen> {
    let server = pair.start(side)?;
    let mut seen = Seen { version: server.version().to_owned(), ..Seen::default() };
    let mut client = server.connect()?;
    let clients = args.idle + u64::from(args.busy) + 100;
    client.command(&["CONFIG", "SET", "maxclients", &clients.to_string()])?;
    let busy = |seen: &mut Seen, index: usize| -> Result<()> {
        let words: Vec<String> = ["SET", "key:__rand_int__", &"x".repeat(64)].map(str::to_owned).to_vec();
        let run = Run { words: &words, requests: args.requests, clients: args.busy, pipeline: 1, keyspace: 100_000 };
        let mut meter = CpuMeter::open(server.pid())?;
        let before = meter.read()?;
        let findings = generator.run(&server, &run)?;
        seen.cpu_ns[index] = meter.read()?.since(before).on_core_ns as f64 / args.requests as f64;
        seen.p99_ms[index] = findings.p99_ms;
        Ok(())
    };
    busy(&mut seen, 0)?;

    let used = |client: &mut Client| -> Result<f64> {
        Ok(client.info("memory", "used_memory")?.context("no used_memory")?.parse()?)
    };
    let (rss_before, used_before) = (cpu::rss_bytes(server.pid())?, used(&mut client)?);
    let progress = Progress::new(&format!("connections: {}", server.version()), args.idle);
    let mut idle = Vec::new();
    for done in 0..args.idle {
        let mut one = server.connect()?;
        one.command(&["PING"])?;
        idle.push(one);
        progress.set(done);
        interrupt::check()?;
    }
    // Buffers of connections that have gone silent are given back by a timer in some servers.
    std::thread::sleep(Duration::from_secs(5));
    let (rss_after, used_after) = (cpu::rss_bytes(server.pid())?, used(&mut client)?);
    seen.rss_per_idle = rss_after.saturating_sub(rss_before) as f64 / args.idle as f64;
    seen.used_per_idle = (used_after - used_before) / args.idle as f64;
    busy(&mut seen, 1)?;
    Ok(seen)
}
