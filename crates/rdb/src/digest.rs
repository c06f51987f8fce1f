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
use stdx::UnixMs;
use stdx::num::IntText;
use value::{ARRAY_MAX_INDEX, Array, Element, ElementText, Hash, List, ListEnd, Set, SortedSet, StringRef, ValueRef};

/// The digest of a value. Equal for equal values in any encoding; printed as 32 hexadecimal digits.
///
/// ```
/// use rdb::ValueDigest;
/// use value::{ARRAY_MAX_INDEX, Array, Element, ElementText, Hash, List, ListEnd, Set, SortedSet, StringRef, ValueRef};
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
            ValueRef::List(list) => tell_list(list, &mut told),
            ValueRef::Set(set) => tell_set(set, &mut told),
            ValueRef::SortedSet(zset) => tell_sorted_set(zset, &mut told),
            ValueRef::Array(array) => tell_array(array, &mut told),
            ValueRef::Hash(hash) => tell_hash(hash, &mut told),
            ValueRef::Stream(_) => {}
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

    fn element(&mut self, element: Element<'_>) {
        self.text(element.bytes(&mut IntText::new()));
    }

    fn number(&mut self, number: u64) {
        self.0.write(&number.to_le_bytes());
    }

    fn option(&mut self, number: Option<u64>) {
        self.number(u64::from(number.is_some()));
        self.number(number.unwrap_or(0));
    }

    fn time(&mut self, at: Option<UnixMs>) {
        self.option(at.map(|at| u64::from_le_bytes(at.0.to_le_bytes())));
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

fn tell_list(list: &List, told: &mut Telling) {
    told.number(list.len() as u64);
    list.visit(0, ListEnd::Left, list.len(), |element| told.element(element));
}

fn tell_set(set: &Set, told: &mut Telling) {
    let mut members = Heap::default();
    for member in set.iter() {
        members.add(|told| told.element(member));
    }
    members.tell(told);
}

/// Members with the bits of their scores: -0 is not 0.
fn tell_sorted_set(zset: &SortedSet, told: &mut Telling) {
    let mut members = Heap::default();
    for (member, score) in zset.iter() {
        members.add(|told| {
            told.element(member);
            told.number(score.to_bits());
        });
    }
    members.tell(told);
}

/// Fields with their values and deadlines.
fn tell_hash(hash: &Hash, told: &mut Telling) {
    let mut fields = Heap::default();
    for entry in hash.iter() {
        fields.add(|told| {
            told.element(entry.field);
            told.element(entry.value);
            told.time(entry.deadline);
        });
    }
    fields.tell(told);
}

/// Indexes with their texts, and the cursor of appends.
fn tell_array(array: &Array, told: &mut Telling) {
    told.number(array.count());
    let mut scratch = ElementText::new();
    for (index, element) in array.range(0, ARRAY_MAX_INDEX) {
        told.number(index);
        told.text(element.text(&mut scratch));
    }
    told.option(array.last_insert());
}
