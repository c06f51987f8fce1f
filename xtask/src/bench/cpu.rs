//! What a server process has used: CPU from the scheduler's books, memory from the kernel's page tables.
//!
//! `/proc/PID/task/TID/schedstat` holds two times in nanoseconds: on a core, and ready but waiting for one.
//!
//! ```text
//! 166158532 835878 36        166.16 ms on a core, 0.84 ms waiting for it, 36 turns
//! ```
//!
//! `/proc/PID/stat` counts in ticks of 10 ms and was rejected for it. The second number tells whether something else wanted the
//! server's core; a run where it is large is not worth reading. Threads that have ended are not counted: servers keep theirs.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;

use anyhow::{Context, Result};

/// Times of all threads of a process, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CpuTimes {
    pub(super) on_core_ns: u64,
    pub(super) waiting_ns: u64,
}

impl CpuTimes {
    pub(super) fn since(self, earlier: CpuTimes) -> CpuTimes {
        CpuTimes {
            on_core_ns: self.on_core_ns.saturating_sub(earlier.on_core_ns),
            waiting_ns: self.waiting_ns.saturating_sub(earlier.waiting_ns),
        }
    }
}

/// Open handles on the threads of one process, cheap enough to read between two requests.
pub(super) struct CpuMeter {
    threads: Vec<File>,
}

impl CpuMeter {
    /// Watches the threads that `pid` has now.
    pub(super) fn open(pid: u32) -> Result<CpuMeter> {
        let folder = format!("/proc/{pid}/task");
        let threads = fs::read_dir(&folder)
            .with_context(|| format!("reading {folder}"))?
            .map(|entry| Ok(File::open(entry?.path().join("schedstat"))?))
            .collect::<Result<_>>()?;
        Ok(CpuMeter { threads })
    }

    pub(super) fn read(&self) -> Result<CpuTimes> {
        let mut sum = CpuTimes::default();
        let mut text = [0; 96];
        for thread in &self.threads {
            let len = thread.read_at(&mut text, 0)?;
            let times = parse_schedstat(&text[..len]).context("schedstat has another form than expected")?;
            sum.on_core_ns += times.on_core_ns;
            sum.waiting_ns += times.waiting_ns;
        }
        Ok(sum)
    }
}

fn parse_schedstat(text: &[u8]) -> Option<CpuTimes> {
    let text = std::str::from_utf8(text).ok()?;
    let mut numbers = text.split_ascii_whitespace().map(str::parse);
    Some(CpuTimes { on_core_ns: numbers.next()?.ok()?, waiting_ns: numbers.next()?.ok()? })
}

/// Resident bytes of `pid`. `smaps_rollup` walks the page tables; `status` lags by the kernel's per-CPU counters.
pub(super) fn rss_bytes(pid: u32) -> Result<u64> {
    let path = format!("/proc/{pid}/smaps_rollup");
    let text = fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
    let kib = text
        .lines()
        .find_map(|line| line.strip_prefix("Rss:"))
        .and_then(|rest| rest.trim().strip_suffix("kB"))
        .and_then(|kib| kib.trim().parse::<u64>().ok())
        .with_context(|| format!("no Rss line in {path}"))?;
    Ok(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedstat_lines_are_read_and_others_refused() {
        let times = CpuTimes { on_core_ns: 166_158_532, waiting_ns: 835_878 };
        assert_eq!(parse_schedstat(b"166158532 835878 36\n"), Some(times));
        assert_eq!(parse_schedstat(b"166158532\n"), None);
        assert_eq!(parse_schedstat(b""), None);
    }

    #[test]
    fn this_process_uses_cpu_and_memory() {
        let meter = CpuMeter::open(std::process::id()).unwrap();
        let before = meter.read().unwrap();
        let mut sum = 0_u64;
        while meter.read().unwrap().since(before).on_core_ns == 0 {
            sum = std::hint::black_box(sum + 1);
        }
        assert!(rss_bytes(std::process::id()).unwrap() > 4096);
    }
}
