//! COMMAND: the command table, told to clients.

mod command;
mod docs_reply;
#[cfg(test)]
mod facts;
mod info_reply;

use crate::ServerCommand;

pub(crate) const TABLE: &[&ServerCommand] = &[&command::COMMAND];
