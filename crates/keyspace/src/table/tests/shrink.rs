//! Memory comes back after deletions.

use super::{MANY, SEED, add, check, filled, has, quiet, take};
use crate::table::{KeyHasher, Table};

fn thin_out(table: &mut Table, keep: u32) {
    (0..MANY).filter(|number| number % keep != 0).for_each(|number| drop(take(table, number)));
}

#[test]
fn deleting_nine_in_ten_gives_most_of_the_memory_back() {
    let mut table = filled(KeyHasher::new(SEED), MANY);
    let before = table.memory_bytes();
    assert!(!table.wants_shrink());
    thin_out(&mut table, 10);
    assert!(table.wants_shrink());
    let mut calls = 0;
    while table.shrink(quiet(), 1) {
        check(&table);
        calls += 1;
    }
    assert!(calls > 1 && !table.wants_shrink());
    check(&table);
    assert!((0..MANY).all(|number| has(&table, number) == (number % 10 == 0)));
    assert!(table.memory_bytes() * 4 < before, "{} of {before}", table.memory_bytes());
}

#[test]
fn a_table_shrinks_through_every_size_to_nothing_and_grows_again() {
    let mut table = filled(KeyHasher::new(SEED), MANY);
    let mut last = table.memory_bytes();
    for &keep in if cfg!(miri) { &[8, 128][..] } else { &[2, 4, 16, 64, 256, 1024, 4096] } {
        thin_out(&mut table, keep);
        while table.shrink(quiet(), 7) {}
        check(&table);
        assert!(!table.wants_shrink() && table.memory_bytes() <= last);
        last = table.memory_bytes();
        assert!((0..MANY).all(|number| has(&table, number) == (number % keep == 0)));
    }
    (0..MANY).for_each(|number| drop(take(&mut table, number)));
    table.shrink(quiet(), 1);
    assert_eq!(table.memory_bytes(), 0);
    (0..MANY).for_each(|number| add(&mut table, number));
    check(&table);
}

#[test]
fn shrinking_may_be_interrupted_by_growth() {
    let mut table = filled(KeyHasher::new(SEED), MANY);
    thin_out(&mut table, 20);
    let mut next = MANY;
    while table.shrink(quiet(), 1) && next < 2 * MANY {
        for _ in 0..MANY / 60 {
            add(&mut table, next);
            next += 1;
        }
        check(&table);
    }
    assert!((0..MANY).all(|number| has(&table, number) == (number % 20 == 0)));
    assert!((MANY..next).all(|number| has(&table, number)));
}
