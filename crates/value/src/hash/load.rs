//! Hashes from outside: a listpack that claims to be one.
//!
//! That its bytes are a listpack was checked before. Here: that the elements make whole entries, that no field comes twice, that
//! deadlines are times. Time and memory are bounded by the input, a handful of bytes a field.

use std::borrow::Cow;
use std::fmt;

use pack::{Element, Listpack, PackError, Ziplist, Zipmap};
use stdx::UnixMs;
use stdx::num::IntText;

use super::entries;
use super::fields::{FieldTtl, Hash, Repr};
use super::large::Large;
use super::pairs::Pairs;
use super::triples::Triples;
use crate::EncodingLimits;
use crate::distinct::all_distinct;
use crate::table::Bulk;

/// Why a listpack is no hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAHash {
    /// The number of elements is no multiple of two, or three with deadlines.
    Uneven,
    /// There are no fields: no key holds an empty hash.
    Empty,
    /// A field comes twice.
    Duplicate,
    /// A deadline is no time after 1970, or not in order.
    Deadline,
    /// The bytes are not even packed elements.
    Pack(PackError),
}

impl From<PackError> for NotAHash {
    fn from(error: PackError) -> Self {
        Self::Pack(error)
    }
}

impl fmt::Display for NotAHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uneven => f.write_str("the elements make no whole fields"),
            Self::Empty => f.write_str("a hash without fields"),
            Self::Duplicate => f.write_str("a field comes twice"),
            Self::Deadline => f.write_str("a field's deadline is no time, or not in order"),
            Self::Pack(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for NotAHash {}

impl Hash {
    /// The hash in the bytes of a listpack of fields and values.
    ///
    /// # Errors
    /// If there is none.
    pub fn from_pairs_bytes(bytes: &[u8], limits: &EncodingLimits) -> Result<Self, NotAHash> {
        Self::from_pairs(Listpack::from_bytes(bytes)?, limits)
    }

    /// The hash in the bytes of a listpack of fields, values and deadlines.
    ///
    /// # Errors
    /// If there is none.
    pub fn from_triples_bytes(bytes: &[u8], limits: &EncodingLimits) -> Result<Self, NotAHash> {
        Self::from_triples(Listpack::from_bytes(bytes)?, limits)
    }

    /// The hash in the bytes of a ziplist, as Redis up to 6.2 wrote it.
    ///
    /// # Errors
    /// If there is none.
    pub fn from_ziplist_bytes(bytes: &[u8], limits: &EncodingLimits) -> Result<Self, NotAHash> {
        let ziplist = Ziplist::from_bytes(bytes)?;
        if let Some(listpack) = ziplist.to_listpack() {
            return Self::from_pairs(listpack, limits);
        }
        let mut hash = Self::default();
        hash.make_large();
        let mut elements = ziplist.iter();
        let (mut field_text, mut value_text) = (IntText::new(), IntText::new());
        while let Some(field) = elements.next() {
            let value = elements.next().ok_or(NotAHash::Uneven)?;
            hash.add(field.bytes(&mut field_text), value.bytes(&mut value_text), None, limits)?;
        }
        Ok(hash)
    }

    /// The hash in the bytes of a zipmap, as Redis up to 2.4 wrote it.
    ///
    /// # Errors
    /// If there is none.
    pub fn from_zipmap_bytes(bytes: &[u8], limits: &EncodingLimits) -> Result<Self, NotAHash> {
        let zipmap = Zipmap::from_bytes(bytes)?;
        let mut hash = Self::default();
        hash.expect(zipmap.len(), limits);
        for (field, value) in zipmap.iter() {
            hash.add(field, value, None, limits)?;
        }
        if hash.is_empty() { Err(NotAHash::Empty) } else { Ok(hash) }
    }

    /// The hash of a table's records, in the large form however few they are.
    ///
    /// # Errors
    /// If a field came twice.
    pub fn from_bulk(fields: Bulk) -> Result<Self, NotAHash> {
        let table = fields.finish().ok_or(NotAHash::Duplicate)?;
        Ok(Self { repr: Repr::Large(Box::new(Large { table, ..Large::default() })) })
    }

    /// Adds a field that must not be there.
    ///
    /// # Errors
    /// If it is.
    pub fn add(
        &mut self,
        field: &[u8],
        value: &[u8],
        deadline: Option<UnixMs>,
        limits: &EncodingLimits,
    ) -> Result<(), NotAHash> {
        let ttl = deadline.map_or(FieldTtl::Clear, FieldTtl::At);
        if self.set(field, value, ttl, limits) { Ok(()) } else { Err(NotAHash::Duplicate) }
    }

    /// The hash whose fields and values these are, in turn.
    ///
    /// # Errors
    /// If they are no hash.
    pub fn from_pairs(listpack: Listpack, limits: &EncodingLimits) -> Result<Self, NotAHash> {
        let count = check_shape(&listpack, 2)?;
        if count as u64 > limits.hash_max_listpack_entries {
            let (mut field_text, mut value_text) = (IntText::new(), IntText::new());
            let mut large = Box::<Large>::default();
            for (field, value) in listpack.pairs() {
                let (field, value) = (field.bytes(&mut field_text), value.bytes(&mut value_text));
                if !large.set(field, value, FieldTtl::Clear) {
                    return Err(NotAHash::Duplicate);
                }
            }
            return Ok(Self { repr: Repr::Large(large) });
        }
        check_distinct(&listpack, count, 2)?;
        Ok(Self { repr: Repr::Pairs(Pairs(listpack)) })
    }

    /// The hash whose fields, values and deadlines these are, in turn, 0 being none; the earliest deadline comes first, those without
    /// one last.
    ///
    /// # Errors
    /// If they are no hash.
    pub fn from_triples(listpack: Listpack, limits: &EncodingLimits) -> Result<Self, NotAHash> {
        let count = check_shape(&listpack, 3)?;
        for at in listpack.iter().skip(2).step_by(3) {
            if at.to_int().is_none_or(|at| at < 0) {
                return Err(NotAHash::Deadline);
            }
        }
        if !is_in_order(&listpack) {
            return Err(NotAHash::Deadline);
        }
        if count as u64 > limits.hash_max_listpack_entries {
            let (mut field_text, mut value_text) = (IntText::new(), IntText::new());
            let mut large = Box::<Large>::default();
            for entry in entries::triples(&listpack) {
                let ttl = entry.deadline.map_or(FieldTtl::Clear, FieldTtl::At);
                if !large.set(entry.field.bytes(&mut field_text), entry.value.bytes(&mut value_text), ttl) {
                    return Err(NotAHash::Duplicate);
                }
            }
            return Ok(Self { repr: Repr::Large(large) });
        }
        check_distinct(&listpack, count, 3)?;
        Ok(Self { repr: Repr::Triples(Triples(listpack)) })
    }
}

/// Returns how many fields there are.
fn check_shape(listpack: &Listpack, width: usize) -> Result<usize, NotAHash> {
    let elements = listpack.len();
    if elements == 0 {
        return Err(NotAHash::Empty);
    }
    if !elements.is_multiple_of(width) {
        return Err(NotAHash::Uneven);
    }
    Ok(elements / width)
}

fn check_distinct(listpack: &Listpack, count: usize, width: usize) -> Result<(), NotAHash> {
    if all_distinct(count, listpack.iter().step_by(width)) { Ok(()) } else { Err(NotAHash::Duplicate) }
}

/// The earliest deadline comes first, none last: so the servers write it and so the rest of this module relies on.
fn is_in_order(listpack: &Listpack) -> bool {
    entries::triples(listpack).is_sorted_by_key(|entry| entry.deadline.map_or(i64::MAX, |at| at.0))
}

/// Visits names with their values: `names` is a listpack of them, `values` one of a number, which is passed over, and as many
/// values. Both may be any bytes.
///
/// # Errors
/// If they are not that, or what `visit` returns.
pub fn zip_listpacks(
    names: &[u8],
    values: &[u8],
    mut visit: impl FnMut(&[u8], &[u8]) -> Result<(), NotAHash>,
) -> Result<(), NotAHash> {
    let (names, values) = (Listpack::from_bytes(names)?, Listpack::from_bytes(values)?);
    if names.is_empty() {
        return Err(NotAHash::Empty);
    }
    if names.len().checked_add(1) != Some(values.len()) || values.first().and_then(Element::to_int).is_none() {
        return Err(NotAHash::Uneven);
    }
    let (mut name_text, mut value_text) = (IntText::new(), IntText::new());
    for (name, value) in names.iter().zip(values.iter().skip(1)) {
        visit(name.bytes(&mut name_text), value.bytes(&mut value_text))?;
    }
    Ok(())
}

/// What the form that DUMP writes needs.
impl Hash {
    /// The fields and values as a listpack, if the hash is small; deadlines are left out.
    #[must_use]
    pub fn to_pairs(&self) -> Option<Cow<'_, Listpack>> {
        match &self.repr {
            Repr::Pairs(Pairs(listpack)) => Some(Cow::Borrowed(listpack)),
            Repr::Triples(Triples(triples)) => {
                let mut listpack = Listpack::with_capacity(triples.byte_len());
                for entry in entries::triples(triples) {
                    listpack.push(entry.field);
                    listpack.push(entry.value);
                }
                Some(Cow::Owned(listpack))
            }
            Repr::Templated(templated) => templated.to_pairs().map(|Pairs(listpack)| Cow::Owned(listpack)),
            Repr::Large(_) => None,
        }
    }

    /// The same hash in a form with room for deadlines, even if no field has one.
    #[must_use]
    pub fn into_timed(mut self) -> Self {
        self.make_timed();
        self
    }
}
