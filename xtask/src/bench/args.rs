//! The command line of `cargo xtask bench`.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};

use super::pair::Pair;
use super::record::Record;
use super::{connections, eviction, expire, memory, pause, scripts, serialization, speed};
use crate::{interrupt, servers};

#[derive(Args)]
pub(crate) struct BenchArgs {
    #[command(subcommand)]
    mode: Option<Mode>,
    #[command(flatten)]
    pair: PairArgs,
    #[command(flatten)]
    speed: speed::SpeedArgs,
}

#[derive(Subcommand)]
enum Mode {
    /// Resident memory per key.
    Memory(memory::MemoryArgs),
    /// The longest SETs while the keyspace grows.
    Pause(pause::PauseArgs),
    /// Keys with one deadline among many that live on.
    Expire(expire::ExpireArgs),
    /// Hit rates of a full cache, and how far it goes beyond its limit.
    Eviction(eviction::EvictionArgs),
    /// What idle connections cost.
    Connections(connections::ConnectionsArgs),
    /// CPU of DUMP, RESTORE, SAVE and loading.
    Serialization(serialization::SerializationArgs),
    /// CPU of the libraries that scripts call.
    Scripts(scripts::ScriptsArgs),
}

/// The two servers and where things run; the same for all modes.
#[derive(Args)]
pub(crate) struct PairArgs {
    /// The peer's server program [default: redis-server on PATH, or in the peer root].
    #[arg(long, global = true, value_name = "PATH")]
    pub(super) peer: Option<PathBuf>,
    /// A chroot tree that holds the peer (PATH is then inside it).
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) peer_root: Option<PathBuf>,
    /// Further arguments of the peer, separated by blanks.
    #[arg(long, global = true, value_name = "ARGS", default_value = "", allow_hyphen_values = true)]
    pub(super) peer_args: String,
    /// Another program in Ochre's place [default: the release build of this workspace].
    #[arg(long, global = true, value_name = "PATH")]
    pub(super) ours: Option<PathBuf>,
    /// A chroot tree that holds the program in Ochre's place.
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) ours_root: Option<PathBuf>,
    /// Further arguments of ours, separated by blanks.
    #[arg(long, global = true, value_name = "ARGS", default_value = "", allow_hyphen_values = true)]
    pub(super) ours_args: String,
    /// Ochre's `--threads`.
    #[arg(long, global = true, default_value_t = 1)]
    pub(super) threads: u32,
    /// The cores of the server under test, as in `taskset -c`.
    #[arg(long, global = true, default_value = "0")]
    pub(super) server_cores: String,
    /// The cores of everything else.
    #[arg(long, global = true, default_value = "1")]
    pub(super) load_cores: String,
    /// The first port to try.
    #[arg(long, global = true, default_value_t = 7240)]
    pub(super) port: u16,
    /// Write the result to bench/record/DATE-NAME.md.
    #[arg(long, global = true, value_name = "NAME")]
    pub(super) record: Option<String>,
}

/// Runs the chosen mode and prints (and maybe records) its report.
pub(crate) fn run(args: &BenchArgs) -> Result<()> {
    interrupt::catch()?;
    let pair = Pair::prepare(&args.pair)?;
    servers::pin_self(&args.pair.load_cores)?;
    let mut record = Record::new(args.pair.record.as_deref())?;
    match &args.mode {
        None => speed::run(&pair, &args.speed, &mut record),
        Some(Mode::Memory(memory)) => memory::run(&pair, memory, &mut record),
        Some(Mode::Pause(pause)) => pause::run(&pair, pause, &mut record),
        Some(Mode::Expire(expire)) => expire::run(&pair, expire, &mut record),
        Some(Mode::Eviction(eviction)) => eviction::run(&pair, eviction, &mut record),
        Some(Mode::Connections(connections)) => connections::run(&pair, connections, &mut record),
        Some(Mode::Serialization(serialization)) => serialization::run(&pair, serialization, &mut record),
        Some(Mode::Scripts(scripts)) => scripts::run(&pair, scripts, &mut record),
    }?;
    record.save()
}
