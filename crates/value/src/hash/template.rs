//! Hashes that share their field names: what HIMPORT makes of thousands of records with one set of fields.
//!
//! ```text
//! key 1 --> values  "30" "alice"  ---+
//! key 2 --> values  "25" "bob"    ---+--> names  "age" "name"      once, counted by those who use it
//! ```
//!
//! The names of a template lie sorted, shorter ones first and those of one length by their bytes: the order in which the forms 29 to
//! 32 of Redis 8.10 have them. So two fieldsets with the same names in another order make one template, and a field is found by
//! halving. A value has the place of its name.
//!
//! Two forms, as in Redis 8.10, whose documentation names no limits for them; ours are those of a plain hash:
//!
//! ```text
//! template-listpack   values in one listpack      where a plain hash of these fields would be a listpack
//! template-array      an allocation for each      anything else
//! ```
//!
//! Setting a field that is there keeps the template. Adding or removing one gives the hash another, wider or narrower, as in Redis 8.10;
//! the keyspace's owner then looks whether others use that already ([`Hash::template`], [`Hash::share_template`]). Timing a field makes the
//! hash a plain one that owns its names, and so does growing past [`WIDEST`]: each field added copies all names, which a hash that grows
//! field by field to a million must not do a million times (Redis has no such bound).
//!
//! Rejected: a number instead of the pointer, as in Redis's files (every reader would ask a registry behind a lock), and the pointer
//! in the hash itself (plain hashes would take a larger allocation for it).

use std::sync::Arc;

use pack::{Element, Listpack};
use stdx::num::IntText;

use super::entries::Entry;
use super::pairs::Pairs;
use crate::EncodingLimits;

/// The most names that a template may have to be widened.
const WIDEST: usize = 4096;

/// Field names that hashes share.
///
/// ```
/// use value::HashTemplate;
/// let (template, order) = HashTemplate::new(&[b"name", b"age"]).unwrap();
/// assert_eq!(template.names().collect::<Vec<_>>(), [&b"age"[..], b"name"]);
/// assert_eq!(*order, [1, 0]);
/// assert_eq!(template.find(b"name"), Some(1));
/// ```
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HashTemplate {
    /// The names, one behind the other.
    bytes: Box<[u8]>,
    /// Where each ends.
    ends: Box<[u32]>,
    longest: u32,
}

/// Why there is no template of some names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotATemplate {
    /// There are no names: no key holds an empty hash.
    Empty,
    /// A name comes twice.
    Duplicate,
    /// The names take 4 GiB or more.
    TooLong,
}

impl HashTemplate {
    /// The template of `names`, in any order, and the order that they have in it: the index in `names` of each.
    ///
    /// # Errors
    /// If there is none.
    pub fn new(names: &[&[u8]]) -> Result<(Self, Box<[u32]>), NotATemplate> {
        let total: usize = names.iter().map(|name| name.len()).sum();
        let too_long = |_| NotATemplate::TooLong;
        u32::try_from(total).map_err(too_long)?;
        let mut order: Box<[u32]> = (0..u32::try_from(names.len()).map_err(too_long)?).collect();
        let name = |index: u32| names[index as usize];
        order.sort_unstable_by(|a, b| compare(name(*a), name(*b)));
        let Some(last) = order.last() else { return Err(NotATemplate::Empty) };
        if order.is_sorted_by(|a, b| name(*a) != name(*b)) {
            let longest = u32::try_from(name(*last).len()).map_err(too_long)?;
            let (mut bytes, mut ends) = (Vec::with_capacity(total), Vec::with_capacity(names.len()));
            for index in &order {
                bytes.extend_from_slice(name(*index));
                ends.push(u32::try_from(bytes.len()).map_err(too_long)?);
            }
            return Ok((Self { bytes: bytes.into(), ends: ends.into(), longest }, order));
        }
        Err(NotATemplate::Duplicate)
    }

