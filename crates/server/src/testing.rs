//! A whole server in memory, for tests: a clock moved by hand, connections that are buffers, no threads.
//!
//! `check` runs a transcript against it under every lens, and once more with several lanes, so that the striped locks and the
//! gate give the answers that one lane gives.

use std::any::Any;
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::Relaxed};

use parking_lot::Mutex;
use testkit::{ConnId, Lens, Received, Subject, Wait};

pub use crate::propagation::testing::Replicated;

use crate::config::{CommandLine, Config, ConfigError, Files, Settings};
use crate::{
    Bystanders, Endpoint, Event, FileBounds, Host, LogLevel, MemoryUsage, Node, ProcessInfo, SEED_BYTES, Session,
    Stopped, Worker,
};

/// Where the clock of a test starts: 2026-01-01 00:00:00 UTC, in microseconds.
const START_US: i64 = 1_767_225_600_000_000;

/// Lanes of the second run of [`check`].
const MANY_LANES: usize = 4;

/// Replays `text` under every lens against a server with one lane, and again with several.
///
/// # Panics
/// When a reply is not what the transcript says.
#[track_caller]
pub fn check(text: &str) {
    testkit::check(&|| Box::new(MemoryServer::new(1)), text);
    testkit::check_under(&[Lens::RESP3], &|| Box::new(MemoryServer::new(MANY_LANES)), text);
    testkit::check_under(&[Lens::REPLICA], &|| Box::new(Replicated::new()), text);
}

/// As [`check`], for what only holds in memory: the first connection is number 1, the clock starts at a known time. The oracle,
/// which collects the transcripts of `check`, leaves these out.
///
/// # Panics
/// As [`check`].
#[track_caller]
pub fn in_memory(text: &str) {
    testkit::check(&|| Box::new(MemoryServer::new(1)), text);
}

/// A file of users (`aclfile`) read and written again; `None` if it is refused.
#[must_use]
pub fn rewritten_users(file: &[u8]) -> Option<Vec<u8>> {
    crate::acl::rewritten(file)
}

/// There is no configuration file.
#[derive(Debug)]
struct NoFiles;

impl Files for NoFiles {
    fn read(&mut self, _file: &Path) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn read_stdin(&mut self) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn glob(&mut self, _pattern: &Path) -> Vec<PathBuf> {
        Vec::new()
    }

    fn resolve_dir(&mut self, dir: &Path) -> io::Result<PathBuf> {
        Ok(dir.to_path_buf())
    }
}

/// A server in memory. It allows DEBUG, as the oracle's servers do.
#[derive(Debug)]
pub struct MemoryServer {
    lanes: usize,
    host: Arc<ManualHost>,
    node: Arc<Node>,
    room: Rc<RefCell<Room>>,
    last_conn: u64,
}

/// Who is there, but for the one that runs and its worker.
#[derive(Debug, Default)]
struct Room {
    workers: Vec<Option<Worker>>,
    sessions: BTreeMap<ConnId, Connected>,
}

/// The others, for a script that runs for long.
#[derive(Debug)]
struct Others(Weak<RefCell<Room>>);

impl Bystanders for Others {
    fn serve(&mut self, worker: &mut Worker) {
        let Some(room) = self.0.upgrade() else { return };
        let has_input = |connected: &Connected| !connected.session.input.is_empty() && !connected.closed;
        let waiting: Vec<ConnId> =
            room.borrow().sessions.iter().filter(|(_, who)| has_input(who)).map(|(conn, _)| *conn).collect();
        for conn in waiting {
            let Some(mut connected) = room.borrow_mut().sessions.remove(&conn) else { continue };
            let stopped = if connected.lane == worker.lane {
                worker.run_beside(&mut connected.session)
            } else {
                let theirs = room.borrow_mut().workers[connected.lane].take();
                let mut theirs = theirs.expect("only one worker runs a script");
                let stopped = theirs.run(&mut connected.session);
                room.borrow_mut().workers[connected.lane] = Some(theirs);
                stopped
            };
            connected.closed |= stopped == Stopped::Closing;
            room.borrow_mut().sessions.insert(conn, connected);
        }
    }
}

#[derive(Debug)]
struct Connected {
    session: Session,
    lane: usize,
    paused: bool,
    closed: bool,
}

impl MemoryServer {
    /// An empty server with `lanes` lanes, all run by the caller's thread.
    ///
    /// # Panics
    /// When the default configuration is refused.
    #[must_use]
    pub fn new(lanes: usize) -> Self {
        Self::start(lanes, &[], &[]).expect("the defaults are obeyed")
    }

