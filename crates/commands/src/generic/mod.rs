//! What works on keys of every type.

use command_api::Command;

pub(crate) const TABLE: &[&Command] = &[];
