//! Resident memory per key: an empty server is measured, filled through one connection, and measured again.
//!
//! Each kind of value gets a fresh process, so that no freed memory of the last one is reused.

use std::time::Instant;

use anyhow::{Result, bail};
use clap::Args;

use super::loader::{self, Template};
use super::pair::{Both, Pair, Side};
use super::progress::Progress;
use super::record::Record;
use super::{cpu, machine};

#[derive(Args)]
pub(crate) struct MemoryArgs {
    /// Keys to load.
    #[arg(long, default_value_t = 5_000_000)]
    keys: u64,
    /// Bytes per value of the string test.
    #[arg(short = 'd', long, default_value_t = 64)]
    size: usize,
    /// A further kind of data: a command with __index__ in it, which makes one key. May be given several times.
    #[arg(long = "command", value_name = "WORDS")]
    commands: Vec<String>,
    /// Only the --command tests.
    #[arg(long)]
    only_commands: bool,
}

/// What a filled server weighs.
#[derive(Clone, Copy, Debug, Default)]
struct Weight {
    bytes_per_key: f64,
    total_bytes: u64,
    keys_per_second: f64,
}

pub(super) fn run(pair: &Pair, args: &MemoryArgs, record: &mut Record) -> Result<()> {
    check_room(args)?;
    record.line(&format!("- ours: `{}`, peer: `{}`", pair.describe(Side::Ours), pair.describe(Side::Peer)));
    record.line(&format!(
        "- {} keys through one pipelined connection; RSS after minus RSS of the empty server",
        args.keys
    ));
    record.line("");
    record.line("| data | versions | RSS/key ours | peer | ratio | RSS MiB | load kkeys/s |");
    record.line("| --- | --- | --- | --- | --- | --- | --- |");
    for (title, words) in kinds(args) {
        let mut versions = Both::<String>::default();
        let weights = Both::make(|side| {
            let (weight, version) = weigh(pair, side, &title, &words, args.keys)?;
            *versions.get_mut(side) = version;
            Ok(weight)
        })?;
        record.line(&row(&title, &versions, &weights));
    }
    Ok(())
}

/// (title, command that makes one key); keys are 16 bytes long.
fn kinds(args: &MemoryArgs) -> Vec<(String, Vec<String>)> {
    let mut kinds = Vec::new();
    if !args.only_commands {
        let value = format!("{}{}", loader::INDEX, "x".repeat(args.size.saturating_sub(12)));
        kinds.push((format!("16 B + {} B", args.size.max(12)), format!("SET key:{} {value}", loader::INDEX)));
        // Twelve digits with a leading 1: without it, 000000000042 would be text.
        kinds.push(("16 B + integer".to_owned(), format!("SET key:{} 1{}", loader::INDEX, loader::INDEX)));
    }
    kinds.extend(args.commands.iter().map(|command| (format!("`{command}`"), command.clone())));
    kinds.into_iter().map(|(title, words)| (title, words.split_whitespace().map(str::to_owned).collect())).collect()
}

fn check_room(args: &MemoryArgs) -> Result<()> {
    // Redis 8 takes 125 bytes beside the value; leave as much again.
    let needed = args.keys.saturating_mul(250 + 2 * args.size as u64);
    let available = machine::available_memory_bytes();
    if needed > available {
        bail!("{} keys may need {} MiB, of which {} are free", args.keys, needed >> 20, available >> 20);
    }
    Ok(())
}

fn weigh(pair: &Pair, side: Side, title: &str, words: &[String], keys: u64) -> Result<(Weight, String)> {
    let server = pair.start(side)?;
    let empty = cpu::rss_bytes(server.pid())?;
    let progress = Progress::new(&format!("{title}: {}", server.version()), keys);
    let started = Instant::now();
    loader::load_keys(&mut server.connect()?, &Template::new(words), keys, |done| progress.set(done))?;
    let seconds = started.elapsed().as_secs_f64();
    let total_bytes = cpu::rss_bytes(server.pid())?;
    let weight = Weight {
        bytes_per_key: total_bytes.saturating_sub(empty) as f64 / keys as f64,
        total_bytes,
        keys_per_second: keys as f64 / seconds,
    };
    Ok((weight, server.version().to_owned()))
}

fn row(title: &str, versions: &Both<String>, weights: &Both<Weight>) -> String {
    let (ours, peer) = (&weights.ours, &weights.peer);
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    format!(
        "| {title} | {} / {} | {:.1} | {:.1} | {:.2} | {:.0} / {:.0} | {:.0} / {:.0} |",
        versions.ours,
        versions.peer,
        ours.bytes_per_key,
        peer.bytes_per_key,
        ours.bytes_per_key / peer.bytes_per_key,
        mib(ours.total_bytes),
        mib(peer.total_bytes),
        ours.keys_per_second / 1e3,
        peer.keys_per_second / 1e3,
    )
}
