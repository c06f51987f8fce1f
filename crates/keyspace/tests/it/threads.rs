//! Four threads, each the owner of a lane, on one keyspace: sums come out exactly, walks miss nothing, deadlines pass on time, and
//! everybody comes to an end.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering::SeqCst};

use keyspace::{AccessClock, Db, Keyspace, Mode, Ttl, WrongType};
use stdx::UnixMs;
use value::StringRef;

use crate::support::{SEED, key, text, view, with_keys};

const LANES: usize = 4;
const NOW: UnixMs = UnixMs(1_000_000);

/// Operations per thread, scaled down where every step is interpreted or checked.
const ROUNDS: usize = if cfg!(miri) { 30 } else { 4000 };

/// A generator for choices; a thread's own.
struct Choices(u64);

impl Choices {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        usize::try_from(self.0 >> 33).unwrap_or(0) % bound
    }
}

/// Runs `work(lane, its choices)` on a thread for each lane, all starting together.
fn on_all_lanes(work: impl Fn(usize, &mut Choices) + Sync) {
    let start = Barrier::new(LANES);
    std::thread::scope(|scope| {
        for lane in 0..LANES {
            let (start, work) = (&start, &work);
            scope.spawn(move || {
                start.wait();
                work(lane, &mut Choices(lane as u64 + 1));
            });
        }
    });
}

/// INCR as a command does it.
fn increment(keyspace: &Keyspace, db: &mut Db<'_>, name: &[u8], by: i64) {
    let key = key(keyspace, name);
    let next = |current: Option<StringRef<'_>>| {
        let sum = current.map_or(0, |string| string.to_int().unwrap_or(0)) + by;
        Ok::<_, WrongType>((StringRef::Int(sum), ()))
    };
    db.update_string(key, next).unwrap();
}

fn number(keyspace: &Keyspace, db: &Db<'_>, name: &[u8]) -> i64 {
    db.string(key(keyspace, name)).unwrap().map_or(0, |string| string.to_int().unwrap_or(0))
}

#[test]
fn increments_of_shared_and_private_keys_add_up() {
    const SHARED: usize = 20;
    let keyspace = Keyspace::new(2, LANES, SEED);
    on_all_lanes(|lane, choices| {
        for _ in 0..ROUNDS {
            let [first, second] = [(); 2].map(|()| format!("shared:{}", choices.below(SHARED)));
            let private = format!("private:{lane}");
            match choices.below(20) {
                0..=8 => {
                    let locks: &[(&[u8], Mode)] = &[(first.as_bytes(), Mode::Write)];
                    with_keys(&keyspace, lane, NOW, 0, locks, |db| increment(&keyspace, db, first.as_bytes(), 1));
                }
                // The same key may be named twice, in two modes; the thread's own comes first, last or between.
                9..=17 => {
                    let mut locks: [(&[u8], Mode); 4] = [
                        (first.as_bytes(), Mode::Write),
                        (private.as_bytes(), Mode::Write),
                        (second.as_bytes(), Mode::Write),
                        (first.as_bytes(), Mode::Read),
                    ];
                    locks.rotate_left(choices.below(4));
                    with_keys(&keyspace, lane, NOW, 0, &locks, |db| {
                        // Moves one from one key to another: the sum stays.
                        increment(&keyspace, db, first.as_bytes(), -1);
                        increment(&keyspace, db, second.as_bytes(), 1);
                        increment(&keyspace, db, private.as_bytes(), 1);
                    });
                }
                18 => {
                    let mut turn = keyspace.enter(lane);
                    let mut db = view(turn.lock_all(), 0, NOW);
                    increment(&keyspace, &mut db, b"alone", 1);
                    db.swap(0, 1);
                    db.swap(0, 1);
                }
                _ => {
                    let locks: &[(&[u8], Mode)] = &[(first.as_bytes(), Mode::Read), (second.as_bytes(), Mode::Read)];
                    with_keys(&keyspace, lane, NOW, 0, locks, |db| {
                        let read =
                            || (number(&keyspace, db, first.as_bytes()), number(&keyspace, db, second.as_bytes()));
                        let before = read();
                        std::thread::yield_now();
                        assert_eq!(read(), before, "a locked key changed");
                    });
                }
            }
        }
    });
    let mut kinds = [[0_i64; 3]; LANES];
    // The choices are a function of the lane: they are made again to know the sums.
    for (lane, [single, double, alone]) in kinds.iter_mut().enumerate() {
        let mut choices = Choices(lane as u64 + 1);
        for _ in 0..ROUNDS {
            let _keys = [choices.below(SHARED), choices.below(SHARED)];
            match choices.below(20) {
                0..=8 => *single += 1,
                9..=17 => {
                    *double += 1;
                    choices.below(4);
                }
                18 => *alone += 1,
                _ => {}
            }
        }
    }
    let mut turn = keyspace.enter(0);
    let db = view(turn.lock_all(), 0, NOW);
    let shared: i64 = (0..SHARED).map(|at| number(&keyspace, &db, format!("shared:{at}").as_bytes())).sum();
    assert_eq!(shared, kinds.iter().map(|[single, ..]| single).sum::<i64>());
    assert_eq!(number(&keyspace, &db, b"alone"), kinds.iter().map(|[.., alone]| alone).sum::<i64>());
    for (lane, [_, double, _]) in kinds.iter().enumerate() {
        assert_eq!(number(&keyspace, &db, format!("private:{lane}").as_bytes()), *double);
    }
}

