//! Commands on the process: DEBUG, SHUTDOWN, TIME, LOLWUT.

mod debug;
mod lolwut;
mod shutdown;
mod time;

use crate::ServerCommand;

pub(crate) const TABLE: &[&ServerCommand] = &[&debug::DEBUG, &shutdown::SHUTDOWN, &time::TIME, &lolwut::LOLWUT];
