//! Lists: the ends, a range, and the middle.

use divan::{Bencher, black_box};
use value::{EncodingLimits, List, ListEnd, ListSide};

fn main() {
    divan::main();
}

const LENS: [usize; 3] = [100, 10_000, 1_000_000];

fn list(len: usize) -> List {
    let mut list = List::default();
    for n in 0..len {
        list.push(ListEnd::Right, [format!("element:{n:08}").as_bytes()].into_iter(), &EncodingLimits::default());
    }
    list
}

#[divan::bench(args = LENS)]
fn push_left_pop_right(bencher: Bencher<'_, '_>, len: usize) {
    let limits = EncodingLimits::default();
    let mut list = list(len);
    bencher.bench_local(|| {
        list.push(ListEnd::Left, [&b"element:00000000"[..]].into_iter(), &limits);
        list.pop(ListEnd::Right, &limits, |element| element.text_len())
    });
}

#[divan::bench(args = LENS)]
fn push_right_pop_left(bencher: Bencher<'_, '_>, len: usize) {
    let limits = EncodingLimits::default();
    let mut list = list(len);
    bencher.bench_local(|| {
        list.push(ListEnd::Right, [&b"element:00000000"[..]].into_iter(), &limits);
        list.pop(ListEnd::Left, &limits, |element| element.text_len())
    });
}

#[divan::bench(args = LENS)]
fn first_100(bencher: Bencher<'_, '_>, len: usize) {
    let list = list(len);
    bencher.bench_local(|| {
        let mut bytes = 0;
        list.visit(0, ListEnd::Left, 100, |element| bytes += black_box(element).text_len());
        bytes
    });
}

#[divan::bench(args = LENS)]
fn get_middle(bencher: Bencher<'_, '_>, len: usize) {
    let list = list(len);
    bencher.bench_local(|| list.get(black_box(len / 2), |element| element.text_len()));
}

#[divan::bench(args = [100, 10_000])]
fn insert_middle_and_remove(bencher: Bencher<'_, '_>, len: usize) {
    let limits = EncodingLimits::default();
    let mut list = list(len);
    let pivot = format!("element:{:08}", len / 2);
    bencher.bench_local(|| {
        list.insert(pivot.as_bytes(), ListSide::After, b"inserted", &limits);
        list.remove_equal(b"inserted", ListEnd::Left, 1, &limits)
    });
}
