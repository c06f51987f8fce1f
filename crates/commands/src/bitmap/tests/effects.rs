//! What the bitmap commands tell the rest of the server: changes, events, propagation, hits and misses. What they answer is
//! tested by transcripts beside each command.

use command_api::{Args, Block, Caller, Command, Context, Effects, Event, Interest, Protocol, Record, Reply, Tunables};
use keyspace::{AccessClock, Db, Keyspace};
use resp::{Argv, Span};
use stdx::UnixMs;
use value::{StringRef, Type};

const NOW: UnixMs = UnixMs(1_700_000_000_000);

/// A keyspace and who listens to it.
struct Bench {
    keyspace: Keyspace,
    tunables: Tunables,
    caller: Caller,
    now: UnixMs,
}

/// What one command did.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    reply: String,
    changes: u64,
    events: Vec<(Event, &'static str, String)>,
    hits: u32,
    misses: u32,
}

impl Outcome {
    /// The names of the events and their keys.
    fn told(&self) -> Vec<(&str, &str)> {
        self.events.iter().map(|(_, name, key)| (*name, key.as_str())).collect()
    }
}

impl Bench {
    fn new() -> Self {
        let keyspace = Keyspace::new(1, 1, [7; 16]);
        Self { keyspace, tunables: Tunables::default(), caller: Caller::default(), now: NOW }
    }

    /// Runs `line`, whose words are split at spaces.
    fn run(&self, line: &str) -> Outcome {
        let mut spans = Vec::new();
        let mut start = 0;
        for word in line.split(' ') {
            let len = u32::try_from(word.len()).unwrap();
            spans.push(Span { start, len });
            start += len + 1;
        }
        let argv = Argv::new(line.as_bytes(), &spans);
        let name = line.split(' ').next().unwrap().to_ascii_lowercase();
        let command: &Command = crate::bitmap::TABLE.iter().find(|command| command.name == name).unwrap();
        assert!(command.accepts(argv.len()), "{line}");

        let mut effects = Effects::new();
        effects.begin(Interest { events: true, parts: false, propagation: true });
        let mut rng = fastrand::Rng::with_seed(1);
        let mut turn = self.keyspace.enter(0);
        let clock = AccessClock::Lru { now: self.now };
        let mut block = Block::default();
        let mut cx = Context {
            db: Db::new(turn.lock_all(), 0, self.now, clock, true, 1),
            effects: &mut effects,
            rng: &mut rng,
            tunables: &self.tunables,
            caller: self.caller,
            block: &mut block,
            name: command.name,
        };
        let mut args = Args::new(argv, 1, self.keyspace.hasher(), (0, 0));
        let mut out = Vec::new();
        let mut reply = Reply::new(&mut out, Protocol::Resp3);
        let result = command.handler.unwrap()(&mut cx, &mut args, &mut reply);
        let Context { db, effects, .. } = cx;
        let changes = db.finish();
        if let Err(error) = result {
            assert_eq!(changes.count, 0, "{line} failed after it had changed something");
            assert!(effects.records().is_empty(), "{line} failed after it had told something");
            out = format!("-{error}\r\n").into_bytes();
        }
        assert!(effects.propagates_verbatim(), "{line}");
        let events = effects.records().iter().map(|record| match record {
            Record::Notify { class, name, db: 0, key } => {
                (*class, *name, String::from_utf8(effects.bytes(key).to_vec()).unwrap())
            }
            Record::Notify { .. }
            | Record::NotifyParts { .. }
            | Record::FoundExpired { .. }
            | Record::Command { .. } => {
                panic!("{record:?} of {line}")
            }
        });
        Outcome {
            events: events.collect(),
            reply: String::from_utf8(out).unwrap().replace("\r\n", " ").trim_end().to_owned(),
            changes: changes.count,
            hits: changes.hits,
            misses: changes.misses,
        }
    }

