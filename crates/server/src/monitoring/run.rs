//! The one place that every command passes after it ran.

use command_api::{CommandResult, Flags, Flow};
use resp::Argv;

use crate::node::{Live, Node};
use crate::session::Client;
use crate::table::Entry;
use crate::worker::Worker;

impl Worker {
    /// Counts a command that ran until now, and tells whoever wants to know of it.
    pub(crate) fn note_run(
        &mut self,
        node: &Node,
        live: &Live,
        client: &Client,
        entry: &Entry,
        argv: Argv<'_>,
        result: &CommandResult,
    ) {
        let end_ns = node.host.monotonic_ns();
        let ns = end_ns.saturating_sub(self.command_start_ns);
        self.command_start_ns = end_ns;
        let counters = &node.stats.lanes[self.lane].commands[entry.id];
        if result.is_err() {
            counters.failed.add(1);
        }
        let settings = &live.settings.monitoring;
        // One that waits is counted when it is answered.
        if *result != Ok(Flow::Block) {
            counters.calls.add(1);
            counters.time_ns.add(ns);
            if settings.latency_tracking {
                counters.latency.record(ns);
            }
            if u64::try_from(settings.slowlog_log_slower_than_us).is_ok_and(|limit_us| ns / 1000 >= limit_us)
                && !entry.flags.contains(Flags::SKIP_SLOWLOG)
            {
                node.slow_log.add(node, settings, &client.info, entry, argv, ns / 1000);
            }
            // The clock is asked only if somebody wants to know.
            if settings.latency_monitor_threshold_ms > 0 {
                let event = if entry.flags.contains(Flags::FAST) { "fast-command" } else { "command" };
                node.latency.note(live, event, ns, node.host.unix_ms());
            }
        }
        if node.monitors.is_on() {
            node.show_to_monitors(client, entry, argv);
        }
    }

    /// As [`Worker::note_run`], for a command that a script called in database `db`: the slow log shows the script instead.
    pub(crate) fn note_inner_run(
        &mut self,
        node: &Node,
        live: &Live,
        db: usize,
        entry: &Entry,
        argv: Argv<'_>,
        result: &CommandResult,
    ) {
        let end_ns = node.host.monotonic_ns();
        let ns = end_ns.saturating_sub(self.command_start_ns);
        self.command_start_ns = end_ns;
        let lane = &node.stats.lanes[self.lane];
        let counters = &lane.commands[entry.id];
        lane.commands_processed.add(1);
        counters.calls.add(1);
        counters.time_ns.add(ns);
        if result.is_err() {
            counters.failed.add(1);
        }
        if live.settings.monitoring.latency_tracking {
            counters.latency.record(ns);
        }
        if node.monitors.is_on() {
            node.show_inner_to_monitors(db, entry, argv);
        }
    }
}
