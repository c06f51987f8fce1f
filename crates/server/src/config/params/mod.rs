//! The parameters, a table per subsystem. A new one is a row here and, if it acts, a field in `settings/`.

mod arrays;
mod clients;
mod cluster;
mod debug;
mod encodings;
mod general;
mod memory;
mod monitoring;
mod network;
mod persistence;
mod replication;
mod security;
mod tls;

use super::param::Param;

pub(super) use general::MAX_THREADS;

/// All rows.
pub(super) const TABLES: &[&[Param]] = &[
    network::TABLE,
    general::TABLE,
    clients::TABLE,
    security::TABLE,
    memory::TABLE,
    encodings::TABLE,
    arrays::TABLE,
    persistence::TABLE,
    monitoring::TABLE,
    replication::TABLE,
    cluster::TABLE,
    tls::TABLE,
    debug::TABLE,
];
