//! COMMAND: the command table, told to clients.

mod command;
mod docs_reply;
mod info_reply;

use crate::ServerCommand;

pub(crate) const TABLE: &[&ServerCommand] = &[&command::COMMAND];
