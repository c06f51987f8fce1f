//! Scripts and functions: EVAL, SCRIPT, FCALL, FUNCTION.
//!
//! A script has the keyspace to itself: it runs with the gate closed, at one moment of time, and its inner commands pass the same
//! dispatch as anybody's. What they changed is settled once, when it ends, so nobody who waits or watches sees half of it.
//!
//! One that runs for longer than `busy-reply-threshold` must not silence the server. At its next checkpoint it says so at the gate,
//! which sends the other lanes' workers away to answer their clients `BUSY`, and from then on it serves the other connections of its own
//! lane itself, between its instructions ([`Bystanders`]). What may run then are the commands that need no key.
//!
//! Rejected: a thread for scripts (every call would cross threads twice), and answering from a thread of its own while a script runs
//! (it would need every connection's state, which belongs to the reactors).

mod busy;
mod calls;
mod directory;
mod eval;
mod fcall;
mod functions;
mod libraries;
mod run;
mod script;
mod state;
mod undo;

#[cfg(test)]
mod tests;

use crate::ServerCommand;

pub use busy::Bystanders;
pub(crate) use state::Scripting;

pub(crate) const TABLE: &[&ServerCommand] = &[
    &eval::EVAL,
    &eval::EVALSHA,
    &eval::EVAL_RO,
    &eval::EVALSHA_RO,
    &script::SCRIPT,
    &fcall::FCALL,
    &fcall::FCALL_RO,
    &functions::FUNCTION,
];
