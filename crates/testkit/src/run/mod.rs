//! One transcript, one subject, one lens: what differs.

mod replay;
mod stream;
#[cfg(test)]
mod tests;

pub use replay::{Difference, run};
pub(crate) use replay::{Replay, replay};
