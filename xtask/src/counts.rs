//! `cargo xtask counts`: how many instructions the commands take, beside what they took when somebody last wrote that down.
//!
//! Time is measured beside a peer (`cargo xtask bench`), needs a quiet machine, and is asserted nowhere. Instructions are the same on
//! any machine at any hour, so they can be: a change that makes a command dearer by more than the tolerance fails, with the name of the
//! command. They are counted by valgrind's callgrind in an example of the crate `server`, which runs batches of 32 commands on a
//! server in memory; kernel, event loop and cache misses are not in them.
//!
//! `bench/counts.tsv` holds the counts. `--write` writes it anew: the difference in the commit is the record of what a change cost.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::interrupt;
use crate::servers::find_program;

/// Where the counts are kept.
const FILE: &str = "bench/counts.tsv";

/// Batches of the two runs whose difference is counted, so that what a first batch costs falls out.
const FEW_BATCHES: u64 = 10;
const MANY_BATCHES: u64 = 60;
const BATCH_COMMANDS: u64 = 32;

#[derive(Args)]
pub(crate) struct CountsArgs {
    /// Write the counts down as the ones to hold.
    #[arg(long)]
    write: bool,
    /// How much dearer a command may be than it was, in percent.
    #[arg(long, default_value_t = 5.0)]
    tolerance: f64,
    /// The commands to count; all without one.
    names: Vec<String>,
}

pub(crate) fn run(args: &CountsArgs) -> Result<()> {
    if find_program(None, "valgrind").is_none() {
        bail!("valgrind is not installed (apt-get install valgrind); instructions are counted by its callgrind");
    }
    let program = build()?;
    let names = if args.names.is_empty() { list(&program)? } else { args.names.clone() };
    let file = workspace().join(FILE);
    let mut held = read(&file)?;
    println!("{:16} {:>8} {:>8}  instructions a command", "", "now", "held");
    let mut dearer = Vec::new();
    for name in &names {
        interrupt::check()?;
        let now = count(&program, name)?;
        let before = held.get(name).copied();
        let change = before.map(|before| 100.0 * (now as f64 / before as f64 - 1.0));
        let shown = change.map_or_else(|| "new".to_owned(), |change| format!("{change:+.1} %"));
        println!("{name:16} {now:8} {:>8}  {shown}", before.map_or_else(|| "-".to_owned(), |count| count.to_string()));
        if change.is_some_and(|change| change > args.tolerance) {
            dearer.push(format!("{name} ({shown})"));
        }
        if args.write {
            held.insert(name.clone(), now);
        }
    }
    if args.write {
        return write(&file, &held);
    }
    if !dearer.is_empty() {
        bail!(
            "dearer by more than {} %: {}; if that is the price of what they do now, `cargo xtask counts --write` holds it",
            args.tolerance,
            dearer.join(", ")
        );
    }
    Ok(())
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_path_buf)
}

/// Builds the example; returns its path.
fn build() -> Result<PathBuf> {
    let status = Command::new("cargo")
        .args(["build", "--release", "--quiet", "--package", "server", "--features", "testing", "--example", "counted"])
        .current_dir(workspace())
        .status()
        .context("cargo")?;
    if !status.success() {
        bail!("the example `counted` of the crate `server` cannot be built");
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from);
    Ok(target.join("release/examples/counted"))
}

fn list(program: &Path) -> Result<Vec<String>> {
    let output = Command::new(program).output().context("running the example `counted`")?;
    Ok(String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect())
}

/// Instructions a command.
fn count(program: &Path, name: &str) -> Result<u64> {
    let collected = |batches: u64| -> Result<u64> {
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=counted::counted"])
            .arg(program)
            .args([name, &batches.to_string()])
            .output()
            .context("valgrind")?;
        let said = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            bail!("{name}: {said}");
        }
        let line = said.lines().find_map(|line| line.split_once("Collected : ")).context("callgrind tells no count")?;
        Ok(line.1.trim().parse()?)
    };
    let (few, many) = (collected(FEW_BATCHES)?, collected(MANY_BATCHES)?);
    if few == 0 {
        bail!("{name}: nothing was counted: callgrind does not find the function `counted::counted`");
    }
    Ok(many.saturating_sub(few) / ((MANY_BATCHES - FEW_BATCHES) * BATCH_COMMANDS))
}

fn read(file: &Path) -> Result<BTreeMap<String, u64>> {
    let Ok(text) = fs::read_to_string(file) else { return Ok(BTreeMap::new()) };
    let counts = text.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let (name, count) = line.split_once('\t').with_context(|| format!("{FILE}: '{line}'"))?;
        Ok((name.to_owned(), count.parse()?))
    });
    counts.collect()
}

fn write(file: &Path, counts: &BTreeMap<String, u64>) -> Result<()> {
    let mut text = "# Instructions a command, in batches of 32: cargo xtask counts --write\n".to_owned();
    for (name, count) in counts {
        writeln!(text, "{name}\t{count}")?;
    }
    fs::write(file, text).with_context(|| FILE.to_owned())
}
