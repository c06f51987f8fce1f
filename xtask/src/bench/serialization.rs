//! `cargo xtask bench serialization`: server CPU of DUMP and RESTORE, of SAVE and of loading a file at the start.
//!
//! Both servers restore the same payloads, which ours wrote in the dialect `portable`: any of them takes it. DUMP is asked of the same
//! values. Commands are pipelined, so that the kernel's share is small beside the codec's. A row is the median of `--rounds` turns,
//! the servers taking turns. Loading is what a server that was started on its own file used until it answered, which includes its start.

use anyhow::{Context, Result, bail};
use clap::Args;

use super::cpu::{CpuMeter, CpuTimes};
use super::loader::{self, Template};
use super::pair::{Both, Pair, Side};
use super::record::Record;
use crate::interrupt;
use crate::servers::Server;
use crate::wire::{self, Client, Reply};

#[derive(Args)]
pub(crate) struct SerializationArgs {
    /// Keys of the file; 0 leaves SAVE and loading out.
    #[arg(long, default_value_t = 5_000_000)]
    keys: u64,
    /// Members of the large sets.
    #[arg(long, default_value_t = 100_000)]
    members: u64,
    /// Turns of each measurement.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Commands sent at once: the fewer, the more of each figure is the kernel's.
    #[arg(long, default_value_t = 20)]
    pipeline: usize,
}

/// Values of one kind, and how often a turn goes over them.
struct Kind {
    title: String,
    /// The command that makes element `__index__` of key `k`.
    element: Vec<&'static str>,
    elements: u64,
    commands: usize,
}

pub(super) fn run(pair: &Pair, args: &SerializationArgs, record: &mut Record) -> Result<()> {
    record.line(&format!("- ours: `{}`, peer: `{}`", pair.describe(Side::Ours), pair.describe(Side::Peer)));
    record.line(&format!(
        "- server CPU on its core, median of the turns, {} commands at once; the goal is a ratio of at most 0.60",
        args.pipeline
    ));
    record.line("");
    record.line("| work | ours | peer | ratio |");
    record.line("| --- | --- | --- | --- |");
    let kinds = [
        Kind {
            title: "a hash of 20 fields, listpack".to_owned(),
            element: vec!["HSET", "k", "field:__index__", "value:__index__"],
            elements: 20,
            commands: 40_000,
        },
        Kind {
            title: format!("a set of {} members", args.members),
            element: vec!["SADD", "k", "member:__index__"],
            elements: args.members,
            commands: 20,
        },
    ];
    let servers = Both::make(|side| pair.start(side))?;
    for kind in &kinds {
        commands(&servers, kind, args, record)?;
    }
    drop(servers);
    if args.keys > 0 {
        files(pair, args, record)?;
    }
    Ok(())
}

/// DUMP and RESTORE of one kind of value.
fn commands(servers: &Both<Server>, kind: &Kind, args: &SerializationArgs, record: &mut Record) -> Result<()> {
    for side in Side::BOTH {
        let mut client = servers.get(side).connect()?;
        client.command(&["FLUSHALL"])?;
        loader::load(&mut client, &Template::new(&kind.element), kind.elements, |_| {})?;
    }
    let Reply::Bulk(payload) = servers.ours.connect()?.call(&[b"DUMP", b"k"])? else { bail!("DUMP gave no payload") };
    let mut dump = Vec::new();
    wire::encode_bytes(&[b"DUMP", b"k"], &mut dump);
    let mut restore = Vec::new();
    wire::encode_bytes(&[b"RESTORE", b"r", b"0", &payload, b"REPLACE"], &mut restore);
    for (verb, command) in [("DUMP", dump), ("RESTORE", restore)] {
        let mut times = Both::<Vec<f64>>::default();
        // The first turn warms up.
        for round in 0..=args.rounds {
            for side in Side::BOTH {
                interrupt::check()?;
                let server = servers.get(side);
                let mut client = server.connect()?;
                let used = measure(server, || repeat(&mut client, &command, kind.commands, args.pipeline))?;
                if round > 0 {
                    times.get_mut(side).push(used.on_core_ns as f64 / kind.commands as f64 / 1e3);
                }
            }
        }
        row(&format!("{verb} of {}", kind.title), "us", &times, record)?;
    }
    Ok(())
}

/// Sends `command` so many times, some at once.
fn repeat(client: &mut Client, command: &[u8], count: usize, pipeline: usize) -> Result<()> {
    let mut left = count;
    while left > 0 {
        let batch = left.min(if command.len() > 1 << 16 { 1 } else { pipeline });
        client.send(&command.repeat(batch))?;
        client.read_replies(batch)?;
        left -= batch;
    }
    Ok(())
}

/// SAVE, and a start on what it wrote.
fn files(pair: &Pair, args: &SerializationArgs, record: &mut Record) -> Result<()> {
    let (mut save, mut load) = (Both::<Vec<f64>>::default(), Both::<Vec<f64>>::default());
    let mut bytes = Both::<u64>::default();
    for side in Side::BOTH {
        let server = pair.start(side)?;
        let mut client = server.connect()?;
        let template = Template::new(&["SET", "key:__index__", "value:__index__"]);
        loader::load_keys(&mut client, &template, args.keys, |_| {})?;
        for _ in 0..args.rounds.min(3) {
            let used = measure(&server, || client.command(&["SAVE"]).map(drop))?;
            save.get_mut(side).push(used.on_core_ns as f64 / 1e6);
        }
        let file = std::env::temp_dir().join(format!("ochre-xtask-{}.rdb", std::process::id()));
        *bytes.get_mut(side) = std::fs::copy(server.rdb_file(), &file).context("copying what SAVE wrote")?;
        drop(client);
        drop(server);
        let loaded = load_times(pair, side, args, &file);
        std::fs::remove_file(&file)?;
        *load.get_mut(side) = loaded?;
    }
    row(&format!("SAVE of {} keys", args.keys), "ms", &save, record)?;
    row(&format!("a start on a file of {} keys", args.keys), "ms", &load, record)?;
    record.line("");
    record.line(&format!("Keys of 16 bytes, values of 18. The files have {} and {} bytes.", bytes.ours, bytes.peer));
    Ok(())
}

fn load_times(pair: &Pair, side: Side, args: &SerializationArgs, file: &std::path::Path) -> Result<Vec<f64>> {
    let mut times = Vec::new();
    for _ in 0..args.rounds.min(3) {
        interrupt::check()?;
        let server = pair.start_with(side, file)?;
        let used = CpuMeter::open(server.pid())?.read()?;
        let keys = server.connect()?.int(&["DBSIZE"])?;
        if u64::try_from(keys) != Ok(args.keys) {
            bail!("{keys} of {} keys were loaded", args.keys);
        }
        times.push(used.on_core_ns as f64 / 1e6);
    }
    Ok(times)
}

fn measure(server: &Server, work: impl FnOnce() -> Result<()>) -> Result<CpuTimes> {
    let mut meter = CpuMeter::open(server.pid())?;
    let before = meter.read()?;
    work()?;
    Ok(meter.read()?.since(before))
}

fn row(title: &str, unit: &str, times: &Both<Vec<f64>>, record: &mut Record) -> Result<()> {
    let median = |side: Side| {
        let mut times = times.get(side).clone();
        times.sort_by(f64::total_cmp);
        times.get(times.len() / 2).copied().context("no turn was measured")
    };
    let (ours, peer) = (median(Side::Ours)?, median(Side::Peer)?);
    record.line(&format!("| {title} | {ours:.1} {unit} | {peer:.1} {unit} | {:.2} |", ours / peer));
    Ok(())
}
