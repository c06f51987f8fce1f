//! The operating system as the server's [`Host`].

use std::any::Any;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{
    AtomicBool, AtomicI64, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mio::{Poll, Waker};
use parking_lot::Mutex;
use server::config::{Network, Settings};
use server::{Event, FileBounds, Host, LogLevel, MemoryUsage, ProcessInfo, Session};

use crate::connection::Stream;
use crate::listen::open_all_tcp_beside;
use crate::log::Log;
use crate::{files, reactor, sys};

/// What reaches a reactor from outside its poller.
#[derive(Debug)]
pub(crate) enum Message {
    Event(Event),
    /// A connection that is counted as this reactor's already.
    Connection(Box<(Stream, Session)>),
    /// New TCP sockets to listen on instead of the old ones.
    Listen(Vec<std::net::TcpListener>),
}

/// One reactor, as the others reach it.
#[derive(Debug)]
struct Lane {
    sender: Mutex<Sender<Message>>,
    waker: Waker,
    /// How many connections it has.
    load: AtomicUsize,
}

/// A reactor's poller and the receiving end of its inbox.
type Inbox = (Poll, Receiver<Message>);

/// Clocks, log, memory figures, and the way to other threads.
#[derive(Debug)]
pub struct OsHost {
    origin: Instant,
    log: Log,
    lanes: Vec<Lane>,
    inboxes: Mutex<Vec<Inbox>>,
    /// Handles on the TCP sockets that lane 0 listens on.
    listening: Mutex<Vec<std::net::TcpListener>>,
    reclaimer: Mutex<Sender<Box<dyn Any + Send>>>,
    /// What the reclaiming thread has allocated less what it has freed, in bytes: far below zero.
    reclaimer_memory: Arc<AtomicI64>,
    stopping: AtomicBool,
    executable: String,
    config_file: String,
}

impl OsHost {
    /// A host for `lanes` reactors. Starts the thread that frees large values.
    ///
    /// # Errors
    /// When a poller or the thread cannot be had.
    #[expect(clippy::disallowed_methods, reason = "this is where clocks are read")]
    pub fn new(lanes: usize, log: Log, executable: String, config_file: String) -> io::Result<Arc<Self>> {
        let mut ends = Vec::new();
        let mut inboxes = Vec::new();
        for _ in 0..lanes {
            let (poll, waker) = reactor::new_poll()?;
            let (sender, receiver) = channel();
            ends.push(Lane { sender: Mutex::new(sender), waker, load: AtomicUsize::new(0) });
            inboxes.push((poll, receiver));
        }
        let (reclaimer, garbage) = channel::<Box<dyn Any + Send>>();
        let reclaimer_memory = Arc::new(AtomicI64::new(0));
        let told = Arc::clone(&reclaimer_memory);
        let reclaim = move || {
            for piece in garbage {
                drop(piece);
                told.store(sys::thread_memory_bytes(), Relaxed);
            }
        };
        // Sleeps in the channel, never spins; ends with its last sender.
        std::thread::Builder::new().name("ochre-reclaim".into()).spawn(reclaim)?;
        Ok(Arc::new(Self {
            origin: Instant::now(),
            log,
            lanes: ends,
            inboxes: Mutex::new(inboxes),
            listening: Mutex::default(),
            reclaimer: Mutex::new(reclaimer),
            reclaimer_memory,
            stopping: AtomicBool::new(false),
            executable,
            config_file,
        }))
    }

    /// Writes a line to the log.
    pub fn log_line(&self, level: LogLevel, line: &str) {
        self.log.write(level, line);
    }

    #[must_use]
    pub const fn log(&self) -> &Log {
        &self.log
    }

    pub(crate) fn take_inboxes(&self) -> Vec<Inbox> {
        std::mem::take(&mut self.inboxes.lock())
    }

    /// Remembers what lane 0 listens on.
    pub(crate) fn remember_listening(&self, sockets: Vec<std::net::TcpListener>) {
        *self.listening.lock() = sockets;
    }

    /// Opens the addresses of `network` and lets lane 0 listen there instead.
    fn listen_elsewhere(&self, network: &Network) -> Result<(), String> {
        let mut listening = self.listening.lock();
        let sockets = open_all_tcp_beside(network, &listening)?;
        let handles: io::Result<Vec<_>> = sockets.iter().map(std::net::TcpListener::try_clone).collect();
        // The handles on the old sockets go; lane 0 closes the sockets themselves.
        *listening = handles.map_err(|error| error.to_string())?;
        self.post(0, Message::Listen(sockets));
        Ok(())
    }

    /// Ends every reactor's loop.
    pub fn stop(&self) {
        self.stopping.store(true, Release);
        for lane in &self.lanes {
            wake(lane);
        }
    }

    pub(crate) fn lane_load(&self, lane: usize) -> &AtomicUsize {
        &self.lanes[lane].load
    }

    /// Connections let in, those on their way to their reactor included.
    pub(crate) fn connections(&self) -> usize {
        self.lanes.iter().map(|lane| lane.load.load(Relaxed)).sum()
    }

    pub(crate) fn least_loaded_lane(&self) -> usize {
        (0..self.lanes.len()).min_by_key(|lane| self.lane_load(*lane).load(Relaxed)).unwrap_or(0)
    }

    pub(crate) fn hand_over(&self, lane: usize, stream: Stream, session: Session) {
        self.post(lane, Message::Connection(Box::new((stream, session))));
    }

    pub(crate) fn send_all_but(&self, lane: usize, event: &Event) {
        for other in (0..self.lanes.len()).filter(|other| *other != lane) {
            self.post(other, Message::Event(event.clone()));
        }
    }

    fn post(&self, lane: usize, message: Message) {
        // A reactor that has ended takes no more messages; its connections are closed with it.
        if self.lanes[lane].sender.lock().send(message).is_ok() {
            wake(&self.lanes[lane]);
        }
    }
}

/// Files that are open besides those of clients: sockets to listen on, pollers, the log.
pub const RESERVED_FILES: u64 = 32;

/// The log's level for the configuration's.
#[must_use]
pub const fn log_level(level: server::config::LogLevel) -> LogLevel {
    match level {
        server::config::LogLevel::Debug => LogLevel::Debug,
        server::config::LogLevel::Verbose => LogLevel::Verbose,
        server::config::LogLevel::Notice => LogLevel::Notice,
        server::config::LogLevel::Warning => LogLevel::Warning,
        server::config::LogLevel::Nothing => LogLevel::Nothing,
    }
}

/// A wake-up fails only when the poller is gone, and then there is nobody to wake.
fn wake(lane: &Lane) {
    let _ = lane.waker.wake();
}

impl Host for OsHost {
    fn monotonic_ns(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    #[expect(clippy::disallowed_methods, reason = "this is where clocks are read")]
    fn unix_us(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
    }

    fn log(&self, level: LogLevel, line: &str) {
        self.log.write(level, line);
    }

    fn memory(&self) -> MemoryUsage {
        sys::memory_usage()
    }

    fn thread_memory_bytes(&self) -> i64 {
        sys::thread_memory_bytes()
    }

    fn background_memory_bytes(&self) -> i64 {
        self.reclaimer_memory.load(Relaxed)
    }

    fn purge_memory(&self) {
        sys::purge_memory();
    }

    fn allocator_report(&self) -> String {
        sys::allocator_report()
    }

    fn process(&self) -> ProcessInfo {
        let [user, system, child_user, child_system] = sys::cpu_seconds();
        ProcessInfo {
            os: sys::os_name(),
            pid: std::process::id(),
            executable: self.executable.clone(),
            config_file: self.config_file.clone(),
            allocator: sys::ALLOCATOR,
            cpu_user_s: user,
            cpu_sys_s: system,
            cpu_main_thread_s: sys::main_thread_cpu_seconds().unwrap_or([user, system]),
            cpu_user_children_s: child_user,
            cpu_sys_children_s: child_system,
            poll_api: sys::POLL_API,
        }
    }

    fn send(&self, reactor: usize, event: Event) {
        self.post(reactor, Message::Event(event));
    }

    fn reclaim(&self, garbage: Box<dyn Any + Send>) {
        // Without the thread the value is freed here.
        let _ = self.reclaimer.lock().send(garbage);
    }

    fn sleep_us(&self, us: u64) {
        std::thread::sleep(Duration::from_micros(us));
    }

    fn apply(&self, settings: &Settings, changed: &[&'static str]) -> Result<(), (&'static str, String)> {
        if let Some(name) = changed.iter().find(|name| matches!(**name, "port" | "bind" | "tcp-backlog")) {
            self.listen_elsewhere(&settings.network).map_err(|reason| (*name, reason))?;
        }
        if changed.contains(&"maxclients") {
            let wanted = u64::from(settings.clients.maxclients) + RESERVED_FILES;
            if sys::raise_file_limit(wanted) < wanted {
                return Err((
                    "maxclients",
                    "The operating system is not able to handle the specified number of clients".into(),
                ));
            }
        }
        if changed.contains(&"loglevel") {
            self.log.set_level(log_level(settings.general.loglevel));
        }
        if changed.contains(&"dir") {
            std::env::set_current_dir(&settings.persistence.dir).map_err(|error| ("dir", error.to_string()))?;
        }
        Ok(())
    }

    fn rewrite_config(&self, file: &Path, rewrite: &mut dyn FnMut(&[u8]) -> Vec<u8>) -> io::Result<()> {
        let file = if self.config_file.is_empty() { file } else { Path::new(&self.config_file) };
        let old = match files::read_bytes(file) {
            Ok(old) => old,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        files::replace(file, &rewrite(&old))
    }

    fn replace_file(&self, name: &str, write: &mut dyn FnMut(&mut dyn io::Write) -> io::Result<()>) -> io::Result<()> {
        files::replace_with(Path::new(name), write)
    }

    fn read_files(&self, dir: &Path, ending: &str, bounds: FileBounds) -> io::Result<Vec<(String, Vec<u8>)>> {
        files::read_matching(dir, ending, bounds)
    }

    fn open_file(&self, name: &str) -> io::Result<(Box<dyn io::Read + Send>, u64)> {
        let (file, len) = files::open(Path::new(name))?;
        Ok((Box::new(file), len))
    }

    fn dial(&self, host: &[u8], port: &[u8], timeout_ms: u64) -> io::Result<Box<dyn server::Link>> {
        crate::dial::dial(host, port, timeout_ms)
    }

    fn shut_down(&self) {
        self.stop();
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Acquire)
    }
}
