//! CPU per command, requests per second and latency of a list of commands, the servers taking turns.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use super::cpu::{self, CpuMeter};
use super::load::{LoadGenerator, Run};
use super::loader::{self, Template};
use super::pair::{Both, Pair, Side};
use super::progress::Progress;
use super::record::Record;
use super::stats::{Ratio, median};
use super::workload::Workload;
use crate::servers::Server;

/// Requests of a run without pipeline, unless told otherwise; a pipelined run gets five times as many.
const DEFAULT_REQUESTS: u64 = 200_000;

#[derive(Args)]
pub(crate) struct SpeedArgs {
    /// The tests, separated by commas (an unknown name lists them all).
    #[arg(
        short = 't',
        long,
        value_delimiter = ',',
        default_value = "ping,set,get,incr,mset,lpush,lpop,sadd,hset,zadd,lrange_100"
    )]
    tests: Vec<String>,
    /// A further test: a command line with __rand_int__ and __data__ in it. May be given several times.
    #[arg(long = "command", value_name = "WORDS")]
    commands: Vec<String>,
    /// Only the --command tests.
    #[arg(long)]
    only_commands: bool,
    /// Sent once per key of the keyspace before each --command, with __index__ and __data__ in it.
    #[arg(long, value_name = "WORDS")]
    fill: Option<String>,
    /// Commands per write, separated by commas.
    #[arg(short = 'P', long, value_delimiter = ',', default_value = "1,32")]
    pipeline: Vec<u32>,
    /// Connections, separated by commas.
    #[arg(short = 'c', long, value_delimiter = ',', default_value = "50")]
    clients: Vec<u32>,
    /// Requests per run [default: 200000, five times as many with a pipeline].
    #[arg(short = 'n', long)]
    requests: Option<u64>,
    /// Keys (or members, or fields) that the random numbers range over.
    #[arg(short = 'r', long, default_value_t = 1_000_000)]
    keyspace: u64,
    /// Bytes per value.
    #[arg(short = 'd', long, default_value_t = 64)]
    size: usize,
    /// Runs per test and server.
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// The load generator [default: valkey-benchmark or redis-benchmark from PATH or the peer root].
    #[arg(long, value_name = "PATH")]
    load: Option<PathBuf>,
    /// Threads of the load generator.
    #[arg(long, default_value_t = 1)]
    load_threads: u32,
}

/// One server with what is watched of it.
struct Subject {
    server: Server,
    meter: CpuMeter,
}

/// One run's figures.
#[derive(Default)]
struct Samples {
    requests_per_second: Vec<f64>,
    cpu_ns: Vec<f64>,
    p50_ms: Vec<f64>,
    p99_ms: Vec<f64>,
    /// Share of the run that the server spent on its core.
    busy: Vec<f64>,
    /// Share of the run that the server was ready but had to wait for its core.
    waiting: Vec<f64>,
    rss_bytes: u64,
}

/// One combination to measure.
struct Case<'a> {
    workload: &'a Workload,
    clients: u32,
    pipeline: u32,
    requests: u64,
}

pub(super) fn run(pair: &Pair, args: &SpeedArgs, record: &mut Record) -> Result<()> {
    let workloads = workloads(args)?;
    let generator =
        LoadGenerator::find(args.load.as_deref(), pair.peer_root.as_deref(), &pair.load_cores, args.load_threads)?;
    let mut subjects = Both::make(|side| {
        let server = pair.start(side)?;
        let meter = CpuMeter::open(server.pid())?;
        Ok(Subject { server, meter })
    })?;
    head(pair, &subjects, args, &generator, record);

    let cases = cases(args, &workloads);
    let progress = Progress::new("", cases.len() as u64 * u64::from(args.rounds) * 2);
    let mut done = 0;
    for case in &cases {
        let mut samples = Both::<Samples>::default();
        for round in 0..args.rounds {
            for side in Side::BOTH {
                progress.title(&format!("{} P={} c={} {side:?}", case.workload.name, case.pipeline, case.clients));
                progress.set(done);
                let subject = subjects.get_mut(side);
                if (round == 0 && case.workload.has_data()) || case.workload.consumes {
                    fill(subject, case, args)?;
                }
                measure(subject, case, args, &generator, samples.get_mut(side))?;
                done += 1;
            }
        }
        progress.suspend(|| record.line(&row(case, &samples)));
    }
    drop(progress);
    Ok(())
}

fn workloads(args: &SpeedArgs) -> Result<Vec<Workload>> {
    let named = args.tests.iter().filter(|_| !args.only_commands).map(|name| Workload::named(name));
    let custom = args.commands.iter().map(|command| Workload::custom(command, args.fill.as_deref()));
    let workloads: Vec<Workload> = named.chain(custom).collect::<Result<_>>()?;
    if workloads.is_empty() || args.rounds == 0 || args.keyspace == 0 {
        bail!("nothing to do: give a test, at least one round and at least one key");
    }
    Ok(workloads)
}

