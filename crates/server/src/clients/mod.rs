//! Clients as others see them: CLIENT LIST, KILL, PAUSE and the rest.

mod commands;
mod info;
mod pause;
mod registry;

pub(crate) use commands::{TABLE, check_name};
pub(crate) use info::ClientInfo;
pub use info::Endpoint;
pub(crate) use registry::Registry;
