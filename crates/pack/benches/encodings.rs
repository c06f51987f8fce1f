//! What a small collection costs: building, walking, looking up.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use pack::{Element, Intset, Listpack};

fn main() {
    divan::main();
}

const ELEMENTS: usize = 128;

/// What a listpack's elements look like.
#[derive(Debug, Clone, Copy)]
enum Form {
    Integers,
    Words,
    Mixed,
}

const FORMS: [Form; 3] = [Form::Integers, Form::Words, Form::Mixed];

fn texts(form: Form) -> Vec<Vec<u8>> {
    let text = |index: usize| match form {
        Form::Mixed if index % 2 == 1 => format!("{}", index * 1000),
        Form::Integers => format!("{}", index * 1000),
        Form::Words | Form::Mixed => format!("field:{index:06}"),
    };
    (0..ELEMENTS).map(|index| text(index).into_bytes()).collect()
}

fn listpack(form: Form) -> Listpack {
    let mut listpack = Listpack::new();
    listpack.extend(&texts(form));
    listpack
}

#[divan::bench(args = FORMS)]
fn push_all(bencher: Bencher<'_, '_>, form: Form) {
    let texts = texts(form);
    bencher.counter(ItemsCount::new(ELEMENTS)).bench_local(|| {
        let mut listpack = Listpack::new();
        listpack.extend(black_box(&texts));
        listpack
    });
}

#[divan::bench(args = FORMS)]
fn iterate(bencher: Bencher<'_, '_>, form: Form) {
    let listpack = listpack(form);
    bencher
        .counter(ItemsCount::new(ELEMENTS))
        .bench_local(|| black_box(&listpack).iter().map(weigh).fold(0, usize::wrapping_add));
}

#[divan::bench(args = FORMS)]
fn iterate_backwards(bencher: Bencher<'_, '_>, form: Form) {
    let listpack = listpack(form);
    bencher
        .counter(ItemsCount::new(ELEMENTS))
        .bench_local(|| black_box(&listpack).iter().rev().map(weigh).fold(0, usize::wrapping_add));
}

fn weigh(element: Element<'_>) -> usize {
    match element {
        Element::Int(int) => usize::from(int.to_le_bytes()[0]),
        Element::Bytes(bytes) => bytes.len(),
    }
}

/// The last of 128 elements: every other one is looked at first.
#[divan::bench(args = FORMS)]
fn find_last(bencher: Bencher<'_, '_>, form: Form) {
    let listpack = listpack(form);
    let needle = texts(form).pop().unwrap();
    bencher
        .counter(ItemsCount::new(ELEMENTS))
        .bench_local(|| black_box(&listpack).find(black_box(&needle), 0).unwrap());
}

/// A hash of 64 fields, the last field.
#[divan::bench(args = FORMS)]
fn find_last_field(bencher: Bencher<'_, '_>, form: Form) {
    let listpack = listpack(form);
    let needle = texts(form)[ELEMENTS - 2].clone();
    bencher
        .counter(ItemsCount::new(ELEMENTS / 2))
        .bench_local(|| black_box(&listpack).find(black_box(&needle), 1).unwrap());
}

#[divan::bench(args = FORMS)]
fn position_of_middle(bencher: Bencher<'_, '_>, form: Form) {
    let listpack = listpack(form);
    bencher.counter(ItemsCount::new(ELEMENTS / 2)).bench_local(|| black_box(&listpack).position_of(63).unwrap());
}

#[divan::bench(args = FORMS)]
fn from_bytes(bencher: Bencher<'_, '_>, form: Form) {
    let listpack = listpack(form);
    bencher
        .counter(ItemsCount::new(ELEMENTS))
        .bench_local(|| Listpack::from_bytes(black_box(listpack.as_bytes())).unwrap());
}

#[divan::bench(args = [1, 1000, 1_000_000_000_000])]
fn intset_contains(bencher: Bencher<'_, '_>, step: i64) {
    let mut set = Intset::new();
    (0..512).for_each(|index| assert!(set.insert(index * step)));
    let mut wanted = 0;
    bencher.bench_local(|| {
        wanted = (wanted + 211) % 512;
        black_box(&set).contains(black_box(wanted * step))
    });
}

#[divan::bench(args = [1, 1000, 1_000_000_000_000])]
fn intset_insert_512(bencher: Bencher<'_, '_>, step: i64) {
    bencher.counter(ItemsCount::new(512_usize)).bench_local(|| {
        let mut set = Intset::new();
        (0..512).for_each(|index| assert!(set.insert(black_box(index * 211 % 512 * step))));
        set
    });
}
