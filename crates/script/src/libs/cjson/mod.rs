//! `cjson`: JSON, as lua-cjson 2.1.0 in Redis reads and writes it.
//!
//! Where it differs from JSON as specified: numbers are printed with `%.14g`, `/` and DEL are escaped, NaN, infinities, hexadecimal
//! and leading zeros are read (`decode_invalid_numbers`), an empty table is an object, and a text ends at a zero byte. Bytes that are
//! not UTF-8 pass both ways unchanged.
//!
//! Here are the settings, tokens, numbers and strings; the walk over Lua's tables is [`crate::ffi`]'s. Order matters to scripts that compare texts, so a
//! decoded object is filled in the order of its text, into a table that grows as Lua's own does: `pairs` then visits it as in Redis.

mod config;
mod lexer;
mod library;
mod number;
mod text;

pub(crate) use config::{Config, InvalidNumbers};
pub(crate) use lexer::{Lexer, Text, Token};
pub(super) use library::library;
pub(crate) use number::append as push_json_number;
pub(crate) use text::push as push_json_text;
