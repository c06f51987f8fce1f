//! The hash: what can be done to it, whatever its form.

use std::sync::Arc;

use pack::{Element, Listpack};
use stdx::UnixMs;

use super::entries::{Entries, Entry, is_live};
use super::large::Large;
use super::load::NotAHash;
use super::pairs::Pairs;
use super::template::{HashTemplate, Templated};
use super::triples::Triples;
use crate::{Encoding, EncodingLimits};

/// Fields with values. See the [module](self) for its forms.
///
/// ```
/// use value::{EncodingLimits, FieldTtl, Hash};
/// let limits = EncodingLimits::default();
/// let mut hash = Hash::default();
/// assert!(hash.set(b"field", b"1", FieldTtl::Clear, &limits));
/// assert_eq!(hash.get(b"field").map(|(value, _)| value.to_vec()), Some(b"1".to_vec()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hash {
    pub(super) repr: Repr,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Repr {
    Pairs(Pairs),
    Triples(Triples),
    Large(Box<Large>),
    Templated(Templated),
}

// A hash lies in an allocation of its own: a word more would double that.
const _: () = assert!(size_of::<Hash>() == 16);

/// What a write does to a field's deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldTtl {
    /// The field stays for ever.
    Clear,
    /// The deadline stays as it is; a new field has none.
    Keep,
    At(UnixMs),
}

impl FieldTtl {
    pub(super) fn deadline(self, before: Option<UnixMs>) -> Option<UnixMs> {
        match self {
            Self::Clear => None,
            Self::Keep => before,
            Self::At(at) => Some(storable(at)),
        }
    }
}

/// Time 0 and before stand for no deadline in a listpack; a field that expired then has expired now just as well.
pub(super) fn storable(at: UnixMs) -> UnixMs {
    UnixMs(at.0.max(1))
}

impl Default for Hash {
    fn default() -> Self {
        Self { repr: Repr::Pairs(Pairs::default()) }
    }
}

impl Hash {
    /// How many fields there are, those past their deadline included.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.repr {
            Repr::Pairs(pairs) => pairs.len(),
            Repr::Triples(triples) => triples.len(),
            Repr::Large(large) => large.table.len(),
            Repr::Templated(templated) => templated.len(),
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many fields are to be seen at `now`.
    #[must_use]
    pub fn live_len(&self, now: UnixMs) -> usize {
        if self.wake_at().is_none_or(|at| at >= now) {
            return self.len();
        }
        match &self.repr {
            Repr::Pairs(pairs) => pairs.len(),
            Repr::Triples(_) => self.iter().filter(|entry| entry.is_live(now)).count(),
            Repr::Large(large) => large.table.len() - large.due.count_due(now),
            Repr::Templated(templated) => templated.len(),
        }
    }

    #[must_use]
    pub fn encoding(&self) -> Encoding {
        match &self.repr {
            Repr::Pairs(_) => Encoding::Listpack,
            Repr::Triples(_) => Encoding::ListpackEx,
            Repr::Large(_) => Encoding::Hashtable,
            Repr::Templated(templated) if templated.is_packed() => Encoding::TemplateListpack,
            Repr::Templated(_) => Encoding::TemplateArray,
        }
    }

