//! Any sequence of operations against a `BTreeMap`, with a scan running meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use arbtest::arbitrary::{Result, Unstructured};
use stdx::UnixMs;
use stdx::num::IntText;
use value::{StringRef, StringValue, Value};

use super::{SEED, check, key, quiet};
use crate::table::entry::live_bytes;
use crate::table::{Entry, EntryBox, EntryMut, KeyHasher, Lookup, NewValue, Table};

const KEYS: u32 = if cfg!(miri) { 100 } else { 8000 };

/// Hash bits that come through: all, homes and tags alone, few of each kind, none.
const MASKS: [u64; 5] = [u64::MAX, 0xff_ffff, 0xc000_0000_0003_3007, 0x8000_0000_0000_0000, 0];

#[derive(Debug)]
enum Op {
    Insert(u32, StringValue, Option<UnixMs>),
    InsertMany { from: u32, count: u32 },
    Upsert(u32, StringValue, Option<UnixMs>),
    TrySet(u32, StringValue),
    Resize(u32, usize),
    Deadline(u32, Option<UnixMs>),
    Clock(u32),
    Rename(u32, u32),
    Remove(u32),
    RemoveMany { from: u32, count: u32 },
    Find(u32),
    Scan { budget: usize },
    Random(u64),
    Shrink { budget: usize },
    Clear,
}

impl Op {
    fn arbitrary(u: &mut Unstructured<'_>, keys: u32) -> Result<Self> {
        let key = u.int_in_range(0..=keys - 1)?;
        Ok(match u.int_in_range(0..=29)? {
            0..=3 => Self::Insert(key, value(u)?, deadline(u)?),
            4..=6 => Self::InsertMany { from: key, count: u.int_in_range(0..=keys / 3)? },
            7..=10 => Self::Upsert(key, value(u)?, deadline(u)?),
            11..=12 => Self::TrySet(key, value(u)?),
            13..=15 => Self::Resize(key, u.int_in_range(0..=1200)?),
            16..=17 => Self::Deadline(key, deadline(u)?),
            18 => Self::Clock(key),
            19 => Self::Rename(key, u.int_in_range(0..=keys - 1)?),
            20..=21 => Self::Remove(key),
            22..=23 => Self::RemoveMany { from: key, count: u.int_in_range(0..=keys / 2)? },
            24 => Self::Find(key),
            25..=26 => Self::Scan { budget: u.int_in_range(0..=500)? },
            27 => Self::Random(u.arbitrary()?),
            28 => Self::Shrink { budget: u.int_in_range(0..=20)? },
            _ => {
                if u.ratio(1, 10)? {
                    Self::Clear
                } else {
                    Self::Scan { budget: 1 }
                }
            }
        })
    }
}

fn value(u: &mut Unstructured<'_>) -> Result<StringValue> {
    Ok(match u.int_in_range(0..=4)? {
        0 => StringValue::Int(u.arbitrary()?),
        1 => StringValue::Embstr(vec![b'e'; u.int_in_range(0..=44)?].into()),
        2 => StringValue::Raw(vec![b'r'; u.int_in_range(0..=100)?]),
        3 => StringValue::Raw(vec![b'R'; u.int_in_range(900..=1100)?]),
        // Longer than any server makes them, but a value may be anything.
        _ => StringValue::Embstr(vec![b'E'; u.int_in_range(0..=1100)?].into()),
    })
}

fn deadline(u: &mut Unstructured<'_>) -> Result<Option<UnixMs>> {
    Ok(if u.arbitrary()? { Some(UnixMs(u.arbitrary()?)) } else { None })
}

#[derive(Debug)]
struct Expected {
    value: StringValue,
    deadline: Option<UnixMs>,
    clock: u32,
}

impl Expected {
    fn check(&self, number: u32, entry: Entry<'_>) {
        assert_eq!(entry.key(), key(number));
        assert_eq!(entry.value(), Value::String(self.value.clone()).as_ref(), "{number}");
        assert_eq!((entry.deadline(), entry.clock()), (self.deadline, self.clock), "{number}");
        assert_eq!((entry.value_type(), entry.encoding()), (entry.value().value_type(), entry.value().encoding()));
    }
}

/// A scan under way.
#[derive(Default)]
struct Scan {
    cursor: u64,
    /// Keys that were there when it began and still are.
    due: BTreeSet<u32>,
}

struct Pair {
    table: Table,
    model: BTreeMap<u32, Expected>,
    scan: Scan,
}

