//! The sections, in INFO's order.

use std::sync::atomic::Ordering::Relaxed;

use super::memory::memory;
use super::section::{InfoText, ratio};
use super::{OCHRE_VERSION, REDIS_VERSION};
use crate::ServerContext;
use crate::table::CommandTable;

/// A section of INFO.
pub(super) struct Section {
    /// As a client asks for it.
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) shown: Shown,
    pub(super) write: fn(&mut ServerContext<'_, '_>, &mut InfoText),
}

/// When a section is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Always,
    /// Only when asked for, by name or with `all`.
    OnRequest,
}

pub(super) const SECTIONS: &[Section] = &[
    Section { name: "server", title: "Server", shown: Shown::Always, write: server },
    Section { name: "clients", title: "Clients", shown: Shown::Always, write: clients },
    Section { name: "memory", title: "Memory", shown: Shown::Always, write: memory },
    Section { name: "persistence", title: "Persistence", shown: Shown::Always, write: persistence },
    Section { name: "stats", title: "Stats", shown: Shown::Always, write: stats },
    Section { name: "replication", title: "Replication", shown: Shown::Always, write: replication },
    Section { name: "cpu", title: "CPU", shown: Shown::Always, write: cpu },
    Section { name: "commandstats", title: "Commandstats", shown: Shown::OnRequest, write: commandstats },
    Section { name: "errorstats", title: "Errorstats", shown: Shown::Always, write: errorstats },
    Section { name: "latencystats", title: "Latencystats", shown: Shown::OnRequest, write: latencystats },
    Section { name: "cluster", title: "Cluster", shown: Shown::Always, write: cluster },
    Section { name: "keyspace", title: "Keyspace", shown: Shown::Always, write: keyspace },
];

fn server(cx: &mut ServerContext<'_, '_>, out: &mut InfoText) {
    let node = cx.node;
    let live = node.live();
    let process = node.host.process();
    let now_us = node.host.unix_us();
    let uptime_s = (now_us / 1000 - node.started_at.0) / 1000;
    out.field("redis_version", REDIS_VERSION);
    out.field("ochre_version", OCHRE_VERSION);
    out.field("redis_git_sha1", "00000000");
    out.field("redis_git_dirty", 0);
    out.field("redis_build_id", "0");
    out.field("redis_mode", "standalone");
    out.field("os", process.os);
    out.field("arch_bits", usize::BITS);
    out.field("monotonic_clock", "POSIX clock_gettime");
    out.field("multiplexing_api", process.poll_api);
    out.field("process_id", process.pid);
    out.field("process_supervised", live.settings.general.supervised.as_str());
    out.field("run_id", &node.run_id);
    out.field("tcp_port", live.settings.network.port);
    out.field("server_time_usec", now_us);
    out.field("uptime_in_seconds", uptime_s);
    out.field("uptime_in_days", uptime_s / 86_400);
    out.field("hz", live.settings.general.hz);
    out.field("configured_hz", live.settings.general.hz);
    out.field("lru_clock", (now_us / 1_000_000) & 0xff_ffff);
    out.field("executable", process.executable);
    out.field("config_file", process.config_file);
    out.field("threads", live.settings.general.threads);
    out.field("io_threads_active", u8::from(live.settings.general.threads > 1));
}

fn clients(cx: &mut ServerContext<'_, '_>, out: &mut InfoText) {
    let all = cx.node.clients.all();
    let largest =
        |size: fn(&crate::clients::ClientInfo) -> usize| all.iter().map(|client| size(client)).max().unwrap_or(0);
    out.field("connected_clients", all.len());
    out.field("cluster_connections", 0);
    out.field("maxclients", cx.node.live().settings.clients.maxclients);
    out.field("client_recent_max_input_buffer", largest(|client| client.input_bytes.load(Relaxed)));
    out.field("client_recent_max_output_buffer", largest(|client| client.output_bytes.load(Relaxed)));
    let (waiting, keys) = cx.node.waiters.counts();
    out.field("blocked_clients", waiting);
    out.field("tracking_clients", cx.node.tracking.clients());
    out.field("pubsub_clients", all.iter().filter(|client| client.subscribes()).count());
    out.field("clients_in_timeout_table", waiting);
    out.field("total_watched_keys", cx.node.watchers.key_count());
    out.field("total_blocking_keys", keys);
}

