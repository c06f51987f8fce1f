//! The table's single operations.

use stdx::UnixMs;

use super::hash::{Salt, hash_of};
use super::large::Large;
use super::page::{Page, Place};
use super::pages::Pages;
use super::record::{self, Head, INLINE_MAX_BYTES, Record};

/// A map from byte strings to byte strings, each record with an optional deadline, which the table only keeps: a record past its deadline is
/// still there. A set has empty values.
///
/// ```
/// use value::table::Table;
///
/// let mut table = Table::new();
/// assert!(table.insert(b"field", b"value", None));
/// assert!(!table.insert(b"field", b"other", None));
/// assert_eq!(table.get(b"field").map(|record| record.value), Some(&b"other"[..]));
/// assert!(table.remove(b"field"));
/// assert!(table.is_empty());
/// ```
#[derive(Clone)]
pub struct Table {
    /// For each prefix of [`Self::depth`] bits the number of its page.
    pub(super) directory: Vec<u32>,
    pub(super) pages: Pages,
    pub(super) large: Vec<Large>,
    pub(super) len: usize,
    pub(super) salt: Salt,
    /// Pages as deep as the directory.
    pub(super) deep: u32,
    pub(super) peak: super::random::Peak,
}

impl Default for Table {
    fn default() -> Self {
        Self::new()
    }
}

impl Table {
    #[must_use]
    pub fn new() -> Self {
        let mut pages = Pages::default();
        pages.push(Page::default());
        Self {
            directory: vec![0],
            pages,
            large: Vec::new(),
            len: 0,
            salt: Salt::NONE,
            deep: 1,
            peak: super::random::Peak::default(),
        }
    }

    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[must_use]
    pub fn contains(&self, key: &[u8]) -> bool {
        self.get(key).is_some()
    }

    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<Record<'_>> {
        self.get_hashed(hash_of(key), key)
    }

    /// [`Self::get`] for a caller that has the key's [`hash_of`].
    #[must_use]
    #[inline]
    pub fn get_hashed(&self, hash: u64, key: &[u8]) -> Option<Record<'_>> {
        let position = self.salt.position(hash);
        let page = &self.pages[self.page_at(position)];
        let place = page.find(position, key, &self.large);
        (place.len > 0).then(|| record::resolve(page.at(place), &self.large))
    }

    /// Adds a record or replaces its value and deadline. True if it is new.
    pub fn insert(&mut self, key: &[u8], value: &[u8], deadline: Option<UnixMs>) -> bool {
        self.insert_hashed(hash_of(key), key, value, deadline)
    }

    /// [`Self::insert`] for a caller that has the key's [`hash_of`].
    pub fn insert_hashed(&mut self, hash: u64, key: &[u8], value: &[u8], deadline: Option<UnixMs>) -> bool {
        if self.salt.is_none() {
            self.salt = Salt::from_first(hash);
        }
        let position = self.salt.position(hash);
        let id = self.page_at(position);
        let place = self.pages[id].find(position, key, &self.large);
        self.put(id, place, position, Record { key, value, deadline });
        let is_new = place.len == 0;
        if is_new {
            self.len += 1;
            self.peak.note(self.pages[id].count);
        }
        self.relieve(id, position);
        is_new
    }

    /// The value of a record, to be edited without changing its length.
    #[must_use]
    pub fn value_mut(&mut self, key: &[u8]) -> Option<&mut [u8]> {
        let (id, place) = self.find(key)?;
        let bytes = self.pages[id].at_mut(place);
        if let Some((large, _)) = record::apart(bytes) {
            return Some(self.large[large as usize].value_mut());
        }
        let parts = record::parts(bytes);
        Some(&mut bytes[parts.value..parts.end])
    }

    /// Gives a record a deadline or takes it. False if there is no such record.
    pub fn set_deadline(&mut self, key: &[u8], deadline: Option<UnixMs>) -> bool {
        let Some((id, place)) = self.find(key) else { return false };
        let bytes = self.pages[id].at_mut(place);
        if let Some((large, _)) = record::apart(bytes) {
            self.large[large as usize].set_deadline(deadline);
            return true;
        }
        if deadline.is_some_and(|deadline| record::overwrite_deadline(bytes, deadline)) {
            return true;
        }
        let value = record::resolve(bytes, &self.large).value.to_vec();
        self.insert(key, &value, deadline);
        true
    }

    /// True if there was such a record.
    pub fn remove(&mut self, key: &[u8]) -> bool {
        self.remove_with(key, |_| ()).is_some()
    }

    /// Removes a record after `take` has looked at it.
    pub fn remove_with<R>(&mut self, key: &[u8], take: impl FnOnce(Record<'_>) -> R) -> Option<R> {
        let (id, place) = self.find(key)?;
        let taken = take(record::resolve(self.pages[id].at(place), &self.large));
        self.cut(id, place);
        self.tidy(id);
        Some(taken)
    }

    /// Forgets all records and gives their memory back.
    pub fn clear(&mut self) {
        *self = Self::new();
    }

    /// Bytes allocated, without the table itself.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.directory.capacity() * size_of::<u32>()
            + self.pages.heap_bytes()
            + self.large.capacity() * size_of::<Large>()
            + self.large.iter().map(Large::heap_bytes).sum::<usize>()
    }

    fn find(&self, key: &[u8]) -> Option<(usize, Place)> {
        let position = self.salt.position(hash_of(key));
        let id = self.page_at(position);
        let place = self.pages[id].find(position, key, &self.large);
        (place.len > 0).then_some((id, place))
    }

    fn put(&mut self, id: usize, place: Place, position: u64, record: Record<'_>) {
        let page = &mut self.pages[id];
        let before = if place.len == 0 { None } else { record::apart(page.at(place)) };
        if record.key.len() + record.value.len() <= INLINE_MAX_BYTES {
            let head = Head::inline(record.key.len(), record.value.len(), record.deadline);
            page.put(place, [head.bytes(), record.key, record.value]);
            if let Some((large, _)) = before {
                self.forget_large(large);
            }
        } else if let Some((large, _)) = before {
            self.large[large as usize] = Large::new(record, position);
        } else {
            let head = Head::apart(u32::try_from(self.large.len()).unwrap_or(u32::MAX), position);
            page.put(place, [head.bytes(), &[], &[]]);
            self.large.push(Large::new(record, position));
        }
    }

    pub(super) fn cut(&mut self, id: usize, place: Place) {
        let page = &mut self.pages[id];
        let large = record::apart(page.at(place));
        page.cut(place);
        if let Some((large, _)) = large {
            self.forget_large(large);
        }
        self.len -= 1;
    }

    /// Removes a large record; the last one takes its number.
    fn forget_large(&mut self, id: u32) {
        self.large.swap_remove(id as usize);
        if let Some(moved) = self.large.get(id as usize) {
            let before = u32::try_from(self.large.len()).unwrap_or(u32::MAX);
            let position = moved.position;
            let page = self.page_at(position);
            let page = &mut self.pages[page];
            if let Some(place) = page.find_apart(position, before) {
                record::renumber(page.at_mut(place), id);
            }
        }
        if self.large.is_empty() {
            self.large = Vec::new();
        }
    }
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("len", &self.len).field("pages", &self.pages.len()).finish_non_exhaustive()
    }
}

/// The same records, in whatever order.
impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().all(|record| other.get(record.key) == Some(record))
    }
}

impl Eq for Table {}
