//! The string commands' handlers on a keyspace of a million keys, by commands (MGET, MSET: keys) a second, and what they allocate.
//!
//! `cargo bench -p commands --bench string`. Parsing, dispatch and sockets are left out: what is measured is look-up, change and
//! reply. Keys are 16 bytes, values 64 bytes or integers, chosen at random; a sample is 32 commands, asked for ahead of their
//! turn as a pipeline of 32 is.

use command_api::{Args, Caller, Command, Context, Effects, Interest, Protocol, Reply, Tunables};
use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher};
use keyspace::{AccessClock, Db, Keyspace, Mode};
use resp::{Argv, Span};
use stdx::UnixMs;

#[global_allocator]
static ALLOCATOR: AllocProfiler<tikv_jemallocator::Jemalloc> = AllocProfiler::new(tikv_jemallocator::Jemalloc);

fn main() {
    divan::main();
}

const KEYS: u32 = 1_000_000;
const BATCH: usize = 32;
const NOW: UnixMs = UnixMs(1_767_225_600_000);

/// A command's words, laid out as the parser leaves them.
#[derive(Default)]
struct Words {
    bytes: Vec<u8>,
    spans: Vec<Span>,
}

impl Words {
    fn push(&mut self, word: &[u8]) {
        let start = u32::try_from(self.bytes.len()).unwrap();
        self.spans.push(Span { start, len: u32::try_from(word.len()).unwrap() });
        self.bytes.extend_from_slice(word);
    }

    fn argv(&self) -> Argv<'_> {
        Argv::new(&self.bytes, &self.spans)
    }
}

struct Node {
    keyspace: Keyspace,
    effects: Effects,
    rng: fastrand::Rng,
    output: Vec<u8>,
}

impl Node {
    /// `value` is stored under every key.
    fn filled(value: &[u8]) -> Self {
        let keyspace = Keyspace::new(16, 1, [7; 16]);
        let mut node = Self { keyspace, effects: Effects::new(), rng: fastrand::Rng::with_seed(7), output: Vec::new() };
        let set = command("set");
        for index in 0..KEYS {
            let mut words = Words::default();
            for word in [&b"SET"[..], &key(index), value] {
                words.push(word);
            }
            node.call(set, &words);
        }
        node
    }

    fn call(&mut self, command: &Command, words: &Words) {
        self.output.clear();
        self.effects.begin(Interest::default());
        let argv = words.argv();
        let hash = self.keyspace.hasher().hash(argv.get(1).unwrap_or_default());
        let mut turn = self.keyspace.enter(0);
        let access = if argv.len() > 3 { turn.lock_all() } else { turn.lock_key(hash, Mode::Write) };
        let mut cx = Context {
            db: Db::new(access, 0, NOW, AccessClock::Lru { now: NOW }, true, 0),
            effects: &mut self.effects,
            rng: &mut self.rng,
            tunables: &Tunables::default(),
            caller: Caller::default(),
            block: &mut command_api::Block::default(),
            name: command.name,
        };
        let mut args = Args::new(argv, 1, self.keyspace.hasher(), (1, hash));
        let mut reply = Reply::new(&mut self.output, Protocol::Resp3);
        if let Some(handler) = command.handler {
            handler(&mut cx, &mut args, &mut reply).unwrap();
        }
    }

    /// Runs a batch as a worker does: every key's bucket, then every key's entry, then the commands.
    fn call_batch(&mut self, command: &Command, batch: &[Words]) {
        let turn = self.keyspace.enter(0);
        let hashes = || batch.iter().map(|words| self.keyspace.hasher().hash(words.argv().get(1).unwrap_or_default()));
        hashes().for_each(|hash| turn.prefetch_bucket(0, hash));
        hashes().for_each(|hash| turn.prefetch_entry(0, hash));
        drop(turn);
        for words in batch {
            self.call(command, words);
        }
    }
}

fn command(name: &str) -> &'static Command {
    commands::tables().flatten().find(|command| command.name == name).unwrap()
}

fn key(index: u32) -> [u8; 16] {
    let mut key = *b"key:000000000000";
    for (place, digit) in key.iter_mut().rev().zip(index.to_string().bytes().rev()) {
        *place = digit;
    }
    key
}

/// Measures batches of `name` with a random key and `rest`.
fn single(bencher: Bencher<'_, '_>, name: &str, value: &[u8], rest: &[&[u8]]) {
    let mut node = Node::filled(value);
    let mut rng = fastrand::Rng::with_seed(42);
    let command = command(name);
    let batch = move || -> Vec<Words> {
        let words = || {
            let mut words = Words::default();
            words.push(name.as_bytes());
            words.push(&key(rng.u32(0..KEYS)));
            rest.iter().for_each(|word| words.push(word));
            words
        };
        std::iter::repeat_with(words).take(BATCH).collect()
    };
    bencher
        .counter(ItemsCount::new(BATCH))
        .with_inputs(batch)
        .bench_local_refs(|batch| node.call_batch(command, batch));
}

/// Measures one call of `name` with a batch of random keys, each followed by `rest`.
fn multi(bencher: Bencher<'_, '_>, name: &str, rest: &[&[u8]]) {
    let mut node = Node::filled(&VALUE);
    let mut rng = fastrand::Rng::with_seed(42);
    let command = command(name);
    let line = move || {
        let mut words = Words::default();
        words.push(name.as_bytes());
        for _ in 0..BATCH {
            words.push(&key(rng.u32(0..KEYS)));
            rest.iter().for_each(|word| words.push(word));
        }
        words
    };
    bencher.counter(ItemsCount::new(BATCH)).with_inputs(line).bench_local_refs(|words| node.call(command, words));
}

const VALUE: [u8; 64] = [b'v'; 64];

#[divan::bench]
fn get(bencher: Bencher<'_, '_>) {
    single(bencher, "get", &VALUE, &[]);
}

#[divan::bench]
fn set(bencher: Bencher<'_, '_>) {
    single(bencher, "set", &VALUE, &[&VALUE]);
}

#[divan::bench]
fn set_ex(bencher: Bencher<'_, '_>) {
    single(bencher, "set", &VALUE, &[&VALUE, b"EX", b"100"]);
}

#[divan::bench]
fn incr(bencher: Bencher<'_, '_>) {
    single(bencher, "incr", b"12345", &[]);
}

#[divan::bench]
fn append(bencher: Bencher<'_, '_>) {
    single(bencher, "append", &VALUE, &[b""]);
}

#[divan::bench]
fn mget(bencher: Bencher<'_, '_>) {
    multi(bencher, "mget", &[]);
}

#[divan::bench]
fn mset(bencher: Bencher<'_, '_>) {
    multi(bencher, "mset", &[&VALUE]);
}
