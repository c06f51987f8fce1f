//! Who is interested in a key: a map from keys to those who wait for them or watch them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use keyspace::{Access, Db, Key, KeyHasher, Touched};
use parking_lot::Mutex;
use stdx::UnixMs;

use crate::node::Live;

/// Parts with a lock each, chosen by the key's hash.
const PARTS: usize = 64;

/// A key of a database, with its hash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct KeyName {
    pub(crate) hash: u64,
    pub(crate) db: usize,
    pub(crate) key: Box<[u8]>,
}

impl KeyName {
    pub(crate) fn new(hasher: &KeyHasher, db: usize, key: &[u8]) -> Self {
        Self { hash: hasher.hash(key), db, key: Box::from(key) }
    }

    /// Whether there is such a key, which `access` covers.
    pub(crate) fn exists(&self, access: &mut Access<'_>, live: &Live, now: UnixMs) -> bool {
        let db = Db::new(access.lend(), self.db, now, live.clock(now), false, 0);
        db.contains(Key::with_hash(&self.key, self.hash))
    }
}

impl From<Touched> for KeyName {
    fn from(touched: Touched) -> Self {
        Self { hash: touched.hash, db: touched.db, key: touched.key }
    }
}

/// The keys of one part with those interested in them.
type Part<T> = Mutex<BTreeMap<KeyName, Vec<Arc<T>>>>;

/// Those interested in keys, in the order in which they came.
#[derive(Debug)]
pub(crate) struct KeyNames<T> {
    parts: Box<[Part<T>]>,
    /// Entries of all parts: 0 lets a writer pass without a look.
    count: AtomicUsize,
}

impl<T> Default for KeyNames<T> {
    fn default() -> Self {
        Self { parts: (0..PARTS).map(|_| Mutex::default()).collect(), count: AtomicUsize::new(0) }
    }
}

impl<T> KeyNames<T> {
    /// Whether nobody is interested in anything. Certain for a key whose lock the caller holds, since interest is declared under it.
    pub(crate) fn is_empty(&self) -> bool {
        self.count.load(Relaxed) == 0
    }

    fn part(&self, hash: u64) -> &Part<T> {
        // The top bits: the low ones choose the stripe.
        &self.parts[usize::try_from(hash >> 58).unwrap_or(0) % PARTS]
    }

    pub(crate) fn add(&self, name: &KeyName, who: Arc<T>) {
        let mut part = self.part(name.hash).lock();
        match part.get_mut(name) {
            Some(those) => those.push(who),
            None => drop(part.insert(name.clone(), vec![who])),
        }
        self.count.fetch_add(1, Relaxed);
    }

    pub(crate) fn remove(&self, name: &KeyName, who: &Arc<T>) {
        let mut part = self.part(name.hash).lock();
        let Some(those) = part.get_mut(name) else { return };
        let Some(at) = those.iter().position(|one| Arc::ptr_eq(one, who)) else { return };
        those.remove(at);
        if those.is_empty() {
            part.remove(name);
        }
        self.count.fetch_sub(1, Relaxed);
    }

    /// Those interested in the key, oldest first.
    pub(crate) fn of(&self, name: &KeyName) -> Vec<Arc<T>> {
        self.part(name.hash).lock().get(name).cloned().unwrap_or_default()
    }

    /// Those interested in a key with this hash, in any database.
    pub(crate) fn of_hash(&self, hash: u64) -> Vec<Arc<T>> {
        let from = KeyName { hash, db: 0, key: Box::default() };
        let part = self.part(hash).lock();
        let same = part.range(from..).take_while(|(name, _)| name.hash == hash);
        same.flat_map(|(_, those)| those.iter().cloned()).collect()
    }

    /// All keys of a database that somebody is interested in.
    pub(crate) fn keys_of_db(&self, db: usize) -> Vec<KeyName> {
        let mut names = Vec::new();
        for part in &self.parts {
            names.extend(part.lock().keys().filter(|name| name.db == db).cloned());
        }
        names
    }

    /// How many keys somebody is interested in.
    pub(crate) fn key_count(&self) -> usize {
        self.parts.iter().map(|part| part.lock().len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{KeyName, KeyNames};

    fn name(hash: u64, db: usize, key: &[u8]) -> KeyName {
        KeyName { hash, db, key: Box::from(key) }
    }

    #[test]
    fn those_who_came_first_stand_first_until_they_leave() {
        let names = KeyNames::default();
        let [a, b] = [Arc::new('a'), Arc::new('b')];
        assert!(names.is_empty());
        names.add(&name(7, 0, b"k"), Arc::clone(&a));
        names.add(&name(7, 0, b"k"), Arc::clone(&b));
        names.add(&name(7, 1, b"k"), Arc::clone(&b));
        assert_eq!(names.of(&name(7, 0, b"k")), [Arc::clone(&a), Arc::clone(&b)]);
        assert_eq!(names.of_hash(7).len(), 3);
        assert_eq!(names.of_hash(8).len(), 0);
        assert_eq!((names.key_count(), names.keys_of_db(1).len()), (2, 1));
        names.remove(&name(7, 0, b"k"), &a);
        names.remove(&name(7, 0, b"k"), &a);
        assert_eq!(names.of(&name(7, 0, b"k")), [Arc::clone(&b)]);
        names.remove(&name(7, 0, b"k"), &b);
        names.remove(&name(7, 1, b"k"), &b);
        assert!(names.is_empty());
        assert_eq!(names.key_count(), 0);
    }
}
