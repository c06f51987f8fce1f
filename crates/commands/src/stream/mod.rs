//! Streams.

use command_api::Command;

pub(crate) const TABLE: &[&Command] = &[];
