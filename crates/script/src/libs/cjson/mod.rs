//! `cjson`: JSON, as lua-cjson 2.1.0 in Redis reads and writes it.
//!
//! Where it differs from JSON as specified: numbers are printed with `%.14g`, `/` and DEL are escaped, NaN, infinities, hexadecimal
//! and leading zeros are read (`decode_invalid_numbers`), an empty table is an object, and a text ends at a zero byte. Bytes that are
//! not UTF-8 pass both ways unchanged.
//!
//! Values are read from and put into tables one by one, with no tree in between. Order matters to scripts that compare texts, so a
//! decoded object is filled in the order of its text, into a table that grows as Lua's own does: `pairs` then visits it as in Redis.

mod config;
mod decode;
mod encode;
mod lexer;
mod library;
mod number;

pub(super) use library::library;
