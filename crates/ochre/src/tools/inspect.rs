//! `ochre inspect`: what a file holds.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;
use rdb::{FileError, KeyRecord, Record, Stamp, ValueDigest, ValueError};
use stdx::UnixMs;

use super::cli::Verdict;
use super::filter::{Filter, type_name};
use super::input::{Input, Kind, Records, output_is_elsewhere};
use super::largest::Largest;
use super::lines::{Facts, KeyLine, Line, json};
use super::output::{Output, output};
use super::prefixes::{Owner, Prefixes, Weight};
use super::text::{Bytes, date, library, shown};

/// Bytes of an entry in the keyspace beside key and value, about: its header and its place in the table.
const ENTRY_BYTES: u64 = 24;

/// Show the keys of a file: types, encodings, sizes, deadlines
///
/// FILE is an RDB file, a payload of DUMP or FUNCTION DUMP, or a directory of append-only files, whose base is read. Sizes: elements (bytes of
/// a string), bytes in the file, and bytes in memory as Ochre would hold the value, about.
#[derive(Args, Debug)]
pub(super) struct Inspect {
    /// What to read; `-` for standard input
    file: PathBuf,
    /// A line of JSON for each record instead of a table
    #[arg(long)]
    json: bool,
    /// Sums by the beginning of keys, and the largest keys, instead of every key
    #[arg(long)]
    memory: bool,
    /// With --json: each value's digest, which does not depend on its encoding
    #[arg(long, requires = "json")]
    digest: bool,
    /// With --memory: rows of each table
    #[arg(long, value_name = "N", default_value_t = 20)]
    top: usize,
    /// With --memory: where the beginning of a key ends
    #[arg(long, value_name = "CHAR", default_value = ":", value_parser = one_byte)]
    separator: u8,
    #[command(flatten)]
    filter: Filter,
}

fn one_byte(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        [byte] => Ok(*byte),
        _ => Err("it must be one ASCII character".to_owned()),
    }
}

/// What was seen so far.
struct Sums {
    all: Weight,
    volatile_keys: u64,
    damaged: u64,
    prefixes: Prefixes,
    largest: Largest<(u64, Box<[u8]>, u8, Facts)>,
}

impl Inspect {
    pub(super) fn run(&self) -> Result<Verdict> {
        let mut input = Input::open(&self.file, self.memory || output_is_elsewhere())?;
        let mut out = output();
        let mut records = input.records()?;
        self.head(&input, records.file.stamp(), &mut out)?;
        let mut sums = Sums {
            all: Weight::default(),
            volatile_keys: 0,
            damaged: 0,
            prefixes: Prefixes::default(),
            largest: Largest::new(if self.memory { self.top } else { 0 }),
        };
        let fault = self.records(&input, &mut records, &mut sums, &mut out)?;
        let whole = fault.is_none() && sums.damaged == 0;
        if let Some(error) = fault {
            self.fault(&error, &mut out)?;
        } else if input.kind == Kind::File && records.file.has_more()? {
            eprintln!("ochre: behind the end, from byte {} on, there is something else", records.file.offset());
        }
        drop(records);
        for (name, len) in &input.increments {
            eprintln!("ochre: {name} has {len} bytes of later commands, which are not looked at");
        }
        self.end(sums, whole, &mut out)?;
        out.flush()?;
        Ok(if whole { Verdict::Fine } else { Verdict::Found })
    }

    fn head(&self, input: &Input, stamp: Stamp, out: &mut Output) -> Result<()> {
        let kind = match input.kind {
            Kind::File => "RDB file",
            Kind::Payload => "payload of DUMP",
            Kind::Functions => "payload of FUNCTION DUMP",
        };
        let (vendor, number, bytes) = (stamp.vendor(), stamp.number(), input.len());
        if self.json {
            let line = Line::File { name: &input.name, kind, vendor: vendor.to_string(), stamp: number, bytes };
            return json(&line, out);
        }
        let size = bytes.map_or_else(String::new, |bytes| format!(", {bytes} bytes"));
        writeln!(out, "{}: {kind} of {vendor}, version {number}{size}", shown(input.name.as_bytes()))?;
        Ok(())
    }

