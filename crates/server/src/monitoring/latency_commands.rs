//! LATENCY: HISTOGRAM of every command's times; LATEST, HISTORY, GRAPH, RESET and DOCTOR of latency events.

use std::fmt::Write as _;

use command_api::{Arg, Args, CommandError, CommandResult, Docs, Flow, Group, Reply};

use super::latency::Series;
use super::latency_graph;
use crate::help::help;
use crate::table::{CommandTable, Entry};
use crate::{ServerCommand, ServerContext, ServerHandler};

pub(super) const LATENCY: ServerCommand = ServerCommand::container(
    "latency",
    &[
        &LATENCY_DOCTOR,
        &LATENCY_GRAPH,
        &LATENCY_HELP,
        &LATENCY_HISTOGRAM,
        &LATENCY_HISTORY,
        &LATENCY_LATEST,
        &LATENCY_RESET,
    ],
)
.since("2.8.13")
.arity(-2)
.docs(&LATENCY_DOCS);

const LATENCY_DOCTOR: ServerCommand = reader("doctor", "2.8.13", 2, latency_doctor).docs(&LATENCY_DOCTOR_DOCS);
const LATENCY_GRAPH: ServerCommand = reader("graph", "2.8.13", 3, latency_graph).docs(&LATENCY_GRAPH_DOCS);
const LATENCY_HISTOGRAM: ServerCommand =
    reader("histogram", "7.0.0", -2, latency_histogram).docs(&LATENCY_HISTOGRAM_DOCS);
const LATENCY_HISTORY: ServerCommand = reader("history", "2.8.13", 3, latency_history).docs(&LATENCY_HISTORY_DOCS);
const LATENCY_LATEST: ServerCommand = reader("latest", "2.8.13", 2, latency_latest).docs(&LATENCY_LATEST_DOCS);

const LATENCY_RESET: ServerCommand = ServerCommand::new("reset", latency_reset)
    .since("2.8.13")
    .arity(-2)
    .admin()
    .noscript()
    .loading()
    .stale()
    .tips(&["request_policy:all_nodes", "response_policy:agg_sum"])
    .docs(&LATENCY_RESET_DOCS);

const LATENCY_HELP: ServerCommand =
    ServerCommand::new("help", latency_help).since("2.8.13").arity(2).loading().stale().docs(&LATENCY_HELP_DOCS);

const fn reader(name: &'static str, since: &'static str, arity: i32, run: ServerHandler) -> ServerCommand {
    ServerCommand::new(name, run).since(since).arity(arity).admin().noscript().loading().stale().tips(&[
        "nondeterministic_output",
        "request_policy:all_nodes",
        "response_policy:special",
    ])
}

fn latency_histogram(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let table = CommandTable::get();
    let later = reply.array_later();
    let mut count = 0;
    let mut answer = |entry: &Entry| {
        let snapshot = cx.node.stats.latency(entry.id);
        if snapshot.total == 0 {
            return;
        }
        count += 1;
        reply.bulk(entry.full_name.as_bytes());
        reply.map(2);
        reply.bulk(b"calls");
        reply.int(i64::try_from(snapshot.total).unwrap_or(i64::MAX));
        reply.bulk(b"histogram_usec");
        let doublings = snapshot.doublings();
        reply.map(doublings.len());
        for (us, calls) in doublings {
            reply.int(i64::try_from(us).unwrap_or(i64::MAX));
            reply.int(i64::try_from(calls).unwrap_or(i64::MAX));
        }
    };
    if args.is_empty() {
        table.entries().iter().for_each(&mut answer);
    } else {
        for entry in args.rest().filter_map(|name| table.find(name)) {
            answer(entry);
            table.subcommands(entry).for_each(&mut answer);
        }
    }
    reply.settle_map(later, count);
    Ok(Flow::Done)
}

fn latency_latest(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let events = cx.node.latency.all();
    reply.array(events.len());
    for (name, series) in events {
        let (at_s, ms) = series.samples.back().map_or((0, 0), |last| (last.at_s, last.ms));
        reply.array(4);
        reply.bulk(name.as_bytes());
        reply.int(at_s);
        reply.int(signed(ms));
        reply.int(signed(series.max_ms));
    }
    Ok(Flow::Done)
}

fn latency_history(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let samples = cx.node.latency.get(args.bytes()?).unwrap_or_default().samples;
    reply.array(samples.len());
    for sample in samples {
        reply.array(2);
        reply.int(sample.at_s);
        reply.int(signed(sample.ms));
    }
    Ok(Flow::Done)
}

fn latency_graph(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let event = args.bytes()?;
    let Some(series) = cx.node.latency.get(event) else {
        let event = String::from_utf8_lossy(event);
        return Err(CommandError::Other(format!("ERR No samples available for event '{event}'").into()));
    };
    let graph = latency_graph::draw(&String::from_utf8_lossy(event), &series, cx.data.now().seconds());
    reply.bulk(graph.as_bytes());
    Ok(Flow::Done)
}

fn latency_reset(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    if args.is_empty() {
        reply.len(cx.node.latency.clear());
    } else {
        reply.len(args.rest().filter(|event| cx.node.latency.forget(event)).count());
    }
    Ok(Flow::Done)
}

fn latency_doctor(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let events = cx.node.latency.all();
    let threshold_ms = cx.node.live().settings.monitoring.latency_monitor_threshold_ms;
    let mut text = String::new();
    if events.is_empty() && threshold_ms == 0 {
        text.push_str(
            "Latency events are not sampled: latency-monitor-threshold is 0. CONFIG SET it to as many milliseconds as \
             are too many for you.\n",
        );
    } else if events.is_empty() {
        text.push_str("Nothing took longer than latency-monitor-threshold so far.\n");
    }
    for (name, series) in &events {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{name}: {}", describe(series));
        text.push_str(match *name {
            "expire-cycle" => "  Many keys expire at the same time: spread their times to live.\n",
            _ => "  SLOWLOG GET names the commands. Commands over many elements (KEYS, SORT, large ranges) hold up the others.\n",
        });
    }
    reply.verbatim(b"txt", text.as_bytes());
    Ok(Flow::Done)
}

