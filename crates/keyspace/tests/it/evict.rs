//! What goes first under each rule, on one lane and on several.

use keyspace::{AccessClock, Candidates, Db, Key, Keyspace, Rank, Rule, Ttl};
use stdx::UnixMs;
use value::StringRef;

const START: UnixMs = UnixMs(1_767_225_600_000);

/// A keyspace of two databases and a way to look at it as a command does.
struct World {
    keyspace: Keyspace,
    now: UnixMs,
    lfu: bool,
}

impl World {
    fn new(lanes: usize) -> Self {
        Self { keyspace: Keyspace::new(2, lanes, [7; 16]), now: START, lfu: false }
    }

    const fn clock(&self) -> AccessClock {
        match self.lfu {
            true => AccessClock::Lfu { now: self.now, log_factor: 0, decay_minutes: 1 },
            false => AccessClock::Lru { now: self.now },
        }
    }

    fn with<R>(&self, db: usize, work: impl FnOnce(&mut Db<'_>) -> R) -> R {
        let mut turn = self.keyspace.enter(0);
        let mut db = Db::new(turn.lock_all(), db, self.now, self.clock(), true, 0);
        work(&mut db)
    }

    fn key<'k>(&self, name: &'k str) -> Key<'k> {
        Key::with_hash(name.as_bytes(), self.keyspace.hasher().hash(name.as_bytes()))
    }

    fn set(&self, db: usize, name: &str, ttl: Ttl) {
        self.with(db, |view| view.set_string(self.key(name), StringRef::Int(1), ttl));
    }

    fn read(&self, name: &str) {
        self.with(0, |view| assert!(view.lookup(self.key(name)).is_some()));
    }

    /// Evicts one key and returns its name.
    fn evict(&self, candidates: &mut Candidates, rule: Rule, rng: &mut Rng) -> Option<String> {
        let mut turn = self.keyspace.enter(0);
        loop {
            let victim = turn.choose_victim(candidates, rule, self.clock(), &mut || rng.draw())?;
            let access = turn.lock_victim(victim);
            let mut db = Db::new(access, victim.db, self.now, self.clock(), false, 0);
            db.evict(victim, rule);
            let changes = db.finish();
            if let [evicted] = &*changes.evicted {
                assert_eq!(changes.count, 0, "nobody's command changed it");
                return Some(String::from_utf8_lossy(&evicted.key).into_owned());
            }
        }
    }
}

/// A small generator with a fixed seed.
struct Rng(u64);

impl Rng {
    const fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ (mixed >> 27)
    }
}

const fn rule(rank: Rank, volatile_only: bool) -> Rule {
    Rule { rank, volatile_only, samples: 5 }
}

fn evict_times(world: &World, rule: Rule, times: usize) -> Vec<String> {
    let (mut candidates, mut rng) = (Candidates::default(), Rng(5));
    (0..times).map_while(|_| world.evict(&mut candidates, rule, &mut rng)).collect()
}

#[test]
fn what_was_used_lately_stays() {
    for lanes in [1, 4] {
        let mut world = World::new(lanes);
        (0..1000).for_each(|i| world.set(0, &format!("k{i}"), Ttl::Clear));
        world.now = UnixMs(START.0 + 60_000);
        (0..500).for_each(|i| world.read(&format!("k{i}")));
        world.now = UnixMs(START.0 + 120_000);
        let gone = evict_times(&world, rule(Rank::Idle, false), 300);
        let used = gone.iter().filter(|name| name[1..].parse::<u32>().is_ok_and(|i| i < 500)).count();
        assert_eq!(gone.len(), 300);
        assert!(used < 20, "{used} of 300 that went had been used");
    }
}

#[test]
fn what_is_used_often_stays() {
    let mut world = World::new(2);
    world.lfu = true;
    (0..1000).for_each(|i| world.set(0, &format!("k{i}"), Ttl::Clear));
    for _ in 0..20 {
        (0..500).for_each(|i| world.read(&format!("k{i}")));
    }
    let gone = evict_times(&world, rule(Rank::Rare, false), 300);
    let often = gone.iter().filter(|name| name[1..].parse::<u32>().is_ok_and(|i| i < 500)).count();
    assert!(often < 20, "{often} of 300 that went had been used often");
}

