//! Which clients have read which keys.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use parking_lot::Mutex;

/// Parts with a lock each, chosen by the key's hash.
const PARTS: usize = 64;

/// A key with its hash, which comes first: keys are found without a copy of their bytes, and any hash is a fair place to evict from.
type Name = (u64, Box<[u8]>);

/// Ids of the clients that have read a key, ascending.
type Part = BTreeMap<Name, Vec<u64>>;

/// The table.
#[derive(Debug)]
pub(super) struct ReadKeys {
    parts: Box<[Mutex<Part>]>,
    keys: AtomicUsize,
    /// Clients of all keys.
    items: AtomicUsize,
}

impl Default for ReadKeys {
    fn default() -> Self {
        let parts = (0..PARTS).map(|_| Mutex::default()).collect();
        Self { parts, keys: AtomicUsize::new(0), items: AtomicUsize::new(0) }
    }
}

impl ReadKeys {
    pub(super) fn keys(&self) -> usize {
        self.keys.load(Relaxed)
    }

    pub(super) fn items(&self) -> usize {
        self.items.load(Relaxed)
    }

    fn part(&self, hash: u64) -> &Mutex<Part> {
        // The top bits: the low ones choose the stripe.
        &self.parts[usize::try_from(hash >> 58).unwrap_or(0) % PARTS]
    }

    /// Enters that `client` has read the key.
    pub(super) fn remember(&self, hash: u64, key: &[u8], client: u64) {
        let mut part = self.part(hash).lock();
        let mut same = part.range_mut((hash, Box::default())..).take_while(|(name, _)| name.0 == hash);
        if let Some((_, clients)) = same.find(|(name, _)| *name.1 == *key) {
            let Err(at) = clients.binary_search(&client) else { return };
            clients.insert(at, client);
        } else {
            part.insert((hash, Box::from(key)), vec![client]);
            self.keys.fetch_add(1, Relaxed);
        }
        self.items.fetch_add(1, Relaxed);
    }

    /// Removes the key and tells who had read it.
    pub(super) fn take(&self, hash: u64, key: &[u8]) -> Vec<u64> {
        let mut part = self.part(hash).lock();
        let mut same = part.range((hash, Box::default())..).take_while(|(name, _)| name.0 == hash);
        if !same.any(|(name, _)| *name.1 == *key) {
            return Vec::new();
        }
        let clients = part.remove(&(hash, Box::from(key))).unwrap_or_default();
        self.note_removed(1, clients.len());
        clients
    }

    /// Removes a key near `chance`, a random number; `None` when the table is empty.
    pub(super) fn take_any(&self, chance: u64) -> Option<(Box<[u8]>, Vec<u64>)> {
        let first = usize::try_from(chance >> 58).unwrap_or(0);
        for index in (first..PARTS).chain(0..first) {
            let mut part = self.parts[index].lock();
            let name = part.range((chance, Box::default())..).next().or_else(|| part.iter().next());
            if let Some(name) = name.map(|(name, _)| name.clone())
                && let Some(clients) = part.remove(&name)
            {
                self.note_removed(1, clients.len());
                return Some((name.1, clients));
            }
        }
        None
    }

    /// Removes everything.
    pub(super) fn clear(&self) {
        (0..PARTS).for_each(|index| self.retain(index, |_| false));
    }

    /// Keeps only clients that `keep` accepts, in one part; the number may be any, and parts take turns.
    pub(super) fn retain(&self, part: usize, keep: impl Fn(u64) -> bool) {
        let mut part = self.parts[part % PARTS].lock();
        let (mut keys, mut items) = (0, 0);
        part.retain(|_, clients| {
            let before = clients.len();
            clients.retain(|client| keep(*client));
            items += before - clients.len();
            keys += usize::from(clients.is_empty());
            !clients.is_empty()
        });
        self.note_removed(keys, items);
    }

    fn note_removed(&self, keys: usize, items: usize) {
        self.keys.fetch_sub(keys, Relaxed);
        self.items.fetch_sub(items, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use arbtest::arbtest;

    use super::ReadKeys;

    /// Few keys, and hashes that collide.
    fn hash(key: u8) -> u64 {
        (u64::from(key) / 3) << 57
    }

    #[test]
    fn the_table_is_a_map_from_keys_to_sets_of_clients() {
        arbtest(|u| {
            let table = ReadKeys::default();
            let mut model: BTreeMap<u8, BTreeSet<u64>> = BTreeMap::new();
            for _ in 0..u.int_in_range(0..=40)? {
                let key = u.int_in_range(0..=20_u8)?;
                match u.int_in_range(0..=6)? {
                    0..=3 => {
                        let client = u.int_in_range(1..=5)?;
                        table.remember(hash(key), &[key], client);
                        model.entry(key).or_default().insert(client);
                    }
                    4 => {
                        let taken: Vec<u64> = model.remove(&key).into_iter().flatten().collect();
                        assert_eq!(table.take(hash(key), &[key]), taken);
                    }
                    5 => match table.take_any(u.arbitrary()?) {
                        None => assert!(model.is_empty()),
                        Some((key, clients)) => {
                            let known = model.remove(&key[0]).expect("a known key");
                            assert_eq!(clients, known.into_iter().collect::<Vec<_>>());
                        }
                    },
                    _ => {
                        (0..64).for_each(|part| table.retain(part, |client| client % 2 == 0));
                        model.values_mut().for_each(|clients| clients.retain(|client| client % 2 == 0));
                        model.retain(|_, clients| !clients.is_empty());
                    }
                }
                assert_eq!(table.keys(), model.len());
                assert_eq!(table.items(), model.values().map(BTreeSet::len).sum::<usize>());
            }
            table.clear();
            assert_eq!((table.keys(), table.items()), (0, 0));
            Ok(())
        });
    }
}
