//! The memory section.

use std::sync::atomic::Ordering::Relaxed;

use super::section::{InfoText, human, ratio};
use crate::ServerContext;

/// How the allocator's figures and the keyspace's relate.
pub(super) fn memory(cx: &mut ServerContext<'_, '_>, out: &mut InfoText) {
    let usage = cx.node.host.memory();
    let used = cx.node.memory.used(cx.client.info.lane, &*cx.node.host);
    let peak = cx.node.memory.peak(used);
    let startup = cx.node.startup_memory_bytes;
    let tables: u64 = (0..cx.node.keyspace.databases())
        .map(|db| {
            cx.data.db.select(db);
            cx.data.db.size().table_bytes as u64
        })
        .sum();
    cx.data.db.select(cx.client.db);
    let clients: usize = cx.node.clients.all().iter().map(|client| client.total_bytes()).sum();
    let overhead = startup + tables + clients as u64;
    let dataset = used.saturating_sub(overhead);
    let live = cx.node.live();
    let settings = &live.settings.memory;
    out.bytes("used_memory", used);
    out.bytes("used_memory_rss", usage.rss);
    out.bytes("used_memory_peak", peak);
    out.field("used_memory_peak_perc", format!("{:.2}%", ratio(used, peak) * 100.0));
    out.field("used_memory_overhead", overhead);
    out.field("used_memory_startup", startup);
    out.field("used_memory_dataset", dataset);
    let above_startup = used.saturating_sub(startup);
    out.field("used_memory_dataset_perc", format!("{:.2}%", ratio(dataset, above_startup) * 100.0));
    out.field("used_memory_hash_templates", cx.node.templates.sizes().bytes);
    out.field("allocator_allocated", usage.allocated);
    out.field("allocator_active", usage.active);
    out.field("allocator_resident", usage.resident);
    // jemalloc gives its muzzy pages back with the dirty ones, and counts them among the resident.
    out.field("allocator_muzzy", 0);
    out.bytes("total_system_memory", usage.system);
    scripts(cx, out);
    out.bytes("maxmemory", settings.maxmemory_bytes);
    out.field("maxmemory_policy", settings.policy.as_str());
    out.field("allocator_frag_ratio", format!("{:.2}", ratio(usage.active, usage.allocated)));
    out.field("allocator_frag_bytes", usage.active.saturating_sub(usage.allocated));
    out.field("allocator_rss_ratio", format!("{:.2}", ratio(usage.resident, usage.active)));
    out.field("allocator_rss_bytes", usage.resident.saturating_sub(usage.active));
    out.field("rss_overhead_ratio", format!("{:.2}", ratio(usage.rss, usage.resident)));
    out.field("rss_overhead_bytes", signed_difference(usage.rss, usage.resident));
    out.field("mem_fragmentation_ratio", format!("{:.2}", ratio(usage.rss, used)));
    out.field("mem_fragmentation_bytes", signed_difference(usage.rss, used));
    out.field("mem_not_counted_for_evict", 0);
    for field in ["replication_backlog", "total_replication_buffers", "replica_full_sync_buffer", "clients_slaves"] {
        out.field(&format!("mem_{field}"), 0);
    }
    out.field("mem_clients_normal", clients);
    out.field("mem_cluster_links", 0);
    out.field("mem_aof_buffer", 0);
    out.field("mem_allocator", cx.node.host.process().allocator);
    // A full segment of the table splits alone, at once: there is no second table beside it.
    out.field("mem_overhead_db_hashtable_rehashing", 0);
    out.field("active_defrag_running", 0);
    out.field("lazyfree_pending_objects", cx.node.reclaimed.pending());
    out.field("lazyfreed_objects", cx.node.reclaimed.dropped());
}

/// What scripts and functions take: their texts, and the interpreters.
fn scripts(cx: &ServerContext<'_, '_>, out: &mut InfoText) {
    let figures = &cx.node.scripting.figures;
    let [eval_vm, functions_vm, eval, functions] =
        [&figures.scripts_vm_bytes, &figures.functions_vm_bytes, &figures.scripts_bytes, &figures.functions_bytes]
            .map(|figure| figure.load(Relaxed) as u64);
    out.field("used_memory_lua", eval_vm);
    out.field("used_memory_vm_eval", eval_vm);
    out.field("used_memory_lua_human", human(eval_vm));
    out.field("used_memory_scripts_eval", eval);
    out.field("number_of_cached_scripts", figures.cached_scripts.load(Relaxed));
    out.field("number_of_functions", figures.functions.load(Relaxed));
    out.field("number_of_libraries", figures.libraries.load(Relaxed));
    out.field("functions_dir_digest", &**cx.node.scripting.directory_digest.lock());
    out.field("used_memory_vm_functions", functions_vm);
    out.bytes("used_memory_vm_total", eval_vm + functions_vm);
    out.field("used_memory_functions", functions);
    out.bytes("used_memory_scripts", eval + functions);
}

fn signed_difference(left: u64, right: u64) -> i128 {
    i128::from(left) - i128::from(right)
}
