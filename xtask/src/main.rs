//! The project's own tools: `cargo xtask bench`, `counts`, `oracle`, `roundtrip`, `fuzz`, `tidy`, `ci`.
//!
//! One binary in the workspace rather than scripts, so that the tools are typed, tested and formatted like everything else and
//! need nothing but cargo. They are allowed what the server crates are not: to print, to read the clock and to touch files.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool talks to its terminal")]
#![expect(clippy::disallowed_methods, reason = "tools read clocks and files; the ban keeps the server deterministic")]

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod bench;
mod ci;
mod counts;
mod fuzz;
mod interrupt;
mod oracle;
mod roundtrip;
mod servers;
mod tidy;
mod wire;

/// Tools of the Ochre workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", version)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Compare Ochre with another server: speed, CPU per command, memory, pauses, expiry.
    Bench(Box<bench::BenchArgs>),
    /// Count the instructions that commands take, and hold them against what is written down.
    Counts(counts::CountsArgs),
    /// Ask a real server what the tests ask Ochre.
    Oracle(oracle::OracleArgs),
    /// Send values of every type from Redis over Ochre to Valkey, and back to an older Redis, key by key and as files.
    Roundtrip(roundtrip::RoundtripArgs),
    /// Throw bytes at a decoder or an interpreter until something does not hold.
    Fuzz(fuzz::FuzzArgs),
    /// Run the checks of a change: tidy, fmt, clippy, deny, typos, test, doc.
    Ci,
    /// Check the rules of the building: crate edges, unsafe list, lengths, module tree, words, dependencies.
    Tidy(tidy::TidyArgs),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.task {
        Task::Bench(args) => bench::run(&args),
        Task::Counts(args) => counts::run(&args),
        Task::Oracle(args) => oracle::run(&args),
        Task::Roundtrip(args) => roundtrip::run(&args),
        Task::Fuzz(args) => fuzz::run(&args),
        Task::Ci => ci::run(),
        Task::Tidy(args) => tidy::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
