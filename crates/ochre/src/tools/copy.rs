//! From one file into another, in another dialect, leaving out what is not wanted or cannot be had.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use rdb::{
    Dialect, DumpOptions, FileError, FileErrorKind, FileOptions, FileWriter, KeyFacts, KeyRecord, Record,
    UnknownDialect, ValueError,
};

use super::filter::Filter;
use super::input::{Input, Records};
use super::output::Found;
use super::survey::Survey;
use super::text::{library, shown};

/// How the new file is written.
#[derive(Args, Debug)]
pub(super) struct Form {
    /// Whose format to write: portable, redis-6.2 to redis-8.10, valkey-7.2, valkey-8, valkey-9
    #[arg(long = "to", value_name = "DIALECT", default_value = "portable", value_parser = dialect)]
    pub(super) dialect: Dialect,
    /// Leave long strings uncompressed
    #[arg(long)]
    no_compress: bool,
    /// Write eight zeros in place of the checksum
    #[arg(long)]
    no_checksum: bool,
    /// Keys with metadata of modules (Redis 8.6 and later): write them without and tell, or treat them as what the dialect cannot hold
    #[arg(long, value_enum, value_name = "WHAT", default_value = "ignore")]
    pub(super) key_metadata: KeyMetadata,
}

/// What becomes of a key that modules noted something of, which no server keeps without them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum KeyMetadata {
    /// It is written without, and told.
    Ignore,
    /// It is not written.
    Refuse,
}

impl Form {
    pub(super) const fn dump_options(&self) -> DumpOptions {
        DumpOptions { dialect: self.dialect, compress: !self.no_compress }
    }
}

fn dialect(text: &str) -> Result<Dialect, UnknownDialect> {
    text.parse()
}

/// What becomes of what cannot be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It ends the work.
    Stop,
    /// It is left out and listed.
    LeaveOut,
}

/// What to copy, and how.
pub(super) struct Copy<'a> {
    pub(super) filter: &'a Filter,
    pub(super) form: &'a Form,
    /// What the dialect cannot hold.
    pub(super) unsupported: Unfit,
    /// Records that cannot be read, and the rest behind one whose end cannot be found.
    pub(super) damaged: Unfit,
}

/// What became of the keys.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Copied {
    pub(super) keys: u64,
    /// Keys and libraries that were left out, those aside that the filter kept back.
    pub(super) left_out: u64,
    /// Whether the input could not be read to its end.
    pub(super) cut: bool,
}

/// A copy being made.
struct Running<'a, 'c, W> {
    copy: &'a Copy<'c>,
    survey: Option<Survey>,
    writer: FileWriter<W>,
    /// What the input says of the sizes of the database that comes.
    hint: (u64, u64),
    /// The database whose keys are being written.
    selected: Option<u64>,
    copied: Copied,
}

impl Copy<'_> {
    /// Copies `input` to `to`, `-` for standard output. A file appears whole or not at all.
    pub(super) fn run(&self, input: &mut Input, to: &Path) -> Result<Copied> {
        if self.form.dialect.stamp().is_none() && !input.is_repeatable() {
            bail!("{}: the dialect portable takes two readings: give a file, or another dialect (--to)", input.name);
        }
        // A filter makes the sizes in the input wrong, and a readable input is read once more for right ones.
        let wants_survey = self.form.dialect.stamp().is_none() || !self.filter.is_open() && input.is_repeatable();
        let survey =
            wants_survey.then(|| Survey::of(input, self.filter, self.damaged == Unfit::LeaveOut)).transpose()?;
        let records = input.records()?;
        if to == Path::new("-") {
            return self.write(input, records, survey, io::stdout().lock());
        }
        let mut work = Some((records, survey));
        let mut ended = None;
        let replaced = runtime::files::replace_with(&absolute(to), &mut |sink| {
            let Some((records, survey)) = work.take() else { return Err(io::ErrorKind::Unsupported.into()) };
            let written = self.write(input, records, survey, sink);
            let failed = written.is_err();
            ended = Some(written);
            if failed { Err(io::ErrorKind::Other.into()) } else { Ok(()) }
        });
        match (ended, replaced) {
            (Some(Err(error)), _) => Err(error),
            (_, Err(error)) => Err(error).with_context(|| to.display().to_string()),
            (Some(Ok(copied)), Ok(())) => Ok(copied),
            (None, Ok(())) => Ok(Copied::default()),
        }
    }

    fn write<W: Write>(&self, input: &Input, mut records: Records, survey: Option<Survey>, sink: W) -> Result<Copied> {
        let options = FileOptions {
            dialect: self.form.dialect,
            compress: !self.form.no_compress,
            checksum: !self.form.no_checksum,
            least_stamp: survey.as_ref().map_or(0, |survey| survey.least_stamp),
        };
        let writer = FileWriter::new(sink, options)?;
        let mut running =
            Running { copy: self, survey, writer, hint: (0, 0), selected: None, copied: Copied::default() };
        loop {
            match records.next() {
                Ok(Some((db, record))) => running.record(db, record)?,
                Ok(None) => break,
                Err(error) => {
                    running.copied.cut = true;
                    if !running.fault(&error, &mut records, input)? {
                        break;
                    }
                }
            }
        }
        if !running.copied.cut && records.file.has_more()? {
            let text = format!(
                "{}: behind the end, from byte {} on, there is something else, which is not copied",
                input.name,
                records.file.offset()
            );
            if self.damaged == Unfit::Stop {
                return Err(Found(text).into());
            }
            eprintln!("ochre: {text}");
            running.copied.left_out += 1;
        }
        let Running { writer, copied, .. } = running;
        writer.finish()?;
        Ok(copied)
    }

    /// An error, or a line on standard error.
    fn unfit(&self, policy: Unfit, what: &str, hint: &str) -> Result<()> {
        match policy {
            Unfit::Stop => Err(Found(format!("{what}{hint}")).into()),
            Unfit::LeaveOut => {
                eprintln!("left out: {what}");
                Ok(())
            }
        }
    }
}