    /// Bytes of heap that dropping the value gives back, about; of field names that are shared, an equal share.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        match &self.repr {
            Repr::Pairs(Pairs(listpack)) | Repr::Triples(Triples(listpack)) => listpack.heap_bytes(),
            Repr::Large(large) => large.heap_bytes(),
            Repr::Templated(templated) => templated.heap_bytes(),
        }
    }

    /// The earliest deadline of a field.
    #[must_use]
    pub fn wake_at(&self) -> Option<UnixMs> {
        match &self.repr {
            Repr::Pairs(_) | Repr::Templated(_) => None,
            Repr::Triples(triples) => triples.wake_at(),
            Repr::Large(large) => large.due.first(),
        }
    }

    /// The value and the deadline of a field, also of one past its deadline.
    #[must_use]
    pub fn get(&self, field: &[u8]) -> Option<(Element<'_>, Option<UnixMs>)> {
        match &self.repr {
            Repr::Pairs(pairs) => pairs.get(field).map(|value| (value, None)),
            Repr::Triples(triples) => triples.get(field),
            Repr::Large(large) => large.get(field),
            Repr::Templated(templated) => templated.get(field).map(|value| (value, None)),
        }
    }

    /// The value of a field that is to be seen at `now`.
    #[must_use]
    pub fn get_live(&self, field: &[u8], now: UnixMs) -> Option<Element<'_>> {
        self.get(field).filter(|(_, deadline)| is_live(*deadline, now)).map(|(value, _)| value)
    }

    /// All fields in the order of their form, those past their deadline included.
    #[must_use]
    pub fn iter(&self) -> Entries<'_> {
        match &self.repr {
            Repr::Pairs(Pairs(listpack)) => Entries::pairs(listpack),
            Repr::Triples(Triples(listpack)) => Entries::triples(listpack),
            Repr::Large(large) => Entries::table(large.table.iter().map(Entry::from)),
            Repr::Templated(templated) => Entries::templated(templated.iter()),
        }
    }

    /// Visits fields from `cursor` on, about `count` of them, those past their deadline included, and returns the cursor to go
    /// on from; 0 begins and ends. A small hash is visited at once, and one
    /// that shares its field names: it may become a plain one before the next call, which would not know the cursor. Every field that stays from the first call to the last is
    /// visited at least once.
    pub fn scan(&self, cursor: u64, count: usize, visit: &mut dyn FnMut(Entry<'_>)) -> u64 {
        match &self.repr {
            Repr::Pairs(_) | Repr::Triples(_) | Repr::Templated(_) => {
                self.iter().for_each(visit);
                0
            }
            Repr::Large(large) => large.table.scan(cursor, count, &mut |record| visit(record.into())),
        }
    }

    /// The bytes of the form without deadlines, if the hash is in it.
    #[must_use]
    pub fn as_pairs(&self) -> Option<&Listpack> {
        if let Repr::Pairs(Pairs(listpack)) = &self.repr { Some(listpack) } else { None }
    }

    /// The bytes of the small form with deadlines, if the hash is in it.
    #[must_use]
    pub fn as_triples(&self) -> Option<&Listpack> {
        if let Repr::Triples(Triples(listpack)) = &self.repr { Some(listpack) } else { None }
    }
}

