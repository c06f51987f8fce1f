//! The hot path of both directions: what a pipeline of 32 costs per command, parsing and answering.
//!
//! Divan's counter of items is commands, so `ns per command = time / 32`, or 1000 / (Mitem/s).

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use resp::{Batch, Limits, Protocol, Reader, Reply, RequestParser};

fn main() {
    divan::main();
}

const DEPTH: usize = 32;

fn pipeline(command: impl Fn(usize) -> Vec<u8>) -> Vec<u8> {
    (0..DEPTH).flat_map(command).collect()
}

fn get() -> Vec<u8> {
    pipeline(|index| resp::encode_command(["GET", &format!("key:{index:012}")]))
}

fn set(value_len: usize) -> Vec<u8> {
    let value = "v".repeat(value_len);
    pipeline(|index| resp::encode_command(["SET", &format!("key:{index:012}"), &value]))
}

fn bench_parse(bencher: Bencher<'_, '_>, input: &[u8]) {
    let mut parser = RequestParser::new();
    let mut batch = Batch::new(DEPTH);
    bencher.counter(ItemsCount::new(DEPTH)).counter(BytesCount::of_slice(input)).bench_local(|| {
        let progress = parser.parse(black_box(input), &mut batch, &Limits::default()).unwrap();
        assert!(batch.is_full() && progress.consumed == input.len());
    });
}

#[divan::bench]
fn parse_get(bencher: Bencher<'_, '_>) {
    bench_parse(bencher, &get());
}

#[divan::bench(args = [3, 64, 1024])]
fn parse_set(bencher: Bencher<'_, '_>, value_len: usize) {
    bench_parse(bencher, &set(value_len));
}

#[divan::bench]
fn parse_inline_ping(bencher: Bencher<'_, '_>) {
    bench_parse(bencher, &b"PING\r\n".repeat(DEPTH));
}

/// Parsing, and then reading the name and the key of each command, as dispatch does.
#[divan::bench]
fn parse_get_and_visit(bencher: Bencher<'_, '_>) {
    let input = get();
    let mut parser = RequestParser::new();
    let mut batch = Batch::new(DEPTH);
    bencher.counter(ItemsCount::new(DEPTH)).bench_local(|| {
        parser.parse(black_box(&input), &mut batch, &Limits::default()).unwrap();
        let sum: usize = batch
            .iter(&input)
            .map(|argv| {
                let name = argv.get(0).unwrap_or_default();
                let key = argv.get(1).unwrap_or_default();
                usize::from(name[0]) + usize::from(key[key.len() - 1])
            })
            .sum();
        black_box(sum);
    });
}

/// The same 32 commands in reads of so many bytes: what resuming costs.
#[divan::bench(args = [7, 64, 256])]
fn parse_get_in_pieces(bencher: Bencher<'_, '_>, piece_len: usize) {
    let input = get();
    let mut parser = RequestParser::new();
    let mut batch = Batch::new(DEPTH);
    bencher.counter(ItemsCount::new(DEPTH)).bench_local(|| {
        let (mut from, mut to) = (0, 0);
        while from < input.len() {
            to = (to + piece_len).min(input.len());
            from += parser.parse(black_box(&input[from..to]), &mut batch, &Limits::default()).unwrap().consumed;
        }
    });
}

/// One command of 100,000 arguments, whole and in reads of 16 KB; items are arguments.
#[divan::bench(args = [usize::MAX, 16 * 1024])]
fn parse_many_arguments(bencher: Bencher<'_, '_>, piece_len: usize) {
    let args = vec!["element:12345"; 100_000];
    let input = resp::encode_command(&args);
    let mut parser = RequestParser::new();
    let mut batch = Batch::new(DEPTH);
    bencher.counter(ItemsCount::new(args.len())).bench_local(|| {
        let mut to = 0;
        while batch_is_wanting(&mut parser, &input[..to], &mut batch) {
            to = to.saturating_add(piece_len).min(input.len());
        }
    });
}

fn batch_is_wanting(parser: &mut RequestParser, input: &[u8], batch: &mut Batch) -> bool {
    parser.parse(black_box(input), batch, &Limits::default()).unwrap();
    batch.is_empty()
}

fn bench_reply(bencher: Bencher<'_, '_>, answer: impl Fn(&mut Reply<'_>)) {
    let mut out = Vec::new();
    bencher.counter(ItemsCount::new(DEPTH)).bench_local(|| {
        out.clear();
        let mut reply = Reply::new(black_box(&mut out), Protocol::Resp2);
        for _ in 0..DEPTH {
            answer(black_box(&mut reply));
        }
        out.len()
    });
}

#[divan::bench(args = [3, 64, 1024])]
fn reply_bulk(bencher: Bencher<'_, '_>, len: usize) {
    let value = vec![b'v'; len];
    bench_reply(bencher, |reply| reply.bulk(&value));
}

#[divan::bench]
fn reply_ok(bencher: Bencher<'_, '_>) {
    bench_reply(bencher, |reply| reply.ok());
}

#[divan::bench(args = [1, 1_234_567])]
fn reply_int(bencher: Bencher<'_, '_>, int: i64) {
    bench_reply(bencher, |reply| reply.int(int));
}

#[divan::bench(args = [3.0, 0.1])]
fn reply_double(bencher: Bencher<'_, '_>, double: f64) {
    bench_reply(bencher, |reply| reply.double(double));
}

#[divan::bench(args = [7, 1000])]
fn reply_array_later(bencher: Bencher<'_, '_>, len: usize) {
    bench_reply(bencher, |reply| {
        let later = reply.array_later();
        (0..len).for_each(|_| reply.bulk(b"member"));
        reply.settle_array(later, len);
    });
}

#[divan::bench(args = [3, 64, 1024])]
fn read_bulk(bencher: Bencher<'_, '_>, len: usize) {
    let input = pipeline(|_| format!("${len}\r\n{}\r\n", "v".repeat(len)).into_bytes());
    let mut reader = Reader::default();
    bencher.counter(ItemsCount::new(DEPTH)).bench_local(|| {
        let mut input = black_box(&*input);
        while let Some(value) = reader.read(&mut input).unwrap() {
            black_box(value);
        }
    });
}