/// A series in numbers: how many seconds with samples, and their mean, mean deviation and maximum.
fn describe(series: &Series) -> String {
    let count = series.samples.len().max(1) as u64;
    let mean = series.samples.iter().map(|sample| sample.ms).sum::<u64>() / count;
    let deviation = series.samples.iter().map(|sample| sample.ms.abs_diff(mean)).sum::<u64>() / count;
    format!("{count} samples, mean {mean} ms, mean deviation {deviation} ms, worst ever {} ms.", series.max_ms)
}

fn signed(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

fn latency_help(_cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    help(
        reply,
        "LATENCY",
        &[
            ("DOCTOR", "Tell in words what took long."),
            ("GRAPH <event>", "Draw the samples of <event>."),
            (
                "HISTOGRAM [COMMAND ...]",
                "Count the calls of commands by the time they took, in doublings of a microsecond.",
            ),
            ("HISTORY <event>", "List the samples of <event>: second and milliseconds."),
            ("LATEST", "List the events: name, second and milliseconds of the last sample, most milliseconds ever."),
            ("RESET [<event> ...]", "Forget events, all by default."),
        ],
    );
    Ok(Flow::Done)
}

const LATENCY_DOCS: Docs = Docs::new("Groups the commands on latency.", Group::Server, "Depends on subcommand.");

const LATENCY_DOCTOR_DOCS: Docs = Docs::new("Tells in words what took long.", Group::Server, "O(1)");

const LATENCY_GRAPH_DOCS: Docs =
    Docs::new("Draws the samples of a latency event.", Group::Server, "O(1)").arguments(&[Arg::string("event")]);

const LATENCY_HELP_DOCS: Docs = Docs::new("Explains the subcommands.", Group::Server, "O(1)");

const LATENCY_HISTOGRAM_DOCS: Docs = Docs::new(
    "Counts the calls of commands by the time they took.",
    Group::Server,
    "O(N) where N is the number of commands with latency information being retrieved.",
)
.arguments(&[Arg::string("command").optional().multiple()]);

const LATENCY_HISTORY_DOCS: Docs =
    Docs::new("Lists the samples of a latency event.", Group::Server, "O(1)").arguments(&[Arg::string("event")]);

const LATENCY_LATEST_DOCS: Docs = Docs::new("Lists the latency events.", Group::Server, "O(1)");

const LATENCY_RESET_DOCS: Docs =
    Docs::new("Forgets latency events.", Group::Server, "O(1)")
        .arguments(&[Arg::string("event").optional().multiple()]);

#[cfg(test)]
mod tests {
    use crate::testing::{check, in_memory};

    #[test]
    fn events_are_sampled_once_a_second() {
        in_memory(
            r"
            > LATENCY LATEST                                => []
            > DEBUG SLEEP 0.5                               => OK
            > LATENCY LATEST                                => []
            > CONFIG SET latency-monitor-threshold 5        => OK
            > DEBUG SLEEP 0.25                              => OK
            > DEBUG SLEEP 0.001                             => OK
            > DEBUG SLEEP 0.75                              => OK
            > LATENCY LATEST                                => [['command', 1767225601, 750, 750]]
            > LATENCY HISTORY command                       => [[1767225600, 250], [1767225601, 750]]
            > LATENCY HISTORY nosuch                        => []
            > LATENCY GRAPH command                         => 'command - high 750 ms, low 250 ms (all time high 750 ms)\n--------------------------------------------------------------------------------\n #\n |\n |\n_|\n  \n10\nss\n'
            > LATENCY DOCTOR                                => ~'command: 2 samples, mean 500 ms, *'
            > LATENCY RESET nosuch command                  => 1
            > LATENCY GRAPH command                         => (error) 'ERR No samples available for event \'command\''
        ",
        );
    }

    #[test]
    fn histograms_count_calls_by_doublings() {
        in_memory(
            r"
            @skip-lens restore its own commands are counted too
            > DEBUG SLEEP 0.001             => OK
            > DEBUG SLEEP 0.0001            => OK
            > LATENCY HISTOGRAM DEBUG       => {'debug': {'calls': 2, 'histogram_usec': {132: 1, 1056: 2}}}
            > LATENCY HISTOGRAM nosuch      => {}
            > INFO latencystats             => ~'*\r\nlatency_percentiles_usec_debug:p50=100.351,p99=1007.615,p99.9=1007.615\r\n*'
            > CONFIG RESETSTAT              => OK
            > LATENCY HISTOGRAM DEBUG       => {}
            > CONFIG SET latency-tracking no  => OK
            > CONFIG RESETSTAT              => OK
            > DEBUG SLEEP 0.001             => OK
            > LATENCY HISTOGRAM             => {}
        ",
        );
    }

    #[test]
    fn a_container_stands_for_its_subcommands() {
        check(
            r"
            @since 7.0
            > CONFIG RESETSTAT                         => OK
            > CONFIG GET port                          => *
            > LATENCY HISTOGRAM config|get             => {'config|get': {'calls': 1, 'histogram_usec': *}}
            > LATENCY HISTOGRAM config nosuch          => {'config|get': *, 'config|resetstat': *}
            > LATENCY RESET nosuch                     => 0
            > LATENCY GRAPH nosuch                     => (error) 'ERR No samples available for event \'nosuch\''
        ",
        );
    }
}