    /// A server with these lines of configuration and these files.
    ///
    /// # Errors
    /// The line that cannot be obeyed.
    pub fn start(lanes: usize, options: &[&str], files: &[(&str, &[u8])]) -> Result<Self, ConfigError> {
        let host = Arc::new(ManualHost::default());
        *host.files.lock() = files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect();
        let options = std::iter::once("enable-debug-command local").chain(options.iter().copied());
        let options = options.map(|line| line.as_bytes().to_vec()).collect();
        let config = Config::load(&CommandLine { options, ..CommandLine::default() }, lanes, &mut NoFiles)?;
        let shared: Arc<dyn Host> = Arc::clone(&host) as Arc<dyn Host>;
        let node = Arc::new(Node::new(config, shared, [7; SEED_BYTES])?);
        let room = Rc::<RefCell<Room>>::default();
        for lane in 0..lanes {
            let mut worker = Worker::new(Arc::clone(&node), lane);
            worker.set_bystanders(Box::new(Others(Rc::downgrade(&room))));
            room.borrow_mut().workers.push(Some(worker));
        }
        Ok(Self { lanes, host, node, room, last_conn: 0 })
    }

    /// What a file of the working directory holds.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<Vec<u8>> {
        self.host.files.lock().get(name).cloned()
    }

    /// Forgets a file of the working directory.
    pub fn remove_file(&self, name: &str) {
        self.host.files.lock().remove(name);
    }

    /// What SIGHUP does.
    pub fn hang_up(&mut self) {
        self.node.ask_to_reload();
        self.tick();
    }

    /// Writes a file of the working directory.
    pub fn put_file(&self, name: &str, bytes: &[u8]) {
        self.host.files.lock().insert(name.to_owned(), bytes.to_vec());
    }

    #[must_use]
    pub const fn node(&self) -> &Arc<Node> {
        &self.node
    }

    /// Whether what has expired is removed on time, or only when it is looked at: DEBUG SET-ACTIVE-EXPIRE.
    pub fn set_active_expire(&self, on: bool) {
        self.node.active_expire.store(on, Relaxed);
    }

    /// The clock moves by so much each time it is looked at, so that what takes for ever takes long.
    pub fn set_clock_step_us(&self, us: i64) {
        self.host.step_us.store(us, Relaxed);
    }

    /// Leaves input for a connection, to be run when it is its turn: with what comes next, or while a script runs for long.
    pub fn leave_input(&mut self, conn: ConnId, bytes: &[u8]) {
        if let Some(connected) = self.room.borrow_mut().sessions.get_mut(&conn) {
            connected.session.input.extend_from_slice(bytes);
        }
    }

    /// Lines of the log.
    #[must_use]
    pub fn log_lines(&self) -> Vec<String> {
        self.host.log.lock().clone()
    }

    /// Does something with a connection and its worker, out of the room.
    fn with(&self, conn: ConnId, act: impl FnOnce(&mut Worker, &mut Connected, &ManualHost)) -> bool {
        let Some(mut connected) = self.room.borrow_mut().sessions.remove(&conn) else { return false };
        let lane = connected.lane;
        let mut worker = self.room.borrow_mut().workers[lane].take().expect("no worker runs");
        act(&mut worker, &mut connected, &self.host);
        let mut room = self.room.borrow_mut();
        room.workers[lane] = Some(worker);
        room.sessions.insert(conn, connected);
        true
    }

    /// Runs one connection's input, then what that made others able to do.
    fn run(&mut self, conn: ConnId) {
        let was_there = self.with(conn, |worker, connected, host| {
            loop {
                match worker.run(&mut connected.session) {
                    Stopped::Drained | Stopped::Waiting => break,
                    Stopped::Paused => {
                        connected.paused = true;
                        break;
                    }
                    Stopped::Closing => {
                        connected.closed = true;
                        break;
                    }
                    // Nobody waits for room here: the harness takes all output at once.
                    Stopped::OutputFull => {
                        let sent = std::mem::take(&mut connected.session.output);
                        host.overflow.lock().entry(conn.0).or_default().extend(sent);
                    }
                }
            }
        });
        if was_there {
            self.deliver();
        }
    }

    /// Takes what was sent between reactors.
    fn deliver(&mut self) {
        while let Some((_, event)) = self.host.pop_event() {
            match event {
                Event::Kill { client } => {
                    let mut room = self.room.borrow_mut();
                    for connected in room.sessions.values_mut().filter(|connected| connected.session.id() == client) {
                        connected.closed = true;
                        self.node.forget(&mut connected.session);
                    }
                }
                Event::Wake { client } => self.wake(client),
                Event::Deliver(delivery) => {
                    let room = &mut *self.room.borrow_mut();
                    for connected in room.sessions.values_mut() {
                        if delivery.to.contains(&connected.session.id())
                            && let Some(worker) = &mut room.workers[connected.lane]
                        {
                            worker.deliver(&mut connected.session, &delivery.message);
                        }
                    }
                }
                Event::Resume => self.resume(),
                Event::Deadline => {}
            }
        }
    }

    fn wake(&mut self, client: u64) {
        let woken = self.find(|connected| connected.session.id() == client);
        let Some(&conn) = woken.first() else { return };
        let mut goes_on = false;
        self.with(conn, |worker, connected, _| goes_on = worker.end_wait(&mut connected.session));
        if goes_on {
            self.run(conn);
        }
    }

    fn resume(&mut self) {
        for conn in self.find(|connected| connected.paused) {
            self.with(conn, |_, connected, _| connected.paused = false);
            self.run(conn);
        }
    }

    fn find(&self, which: impl Fn(&Connected) -> bool) -> Vec<ConnId> {
        self.room.borrow().sessions.iter().filter(|(_, connected)| which(connected)).map(|(conn, _)| *conn).collect()
    }

    /// Does what the reactors' timers do.
    fn tick(&mut self) {
        let now = self.host.unix_ms();
        for worker in self.room.borrow_mut().workers.iter_mut().flatten() {
            while worker.tick().wake_at.is_some_and(|at| at <= now) {}
        }
        if self.node.end_pause_if_over(now) {
            self.resume();
        }
        self.deliver();
    }
}

