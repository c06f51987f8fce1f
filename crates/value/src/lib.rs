//! The data types. Each picks and converts its own encoding; nobody else asks for one.
//!
//! Knows nothing of keys, deadlines of keys, dumps or wires. A value lives in two forms: owned ([`Value`]), as it travels between
//! keys and out of a decoder, and borrowed ([`ValueRef`]), as a reader sees it inside the keyspace.

mod any;
mod array;
mod collection;
mod hash;
mod limits;
mod list;
mod set;
mod stream;
mod string;
pub mod table;
mod zset;

pub use any::{Encoding, Type, Value, ValueRef};
pub use array::Array;
pub use collection::Collection;
pub use hash::{Entries, Entry, FieldTtl, Hash, NotAHash, zip_listpacks};
pub use limits::EncodingLimits;
pub use list::List;
pub use pack::Element;
pub use set::Set;
pub use stream::Stream;
pub use string::{EMBSTR_MAX_BYTES, StringRef, StringValue};
pub use zset::SortedSet;
