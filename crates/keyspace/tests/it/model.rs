//! Random operations on a keyspace, and the same on sorted maps; after each of them both must hold the same.
//!
//! The model keeps keys that have expired until the keyspace reports their removal: each must be reported once, and only after
//! its time. So sizes can be compared exactly, and with them the deadlines' index.

use std::collections::{BTreeMap, BTreeSet};

use arbtest::arbitrary::{Result, Unstructured};
use keyspace::{Changes, DbSize, Keyspace, Mode, Ttl, WrongType};
use stdx::UnixMs;
use value::StringRef;

use crate::support::{SEED, key, text, view, with_keys};

const DATABASES: usize = 3;
const START: UnixMs = UnixMs(1_000_000);

/// What is stored under a key and until when.
type Item = (Vec<u8>, Option<UnixMs>);

/// One thing to do with the keyspace. Keys and databases are small numbers, so that operations meet.
#[derive(Debug)]
enum Op {
    Set { at: Place, value: Vec<u8>, ttl: Ttl },
    Append { at: Place, tail: Vec<u8> },
    RefuseUpdate { at: Place },
    Edit { at: Place, len: usize },
    Expire { at: Place, deadline: UnixMs },
    Persist { at: Place },
    Remove { at: Place },
    Read { at: Place },
    Rename { from: Place, to: Vec<u8> },
    Move { from: Place, to: usize },
    Swap { first: usize, second: usize },
    Flush { db: usize },
    Scan { db: usize, count: usize },
    Random { db: usize, chance: u64 },
    Advance { ms: i64 },
    ExpireDue { budget: usize },
}

/// A key of a database.
#[derive(Clone, Debug)]
struct Place {
    db: usize,
    name: Vec<u8>,
}

struct Pair {
    keyspace: Keyspace,
    now: UnixMs,
    model: Vec<BTreeMap<Vec<u8>, Item>>,
}

#[test]
fn one_lane_agrees_with_the_model() {
    arbtest::arbtest(|u| run(u, 1)).budget_ms(700);
}

#[test]
fn four_lanes_agree_with_the_model() {
    arbtest::arbtest(|u| run(u, 4)).budget_ms(700);
}

fn run(u: &mut Unstructured<'_>, lanes: usize) -> Result<()> {
    let model = vec![BTreeMap::new(); DATABASES];
    let mut pair = Pair { keyspace: Keyspace::new(DATABASES, lanes, SEED), now: START, model };
    while !u.is_empty() {
        let op = op(u, pair.now)?;
        let lane = u.choose_index(lanes)?;
        pair.apply(op, lane);
        pair.compare(lane);
    }
    pair.now = UnixMs(i64::MAX);
    pair.apply(Op::ExpireDue { budget: usize::MAX }, 0);
    let stays = |(_, deadline): &Item| deadline.is_none_or(|at| at.0 == i64::MAX);
    assert!(pair.model.iter().flat_map(BTreeMap::values).all(stays));
    pair.compare(0);
    Ok(())
}

fn op(u: &mut Unstructured<'_>, now: UnixMs) -> Result<Op> {
    Ok(match u.int_in_range(0..=19)? {
        0..=3 => {
            let ttl = match u.int_in_range(0..=3)? {
                0 => Ttl::Clear,
                1 => Ttl::Keep,
                _ => Ttl::At(deadline(u, now)?),
            };
            Op::Set { at: place(u)?, value: value(u)?, ttl }
        }
        4 => Op::Append { at: place(u)?, tail: value(u)? },
        5 => Op::RefuseUpdate { at: place(u)? },
        6 => Op::Edit { at: place(u)?, len: u.int_in_range(0..=100)? },
        7 | 8 => Op::Expire { at: place(u)?, deadline: deadline(u, now)? },
        9 => Op::Persist { at: place(u)? },
        10 => Op::Remove { at: place(u)? },
        11 => Op::Read { at: place(u)? },
        12 => Op::Rename { from: place(u)?, to: name(u)? },
        13 => Op::Move { from: place(u)?, to: u.choose_index(DATABASES)? },
        14 => Op::Swap { first: u.choose_index(DATABASES)?, second: u.choose_index(DATABASES)? },
        15 => Op::Flush { db: u.choose_index(DATABASES)? },
        16 => Op::Scan { db: u.choose_index(DATABASES)?, count: u.int_in_range(1..=20)? },
        17 => Op::Random { db: u.choose_index(DATABASES)?, chance: u.arbitrary()? },
        18 => Op::Advance { ms: u.int_in_range(0..=20)? },
        _ => Op::ExpireDue { budget: u.int_in_range(1..=100)? },
    })
}

