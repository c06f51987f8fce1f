//! What a server process has used: CPU from the scheduler's books, memory from the kernel's page tables.
//!
//! `/proc/PID/task/TID/schedstat` holds two times in nanoseconds: on a core, and ready but waiting for one.
//!
//! ```text
//! 166158532 835878 36        166.16 ms on a core, 0.84 ms waiting for it, 36 turns
//! ```
//!
//! `/proc/PID/stat` counts in ticks of 10 ms and was rejected for it. The second number tells whether something else wanted the
//! server's core; a run where it is large is not worth reading. A thread that has ended
//! counts with what was last read of it.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;

use anyhow::{Context, Result};

/// Linux's "No such process", which std has no kind for.
const ESRCH: i32 = 3;

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
    threads: Vec<Thread>,
}

struct Thread {
    schedstat: File,
    last: CpuTimes,
}

impl CpuMeter {
    /// Watches the threads that `pid` has now.
    pub(super) fn open(pid: u32) -> Result<CpuMeter> {
        let folder = format!("/proc/{pid}/task");
        let mut threads = Vec::new();
        for entry in fs::read_dir(&folder).with_context(|| format!("reading {folder}"))? {
            match File::open(entry?.path().join("schedstat")) {
                Ok(schedstat) => threads.push(Thread { schedstat, last: CpuTimes::default() }),
                Err(error) if has_ended(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(CpuMeter { threads })
    }

    pub(super) fn read(&mut self) -> Result<CpuTimes> {
        let mut sum = CpuTimes::default();
        let mut text = [0; 96];
        for thread in &mut self.threads {
            match thread.schedstat.read_at(&mut text, 0) {
                Ok(len) => {
                    thread.last = parse_schedstat(&text[..len]).context("schedstat has another form than expected")?;
                }
                Err(error) if has_ended(&error) => {}
                Err(error) => return Err(error.into()),
            }
            sum.on_core_ns += thread.last.on_core_ns;
            sum.waiting_ns += thread.last.waiting_ns;
        }
        Ok(sum)
    }
}

/// The thread ended: its folder is gone, or what was opened in it has nothing left to read from.
fn has_ended(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(ESRCH)
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
        let mut meter = CpuMeter::open(std::process::id()).unwrap();
        let before = meter.read().unwrap();
        let mut sum = 0_u64;
        while meter.read().unwrap().since(before).on_core_ns == 0 {
            sum = std::hint::black_box(sum + 1);
        }
        assert!(rss_bytes(std::process::id()).unwrap() > 4096);
    }

    /// A test runner with threads once failed on a neighbour that ended between two readings: `No such process`.
    #[test]
    fn a_thread_that_ended_keeps_its_times() {
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let neighbour = std::thread::spawn(move || stopped.recv().is_err());
        let mut meter = CpuMeter::open(std::process::id()).unwrap();
        let before = meter.read().unwrap();
        drop(stop);
        assert!(neighbour.join().unwrap());
        let after = meter.read().unwrap();
        assert!(after.on_core_ns >= before.on_core_ns);
    }
}
