//! `ochre salvage`: what is sound of a damaged file.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::cli::Verdict;
use super::copy::{Copy, Form, Unfit};
use super::filter::Filter;
use super::input::Input;

/// Copy what can be read of a damaged file, and list what is lost
///
/// A record whose value is damaged is passed over where its end can be found. Where it cannot, the next place is looked for at which several records can
/// be read, and the list says which bytes are lost; such a place is a guess, and what follows it may be of another database. OUT gets an end
/// and a checksum of its own.
#[derive(Args, Debug)]
pub(super) struct Salvage {
    /// What to read; `-` for standard input
    #[arg(value_name = "IN")]
    from: PathBuf,
    /// What to write; `-` for standard output
    #[arg(value_name = "OUT")]
    to: PathBuf,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    filter: Filter,
}

impl Salvage {
    pub(super) fn run(&self) -> Result<Verdict> {
        let mut input = Input::open(&self.from, true)?;
        let copy =
            Copy { filter: &self.filter, form: &self.form, unsupported: Unfit::LeaveOut, damaged: Unfit::LeaveOut };
        let copied = copy.run(&mut input, &self.to)?;
        eprintln!("{} keys written, {} left out", copied.keys, copied.left_out);
        Ok(if copied.left_out == 0 && !copied.cut { Verdict::Fine } else { Verdict::Found })
    }
}