fn persistence(cx: &mut ServerContext<'_, '_>, out: &mut InfoText) {
    let state = &cx.node.persistence;
    out.field("loading", u8::from(state.is_loading()));
    out.field("async_loading", 0);
    let dirty = cx.node.stats.sum(|lane| &lane.dirty);
    out.field("rdb_changes_since_last_save", dirty.saturating_sub(state.dirty_at_save.load(Relaxed)));
    out.field("rdb_bgsave_in_progress", 0);
    out.field("rdb_last_save_time", state.last_save_s.load(Relaxed));
    out.field("rdb_last_bgsave_status", if state.last_save_ok.load(Relaxed) { "ok" } else { "err" });
    out.field("rdb_last_bgsave_time_sec", -1);
    out.field("rdb_current_bgsave_time_sec", -1);
    out.field("rdb_saves", state.saves.load(Relaxed));
    out.field("rdb_last_load_keys_expired", state.load_expired_keys.load(Relaxed));
    out.field("rdb_last_load_keys_loaded", state.loaded_keys.load(Relaxed));
    out.field("rdb_last_load_keys_skipped", state.load_skipped_keys.load(Relaxed));
    out.field("aof_enabled", 0);
    out.field("aof_rewrite_in_progress", 0);
    out.field("aof_rewrite_scheduled", 0);
    out.field("aof_last_rewrite_time_sec", -1);
    out.field("aof_current_rewrite_time_sec", -1);
    out.field("aof_last_bgrewrite_status", "ok");
    out.field("aof_last_write_status", "ok");
    if state.is_loading() {
        let (total, done) = (state.load_total_bytes.load(Relaxed), state.load_done_bytes.load(Relaxed));
        let elapsed_s = (cx.data.now().seconds() - state.load_started_s.load(Relaxed)).max(0);
        let left = total.saturating_sub(done).saturating_mul(u64::try_from(elapsed_s).unwrap_or(0));
        out.field("loading_start_time", state.load_started_s.load(Relaxed));
        out.field("loading_total_bytes", total);
        out.field("loading_loaded_bytes", done);
        out.field("loading_loaded_perc", done.saturating_mul(100).checked_div(total).unwrap_or(0));
        out.field("loading_eta_seconds", left.checked_div(done).unwrap_or(0));
    }
}

fn stats(cx: &mut ServerContext<'_, '_>, out: &mut InfoText) {
    let stats = &cx.node.stats;
    let rates = stats.rates();
    out.field("total_connections_received", stats.sum(|lane| &lane.connections_received));
    out.field("total_commands_processed", stats.sum(|lane| &lane.commands_processed));
    out.field("instantaneous_ops_per_sec", rates.commands_per_s);
    out.field("total_net_input_bytes", stats.sum(|lane| &lane.input_bytes));
    out.field("total_net_output_bytes", stats.sum(|lane| &lane.output_bytes));
    out.field("instantaneous_input_kbps", format!("{:.2}", ratio(rates.input_bytes_per_s, 1024)));
    out.field("instantaneous_output_kbps", format!("{:.2}", ratio(rates.output_bytes_per_s, 1024)));
    out.field("rejected_connections", stats.sum(|lane| &lane.connections_rejected));
    out.field("expired_subkeys", stats.sum(|lane| &lane.expired_subkeys));
    out.field("expired_keys", stats.sum(|lane| &lane.expired_keys));
    out.field("expired_stale_perc", "0.00");
    out.field("expired_time_cap_reached_count", 0);
    out.field("evicted_keys", stats.sum(|lane| &lane.evicted_keys));
    out.field("evicted_clients", stats.sum(|lane| &lane.evicted_clients));
    let [exceeded_ms, exceeding_ms] = cx.node.memory.exceeded_ms(cx.node.host.monotonic_ns());
    out.field("total_eviction_exceeded_time", exceeded_ms);
    out.field("current_eviction_exceeded_time", exceeding_ms);
    out.field("keyspace_hits", stats.sum(|lane| &lane.hits));
    out.field("keyspace_misses", stats.sum(|lane| &lane.misses));
    out.field("pubsub_channels", cx.node.pubsub.len(crate::pubsub::Kind::Channel));
    out.field("pubsub_patterns", cx.node.pubsub.len(crate::pubsub::Kind::Pattern));
    out.field("pubsubshard_channels", cx.node.pubsub.len(crate::pubsub::Kind::ShardChannel));
    out.field("latest_fork_usec", 0);
    out.field("total_forks", 0);
    let [keys, items, prefixes] = cx.node.tracking.sizes();
    out.field("tracking_total_keys", keys);
    out.field("tracking_total_items", items);
    out.field("tracking_total_prefixes", prefixes);
    let templates = cx.node.templates.sizes();
    out.field("hash_templates", templates.templates);
    out.field("hash_template_keys", templates.keys);
    out.field("total_error_replies", stats.sum(|lane| &lane.error_replies));
    out.field("client_query_buffer_limit_disconnections", stats.sum(|lane| &lane.query_buffer_disconnections));
    for (name, count) in cx.node.acl.denied() {
        out.field(name, count);
    }
    out.field("client_output_buffer_limit_disconnections", stats.sum(|lane| &lane.output_buffer_disconnections));
}

