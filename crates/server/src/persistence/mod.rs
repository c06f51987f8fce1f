//! The RDB file: written by SAVE and at a shutdown, read at the start.
//!
//! Loading happens in slices on lane 0, between turns of its connections, which are told that it goes on; so a health check is
//! answered while gigabytes come in. A file that exists is never passed over in favour of an empty database: what cannot be read
//! keeps the server from starting, unless the configuration says that damaged keys may be left out, each of them named in the log.

mod commands;
mod load;
mod losses;
mod save;
mod state;

pub(crate) use commands::TABLE;
pub use load::{LoadError, LoadedKeys, READY};
pub(crate) use state::Persistence;
