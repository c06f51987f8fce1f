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
use value::{
    ARRAY_MAX_INDEX, Array, Element, ElementText, Group, Hash, Idempotency, List, ListEnd, Set, SortedSet, Stream,
    StreamId, StringRef, ValueRef,
};

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
            ValueRef::List(list) => tell_list(list, &mut told),
            ValueRef::Set(set) => tell_set(set, &mut told),
            ValueRef::SortedSet(zset) => tell_sorted_set(zset, &mut told),
            ValueRef::Array(array) => tell_array(array, &mut told),
            ValueRef::Hash(hash) => tell_hash(hash, &mut told),
            ValueRef::Stream(stream) => tell_stream(stream, &mut told),
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

    fn id(&mut self, id: StreamId) {
        self.number(id.ms);
        self.number(id.seq);
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

/// Entries, counters, groups with all that is pending, and what is known of producers.
fn tell_stream(stream: &Stream, told: &mut Telling) {
    told.number(stream.len());
    for entry in stream.range(StreamId::ZERO, StreamId::MAX) {
        told.id(entry.id);
        told.number(entry.fields.len() as u64);
        for (field, value) in entry.fields {
            told.element(field);
            told.element(value);
        }
    }
    told.id(stream.last_id());
    told.id(stream.max_deleted_id());
    told.number(stream.entries_added());
    let mut groups = Heap::default();
    for (name, group) in stream.groups() {
        groups.add(|told| {
            told.text(name);
            tell_group(group, told);
        });
    }
    groups.tell(told);
    // A stream that never had a producer is as one that has none.
    let none = Idempotency::default();
    tell_producers(stream.idempotency().unwrap_or(&none), told);
}

fn tell_group(group: &Group, told: &mut Telling) {
    told.id(group.last_id());
    told.option(group.entries_read());
    told.number(group.pending_count() as u64);
    for (id, pending) in group.pending(..) {
        told.id(id);
        told.text(group.holder_name(pending));
        told.number(u64::from(pending.consumer().is_some()));
        told.time(Some(pending.delivered_at()));
        told.number(pending.deliveries);
    }
    let mut consumers = Heap::default();
    for consumer in group.consumers() {
        consumers.add(|told| {
            told.text(consumer.name());
            told.time(Some(consumer.seen_at));
            told.time(consumer.active_at);
        });
    }
    consumers.tell(told);
    told.number(group.nacked().len() as u64);
    group.nacked().for_each(|id| told.id(id));
}

fn tell_producers(known: &Idempotency, told: &mut Telling) {
    for number in [known.duration_s(), known.max_entries(), known.added, known.duplicates] {
        told.number(number);
    }
    let mut producers = Heap::default();
    for (name, producer) in known.producers() {
        producers.add(|told| {
            told.text(name);
            for (message, id) in producer.entries() {
                told.text(message);
                told.id(id);
            }
        });
    }
    producers.tell(told);
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

#[cfg(test)]
mod tests {
    use stdx::UnixMs;
    use value::{EncodingLimits, FieldTtl, Hash, List, ListEnd, Set, SortedSet, StringValue, Value};

    use super::ValueDigest;

    fn compact() -> EncodingLimits {
        EncodingLimits::default()
    }

    fn large() -> EncodingLimits {
        EncodingLimits {
            hash_max_listpack_entries: 0,
            list_max_listpack_size: 1,
            set_max_intset_entries: 0,
            set_max_listpack_entries: 0,
            zset_max_listpack_entries: 0,
            ..EncodingLimits::default()
        }
    }

    fn of(value: &Value) -> ValueDigest {
        ValueDigest::of(value.as_ref())
    }

    fn list(elements: &[&[u8]], limits: &EncodingLimits) -> Value {
        let mut list = List::default();
        list.push(ListEnd::Right, elements.iter().copied(), limits);
        Value::List(Box::new(list))
    }

    fn set(members: &[&[u8]], limits: &EncodingLimits) -> Value {
        let mut set = Set::default();
        for member in members {
            set.insert(member, limits);
        }
        Value::Set(Box::new(set))
    }

    fn zset(members: &[(&[u8], f64)], limits: &EncodingLimits) -> Value {
        let mut zset = SortedSet::new();
        for (member, score) in members {
            zset.insert(member, *score, limits);
        }
        Value::SortedSet(Box::new(zset))
    }

    fn hash(fields: &[(&[u8], &[u8])], deadline: Option<UnixMs>, limits: &EncodingLimits) -> Value {
        let mut hash = Hash::default();
        for (field, value) in fields {
            hash.set(field, value, deadline.map_or(FieldTtl::Clear, FieldTtl::At), limits);
        }
        Value::Hash(Box::new(hash))
    }

    #[test]
    fn encodings_and_orders_without_meaning_make_no_difference() {
        let elements: [&[u8]; 3] = [b"1", b"two", b"-3"];
        assert_eq!(of(&list(&elements, &compact())), of(&list(&elements, &large())));
        let (members, turned): ([&[u8]; 3], [&[u8]; 3]) = ([b"1", b"2", b"x"], [b"x", b"2", b"1"]);
        assert_eq!(of(&set(&members, &compact())), of(&set(&turned, &large())));
        let pairs: [(&[u8], f64); 2] = [(b"a", 1.5), (b"7", f64::INFINITY)];
        assert_eq!(of(&zset(&pairs, &compact())), of(&zset(&pairs, &large())));
        let fields: [(&[u8], &[u8]); 2] = [(b"f", b"1"), (b"g", b"")];
        let turned = [fields[1], fields[0]];
        let deadline = Some(UnixMs(5_000_000_000_000));
        assert_eq!(of(&hash(&fields, deadline, &compact())), of(&hash(&turned, deadline, &large())));
    }

    #[test]
    fn whatever_a_client_can_see_makes_a_difference() {
        let hash = |fields, deadline| hash(fields, deadline, &compact());
        let values = [
            Value::String(StringValue::new(b"a")),
            Value::String(StringValue::new(b"")),
            list(&[b"a"], &compact()),
            list(&[b"a", b"b"], &compact()),
            list(&[b"b", b"a"], &compact()),
            list(&[b"ab"], &compact()),
            list(&[b"ab", b""], &compact()),
            set(&[b"a"], &compact()),
            set(&[b"a", b"b"], &compact()),
            set(&[b"ab"], &compact()),
            zset(&[(b"a", 1.0), (b"b", 2.0)], &compact()),
            zset(&[(b"a", 2.0), (b"b", 1.0)], &compact()),
            zset(&[(b"a", 0.0)], &large()),
            zset(&[(b"a", -0.0)], &large()),
            hash(&[(b"a", b"b")], None),
            hash(&[(b"a", b"b")], Some(UnixMs(5_000_000_000_000))),
            hash(&[(b"b", b"a")], None),
            hash(&[(b"a", b"b"), (b"c", b"d")], None),
            hash(&[(b"a", b"d"), (b"c", b"b")], None),
        ];
        let mut digests: Vec<_> = values.iter().map(of).collect();
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), values.len());
        assert_eq!(of(&values[0]).to_string().len(), 32);
    }
}