#[test]
fn a_walk_sees_every_key_that_stays_while_others_come_and_go() {
    const STAYING: usize = if cfg!(miri) { 50 } else { 3000 };
    let keyspace = Keyspace::new(1, LANES, SEED);
    for at in 0..STAYING {
        let name = format!("staying:{at}");
        let locks: &[(&[u8], Mode)] = &[(name.as_bytes(), Mode::Write)];
        let put = |db: &mut Db<'_>| db.set_string(key(&keyspace, name.as_bytes()), StringRef::Embstr(b"v"), Ttl::Clear);
        with_keys(&keyspace, 0, NOW, 0, locks, put);
    }
    let walking = AtomicBool::new(true);
    on_all_lanes(|lane, choices| {
        if lane == 0 {
            for round in 0..4 {
                let seen = walk(&keyspace, lane, [1, 10, 100, 1000][round]);
                let staying = seen.iter().filter(|name| name.starts_with(b"staying:")).count();
                assert_eq!(staying, STAYING);
            }
            walking.store(false, SeqCst);
        }
        // The others grow and shrink their stripes' tables under the walk.
        while walking.load(SeqCst) {
            let name = format!("passing:{lane}:{}", choices.below(4 * STAYING));
            let locks: &[(&[u8], Mode)] = &[(name.as_bytes(), Mode::Write)];
            with_keys(&keyspace, lane, NOW, 0, locks, |db| {
                let key = key(&keyspace, name.as_bytes());
                if !db.remove(key) {
                    db.set_string(key, StringRef::Raw(name.as_bytes()), Ttl::Clear);
                }
            });
        }
    });
}

/// All keys of database 0, by SCAN in steps of `count`, the gate left between the steps.
fn walk(keyspace: &Keyspace, lane: usize, count: usize) -> BTreeSet<Vec<u8>> {
    let mut seen = BTreeSet::new();
    let mut cursor = 0;
    loop {
        let mut turn = keyspace.enter(lane);
        let db = view(turn.walk(), 0, NOW);
        cursor = db.scan(cursor, count, |entry| {
            seen.insert(entry.key().to_vec());
        });
        if cursor == 0 {
            return seen;
        }
    }
}

/// Threads set, move and remove deadlines in two databases while one removes what is due and another exchanges or empties
/// the databases. The clock only goes forward, but each thread reads it when it likes.
#[test]
fn deadlines_agree_with_the_entries_whoever_set_them() {
    let keyspace = Keyspace::new(2, LANES, SEED);
    let clock = AtomicI64::new(NOW.0);
    let expired = AtomicUsize::new(0);
    on_all_lanes(|lane, choices| {
        for round in 0..ROUNDS {
            let now = UnixMs(clock.fetch_add(1, SeqCst));
            match lane {
                0 => {
                    let mut turn = keyspace.enter(lane);
                    let (changes, _) = turn.expire_due(now, AccessClock::Lru { now }, 1 + choices.below(100), |_| {});
                    expired.fetch_add(changes.expired.len(), SeqCst);
                }
                1 if round % 16 == 0 => {
                    let mut turn = keyspace.enter(lane);
                    let mut db = view(turn.lock_all(), choices.below(2), now);
                    if choices.below(10) == 0 {
                        db.flush();
                    } else {
                        db.swap(0, 1);
                    }
                }
                _ => {
                    let name = format!("k{}", choices.below(500));
                    let locks: &[(&[u8], Mode)] = &[(name.as_bytes(), Mode::Write)];
                    let (db, pick) = (choices.below(2), choices.below(8));
                    let at = UnixMs(now.0 + 1 + i64::try_from(choices.below(2000)).unwrap_or(0));
                    with_keys(&keyspace, lane, now, db, locks, |db| change_deadline(&keyspace, db, &name, pick, at));
                }
            }
        }
    });
    assert_eq!(compare_deadlines(&keyspace), remove_all_due(&keyspace));
    assert_eq!(keyspace.earliest_deadline(), None);
    assert!(expired.into_inner() > 0 || cfg!(miri));
}

