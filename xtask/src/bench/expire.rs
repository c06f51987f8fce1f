//! How soon keys with one deadline are gone when they are few among many that live on.
//!
//! A server that samples volatile keys at random needs many tries to meet the few that are due; one that keeps them in order
//! does not. Nobody reads the keys: only the server's own cycle can remove them. `DBSIZE` is asked until they are gone.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use clap::Args;

use super::cpu::CpuMeter;
use super::loader::{self, INDEX, Template};
use super::pair::{Both, Pair, Side};
use super::progress::Progress;
use super::record::Record;
use super::stats::{Ratio, median};
use crate::interrupt;
use crate::servers::Server;
use crate::wire::Client;

/// The deadline lies this far ahead of the keys that get it.
const AHEAD_MS: u64 = 1_000;

#[derive(Args)]
pub(crate) struct ExpireArgs {
    /// Volatile keys that live on.
    #[arg(long, default_value_t = 1_000_000)]
    keys: u64,
    /// Keys that expire at the same millisecond.
    #[arg(long, default_value_t = 1_000)]
    due: u64,
    /// Deadlines to watch, one after the other.
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// Seconds to wait for them to be gone; a server that needs longer is reported with what is left.
    #[arg(long, default_value_t = 20)]
    limit: u64,
}

/// What was seen of one server.
#[derive(Default)]
struct Seen {
    version: String,
    /// Milliseconds from the deadline until half, 99 % and all were gone; infinite if that was not to be seen.
    half_ms: Vec<f64>,
    most_ms: Vec<f64>,
    all_ms: Vec<f64>,
    cpu_ms: Vec<f64>,
    /// Keys that were still there at the end of the wait.
    left: Vec<f64>,
}

pub(super) fn run(pair: &Pair, args: &ExpireArgs, record: &mut Record) -> Result<()> {
    if args.due == 0 || args.rounds == 0 {
        bail!("nothing would expire");
    }
    let seen = Both::make(|side| watch_side(pair, side, args))?;
    for (side, name) in [(Side::Ours, "ours"), (Side::Peer, "peer")] {
        record.line(&format!("- {name}: {} (`{}`)", seen.get(side).version, pair.describe(side)));
    }
    record.line(&format!(
        "- {} keys that live on, {} with one deadline, {} rounds; medians of ms after the deadline until gone (DBSIZE every ms)",
        args.keys, args.due, args.rounds
    ));
    record.line("");
    record.line(&format!("| server | half | 99 % | all | longest | left after {} s | server CPU ms |", args.limit));
    record.line("| --- | --- | --- | --- | --- | --- | --- |");
    for side in Side::BOTH {
        let seen = seen.get(side);
        record.line(&format!(
            "| {} | {:.1} | {:.1} | {:.1} | {:.1} | {:.0} | {:.2} |",
            seen.version,
            median(&seen.half_ms),
            median(&seen.most_ms),
            median(&seen.all_ms),
            seen.all_ms.iter().copied().fold(0.0, f64::max),
            median(&seen.left),
            median(&seen.cpu_ms),
        ));
    }
    if seen.ours.all_ms.iter().chain(&seen.peer.all_ms).all(|ms| ms.is_finite()) {
        let ratio = Ratio::of_rounds(&seen.ours.all_ms, &seen.peer.all_ms);
        record.line(&format!("\nall gone, ours/peer: {}", ratio.spread()));
    }
    Ok(())
}

fn watch_side(pair: &Pair, side: Side, args: &ExpireArgs) -> Result<Seen> {
    let server = pair.start(side)?;
    let mut client = server.connect()?;
    let progress = Progress::new(server.version(), args.keys);
    let lasting = ["SET".to_owned(), format!("lasting:{INDEX}"), "x".to_owned(), "EX".to_owned(), "1000000".to_owned()];
    loader::load_keys(&mut client, &Template::new(&lasting), args.keys, |done| progress.set(done))?;

    let mut seen = Seen { version: server.version().to_owned(), ..Seen::default() };
    for _ in 0..args.rounds {
        watch_deadline(&server, &mut client, args, &mut seen)?;
    }
    Ok(seen)
}

fn watch_deadline(server: &Server, client: &mut Client, args: &ExpireArgs, seen: &mut Seen) -> Result<()> {
    let deadline = unix_now()? + Duration::from_millis(AHEAD_MS);
    let words =
        ["SET".to_owned(), format!("due:{INDEX}"), "x".to_owned(), "PXAT".to_owned(), deadline.as_millis().to_string()];
    loader::load(client, &Template::new(&words), args.due, |_| ())?;
    let mut meter = CpuMeter::open(server.pid())?;
    let wait = deadline.checked_sub(unix_now()?).context("setting the keys took longer than their life")?;
    std::thread::sleep(wait);

    let started = Instant::now();
    let before = meter.read()?;
    let mut gone_ms = [f64::INFINITY; 3];
    let mut left = args.due;
    while left > 0 && started.elapsed() < Duration::from_secs(args.limit) {
        left = u64::try_from(client.int(&["DBSIZE"])?)?.saturating_sub(args.keys);
        let elapsed_ms = started.elapsed().as_secs_f64() * 1e3;
        for (gone_ms, may_be_left) in gone_ms.iter_mut().zip([args.due / 2, args.due / 100, 0]) {
            if left <= may_be_left && gone_ms.is_infinite() {
                *gone_ms = elapsed_ms;
            }
        }
        interrupt::check()?;
        std::thread::sleep(Duration::from_millis(1));
    }
    let [half_ms, most_ms, all_ms] = gone_ms;
    seen.half_ms.push(half_ms);
    seen.most_ms.push(most_ms);
    seen.all_ms.push(all_ms);
    seen.left.push(left as f64);
    seen.cpu_ms.push(meter.read()?.since(before).on_core_ns as f64 / 1e6);
    Ok(())
}

/// The wall clock as a duration since 1970.
fn unix_now() -> Result<Duration> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?)
}