    /// How many names there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Never: there is no template without names.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The names in their order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &[u8]> + Clone {
        (0..self.len()).map(|index| self.name(index))
    }

    fn name(&self, index: usize) -> &[u8] {
        let from = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[from as usize..self.ends[index] as usize]
    }

    /// The place of a name.
    #[must_use]
    pub fn find(&self, name: &[u8]) -> Option<usize> {
        self.search(name).ok()
    }

    /// The place of a name, or where it would stand.
    fn search(&self, name: &[u8]) -> Result<usize, usize> {
        let (mut from, mut to) = (0, self.len());
        while from < to {
            let middle = usize::midpoint(from, to);
            match compare(self.name(middle), name) {
                std::cmp::Ordering::Less => from = middle + 1,
                std::cmp::Ordering::Equal => return Ok(middle),
                std::cmp::Ordering::Greater => to = middle,
            }
        }
        Err(from)
    }

    /// The same names and one more, which is to stand at `at`.
    fn with(&self, at: usize, name: &[u8]) -> Option<Self> {
        let len = u32::try_from(name.len()).ok()?;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        u32::try_from(self.bytes.len()).ok()?.checked_add(len)?;
        let (before, behind) = self.bytes.split_at(start as usize);
        let moved = self.ends[at..].iter().map(|end| end + len);
        let ends = self.ends[..at].iter().copied().chain([start + len]).chain(moved).collect();
        Some(Self { bytes: [before, name, behind].concat().into(), ends, longest: self.longest.max(len) })
    }

    /// The same names but the one at `at`.
    fn without(&self, at: usize) -> Self {
        let name = self.name(at);
        // No longer than all names together, whose ends are of this width.
        let len = u32::try_from(name.len()).unwrap_or(u32::MAX);
        let start = (self.ends[at] - len) as usize;
        let bytes = [&self.bytes[..start], &self.bytes[start + name.len()..]].concat();
        let ends: Box<[u32]> =
            self.ends[..at].iter().copied().chain(self.ends[at + 1..].iter().map(|end| end - len)).collect();
        let last = ends.len().checked_sub(2).map_or(0, |before| ends[before]);
        let longest = ends.last().map_or(0, |end| end - last);
        Self { bytes: bytes.into(), ends, longest }
    }

    /// Bytes of heap that it takes, shared by all who use it.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        /// The counts in front of what an `Arc` points to.
        const COUNTS_BYTES: usize = 16;
        COUNTS_BYTES + size_of::<Self>() + self.bytes.len() + size_of_val(&*self.ends)
    }
}

/// Shorter names come first.
fn compare(a: &[u8], b: &[u8]) -> std::cmp::Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// A template with the values of one hash. Two words, so that a hash is no larger for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Templated {
    Packed(Box<Of<Listpack>>),
    Apart(Box<Of<Apart>>),
}

/// Values in the order of a template's names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Of<V> {
    /// Compared by its names: those of two servers are different allocations.
    template: Arc<HashTemplate>,
    values: V,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Apart {
    values: Box<[Box<[u8]>]>,
    /// Bytes of all values.
    bytes: usize,
}

