//! INFO: the server about itself, section by section.

use crate::ServerCommand;

pub(crate) const TABLE: &[&ServerCommand] = &[];

/// The version of Redis whose behaviour this is.
pub(crate) const REDIS_VERSION: &str = "8.0.0";

/// Ours.
pub(crate) const OCHRE_VERSION: &str = env!("CARGO_PKG_VERSION");
