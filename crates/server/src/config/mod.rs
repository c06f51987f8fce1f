//! Configuration: redis.conf, the command line, CONFIG GET, SET and REWRITE.
//!
//! A pure library: files, globs and the working directory come through [`Files`], and nothing here touches the environment.
//! It reads in this order:
//!
//! - [`words`]: how the words of a line are quoted;
//! - [`value`]: the text forms of values (`yes`, `1gb`, `5%`, `0700`);
//! - [`param`]: what a parameter is, and `params/`: all of them, a table per subsystem;
//! - [`settings`]: the values as the server uses them, typed, units last;
//! - [`launch`] and [`load`]: the command line and the files, at start;
//! - [`get`], [`set`] and [`rewrite`]: CONFIG GET, SET and REWRITE, while running.
//!
//! A parameter is one row: name, kind, default, range, whether it may change, where its value lives. Parameters of the Redis
//! family that have nothing to act upon here are rows as well: they are checked, answered and kept like any other, so that a
//! redis.conf loads unchanged, and the start names the ones that were set ([`Config::unused`]).

mod commands;
mod error;
mod get;
mod launch;
mod load;
mod param;
mod params;
mod registry;
mod rewrite;
mod set;
mod settings;
mod slot;
mod store;
mod value;
mod words;

#[cfg(test)]
mod tests;

pub(crate) use commands::TABLE;
pub use error::{ConfigError, Place, Source};
pub use get::Answer;
pub use launch::{CommandLine, Launch};
pub use load::Files;
pub use param::{Arity, Effect, Flags, Kind, Param, Pick, Setting, Slot};
pub use registry::{find, params};
pub use rewrite::{IsCurrent, UserLines};
pub use set::{Change, Peer, SetError};
pub use settings::{
    Allow, BindAddress, Clients, Dialects, EvictionPolicy, FieldCounts, General, HashTemplates, LogLevel, Memory,
    MemoryLimit, Module, Monitoring, Network, NotifyFlags, OutputLimit, OutputLimits, Persistence, PubsubDefault,
    Rename, SavePoint, Security, Settings, Startup, Supervision, SyslogFacility, User,
};
pub use store::Config;
pub use value::Reason;
pub use words::{format_words, quote};