const SKIP: &str = "; --skip-unsupported leaves such out";
const SALVAGE: &str = "; `ochre salvage` copies the rest";

impl<W: Write> Running<'_, '_, W> {
    fn record(&mut self, db: u64, record: Record) -> Result<()> {
        match record {
            Record::Key(record) if self.copy.filter.admits(db, &record) => self.key(db, &record)?,
            Record::Aux { name, value } => self.aux(&name, &value)?,
            Record::Function(source) => self.function(&source)?,
            Record::FunctionPreGa(library) => {
                eprintln!("changed: function library '{}' of a pre-release of Redis 7.0", shown(&library.name));
                self.function(&library.to_source())?;
            }
            Record::ModuleAux(id) => self.unsupported(&format!("what module {id} keeps beside its keys"))?,
            Record::SelectDb(_) => self.hint = (0, 0),
            Record::ResizeDb { keys, volatile_keys } => self.hint = (keys, volatile_keys),
            // Filtered keys; and what follows from the keys, which a reader finds out by itself.
            Record::Key(_) | Record::SlotInfo { .. } | Record::HashTemplate { .. } => {}
            Record::SlotImport { job, slots } => {
                eprintln!("left out: that slots {} were being imported (work {})", shown(&slots), shown(&job));
            }
        }
        Ok(())
    }

    fn aux(&mut self, name: &[u8], value: &[u8]) -> Result<()> {
        // A copy is no state of a replication that could be continued, and no base of the directory it came from.
        if name.starts_with(b"repl-") || name == b"slot-info" {
            return Ok(());
        }
        self.writer.aux(name, if name == b"aof-base" { b"0" } else { value })?;
        Ok(())
    }

    fn function(&mut self, source: &[u8]) -> Result<()> {
        let stamp = self.copy.form.dialect.stamp();
        if stamp.is_some_and(|stamp| stamp.number() < 10) {
            let dialect = self.copy.form.dialect;
            return self.unsupported(&format!(
                "function library '{}': functions cannot be written in the dialect {dialect}",
                library(source)
            ));
        }
        self.writer.function(source)?;
        Ok(())
    }

    fn key(&mut self, db: u64, record: &KeyRecord) -> Result<()> {
        let place = || format!("key '{}' of database {db}, byte {}", shown(&record.key), record.offset);
        let value = match &record.value {
            Ok(value) => value,
            Err(ValueError::Module(id)) => {
                return self.unsupported(&format!("{}: it is a value of module {id}", place()));
            }
            Err(ValueError::Damaged { offset, error }) => {
                self.copied.left_out += 1;
                let what = format!("{}: {} at byte {offset}", place(), error.kind);
                return self.copy.unfit(self.copy.damaged, &what, SALVAGE);
            }
        };
        if record.metadata > 0 {
            let what = format!("{}: what modules noted of it ({} pieces)", place(), record.metadata);
            match self.copy.form.key_metadata {
                KeyMetadata::Ignore => eprintln!("reduced: {what} is not kept"),
                KeyMetadata::Refuse => return self.unsupported(&what),
            }
        }
        self.select(db)?;
        let facts = KeyFacts { deadline: record.deadline, idle_s: record.idle_s, frequency: record.frequency };
        match self.writer.key(&record.key, value.as_ref(), facts) {
            Ok(()) => {
                self.copied.keys += 1;
                let dialect = self.copy.form.dialect;
                if let Some(what) = rdb::left_out(value.as_ref(), dialect) {
                    eprintln!("reduced: {}: {dialect} has no place for {what}", place());
                }
            }
            Err(FileError { kind: FileErrorKind::Encode { error, .. }, .. }) => {
                self.unsupported(&format!("{}: {error}", place()))?;
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Announces the database in front of its first key.
    fn select(&mut self, db: u64) -> Result<()> {
        if self.selected == Some(db) {
            return Ok(());
        }
        self.selected = Some(db);
        let (keys, volatile_keys) = self.survey.as_ref().and_then(|survey| survey.db(db)).unwrap_or(self.hint);
        self.writer.select_db(db, keys, volatile_keys)?;
        Ok(())
    }

    fn unsupported(&mut self, what: &str) -> Result<()> {
        self.copied.left_out += 1;
        self.copy.unfit(self.copy.unsupported, what, SKIP)
    }

    /// The input cannot be read any further; returns whether it can be read again from some place on.
    fn fault(&self, error: &FileError, records: &mut Records, input: &Input) -> Result<bool> {
        let name = &input.name;
        if matches!(error.kind, FileErrorKind::Io(_)) {
            bail!("{name}: {error}");
        }
        if self.copy.damaged == Unfit::Stop {
            return Err(Found(format!("{name}: {error}{SALVAGE}")).into());
        }
        if matches!(error.kind, FileErrorKind::ChecksumDiffers) {
            eprintln!("{name}: {error}; which of them, what could be read does not tell");
            return Ok(false);
        }
        let from = records.began;
        let to = records.file.resync()?;
        let end = to.unwrap_or_else(|| records.file.offset());
        eprintln!("lost: bytes {from} to {end} ({} bytes): {error}", end.saturating_sub(from));
        Ok(to.is_some())
    }
}

/// A path whose folder has a name.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