    /// Tells every record; returns what ended the reading early.
    fn records(
        &self,
        input: &Input,
        records: &mut Records,
        sums: &mut Sums,
        out: &mut Output,
    ) -> Result<Option<FileError>> {
        let mut has_head = false;
        loop {
            let (db, record) = match records.next() {
                Ok(None) => return Ok(None),
                Ok(Some(item)) => item,
                Err(error) if matches!(error.kind, rdb::FileErrorKind::Io(_)) => {
                    return Err(error).with_context(|| input.name.clone());
                }
                Err(error) => return Ok(Some(error)),
            };
            let Record::Key(record) = record else {
                self.other(&record, out)?;
                continue;
            };
            if !self.filter.admits(db, &record) {
                continue;
            }
            let facts = self.facts(&record, input.kind == Kind::File);
            sums.add(self, db, &record, &facts);
            if self.memory {
                continue;
            }
            if !self.json && !has_head {
                has_head = true;
                writeln!(out, "  db  type    encoding    elements      bytes     memory  expires               key")?;
            }
            self.key(db, &record, facts, out)?;
        }
    }

    fn facts(&self, record: &KeyRecord, with_offset: bool) -> Facts {
        let mut facts = Facts {
            file_bytes: record.encoded_bytes,
            offset: with_offset.then_some(record.offset),
            deadline_ms: record.deadline.map(|at| at.0),
            idle_s: record.idle_s,
            frequency: record.frequency,
            metadata: record.metadata,
            ..Facts::default()
        };
        match &record.value {
            Ok(value) => {
                let value = value.as_ref();
                facts.encoding = Some(value.encoding().name());
                facts.elements = Some(value.element_count());
                facts.memory_bytes = Some(ENTRY_BYTES + record.key.len() as u64 + value.heap_bytes() as u64);
                facts.digest = self.digest.then(|| ValueDigest::of(value).to_string());
            }
            Err(ValueError::Module(id)) => facts.module = Some(id.to_string()),
            Err(ValueError::Damaged { offset, error }) => {
                facts.error = Some(error.kind.to_string());
                facts.error_offset = with_offset.then_some(*offset);
            }
        }
        facts
    }

    fn key(&self, db: u64, record: &KeyRecord, facts: Facts, out: &mut Output) -> Result<()> {
        let type_name = type_name(record.code);
        if self.json {
            let line = KeyLine { db, key: Bytes(&record.key), type_name, rdb_type: record.code, facts };
            return json(&Line::Key(line), out);
        }
        let number = |number: Option<u64>| number.map_or_else(|| "-".to_owned(), |number| number.to_string());
        writeln!(
            out,
            "{db:4}  {type_name:6}  {:10}  {:>8}  {:>9}  {:>9}  {:20}  {}",
            facts.encoding.unwrap_or("-"),
            number(facts.elements),
            facts.file_bytes,
            number(facts.memory_bytes),
            facts.deadline_ms.map_or_else(|| "-".to_owned(), |at| date(UnixMs(at))),
            shown(&record.key),
        )?;
        if let Some(module) = facts.module {
            writeln!(out, "      a value of module {module}")?;
        }
        if facts.metadata > 0 {
            writeln!(out, "      {} pieces of metadata of modules, which no conversion keeps", facts.metadata)?;
        }
        if let Some(error) = facts.error {
            let at = facts.error_offset.map_or_else(String::new, |at| format!(" at byte {at}"));
            writeln!(out, "      DAMAGED: {error}{at}")?;
        }
        Ok(())
    }

    fn other(&self, record: &Record, out: &mut Output) -> Result<()> {
        let changed;
        let line = match record {
            Record::Aux { name, value } => Line::Aux { name: Bytes(name), value: Bytes(value) },
            Record::Function(source) => Line::function(source, false),
            Record::FunctionPreGa(library) => {
                changed = library.to_source();
                Line::function(&changed, true)
            }
            Record::SlotInfo { slot, keys, volatile_keys } => {
                Line::Slot { slot: *slot, keys: *keys, volatile_keys: *volatile_keys }
            }
            Record::ModuleAux(id) => Line::ModuleAux { module: id.to_string() },
            Record::SlotImport { job, slots } => Line::SlotImport { job: Bytes(job), slots: Bytes(slots) },
            Record::SelectDb(_) | Record::ResizeDb { .. } | Record::HashTemplate { .. } | Record::Key(_) => {
                return Ok(());
            }
        };
        if self.json {
            return json(&line, out);
        }
        // Slots are hints for a reader; the keys tell as much.
        if let Line::Aux { name, value } = &line {
            writeln!(out, "  {} {}", shown(name.0), shown(value.0))?;
        } else if let Line::Function { source, pre_release, .. } = &line {
            let of = if *pre_release { " of a pre-release" } else { "" };
            writeln!(out, "  function library {}{of}, {} bytes", library(source.0), source.0.len())?;
        } else if let Line::ModuleAux { module } = &line {
            writeln!(out, "  data of module {module}")?;
        } else if let Line::SlotImport { job, slots } = &line {
            writeln!(out, "  slots {} being imported, work {}", shown(slots.0), shown(job.0))?;
        }
        Ok(())
    }

