//! What job queues do to their payloads: JSON of a Sidekiq job, MessagePack of BullMQ's options.
//!
//! Each bench runs a Lua loop, as a script would; divan's items are calls.

use divan::Bencher;
use divan::counter::ItemsCount;
use mlua::{Function, Lua};
use resp::{Argv, Protocol, Reply};
use script::{Host, Input, LogLevel, Origin, Scripts, Settings, Verdict};

fn main() {
    divan::main();
}

const CALLS: u32 = 1000;

const JOB: &str = r#"{"retry":true,"queue":"default","class":"HardWorker","args":[42,"bob@example.com",{"plan":"pro","seats":12}],"jid":"b4a577edbccf1d805744efa9","created_at":1763750000.123456,"enqueued_at":1763750000.124007,"tags":["a","b"],"meta":{"locale":"en","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","attempt":1,"delay":0,"priority":10}}"#;

/// A function that runs `body` over and over, with `job` (JSON), `value` (decoded) and `packed` (MessagePack) in sight.
fn looped(lua: &Lua, body: &str) -> Function {
    let script = format!(
        "local job = ...
        local value = cjson.decode(job)
        local packed = cmsgpack.pack(value)
        return function() for _ = 1, {CALLS} do {body} end end"
    );
    lua.load(script).call(JOB).unwrap()
}

fn bench(bencher: Bencher<'_, '_>, body: &str) {
    let lua = script::testing::interpreter().unwrap();
    // As the engine does: mlua then makes each call that may allocate a protected one.
    lua.set_memory_limit(1 << 30).unwrap();
    let function = looped(&lua, body);
    bencher.counter(ItemsCount::new(CALLS)).bench_local(|| function.call::<()>(()).unwrap());
}

/// The same loop in the sandbox, where the pattern functions are ours, and in plain Lua, where they are C's.
const PATTERNS: &[(&str, &str)] = &[
    ("find a word", "local _ = string.find(job, 'locale', 1, true)"),
    ("match a field", "local _ = string.match(job, '\"jid\":\"(%x+)\"')"),
    ("split by gmatch", "for _ in string.gmatch(job, '[^,]+') do end"),
    ("gsub with text", "local _ = string.gsub(job, '%d+', '<%0>')"),
    ("gsub with a function", "local _ = string.gsub(job, '%a+', function(word) return word end)"),
    ("short key", "local _ = string.match('user:1000:name', '^(%w+):(%d+):(%w+)$')"),
    ("lazy", "local _ = string.match(job, '.-\"tags\":%[(.-)%]')"),
];

#[divan::bench(args = PATTERNS.iter().map(|(name, _)| *name))]
fn pattern_in_c(bencher: Bencher<'_, '_>, name: &str) {
    let body = PATTERNS.iter().find(|row| row.0 == name).map_or("", |row| row.1);
    bench(bencher, body);
}

#[divan::bench(args = PATTERNS.iter().map(|(name, _)| *name))]
fn pattern(bencher: Bencher<'_, '_>, name: &str) {
    let body = PATTERNS.iter().find(|row| row.0 == name).map_or("", |row| row.1);
    let settings = Settings {
        redis_version: [8, 0, 6],
        server_name: "ochre".to_owned(),
        server_version: [0, 1, 0],
        memory_limit_bytes: 1 << 30,
    };
    let mut scripts = Scripts::new(&settings).unwrap();
    let script = format!("local job = '{JOB}' for _ = 1, {CALLS} do {body} end return 1");
    let id = scripts.load(script.as_bytes(), Origin::Eval).unwrap();
    let input = Input { argv: Argv::new(b"", &[]), first_key: 0, num_keys: 0 };
    let mut out = Vec::new();
    bencher.counter(ItemsCount::new(CALLS)).bench_local(|| {
        out.clear();
        scripts.run(id, &input, &mut Idle, &mut Reply::new(&mut out, Protocol::Resp2)).unwrap();
    });
}

/// A host that no script here calls.
struct Idle;

impl Host for Idle {
    fn call(&mut self, _argv: Argv<'_>, _protocol: Protocol, _reply: &mut Vec<u8>) {}

    fn may_call(&mut self, _argv: Argv<'_>) -> Result<bool, String> {
        Ok(true)
    }

    fn log(&mut self, _level: LogLevel, _message: &[u8]) {}

    fn set_propagation(&mut self, _to_aof: bool, _to_replicas: bool) {}

    fn checkpoint(&mut self) -> Verdict {
        Verdict::GoOn
    }
}

#[divan::bench]
fn cjson_decode(bencher: Bencher<'_, '_>) {
    bench(bencher, "local _ = cjson.decode(job)");
}

#[divan::bench]
fn cjson_encode(bencher: Bencher<'_, '_>) {
    bench(bencher, "local _ = cjson.encode(value)");
}

#[divan::bench]
fn cmsgpack_unpack(bencher: Bencher<'_, '_>) {
    bench(bencher, "local _ = cmsgpack.unpack(packed)");
}

#[divan::bench]
fn cmsgpack_pack(bencher: Bencher<'_, '_>) {
    bench(bencher, "local _ = cmsgpack.pack(value)");
}

#[divan::bench]
fn struct_pack(bencher: Bencher<'_, '_>) {
    bench(bencher, "local _ = struct.pack('>I4hsd', 7, 5, 'name', 1.5)");
}

#[divan::bench]
fn bit_band(bencher: Bencher<'_, '_>) {
    bench(bencher, "local _ = bit.band(255, 15)");
}
