//! `ochre verify`: whether two files hold the same, however they are encoded and in whichever order.
//!
//! Keys of the first file go into a table of digests, keys of the second are looked up in it and struck out; what is left is in the first
//! file only. A table of all keys would grow with the files, so it has a limit: when it is full, the keys in the upper half of its range (of
//! the hashes of names) are put off, and both files are read once more for those. Ten million keys take about seven readings and no more
//! memory than two million.
//!
//! Rejected: sorting both files on disk, which needs room for them twice.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;
use rdb::functions::library_name;
use rdb::{KeyRecord, Record, ValueDigest, ValueError, type_of_code};
use stdx::UnixMs;
use value::{Type, ValueRef};

use super::cli::Verdict;
use super::filter::Filter;
use super::input::{Input, output_is_elsewhere};
use super::output::{Output, output};
use super::text::{date, library, shown};

/// Keys that the table holds at most, of 56 bytes each; a power of two, which a vector grows to without a remainder.
const TABLE_MAX_KEYS: usize = 1 << 21;

const _: () = assert!(size_of::<Row>() == 56);

/// Tell whether two files hold the same keys with the same values
///
/// Encodings, versions and the order of keys do not matter; deadlines do. Each difference is a line. A and B are RDB files, payloads of DUMP or
/// FUNCTION DUMP, or directories of append-only files, whose bases are read.
#[derive(Args, Debug)]
pub(super) struct Verify {
    a: PathBuf,
    b: PathBuf,
    #[command(flatten)]
    filter: Filter,
}

/// A key or a library.
enum Item<'a> {
    Key(u64, &'a [u8], Value<'a>),
    /// Its source.
    Library(&'a [u8]),
}

/// What a key holds.
struct Value<'a> {
    value_type: Option<Type>,
    value: ValueRef<'a>,
    deadline: Option<UnixMs>,
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Content {
    /// `None` for libraries.
    value_type: Option<Type>,
    /// Half of the digest: enough for one pair of values.
    digest: u64,
    deadline: Option<UnixMs>,
}