impl Subject for MemoryServer {
    fn connect(&mut self) -> io::Result<ConnId> {
        self.last_conn += 1;
        let conn = ConnId(self.last_conn);
        let lane = usize::try_from(self.last_conn).unwrap_or(0) % self.lanes;
        let endpoint = Endpoint {
            addr: format!("127.0.0.1:{}", 50_000 + self.last_conn),
            laddr: "127.0.0.1:6379".into(),
            fd: 8,
            is_local: true,
            is_unix: false,
        };
        let session = Session::new(&self.node, lane, endpoint);
        self.room.borrow_mut().sessions.insert(conn, Connected { session, lane, paused: false, closed: false });
        Ok(conn)
    }

    fn send(&mut self, conn: ConnId, bytes: &[u8]) -> io::Result<()> {
        let mut runs = false;
        self.with(conn, |_, connected, _| {
            if !connected.closed {
                connected.session.input.extend_from_slice(bytes);
                runs = !connected.paused;
            }
        });
        if runs {
            self.run(conn);
        }
        Ok(())
    }

    fn receive(&mut self, conn: ConnId, _wait: Wait) -> io::Result<Received> {
        let mut bytes = self.host.overflow.lock().remove(&conn.0).unwrap_or_default();
        let mut room = self.room.borrow_mut();
        let Some(connected) = room.sessions.get_mut(&conn) else { return Ok(Received { bytes, closed: true }) };
        bytes.append(&mut connected.session.output);
        Ok(Received { bytes, closed: connected.closed })
    }

    fn advance_clock(&mut self, ms: u64) -> bool {
        self.host.now_us.fetch_add(i64::try_from(ms).unwrap_or(0) * 1000, Relaxed);
        self.tick();
        true
    }

    fn close(&mut self, conn: ConnId) {
        let gone = self.room.borrow_mut().sessions.remove(&conn);
        if let Some(mut connected) = gone {
            self.node.forget(&mut connected.session);
        }
    }

    fn reset(&mut self) -> io::Result<()> {
        let active_expire = self.node.active_expire.load(Relaxed);
        *self = Self::new(self.lanes);
        self.set_active_expire(active_expire);
        Ok(())
    }
}

/// A host whose time stands still until a test moves it.
#[derive(Debug)]
struct ManualHost {
    now_us: AtomicI64,
    /// By how much a look at the monotonic clock moves it.
    step_us: AtomicI64,
    stopped: AtomicBool,
    events: Mutex<VecDeque<(usize, Event)>>,
    log: Mutex<Vec<String>>,
    files: Mutex<BTreeMap<String, Vec<u8>>>,
    /// Output taken from connections that had more than fits at once, by connection.
    overflow: Mutex<BTreeMap<u64, Vec<u8>>>,
}

