//! DEBUG, SHUTDOWN.
use crate::ServerCommand;
pub(crate) const TABLE: &[&ServerCommand] = &[];