/// The table, for names from `from` on up to `to`.
struct Table {
    from: u128,
    to: u128,
    room: usize,
    /// Sorted by names once it is sealed.
    rows: Vec<Row>,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    /// Hash of the name, its halves.
    name: [u64; 2],
    content: Content,
    found: bool,
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
        let mut table = Table { from: start, to: u128::MAX, room: TABLE_MAX_KEYS, rows: Vec::new() };
        // What cannot be compared is told in the first reading.
        let tells = start == 0;
        self.each(a, tells, counts, |item, _| {
            table.add(item.name(), || item.content());
            Ok(())
        })?;
        table.seal();
        self.each(b, tells, counts, |item, counts| {
            let name = item.name();
            if !table.covers(name) {
                return Ok(());
            }
            let Some(row) = table.find(name) else {
                counts.different += 1;
                return Ok(writeln!(out, "only in B  {}", item.shown())?);
            };
            row.found = true;
            let content = item.content();
            if row.content == content {
                counts.same += 1;
                return Ok(());
            }
            counts.different += 1;
            Ok(writeln!(out, "differs    {}: {}", item.shown(), row.content.difference(&content))?)
        })?;
        if table.rows.iter().any(|row| !row.found) {
            // The names are in the file only.
            self.each(a, false, counts, |item, counts| {
                let name = item.name();
                if table.covers(name)
                    && let Some(row) = table.find(name).filter(|row| !row.found)
                {
                    row.found = true;
                    counts.different += 1;
                    writeln!(out, "only in A  {}", item.shown())?;
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
        mut visit: impl FnMut(&Item<'_>, &mut Counts) -> Result<()>,
    ) -> Result<()> {
        let mut records = input.records()?;
        while let Some((db, record)) = records.next().with_context(|| input.name.clone())? {
            match record {
                Record::Key(record) if self.filter.admits(db, &record) => match Item::of_key(db, &record) {
                    Ok(item) => visit(&item, counts)?,
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
                Record::Function(source) if self.filter.is_open() => visit(&Item::Library(&source), counts)?,
                Record::FunctionPreGa(library) if self.filter.is_open() => {
                    visit(&Item::Library(&library.to_source()), counts)?;
                }
                Record::Key(_)
                | Record::Function(_)
                | Record::Aux { .. }
                | Record::FunctionPreGa(_)
                | Record::SelectDb(_)
                | Record::ResizeDb { .. }
                | Record::SlotInfo { .. }
                | Record::ModuleAux(_)
                | Record::HashTemplate { .. }
                | Record::SlotImport { .. } => {}
            }
        }
        Ok(())
    }
}

impl<'a> Item<'a> {
    fn of_key(db: u64, record: &'a KeyRecord) -> Result<Self, String> {
        let value = match &record.value {
            Ok(value) => value.as_ref(),
            Err(ValueError::Module(id)) => return Err(format!("not compared: a value of module {id}")),
            Err(ValueError::Damaged { offset, error }) => {
                return Err(format!("damaged: {} at byte {offset}", error.kind));
            }
        };
        let value = Value { value_type: type_of_code(record.code), value, deadline: record.deadline };
        Ok(Self::Key(db, &record.key, value))
    }

    /// Hash of its name.
    fn name(&self) -> u128 {
        match self {
            Self::Key(db, key, _) => ValueDigest::of_texts(&[b"key", &db.to_le_bytes(), key]).0,
            Self::Library(source) => match library_name(source) {
                Some(name) => ValueDigest::of_texts(&[b"library", name]).0,
                None => ValueDigest::of_texts(&[b"library without a name", source]).0,
            },
        }
    }

    fn content(&self) -> Content {
        match self {
            Self::Key(_, _, Value { value_type, value, deadline }) => {
                let [half, _] = halves(ValueDigest::of(*value).0);
                Content { value_type: *value_type, digest: half, deadline: *deadline }
            }
            Self::Library(source) => {
                let [half, _] = halves(ValueDigest::of_texts(&[source]).0);
                Content { value_type: None, digest: half, deadline: None }
            }
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Key(db, key, _) => format!("db {db} '{}'", shown(key)),
            Self::Library(source) => format!("function library '{}'", library(source)),
        }
    }
}

/// The high and the low half.
fn halves(hash: u128) -> [u64; 2] {
    let [a, b, c, d, e, f, g, h, low @ ..] = hash.to_be_bytes();
    [u64::from_be_bytes([a, b, c, d, e, f, g, h]), u64::from_be_bytes(low)]
}

fn whole([high, low]: [u64; 2]) -> u128 {
    u128::from(high) << 64 | u128::from(low)
}

impl Content {
    /// What differs, in words.
    fn difference(&self, other: &Self) -> String {
        let (ours, theirs) = (self.type_name(), other.type_name());
        if ours != theirs {
            return format!("{ours} in A, {theirs} in B");
        }
        let deadline = |content: &Self| content.deadline.map_or_else(|| "none".to_owned(), date);
        let deadlines = format!("{} in A, {} in B", deadline(self), deadline(other));
        match (self.digest == other.digest, self.deadline == other.deadline) {
            (false, true) => format!("the {ours} differs"),
            (true, _) => format!("deadline {deadlines}"),
            (false, false) => format!("the {ours} differs, and the deadline: {deadlines}"),
        }
    }

    fn type_name(&self) -> &'static str {
        self.value_type.map_or("source", Type::name)
    }
}

impl Table {
    fn covers(&self, name: u128) -> bool {
        name >= self.from && (name < self.to || self.to == u128::MAX)
    }

    /// Adds an item if it is of the range. A full table gives up the upper half of what it holds.
    fn add(&mut self, name: u128, content: impl FnOnce() -> Content) {
        if !self.covers(name) {
            return;
        }
        if self.rows.len() >= self.room {
            let half = self.rows.len() / 2;
            let (_, middle, _) = self.rows.select_nth_unstable_by_key(half, |row| row.name);
            self.to = whole(middle.name);
            self.rows.truncate(half);
            if !self.covers(name) {
                return;
            }
        }
        self.rows.push(Row { name: halves(name), content: content(), found: false });
    }

    /// Makes it ready for [`Self::find`].
    fn seal(&mut self) {
        self.rows.sort_unstable_by_key(|row| row.name);
    }

    fn find(&mut self, name: u128) -> Option<&mut Row> {
        let name = halves(name);
        let at = self.rows.binary_search_by_key(&name, |row| row.name).ok()?;
        self.rows.get_mut(at)
    }
}

#[cfg(test)]
mod tests {
    use rdb::ValueDigest;

    use super::{Content, Table, halves, whole};

    const CONTENT: Content = Content { value_type: None, digest: 7, deadline: None };

    #[test]
    fn every_name_is_in_exactly_one_range() {
        let mut names: Vec<u128> = (0..1000_u128).map(|it| ValueDigest::of_texts(&[&it.to_le_bytes()]).0).collect();
        names.push(u128::MAX);
        let (mut from, mut seen, mut ranges) = (0, Vec::new(), 0);
        loop {
            let mut table = Table { from, to: u128::MAX, room: 100, rows: Vec::new() };
            for name in &names {
                table.add(*name, || CONTENT);
            }
            assert!(table.rows.len() <= 100);
            table.seal();
            assert!(names.iter().all(|name| table.find(*name).is_some() == table.covers(*name)));
            seen.extend(table.rows.iter().map(|row| whole(row.name)));
            ranges += 1;
            if table.to == u128::MAX {
                break;
            }
            assert!(table.to > from);
            from = table.to;
        }
        names.sort_unstable();
        assert_eq!(seen, names);
        assert!(ranges > 10);
        assert_eq!(whole(halves(1 << 64 | 5)), 1 << 64 | 5);
    }
}
