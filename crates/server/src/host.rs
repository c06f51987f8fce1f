//! All that the server asks of the outside: time, logging, memory figures, other reactors, background work.
//!
//! The runtime implements it with the operating system, tests with a clock they move by hand.

use std::any::Any;
use std::io;
use std::path::Path;

use stdx::UnixMs;

use crate::config::Settings;
use crate::delivery::Delivery;
use crate::migrate::Link;

/// How serious a log line is; the order is that of `loglevel`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    Debug,
    Verbose,
    Notice,
    Warning,
    /// No line is that serious: a log of this level stays empty.
    Nothing,
}

/// What one reactor, or a command on it, tells another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Close this client's connection.
    Kill { client: u64 },
    /// A message for some of the reactor's clients: [`crate::Worker::deliver`].
    Deliver(Delivery),
    /// Clients that wait for CLIENT UNPAUSE may go on.
    Resume,
    /// This client waited for a key and has its answer: [`crate::Worker::end_wait`].
    Wake { client: u64 },
    /// A deadline earlier than all others was set: look at the clock again.
    Deadline,
}

/// Memory, as the allocator and the operating system see it. All in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryUsage {
    /// Handed out by the allocator.
    pub allocated: u64,
    /// In pages the allocator uses.
    pub active: u64,
    /// Mapped by the allocator.
    pub resident: u64,
    /// The process's resident set.
    pub rss: u64,
    /// The machine's memory.
    pub system: u64,
}

/// Facts of the process that INFO prints.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProcessInfo {
    pub os: String,
    pub pid: u32,
    pub executable: String,
    pub config_file: String,
    pub allocator: &'static str,
    /// User and system CPU time in seconds, the process's and its children's.
    pub cpu_user_s: f64,
    pub cpu_sys_s: f64,
    /// The same of the thread that began the process.
    pub cpu_main_thread_s: [f64; 2],
    pub cpu_user_children_s: f64,
    pub cpu_sys_children_s: f64,
    pub poll_api: &'static str,
}

/// How much [`Host::read_files`] reads at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileBounds {
    pub files: usize,
    pub file_bytes: u64,
    pub total_bytes: u64,
}

/// The outside world.
pub trait Host: Send + Sync {
    /// Nanoseconds since some fixed moment; never goes back.
    fn monotonic_ns(&self) -> u64;

    /// Wall-clock time in microseconds since the Unix epoch.
    fn unix_us(&self) -> i64;

    /// Writes a line to the log.
    fn log(&self, level: LogLevel, line: &str);

    fn memory(&self) -> MemoryUsage;

    /// Bytes that the calling thread has allocated so far less those that it has freed: over all threads this adds up to what is in
    /// use. Costs a few loads.
    fn thread_memory_bytes(&self) -> i64;

    /// The same for threads that serve nobody, as they last told.
    fn background_memory_bytes(&self) -> i64;

    /// Gives pages that nobody uses back to the system.
    fn purge_memory(&self);

    /// The allocator's own account of itself, for people.
    fn allocator_report(&self) -> String;

    fn process(&self) -> ProcessInfo;

    /// Tells `reactor` something; it hears of it soon, after what it does now.
    fn send(&self, reactor: usize, event: Event);

    /// Drops `garbage` on a thread that serves nobody.
    fn reclaim(&self, garbage: Box<dyn Any + Send>);

    /// Sleeps on the calling reactor's thread: DEBUG SLEEP.
    fn sleep_us(&self, us: u64);

    /// Does what changed parameters ask of the outside (listen elsewhere, log more) before they are in force.
    ///
    /// # Errors
    /// The parameter that cannot be obeyed and why; nothing is done then.
    fn apply(&self, settings: &Settings, changed: &[&'static str]) -> Result<(), (&'static str, String)>;

    /// Replaces the configuration file, whole, after reading what it holds now.
    ///
    /// # Errors
    /// Whatever the system says.
    fn rewrite_config(&self, file: &Path, rewrite: &mut dyn FnMut(&[u8]) -> Vec<u8>) -> io::Result<()>;

    /// Replaces a file of the working directory by what `write` writes, whole or not at all, also after a crash.
    ///
    /// # Errors
    /// Whatever `write` or the system says.
    fn replace_file(&self, name: &str, write: &mut dyn FnMut(&mut dyn io::Write) -> io::Result<()>) -> io::Result<()>;

    /// Reads every file of a directory whose name ends in `ending` and does not begin with a dot: names and bytes, sorted by name.
    ///
    /// # Errors
    /// Whatever the system says, with the file's name; also when `bounds` are exceeded.
    fn read_files(&self, dir: &Path, ending: &str, bounds: FileBounds) -> io::Result<Vec<(String, Vec<u8>)>>;

    /// Opens a file of the working directory and tells its length in bytes.
    ///
    /// # Errors
    /// Whatever the system says.
    fn open_file(&self, name: &str) -> io::Result<(Box<dyn io::Read + Send>, u64)>;

    /// Connects to another server.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] when the name stands for no address, otherwise what the system says.
    fn dial(&self, host: &[u8], port: &[u8], timeout_ms: u64) -> io::Result<Box<dyn Link>>;

    /// Stops the process's reactors; `abort` leaves without running the shutdown steps.
    fn shut_down(&self);

    /// Whether that was asked for: a script that runs must not keep the process from ending.
    fn is_stopping(&self) -> bool;

    /// Wall-clock time in milliseconds.
    fn unix_ms(&self) -> UnixMs {
        UnixMs(self.unix_us().div_euclid(1000))
    }
}