/// Changing it.
impl Hash {
    /// A hash with the field names of `template` and these values, one for each, in the template's order.
    ///
    /// # Panics
    /// When there are more or fewer values than names.
    #[must_use]
    pub fn of_template<'v>(
        template: &Arc<HashTemplate>,
        values: impl ExactSizeIterator<Item = &'v [u8]> + Clone,
        limits: &EncodingLimits,
    ) -> Self {
        assert_eq!(values.len(), template.len(), "a value for each name");
        let templated = Templated::new(Arc::clone(template), values, limits);
        Self { repr: Repr::Templated(templated) }
    }

    /// As [`Self::of_template`], of elements.
    ///
    /// # Errors
    /// If there are more or fewer than names.
    pub fn of_template_elements<'v>(
        template: &Arc<HashTemplate>,
        values: impl Iterator<Item = Element<'v>> + Clone,
        limits: &EncodingLimits,
    ) -> Result<Self, NotAHash> {
        if values.clone().take(template.len() + 1).count() != template.len() {
            return Err(NotAHash::Uneven);
        }
        let templated = Templated::of_elements(Arc::clone(template), values, limits);
        Ok(Self { repr: Repr::Templated(templated) })
    }

    /// The template whose names the hash has, if it has them from one.
    #[must_use]
    pub const fn template(&self) -> Option<&Arc<HashTemplate>> {
        if let Repr::Templated(templated) = &self.repr { Some(templated.template()) } else { None }
    }

    /// Lets a hash of a template use `template` in place of its own, which has the same names.
    ///
    /// # Panics
    /// If the names differ.
    pub fn share_template(&mut self, template: &Arc<HashTemplate>) {
        if let Repr::Templated(templated) = &mut self.repr {
            templated.share(template);
        }
    }

    /// Gives a plain hash without deadlines a template of its own, which others may come to share. Returns whether it has one now.
    pub fn take_template(&mut self, limits: &EncodingLimits) -> bool {
        match &self.repr {
            Repr::Templated(_) => return true,
            Repr::Triples(_) => return false,
            Repr::Pairs(_) | Repr::Large(_) if self.is_empty() || self.wake_at().is_some() => return false,
            Repr::Pairs(_) | Repr::Large(_) => {}
        }
        let names: Vec<Vec<u8>> = self.iter().map(|entry| entry.field.to_vec()).collect();
        let values: Vec<Element<'_>> = self.iter().map(|entry| entry.value).collect();
        let Ok((template, order)) = HashTemplate::new(&names.iter().map(|name| &name[..]).collect::<Vec<_>>()) else {
            return false;
        };
        let values = order.iter().map(|index| values[*index as usize]);
        let templated = Templated::of_elements(Arc::new(template), values, limits);
        self.repr = Repr::Templated(templated);
        true
    }

    /// Tells that `count` fields are going to be set at once: more than fit the small forms, counted before duplicates are
    /// known, make the hash large beforehand.
    pub fn expect(&mut self, count: usize, limits: &EncodingLimits) {
        if count as u64 > limits.hash_max_listpack_entries {
            self.make_large();
        }
    }

    /// Sets a field. Returns whether it is new.
    pub fn set(&mut self, field: &[u8], value: &[u8], ttl: FieldTtl, limits: &EncodingLimits) -> bool {
        if let Repr::Templated(templated) = &mut self.repr {
            if !matches!(ttl, FieldTtl::At(_)) {
                if templated.replace(field, value, limits) {
                    return false;
                }
                if templated.widen(field, value, limits) {
                    return true;
                }
            }
            self.own_names();
        }
        let longest = field.len().max(value.len()) as u64;
        if longest > limits.hash_max_listpack_value_bytes || !self.has_room(field, value) {
            self.make_large();
        }
        if matches!(ttl, FieldTtl::At(_)) {
            self.make_timed();
        }
        let is_new = match &mut self.repr {
            Repr::Pairs(pairs) => pairs.set(field, value),
            Repr::Triples(triples) => triples.set(field, value, ttl),
            Repr::Large(large) => return large.set(field, value, ttl),
            Repr::Templated(_) => return false,
        };
        if is_new && self.len() as u64 > limits.hash_max_listpack_entries {
            self.make_large();
        }
        is_new
    }

    /// Gives a field a deadline, or takes it away. Returns whether the field is there.
    pub fn set_deadline(&mut self, field: &[u8], deadline: Option<UnixMs>) -> bool {
        let deadline = deadline.map(storable);
        if matches!(self.repr, Repr::Templated(_)) {
            let found = self.get(field).is_some();
            if !found || deadline.is_none() {
                return found;
            }
            self.own_names();
        }
        match &mut self.repr {
            Repr::Pairs(pairs) => {
                let found = pairs.get(field).is_some();
                if found && deadline.is_some() {
                    self.make_timed();
                    return self.set_deadline(field, deadline);
                }
                found
            }
            Repr::Triples(triples) => triples.set_deadline(field, deadline),
            Repr::Large(large) => large.set_deadline(field, deadline),
            Repr::Templated(_) => false,
        }
    }

    /// Returns whether the field was there.
    pub fn remove(&mut self, field: &[u8]) -> bool {
        if let Repr::Templated(templated) = &mut self.repr {
            if templated.narrow(field) {
                return true;
            }
            if templated.get(field).is_some() {
                // The last one.
                self.own_names();
            }
        }
        match &mut self.repr {
            Repr::Pairs(pairs) => pairs.remove(field),
            Repr::Triples(triples) => triples.remove(field),
            Repr::Large(large) => large.remove(field),
            Repr::Templated(_) => false,
        }
    }

    /// Removes up to `max` fields whose deadline has passed, the earliest first; `taken` is told each. Returns how many.
    pub fn take_due(&mut self, now: UnixMs, max: usize, taken: &mut dyn FnMut(&[u8])) -> usize {
        match &mut self.repr {
            Repr::Pairs(_) | Repr::Templated(_) => 0,
            Repr::Triples(triples) => triples.take_due(now, max, taken),
            Repr::Large(large) => large.take_due(now, max, taken),
        }
    }

    /// Whether a small form can take one more field.
    fn has_room(&self, field: &[u8], value: &[u8]) -> bool {
        /// More than a deadline and the lengths of three elements take.
        const OVERHEAD_BYTES: usize = 64;
        match &self.repr {
            Repr::Pairs(Pairs(listpack)) | Repr::Triples(Triples(listpack)) => {
                listpack.fits(field.len().saturating_add(value.len()).saturating_add(OVERHEAD_BYTES))
            }
            Repr::Large(_) | Repr::Templated(_) => true,
        }
    }

    /// Leaves the template, if it has one, for a plain form.
    pub fn own_names(&mut self) {
        if let Repr::Templated(templated) = &self.repr {
            self.repr = templated.to_pairs().map_or_else(|| Repr::Large(self.to_large()), Repr::Pairs);
        }
    }

    /// Makes room for deadlines.
    pub(super) fn make_timed(&mut self) {
        self.own_names();
        if let Repr::Pairs(pairs) = &self.repr {
            self.repr = if pairs.0.fits(pairs.len() * 2) {
                Repr::Triples(Triples::from(pairs))
            } else {
                Repr::Large(self.to_large())
            };
        }
    }

    pub(super) fn make_large(&mut self) {
        if !matches!(self.repr, Repr::Large(_)) {
            self.repr = Repr::Large(self.to_large());
        }
    }

    fn to_large(&self) -> Box<Large> {
        let mut large = Box::<Large>::default();
        let (mut field_text, mut value_text) = (stdx::num::IntText::new(), stdx::num::IntText::new());
        for entry in self.iter() {
            let ttl = entry.deadline.map_or(FieldTtl::Clear, FieldTtl::At);
            large.set(entry.field.bytes(&mut field_text), entry.value.bytes(&mut value_text), ttl);
        }
        large
    }
}
