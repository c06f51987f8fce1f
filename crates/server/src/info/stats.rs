//! The stats section: what happened since the start or since CONFIG RESETSTAT.
//!
//! What Ochre has no part of (forks, defragmentation, replicas) stands there as on a Redis that does not use it, so that whoever charts
//! these fields finds them.

use std::sync::atomic::Ordering::Relaxed;

use super::section::{InfoText, ratio};
use crate::ServerContext;
use crate::pubsub::Kind;
use crate::stats::{Counter, LaneStats};
use crate::table::CommandTable;

pub(super) fn stats(cx: &mut ServerContext<'_, '_>, out: &mut InfoText) {
    let stats = &cx.node.stats;
    let rates = stats.rates();
    out.field("total_connections_received", stats.sum(|lane| &lane.connections_received));
    out.field("total_commands_processed", stats.sum(|lane| &lane.commands_processed));
    out.field("instantaneous_ops_per_sec", rates.commands_per_s);
    out.field("total_net_input_bytes", stats.sum(|lane| &lane.input_bytes));
    out.field("total_net_output_bytes", stats.sum(|lane| &lane.output_bytes));
    out.field("total_net_repl_input_bytes", 0);
    out.field("total_net_repl_output_bytes", 0);
    out.field("instantaneous_input_kbps", format!("{:.2}", ratio(rates.input_bytes_per_s, 1024)));
    out.field("instantaneous_output_kbps", format!("{:.2}", ratio(rates.output_bytes_per_s, 1024)));
    out.field("instantaneous_input_repl_kbps", "0.00");
    out.field("instantaneous_output_repl_kbps", "0.00");
    out.field("rejected_connections", stats.sum(|lane| &lane.connections_rejected));
    for field in ["sync_full", "sync_partial_ok", "sync_partial_err"] {
        out.field(field, 0);
    }
    keys(cx, out);
    out.field("latest_fork_usec", 0);
    out.field("total_forks", 0);
    out.field("migrate_cached_sockets", cx.node.links.len());
    out.field("slave_expires_tracked_keys", 0);
    for field in ["hits", "misses", "key_hits", "key_misses"] {
        out.field(&format!("active_defrag_{field}"), 0);
    }
    out.field("total_active_defrag_time", 0);
    out.field("current_active_defrag_time", 0);
    let [keys, items, prefixes] = cx.node.tracking.sizes();
    out.field("tracking_total_keys", keys);
    out.field("tracking_total_items", items);
    out.field("tracking_total_prefixes", prefixes);
    let templates = cx.node.templates.sizes();
    out.field("hash_templates", templates.templates);
    out.field("hash_template_keys", templates.keys);
    out.field("unexpected_error_replies", 0);
    out.field("total_error_replies", stats.sum(|lane| &lane.error_replies));
    out.field("dump_payload_sanitizations", calls(cx, b"restore") + calls(cx, b"restore-asking"));
    let losses = &cx.node.persistence.losses;
    out.field("values_written_reduced", losses.not_written.load(Relaxed));
    out.field("values_read_without_metadata", losses.without_metadata.load(Relaxed));
    io(cx, out);
    for (name, count) in cx.node.acl.denied() {
        out.field(name, count);
    }
}

/// What became of keys, and of who looked for them.
fn keys(cx: &ServerContext<'_, '_>, out: &mut InfoText) {
    let stats = &cx.node.stats;
    out.field("expired_subkeys", stats.sum(|lane| &lane.expired_subkeys));
    out.field("expired_keys", stats.sum(|lane| &lane.expired_keys));
    // Keys are removed when their time comes: none is stale, and no cycle is cut short.
    out.field("expired_stale_perc", "0.00");
    out.field("expired_time_cap_reached_count", 0);
    out.field("expire_cycle_cpu_milliseconds", stats.sum(|lane| &lane.expire_ns) / 1_000_000);
    out.field("evicted_keys", stats.sum(|lane| &lane.evicted_keys));
    out.field("evicted_clients", stats.sum(|lane| &lane.evicted_clients));
    out.field("evicted_scripts", cx.node.scripting.figures.evicted_scripts.load(Relaxed));
    let [exceeded_ms, exceeding_ms] = cx.node.memory.exceeded_ms(cx.node.host.monotonic_ns());
    out.field("total_eviction_exceeded_time", exceeded_ms);
    out.field("current_eviction_exceeded_time", exceeding_ms);
    out.field("keyspace_hits", stats.sum(|lane| &lane.hits));
    out.field("keyspace_misses", stats.sum(|lane| &lane.misses));
    out.field("pubsub_channels", cx.node.pubsub.len(Kind::Channel));
    out.field("pubsub_patterns", cx.node.pubsub.len(Kind::Pattern));
    out.field("pubsubshard_channels", cx.node.pubsub.len(Kind::ShardChannel));
}

/// Sockets and loops.
fn io(cx: &ServerContext<'_, '_>, out: &mut InfoText) {
    let stats = &cx.node.stats;
    let behind_first = |counter: fn(&LaneStats) -> &Counter| -> u64 {
        stats.lanes.iter().skip(1).map(|lane| counter(lane).get()).sum()
    };
    out.field("total_reads_processed", stats.sum(|lane| &lane.reads));
    out.field("total_writes_processed", stats.sum(|lane| &lane.writes));
    out.field("io_threaded_reads_processed", behind_first(|lane| &lane.reads));
    out.field("io_threaded_writes_processed", behind_first(|lane| &lane.writes));
    out.field("client_query_buffer_limit_disconnections", stats.sum(|lane| &lane.query_buffer_disconnections));
    out.field("client_output_buffer_limit_disconnections", stats.sum(|lane| &lane.output_buffer_disconnections));
    // A reply is written into the connection's one buffer, which is lent to it and grows as any.
    out.field("reply_buffer_shrinks", 0);
    out.field("reply_buffer_expands", 0);
    let rates = stats.rates();
    let command_ns: u64 = CommandTable::get().entries().iter().map(|entry| stats.command(entry.id)[1]).sum();
    out.field("eventloop_cycles", stats.sum(|lane| &lane.cycles));
    out.field("eventloop_duration_sum", stats.sum(|lane| &lane.cycles_ns) / 1000);
    out.field("eventloop_duration_cmd_sum", command_ns / 1000);
    out.field("instantaneous_eventloop_cycles_per_sec", rates.cycles_per_s);
    out.field("instantaneous_eventloop_duration_usec", rates.cycle_us);
}

fn calls(cx: &ServerContext<'_, '_>, name: &[u8]) -> u64 {
    CommandTable::get().find(name).map_or(0, |entry| cx.node.stats.command(entry.id)[0])
}
