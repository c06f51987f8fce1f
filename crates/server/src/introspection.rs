//! COMMAND.
use crate::ServerCommand;
pub(crate) const TABLE: &[&ServerCommand] = &[];
