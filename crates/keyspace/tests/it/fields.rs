//! Hashes whose fields expire: the index of when keys wake, against a model.

use std::collections::BTreeMap;

use arbtest::arbitrary::{Result, Unstructured};
use keyspace::{AccessClock, Changes, Db, Edit, Keyspace, Ttl, WrongType};
use stdx::UnixMs;
use value::{Collection, EncodingLimits, FieldTtl, Hash, StringRef};

use crate::support::{SEED, key, view};

const DATABASES: usize = 2;
const START: UnixMs = UnixMs(1_000_000);

/// A key's own deadline and those of its fields; no fields: a string.
#[derive(Clone, Debug, Default)]
struct Item {
    deadline: Option<UnixMs>,
    fields: BTreeMap<Vec<u8>, Option<UnixMs>>,
}

impl Item {
    fn wake_at(&self) -> Option<UnixMs> {
        self.fields.values().flatten().min().copied()
    }
}

struct Pair {
    keyspace: Keyspace,
    now: UnixMs,
    limits: EncodingLimits,
    model: Vec<BTreeMap<Vec<u8>, Item>>,
}

#[test]
fn one_lane_knows_when_fields_expire() {
    arbtest::arbtest(|u| run(u, 1)).budget_ms(700);
}

#[test]
fn four_lanes_know_when_fields_expire() {
    arbtest::arbtest(|u| run(u, 4)).budget_ms(700);
}

fn run(u: &mut Unstructured<'_>, lanes: usize) -> Result<()> {
    let limits = EncodingLimits { hash_max_listpack_entries: *u.choose(&[512, 2, 0])?, ..EncodingLimits::default() };
    let model = vec![BTreeMap::new(); DATABASES];
    let mut pair = Pair { keyspace: Keyspace::new(DATABASES, lanes, SEED), now: START, limits, model };
    while !u.is_empty() {
        let lane = u.choose_index(lanes)?;
        pair.step(u, lane)?;
        pair.compare(lane);
    }
    // In the end everything that can expire has, and nothing else.
    pair.now = UnixMs(START.0 + 1_000_000);
    while pair.expire_due(0, usize::MAX) {}
    for db in &mut pair.model {
        db.retain(|_, item| {
            item.deadline.is_none() && (item.fields.is_empty() || item.fields.values().any(Option::is_none))
        });
        db.values_mut().for_each(|item| item.fields.retain(|_, deadline| deadline.is_none()));
    }
    pair.compare(0);
    assert_eq!(pair.keyspace.earliest_deadline(), None);
    Ok(())
}

