//! Any value: its type and encoding names. One of the two places that `match` over all types (the other is the RDB codec).

use crate::{StringRef, StringValue};

/// What the TYPE command answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Type {
    String = 0,
}

impl Type {
    /// The name as TYPE prints it and as SCAN's TYPE option takes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "string",
        }
    }
}

/// What OBJECT ENCODING answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    Int,
    Embstr,
    Raw,
}

impl Encoding {
    /// The name as OBJECT ENCODING prints it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Embstr => "embstr",
            Self::Raw => "raw",
        }
    }
}

/// An owned value, between keys: what a decoder returns, what RENAME, MOVE and COPY carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    String(StringValue),
}

impl Value {
    #[must_use]
    pub const fn value_type(&self) -> Type {
        match self {
            Self::String(_) => Type::String,
        }
    }

    #[must_use]
    pub fn as_ref(&self) -> ValueRef<'_> {
        match self {
            Self::String(string) => ValueRef::String(string.as_ref()),
        }
    }
}

/// A value where it lies, borrowed for reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueRef<'a> {
    String(StringRef<'a>),
}

impl ValueRef<'_> {
    #[must_use]
    pub const fn value_type(self) -> Type {
        match self {
            Self::String(_) => Type::String,
        }
    }

    #[must_use]
    pub const fn encoding(self) -> Encoding {
        match self {
            Self::String(string) => string.encoding(),
        }
    }

    /// A copy that owns its bytes.
    #[must_use]
    pub fn to_value(self) -> Value {
        match self {
            Self::String(string) => Value::String(string.to_value()),
        }
    }

    /// About how many bytes of heap an owner of the value gives back by dropping it: what decides whether another thread should.
    #[must_use]
    pub fn heap_bytes(self) -> usize {
        match self {
            Self::String(StringRef::Int(_)) => 0,
            Self::String(StringRef::Embstr(bytes) | StringRef::Raw(bytes)) => bytes.len(),
        }
    }
}
