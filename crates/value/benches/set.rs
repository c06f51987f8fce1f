//! The operations that SADD, SISMEMBER, SPOP and SINTER rest on, in each form of a set: 100 integers, 100 texts, 100,000 texts.
//!
//! `cargo bench -p value --bench set`

use std::hint::black_box;
use std::ops::ControlFlow;

use divan::Bencher;
use value::set::intersection;
use value::{EncodingLimits, Set};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() {
    divan::main();
}

const FORMS: [(&str, u32); 3] = [("", 100), ("member:", 100), ("member:", 100_000)];

fn member((prefix, _): (&str, u32), index: u32) -> Vec<u8> {
    format!("{prefix}{index}").into_bytes()
}

fn filled(form: (&'static str, u32)) -> Set {
    let mut set = Set::default();
    for index in 0..form.1 {
        set.insert(&member(form, index * 2), &EncodingLimits::default());
    }
    set
}

#[divan::bench(args = FORMS)]
fn contains(bencher: Bencher<'_, '_>, form: (&'static str, u32)) {
    let (set, mut index) = (filled(form), 0);
    let members: Vec<_> = (0..form.1 * 2).map(|index| member(form, index)).collect();
    bencher.bench_local(|| {
        index = (index + 7919) % members.len();
        black_box(set.contains(&members[index]))
    });
}

#[divan::bench(args = FORMS)]
fn insert_and_remove(bencher: Bencher<'_, '_>, form: (&'static str, u32)) {
    let (mut set, mut index) = (filled(form), 0);
    let members: Vec<_> = (0..form.1).map(|index| member(form, index * 2 + 1)).collect();
    let limits = EncodingLimits::default();
    bencher.bench_local(|| {
        index = (index + 7919) % members.len();
        black_box(set.insert(&members[index], &limits)) && set.remove(&members[index])
    });
}

#[divan::bench(args = FORMS)]
fn pop_and_insert(bencher: Bencher<'_, '_>, form: (&'static str, u32)) {
    let (mut set, mut rng) = (filled(form), fastrand::Rng::with_seed(7));
    let (limits, mut popped) = (EncodingLimits::default(), Vec::new());
    bencher.bench_local(|| {
        popped.clear();
        set.pop(&mut rng, |member| popped.extend_from_slice(member));
        black_box(set.insert(&popped, &limits))
    });
}

#[divan::bench(args = FORMS)]
fn intersect_with_itself_and_another(bencher: Bencher<'_, '_>, form: (&'static str, u32)) {
    let (set, other) = (filled(form), filled(form));
    bencher.bench_local(|| {
        let mut count = 0;
        intersection(&[&set, &other], &mut |_| {
            count += 1;
            ControlFlow::Continue(())
        });
        black_box(count)
    });
}