/// A primary without replicas.
fn replication(cx: &mut ServerContext<'_, '_>, out: &mut InfoText) {
    out.field("role", "master");
    out.field("connected_slaves", 0);
    out.field("master_failover_state", "no-failover");
    out.field("master_replid", &cx.node.run_id);
    out.field("master_replid2", "0".repeat(40));
    out.field("master_repl_offset", 0);
    out.field("second_repl_offset", -1);
    out.field("repl_backlog_active", 0);
    out.field("repl_backlog_size", 1_048_576);
    out.field("repl_backlog_first_byte_offset", 0);
    out.field("repl_backlog_histlen", 0);
}

fn cpu(cx: &mut ServerContext<'_, '_>, out: &mut InfoText) {
    let process = cx.node.host.process();
    out.field("used_cpu_sys", format!("{:.6}", process.cpu_sys_s));
    out.field("used_cpu_user", format!("{:.6}", process.cpu_user_s));
    out.field("used_cpu_sys_children", format!("{:.6}", process.cpu_sys_children_s));
    out.field("used_cpu_user_children", format!("{:.6}", process.cpu_user_children_s));
}

fn commandstats(cx: &mut ServerContext<'_, '_>, out: &mut InfoText) {
    for entry in CommandTable::get().entries() {
        let [calls, time_ns, rejected, failed] = cx.node.stats.command(entry.id);
        if calls == 0 && rejected == 0 && failed == 0 {
            continue;
        }
        let us = time_ns / 1000;
        out.field(
            &format!("cmdstat_{}", entry.full_name),
            format_args!(
                "calls={calls},usec={us},usec_per_call={:.2},rejected_calls={rejected},failed_calls={failed}",
                ratio(us, calls)
            ),
        );
    }
}

fn errorstats(cx: &mut ServerContext<'_, '_>, out: &mut InfoText) {
    for (code, count) in cx.node.stats.errors() {
        out.field(&format!("errorstat_{code}"), format_args!("count={count}"));
    }
}

fn latencystats(cx: &mut ServerContext<'_, '_>, out: &mut InfoText) {
    let live = cx.node.live();
    let monitoring = &live.settings.monitoring;
    for entry in CommandTable::get().entries().iter().filter(|_| monitoring.latency_tracking) {
        let snapshot = cx.node.stats.latency(entry.id);
        if snapshot.total == 0 {
            continue;
        }
        let percentiles = monitoring.latency_percentiles.iter().map(|percent| {
            let ns = snapshot.percentile_ns(*percent);
            format!("p{percent}={}.{:03}", ns / 1000, ns % 1000)
        });
        let percentiles: Vec<String> = percentiles.collect();
        out.field(&format!("latency_percentiles_usec_{}", entry.full_name), percentiles.join(","));
    }
}

fn cluster(_cx: &mut ServerContext<'_, '_>, out: &mut InfoText) {
    out.field("cluster_enabled", 0);
}

fn keyspace(cx: &mut ServerContext<'_, '_>, out: &mut InfoText) {
    for db in 0..cx.node.keyspace.databases() {
        cx.data.db.select(db);
        let size = cx.data.db.size();
        if size.keys > 0 {
            out.field(
                &format!("db{db}"),
                format_args!(
                    "keys={},expires={},avg_ttl={},subexpiry={}",
                    size.keys, size.volatile_keys, size.average_ttl_ms, size.keys_with_volatile_parts
                ),
            );
        }
    }
    cx.data.db.select(cx.client.db);
}
