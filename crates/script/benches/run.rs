//! What one EVAL costs in the engine, with a host that does nothing: `cargo bench -p script --bench run`.

use divan::{Bencher, black_box};
use resp::{Argv, Protocol, Reply, Span};
use script::{Host, Input, LogLevel, Origin, Scripts, Settings, Verdict};

fn main() {
    divan::main();
}

struct Counter;

impl Host for Counter {
    fn call(&mut self, argv: Argv<'_>, _protocol: Protocol, reply: &mut Vec<u8>) {
        black_box(argv.len());
        reply.extend_from_slice(b":42\r\n");
    }

    fn may_call(&mut self, _argv: Argv<'_>) -> Result<bool, String> {
        Ok(true)
    }

    fn log(&mut self, _level: LogLevel, _message: &[u8]) {}

    fn set_propagation(&mut self, _to_aof: bool, _to_replicas: bool) {}

    fn checkpoint(&mut self) -> Verdict {
        Verdict::GoOn
    }
}

/// EVAL of this body with one key and one argument, from the text to the reply.
fn eval(bencher: Bencher<'_, '_>, body: &[u8]) {
    let settings = Settings {
        redis_version: [8, 0, 6],
        server_name: "ochre".to_owned(),
        server_version: [0, 1, 0],
        memory_limit_bytes: 1 << 30,
    };
    let mut scripts = Scripts::new(&settings).expect("an interpreter");
    let spans = [Span { start: 0, len: 3 }, Span { start: 3, len: 3 }];
    let input = Input { argv: Argv::new(b"keyarg", &spans), first_key: 0, num_keys: 1 };
    let mut out = Vec::new();
    bencher.bench_local(|| {
        out.clear();
        let id = scripts.load(body, Origin::Eval).expect("compiles");
        scripts.run(id, &input, &mut Counter, &mut Reply::new(&mut out, Protocol::Resp2)).expect("runs");
        black_box(out.len())
    });
}

#[divan::bench]
fn return_a_number(bencher: Bencher<'_, '_>) {
    eval(bencher, b"return 1");
}

#[divan::bench]
fn one_call(bencher: Bencher<'_, '_>) {
    eval(bencher, b"return redis.call('incr', KEYS[1])");
}

#[divan::bench]
fn ten_calls(bencher: Bencher<'_, '_>) {
    eval(bencher, b"for i = 1, 10 do redis.call('set', KEYS[1], ARGV[1]) end return redis.status_reply('OK')");
}

#[divan::bench]
fn thousand_instructions(bencher: Bencher<'_, '_>) {
    eval(bencher, b"local sum = 0 for i = 1, 250 do sum = sum + i % 7 end return sum");
}

#[divan::bench]
fn a_failing_call(bencher: Bencher<'_, '_>) {
    eval(bencher, b"local ok, e = pcall(error, {err = 'ERR x'}) return e");
}
