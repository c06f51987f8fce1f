//! A server of our own: started, watched, and always ended.

#![expect(
    clippy::disallowed_methods,
    reason = "these tests stand outside the program: they have files and a clock of their own"
)]

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::client::Client;

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_ochre");

/// How long anything may take on a crowded machine. Nothing waits longer than it must.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A running server and the directory it lives in.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
    pub(crate) dir: TempDir,
}

impl Server {
    /// `ochre server --port FREE --dir TEMP options...`, ready to answer.
    pub(crate) fn start(options: &[&str]) -> Self {
        let dir = TempDir::new();
        let dir_text = dir.path().to_str().unwrap().to_owned();
        let mut last = String::new();
        // Between finding a free port and taking it, somebody else may.
        for _ in 0..5 {
            let port = free_port();
            let port_text = port.to_string();
            let mut args = vec!["server", "--port", &port_text, "--bind", "127.0.0.1", "--dir", &dir_text];
            args.extend(options);
            let mut server = Self { child: spawn(Path::new(BINARY), &args, &dir), port, dir: dir.clone() };
            match server.wait_until_ready() {
                Ok(()) => return server,
                Err(_) if server.log().contains("taken") => last = server.log(),
                Err(reason) => panic!("{reason}:\n{}", server.log()),
            }
        }
        panic!("no free port: {last}");
    }

    /// `program` with `args` alone, which must make it listen on `port` and log to standard output.
    pub(crate) fn start_with(program: &Path, args: &[&str], port: u16, dir: &TempDir) -> Self {
        let mut server = Self { child: spawn(program, args, dir), port, dir: dir.clone() };
        if let Err(reason) = server.wait_until_ready() {
            panic!("{reason}:\n{}", server.log());
        }
        server
    }

    pub(crate) fn connect(&self) -> Client {
        Client::tcp(self.port)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it wrote to standard output and standard error.
    pub(crate) fn log(&self) -> String {
        output_of(&self.dir)
    }

    pub(crate) fn signal(&self, name: &str) {
        signal(self.pid(), name);
    }

    /// Waits until it has ended.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        wait(&mut self.child).unwrap_or_else(|| panic!("it does not end:\n{}", output_of(&self.dir)))
    }

    fn wait_until_ready(&mut self) -> Result<(), String> {
        let began = Instant::now();
        while !self.log().contains("Ready to accept connections") {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("it ended with {status}"));
            }
            if began.elapsed() > PATIENCE {
                return Err("it did not become ready".into());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs the program to its end, with `input` on its standard input.
pub(crate) fn run(args: &[&str], input: &[u8]) -> Output {
    run_as(Path::new(BINARY), args, input)
}

/// As [`run`], with the program under another name.
pub(crate) fn run_as(program: &Path, args: &[&str], input: &[u8]) -> Output {
    let dir = TempDir::new();
    let stdin = dir.file("stdin", input);
    let mut child = Command::new(program)
        .args(args)
        .current_dir(dir.path())
        .stdin(std::fs::File::open(stdin).unwrap())
        .stdout(std::fs::File::create(dir.path().join("stdout")).unwrap())
        .stderr(std::fs::File::create(dir.path().join("stderr")).unwrap())
        .spawn()
        .unwrap();
    let status = wait(&mut child);
    let read = |name: &str| std::fs::read(dir.path().join(name)).unwrap();
    let (stdout, stderr) = (read("stdout"), read("stderr"));
    let Some(status) = status else {
        let _ = child.kill();
        let _ = child.wait();
        panic!("it serves: {}", String::from_utf8_lossy(&stdout));
    };
    Output { status, stdout, stderr }
}

fn wait(child: &mut Child) -> Option<ExitStatus> {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    None
}

/// Calls `holds` until it says yes.
#[track_caller]
pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < PATIENCE, "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

pub(crate) fn signal(pid: u32, name: &str) {
    let status = Command::new("kill").args(["-s", name, &pid.to_string()]).status().unwrap();
    assert!(status.success(), "kill -s {name} {pid}");
}

/// Starts the program with its output in the directory's file `output` and `stdin` there, if it exists, as its input.
fn spawn(program: &Path, args: &[&str], dir: &TempDir) -> Child {
    let output = std::fs::File::create(dir.path().join("output")).unwrap();
    let input = dir.path().join("stdin");
    let stdin = if input.exists() { Stdio::from(std::fs::File::open(input).unwrap()) } else { Stdio::null() };
    Command::new(program)
        .args(args)
        .current_dir(dir.path())
        .stdin(stdin)
        .stdout(output.try_clone().unwrap())
        .stderr(output)
        .spawn()
        .unwrap()
}

fn output_of(dir: &TempDir) -> String {
    String::from_utf8_lossy(&std::fs::read(dir.path().join("output")).unwrap_or_default()).into_owned()
}

/// A port that nobody listens on at this moment.
pub(crate) fn free_port() -> u16 {
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.local_addr().unwrap().port()
}

pub(crate) fn is_listening(port: u16) -> bool {
    TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).is_ok()
}

/// A directory that is removed with its last owner.
#[derive(Clone, Debug)]
pub(crate) struct TempDir(std::sync::Arc<Owned>);

#[derive(Debug)]
struct Owned(PathBuf);

impl TempDir {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("ochre-it-{}-{}", std::process::id(), COUNT.fetch_add(1, Relaxed));
        let path = std::env::temp_dir().canonicalize().unwrap().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(std::sync::Arc::new(Owned(path)))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0.0
    }

    /// Writes a file and returns its path.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap_or_default()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.path().join(name).exists()
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // What cannot be removed is left to the system's cleaning.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
