//! EVAL's side: scripts known by the SHA1 of their text.

mod scripts;

pub use scripts::{Origin, ScriptId, Scripts};