fn cases<'a>(args: &SpeedArgs, workloads: &'a [Workload]) -> Vec<Case<'a>> {
    let mut cases = Vec::new();
    for &pipeline in &args.pipeline {
        for &clients in &args.clients {
            let factor = if pipeline >= 8 { 5 } else { 1 };
            let requests = args.requests.unwrap_or(DEFAULT_REQUESTS * factor);
            cases.extend(workloads.iter().map(|workload| Case { workload, clients, pipeline, requests }));
        }
    }
    cases
}

/// Empties the server and gives it the data of `case`.
fn fill(subject: &Subject, case: &Case<'_>, args: &SpeedArgs) -> Result<()> {
    let mut client = subject.server.connect()?;
    client.command(&["FLUSHALL", "SYNC"])?;
    if let Some((words, count)) = case.workload.fill(&data(args), args.keyspace, case.requests) {
        loader::load(&mut client, &Template::new(&words), count, |_| ())?;
    }
    Ok(())
}

fn measure(
    subject: &mut Subject,
    case: &Case<'_>,
    args: &SpeedArgs,
    generator: &LoadGenerator,
    samples: &mut Samples,
) -> Result<()> {
    let words = case.workload.words(&data(args));
    let run = Run {
        words: &words,
        requests: case.requests,
        clients: case.clients,
        pipeline: case.pipeline,
        keyspace: args.keyspace,
    };
    let before = subject.meter.read()?;
    let findings = generator.run(&subject.server, &run)?;
    let used = subject.meter.read()?.since(before);

    let requests = case.requests as f64;
    let run_ns = requests / findings.requests_per_second * 1e9;
    samples.requests_per_second.push(findings.requests_per_second);
    samples.cpu_ns.push(used.on_core_ns as f64 / requests);
    samples.p50_ms.push(findings.p50_ms);
    samples.p99_ms.push(findings.p99_ms);
    samples.busy.push(used.on_core_ns as f64 / run_ns);
    samples.waiting.push(used.waiting_ns as f64 / run_ns);
    samples.rss_bytes = cpu::rss_bytes(subject.server.pid())?;
    Ok(())
}

fn data(args: &SpeedArgs) -> String {
    "x".repeat(args.size)
}

fn head(pair: &Pair, subjects: &Both<Subject>, args: &SpeedArgs, generator: &LoadGenerator, record: &mut Record) {
    for (side, name) in [(Side::Ours, "ours"), (Side::Peer, "peer")] {
        record.line(&format!("- {name}: {} (`{}`)", subjects.get(side).server.version(), pair.describe(side)));
    }
    record.line(&format!(
        "- load: {}, keyspace {}, values of {} bytes, {} rounds in turns; medians, ratios ours/peer of each round (lowest-highest)",
        generator.name(),
        args.keyspace,
        args.size,
        args.rounds
    ));
    record.line(
        "- cpu: server ns on its core per command; busy: share of the run on the core; wait: ready but not running",
    );
    record.line("");
    record.line("| test | P | c | cpu ours | peer | ratio | kreq/s ours | peer | ratio | p50 ms | p99 ms | busy % | wait % | RSS MiB |");
    record.line("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
}

fn row(case: &Case<'_>, samples: &Both<Samples>) -> String {
    let (ours, peer) = (&samples.ours, &samples.peer);
    let cpu = Ratio::of_rounds(&ours.cpu_ns, &peer.cpu_ns);
    let speed = Ratio::of_rounds(&ours.requests_per_second, &peer.requests_per_second);
    let pair = |pick: fn(&Samples) -> &[f64], scale: f64, digits: usize| {
        format!("{:.digits$} / {:.digits$}", median(pick(ours)) * scale, median(pick(peer)) * scale)
    };
    format!(
        "| {} | {} | {} | {:.0} | {:.0} | {} | {:.0} | {:.0} | {:.2} | {} | {} | {} | {} | {:.0} / {:.0} |",
        case.workload.name,
        case.pipeline,
        case.clients,
        median(&ours.cpu_ns),
        median(&peer.cpu_ns),
        cpu.spread(),
        median(&ours.requests_per_second) / 1e3,
        median(&peer.requests_per_second) / 1e3,
        speed.median,
        pair(|samples| &samples.p50_ms, 1.0, 3),
        pair(|samples| &samples.p99_ms, 1.0, 3),
        pair(|samples| &samples.busy, 100.0, 0),
        pair(|samples| &samples.waiting, 100.0, 0),
        ours.rss_bytes as f64 / MIB,
        peer.rss_bytes as f64 / MIB,
    )
}

const MIB: f64 = (1_u64 << 20) as f64;
