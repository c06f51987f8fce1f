//! The server's answers, written straight into the connection's output buffer: no tree in between.
//!
//! RESP2 and RESP3 differ here and nowhere else: a handler says `reply.map(n)` and never asks which protocol it speaks.

mod later;
#[cfg(test)]
mod tests;
mod writer;

pub use later::DeferredLen;
pub use writer::{Mark, Reply};
