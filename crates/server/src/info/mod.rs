//! INFO: the server about itself, one function a section.

mod command;
mod memory;
mod section;
mod sections;

pub(crate) use section::ratio;

use crate::ServerCommand;

pub(crate) const TABLE: &[&ServerCommand] = &[&command::INFO];

/// The version of Redis whose behaviour this is.
pub const REDIS_VERSION: &str = "8.0.0";

/// Ours.
pub const OCHRE_VERSION: &str = env!("CARGO_PKG_VERSION");
