//! A server whose lanes are threads of the test, and connections that are buffers.

use std::any::Any;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::sync::{Arc, Barrier};

use server::config::{Config, Settings};
use server::{
    Endpoint, Event, FileBounds, Host, LogLevel, MemoryUsage, Node, ProcessInfo, SEED_BYTES, Session, Stopped, Worker,
};

/// A host whose clock ticks a microsecond each time it is read.
#[derive(Debug)]
struct TickingHost {
    now_us: AtomicI64,
}

impl Host for TickingHost {
    fn monotonic_ns(&self) -> u64 {
        u64::try_from(self.unix_us()).unwrap_or(0) * 1000
    }

    fn unix_us(&self) -> i64 {
        self.now_us.fetch_add(1, Relaxed)
    }

    fn log(&self, _level: LogLevel, _line: &str) {}

    fn memory(&self) -> MemoryUsage {
        MemoryUsage::default()
    }

    fn thread_memory_bytes(&self) -> i64 {
        0
    }

    fn background_memory_bytes(&self) -> i64 {
        0
    }

    fn purge_memory(&self) {}

    fn allocator_report(&self) -> String {
        String::new()
    }

    fn process(&self) -> ProcessInfo {
        ProcessInfo::default()
    }

    fn send(&self, _reactor: usize, _event: Event) {}

    fn reclaim(&self, garbage: Box<dyn Any + Send>) {
        drop(garbage);
    }

    fn sleep_us(&self, us: u64) {
        self.now_us.fetch_add(i64::try_from(us).unwrap_or(0), Relaxed);
    }

    fn apply(&self, _settings: &Settings, _changed: &[&'static str]) -> Result<(), (&'static str, String)> {
        Ok(())
    }

    fn rewrite_config(&self, _file: &Path, _rewrite: &mut dyn FnMut(&[u8]) -> Vec<u8>) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn replace_file(
        &self,
        _name: &str,
        _write: &mut dyn FnMut(&mut dyn io::Write) -> io::Result<()>,
    ) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn read_files(&self, _dir: &Path, _ending: &str, _bounds: FileBounds) -> io::Result<Vec<(String, Vec<u8>)>> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn open_file(&self, _name: &str) -> io::Result<(Box<dyn io::Read + Send>, u64)> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn dial(&self, _host: &[u8], _port: &[u8], _timeout_ms: u64) -> io::Result<Box<dyn server::Link>> {
        Err(io::ErrorKind::ConnectionRefused.into())
    }

    fn shut_down(&self) {}

    fn is_stopping(&self) -> bool {
        false
    }
}

/// A node with as many lanes as asked for.
pub(crate) fn node(lanes: usize) -> Arc<Node> {
    let host = Arc::new(TickingHost { now_us: AtomicI64::new(1_767_225_600_000_000) });
    Arc::new(Node::new(Config::new(lanes), host, [7; SEED_BYTES]).unwrap())
}

/// One lane with one connection.
pub(crate) struct Client {
    worker: Worker,
    session: Session,
}

impl Client {
    pub(crate) fn new(node: &Arc<Node>, lane: usize) -> Self {
        let addr = format!("127.0.0.1:{}", 50_000 + lane);
        let endpoint = Endpoint { addr, laddr: "127.0.0.1:6379".into(), fd: 8, is_local: true, is_unix: false };
        Self { worker: Worker::new(Arc::clone(node), lane), session: Session::new(node, lane, endpoint) }
    }

    /// Runs commands, sent together, and returns the replies' bytes.
    pub(crate) fn pipeline<'a>(&mut self, commands: impl IntoIterator<Item = &'a [&'a [u8]]>) -> Vec<u8> {
        for command in commands {
            self.session.input.extend_from_slice(format!("*{}\r\n", command.len()).as_bytes());
            for word in command {
                self.session.input.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
                self.session.input.extend_from_slice(word);
                self.session.input.extend_from_slice(b"\r\n");
            }
        }
        let mut replies = Vec::new();
        loop {
            let stopped = self.worker.run(&mut self.session);
            replies.append(&mut self.session.output);
            match stopped {
                Stopped::OutputFull => {}
                Stopped::Drained | Stopped::Waiting | Stopped::Paused | Stopped::Closing => return replies,
            }
        }
    }

    /// Runs one command, given as words between spaces, and returns its reply.
    pub(crate) fn ask(&mut self, command: &str) -> String {
        let words: Vec<&[u8]> = command.split(' ').map(str::as_bytes).collect();
        String::from_utf8(self.pipeline([&words[..]])).unwrap()
    }

    pub(crate) fn int(&mut self, command: &str) -> i64 {
        let reply = self.ask(command);
        reply
            .strip_prefix(':')
            .and_then(|reply| reply.trim_end().parse().ok())
            .unwrap_or_else(|| panic!("{command}: {reply}"))
    }

    /// What the reactor's timer does.
    pub(crate) fn tick(&mut self) {
        self.worker.tick();
    }

    pub(crate) fn is_waiting(&self) -> bool {
        self.session.is_waiting()
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.session.is_closing()
    }
}

/// Runs `work(lane, its client)` on a thread for each lane, all starting together.
pub(crate) fn on_all_lanes(node: &Arc<Node>, lanes: usize, work: impl Fn(usize, &mut Client) + Sync) {
    let start = Barrier::new(lanes);
    std::thread::scope(|scope| {
        for lane in 0..lanes {
            let (start, work) = (&start, &work);
            scope.spawn(move || {
                let mut client = Client::new(node, lane);
                start.wait();
                work(lane, &mut client);
            });
        }
    });
}