impl Default for ManualHost {
    fn default() -> Self {
        Self {
            now_us: AtomicI64::new(START_US),
            step_us: AtomicI64::new(0),
            stopped: AtomicBool::new(false),
            events: Mutex::default(),
            log: Mutex::default(),
            files: Mutex::default(),
            overflow: Mutex::default(),
        }
    }
}

impl ManualHost {
    fn pop_event(&self) -> Option<(usize, Event)> {
        self.events.lock().pop_front()
    }
}

impl Host for ManualHost {
    fn monotonic_ns(&self) -> u64 {
        let now_us = self.now_us.fetch_add(self.step_us.load(Relaxed), Relaxed);
        u64::try_from(now_us - START_US).unwrap_or(0) * 1000
    }

    fn unix_us(&self) -> i64 {
        self.now_us.load(Relaxed)
    }

    fn log(&self, _level: LogLevel, line: &str) {
        self.log.lock().push(line.to_owned());
    }

    fn memory(&self) -> MemoryUsage {
        let mib = 1 << 20;
        MemoryUsage { allocated: mib, active: 2 * mib, resident: 3 * mib, rss: 4 * mib, system: 1024 * mib }
    }

    fn thread_memory_bytes(&self) -> i64 {
        1 << 20
    }

    fn background_memory_bytes(&self) -> i64 {
        0
    }

    fn purge_memory(&self) {}

    fn allocator_report(&self) -> String {
        "no allocator of its own".to_owned()
    }

    fn process(&self) -> ProcessInfo {
        ProcessInfo { os: "test".into(), pid: 1, allocator: "none", poll_api: "none", ..ProcessInfo::default() }
    }

    fn send(&self, reactor: usize, event: Event) {
        self.events.lock().push_back((reactor, event));
    }

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

    fn replace_file(&self, name: &str, write: &mut dyn FnMut(&mut dyn io::Write) -> io::Result<()>) -> io::Result<()> {
        let mut bytes = Vec::new();
        write(&mut bytes)?;
        self.files.lock().insert(name.to_owned(), bytes);
        Ok(())
    }

    fn read_files(&self, dir: &Path, ending: &str, _bounds: FileBounds) -> io::Result<Vec<(String, Vec<u8>)>> {
        let in_dir = |path: &str| Some(Path::new(path).strip_prefix(dir).ok()?.to_str()?.to_owned());
        let files = self.files.lock();
        let files = files.iter().filter_map(|(path, bytes)| Some((in_dir(path)?, bytes.clone())));
        let files: Vec<_> = files.filter(|(name, _)| name.ends_with(ending)).collect();
        if files.is_empty() { Err(io::ErrorKind::NotFound.into()) } else { Ok(files) }
    }

    fn open_file(&self, name: &str) -> io::Result<(Box<dyn io::Read + Send>, u64)> {
        let bytes = self.files.lock().get(name).cloned().ok_or(io::ErrorKind::NotFound)?;
        let len = bytes.len() as u64;
        Ok((Box::new(io::Cursor::new(bytes)), len))
    }

    fn dial(&self, _host: &[u8], _port: &[u8], _timeout_ms: u64) -> io::Result<Box<dyn crate::Link>> {
        Err(io::ErrorKind::ConnectionRefused.into())
    }

    fn shut_down(&self) {
        self.stopped.store(true, Relaxed);
    }

    fn is_stopping(&self) -> bool {
        self.stopped.load(Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_connection_introduces_itself() {
        check(
            r"
            > PING                => PONG
            > PING hello          => 'hello'
            > PING a b            => (error) ERR wrong number of arguments for 'ping' command
            > ECHO hi             => 'hi'
            > ECHO                => (error) ERR wrong number of arguments for 'echo' command
            > SELECT 15           => OK
            > SELECT 16           => (error) ERR DB index is out of range
            > SELECT x            => (error) ERR value is not an integer or out of range
            > AUTH a              => (error) ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?
            > config|get port     => (error) 'ERR unknown command \'config|get\', with args beginning with: \'port\' '
            > NOSUCH a 'b c'      => (error) 'ERR unknown command \'NOSUCH\', with args beginning with: \'a\' \'b c\' '
        ",
        );
    }
}
