//! `ochre verify`: whether two files hold the same, however they are encoded and in whichever order.
//!
//! Keys of the first file go into a table of digests, keys of the second are looked up in it and struck out; what is left is in the first
//! file only. A table of all keys would grow with the files, so it has a limit: when it is full, the keys in the upper half of its range (of
//! the hashes of names) are put off, and both files are read once more for those. Ten million keys take about ten readings and not a byte
//! more than one million.
//!
//! Rejected: sorting both files on disk, which needs room for them twice.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;
use rdb::{KeyRecord, Record, ValueDigest, ValueError};
use stdx::UnixMs;

use super::cli::Verdict;
use super::filter::{Filter, type_name};
use super::input::{Input, output_is_elsewhere};
use super::output::{Output, output};
use super::text::{date, shown};

/// Keys that the table holds at most; about 80 bytes each.
const TABLE_MAX_KEYS: usize = 1 << 20;

/// Tell whether two files hold the same keys with the same values
///
/// Encodings, versions and the order of keys do not matter; deadlines do. Each difference is a line. A and B are RDB files, payloads of DUMP or
/// directories of append-only files, whose bases are read.
#[derive(Args, Debug)]
pub(super) struct Verify {
    a: PathBuf,
    b: PathBuf,
    #[command(flatten)]
    filter: Filter,
}

/// A key or a library, told by its place.
struct Item {
    /// Hash of its name.
    name: u128,
    shown: String,
    content: Content,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Content {
    type_name: &'static str,
    digest: ValueDigest,
    deadline: Option<UnixMs>,
}

/// The table, for names from `from` on up to `to`.
struct Table {
    from: u128,
    to: u128,
    room: usize,
    rows: BTreeMap<u128, Content>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    same: u64,
    different: u64,
    /// Values that cannot be read.
    uncompared: u64,
}

impl Verify {
    pub(super) fn run(&self) -> Result<Verdict> {
        let shows = output_is_elsewhere();
        let (mut a, mut b) = (Input::open(&self.a, shows)?, Input::open(&self.b, shows)?);
        let mut out = output();
        let mut counts = Counts::default();
        let mut from = Some(0);
        while let Some(start) = from {
            from = self.compare_range(&mut a, &mut b, start, &mut counts, &mut out)?;
        }
        for (name, len) in a.increments.iter().chain(&b.increments) {
            eprintln!("ochre: {name} has {len} bytes of later commands, which are not looked at");
        }
        let Counts { same, different, uncompared } = counts;
        write!(out, "{same} the same, {different} different")?;
        writeln!(out, "{}", if uncompared > 0 { format!(", {uncompared} not compared") } else { String::new() })?;
        out.flush()?;
        Ok(if different + uncompared == 0 { Verdict::Fine } else { Verdict::Found })
    }

    /// Compares the names from `start` on; returns where the next range begins.
    fn compare_range(
        &self,
        a: &mut Input,
        b: &mut Input,
        start: u128,
        counts: &mut Counts,
        out: &mut Output,
    ) -> Result<Option<u128>> {
        let mut table = Table { from: start, to: u128::MAX, room: TABLE_MAX_KEYS, rows: BTreeMap::new() };
        // What cannot be compared is told in the first reading.
        let tells = start == 0;
        self.each(a, tells, counts, |item, _| {
            table.add(item);
            Ok(())
        })?;
        self.each(b, tells, counts, |item, counts| {
            if !table.covers(item.name) {
                return Ok(());
            }
            let Some(before) = table.rows.remove(&item.name) else {
                counts.different += 1;
                return Ok(writeln!(out, "only in B  {}", item.shown)?);
            };
            if before == item.content {
                counts.same += 1;
                return Ok(());
            }
            counts.different += 1;
            Ok(writeln!(out, "differs    {}: {}", item.shown, before.difference(&item.content))?)
        })?;
        if !table.rows.is_empty() {
            // The names are in the file only.
            self.each(a, false, counts, |item, counts| {
                if table.rows.remove(&item.name).is_some() {
                    counts.different += 1;
                    writeln!(out, "only in A  {}", item.shown)?;
                }
                Ok(())
            })?;
        }
        Ok((table.to < u128::MAX).then_some(table.to))
    }

