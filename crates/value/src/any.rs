//! Any value: its type and encoding names. One of the two places that `match` over all types (the other is the RDB codec).

use stdx::UnixMs;

use crate::table::Table;
use crate::{Array, Collection, Hash, List, Set, SortedSet, Stream, StringRef, StringValue};

/// What the TYPE command answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Type {
    String = 0,
    List = 1,
    Set = 2,
    SortedSet = 3,
    Hash = 4,
    Stream = 5,
    Array = 6,
}

impl Type {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::String, Self::List, Self::Set, Self::SortedSet, Self::Hash, Self::Stream, Self::Array];

    /// The name as TYPE prints it and as SCAN's TYPE option takes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::List => "list",
            Self::Set => "set",
            Self::SortedSet => "zset",
            Self::Hash => "hash",
            Self::Stream => "stream",
            Self::Array => "array",
        }
    }
}

/// What OBJECT ENCODING answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    Int,
    Embstr,
    Raw,
    Listpack,
    /// A listpack whose fields may have deadlines.
    ListpackEx,
    /// The values of a hash that shares its field names.
    TemplateListpack,
    /// As [`Self::TemplateListpack`], for what is too much for a listpack.
    TemplateArray,
    Quicklist,
    Intset,
    Hashtable,
    Skiplist,
    Stream,
    Array,
}

impl Encoding {
    /// The name as OBJECT ENCODING prints it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Embstr => "embstr",
            Self::Raw => "raw",
            Self::Listpack => "listpack",
            Self::ListpackEx => "listpackex",
            Self::TemplateListpack => "template-listpack",
            Self::TemplateArray => "template-array",
            Self::Quicklist => "quicklist",
            Self::Intset => "intset",
            Self::Hashtable => "hashtable",
            Self::Skiplist => "skiplist",
            Self::Stream => "stream",
            Self::Array => "array",
        }
    }
}

/// An owned value, between keys: what a decoder returns, what RENAME, MOVE and COPY carry.
///
/// Everything but a string lies behind a pointer: three words are as much as an entry has room for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    String(StringValue),
    List(Box<List>),
    Set(Box<Set>),
    SortedSet(Box<SortedSet>),
    Hash(Box<Hash>),
    Stream(Box<Stream>),
    Array(Box<Array>),
}

const _: () = assert!(size_of::<Value>() == 24);

impl Value {
    #[must_use]
    pub fn value_type(&self) -> Type {
        self.as_ref().value_type()
    }

    #[must_use]
    pub fn as_ref(&self) -> ValueRef<'_> {
        match self {
            Self::String(string) => ValueRef::String(string.as_ref()),
            Self::List(list) => ValueRef::List(list),
            Self::Set(set) => ValueRef::Set(set),
            Self::SortedSet(zset) => ValueRef::SortedSet(zset),
            Self::Hash(hash) => ValueRef::Hash(hash),
            Self::Stream(stream) => ValueRef::Stream(stream),
            Self::Array(array) => ValueRef::Array(array),
        }
    }

    /// Removes up to `max` parts that have expired by `now`, the earliest first; `taken` is told the name of each. Returns how
    /// many. See [`ValueRef::wake_at`].
    pub fn take_due(&mut self, now: UnixMs, max: usize, taken: &mut dyn FnMut(&[u8])) -> usize {
        if let Self::Hash(hash) = self { hash.take_due(now, max, taken) } else { 0 }
    }

    /// Whether a key that holds this goes.
    #[must_use]
    pub fn is_vacant(&self) -> bool {
        match self {
            Self::String(_) => false,
            Self::List(list) => Collection::is_vacant(&**list),
            Self::Set(set) => Collection::is_vacant(&**set),
            Self::SortedSet(zset) => Collection::is_vacant(&**zset),
            Self::Hash(hash) => Collection::is_vacant(&**hash),
            Self::Stream(stream) => Collection::is_vacant(&**stream),
            Self::Array(array) => Collection::is_vacant(&**array),
        }
    }
}

