//! HOTKEYS START, STOP, GET, RESET: which keys cost most.

use command_api::{Arg, Args, CommandError, CommandResult, Docs, Flow, Group, Reply};
use stdx::num;

use super::hotkeys::{Heaviest, Plan};
use crate::help::help;
use crate::{ServerCommand, ServerContext};

pub(super) const HOTKEYS: ServerCommand =
    ServerCommand::container("hotkeys", &[&HOTKEYS_GET, &HOTKEYS_HELP, &HOTKEYS_RESET, &HOTKEYS_START, &HOTKEYS_STOP])
        .since("8.6.0")
        .arity(-2)
        .docs(&HOTKEYS_DOCS);

const HOTKEYS_GET: ServerCommand = ServerCommand::new("get", hotkeys_get)
    .since("8.6.0")
    .arity(2)
    .admin()
    .noscript()
    .tips(&["nondeterministic_output", "request_policy:special", "response_policy:special"])
    .docs(&HOTKEYS_GET_DOCS);

const HOTKEYS_HELP: ServerCommand =
    ServerCommand::new("help", hotkeys_help).since("8.6.1").arity(2).loading().stale().docs(&HOTKEYS_HELP_DOCS);

const HOTKEYS_RESET: ServerCommand = ServerCommand::new("reset", hotkeys_reset)
    .since("8.6.0")
    .arity(2)
    .admin()
    .noscript()
    .tips(&["request_policy:special"])
    .docs(&HOTKEYS_RESET_DOCS);

const HOTKEYS_START: ServerCommand = ServerCommand::new("start", hotkeys_start)
    .since("8.6.0")
    .arity(-2)
    .admin()
    .noscript()
    .tips(&["request_policy:special"])
    .docs(&HOTKEYS_START_DOCS);

const HOTKEYS_STOP: ServerCommand = ServerCommand::new("stop", hotkeys_stop)
    .since("8.6.0")
    .arity(2)
    .admin()
    .noscript()
    .tips(&["request_policy:special"])
    .docs(&HOTKEYS_STOP_DOCS);

const DEFAULT_COUNT: usize = 10;

/// More keys would make the sketch a copy of the key space.
const MAX_COUNT: i64 = 1000;

const NO_METRICS: CommandError = CommandError::other("ERR METRICS parameter is required");
const BAD_METRICS: CommandError =
    CommandError::other("ERR METRICS must be followed by their number and by CPU, NET or both");
const BAD_COUNT: CommandError = CommandError::other("ERR COUNT must be between 1 and 1000");
const BAD_DURATION: CommandError = CommandError::other("ERR DURATION must be 0 or a number of seconds");
const BAD_SAMPLE: CommandError = CommandError::other("ERR SAMPLE ratio must be greater than 0");
const NO_SLOTS: CommandError = CommandError::other("ERR SLOTS parameter cannot be used in non-cluster mode");
const RUNS: CommandError = CommandError::other("ERR hotkeys tracking is already in progress");
const RUNS_STILL: CommandError = CommandError::other("ERR hotkeys tracking is in progress: stop it first");
const RUNS_NOT: CommandError = CommandError::other("ERR hotkeys tracking is not in progress");

fn hotkeys_start(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let now = cx.data.now();
    let mut plan = Plan { cpu: false, net: false, count: DEFAULT_COUNT, until: None, ratio: 1 };
    while !args.is_empty() {
        if args.accept("METRICS") {
            read_metrics(args, &mut plan)?;
        } else if args.accept("COUNT") {
            let count = args.int().ok().filter(|count| (1..=MAX_COUNT).contains(count)).ok_or(BAD_COUNT)?;
            plan.count = usize::try_from(count).map_err(|_| BAD_COUNT)?;
        } else if args.accept("DURATION") {
            let ms = args.int().ok().filter(|seconds| *seconds >= 0).and_then(|seconds| seconds.checked_mul(1000));
            let ms = ms.ok_or(BAD_DURATION)?;
            plan.until = if ms == 0 { None } else { Some(now.checked_add_ms(ms).ok_or(BAD_DURATION)?) };
        } else if args.accept("SAMPLE") {
            plan.ratio = args
                .int()
                .ok()
                .and_then(|ratio| u32::try_from(ratio).ok())
                .filter(|ratio| *ratio > 0)
                .ok_or(BAD_SAMPLE)?;
        } else if args.accept("SLOTS") {
            return Err(NO_SLOTS);
        } else {
            return Err(CommandError::Syntax);
        }
    }
    if !plan.cpu && !plan.net {
        return Err(NO_METRICS);
    }
    if !cx.node.hotkeys.start(cx.node, plan, now) {
        return Err(RUNS);
    }
    reply.ok();
    Ok(Flow::Done)
}

