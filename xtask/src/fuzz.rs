//! `cargo xtask fuzz TARGET [SECONDS]`: a fuzz target with its seeds, its dictionary and the limits it is meant to keep.
//!
//! `fuzz/README.md` tells what is checked and what has been run. What the fuzzer finds interesting stays in `fuzz/corpus-local/TARGET`, which is not
//! committed; `--minimize` makes the smallest set of it that reaches as much into the committed seeds. An input that fails is written to
//! `fuzz/artifacts/TARGET`; with a name that says what it does it belongs into `fuzz/seeds/TARGET`, which `cargo test -p fuzz-checks`
//! puts to the check from then on.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

/// (target, how many bytes an input has at most)
const LENGTHS: &[(&str, u32)] =
    &[("function_load", 1500), ("function_restore", 2000), ("struct_format", 1024), ("rdb_file", 20_000)];
const LENGTH: u32 = 4096;

/// Targets with an interpreter that outlives the input: what it holds looks like a leak to the sanitizer, which then searches the whole
/// heap after each input.
const KEEPS_MEMORY: &[&str] =
    &["acl_rules", "cjson", "cmsgpack", "function_load", "function_restore", "restore_payload", "struct_format"];

#[derive(Args)]
pub(crate) struct FuzzArgs {
    /// A target: the name of a file in fuzz/fuzz_targets. Without one they are listed.
    target: Option<String>,
    /// How long.
    #[arg(default_value_t = 60)]
    seconds: u32,
    /// Instead of running, make the seeds of the smallest set of inputs found so far that reaches as much. Those with a name stay.
    #[arg(long)]
    minimize: bool,
}

pub(crate) fn run(args: &FuzzArgs) -> Result<()> {
    let root = root();
    let targets = targets(&root)?;
    let Some(target) = &args.target else {
        println!("targets: {}", targets.join(", "));
        return Ok(());
    };
    ensure!(targets.contains(target), "there is no target `{target}`: there are {}", targets.join(", "));
    find_tools()?;
    if args.minimize { minimize(&root, target) } else { search(&root, target, args.seconds) }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_path_buf)
}

fn targets(root: &Path) -> Result<Vec<String>> {
    let files = files(&root.join("fuzz/fuzz_targets"))?;
    Ok(files.iter().filter_map(|file| Some(file.file_stem()?.to_str()?.to_owned())).collect())
}

/// The files of a folder, by name.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.sort();
    Ok(files)
}

/// A nightly compiler, for the sanitizer, and cargo-fuzz.
fn find_tools() -> Result<()> {
    let works = |args: &[&str]| {
        let status = Command::new("cargo").args(args).stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    if !works(&["+nightly", "--version"]) {
        bail!("fuzzing needs a nightly compiler: rustup toolchain install nightly --profile minimal");
    }
    if !works(&["+nightly", "fuzz", "--version"]) {
        bail!("fuzzing needs cargo-fuzz: cargo install --locked cargo-fuzz");
    }
    Ok(())
}

/// `cargo fuzz run` with the target's folders and limits, and `extra` for the fuzzer.
fn fuzz(root: &Path, target: &str, folders: &[PathBuf], extra: &[String]) -> Result<()> {
    let length = LENGTHS.iter().find(|(name, _)| *name == target).map_or(LENGTH, |(_, length)| *length);
    let mut command = Command::new("cargo");
    command.current_dir(root).args(["+nightly", "fuzz", "run", target]).args(folders).arg("--");
    command.args([&format!("-max_len={length}"), "-rss_limit_mb=2048", "-timeout=10", "-print_final_stats=1"]);
    let dictionary = root.join(format!("fuzz/dictionaries/{target}.dict"));
    if dictionary.exists() {
        command.arg(format!("-dict={}", dictionary.display()));
    }
    if KEEPS_MEMORY.contains(&target) {
        command.arg("-detect_leaks=0");
    }
    let status = command.args(extra).status().context("cargo")?;
    ensure!(status.success(), "{target}: {status}; an input that fails is in fuzz/artifacts/{target}");
    Ok(())
}

fn folders(root: &Path, target: &str) -> Result<(PathBuf, PathBuf)> {
    let (corpus, seeds) = (root.join("fuzz/corpus-local").join(target), root.join("fuzz/seeds").join(target));
    for folder in [&corpus, &seeds] {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    Ok((corpus, seeds))
}

fn search(root: &Path, target: &str, seconds: u32) -> Result<()> {
    let (corpus, seeds) = folders(root, target)?;
    fuzz(root, target, &[corpus, seeds], &[format!("-max_total_time={seconds}")])
}

fn minimize(root: &Path, target: &str) -> Result<()> {
    let (corpus, seeds) = folders(root, target)?;
    let smallest = root.join("fuzz/corpus-local").join(format!("{target}.smallest"));
    if smallest.exists() {
        fs::remove_dir_all(&smallest).with_context(|| smallest.display().to_string())?;
    }
    fs::create_dir_all(&smallest).with_context(|| smallest.display().to_string())?;
    fuzz(root, target, &[smallest.clone(), seeds.clone(), corpus], &["-set_cover_merge=1".to_owned()])?;
    for seed in files(&seeds)?.iter().filter(|seed| is_nameless(seed)) {
        fs::remove_file(seed).with_context(|| seed.display().to_string())?;
    }
    let named = files(&seeds)?.into_iter().map(|seed| Ok(fs::read(seed)?)).collect::<Result<Vec<_>>>()?;
    for file in files(&smallest)? {
        let bytes = fs::read(&file)?;
        if let (false, Some(name)) = (named.contains(&bytes), file.file_name()) {
            fs::write(seeds.join(name), bytes).with_context(|| seeds.display().to_string())?;
        }
    }
    println!("{}: {} files", seeds.display(), files(&seeds)?.len());
    Ok(())
}

/// Whether the fuzzer gave the name, the SHA-1 of what is in the file.
fn is_nameless(seed: &Path) -> bool {
    let name = seed.file_name().map_or_else(Default::default, |name| name.to_string_lossy());
    name.len() == 40 && name.bytes().all(|digit| digit.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_for_targets_that_there_are() {
        let targets = targets(&root()).unwrap();
        for name in LENGTHS.iter().map(|(name, _)| name).chain(KEEPS_MEMORY) {
            assert!(targets.iter().any(|target| target == name), "{name}");
        }
    }

    #[test]
    fn seeds_with_a_name_are_told_from_those_of_the_fuzzer() {
        assert!(is_nameless(Path::new("seeds/cjson/0219fd54bd5841008b18c414a5b2dea331bad1c5")));
        assert!(!is_nameless(Path::new("seeds/cjson/a-key-without-a-value")));
    }
}