    /// Does `act` with a view of the database.
    fn with_db<R>(&self, act: impl FnOnce(&mut Db<'_>) -> R) -> R {
        let mut turn = self.keyspace.enter(0);
        let mut db = Db::new(turn.lock_all(), 0, self.now, AccessClock::Lru { now: self.now }, true, 1);
        act(&mut db)
    }

    fn set(&self, key: &str, bytes: &[u8]) {
        let key = keyspace::Key::with_hash(key.as_bytes(), self.keyspace.hasher().hash(key.as_bytes()));
        self.with_db(|db| db.set_string(key, StringRef::new(bytes), keyspace::Ttl::Clear));
    }

    fn string(&self, key: &str) -> Option<Vec<u8>> {
        let key = keyspace::Key::with_hash(key.as_bytes(), self.keyspace.hasher().hash(key.as_bytes()));
        self.with_db(|db| {
            let entry = db.peek(key)?;
            assert_eq!(entry.value_type(), Type::String);
            let mut scratch = stdx::num::IntText::new();
            db.string(key).unwrap().map(|string| string.bytes(&mut scratch).to_vec())
        })
    }
}

#[test]
fn setbit_tells_of_a_change_only() {
    let bench = Bench::new();
    let first = bench.run("SETBIT k 7 1");
    assert_eq!((first.changes, first.told()), (1, vec![("setbit", "k")]));
    assert_eq!(first.events[0].0, Event::String);
    assert_eq!((first.hits, first.misses), (0, 0));
    let again = bench.run("SETBIT k 7 1");
    assert_eq!((again.changes, again.told()), (0, vec![]));
    let grown = bench.run("SETBIT k 100 0");
    assert_eq!((grown.changes, grown.told()), (1, vec![("setbit", "k")]));
    let made = bench.run("SETBIT new 0 0");
    assert_eq!((made.changes, made.told()), (1, vec![("setbit", "new")]));
    assert_eq!(bench.string("new"), Some(vec![0]));
}

#[test]
fn refused_commands_make_no_key() {
    let bench = Bench::new();
    for line in [
        "SETBIT k 4294967296 1",
        "SETBIT k 0 2",
        "BITFIELD k SET u8 0 1 SET u8 x 1",
        "BITFIELD k SET u8 0 1 FOO",
        "BITFIELD_RO k GET u8 0 SET u8 0 1",
        "BITOP FOO k a",
        "BITOP NOT k a b",
    ] {
        let outcome = bench.run(line);
        assert!(outcome.reply.starts_with("-ERR "), "{line}: {}", outcome.reply);
        assert_eq!((outcome.hits, outcome.misses), (0, 0), "{line}");
        assert_eq!(bench.string("k"), None, "{line}");
    }
}

#[test]
fn reads_count_hits_and_misses() {
    let bench = Bench::new();
    bench.set("s", b"foobar");
    for line in [
        "GETBIT s 3",
        "BITCOUNT s",
        "BITCOUNT s 0 -1",
        "BITPOS s 1",
        "BITFIELD s",
        "BITFIELD s GET u8 0",
        "BITFIELD_RO s",
    ] {
        let outcome = bench.run(line);
        assert_eq!((outcome.hits, outcome.misses, outcome.changes), (1, 0, 0), "{line}");
    }
    for line in
        ["GETBIT x 3", "BITCOUNT x", "BITPOS x 1", "BITFIELD x", "BITFIELD x GET u8 0", "BITFIELD_RO x GET u8 0"]
    {
        let outcome = bench.run(line);
        assert_eq!((outcome.hits, outcome.misses, outcome.changes), (0, 1, 0), "{line}");
        assert_eq!(bench.string("x"), None, "{line}");
    }
    for line in ["GETBIT s x", "BITCOUNT s 0", "BITPOS s 1 x", "BITPOS s 2"] {
        let outcome = bench.run(line);
        assert_eq!((outcome.hits, outcome.misses), (0, 0), "{line}");
    }
    let combined = bench.run("BITOP OR d s x s");
    assert_eq!((combined.hits, combined.misses), (2, 1));
}

#[test]
fn bitop_sets_or_deletes_its_destination() {
    let bench = Bench::new();
    bench.set("s", b"a");
    let set = bench.run("BITOP NOT d s");
    assert_eq!((set.reply.as_str(), set.changes, set.told()), (":1", 1, vec![("set", "d")]));
    assert_eq!(set.events[0].0, Event::String);
    let gone = bench.run("BITOP NOT d x");
    assert_eq!((gone.reply.as_str(), gone.changes, gone.told()), (":0", 1, vec![("del", "d")]));
    assert_eq!(gone.events[0].0, Event::Generic);
    let nothing = bench.run("BITOP NOT d x");
    assert_eq!((nothing.reply.as_str(), nothing.changes, nothing.told()), (":0", 0, vec![]));
}

#[test]
fn bitfield_counts_every_write_that_changes_something() {
    let bench = Bench::new();
    // While the string grows, every write that is done counts.
    let made = bench.run("BITFIELD k SET u8 0 0 SET u8 0 0 SET u8 8 0 GET u8 0");
    assert_eq!((made.changes, made.told()), (3, vec![("setbit", "k")]));
    assert_eq!((made.hits, made.misses), (0, 0));
    let once = bench.run("BITFIELD k SET u8 8 0 SET u8 8 1 SET u8 8 1");
    assert_eq!((once.reply.as_str(), once.changes), ("*3 :0 :0 :1", 1));
    let never = bench.run("BITFIELD k SET u8 8 1 INCRBY u8 8 0 OVERFLOW FAIL INCRBY u8 8 255");
    assert_eq!((never.reply.as_str(), never.changes, never.told()), ("*3 :1 :1 _", 0, vec![]));
}

#[test]
fn a_string_grown_for_a_write_that_failed_is_propagated_without_an_event() {
    let bench = Bench::new();
    let failed = bench.run("BITFIELD k OVERFLOW FAIL SET u8 #9 256");
    assert_eq!((failed.reply.as_str(), failed.changes, failed.told()), ("*1 _", 1, vec![]));
    assert_eq!(bench.string("k"), Some(vec![0; 10]));
    let again = bench.run("BITFIELD k OVERFLOW FAIL SET u8 #9 256");
    assert_eq!((again.reply.as_str(), again.changes), ("*1 _", 0));
}

#[test]
fn offsets_are_limited_by_the_longest_string() {
    let mut bench = Bench::new();
    let refused = "-ERR bit offset is not an integer or out of range";
    assert_eq!(bench.run("GETBIT k 4294967295").reply, ":0");
    assert_eq!(bench.run("GETBIT k 4294967296").reply, refused);
    bench.tunables.proto_max_bulk_len_bytes = 2 << 30;
    assert_eq!(bench.run("GETBIT k 17179869183").reply, ":0");
    assert_eq!(bench.run("GETBIT k 17179869184").reply, refused);
    bench.tunables.proto_max_bulk_len_bytes = 1 << 20;
    assert_eq!(bench.run("GETBIT k 8388608").reply, refused);
    assert_eq!(bench.run("SETBIT k 8388608 1").reply, refused);
    assert_eq!(bench.run("BITFIELD k SET u1 8388608 1").reply, refused);
    assert_eq!(bench.run("BITFIELD k GET u8 #1048576").reply, refused);
    assert_eq!(bench.run("BITFIELD k GET u8 #1048575").reply, "*1 :0");
    // The offset counts, not the end: the string may get longer than that by the rest of a field.
    assert_eq!(bench.run("BITFIELD k SET i64 8388607 1").reply, "*1 :0");
    assert_eq!(bench.string("k").unwrap().len(), (1 << 20) + 8);
}

#[test]
fn what_a_primary_accepted_is_not_held_to_the_limit() {
    let mut bench = Bench::new();
    bench.tunables.proto_max_bulk_len_bytes = 1 << 10;
    bench.caller.trusted = true;
    assert_eq!(bench.run("SETBIT k 8192 1").reply, ":0");
    assert_eq!(bench.string("k").unwrap().len(), (1 << 10) + 1);
    assert_eq!(bench.run("GETBIT k 9223372036854775807").reply, ":0");
    assert_eq!(bench.run("GETBIT k -1").reply, "-ERR bit offset is not an integer or out of range");
}

#[test]
fn field_numbers_that_cannot_be_multiplied_are_refused() {
    let bench = Bench::new();
    for offset in ["#9223372036854775807", "#288230376151711744", "#144115188075855872"] {
        let outcome = bench.run(&format!("BITFIELD k GET i64 {offset}"));
        assert_eq!(outcome.reply, "-ERR bit offset is not an integer or out of range", "{offset}");
    }
}

#[test]
fn an_expired_string_is_none() {
    let mut bench = Bench::new();
    let key = |bench: &Bench| keyspace::Key::with_hash(b"k", bench.keyspace.hasher().hash(b"k"));
    bench.set("k", b"\xff\xff");
    bench.with_db(|db| db.set_deadline(key(&bench), UnixMs(NOW.0 + 5)));
    bench.now = UnixMs(NOW.0 + 6);
    assert_eq!(bench.run("BITCOUNT k").reply, ":0");
    assert_eq!(bench.run("BITOP NOT d k").reply, ":0");
    let set = bench.run("SETBIT k 3 1");
    assert_eq!((set.reply.as_str(), set.changes), (":0", 1));
    assert_eq!(bench.string("k"), Some(vec![0x10]));
    bench.now = UnixMs(NOW.0 + 1000);
    assert_eq!(bench.string("k"), Some(vec![0x10]));
}
