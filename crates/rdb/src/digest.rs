//! What a value is, in 128 bits, whatever its encoding.
//!
//! Two files of one data set differ in nearly every byte: other stamps, other encodings, other orders. A digest sees what a client
//! sees: the text of a string, elements in their order, members and fields in none.
//!
//! A value is told to SipHash-2-4 (128 bits, a fixed key) as its type and then its parts, each text behind its length so that no two
//! tellings are alike. Where order means nothing, each part is hashed by itself and the hashes are added up: sorting would need
//! room for all of them. Against somebody who makes values to collide that is no protection; it is meant for accidents.

use std::fmt;
use std::hash::Hasher as _;

use siphasher::sip128::{Hasher128 as _, SipHasher24};
use stdx::num::IntText;
use value::{StringRef, ValueRef};

/// The digest of a value. Equal for equal values in any encoding; printed as 32 hexadecimal digits.
///
/// ```
/// use rdb::ValueDigest;
/// use value::{StringRef, ValueRef};
/// let of = |string| ValueDigest::of(ValueRef::String(string));
/// assert_eq!(of(StringRef::Int(10)), of(StringRef::Raw(b"10")));
/// assert_ne!(of(StringRef::Int(10)), of(StringRef::Raw(b"010")));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValueDigest(pub u128);

impl ValueDigest {
    #[must_use]
    pub fn of(value: ValueRef<'_>) -> Self {
        let mut told = Telling::new();
        told.text(value.value_type().name().as_bytes());
        match value {
            ValueRef::String(string) => tell_string(string, &mut told),
            ValueRef::List(_)
            | ValueRef::Set(_)
            | ValueRef::SortedSet(_)
            | ValueRef::Hash(_)
            | ValueRef::Stream(_)
            | ValueRef::Array(_) => {}
        }
        Self(told.finish())
    }

    /// The digest of something named by texts, in this order: a key in a database, the source of a library.
    #[must_use]
    pub fn of_texts(texts: &[&[u8]]) -> Self {
        let mut told = Telling::new();
        for text in texts {
            told.text(text);
        }
        Self(told.finish())
    }
}

impl fmt::Display for ValueDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// Parts of a value on their way into the hash.
struct Telling(SipHasher24);

impl Telling {
    fn new() -> Self {
        Self(SipHasher24::new())
    }

    fn text(&mut self, text: &[u8]) {
        self.number(text.len() as u64);
        self.0.write(text);
    }

    fn number(&mut self, number: u64) {
        self.0.write(&number.to_le_bytes());
    }

    fn finish(self) -> u128 {
        self.0.finish128().as_u128()
    }
}

/// Parts whose order means nothing.
#[derive(Default)]
struct Heap {
    count: u64,
    sum: u128,
}

impl Heap {
    fn add(&mut self, tell: impl FnOnce(&mut Telling)) {
        let mut told = Telling::new();
        tell(&mut told);
        self.count = self.count.wrapping_add(1);
        self.sum = self.sum.wrapping_add(told.finish());
    }

    fn tell(&self, told: &mut Telling) {
        told.number(self.count);
        told.0.write(&self.sum.to_le_bytes());
    }
}

fn tell_string(string: StringRef<'_>, told: &mut Telling) {
    told.text(string.bytes(&mut IntText::new()));
}