fn change_deadline(keyspace: &Keyspace, db: &mut Db<'_>, name: &str, pick: usize, at: UnixMs) {
    let key = key(keyspace, name.as_bytes());
    match pick {
        0 | 1 => db.set_string(key, StringRef::Embstr(b"v"), Ttl::At(at)),
        2 => db.set_string(key, StringRef::Embstr(b"v"), Ttl::Clear),
        3 => db.set_string(key, StringRef::Int(1), Ttl::Keep),
        4 => drop(db.set_deadline(key, at)),
        5 => drop(db.clear_deadline(key)),
        6 => drop(db.remove(key)),
        _ => {
            if let Some(entry) = db.take(key) {
                db.select(1 - db.index());
                db.put(key, entry);
            }
        }
    }
}

/// How many keys have a deadline, counted both ways, and that the hint is not later than the earliest.
fn compare_deadlines(keyspace: &Keyspace) -> usize {
    let mut turn = keyspace.enter(0);
    let mut deadlines = Vec::new();
    let mut indexed = 0;
    for index in 0..2 {
        let db = view(turn.walk(), index, UnixMs(i64::MIN));
        db.for_each(|entry| deadlines.extend(entry.deadline()));
        indexed += db.size().volatile_keys;
    }
    assert_eq!(indexed, deadlines.len());
    let hint = keyspace.earliest_deadline();
    assert!(deadlines.iter().min().is_none_or(|earliest| hint.is_some_and(|hint| hint <= *earliest)));
    indexed
}

fn remove_all_due(keyspace: &Keyspace) -> usize {
    let now = UnixMs(i64::MAX);
    let mut turn = keyspace.enter(0);
    let (changes, more) = turn.expire_due(now, AccessClock::Lru { now }, usize::MAX, |_| {});
    assert!(!more);
    let names: BTreeSet<(usize, &[u8])> = changes.expired.iter().map(|gone| (gone.db, &*gone.key)).collect();
    assert_eq!(names.len(), changes.expired.len(), "a key expired twice");
    names.len()
}

/// Renames pass a value around a ring of keys; whoever holds the ring's locks sees exactly one.
#[test]
fn a_renamed_key_is_always_under_one_name() {
    const RING: usize = 8;
    let keyspace = Keyspace::new(1, LANES, SEED);
    let names: Vec<String> = (0..RING).map(|at| format!("ring:{at}")).collect();
    let put = |db: &mut Db<'_>| db.set_string(key(&keyspace, b"ring:0"), StringRef::Raw(b"token"), Ttl::Clear);
    with_keys(&keyspace, 0, NOW, 0, &[(b"ring:0", Mode::Write)], put);
    on_all_lanes(|lane, choices| {
        for _ in 0..ROUNDS {
            if lane == 0 {
                let mut locks: Vec<(&[u8], Mode)> = names.iter().map(|name| (name.as_bytes(), Mode::Read)).collect();
                locks.rotate_left(choices.below(RING));
                let seen = |db: &mut Db<'_>| {
                    let found = |name: &String| db.string(key(&keyspace, name.as_bytes())).unwrap().map(text);
                    names.iter().filter_map(found).collect::<Vec<_>>()
                };
                assert_eq!(with_keys(&keyspace, lane, NOW, 0, &locks, seen).0, [b"token"]);
            } else {
                let (from, to) = (names[choices.below(RING)].as_bytes(), names[choices.below(RING)].as_bytes());
                with_keys(&keyspace, lane, NOW, 0, &[(from, Mode::Write), (to, Mode::Write)], |db| {
                    db.carry(key(&keyspace, from), 0, key(&keyspace, to));
                });
            }
        }
    });
}