impl Templated {
    /// `values` come in the order of the template's names, one for each.
    pub(super) fn new<'v>(
        template: Arc<HashTemplate>,
        values: impl Iterator<Item = &'v [u8]> + Clone,
        limits: &EncodingLimits,
    ) -> Self {
        let (longest, total) =
            values.clone().fold((0, 0), |(longest, total), value| (value.len().max(longest), value.len() + total));
        if !is_small(&template, longest, total, limits) {
            let values = Apart { values: values.map(Box::from).collect(), bytes: total };
            return Self::Apart(Box::new(Of { template, values }));
        }
        let size: usize = values.clone().map(|value| Element::of(value).encoded_len()).sum();
        let mut listpack = Listpack::with_capacity(size + Listpack::new().byte_len());
        values.for_each(|value| listpack.push(value));
        Self::Packed(Box::new(Of { template, values: listpack }))
    }

    /// As [`Self::new`], of elements.
    pub(super) fn of_elements<'v>(
        template: Arc<HashTemplate>,
        values: impl Iterator<Item = Element<'v>> + Clone,
        limits: &EncodingLimits,
    ) -> Self {
        let mut room = IntText::new();
        let (mut longest, mut total, mut size) = (0, 0, 0);
        for value in values.clone() {
            let len = value.bytes(&mut room).len();
            longest = len.max(longest);
            total += len;
            size += value.encoded_len();
        }
        if !is_small(&template, longest, total, limits) {
            let values = Apart { values: values.map(|value| value.to_vec().into()).collect(), bytes: total };
            return Self::Apart(Box::new(Of { template, values }));
        }
        let mut listpack = Listpack::with_capacity(size + Listpack::new().byte_len());
        values.for_each(|value| listpack.push(value));
        Self::Packed(Box::new(Of { template, values: listpack }))
    }

    pub(super) const fn template(&self) -> &Arc<HashTemplate> {
        match self {
            Self::Packed(packed) => &packed.template,
            Self::Apart(apart) => &apart.template,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.template().len()
    }

    /// Whether a plain hash of the same fields would be a listpack.
    pub(super) const fn is_packed(&self) -> bool {
        matches!(self, Self::Packed(_))
    }

    pub(super) fn get(&self, field: &[u8]) -> Option<Element<'_>> {
        let at = self.template().find(field)?;
        match self {
            Self::Packed(packed) => packed.values.get(isize::try_from(at).ok()?),
            Self::Apart(apart) => apart.values.values.get(at).map(|value| Element::Bytes(value)),
        }
    }

    /// Sets a field that is there; returns whether it is.
    pub(super) fn replace(&mut self, field: &[u8], value: &[u8], limits: &EncodingLimits) -> bool {
        let Some(at) = self.template().find(field) else { return false };
        if let Self::Packed(packed) = self {
            let fits = value.len() as u64 <= limits.hash_max_listpack_value_bytes;
            if fits && has_room(&packed.values, packed.template.len(), packed.template.bytes.len() + value.len()) {
                let position = isize::try_from(at).ok().and_then(|at| packed.values.position_of(at));
                return position.map(|position| packed.values.replace(position, value)).is_some();
            }
            *self = Self::Apart(Box::new(packed.spread()));
        }
        if let Self::Apart(apart) = self {
            let values = &mut apart.values;
            values.bytes = values.bytes - values.values[at].len() + value.len();
            values.values[at] = value.into();
        }
        true
    }

    /// Adds a field that is not there. Returns whether it did: not if that is too much for a template.
    pub(super) fn widen(&mut self, field: &[u8], value: &[u8], limits: &EncodingLimits) -> bool {
        let wider = self.template().search(field).err().filter(|_| self.len() < WIDEST);
        let wider = wider.and_then(|at| Some((at, Arc::new(self.template().with(at, field)?))));
        let Some((at, template)) = wider else { return false };
        match self {
            Self::Packed(packed) => {
                let (before, behind) = (packed.values.iter().take(at), packed.values.iter().skip(at));
                let values = before.chain([Element::of(value)]).chain(behind);
                *self = Self::of_elements(template, values, limits);
            }
            Self::Apart(apart) => {
                let mut values = std::mem::take(&mut apart.values.values).into_vec();
                values.insert(at, value.into());
                apart.values = Apart { values: values.into(), bytes: apart.values.bytes + value.len() };
                apart.template = template;
            }
        }
        true
    }

    /// Removes a field. Returns whether it did: not the last one, since a template has names.
    pub(super) fn narrow(&mut self, field: &[u8]) -> bool {
        let Some(at) = self.template().find(field).filter(|_| self.len() > 1) else { return false };
        let template = Arc::new(self.template().without(at));
        match self {
            Self::Packed(packed) => {
                let mut values = Listpack::with_capacity(packed.values.byte_len());
                let others = packed.values.iter().enumerate().filter(|(index, _)| *index != at);
                others.for_each(|(_, value)| values.push(value));
                **packed = Of { template, values };
            }
            Self::Apart(apart) => {
                let mut values = std::mem::take(&mut apart.values.values).into_vec();
                let gone = values.remove(at);
                apart.values = Apart { values: values.into(), bytes: apart.values.bytes - gone.len() };
                apart.template = template;
            }
        }
        true
    }

    /// Lets it use `template`, which must have the same names, in place of its own.
    pub(super) fn share(&mut self, template: &Arc<HashTemplate>) {
        assert_eq!(self.template(), template, "the same names");
        match self {
            Self::Packed(packed) => packed.template = Arc::clone(template),
            Self::Apart(apart) => apart.template = Arc::clone(template),
        }
    }

    pub(super) fn iter(&self) -> Entries<'_> {
        let values = match self {
            Self::Packed(packed) => Values::Packed(packed.values.iter()),
            Self::Apart(apart) => Values::Apart(apart.values.values.iter()),
        };
        Entries { template: self.template(), at: 0, values }
    }

    /// The same fields and values in a listpack, if they are small.
    pub(super) fn to_pairs(&self) -> Option<Pairs> {
        let Self::Packed(packed) = self else { return None };
        let Of { template, values } = &**packed;
        let mut pairs = Listpack::with_capacity(values.byte_len() + template.bytes.len() + template.len() * 2);
        for (name, value) in template.names().zip(values.iter()) {
            pairs.push(name);
            pairs.push(value);
        }
        Some(Pairs(pairs))
    }

    /// What the values take, and an equal share of what all who use the template take together.
    pub(super) fn heap_bytes(&self) -> usize {
        let own = match self {
            Self::Packed(packed) => size_of_val(&**packed) + packed.values.heap_bytes(),
            Self::Apart(apart) => size_of_val(&**apart) + size_of_val(&*apart.values.values) + apart.values.bytes,
        };
        own + self.template().heap_bytes() / Arc::strong_count(self.template()).max(1)
    }
}

