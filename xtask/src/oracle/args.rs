//! The command line of `cargo xtask oracle`.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use testkit::TcpSubject;

use super::accepted::{self, Acceptance};
use super::corpus::Script;
use super::{ask, corpus};
use crate::interrupt;
use crate::servers::{self, Program, Server};
use crate::wire::{Client, Reply};

/// The accepted differences, from the workspace's root.
const ACCEPTED: &str = "testdata/oracle-accepted.txt";

#[derive(Args)]
pub(crate) struct OracleArgs {
    /// A running real server. Everything in it is deleted.
    #[arg(value_name = "HOST:PORT", conflicts_with = "peer")]
    server: Option<String>,
    /// Start this real server instead, and end it afterwards.
    #[arg(long, value_name = "PATH")]
    peer: Option<PathBuf>,
    /// A chroot tree that holds the peer.
    #[arg(long, value_name = "DIR", requires = "peer")]
    peer_root: Option<PathBuf>,
    /// Further arguments of the peer, separated by blanks.
    #[arg(long, value_name = "ARGS", default_value = "--enable-debug-command local", allow_hyphen_values = true)]
    peer_args: String,
    /// A running Ochre to ask as well, over its real sockets. Everything in it is deleted.
    #[arg(long, value_name = "HOST:PORT", conflicts_with = "start")]
    ours: Option<String>,
    /// Start this Ochre, ask it as well, and end it afterwards.
    #[arg(long, value_name = "PATH")]
    start: Option<PathBuf>,
    /// Only transcripts whose `PATH TEST` contains this.
    #[arg(long, value_name = "TEXT", default_value = "")]
    filter: String,
    /// Go on although a server holds keys, which will be lost.
    #[arg(long)]
    empty_it: bool,
    /// Also call every command from a script.
    #[arg(long)]
    from_scripts: bool,
    /// The first port to try for servers to start.
    #[arg(long, default_value_t = 7250)]
    port: u16,
}

/// Asks all servers given, prints what differs, fails if anything does.
pub(crate) fn run(args: &OracleArgs) -> Result<()> {
    interrupt::catch()?;
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let accepted = read_accepted(root)?;
    let scripts = corpus::read(root, &args.filter)?;
    if scripts.is_empty() {
        bail!("no transcript to ask: `check(\"> ...\")` calls under crates/ with `{}` in path or name", args.filter);
    }
    let mut targets = Vec::new();
    if let Some(path) = &args.peer {
        targets.push(Target::start(path, args.peer_root.as_deref(), &args.peer_args, args.port)?);
    }
    if let Some(path) = &args.start {
        targets.push(Target::start(path, None, "", args.port)?);
    }
    for address in args.server.iter().chain(&args.ours) {
        targets.push(Target::at(address, args.empty_it)?);
    }
    if targets.is_empty() {
        bail!("no server to ask: give HOST:PORT or --peer PATH");
    }

    let mut faults = 0;
    let mut summaries = Vec::new();
    for target in &targets {
        faults += judge(target, &scripts, &accepted, args, &mut summaries)?;
    }
    summaries.iter().for_each(|summary| println!("{summary}"));
    if faults > 0 {
        bail!("{faults} differences or unused entries; accept what is wanted in {ACCEPTED}, with a reason");
    }
    Ok(())
}

/// Asks one server; the number of things to mend.
fn judge(
    target: &Target,
    scripts: &[Script],
    accepted: &[Acceptance],
    args: &OracleArgs,
    summaries: &mut Vec<String>,
) -> Result<usize> {
    let mut subject =
        TcpSubject::connect(&target.addr.to_string()).with_context(|| format!("reaching {}", target.addr))?;
    let peer = subject.peer()?;
    let server = format!("{} {}", peer.vendor.name(), peer.version);
    let answers = ask::ask(&mut subject, peer, &server, scripts, accepted, args.from_scripts)?;
    summaries.push(answers.summary(&server));
    let mut faults = answers.differences;
    if args.filter.is_empty() {
        for entry in answers.unused(accepted, peer) {
            println!("{ACCEPTED}:{} (nothing on {server} needs this entry any more)\n", entry.describe());
            faults += 1;
        }
    }
    Ok(faults)
}

fn read_accepted(root: &Path) -> Result<Vec<Acceptance>> {
    let text = std::fs::read_to_string(root.join(ACCEPTED)).with_context(|| format!("reading {ACCEPTED}"))?;
    accepted::parse(&text).with_context(|| format!("in {ACCEPTED}"))
}

/// A server to ask, and the guard of one that was started.
struct Target {
    addr: SocketAddr,
    _server: Option<Server>,
}

impl Target {
    fn start(path: &Path, root: Option<&Path>, args: &str, port: u16) -> Result<Target> {
        let path = match path.components().count() {
            1 => servers::find_program(root, &path.to_string_lossy()).unwrap_or_else(|| path.to_owned()),
            _ => path.to_owned(),
        };
        let args = args.split_whitespace().map(str::to_owned).collect();
        let server = Server::start(&Program { path, root: root.map(Path::to_owned), args, cores: None }, port)?;
        Ok(Target { addr: server.addr(), _server: Some(server) })
    }

    /// A server that someone else started: not one with data in it, unless told so.
    fn at(address: &str, empty_it: bool) -> Result<Target> {
        let addr = address.to_socket_addrs()?.next().with_context(|| format!("{address} is no address"))?;
        let keyspace = Client::connect(addr)?.command(&["INFO", "keyspace"])?;
        // One line for each database that is not empty: `db0:keys=1,expires=0,...`.
        let holds_keys = matches!(&keyspace, Reply::Bulk(text) if text.windows(6).any(|window| window == b":keys="));
        if holds_keys && !empty_it {
            bail!("{address} holds keys, all of which would be deleted: --empty-it if that is wanted");
        }
        Ok(Target { addr, _server: None })
    }
}
