//! `cargo xtask bench scripts`: server CPU of the libraries that scripts call, one call at a time in a loop of theirs.
//!
//! A turn is one EVAL of a loop, so that neither the network nor the start of a script shows. The servers take turns, and a row is the
//! median of `--rounds` of them.

use anyhow::{Result, bail};
use clap::Args;

use super::cpu::CpuMeter;
use super::pair::{Both, Pair, Side};
use super::record::Record;
use crate::interrupt;
use crate::servers::Server;
use crate::wire::Reply;

#[derive(Args)]
pub(crate) struct ScriptsArgs {
    /// Turns of each measurement.
    #[arg(long, default_value_t = 9)]
    rounds: usize,
}

/// A payload, and how often a turn goes over it.
struct Payload {
    title: &'static str,
    json: String,
    calls: u32,
}

/// What is done with it: `json` is its text, `value` what it says, `packed` the same in MessagePack.
const WORK: [(&str, &str); 4] = [
    ("cjson.decode", "cjson.decode(json)"),
    ("cjson.encode", "cjson.encode(value)"),
    ("cmsgpack.unpack", "cmsgpack.unpack(packed)"),
    ("cmsgpack.pack", "cmsgpack.pack(value)"),
];

const JOB: &str =
    r#"{"id":42,"name":"send-email","data":{"to":"bob@example.com","attempt":1},"opts":{"delay":0,"lifo":false}}"#;

pub(super) fn run(pair: &Pair, args: &ScriptsArgs, record: &mut Record) -> Result<()> {
    record.line(&format!("- ours: `{}`, peer: `{}`", pair.describe(Side::Ours), pair.describe(Side::Peer)));
    record.line("- server CPU a call, median of the turns");
    record.line("");
    record.line("| call | payload | ours | peer | ratio |");
    record.line("| --- | --- | --- | --- | --- |");
    let servers = Both::make(|side| pair.start(side))?;
    for payload in payloads() {
        for (name, call) in WORK {
            measure(&servers, &payload, name, call, args.rounds, record)?;
        }
    }
    Ok(())
}

fn payloads() -> [Payload; 3] {
    let events: Vec<String> = (0..8)
        .map(|n| {
            format!(r#"{{"at":17637500{n:02}.5,"kind":"step","text":"line {n}\nof the log","tags":["a","b",{n}],"ok":true}}"#)
        })
        .collect();
    let ints: Vec<String> = (0..1000).map(|n| (n * 7919 % 100_003).to_string()).collect();
    [
        Payload { title: "a job of 100 bytes", json: JOB.to_owned(), calls: 100_000 },
        Payload {
            title: "an object of 1 KB in four levels",
            json: format!(
                r#"{{"id":"4bf92f3577b34da6a3ce929d0e0e4736","state":{{"queue":"default","events":[{}]}},"note":"{}"}}"#,
                events.join(","),
                "x".repeat(120)
            ),
            calls: 10_000,
        },
        Payload { title: "an array of 1000 integers", json: format!("[{}]", ints.join(",")), calls: 2_000 },
    ]
}

fn measure(
    servers: &Both<Server>,
    payload: &Payload,
    name: &str,
    call: &str,
    rounds: usize,
    record: &mut Record,
) -> Result<()> {
    let script = format!(
        "local json = ARGV[1] local value = cjson.decode(json) local packed = cmsgpack.pack(value) \
         for _ = 1, {} do local _ = {call} end return 1",
        payload.calls
    );
    let mut times = Both::<Vec<f64>>::default();
    // The first turn warms up.
    for round in 0..=rounds {
        for side in Side::BOTH {
            interrupt::check()?;
            let server = servers.get(side);
            let mut client = server.connect()?;
            let mut meter = CpuMeter::open(server.pid())?;
            let before = meter.read()?;
            let reply = client.call(&[b"EVAL", script.as_bytes(), b"0", payload.json.as_bytes()])?;
            let used = meter.read()?.since(before);
            if reply != Reply::Int(1) {
                bail!("{name}: {reply:?}");
            }
            if round > 0 {
                times.get_mut(side).push(used.on_core_ns as f64 / f64::from(payload.calls) / 1e3);
            }
        }
    }
    let (ours, peer) = (median(&mut times.ours), median(&mut times.peer));
    record.line(&format!("| {name} | {} | {ours:.2} us | {peer:.2} us | {:.2} |", payload.title, ours / peer));
    Ok(())
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}
