//! Commands on the process: DEBUG, MEMORY, MODULE, SHUTDOWN, TIME, LOLWUT.

mod debug;
mod debug_samples;
mod lolwut;
mod memory;
mod module;
mod shutdown;
mod time;

use crate::ServerCommand;

pub(crate) const TABLE: &[&ServerCommand] =
    &[&debug::DEBUG, &memory::MEMORY, &module::MODULE, &shutdown::SHUTDOWN, &time::TIME, &lolwut::LOLWUT];
