//! MULTI, EXEC, DISCARD, WATCH, UNWATCH.
//!
//! Commands are checked when they are queued and run when EXEC comes, under one set of locks: the union of all their keys, or the
//! closed gate when one of them may touch any. A watched key is entered in a map under its lock; whoever changes it marks its
//! watchers, also under its lock, so EXEC sees every change that came before it.

mod commands;
mod exec;
mod queue;
mod watch;

pub(crate) use commands::TABLE;
pub(crate) use exec::append;
pub(crate) use queue::Transaction;
pub(crate) use watch::{Watch, Watcher};