/// `2 CPU NET`, in any order.
fn read_metrics(args: &mut Args<'_>, plan: &mut Plan) -> Result<(), CommandError> {
    let count =
        args.bytes().ok().and_then(num::parse_i64).filter(|count| (1..=2).contains(count)).ok_or(BAD_METRICS)?;
    for _ in 0..count {
        if !plan.cpu && args.accept("CPU") {
            plan.cpu = true;
        } else if !plan.net && args.accept("NET") {
            plan.net = true;
        } else {
            return Err(BAD_METRICS);
        }
    }
    Ok(())
}

fn hotkeys_stop(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    if !cx.node.hotkeys.stop(cx.node, cx.data.now()) {
        return Err(RUNS_NOT);
    }
    reply.ok();
    Ok(Flow::Done)
}

fn hotkeys_reset(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    if !cx.node.hotkeys.reset(cx.node, cx.data.now()) {
        return Err(RUNS_STILL);
    }
    reply.ok();
    Ok(Flow::Done)
}

/// An array of one report, since a proxy in front of several servers puts theirs one behind the other.
fn hotkeys_get(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let now = cx.data.now();
    let Some(session) = cx.node.hotkeys.get(cx.node, now) else {
        reply.null();
        return Ok(Flow::Done);
    };
    let plan = session.plan;
    reply.array(1);
    reply.map(7 + if plan.cpu { 3 } else { 0 } + if plan.net { 2 } else { 0 });
    let mut field = |name: &str, number: u64| {
        reply.bulk(name.as_bytes());
        reply.int(i64::try_from(number).unwrap_or(i64::MAX));
    };
    let unsigned = |number: i64| u64::try_from(number).unwrap_or(0);
    field("tracking-active", u64::from(session.stopped_at.is_none()));
    field("sample-ratio", u64::from(plan.ratio));
    reply.bulk(b"selected-slots");
    reply.array(0);
    let mut field = |name: &str, number: u64| {
        reply.bulk(name.as_bytes());
        reply.int(i64::try_from(number).unwrap_or(i64::MAX));
    };
    field("all-commands-all-slots-us", session.command_ns / 1000);
    field("net-bytes-all-commands-all-slots", session.wire_bytes);
    field("collection-start-time-unix-ms", unsigned(session.started_at.0));
    let end = session.stopped_at.unwrap_or(now);
    field("collection-duration-ms", unsigned(end.ms_since(session.started_at)));
    if plan.cpu {
        let [user_ms, sys_ms] = session.cpu_s.map(whole_ms);
        field("total-cpu-time-user-ms", user_ms);
        field("total-cpu-time-sys-ms", sys_ms);
    }
    if plan.net {
        field("total-net-bytes", session.wire_bytes);
    }
    if plan.cpu {
        write_heaviest(reply, "by-cpu-time-us", &session.by_cpu_ns, plan.count, 1000);
    }
    if plan.net {
        write_heaviest(reply, "by-net-bytes", &session.by_bytes, plan.count, 1);
    }
    Ok(Flow::Done)
}

