//! Any sequence of operations against a `BTreeMap`.

use std::collections::BTreeMap;

use arbtest::arbitrary::{Arbitrary, Result, Unstructured};
use stdx::UnixMs;

use super::{check, key, with_mask};
use crate::table::{Record, Table, hash_of};

const KEYS: u32 = 6000;

/// Position bits that come through: all, the last of 64, some of the first few, none.
const MASKS: [u64; 5] = [u64::MAX, u64::MAX >> 24, 0xf000_0000_0000_0000, 0x0f00_ff00_0000_0000, 0];

#[derive(Debug)]
enum Op {
    Insert { key: u32, value_len: usize, deadline: Option<UnixMs> },
    InsertMany { from: u32, count: u32, value_len: usize },
    Edit { key: u32, byte: u8 },
    Deadline { key: u32, deadline: Option<UnixMs> },
    Remove(u32),
    RemoveMany { from: u32, count: u32 },
    Retain { one_of: u32 },
    Draw(u64),
    Clone,
    Clear,
}

impl<'a> Arbitrary<'a> for Op {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let key = u.int_in_range(0..=KEYS - 1)?;
        let deadline = if u.arbitrary()? { Some(UnixMs(u.arbitrary()?)) } else { None };
        let value_len = match u.int_in_range(0..=9)? {
            0..=3 => 0,
            4 => 8,
            5 => u.int_in_range(0..=300)?,
            6..=8 => u.int_in_range(120..=135)?,
            _ => u.int_in_range(900..=3000)?,
        };
        Ok(match u.int_in_range(0..=19)? {
            0..=4 => Self::Insert { key, value_len, deadline },
            5..=8 => {
                Self::InsertMany { from: key, count: u.int_in_range(0..=KEYS / 3)?, value_len: value_len.min(200) }
            }
            9..=10 => Self::Edit { key, byte: u.arbitrary()? },
            11..=12 => Self::Deadline { key, deadline },
            13..=14 => Self::Remove(key),
            15..=16 => Self::RemoveMany { from: key, count: u.int_in_range(0..=KEYS / 2)? },
            17 => Self::Retain { one_of: u.int_in_range(1..=20)? },
            18 => Self::Draw(u.arbitrary()?),
            _ => {
                if u.ratio(1, 8)? {
                    Self::Clear
                } else {
                    Self::Clone
                }
            }
        })
    }
}

#[derive(Default)]
struct Pair {
    table: Table,
    model: BTreeMap<Vec<u8>, (Vec<u8>, Option<UnixMs>)>,
}

impl Pair {
    fn apply(&mut self, op: Op) {
        match op {
            Op::Insert { key: number, value_len, deadline } => self.insert(number, value_len, deadline),
            Op::InsertMany { from, count, value_len } => {
                (from..from + count).for_each(|number| self.insert(number % KEYS, value_len, None));
            }
            Op::Edit { key: number, byte } => {
                let key = key(number);
                match (self.table.value_mut(&key), self.model.get_mut(&key)) {
                    (Some(value), Some((expected, _))) => {
                        assert_eq!(value, expected);
                        value.fill(byte);
                        expected.fill(byte);
                    }
                    (value, expected) => assert!(value.is_none() && expected.is_none()),
                }
            }
            Op::Deadline { key: number, deadline } => {
                let key = key(number);
                let found = self.model.get_mut(&key).map(|(_, expected)| *expected = deadline).is_some();
                assert_eq!(self.table.set_deadline(&key, deadline), found);
            }
            Op::Remove(number) => self.remove(number),
            Op::RemoveMany { from, count } => (from..from + count).for_each(|number| self.remove(number % KEYS)),
            Op::Retain { one_of } => {
                let keep = |key: &[u8]| !hash_of(key).is_multiple_of(u64::from(one_of));
                self.table.retain(&mut |record| keep(record.key));
                self.model.retain(|key, _| keep(key));
            }
            Op::Draw(seed) => {
                let record = self.table.random(&mut fastrand::Rng::with_seed(seed));
                assert_eq!(record.is_none(), self.model.is_empty());
                assert!(record.is_none_or(|record| self.model.contains_key(record.key)));
            }
            Op::Clone => {
                let clone = self.table.clone();
                assert_eq!(clone, self.table);
                self.table = clone;
            }
            Op::Clear => {
                self.table.clear();
                self.model.clear();
            }
        }
    }

    fn insert(&mut self, number: u32, value_len: usize, deadline: Option<UnixMs>) {
        let (key, value) = (key(number), vec![number.to_le_bytes()[0]; value_len]);
        let is_new = self.model.insert(key.clone(), (value.clone(), deadline)).is_none();
        assert_eq!(self.table.insert(&key, &value, deadline), is_new);
    }

    fn remove(&mut self, number: u32) {
        let key = key(number);
        let expected = self.model.remove(&key);
        let taken = self.table.remove_with(&key, |record| (record.value.to_vec(), record.deadline));
        assert_eq!(taken, expected);
    }

    fn check(&self) {
        check(&self.table);
        assert_eq!(self.table.len(), self.model.len());
        for (key, (value, deadline)) in &self.model {
            assert_eq!(self.table.get(key), Some(Record { key, value, deadline: *deadline }));
        }
        for number in 0..KEYS {
            let key = key(number);
            assert_eq!(self.table.contains(&key), self.model.contains_key(&key));
        }
    }
}

#[test]
fn any_sequence_of_operations_agrees_with_a_map() {
    arbtest::arbtest(|u| {
        // Where all positions are equal everything is linear.
        let mask = if u.ratio(1, 4)? { *u.choose(&MASKS)? } else { u64::MAX };
        let ops = u.int_in_range(1..=40)?;
        with_mask(mask, || {
            let mut pair = Pair::default();
            for _ in 0..ops {
                pair.apply(u.arbitrary()?);
                if u.ratio(1, 8)? {
                    pair.check();
                }
            }
            pair.check();
            Ok(())
        })
    })
    .size_min(100)
    .size_max(1000)
    .budget_ms(2000);
}

#[test]
fn a_table_filled_and_emptied_is_small_again() {
    let mut pair = Pair::default();
    for round in 0..3 {
        (0..50_000).for_each(|number| pair.insert(number, 0, None));
        check(&pair.table);
        (round..50_000).for_each(|number| pair.remove(number));
        pair.check();
        assert!(pair.table.heap_bytes() < 1000, "{} bytes", pair.table.heap_bytes());
        (0..round).for_each(|number| pair.remove(number));
    }
}
