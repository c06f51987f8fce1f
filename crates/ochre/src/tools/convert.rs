//! `ochre convert`: the same keys in another dialect.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use rdb::Record;

use super::cli::Verdict;
use super::copy::{Copy, Form, KeyMetadata, Unfit};
use super::filter::Filter;
use super::input::{Input, Kind};
use super::output::{Found, output};

/// Write a file again, in the format of another server
///
/// IN is an RDB file, a payload of DUMP or FUNCTION DUMP (which becomes a payload), or a directory of append-only files, whose base is read. The dialect portable, the
/// default, is the lowest version that holds everything, which the greatest number of servers can read; it takes two readings of IN. What
/// the dialect cannot hold ends the work: nothing is dropped silently. (Streams are written with fewer times and counters where older forms have none,
/// and that is told.) OUT appears whole or not at all.
#[derive(Args, Debug)]
pub(super) struct Convert {
    /// What to read; `-` for standard input
    #[arg(value_name = "IN")]
    from: PathBuf,
    /// What to write; `-` for standard output
    #[arg(value_name = "OUT")]
    to: PathBuf,
    #[command(flatten)]
    form: Form,
    /// Leave out what the dialect cannot hold, and list it
    #[arg(long)]
    skip_unsupported: bool,
    /// Convert the base of a directory although commands follow it
    #[arg(long)]
    base_only: bool,
    #[command(flatten)]
    filter: Filter,
}

impl Convert {
    pub(super) fn run(&self) -> Result<Verdict> {
        let mut input = Input::open(&self.from, true)?;
        if let Some((name, len)) = input.increments.first()
            && !self.base_only
        {
            bail!(
                "{name} has {len} bytes of later commands, which would be missing; --base-only converts without them"
            );
        }
        match input.kind {
            Kind::File => {}
            Kind::Payload => return self.payload(&mut input),
            Kind::Functions => return self.functions(&mut input),
        }
        let unsupported = if self.skip_unsupported { Unfit::LeaveOut } else { Unfit::Stop };
        let copy = Copy { filter: &self.filter, form: &self.form, unsupported, damaged: Unfit::Stop };
        let copied = copy.run(&mut input, &self.to)?;
        eprintln!("{} keys written, {} left out", copied.keys, copied.left_out);
        Ok(Verdict::Fine)
    }

    /// A payload becomes a payload.
    fn payload(&self, input: &mut Input) -> Result<Verdict> {
        let mut records = input.records()?;
        let Some((_, Record::Key(record))) = records.next()? else { bail!("{}: no value", input.name) };
        let Ok(value) = &record.value else { bail!("{}: its value cannot be read", input.name) };
        if record.metadata > 0 {
            let what = format!("{}: what modules noted of the key ({} pieces)", input.name, record.metadata);
            if self.form.key_metadata == KeyMetadata::Refuse {
                return Err(Found(what).into());
            }
            eprintln!("reduced: {what} is not kept");
        }
        let mut payload = Vec::new();
        if let Err(error) = rdb::dump_with(value.as_ref(), self.form.dump_options(), &mut payload) {
            return Err(Found(format!("{}: {error}", input.name)).into());
        }
        if let Some(what) = rdb::left_out(value.as_ref(), self.form.dialect) {
            eprintln!("reduced: {}: {} has no place for {what}", input.name, self.form.dialect);
        }
        self.write(&payload)
    }

    /// And one of functions another one of functions.
    fn functions(&self, input: &mut Input) -> Result<Verdict> {
        let mut records = input.records()?;
        let mut sources = Vec::new();
        while let Some((_, record)) = records.next()? {
            if let Record::Function(source) = record {
                sources.push(source);
            } else if let Record::FunctionPreGa(library) = record {
                sources.push(library.to_source());
            }
        }
        let payload = rdb::functions::write(sources.iter().map(|source| &source[..]), self.form.dump_options());
        self.write(&payload.map_err(|error| Found(format!("{}: {error}", input.name)))?)
    }

    fn write(&self, payload: &[u8]) -> Result<Verdict> {
        if self.to.as_os_str() == "-" {
            let mut out = output();
            out.write_all(payload)?;
            out.flush()?;
        } else {
            runtime::files::write_bytes(&self.to, payload)?;
        }
        Ok(Verdict::Fine)
    }
}