/// A lane stays its owner's while the owner is outside with the gate closed; nobody may slip into it.
#[test]
#[should_panic(expected = "two owners")]
fn a_lane_cannot_be_entered_while_its_owner_is_alone() {
    let keyspace = Keyspace::new(1, LANES, SEED);
    let mut turn = keyspace.enter(0);
    let _all = turn.lock_all();
    let _second = keyspace.enter(0);
}

#[test]
#[should_panic(expected = "did not declare")]
fn an_undeclared_key_is_refused() {
    let keyspace = Keyspace::new(1, LANES, SEED);
    with_keys(&keyspace, 0, NOW, 0, &[(b"declared", Mode::Write)], |db| {
        for at in 0..1000 {
            db.remove(key(&keyspace, format!("other:{at}").as_bytes()));
        }
    });
}

#[test]
#[should_panic(expected = "did not declare")]
fn a_key_declared_for_reading_is_not_written() {
    let keyspace = Keyspace::new(1, LANES, SEED);
    with_keys(&keyspace, 0, NOW, 0, &[(b"k", Mode::Read)], |db| db.remove(key(&keyspace, b"k")));
}

/// A lane that took other locks than it had does not keep others out of the rest, as closing the gate would.
#[test]
fn a_lane_that_locks_anew_holds_just_that() {
    let keyspace = Keyspace::new(1, LANES, SEED);
    let hash = |name: &[u8]| keyspace.hasher().hash(name);
    let names: Vec<[u8; 2]> = (0..200_u8).map(|number| [b'k', number]).collect();
    let (first, second) = (&names[0], &names[1]);
    let mut turn = keyspace.enter(0);
    let access = turn.lock_key(hash(first), Mode::Write);
    let access = access.relock([(hash(first), Mode::Write), (hash(second), Mode::Read)].into_iter());
    assert!(access.covers([(hash(first), Mode::Write), (hash(second), Mode::Read)].into_iter()));
    let beside = |name: &&[u8; 2]| !access.covers(std::iter::once((hash(*name), Mode::Read)));
    let other = names.iter().find(beside).expect("200 names lie in more than two stripes");
    with_keys(&keyspace, 1, NOW, 0, &[(other, Mode::Write)], |db| increment(&keyspace, db, other, 1));
    with_keys(&keyspace, 1, NOW, 0, &[(second, Mode::Read)], |db| assert_eq!(number(&keyspace, db, second), 0));
    drop(access);
    with_keys(&keyspace, 1, NOW, 0, &[(first, Mode::Write)], |db| increment(&keyspace, db, first, 1));
}

/// The first databases are there from the beginning, others come into being with their first key; nobody sees a difference.
#[test]
fn databases_far_behind_the_first_ones_are_like_them() {
    for lanes in [1, LANES] {
        let keyspace = Keyspace::new(100, lanes, SEED);
        let mut turn = keyspace.enter(0);
        let mut db = view(turn.lock_all(), 0, NOW);
        for index in [3, 15, 16, 40, 99] {
            db.select(index);
            assert_eq!((db.size().keys, db.flush(), db.scan(0, 10, |_| ())), (0, 0, 0));
            assert!(!db.contains(key(&keyspace, b"k")));
            db.set_string(key(&keyspace, b"k"), StringRef::Int(1), Ttl::At(UnixMs(NOW.0 + 10)));
            increment(&keyspace, &mut db, b"k", i64::try_from(index).unwrap_or(0));
        }
        // Within a group, between two, with one that never was, and two that never were.
        for (first, second) in [(3, 15), (15, 16), (40, 70), (50, 80)] {
            db.swap(first, second);
        }
        let found: Vec<(usize, i64)> = (0..100)
            .filter_map(|index| {
                db.select(index);
                (db.size().keys > 0).then(|| (index, number(&keyspace, &db, b"k")))
            })
            .collect();
        assert_eq!(found, [(3, 16), (15, 17), (16, 4), (70, 41), (99, 100)]);
        drop(db);
        let now = UnixMs(NOW.0 + 11);
        let (changes, more) = turn.expire_due(now, AccessClock::Lru { now }, 100, |_| {});
        assert_eq!((changes.expired.len(), more), (5, false));
    }
}