impl Pair {
    fn hash(&self, number: u32) -> u64 {
        self.table.hasher().hash(&key(number))
    }

    fn entry_mut(&mut self, number: u32) -> Option<EntryMut<'_>> {
        let hash = self.hash(number);
        self.table.get_mut(&key(number), hash)
    }

    fn insert(&mut self, number: u32, value: StringValue, deadline: Option<UnixMs>, clock: u32) {
        let hash = self.hash(number);
        let entry = EntryBox::new(&key(number), NewValue::Value(Value::String(value.clone())), deadline, clock);
        let old = self.table.insert(hash, entry);
        let expected = self.model.insert(number, Expected { value, deadline, clock });
        match (old, expected) {
            (Some(old), Some(expected)) => expected.check(number, old.as_entry()),
            (old, expected) => assert!(old.is_none() && expected.is_none()),
        }
    }

    fn remove(&mut self, number: u32) {
        let hash = self.hash(number);
        let removed = self.table.remove(&key(number), hash);
        match (removed, self.model.remove(&number)) {
            (Some(removed), Some(expected)) => {
                expected.check(number, removed.as_entry());
                assert_eq!(removed.into_value(), Value::String(expected.value));
            }
            (removed, expected) => assert!(removed.is_none() && expected.is_none()),
        }
        self.scan.due.remove(&number);
    }

    fn apply(&mut self, op: Op) {
        match op {
            Op::Insert(number, value, deadline) => self.insert(number, value, deadline, number),
            Op::InsertMany { from, count } => {
                (from..from + count).for_each(|number| self.insert(number, StringValue::Int(number.into()), None, 0));
            }
            Op::Upsert(number, value, deadline) => self.upsert(number, value, deadline),
            Op::TrySet(number, value) => {
                let set = self.entry_mut(number).is_some_and(|mut entry| entry.try_set_string(value.as_ref()));
                if let (Some(expected), true) = (self.model.get_mut(&number), set) {
                    expected.value = value;
                }
            }
            Op::Resize(number, len) => self.resize(number, len),
            Op::Deadline(number, deadline) => {
                if let Some(mut entry) = self.entry_mut(number) {
                    match deadline {
                        Some(deadline) => entry.set_deadline(deadline),
                        None => drop(entry.clear_deadline()),
                    }
                }
                if let Some(expected) = self.model.get_mut(&number) {
                    expected.deadline = deadline;
                }
            }
            Op::Clock(number) => {
                if let Some(entry) = self.table.get(&key(number), self.hash(number)) {
                    entry.set_clock(number.wrapping_mul(0x9e37_79b9));
                }
                if let Some(expected) = self.model.get_mut(&number) {
                    expected.clock = number.wrapping_mul(0x9e37_79b9) & 0xff_ffff;
                }
            }
            Op::Rename(from, to) => self.rename(from, to),
            Op::Remove(number) => self.remove(number),
            Op::RemoveMany { from, count } => (from..from + count).for_each(|number| self.remove(number)),
            Op::Find(number) => {
                let hash = self.hash(number);
                let found = self.table.find_by_hash(hash, |entry| entry.key() == key(number));
                assert_eq!(found.is_some(), self.model.contains_key(&number));
            }
            Op::Scan { budget } => self.scan(budget),
            Op::Random(chance) => {
                let mut state = chance;
                let found = self.table.random(|| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    state ^ state >> 29
                });
                match found {
                    Some(entry) => self.model[&number_of(entry)].check(number_of(entry), entry),
                    None => assert!(self.model.is_empty()),
                }
            }
            Op::Shrink { budget } => {
                self.table.shrink(quiet(), budget);
            }
            Op::Clear => {
                assert_eq!(self.table.take_all(quiet()).len(), self.model.len());
                self.model.clear();
                self.scan.due.clear();
            }
        }
    }

    fn upsert(&mut self, number: u32, value: StringValue, deadline: Option<UnixMs>) {
        let (key, hash) = (key(number), self.hash(number));
        match self.table.lookup(&key, hash) {
            Lookup::Occupied(mut slot) => {
                let expected = self.model.get_mut(&number).unwrap();
                let old = slot.entry_mut().set(NewValue::String(value.as_ref()), deadline);
                if let Some(old) = old {
                    assert_eq!(old, Value::String(std::mem::replace(&mut expected.value, StringValue::Int(0))));
                }
                (expected.value, expected.deadline) = (value, deadline);
                expected.check(number, slot.entry());
            }
            Lookup::Vacant(slot) => {
                let entry = EntryBox::new(&key, NewValue::String(value.as_ref()), deadline, number);
                let expected = Expected { value, deadline, clock: number };
                expected.check(number, slot.insert(entry).as_entry());
                assert!(self.model.insert(number, expected).is_none());
            }
        }
    }

    fn resize(&mut self, number: u32, len: usize) {
        let Some(expected) = self.model.get_mut(&number) else { return };
        let mut scratch = IntText::new();
        let mut bytes = expected.value.as_ref().bytes(&mut scratch).to_vec();
        bytes.resize(len, 0);
        if let Some(last) = bytes.last_mut() {
            *last = b'!';
        }
        expected.value = StringValue::Raw(bytes);
        let mut entry = self.entry_mut(number).unwrap();
        let bytes = entry.resize_string(len).unwrap();
        assert_eq!(bytes.len(), len);
        if let Some(last) = bytes.last_mut() {
            *last = b'!';
        }
    }

    fn rename(&mut self, from: u32, to: u32) {
        let (hash, target) = (self.hash(from), self.hash(to));
        let Some(entry) = self.table.remove(&key(from), hash) else { return };
        let expected = self.model.remove(&from).unwrap();
        self.table.insert(target, entry.with_key(&key(to)));
        self.model.insert(to, expected);
        self.scan.due.remove(&from);
    }

    fn scan(&mut self, budget: usize) {
        if self.scan.cursor == 0 {
            self.scan.due = self.model.keys().copied().collect();
        }
        let Self { table, model, scan } = self;
        let before = scan.cursor;
        scan.cursor = table.scan(before, budget, |entry| {
            let number = number_of(entry);
            model[&number].check(number, entry);
            scan.due.remove(&number);
        });
        assert!(scan.cursor < 1 << 48 && (scan.cursor == 0 || scan.cursor != before));
        if scan.cursor == 0 {
            assert!(scan.due.is_empty(), "never visited: {:?}", scan.due);
        }
    }

    fn check(&self) {
        check(&self.table);
        assert_eq!(self.table.len(), self.model.len());
        for (number, expected) in &self.model {
            expected.check(*number, self.table.get(&key(*number), self.hash(*number)).unwrap());
        }
    }
}

