//! The cluster's commands.

mod commands;
mod nodes;
mod slots;

use crate::ServerCommand;

pub(crate) const TABLE: &[&ServerCommand] =
    &[&commands::CLUSTER, &commands::ASKING, &commands::READONLY, &commands::READWRITE];
