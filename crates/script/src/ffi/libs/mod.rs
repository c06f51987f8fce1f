//! What is hot in `cjson` and `cmsgpack`, on Lua's own stack.
//!
//! Through mlua each table write and each string was a protected call and a reference, two thirds of a decoder's time. Here values
//! go from the text into Lua and back with nothing in between, as in the C originals; what those got wrong is bounded: depth by
//! the room on Lua's stack, which also holds what is open (a table for an array, a table and a key for an object), never by the
//! machine's; lengths by the bytes that are there. The bytes of each form stay in [`crate::libs`], where nothing is unsafe.

mod breath;
mod decode;
mod encode;
mod fault;
mod instance;
mod native;
mod pack;
mod unpack;

pub(crate) use instance::Instance;
pub(crate) use native::{Native, native};
