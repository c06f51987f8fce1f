//! Streams of entries with two fields: what XADD, XADD MAXLEN, XRANGE, XREAD, XREADGROUP and XACK rest on, with 1,000 and 1 M entries, and
//! bytes per entry.
//!
//! `cargo bench -p value --bench stream`

use std::hint::black_box;
use std::sync::OnceLock;

use divan::Bencher;
use stdx::UnixMs;
use value::{EncodingLimits, Group, Stream, StreamId};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const SIZES: [u32; 2] = [1_000, 1_000_000];

#[expect(clippy::print_stdout, reason = "a benchmark reports")]
fn main() {
    for count in SIZES {
        // What this thread has taken and not given back, to the byte.
        let taken = tikv_jemalloc_ctl::thread::allocatedp::read().unwrap();
        let given = tikv_jemalloc_ctl::thread::deallocatedp::read().unwrap();
        let allocated = || taken.get() - given.get();
        let before = allocated();
        let stream = filled(count);
        let bytes = allocated() - before;
        drop(black_box(stream));
        println!("bytes per entry of {count}: {:.2}", bytes as f64 / f64::from(count));
    }
    divan::main();
}

fn id(number: u32) -> StreamId {
    StreamId::new(1_700_000_000_000 + u64::from(number), 0)
}

fn append(stream: &mut Stream, number: u32) {
    let value = number.to_le_bytes();
    let fields = [(&b"sensor"[..], &value[..]), (b"reading", b"21.5 degrees")];
    stream.append(id(number), fields.iter().copied(), &EncodingLimits::default()).unwrap();
}

fn filled(count: u32) -> Stream {
    let mut stream = Stream::default();
    (0..count).for_each(|number| append(&mut stream, number));
    stream
}

fn shared(count: u32) -> &'static Stream {
    static STREAMS: [OnceLock<Stream>; SIZES.len()] = [const { OnceLock::new() }; SIZES.len()];
    STREAMS[usize::from(count != SIZES[0])].get_or_init(|| filled(count))
}

/// Numbers below `count` without order, the same in every run.
fn numbers(count: u32) -> impl FnMut() -> u32 {
    let mut rng = fastrand::Rng::with_seed(1);
    move || rng.u32(..count)
}

#[divan::bench(args = SIZES)]
fn add(bencher: Bencher<'_, '_>, count: u32) {
    let (mut stream, mut number) = (shared(count).clone(), count);
    bencher.bench_local(|| {
        append(&mut stream, number);
        number += 1;
    });
}

#[divan::bench(args = SIZES)]
fn get(bencher: Bencher<'_, '_>, count: u32) {
    let (stream, mut number) = (shared(count), numbers(count));
    bencher.bench_local(|| stream.contains(id(number())));
}

#[divan::bench(args = SIZES)]
fn range_of_100(bencher: Bencher<'_, '_>, count: u32) {
    let (stream, mut number) = (shared(count), numbers(count - 100));
    bencher.bench_local(|| stream.range(id(number()), StreamId::MAX).take(100).map(|entry| entry.id.ms).sum::<u64>());
}

#[divan::bench(args = SIZES)]
fn deliver_and_acknowledge(bencher: Bencher<'_, '_>, count: u32) {
    let mut group = Group::new(StreamId::ZERO, Some(0));
    let consumer = group.add_consumer(b"consumer", UnixMs(0)).unwrap();
    let mut next = count;
    (0..count).for_each(|number| group.deliver(id(number), consumer, UnixMs(0), 1));
    bencher.bench_local(|| {
        group.deliver(id(next), consumer, UnixMs(0), 1);
        next += 1;
        group.acknowledge(id(next - count))
    });
}
