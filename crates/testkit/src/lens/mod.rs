//! Lenses: ways to replay a transcript under which its replies must stay the same.
//!
//! A lens is one `Lens` value: how input is fed, what is done before the first line and around every line, what is sent in
//! place of a command. A new one is one constant, usually `..PLAIN` with one hook, and one line in [`STANDARD`]:
//!
//! ```
//! use testkit::{Hook, Lens, Stage};
//!
//! /// Every line meets an empty script cache.
//! const SCRIPTS_FORGOTTEN: Lens = Lens { name: "scripts-forgotten", after: forget_scripts, ..Lens::RESP2 };
//!
//! fn forget_scripts(stage: &mut Stage<'_>) -> Result<(), String> {
//!     stage.call(&[b"SCRIPT", b"FLUSH"]).map(|_| ())
//! }
//! ```
//!
//! Hooks are plain functions: what they need of a server they ask it for through [`Stage`](crate::Stage), so that a lens has no state
//! that could leak from one transcript into the next.

mod encodings;
mod replica;
mod restore;
pub(crate) mod script;
mod table;
#[cfg(test)]
mod tests;
mod twin;

pub use script::Words;
pub use table::{Encodings, Feed, Hook, Lens, STANDARD};