    /// Visits the keys that pass the filter, and the libraries.
    fn each(
        &self,
        input: &mut Input,
        tells: bool,
        counts: &mut Counts,
        mut visit: impl FnMut(Item, &mut Counts) -> Result<()>,
    ) -> Result<()> {
        let mut records = input.records()?;
        while let Some((db, record)) = records.next().with_context(|| input.name.clone())? {
            match record {
                Record::Key(record) if self.filter.admits(db, &record) => match Item::of_key(db, &record) {
                    Ok(item) => visit(item, counts)?,
                    Err(why) if tells => {
                        counts.uncompared += 1;
                        eprintln!(
                            "{}: key '{}' of database {db}, byte {}: {why}",
                            input.name,
                            shown(&record.key),
                            record.offset
                        );
                    }
                    Err(_) => {}
                },
                Record::Function(source) if self.filter.is_open() => visit(Item::of_library(&source), counts)?,
                Record::Key(_)
                | Record::Function(_)
                | Record::Aux { .. }
                | Record::FunctionPreGa { .. }
                | Record::SelectDb(_)
                | Record::ResizeDb { .. }
                | Record::SlotInfo { .. }
                | Record::ModuleAux(_)
                | Record::HashTemplate { .. }
                | Record::SlotImport => {}
            }
        }
        Ok(())
    }
}

impl Item {
    fn of_key(db: u64, record: &KeyRecord) -> Result<Self, String> {
        let value = match &record.value {
            Ok(value) => value.as_ref(),
            Err(ValueError::Module(id)) => return Err(format!("not compared: a value of module {id}")),
            Err(ValueError::Damaged { offset, error }) => {
                return Err(format!("damaged: {} at byte {offset}", error.kind));
            }
        };
        Ok(Self {
            name: ValueDigest::of_texts(&[b"key", &db.to_le_bytes(), &record.key]).0,
            shown: format!("db {db} '{}'", shown(&record.key)),
            content: Content {
                type_name: type_name(record.code),
                digest: ValueDigest::of(value),
                deadline: record.deadline,
            },
        })
    }

    /// A library is its source.
    fn of_library(source: &[u8]) -> Self {
        let first = source.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let digest = ValueDigest::of_texts(&[b"library", source]);
        Self {
            name: digest.0,
            shown: format!("function library '{}'", shown(first)),
            content: Content { type_name: "function", digest, deadline: None },
        }
    }
}

impl Content {
    /// What differs, in words.
    fn difference(&self, other: &Self) -> String {
        if self.type_name != other.type_name {
            return format!("{} in A, {} in B", self.type_name, other.type_name);
        }
        let deadline = |content: &Self| content.deadline.map_or_else(|| "none".to_owned(), date);
        match (self.digest == other.digest, self.deadline == other.deadline) {
            (false, true) => format!("the {} differs", self.type_name),
            (true, _) => format!("deadline {} in A, {} in B", deadline(self), deadline(other)),
            (false, false) => {
                format!(
                    "the {} differs, and the deadline: {} in A, {} in B",
                    self.type_name,
                    deadline(self),
                    deadline(other)
                )
            }
        }
    }
}

impl Table {
    fn covers(&self, name: u128) -> bool {
        name >= self.from && (name < self.to || self.to == u128::MAX)
    }

    /// Adds an item of the range. A full table gives up the upper half of what it holds.
    fn add(&mut self, item: Item) {
        if !self.covers(item.name) {
            return;
        }
        self.rows.insert(item.name, item.content);
        if self.rows.len() > self.room {
            let middle = self.rows.keys().nth(self.rows.len() / 2).copied().unwrap_or(self.to);
            self.rows.split_off(&middle);
            self.to = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rdb::ValueDigest;

    use super::{Content, Item, Table};

    fn item(name: u128) -> Item {
        let content = Content { type_name: "string", digest: ValueDigest(name), deadline: None };
        Item { name, shown: String::new(), content }
    }

    #[test]
    fn every_name_is_in_exactly_one_range() {
        let names: Vec<u128> = (0..1000_u128).map(|it| ValueDigest::of_texts(&[&it.to_le_bytes()]).0).collect();
        let (mut from, mut seen, mut ranges) = (0, Vec::new(), 0);
        loop {
            let mut table = Table { from, to: u128::MAX, room: 100, rows: BTreeMap::new() };
            for name in names.iter().chain([&u128::MAX]) {
                table.add(item(*name));
            }
            assert!(table.rows.len() <= 100);
            seen.extend(table.rows.keys().copied());
            ranges += 1;
            if table.to == u128::MAX {
                break;
            }
            assert!(table.to > from);
            from = table.to;
        }
        let mut expected = [names, vec![u128::MAX]].concat();
        expected.sort_unstable();
        assert_eq!(seen, expected);
        assert!(ranges > 10);
    }
}
