//! Lua scripts and function libraries: one interpreter, its sandbox, the `redis` API and the libraries that scripts expect.
//!
//! A script sees the server only through [`Host`], so that everything here runs in a test without one. PUC Lua 5.1 itself comes
//! from `mlua`: scripts depend on its number formatting and its messages.
//!
//! Knows nothing of connections, keys or threads.

mod digest;
mod error;
mod eval;
mod ffi;
mod flags;
mod functions;
mod host;
mod input;
mod libs;
mod pattern;
mod settings;
#[doc(hidden)]
pub mod testing;
#[cfg(test)]
mod tests;

pub use error::ScriptError;
pub use eval::{Origin, ScriptId, Scripts};
pub use flags::Flags;
pub use functions::{Function, FunctionId, Functions, Library, Plan, RestorePolicy, Staged, directory_digest};
pub use host::{Host, LogLevel, Verdict};
pub use input::Input;
pub use settings::Settings;
