//! The tools' command line, and how their ends become exit codes.

use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

use clap::Parser;
use rdb::{FileError, FileErrorKind};

use super::output::Found;
use super::{convert, inspect, salvage, verify};

/// Tools for RDB files, DUMP payloads and the base of append-only files.
#[derive(Debug, Parser)]
#[command(name = "ochre", disable_help_subcommand = true)]
enum Tool {
    Inspect(inspect::Inspect),
    Convert(convert::Convert),
    Verify(verify::Verify),
    Salvage(salvage::Salvage),
}

/// How a tool ended that did its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Fine,
    /// Damage or differences, which were told.
    Found,
}

/// Whether `word` names a tool.
pub(crate) fn is_tool(word: &str) -> bool {
    ["inspect", "convert", "verify", "salvage"].contains(&word)
}

/// Runs the tool that `args` begin with.
pub(crate) fn run(args: Vec<OsString>) -> ExitCode {
    let tool = match Tool::try_parse_from(std::iter::once(OsString::from("ochre")).chain(args)) {
        Ok(tool) => tool,
        Err(error) => {
            // A terminal that is gone is no reason for another code.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let ended = match &tool {
        Tool::Inspect(inspect) => inspect.run(),
        Tool::Convert(convert) => convert.run(),
        Tool::Verify(verify) => verify.run(),
        Tool::Salvage(salvage) => salvage.run(),
    };
    match ended {
        Ok(Verdict::Fine) => ExitCode::SUCCESS,
        Ok(Verdict::Found) => ExitCode::from(1),
        Err(error) => {
            let code = code_of(&error);
            if code != 0 {
                eprintln!("ochre: {error:#}");
            }
            ExitCode::from(code)
        }
    }
}

fn code_of(error: &anyhow::Error) -> u8 {
    error.chain().find_map(code_of_cause).unwrap_or(2)
}

fn code_of_cause(cause: &(dyn std::error::Error + 'static)) -> Option<u8> {
    if cause.is::<Found>() {
        return Some(1);
    }
    if let Some(error) = cause.downcast_ref::<io::Error>() {
        // Whoever read the output has seen enough (`| head`).
        return (error.kind() == io::ErrorKind::BrokenPipe).then_some(0);
    }
    match &cause.downcast_ref::<FileError>()?.kind {
        FileErrorKind::EndsEarly
        | FileErrorKind::Record(_)
        | FileErrorKind::UnknownOpcode(_)
        | FileErrorKind::ChecksumDiffers
        | FileErrorKind::Encode { .. } => Some(1),
        FileErrorKind::NotRdb | FileErrorKind::NewerStamp { .. } | FileErrorKind::StampTooLow { .. } => Some(2),
        // The cause below tells whether that is a pipe.
        FileErrorKind::Io(_) => None,
    }
}
