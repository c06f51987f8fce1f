//! What job queues do to their payloads: JSON of a Sidekiq job, MessagePack of BullMQ's options.
//!
//! Each bench runs a Lua loop, as a script would; divan's items are calls.

use divan::Bencher;
use divan::counter::ItemsCount;
use mlua::{Function, Lua};

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
