//! What the server notices about the commands it runs: how long they take, which were slow, and who wants to see them all.
//!
//! Every command that ran passes [`crate::worker::Worker::note_run`] once. It adds to the lane's own counters, which costs no shared
//! cache line; the slow log, latency events and MONITOR are shared, and are reached only by commands that concern them.
//!
//! Rejected: a log and a list of events per lane (their order among each other would be lost, and nothing would be won, for slow
//! commands are few).

mod command_log;
mod commandlog_commands;
mod hidden;
mod histogram;
mod hotkeys;
mod hotkeys_commands;
mod latency;
mod latency_commands;
mod latency_graph;
mod monitor;
mod run;
mod slowlog;

pub(crate) use command_log::{CommandLogs, Cost};
pub(crate) use histogram::{Histogram, Snapshot};
pub(crate) use hotkeys::HotKeys;
pub(crate) use latency::LatencyEvents;
pub(crate) use monitor::Monitors;

use crate::ServerCommand;

pub(crate) const TABLE: &[&ServerCommand] = &[
    &slowlog::SLOWLOG,
    &commandlog_commands::COMMANDLOG,
    &hotkeys_commands::HOTKEYS,
    &latency_commands::LATENCY,
    &monitor::MONITOR,
];
