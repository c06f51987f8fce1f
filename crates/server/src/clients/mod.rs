//! Clients as others see them: CLIENT LIST, KILL, PAUSE and the rest.

mod commands;
mod cost;
mod filter;
mod info;
mod kill;
mod list;
mod manners;
mod names;
mod pause;
mod pausing;
mod registry;
mod unblock;

pub(crate) use commands::TABLE;
pub(crate) use info::ClientInfo;
pub use info::Endpoint;
pub(crate) use list::describe;
pub(crate) use names::check_name;
pub(crate) use registry::Registry;
