//! FUNCTION's side: libraries, each a text that registers functions when it is loaded.

mod directory;
mod library;
mod metadata;
mod registry;

pub use directory::{Staged, directory_digest};
pub(crate) use library::{Draft, DraftFunction, NAME_RULE, is_name};
pub use library::{Function, Library};
pub use registry::{FunctionId, Functions, Plan, RestorePolicy};