fn number_of(entry: Entry<'_>) -> u32 {
    std::str::from_utf8(&entry.key()[4..]).unwrap().parse().unwrap()
}

fn run(u: &mut Unstructured<'_>) -> Result<()> {
    let before = live_bytes();
    let mask = *u.choose(&MASKS)?;
    // A degenerate hash makes everything linear.
    let keys = if mask == u64::MAX { KEYS } else { KEYS / 10 };
    let table = Table::new(KeyHasher::masked(SEED, mask));
    let mut pair = Pair { table, model: BTreeMap::new(), scan: Scan::default() };
    for _ in 0..u.int_in_range(1..=60)? {
        let op = Op::arbitrary(u, keys)?;
        pair.apply(op);
        if u.ratio(1, 8)? {
            pair.check();
        }
    }
    pair.check();
    while pair.scan.cursor != 0 {
        pair.scan(100);
    }
    drop(pair);
    assert_eq!(live_bytes(), before, "every block, segment and directory was freed");
    Ok(())
}

#[test]
fn any_sequence_of_operations_agrees_with_a_map() {
    if cfg!(miri) {
        let mut state = 1_u64;
        for _ in 0..6 {
            let bytes: Vec<u8> = std::iter::repeat_with(|| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                state.to_be_bytes()[0]
            })
            .take(600)
            .collect();
            // Running out of bytes ends a sequence early.
            let _ = run(&mut Unstructured::new(&bytes));
        }
    } else {
        arbtest::arbtest(run).size_min(200).size_max(4000).budget_ms(4000);
    }
}

#[test]
fn a_string_value_reaches_the_table_as_it_was() {
    for value in
        [StringRef::Int(i64::MIN), StringRef::Embstr(b""), StringRef::Raw(&[7; 1024]), StringRef::Raw(&[7; 1025])]
    {
        let entry = EntryBox::new(b"k", value.into(), Some(UnixMs(-1)), 3);
        assert_eq!(entry.value(), Value::String(value.to_value()).as_ref());
        assert_eq!(entry.with_key(b"another key").into_value(), Value::String(value.to_value()));
    }
}
