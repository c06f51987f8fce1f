//! Ctrl-C and SIGTERM as an ordinary error, so that every `Drop` guard (servers, temporary directories) still runs.
//!
//! The default action would end the process on the spot and leave both behind. Instead a flag is set, and whoever loops or
//! waits asks `check` now and then. A second signal ends the process at once; the servers die with it, because each was
//! started with a parent-death signal (see `servers`).

use std::io;
use std::process::{Child, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use signal_hook::consts::{SIGINT, SIGTERM};

static INTERRUPTED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// Turns SIGINT and SIGTERM into the flag that `check` reports. Calling it twice is harmless.
pub(crate) fn catch() -> io::Result<()> {
    let flag = Arc::clone(INTERRUPTED.get_or_init(|| Arc::new(AtomicBool::new(false))));
    for signal in [SIGINT, SIGTERM] {
        // Registered in this order: the first signal finds the flag down and only raises it, the second ends the process.
        signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&flag))?;
        signal_hook::flag::register(signal, Arc::clone(&flag))?;
    }
    Ok(())
}

/// An error once a signal has arrived.
pub(crate) fn check() -> Result<()> {
    if INTERRUPTED.get().is_some_and(|flag| flag.load(Ordering::Relaxed)) {
        bail!("interrupted");
    }
    Ok(())
}

/// Waits for `child`, killing it on a signal or after `limit`.
pub(crate) fn wait(child: &mut Child, limit: Duration) -> Result<ExitStatus> {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            check()?;
            return Ok(status);
        }
        let outcome = check();
        if outcome.is_err() || started.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            outcome?;
            bail!("gave up after {} s", limit.as_secs());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
