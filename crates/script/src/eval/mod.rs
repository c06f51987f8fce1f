//! EVAL's side: scripts known by the SHA1 of their text.

mod scripts;
mod shebang;

pub use scripts::{Origin, ScriptId, Scripts};
