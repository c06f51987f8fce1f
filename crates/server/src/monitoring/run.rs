//! The one place that every command passes after it ran.

use command_api::{CommandResult, Flags, Flow};
use resp::Argv;

use super::Cost;
use crate::clients::ClientInfo;
use crate::node::{Live, Node};
use crate::session::Client;
use crate::table::Entry;
use crate::waiting::Waiter;
use crate::worker::Worker;

impl Worker {
    /// Counts a command that ran until now and wrote `reply_bytes`, and tells whoever wants to know of it.
    #[expect(clippy::too_many_arguments, reason = "see `execute`")]
    pub(crate) fn note_run(
        &mut self,
        node: &Node,
        live: &Live,
        client: &Client,
        entry: &Entry,
        argv: Argv<'_>,
        result: &CommandResult,
        reply_bytes: usize,
    ) {
        let end_ns = node.host.monotonic_ns();
        let ns = end_ns.saturating_sub(self.command_start_ns);
        self.command_start_ns = end_ns;
        if result.is_err() {
            node.stats.lanes[self.lane].commands[entry.id].failed.add(1);
        }
        // One that waits is counted when it is answered.
        if !matches!(result, Ok(Flow::Block)) {
            let cost = Cost { ns, reply_bytes, is_inner: false };
            node.count_run(live, self.lane, &client.info, entry, argv, cost);
            if node.hotkeys.is_on() {
                node.hotkeys.note(node, entry, argv, cost, |ratio| self.rng.u32(..ratio) == 0);
            }
        }
        if node.monitors.is_on() {
            node.show_to_monitors(client, entry, argv);
        }
    }

    /// As [`Worker::note_run`], for a command that the client's script called. The logs show it, as the client's, before the script.
    #[expect(clippy::too_many_arguments, reason = "see `execute`")]
    pub(crate) fn note_inner_run(
        &mut self,
        node: &Node,
        live: &Live,
        client: &Client,
        entry: &Entry,
        argv: Argv<'_>,
        result: &CommandResult,
        reply_bytes: usize,
    ) {
        let end_ns = node.host.monotonic_ns();
        let ns = end_ns.saturating_sub(self.command_start_ns);
        self.command_start_ns = end_ns;
        let lane = &node.stats.lanes[self.lane];
        lane.commands_processed.add(1);
        if result.is_err() {
            lane.commands[entry.id].failed.add(1);
        }
        node.count_run(live, self.lane, &client.info, entry, argv, Cost { ns, reply_bytes, is_inner: true });
        if node.monitors.is_on() {
            node.show_inner_to_monitors(client.db, entry, argv);
        }
    }

    /// Counts a command that waited and has its answer, written in `ns`: the time that it waited is nobody's.
    pub(crate) fn note_answered(&mut self, node: &Node, live: &Live, waiter: &Waiter, ns: u64, reply_bytes: usize) {
        node.count_waited(live, self.lane, waiter, Cost { ns, reply_bytes, is_inner: false });
        // Nor is it the writer's who made the key ready.
        self.command_start_ns = self.command_start_ns.saturating_add(ns);
    }
}

impl Node {
    /// Counts a command that waited, as one that took what its runs took; `last` is its answer's.
    pub(crate) fn count_waited(&self, live: &Live, lane: usize, waiter: &Waiter, last: Cost) {
        // A client that is gone is nobody to log.
        let Some(client) = self.clients.get(waiter.client) else { return };
        let cost = Cost { ns: last.ns.saturating_add(waiter.ran_ns), ..last };
        self.count_run(live, lane, &client, waiter.entry, waiter.argv(), cost);
    }

    fn count_run(&self, live: &Live, lane: usize, client: &ClientInfo, entry: &Entry, argv: Argv<'_>, cost: Cost) {
        let settings = &live.settings.monitoring;
        let counters = &self.stats.lanes[lane].commands[entry.id];
        counters.calls.add(1);
        counters.time_ns.add(cost.ns);
        if settings.latency_tracking {
            counters.latency.record(cost.ns);
        }
        if !entry.flags.contains(Flags::SKIP_SLOWLOG) {
            self.command_logs.note(self, settings, client, entry, argv, cost);
        }
        // The clock is asked only if somebody wants to know.
        if settings.latency_monitor_threshold_ms > 0 {
            let event = if entry.flags.contains(Flags::FAST) { "fast-command" } else { "command" };
            self.latency.note(live, event, cost.ns, self.host.unix_ms());
        }
    }
}
