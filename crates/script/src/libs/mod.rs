//! The libraries that scripts find beside Lua's own: `cjson`, `cmsgpack`, `struct`, `bit`.
//!
//! Scripts store what these functions write and compare what they say, so each follows the real servers to the byte, oddities
//! included: `testdata/script-libs/cases.jsonl` holds what Redis answered to some hundred expressions, and `tests.rs` puts them
//! to this code. Their C originals are unusable here: they trust their input, which is where most of the holes that Redis had to
//! close in its scripts came from. These are safe Rust, with bounds on depth, on results and on memory: over `mlua`, but for the
//! functions that walk tables of any size, which are over Lua's stack (`ffi::libs`).
//!
//! **Errors.** A function over mlua fails with `mlua::Error::RuntimeError` whose text already says where the script stood
//! (`user_script:1: Expected value but ...`), or does not, when it was called by `pcall` itself, as in C. mlua hands that to the
//! script as an object of its own; a sandbox that wants `pcall` to give strings has to convert them.

mod args;
mod bit;
mod cjson;
mod cmsgpack;
mod fault;
mod register;
mod structs;

pub(crate) use args::truncate;
pub(crate) use cjson::{Config, InvalidNumbers, Lexer, Text, Token, push_json_number, push_json_text};
pub(crate) use cmsgpack::form as msgpack;
pub(crate) use register::register;

#[cfg(test)]
mod tests;
