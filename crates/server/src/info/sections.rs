//! The sections, in INFO's order.

use std::sync::atomic::Ordering::Relaxed;

use super::keysizes::keysizes;
use super::memory::memory;
use super::persistence::persistence;
use super::section::{InfoText, ratio};
use super::stats::stats;
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
    /// Only when asked for by name: it looks at every key, or is of interest to few.
    ByName,
}

pub(super) const SECTIONS: &[Section] = &[
    Section { name: "server", title: "Server", shown: Shown::Always, write: server },
    Section { name: "clients", title: "Clients", shown: Shown::Always, write: clients },
    Section { name: "memory", title: "Memory", shown: Shown::Always, write: memory },
    Section { name: "persistence", title: "Persistence", shown: Shown::Always, write: persistence },
    Section { name: "threads", title: "Threads", shown: Shown::Always, write: threads },
    Section { name: "stats", title: "Stats", shown: Shown::Always, write: stats },
    Section { name: "replication", title: "Replication", shown: Shown::Always, write: replication },
    Section { name: "cpu", title: "CPU", shown: Shown::Always, write: cpu },
    Section { name: "modules", title: "Modules", shown: Shown::Always, write: |_, _| {} },
    Section { name: "commandstats", title: "Commandstats", shown: Shown::OnRequest, write: commandstats },
    Section { name: "errorstats", title: "Errorstats", shown: Shown::Always, write: errorstats },
    Section { name: "latencystats", title: "Latencystats", shown: Shown::OnRequest, write: latencystats },
    Section { name: "cluster", title: "Cluster", shown: Shown::Always, write: cluster },
    Section { name: "keyspace", title: "Keyspace", shown: Shown::Always, write: keyspace },
    Section { name: "keysizes", title: "Keysizes", shown: Shown::ByName, write: keysizes },
    Section { name: "debug", title: "Debug", shown: Shown::ByName, write: debug },
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
    out.field("atomicvar_api", "rust-core");
    // As Redis says where it was built by another compiler.
    out.field("gcc_version", "0.0.0");
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
    let network = &live.settings.network;
    let mut listeners = Vec::new();
    if network.port > 0 && !network.bind.is_empty() {
        let bind: Vec<String> = network.bind.iter().map(|address| format!("bind={}", address.address)).collect();
        listeners.push(format!("name=tcp,{},port={}", bind.join(","), network.port));
    }
    if let Some(path) = &network.unixsocket {
        listeners.push(format!("name=unix,bind={}", path.display()));
    }
    for (index, listener) in listeners.iter().enumerate() {
        out.field(&format!("listener{index}"), listener);
    }
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
    out.field("blocked_clients", waiting + cx.node.clients.pause.held());
    out.field("tracking_clients", cx.node.tracking.clients());
    out.field("pubsub_clients", all.iter().filter(|client| client.subscribes()).count());
    out.field("watching_clients", all.iter().filter(|client| client.watched.load(Relaxed) > 0).count());
    out.field("clients_in_timeout_table", waiting);
    out.field("total_watched_keys", cx.node.watchers.key_count());
    out.field("total_blocking_keys", keys);
    out.field("total_blocking_keys_on_nokey", cx.node.waiters.keys_watched_for_their_end());
    let pause = cx.node.clients.pause.state().map(|(until, writes_only)| {
        let left_ms = until.ms_since(cx.data.now()).max(0);
        ("client_pause", if writes_only { "write" } else { "all" }, left_ms)
    });
    let (reason, actions, left_ms) = pause.unwrap_or(("none", "none", 0));
    out.field("paused_reason", reason);
    out.field("paused_actions", actions);
    out.field("paused_timeout_milliseconds", left_ms);
}

/// Every reactor serves clients: Redis's I/O threads and the thread behind them in one.
fn threads(cx: &mut ServerContext<'_, '_>, out: &mut InfoText) {
    let all = cx.node.clients.all();
    for (index, lane) in cx.node.stats.lanes.iter().enumerate() {
        let clients = all.iter().filter(|client| client.lane == index).count();
        let (reads, writes) = (lane.reads.get(), lane.writes.get());
        out.field(&format!("io_thread_{index}"), format_args!("clients={clients},reads={reads},writes={writes}"));
    }
}

fn debug(cx: &mut ServerContext<'_, '_>, out: &mut InfoText) {
    let longest_ns = cx.node.stats.lanes.iter().map(|lane| lane.longest_cycle_ns.get()).max().unwrap_or(0);
    out.field("eventloop_duration_max", longest_ns / 1000);
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
    let [user_s, sys_s] = process.cpu_main_thread_s;
    out.field("used_cpu_sys_main_thread", format!("{sys_s:.6}"));
    out.field("used_cpu_user_main_thread", format!("{user_s:.6}"));
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
