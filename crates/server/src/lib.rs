//! The server without its sockets: connections, dispatch, clients, configuration, introspection.
//!
//! Everything here is a function of bytes and time. The runtime hands a [`Session`] what a socket brought, calls
//! [`Worker::run`], and sends what the session's output holds; the [`Host`] trait is all that the server asks of the outside.
//! So one thread with an injected clock is a deterministic machine, and tests run whole servers in memory.
//!
//! Knows nothing of sockets, files or threads.

mod acl;
mod admin;
mod clients;
mod cluster;
pub mod config;
mod connection;
mod delivery;
mod dispatch;
mod eviction;
mod hash_import;
mod help;
mod host;
mod info;
mod introspection;
mod keys;
mod migrate;
mod monitoring;
mod names;
mod node;
mod persistence;
mod propagation;
mod pubsub;
mod replication;
mod scripting;
mod session;
mod stats;
mod table;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod tracking;
mod transaction;
mod waiting;
mod worker;

use command_api::{Args, CommandResult, CommandSpec, Context, Reply};

pub use clients::Endpoint;
pub use command_api::Targets;
pub use delivery::{Delivery, Invalidated, Message, Published};
pub use host::{Event, FileBounds, Host, LogLevel, MemoryUsage, ProcessInfo};
pub use info::{OCHRE_VERSION, REDIS_VERSION};
pub use migrate::Link;
pub use names::refuse_unsupported;
pub use node::{Node, SEED_BYTES};
pub use persistence::{LoadError, LoadedKeys, READY};
pub use propagation::{Lost, Tap};
pub use scripting::Bystanders;
pub use session::{Session, Stopped};
pub use worker::{Turn, Worker};

/// What a server command is handed: the data world, and the server around it.
pub(crate) struct ServerContext<'c, 'd> {
    pub data: &'c mut Context<'d>,
    pub node: &'c Node,
    pub client: &'c mut session::Client,
}

/// A server command's function.
pub(crate) type ServerHandler = fn(&mut ServerContext<'_, '_>, &mut Args<'_>, &mut Reply<'_>) -> CommandResult;

/// A command on the server itself: connections, configuration, introspection.
pub(crate) type ServerCommand = CommandSpec<ServerHandler>;