/// Keys and weights in turn, heaviest first.
fn write_heaviest(reply: &mut Reply<'_>, name: &str, heaviest: &Heaviest, count: usize, unit: u64) {
    let first = heaviest.first(count);
    reply.bulk(name.as_bytes());
    reply.array(first.len() * 2);
    for (key, weight) in first {
        reply.bulk(key);
        reply.int(i64::try_from(weight / unit).unwrap_or(i64::MAX));
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time of a process, never negative")]
fn whole_ms(seconds: f64) -> u64 {
    (seconds * 1000.0) as u64
}

fn hotkeys_help(_cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    help(
        reply,
        "HOTKEYS",
        &[
            ("GET", "Tell which keys cost most since START."),
            ("RESET", "Forget what was found."),
            (
                "START METRICS <count> [CPU] [NET] [COUNT <keys>] [DURATION <seconds>] [SAMPLE <ratio>]",
                "Find the keys that cost most processor time, or most bytes on the wire: <keys> of each, 10 by default,\n\
                 for <seconds> or until STOP, looking at one command in <ratio>.",
            ),
            ("STOP", "End it; GET still answers."),
        ],
    );
    Ok(Flow::Done)
}

const HOTKEYS_DOCS: Docs =
    Docs::new("Groups the commands on keys that cost most.", Group::Server, "Depends on subcommand.");

const HOTKEYS_GET_DOCS: Docs =
    Docs::new("Tells which keys cost most.", Group::Server, "O(K) where K is the number of hotkeys returned.");

const HOTKEYS_HELP_DOCS: Docs = Docs::new("Explains the subcommands.", Group::Server, "O(1)");

const HOTKEYS_RESET_DOCS: Docs = Docs::new("Forgets which keys cost most.", Group::Server, "O(1)");

const HOTKEYS_START_DOCS: Docs = Docs::new("Begins to look for the keys that cost most.", Group::Server, "O(1)")
    .arguments(&[
        Arg::block(
            "metrics",
            &[
                Arg::integer("count"),
                Arg::pure_token("cpu", "CPU").optional(),
                Arg::pure_token("net", "NET").optional(),
            ],
        )
        .token("METRICS"),
        Arg::integer("k").token("COUNT").optional(),
        Arg::integer("seconds").token("DURATION").optional(),
        Arg::integer("ratio").token("SAMPLE").optional(),
        Arg::block("slots", &[Arg::integer("count"), Arg::integer("slot").multiple()]).token("SLOTS").optional(),
    ]);

const HOTKEYS_STOP_DOCS: Docs = Docs::new("Ends the look for the keys that cost most.", Group::Server, "O(1)");

#[cfg(test)]
mod tests {
    use crate::testing::in_memory;

    #[test]
    fn the_keys_that_cost_most_come_first() {
        in_memory(
            r"
            @skip-lens restore its own commands count too
            @skip-lens not-compact its own commands count too
            @skip-lens script the keys that a script declares count
            @skip-lens script-resp3 the keys that a script declares count
            > HOTKEYS GET                                  => (nil)
            > HOTKEYS START METRICS 1 NET COUNT 2          => OK
            > HOTKEYS START METRICS 1 NET                  => (error) ERR hotkeys tracking is already in progress
            > HOTKEYS RESET                                => (error) 'ERR hotkeys tracking is in progress: stop it first'
            > SET big ${x*1000}                            => OK
            > SET small y                                  => OK
            > GET small                                    => 'y'
            > GET none                                     => (nil)
            > MSET big a other b                           => OK
            @now +2s
            > HOTKEYS STOP                                 => OK
            > SET none ${x*1000}                           => OK
            > HOTKEYS GET                                  => [{
                'tracking-active': 0, 'sample-ratio': 1, 'selected-slots': [],
                'all-commands-all-slots-us': (int), 'net-bytes-all-commands-all-slots': (int),
                'collection-start-time-unix-ms': 1767225600000, 'collection-duration-ms': 2000,
                'total-net-bytes': (int), 'by-net-bytes': ['big', (int), 'small', (int)]}]
            > HOTKEYS STOP                                 => (error) ERR hotkeys tracking is not in progress
            > HOTKEYS RESET                                => OK
            > HOTKEYS GET                                  => (nil)
        ",
        );
    }

    #[test]
    fn tracking_ends_by_itself_and_names_both_costs() {
        in_memory(
            r"
            @skip-lens restore its own commands count too
            @skip-lens not-compact its own commands count too
            @skip-lens script the keys that a script declares count
            @skip-lens script-resp3 the keys that a script declares count
            > HOTKEYS START METRICS 2 NET CPU DURATION 3 SAMPLE 1   => OK
            > GET a                                        => (nil)
            @now +4s
            > HOTKEYS GET                                  => [{
                'tracking-active': 0, 'sample-ratio': 1, 'selected-slots': [],
                'all-commands-all-slots-us': (int), 'net-bytes-all-commands-all-slots': (int),
                'collection-start-time-unix-ms': (int), 'collection-duration-ms': 3000,
                'total-cpu-time-user-ms': (int), 'total-cpu-time-sys-ms': (int),
                'total-net-bytes': (int), 'by-cpu-time-us': ['a', (int)], 'by-net-bytes': ['a', (int)]}]
            > HOTKEYS START METRICS 1 CPU                  => OK
        ",
        );
    }

    #[test]
    fn hotkeys_refuses_what_it_cannot_track() {
        in_memory(
            r"
            > HOTKEYS START                                => (error) ERR METRICS parameter is required
            > HOTKEYS START METRICS 3 CPU NET CPU          => (error) ERR METRICS must be ...
            > HOTKEYS START METRICS 2 CPU                  => (error) ERR METRICS must be ...
            > HOTKEYS START METRICS 1 CPU COUNT 0          => (error) ERR COUNT must be between 1 and 1000
            > HOTKEYS START METRICS 1 CPU DURATION -1      => (error) ERR DURATION must be 0 or a number of seconds
            > HOTKEYS START METRICS 1 CPU SAMPLE 0         => (error) ERR SAMPLE ratio must be greater than 0
            > HOTKEYS START METRICS 1 CPU SLOTS 1 5        => (error) ERR SLOTS parameter cannot be used in non-cluster mode
            > HOTKEYS START METRICS 1 CPU foo              => (error) ERR syntax error
            > HOTKEYS STOP                                 => (error) ERR hotkeys tracking is not in progress
        ",
        );
    }
}