/// A value where it lies, borrowed for reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueRef<'a> {
    String(StringRef<'a>),
    List(&'a List),
    Set(&'a Set),
    SortedSet(&'a SortedSet),
    Hash(&'a Hash),
    Stream(&'a Stream),
    Array(&'a Array),
}

impl<'a> ValueRef<'a> {
    #[must_use]
    pub const fn value_type(self) -> Type {
        match self {
            Self::String(_) => Type::String,
            Self::List(_) => Type::List,
            Self::Set(_) => Type::Set,
            Self::SortedSet(_) => Type::SortedSet,
            Self::Hash(_) => Type::Hash,
            Self::Stream(_) => Type::Stream,
            Self::Array(_) => Type::Array,
        }
    }

    #[must_use]
    pub fn encoding(self) -> Encoding {
        match self {
            Self::String(string) => string.encoding(),
            Self::List(list) => list.encoding(),
            Self::Set(set) => set.encoding(),
            Self::SortedSet(zset) => zset.encoding(),
            Self::Hash(hash) => hash.encoding(),
            Self::Stream(stream) => stream.encoding(),
            Self::Array(array) => array.encoding(),
        }
    }

    /// How many elements, members, fields or entries it has; of a string, bytes.
    #[must_use]
    pub fn element_count(self) -> u64 {
        match self {
            Self::String(string) => string.len() as u64,
            Self::List(list) => list.len() as u64,
            Self::Set(set) => set.len() as u64,
            Self::SortedSet(zset) => zset.len() as u64,
            Self::Array(array) => array.count(),
            Self::Hash(hash) => hash.len() as u64,
            Self::Stream(stream) => stream.len(),
        }
    }

    /// The table that holds its elements, if it has one: for looking ahead ([`Table::prefetch`]).
    #[must_use]
    pub const fn element_table(self) -> Option<&'a Table> {
        match self {
            Self::Set(set) => set.table(),
            Self::Hash(hash) => hash.table(),
            Self::String(_) | Self::List(_) | Self::SortedSet(_) | Self::Stream(_) | Self::Array(_) => None,
        }
    }

    /// When the first of its parts expires by itself; only a hash's fields ever do.
    #[must_use]
    pub fn wake_at(self) -> Option<UnixMs> {
        if let Self::Hash(hash) = self { hash.wake_at() } else { None }
    }

    /// A copy that owns its bytes.
    #[must_use]
    pub fn to_value(self) -> Value {
        match self {
            Self::String(string) => Value::String(string.to_value()),
            Self::List(list) => Value::List(Box::new(list.clone())),
            Self::Set(set) => Value::Set(Box::new(set.clone())),
            Self::SortedSet(zset) => Value::SortedSet(Box::new(zset.clone())),
            Self::Hash(hash) => Value::Hash(Box::new(hash.clone())),
            Self::Stream(stream) => Value::Stream(Box::new(stream.clone())),
            Self::Array(array) => Value::Array(Box::new(array.clone())),
        }
    }

    /// About how many bytes of heap an owner of the value gives back by dropping it: what decides whether another thread should.
    #[must_use]
    pub fn heap_bytes(self) -> usize {
        match self {
            Self::String(StringRef::Int(_)) => 0,
            Self::String(StringRef::Embstr(bytes) | StringRef::Raw(bytes)) => bytes.len(),
            Self::List(list) => list.heap_bytes(),
            Self::Set(set) => set.heap_bytes(),
            Self::SortedSet(zset) => zset.heap_bytes(),
            Self::Hash(hash) => size_of::<Hash>() + hash.heap_bytes(),
            Self::Stream(stream) => stream.heap_bytes(),
            Self::Array(array) => array.heap_bytes(),
        }
    }
}

/// Ties a type to its variant.
macro_rules! collection {
    ($($name:ident: |$value:ident| $vacant:expr $(, { $($more:item)* })?;)*) => {$(
        impl Collection for $name {
            const TYPE: Type = Type::$name;

            fn is_vacant(&self) -> bool {
                let $value = self;
                $vacant
            }

            $($($more)*)?

            fn of(value: ValueRef<'_>) -> Option<&Self> {
                if let ValueRef::$name(it) = value { Some(it) } else { None }
            }

            fn of_mut(value: &mut Value) -> Option<&mut Self> {
                if let Value::$name(it) = value { Some(it) } else { None }
            }

            fn into_value(self) -> Value {
                Value::$name(Box::new(self))
            }
        }
    )*};
}

collection! {
    List: |list| list.is_empty();
    Set: |set| set.is_empty();
    SortedSet: |zset| zset.is_empty();
    Hash: |hash| hash.is_empty(), {
        fn wake_at(&self) -> Option<UnixMs> {
            self.wake_at()
        }

        fn take_due(&mut self, now: UnixMs, max: usize, taken: &mut dyn FnMut(&[u8])) -> usize {
            self.take_due(now, max, taken)
        }
    };
    Stream: |_stream| false;
    Array: |array| array.is_empty();
}
