//! Lua scripts and function libraries: one interpreter, its sandbox, the `redis` API and the libraries that scripts expect.
//!
//! A script sees the server only through [`Host`], so that everything here runs in a test without one. PUC Lua 5.1 itself comes
//! from `mlua`: scripts depend on its number formatting and its messages.
//!
//! Knows nothing of connections, keys or threads.

mod host;
mod libs;
#[doc(hidden)]
pub mod testing;

pub use host::{Host, LogLevel, Verdict};
