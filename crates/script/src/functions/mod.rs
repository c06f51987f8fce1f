//! FUNCTION's side: libraries, each a text that registers functions when it is loaded.

mod library;
mod registry;

pub use library::{Function, Library};
pub use registry::{FunctionId, Functions, Plan, RestorePolicy};
