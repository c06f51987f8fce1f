//! The memory section.

use super::section::{InfoText, ratio};
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
    out.bytes("total_system_memory", usage.system);
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
    out.field("mem_clients_slaves", 0);
    out.field("mem_clients_normal", clients);
    out.field("mem_allocator", cx.node.host.process().allocator);
}

fn signed_difference(left: u64, right: u64) -> i128 {
    i128::from(left) - i128::from(right)
}