    fn fault(&self, error: &FileError, out: &mut Output) -> Result<()> {
        if self.json {
            return json(&Line::Fault { error: error.to_string(), offset: error.offset }, out);
        }
        writeln!(out, "DAMAGED: {error}")?;
        Ok(())
    }

    fn end(&self, sums: Sums, whole: bool, out: &mut Output) -> Result<()> {
        let Sums { all, volatile_keys, damaged, prefixes, largest } = sums;
        if self.memory {
            self.report(prefixes, largest, out)?;
        }
        if self.json {
            let (keys, memory_bytes) = (all.keys, all.memory_bytes);
            return json(&Line::End { keys, volatile_keys, damaged, memory_bytes, whole }, out);
        }
        write!(out, "{} keys, {volatile_keys} with a deadline, about {} bytes in memory", all.keys, all.memory_bytes)?;
        writeln!(out, "{}", if damaged > 0 { format!(", {damaged} DAMAGED") } else { String::new() })?;
        Ok(())
    }

    /// The tables of `--memory`.
    fn report(
        &self,
        prefixes: Prefixes,
        largest: Largest<(u64, Box<[u8]>, u8, Facts)>,
        out: &mut Output,
    ) -> Result<()> {
        let (rows, others) = prefixes.heaviest(self.top);
        if !self.json {
            writeln!(out, "\n     keys        memory         bytes  prefix")?;
        }
        for (owner, weight) in &rows {
            let (prefix, name) = match owner {
                Owner::Prefix(prefix) => (Some(&prefix[..]), shown(prefix)),
                Owner::Plain => (None, "(none)".to_owned()),
                Owner::Rest => (None, "(more, not told apart)".to_owned()),
            };
            self.row(prefix.map(Bytes), *owner == Owner::Rest, &name, *weight, out)?;
        }
        if others.keys > 0 {
            self.row(None, true, "(others)", others, out)?;
        }
        let largest = largest.into_sorted();
        if !self.json && !largest.is_empty() {
            writeln!(out, "\n  db  type    encoding    elements      bytes     memory  largest keys")?;
        }
        for (memory, (db, key, code, facts)) in largest {
            let type_name = type_name(code);
            if self.json {
                let line = KeyLine { db, key: Bytes(&key), type_name, rdb_type: code, facts };
                json(&Line::Largest(line), out)?;
                continue;
            }
            let (encoding, elements) = (facts.encoding.unwrap_or("-"), facts.elements.unwrap_or(0));
            let (bytes, key) = (facts.file_bytes, shown(&key));
            writeln!(out, "{db:4}  {type_name:6}  {encoding:10}  {elements:>8}  {bytes:>9}  {memory:>9}  {key}")?;
        }
        if !self.json {
            writeln!(out)?;
        }
        Ok(())
    }

    fn row(&self, prefix: Option<Bytes<'_>>, others: bool, name: &str, of: Weight, out: &mut Output) -> Result<()> {
        let Weight { keys, memory_bytes, file_bytes } = of;
        if self.json {
            return json(&Line::Prefix { prefix, others, keys, memory_bytes, file_bytes }, out);
        }
        writeln!(out, "{keys:9}  {memory_bytes:>12}  {file_bytes:>12}  {name}")?;
        Ok(())
    }
}

impl Sums {
    fn add(&mut self, inspect: &Inspect, db: u64, record: &KeyRecord, facts: &Facts) {
        let memory = facts.memory_bytes.unwrap_or(0);
        self.all.add(memory, facts.file_bytes);
        self.volatile_keys += u64::from(record.deadline.is_some());
        self.damaged += u64::from(facts.error.is_some());
        if inspect.memory {
            self.prefixes.add(&record.key, inspect.separator, memory, facts.file_bytes);
            self.largest.offer(memory, || (db, Box::from(&record.key[..]), record.code, facts.clone()));
        }
    }
}
