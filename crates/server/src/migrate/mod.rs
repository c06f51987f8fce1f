//! MIGRATE: keys to another server, by RESTORE there and deletion here.
//!
//! The keys stay locked until the target has answered, so nobody sees a key on neither side or changes one on its way; other keys are
//! served meanwhile by the other threads. A key is deleted only when the target has said that it holds it. Payloads leave in the dialect of
//! `dump-dialect`, so a target may be an older server, or one of another vendor.
//!
//! Connections are kept for ten seconds, as one migration is mostly followed by the next.

mod arguments;
mod command;
mod link;

pub use link::Link;
pub(crate) use link::Links;

use crate::ServerCommand;

pub(crate) const TABLE: &[&ServerCommand] = &[&command::MIGRATE];
