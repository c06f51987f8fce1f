//! `cmsgpack`: MessagePack, as lua-cmsgpack 0.4.0 in Redis reads and writes it.
//!
//! Numbers are written as integers when they are whole, as floats when that loses nothing, as doubles otherwise. Tables whose keys are
//! exactly 1 to n are arrays. What has no form (functions, threads, userdata, tables in more than sixteen tables) is written as nil.
//! The types `bin` and `ext` are unknown, as they are there.

pub(crate) mod form;
mod library;

pub(super) use library::library;
