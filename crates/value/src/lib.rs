//! The data types. Each picks and converts its own encoding; nobody else asks for one.
//!
//! Knows nothing of keys, deadlines of keys, dumps or wires. A value lives in two forms: owned ([`Value`]), as it travels between
//! keys and out of a decoder, and borrowed ([`ValueRef`]), as a reader sees it inside the keyspace.

mod any;
mod array;
mod collection;
mod distinct;
mod hash;
pub mod hyperloglog;
mod limits;
mod list;
pub mod set;
mod stream;
mod string;
pub mod table;
mod zset;

pub use any::{Encoding, Type, Value, ValueRef};
pub use array::{
    ARRAY_MAX_INDEX, Array, ArrayElement, ArrayInfo, Decimal, ElementText, Elements, Number, ShortText, SliceInfo,
};
pub use collection::Collection;
pub use hash::{
    Entries as HashEntries, Entry as HashEntry, FieldTtl, Hash, HashTemplate, NotAHash, NotATemplate, zip_listpacks,
};
pub use limits::EncodingLimits;
pub use list::{End as ListEnd, List, ListBuilder, NodeRef as ListNode, Side as ListSide};
pub use pack::Element;
pub use set::Set;
pub use stream::{
    Consumer, ConsumerId, Entry, Fields, Group, GroupParts, Holder, IdText, Idempotency, NodeCheck, NodeError, Pending,
    Producer, Range, References, Refused, RevRange, Stream, StreamId, StreamParts, Trim, TrimTo,
};
pub use string::{EMBSTR_MAX_BYTES, StringRef, StringValue};
pub use zset::{
    Entries as ZsetEntries, LexBound, LexRange, ScoreRange, SortedSet, ZsetError, ZsetErrorKind,
    parse_score as zset_score,
};
