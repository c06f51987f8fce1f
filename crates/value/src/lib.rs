//! The data types. Each picks and converts its own encoding; nobody else asks for one.
//!
//! Knows nothing of keys, deadlines, dumps or wires. A value lives in two forms: owned ([`Value`]), as it travels between
//! keys and out of a decoder, and borrowed ([`ValueRef`]), as a reader sees it inside the keyspace.

mod any;
mod string;
pub mod table;

pub use any::{Encoding, Type, Value, ValueRef};
pub use string::{EMBSTR_MAX_BYTES, StringRef, StringValue};
