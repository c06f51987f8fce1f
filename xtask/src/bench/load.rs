//! Runs redis-benchmark or valkey-benchmark and reads what it found.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::interrupt;
use crate::servers::{Server, command_in, find_program};

/// A run that takes longer has met a fault.
const RUN_LIMIT: Duration = Duration::from_secs(300);

/// The load generator.
pub(super) struct LoadGenerator {
    path: PathBuf,
    root: Option<PathBuf>,
    cores: String,
    threads: u32,
}

/// One run's parameters.
pub(super) struct Run<'a> {
    pub(super) words: &'a [String],
    pub(super) requests: u64,
    pub(super) clients: u32,
    pub(super) pipeline: u32,
    pub(super) keyspace: u64,
}

/// One run's findings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Findings {
    pub(super) requests_per_second: f64,
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
}

impl LoadGenerator {
    /// Takes `given`, or looks on PATH and in the peer's tree, preferring Valkey's tool: it is the newer one.
    pub(super) fn find(
        given: Option<&Path>,
        peer_root: Option<&Path>,
        cores: &str,
        threads: u32,
    ) -> Result<LoadGenerator> {
        let (path, root) = match given {
            Some(path) => (path.to_owned(), None),
            None => ["valkey-benchmark", "redis-benchmark"]
                .into_iter()
                .flat_map(|name| [(name, None), (name, peer_root)])
                .find_map(|(name, root)| Some((find_program(root, name)?, root.map(Path::to_owned))))
                .context("neither valkey-benchmark nor redis-benchmark to be found: give --load PATH")?,
        };
        Ok(LoadGenerator { path, root, cores: cores.to_owned(), threads })
    }

    pub(super) fn name(&self) -> String {
        self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    pub(super) fn run(&self, server: &Server, run: &Run<'_>) -> Result<Findings> {
        let mut command = command_in(self.root.as_deref(), Some(&self.cores), &self.path);
        command.args(["-h", "127.0.0.1", "-p", &server.addr().port().to_string(), "--csv"]);
        command.args(["-n", &run.requests.to_string(), "-c", &run.clients.to_string()]);
        command.args(["-P", &run.pipeline.to_string(), "-r", &run.keyspace.to_string()]);
        if self.threads > 1 {
            command.args(["--threads", &self.threads.to_string()]);
        }
        command.args(run.words).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("starting {}", self.path.display()))?;
        // Its few lines of output fit the pipes, so it can be read after the end.
        let waited = interrupt::wait(&mut child, RUN_LIMIT);
        let output = child.wait_with_output()?;
        let status = waited.with_context(|| format!("{}: {}", self.name(), run.words.join(" ")))?;
        let errors = String::from_utf8_lossy(&output.stderr);
        if !status.success() {
            bail!("{} {}: {status}: {}", self.name(), run.words.join(" "), errors.trim());
        }
        let text = String::from_utf8_lossy(&output.stdout);
        parse_csv(&text).with_context(|| format!("{} {}: {text}{errors}", self.name(), run.words.join(" ")))
    }
}

/// Reads the last line: title, requests/s, then average, minimum, p50, p95, p99 and maximum in milliseconds.
fn parse_csv(text: &str) -> Option<Findings> {
    let line = text.lines().rev().find(|line| line.starts_with('"'))?;
    let mut fields = line.trim_end().trim_end_matches('"').rsplit("\",\"").map(str::parse::<f64>);
    let _max = fields.next()?.ok()?;
    let p99_ms = fields.next()?.ok()?;
    let _p95 = fields.next()?.ok()?;
    let p50_ms = fields.next()?.ok()?;
    let (_min, _average) = (fields.next()?.ok()?, fields.next()?.ok()?);
    let requests_per_second = fields.next()?.ok()?;
    Some(Findings { requests_per_second, p50_ms, p99_ms })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_of_redis_and_valkey_benchmark_is_read() {
        let text = "\"test\",\"rps\",\"avg_latency_ms\",\"min_latency_ms\",\"p50_latency_ms\",\"p95_latency_ms\",\
            \"p99_latency_ms\",\"max_latency_ms\"\n\
            \"SET k \"a\",\"b\"\",\"833333.31\",\"0.856\",\"0.392\",\"0.751\",\"1.823\",\"2.447\",\"2.663\"\n";
        let findings = parse_csv(text).unwrap();
        assert_eq!(findings, Findings { requests_per_second: 833_333.31, p50_ms: 0.751, p99_ms: 2.447 });
    }

    #[test]
    fn a_header_alone_is_no_finding() {
        assert_eq!(parse_csv("\"test\",\"rps\",\"avg_latency_ms\"\n"), None);
        assert_eq!(parse_csv("Error\n"), None);
    }
}