impl Of<Listpack> {
    /// Each value in an allocation of its own.
    fn spread(&self) -> Of<Apart> {
        let values: Box<[Box<[u8]>]> = self.values.iter().map(|value| value.to_vec().into()).collect();
        let bytes = values.iter().map(|value| value.len()).sum();
        Of { template: Arc::clone(&self.template), values: Apart { values, bytes } }
    }
}

/// Whether a plain hash of these names and values would be a listpack.
fn is_small(template: &HashTemplate, longest: usize, total: usize, limits: &EncodingLimits) -> bool {
    let longest = (longest as u64).max(u64::from(template.longest));
    template.len() as u64 <= limits.hash_max_listpack_entries
        && longest <= limits.hash_max_listpack_value_bytes
        && has_room(&Listpack::new(), template.len(), total + template.bytes.len())
}

/// Whether a plain listpack of `count` more names and values of `bytes` bytes stays within bounds.
fn has_room(listpack: &Listpack, count: usize, bytes: usize) -> bool {
    /// More than the lengths of a name and a value take.
    const OVERHEAD_BYTES: usize = 32;
    listpack.fits(count.saturating_mul(OVERHEAD_BYTES).saturating_add(bytes))
}

/// The fields in the order of the template.
pub(super) struct Entries<'a> {
    template: &'a HashTemplate,
    at: usize,
    values: Values<'a>,
}

enum Values<'a> {
    Packed(pack::Iter<'a>),
    Apart(std::slice::Iter<'a, Box<[u8]>>),
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        let value = match &mut self.values {
            Values::Packed(values) => values.next()?,
            Values::Apart(values) => Element::Bytes(values.next()?),
        };
        let field = Element::Bytes(self.template.name(self.at));
        self.at += 1;
        Some(Entry { field, value, deadline: None })
    }
}
