//! Servers that a tool starts, asks and ends: Ochre, or a peer, maybe inside a chroot tree.
//!
//! The command line is wrapped twice, `setpriv --pdeathsig KILL taskset -c CORES server ...`, both of which `exec` their
//! argument, so the child's pid is the server's. `taskset` pins it; the parent-death signal ends it even when this process is
//! killed outright. On every ordinary way out the `Drop` guard ends it by that pid. (The death signal belongs to the thread
//! that started the child, hence servers are only started from the main thread.)

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::interrupt;
use crate::wire::Client;

/// The default of `dbfilename`.
const RDB_FILE: &str = "dump.rdb";

/// How long a server may take until it answers PING.
const START_LIMIT: Duration = Duration::from_secs(60);

/// What to start.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    /// The chroot tree that `path` is to be found in.
    pub(crate) root: Option<PathBuf>,
    /// Arguments after the ones every server gets.
    pub(crate) args: Vec<String>,
    /// The cores it may run on, as `taskset -c` writes them; `None` leaves it free.
    pub(crate) cores: Option<String>,
}

/// A running server; ended and cleaned up when dropped.
pub(crate) struct Server {
    child: Child,
    addr: SocketAddr,
    dir: ScratchDir,
    version: String,
}

impl Program {
    /// The program's name without its folder: what reports may show.
    pub(crate) fn file_name(&self) -> String {
        self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Ochre is one binary with tools; the server is a subcommand.
    fn is_ochre(&self) -> bool {
        self.file_name().starts_with("ochre")
    }
}

impl Server {
    /// Starts `program` on the first free port from `first_port` on and waits until it answers.
    pub(crate) fn start(program: &Program, first_port: u16) -> Result<Server> {
        Self::start_with(program, first_port, None)
    }

    /// As [`Self::start`], with a copy of `rdb_file` to load.
    pub(crate) fn start_with(program: &Program, first_port: u16, rdb_file: Option<&Path>) -> Result<Server> {
        let addr = free_address(first_port)?;
        let dir = ScratchDir::create(program.root.as_deref(), addr.port())?;
        if let Some(file) = rdb_file {
            fs::copy(file, dir.outside.join(RDB_FILE)).with_context(|| format!("copying {}", file.display()))?;
        }
        let log = File::create(dir.outside.join("server.log"))?;
        let mut command = command_in(program.root.as_deref(), program.cores.as_deref(), &program.path);
        if program.is_ochre() {
            command.arg("server");
        }
        command.args(["--port", &addr.port().to_string(), "--bind", "127.0.0.1", "--save", "", "--dir"]);
        command.arg(&dir.inside).args(&program.args);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let child = command.spawn().with_context(|| format!("starting {}", program.path.display()))?;
        let mut server = Server { child, addr, dir, version: String::new() };
        server.wait_until_ready(&program.path)?;
        server.version = server.read_version(program)?;
        Ok(server)
    }

    /// Where its SAVE writes, as this process sees it.
    pub(crate) fn rdb_file(&self) -> PathBuf {
        self.dir.outside.join(RDB_FILE)
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Name and version as the server tells them: `valkey 9.1.2`.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    pub(crate) fn connect(&self) -> Result<Client> {
        Client::connect(self.addr).with_context(|| format!("connecting to {} on {}", self.version, self.addr))
    }

    fn wait_until_ready(&mut self, path: &Path) -> Result<()> {
        let started = Instant::now();
        loop {
            interrupt::check()?;
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended at once ({status}):\n{}", path.display(), self.log_tail());
            }
            if Client::connect(self.addr).and_then(|mut client| client.command(&["PING"])).is_ok() {
                return Ok(());
            }
            if started.elapsed() > START_LIMIT {
                bail!("{} did not answer within {} s:\n{}", path.display(), START_LIMIT.as_secs(), self.log_tail());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Valkey and Ochre report a Redis version for old clients beside their own.
    fn read_version(&self, program: &Program) -> Result<String> {
        let mut client = self.connect()?;
        for (field, name) in [("ochre_version", "ochre"), ("valkey_version", "valkey"), ("redis_version", "redis")] {
            if field == "redis_version" && program.is_ochre() {
                break;
            }
            // A server that does not know INFO is known by its file.
            if let Ok(Some(version)) = client.info("server", field) {
                return Ok(format!("{name} {version}"));
            }
        }
        Ok(program.file_name())
    }

    fn log_tail(&self) -> String {
        let text = fs::read_to_string(self.dir.outside.join("server.log")).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only if the process has already gone, which is the goal.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The command that runs `path` inside `root` on `cores` and dies with this process.
pub(crate) fn command_in(root: Option<&Path>, cores: Option<&str>, path: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]);
    if let Some(cores) = cores {
        command.args(["taskset", "-c", cores]);
    }
    if let Some(root) = root {
        command.arg("chroot").arg(root);
    }
    command.arg(path);
    command
}

/// Moves this process (and what it starts from now on, unless pinned elsewhere) to `cores`.
pub(crate) fn pin_self(cores: &str) -> Result<()> {
    let status = Command::new("taskset")
        .args(["-a", "-cp", cores, &std::process::id().to_string()])
        .stdout(Stdio::null())
        .status()
        .context("running taskset (package util-linux)")?;
    if !status.success() {
        bail!("taskset could not pin this process to cores {cores}");
    }
    Ok(())
}

/// Where `name` is installed in `root`, or on this machine's PATH.
pub(crate) fn find_program(root: Option<&Path>, name: &str) -> Option<PathBuf> {
    let folders = match root {
        Some(_) => vec![PathBuf::from("/usr/bin"), PathBuf::from("/usr/local/bin")],
        None => std::env::split_paths(&std::env::var_os("PATH")?).collect(),
    };
    let outside = |path: &Path| match root {
        Some(root) => root.join(path.strip_prefix("/").unwrap_or(path)),
        None => path.to_owned(),
    };
    folders.into_iter().map(|folder| folder.join(name)).find(|path| outside(path).is_file())
}

fn free_address(first_port: u16) -> Result<SocketAddr> {
    (first_port..first_port.saturating_add(40))
        .map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        .find(|addr| TcpListener::bind(addr).is_ok())
        .with_context(|| format!("no free port from {first_port} on"))
}

/// A directory for one server's files, removed when dropped.
struct ScratchDir {
    /// Its path as this process sees it.
    outside: PathBuf,
    /// Its path as the server in its chroot sees it.
    inside: PathBuf,
}

impl ScratchDir {
    fn create(root: Option<&Path>, port: u16) -> Result<ScratchDir> {
        let inside = PathBuf::from(format!("/tmp/ochre-xtask-{}-{port}", std::process::id()));
        let outside = match root {
            Some(root) => root.join(inside.strip_prefix("/")?),
            None => inside.clone(),
        };
        fs::create_dir_all(&outside).with_context(|| format!("creating {}", outside.display()))?;
        Ok(ScratchDir { outside, inside })
    }
}

impl Drop for ScratchDir {
    fn drop(&mut self) {
        // Nothing useful can be done about a directory that cannot be removed.
        let _ = fs::remove_dir_all(&self.outside);
    }
}