impl Pair {
    fn step(&mut self, u: &mut Unstructured<'_>, lane: usize) -> Result<()> {
        let db = u.choose_index(DATABASES)?;
        let name = vec![b'k', u.int_in_range(b'0'..=b'4')?];
        let field = vec![b'f', u.int_in_range(b'0'..=b'6')?];
        let at = UnixMs(self.now.0 + u.int_in_range(0..=20)?);
        match u.int_in_range(0..=15)? {
            0..=5 => {
                let ttl = if u.arbitrary()? { FieldTtl::At(at) } else { FieldTtl::Clear };
                let limits = self.limits;
                let set = self.with(lane, db, |db, keyspace| {
                    db.upsert(key(keyspace, &name), |hash: &mut Edit<'_, Hash>| {
                        hash.set(&field, b"v", ttl, &limits);
                        hash.changed(1);
                        Ok::<_, WrongType>(())
                    })
                });
                let item = self.model[db].get(&name);
                let is_string = item.is_some_and(|item| item.fields.is_empty());
                assert_eq!(set.is_err(), is_string);
                if !is_string {
                    let deadline = if let FieldTtl::At(at) = ttl { Some(at) } else { None };
                    self.model[db].entry(name).or_default().fields.insert(field, deadline);
                }
            }
            6 => {
                let removed = self.with(lane, db, |db, keyspace| {
                    db.update(key(keyspace, &name), |hash: &mut Edit<'_, Hash>| {
                        let removed = hash.remove(&field);
                        hash.changed(u64::from(removed));
                        Ok::<_, WrongType>(removed)
                    })
                });
                if let Ok(Some(edited)) = removed {
                    let item = self.model[db].get_mut(&name).unwrap();
                    assert_eq!(edited.result, item.fields.remove(&field).is_some());
                    if item.fields.is_empty() {
                        assert!(edited.removed);
                        self.model[db].remove(&name);
                    }
                }
            }
            7 => {
                self.with(lane, db, |db, keyspace| db.set_string(key(keyspace, &name), StringRef::Int(1), Ttl::At(at)));
                self.model[db].insert(name, Item { deadline: Some(at), fields: BTreeMap::new() });
            }
            8 => {
                self.with(lane, db, |db, keyspace| db.set_deadline(key(keyspace, &name), at));
                if let Some(item) = self.model[db].get_mut(&name) {
                    item.deadline = Some(at);
                }
            }
            9 => {
                self.with(lane, db, |db, keyspace| db.clear_deadline(key(keyspace, &name)));
                if let Some(item) = self.model[db].get_mut(&name) {
                    item.deadline = None;
                }
            }
            10 => {
                let (to_db, to) = (u.choose_index(DATABASES)?, vec![b'k', u.int_in_range(b'0'..=b'4')?]);
                self.with(lane, db, |db, keyspace| db.carry(key(keyspace, &name), to_db, key(keyspace, &to)));
                if let Some(item) = self.model[db].remove(&name) {
                    self.model[to_db].insert(to, item);
                }
            }
            11 => {
                let to = vec![b'k', u.int_in_range(b'0'..=b'4')?];
                self.with(lane, db, |db, keyspace| {
                    let value = db.peek(key(keyspace, &name)).map(|entry| entry.value().to_value());
                    if let Some(value) = value {
                        db.set_value(key(keyspace, &to), value, Ttl::Clear);
                    }
                });
                let live = |item: &&Item| item.deadline.is_none_or(|at| at >= self.now);
                if let Some(item) = self.model[db].get(&name).filter(live).cloned() {
                    self.model[db].insert(to, Item { deadline: None, ..item });
                }
            }
            12 => {
                self.with(lane, db, |db, keyspace| db.expire_fields(key(keyspace, &name), [&field[..]].into_iter()));
            }
            13 => self.clear_away(u, lane, db, &name)?,
            14 => self.now = UnixMs(self.now.0 + u.int_in_range(0..=8)?),
            _ => {
                self.expire_due(lane, u.int_in_range(1..=100)?);
            }
        }
        Ok(())
    }

    fn clear_away(&mut self, u: &mut Unstructured<'_>, lane: usize, db: usize, name: &[u8]) -> Result<()> {
        match u.int_in_range(0..=3)? {
            0 => {
                self.with(lane, db, |db, _| db.flush());
                self.model[db].clear();
            }
            1 => {
                self.with(lane, db, |db, _| db.swap(0, 1));
                self.model.swap(0, 1);
            }
            _ => {
                self.with(lane, db, |db, keyspace| db.remove(key(keyspace, name)));
                self.model[db].remove(name);
            }
        }
        Ok(())
    }

    /// Alone, so that every operation is allowed.
    fn with<R>(&mut self, lane: usize, db: usize, work: impl FnOnce(&mut Db<'_>, &Keyspace) -> R) -> R {
        let mut turn = self.keyspace.enter(lane);
        let mut view = view(turn.lock_all(), db, self.now);
        let result = work(&mut view, &self.keyspace);
        let changes = view.finish();
        drop(turn);
        self.take(changes);
        result
    }

    fn expire_due(&mut self, lane: usize, budget: usize) -> bool {
        let clock = AccessClock::Lru { now: self.now };
        let (changes, more) = self.keyspace.enter(lane).expire_due(self.now, clock, budget, |_| {});
        self.take(changes);
        more
    }

    /// Takes out of the model what the keyspace says has expired: only what was due.
    fn take(&mut self, changes: Changes) {
        for expired in changes.expired_parts {
            let item = self.model[expired.db].get_mut(&*expired.key).expect("a key that was there");
            for field in expired.parts {
                let deadline = item.fields.remove(&*field).expect("a field that was there");
                assert!(deadline.is_some_and(|at| at < self.now));
            }
            assert_eq!(item.fields.is_empty(), expired.emptied);
            if expired.emptied {
                self.model[expired.db].remove(&*expired.key);
            }
        }
        for expired in changes.expired {
            let item = self.model[expired.db].remove(&*expired.key).expect("a key that was there");
            assert!(item.deadline.is_some_and(|at| at < self.now));
        }
    }

    fn compare(&self, lane: usize) {
        let earliest = self.model.iter().flat_map(BTreeMap::values).flat_map(|item| [item.deadline, item.wake_at()]);
        if let Some(earliest) = earliest.flatten().min() {
            assert!(self.keyspace.earliest_deadline().is_some_and(|at| at <= earliest), "nobody would wake");
        }
        for db in 0..DATABASES {
            let model = &self.model[db];
            let mut turn = self.keyspace.enter(lane);
            let view = view(turn.lock_all(), db, UnixMs(i64::MIN));
            let size = view.size();
            assert_eq!(size.keys, model.len());
            assert_eq!(size.volatile_keys, model.values().filter(|item| item.deadline.is_some()).count());
            let waking = model.values().filter(|item| item.wake_at().is_some()).count();
            assert_eq!(size.keys_with_volatile_parts, waking);
            view.for_each(|entry| {
                let item = &model[entry.key()];
                assert_eq!((entry.deadline(), entry.wake_at()), (item.deadline, item.wake_at()));
                let len = Hash::of(entry.value()).map_or(0, Hash::len);
                assert_eq!(len, item.fields.len());
            });
        }
    }
}