#[test]
fn a_candidate_that_is_used_again_stays() {
    let mut world = World::new(1);
    world.set(0, "k", Ttl::Clear);
    world.now = UnixMs(START.0 + 60_000);
    let (mut candidates, mut rng) = (Candidates::default(), Rng(5));
    let idle = rule(Rank::Idle, false);
    let victim = world
        .keyspace
        .enter(0)
        .choose_victim(&mut candidates, idle, world.clock(), &mut || rng.draw())
        .expect("the key");
    world.read("k");
    assert!(world.with(0, |db| db.evict(victim, idle)).is_none());
    assert!(world.with(0, |db| db.contains(world.key("k"))));
}

#[test]
fn under_a_rule_for_volatile_keys_the_others_stay() {
    for (lanes, every, rank) in
        [(1, 3, Rank::Idle), (4, 3, Rank::Rare), (1, 500, Rank::Idle), (4, 500, Rank::Random), (4, 7, Rank::Soonest)]
    {
        let world = World::new(lanes);
        let ttl = |i: i64| if i % every == 0 { Ttl::At(UnixMs(START.0 + 1000 + i)) } else { Ttl::Clear };
        (0..3000).for_each(|i| world.set(usize::from(i % 2 == 1), &format!("k{i}"), ttl(i)));
        let mut gone: Vec<i64> = evict_times(&world, rule(rank, true), 10_000)
            .iter()
            .map(|name| name[1..].parse().expect("a number"))
            .collect();
        if rank == Rank::Soonest {
            assert!(gone.is_sorted(), "in the order of their deadlines");
        }
        gone.sort_unstable();
        assert_eq!(gone, (0..3000).filter(|i| i % every == 0).collect::<Vec<_>>(), "{rank:?}");
        let sizes = [0, 1].map(|db| world.with(db, |view| view.size()));
        assert_eq!(sizes.map(|size| size.volatile_keys), [0, 0]);
        assert_eq!(sizes.iter().map(|size| size.keys).sum::<usize>(), 3000 - gone.len());
    }
}

#[test]
fn random_eviction_reaches_every_key_once() {
    for lanes in [1, 4] {
        let world = World::new(lanes);
        (0..500).for_each(|i| world.set(i % 2, &format!("k{i}"), Ttl::Clear));
        let mut gone = evict_times(&world, rule(Rank::Random, false), 10_000);
        gone.sort_unstable();
        gone.dedup();
        assert_eq!(gone.len(), 500);
    }
}

#[test]
fn under_lrm_reading_a_key_does_not_keep_it() {
    let world = World::new(1);
    let clock = |ms| AccessClock::Lrm { now: UnixMs(START.0 + ms) };
    let at = |ms: i64, work: &mut dyn FnMut(&mut Db<'_>)| {
        let mut turn = world.keyspace.enter(0);
        let mut db = Db::new(turn.lock_all(), 0, UnixMs(START.0 + ms), clock(ms), true, 0);
        work(&mut db);
    };
    let key = world.key("k");
    let idle_s = |ms: i64| {
        let mut idle = 0;
        at(ms, &mut |db| idle = db.peek(key).map_or(0, |entry| clock(ms).idle_seconds(entry.clock())));
        idle
    };
    at(0, &mut |db| db.set_string(key, StringRef::Int(1), Ttl::Clear));
    at(5000, &mut |db| assert!(db.lookup(key).is_some()));
    at(6000, &mut |db| assert!(db.lookup_for_update(key).is_some()));
    assert_eq!(idle_s(8000), 8, "neither of the two changed it");
    at(9000, &mut |db| assert!(db.set_deadline(key, UnixMs(START.0 + 999_000))));
    assert_eq!(idle_s(11_000), 2);
    at(20_000, &mut |db| assert_eq!(db.edit_string(key, 5, |bytes| bytes[4] = b'x'), Ok(())));
    assert_eq!(idle_s(23_000), 3);
}