fn place(u: &mut Unstructured<'_>) -> Result<Place> {
    Ok(Place { db: u.choose_index(DATABASES)?, name: name(u)? })
}

fn name(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let number = u.int_in_range(0..=30_usize)?;
    Ok(format!("{number:0width$}", width = number * 3).into_bytes())
}

fn value(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    Ok(match u.int_in_range(0..=4)? {
        0 => u.arbitrary::<i64>()?.to_string().into_bytes(),
        // Large enough to be freed elsewhere.
        1 => vec![b'x'; 70_000],
        _ => vec![b'y'; u.int_in_range(0..=60)?],
    })
}

/// Near enough to pass, and rarely at the ends of time.
fn deadline(u: &mut Unstructured<'_>, now: UnixMs) -> Result<UnixMs> {
    Ok(match u.int_in_range(0..=20)? {
        0 => UnixMs(i64::MAX),
        1 => UnixMs(i64::MIN),
        _ => UnixMs(now.0 + u.int_in_range(-2..=40)?),
    })
}

impl Pair {
    fn apply(&mut self, op: Op, lane: usize) {
        match op {
            Op::Set { at, value, ttl } => {
                self.on_key(lane, &at, |db, key| db.set_string(key, StringRef::new(&value), ttl));
                let kept = self.model[at.db].get(&at.name).and_then(|(_, deadline)| *deadline);
                let deadline = match ttl {
                    Ttl::Clear => None,
                    Ttl::Keep => kept,
                    Ttl::At(at) => Some(at),
                };
                self.model[at.db].insert(at.name, (value, deadline));
            }
            Op::Append { at, tail } => {
                self.on_key(lane, &at, |db, key| {
                    // A copy first: the string that `update_string` lends does not outlive the call.
                    let mut next = db.peek(key).and_then(|entry| string(entry.value())).map(text).unwrap_or_default();
                    next.extend_from_slice(&tail);
                    db.update_string(key, |_| Ok::<_, WrongType>((StringRef::new(&next), ())))
                })
                .unwrap();
                self.model[at.db].entry(at.name).or_default().0.extend(tail);
            }
            Op::RefuseUpdate { at } => {
                let mut turn = self.keyspace.enter(lane);
                let key = key(&self.keyspace, &at.name);
                let mut db = view(turn.lock_key(key.hash(), Mode::Write), at.db, self.now);
                let refused = db.update_string(key, |_| Err::<(StringRef<'_>, ()), _>(WrongType));
                assert_eq!(refused, Err(WrongType));
                let changes = db.finish();
                assert_eq!((changes.count, changes.expired.len()), (0, 0));
            }
            Op::Edit { at, len } => {
                self.on_key(lane, &at, |db, key| {
                    db.edit_string(key, len, |bytes| {
                        if let Some(first) = bytes.first_mut() {
                            *first = b'E';
                        }
                    })
                })
                .unwrap();
                let item = self.model[at.db].entry(at.name).or_default();
                item.0.resize(item.0.len().max(len), 0);
                if let Some(first) = item.0.first_mut() {
                    *first = b'E';
                }
            }
            Op::Expire { at, deadline } => {
                let was_there = self.on_key(lane, &at, |db, key| db.set_deadline(key, deadline));
                let item = self.model[at.db].get_mut(&at.name);
                assert_eq!(was_there, item.is_some());
                item.into_iter().for_each(|item| item.1 = Some(deadline));
            }
            Op::Persist { at } => {
                let had_one = self.on_key(lane, &at, |db, key| db.clear_deadline(key));
                let before = self.model[at.db].get_mut(&at.name).and_then(|item| item.1.take());
                assert_eq!(had_one, before.is_some());
            }
            Op::Remove { at } => {
                let was_there = self.on_key(lane, &at, |db, key| db.remove(key));
                assert_eq!(was_there, self.model[at.db].remove(&at.name).is_some());
            }
            Op::Read { at } => {
                let expected = self.visible(at.db).remove(&at.name).map(|(value, _)| value);
                assert_eq!(self.read(lane, &at), expected);
            }
            Op::Rename { from, to } => self.rename(lane, &from, to),
            Op::Move { from, to } => {
                let taken = self.on_key(lane, &from, |db, key| db.carry(key, to, key));
                let item = self.model[from.db].remove(&from.name);
                assert_eq!(taken, item.is_some());
                item.into_iter().for_each(|item| drop(self.model[to].insert(from.name.clone(), item)));
            }
            Op::Swap { first, second } => {
                self.alone(lane, 0, |db| db.swap(first, second));
                self.model.swap(first, second);
            }
            Op::Flush { db } => {
                let count = self.alone(lane, db, |db| db.flush());
                assert_eq!(count, self.model[db].len());
                self.model[db].clear();
            }
            Op::Scan { db, count } => self.scan(lane, db, count),
            Op::Random { db, chance } => self.random(lane, db, chance),
            Op::Advance { ms } => self.now.0 += ms,
            Op::ExpireDue { budget } => self.expire_due(lane, budget),
        }
    }

    /// Runs a writer on one key, and lets the model forget what it found expired.
    fn on_key<R>(
        &mut self,
        lane: usize,
        at: &Place,
        work: impl FnOnce(&mut keyspace::Db<'_>, keyspace::Key<'_>) -> R,
    ) -> R {
        let key = key(&self.keyspace, &at.name);
        let (result, changes) =
            with_keys(&self.keyspace, lane, self.now, at.db, &[(&at.name, Mode::Write)], |db| work(db, key));
        self.forget_expired(&changes);
        let left = self.model[at.db].get(&at.name).and_then(|(_, deadline)| *deadline);
        assert!(left.is_none_or(|deadline| self.now <= deadline), "a writer left an expired key where it looked");
        result
    }

    fn alone<R>(&self, lane: usize, db: usize, work: impl FnOnce(&mut keyspace::Db<'_>) -> R) -> R {
        let mut turn = self.keyspace.enter(lane);
        let mut db = view(turn.lock_all(), db, self.now);
        work(&mut db)
    }

    fn read(&self, lane: usize, at: &Place) -> Option<Vec<u8>> {
        let key = key(&self.keyspace, &at.name);
        let read = |db: &mut keyspace::Db<'_>| db.string(key).unwrap().map(text);
        let (found, changes) = with_keys(&self.keyspace, lane, self.now, at.db, &[(&at.name, Mode::Read)], read);
        assert_eq!((changes.count, changes.expired.len()), (0, 0));
        assert_eq!((changes.hits, changes.misses), if found.is_some() { (1, 0) } else { (0, 1) });
        found
    }

    fn rename(&mut self, lane: usize, from: &Place, to: Vec<u8>) {
        let (source, target) = (key(&self.keyspace, &from.name), key(&self.keyspace, &to));
        let locks: &[(&[u8], Mode)] = &[(&from.name, Mode::Write), (&to, Mode::Write)];
        let (taken, changes) =
            with_keys(&self.keyspace, lane, self.now, from.db, locks, |db| db.carry(source, from.db, target));
        assert_eq!(changes.count, u64::from(taken));
        self.forget_expired(&changes);
        let item = self.model[from.db].remove(&from.name);
        assert_eq!(taken, item.is_some());
        item.into_iter().for_each(|item| drop(self.model[from.db].insert(to.clone(), item)));
    }

    fn scan(&self, lane: usize, index: usize, count: usize) {
        let mut turn = self.keyspace.enter(lane);
        let db = view(turn.walk(), index, self.now);
        let mut seen = BTreeSet::new();
        let mut cursor = 0;
        loop {
            cursor = db.scan(cursor, count, |entry| {
                seen.insert(entry.key().to_vec());
            });
            if cursor == 0 {
                break;
            }
        }
        let visible: BTreeSet<Vec<u8>> = self.visible(index).into_keys().collect();
        assert_eq!(seen, visible);
        let mut all = Vec::new();
        db.for_each(|entry| all.push(entry.key().to_vec()));
        all.sort();
        assert!(all.into_iter().eq(visible));
    }

    fn random(&self, lane: usize, index: usize, chance: u64) {
        let mut turn = self.keyspace.enter(lane);
        let db = view(turn.walk(), index, self.now);
        let mut state = chance;
        let mut rng = move || {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            state.rotate_left(32)
        };
        let visible = self.visible(index);
        match db.random_key(&mut rng, <[u8]>::to_vec) {
            Some(key) => assert!(visible.contains_key(&key)),
            // Among keys that have expired but are still there, it may give up.
            None => assert!(visible.is_empty() || visible.len() < self.model[index].len()),
        }
    }

    fn expire_due(&mut self, lane: usize, budget: usize) {
        let mut turn = self.keyspace.enter(lane);
        let (changes, more) = turn.expire_due(self.now, keyspace::AccessClock::Lru { now: self.now }, budget, |_| {});
        drop(turn);
        self.forget_expired(&changes);
        let deadlines = || self.model.iter().flat_map(BTreeMap::values).filter_map(|(_, deadline)| *deadline);
        if more {
            assert!(changes.expired.len() >= budget);
        } else {
            assert!(deadlines().all(|at| self.now <= at), "an expired key was passed over");
            // A deadline at the end of time is as good as none.
            let earliest = deadlines().min().filter(|at| at.0 != i64::MAX);
            assert_eq!(self.keyspace.earliest_deadline(), earliest);
        }
    }

    fn forget_expired(&mut self, changes: &Changes) {
        for expired in &changes.expired {
            let item = self.model[expired.db].remove(&*expired.key);
            let deadline = item.and_then(|(_, deadline)| deadline);
            assert!(deadline.is_some_and(|at| at < self.now), "{expired:?} was due at {deadline:?}");
        }
    }

    fn visible(&self, db: usize) -> BTreeMap<Vec<u8>, Item> {
        let is_there = |item: &Item| item.1.is_none_or(|at| self.now <= at);
        self.model[db]
            .iter()
            .filter(|(_, item)| is_there(item))
            .map(|(key, item)| (key.clone(), item.clone()))
            .collect()
    }

    /// Everything, entry by entry, the expired ones too; and that the timer will not sleep too long.
    fn compare(&self, lane: usize) {
        let mut turn = self.keyspace.enter(lane);
        for (index, model) in self.model.iter().enumerate() {
            // Nothing has expired at the beginning of time.
            let db = view(turn.walk(), index, UnixMs(i64::MIN));
            let mut items = BTreeMap::new();
            db.for_each(|entry| {
                let value = string(entry.value()).map(text).unwrap_or_default();
                assert!(items.insert(entry.key().to_vec(), (value, entry.deadline())).is_none());
            });
            assert_eq!(&items, model);
            let DbSize { keys, volatile_keys, .. } = db.size();
            let with_deadline = model.values().filter(|(_, deadline)| deadline.is_some()).count();
            assert_eq!((keys, volatile_keys), (model.len(), with_deadline));
        }
        let earliest = self.model.iter().flat_map(BTreeMap::values).filter_map(|(_, deadline)| *deadline).min();
        if let Some(earliest) = earliest.filter(|at| at.0 != i64::MAX) {
            assert!(self.keyspace.earliest_deadline().is_some_and(|hint| hint <= earliest));
        }
    }
}

fn string(value: value::ValueRef<'_>) -> Option<StringRef<'_>> {
    if let value::ValueRef::String(string) = value { Some(string) } else { None }
}
