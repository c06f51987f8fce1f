//! The persistence section.

use std::sync::atomic::Ordering::Relaxed;

use super::section::InfoText;
use crate::ServerContext;

pub(super) fn persistence(cx: &mut ServerContext<'_, '_>, out: &mut InfoText) {
    let state = &cx.node.persistence;
    out.field("loading", u8::from(state.is_loading()));
    out.field("async_loading", 0);
    // Nothing forks: what Redis copies on write is handed over by the writers.
    for field in ["current_cow_peak", "current_cow_size", "current_cow_size_age"] {
        out.field(field, 0);
    }
    out.field("current_fork_perc", "0.00");
    out.field("current_save_keys_processed", 0);
    out.field("current_save_keys_total", 0);
    let dirty = cx.node.stats.sum(|lane| &lane.dirty);
    out.field("rdb_changes_since_last_save", dirty.saturating_sub(state.dirty_at_save.load(Relaxed)));
    out.field("rdb_bgsave_in_progress", 0);
    out.field("rdb_last_save_time", state.last_save_s.load(Relaxed));
    out.field("rdb_last_bgsave_status", if state.last_save_ok.load(Relaxed) { "ok" } else { "err" });
    out.field("rdb_last_bgsave_time_sec", -1);
    out.field("rdb_current_bgsave_time_sec", -1);
    out.field("rdb_saves", state.saves.load(Relaxed));
    out.field("rdb_last_cow_size", 0);
    out.field("rdb_last_load_keys_expired", state.load_expired_keys.load(Relaxed));
    out.field("rdb_last_load_keys_loaded", state.loaded_keys.load(Relaxed));
    out.field("rdb_last_load_keys_skipped", state.load_skipped_keys.load(Relaxed));
    out.field("aof_enabled", 0);
    out.field("aof_rewrite_in_progress", 0);
    out.field("aof_rewrite_scheduled", 0);
    out.field("aof_last_rewrite_time_sec", -1);
    out.field("aof_current_rewrite_time_sec", -1);
    out.field("aof_last_bgrewrite_status", "ok");
    out.field("aof_rewrites", 0);
    out.field("aof_rewrites_consecutive_failures", 0);
    out.field("aof_last_write_status", "ok");
    out.field("aof_last_cow_size", 0);
    out.field("module_fork_in_progress", 0);
    out.field("module_fork_last_cow_size", 0);
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
