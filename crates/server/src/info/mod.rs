//! INFO: the server about itself, one function a section.

mod command;
mod keysizes;
mod memory;
mod persistence;
mod section;
mod sections;
mod stats;
#[cfg(test)]
mod tests;

pub(crate) use section::ratio;

use crate::ServerCommand;

pub(crate) const TABLE: &[&ServerCommand] = &[&command::INFO];

/// The version of Redis whose behaviour this is.
pub const REDIS_VERSION: &str = "8.0.0";

/// Ours.
pub const OCHRE_VERSION: &str = env!("CARGO_PKG_VERSION");
