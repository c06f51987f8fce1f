//! `ochre server`: from a command line to a serving node, and back out.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use runtime::{Listeners, Log, LogTarget, OsHost};
use server::config::{CommandLine, Config, Settings, Supervision};
use server::{LogLevel, Node};

use crate::files::RealFiles;

/// Serves until told to stop.
pub(crate) fn serve(line: &CommandLine) -> ExitCode {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let loaded = Config::load(line, cores, &mut RealFiles)
        .and_then(|config| server::refuse_unsupported(&config).map(|()| config));
    let config = match loaded {
        Ok(config) => config,
        Err(error) => {
            eprint!("{}", error.report(&product()));
            return ExitCode::FAILURE;
        }
    };
    match run(config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("ochre: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// Who refuses a configuration.
fn product() -> String {
    format!("Redis {} / Ochre {}", server::REDIS_VERSION, server::OCHRE_VERSION)
}

fn run(config: Config) -> Result<(), String> {
    let settings = config.settings().clone();
    let config_file = config.file().map(|file| file.canonicalize().unwrap_or_else(|_| file.to_owned()));
    std::env::set_current_dir(&settings.persistence.dir)
        .map_err(|error| format!("cannot enter directory {}: {error}", settings.persistence.dir.display()))?;
    // The sockets come before the fork of daemonize: a taken port is then told to whoever started the program.
    let listeners = listen(&settings)?;
    let supervised = settings.general.supervised != Supervision::No;
    if settings.general.daemonize && !supervised {
        runtime::daemonize().map_err(|error| format!("cannot go to the background: {error}"))?;
    }
    let log = open_log(&settings)?;
    let host = OsHost::new(settings.general.threads, log, executable(), text(config_file.as_ref()))
        .map_err(|error| format!("cannot start: {error}"))?;
    announce(&host, &settings, &config);
    if let Some(path) = pid_file(&settings)
        && let Err(error) = runtime::write_pid_file(&path)
    {
        host.log_line(LogLevel::Warning, &format!("Failed to write PID file {}: {error}", path.display()));
    }
    let open_files = u64::from(settings.clients.maxclients) + runtime::RESERVED_FILES;
    let allowed = runtime::raise_file_limit(open_files);
    if allowed < open_files {
        host.log_line(
            LogLevel::Warning,
            &format!(
                "maxclients {} needs {open_files} open files, {allowed} are allowed: raise ulimit -n",
                settings.clients.maxclients
            ),
        );
    }
    let seed = runtime::entropy().map_err(|error| format!("no randomness to be had: {error}"))?;
    // One half of it for the hashes of elements; before there is any element.
    let (_, for_elements) = seed.split_at(seed.len() / 2);
    if let Ok(for_elements) = for_elements.try_into() {
        value::table::seed(for_elements);
    }
    let shared: Arc<dyn server::Host> = Arc::clone(&host) as Arc<dyn server::Host>;
    let node = Arc::new(Node::new(config, shared, seed).map_err(|error| error.report(&product()))?);
    load(&node, &host, &settings)?;
    tell_supervisor(&host, &settings);
    let served = runtime::serve(&node, &host, listeners);
    node.save_at_exit();
    if let Some(path) = pid_file(&settings) {
        // Already gone is as good as removed.
        let _ = runtime::files::remove(path);
    }
    host.log_line(LogLevel::Warning, "Ochre is now ready to exit, bye bye...");
    served.map_err(|error| format!("the event loop ended: {error}"))?;
    node.failure().map_or(Ok(()), Err)
}

/// Lets the node load the RDB file if there is one. One that is there but cannot be read is no reason to start empty.
fn load(node: &Node, host: &OsHost, settings: &Settings) -> Result<(), String> {
    let name = &settings.persistence.dbfilename;
    match server::Host::open_file(host, name) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(format!("the RDB file {name} cannot be opened: {error}")),
        Ok((file, 0)) => {
            drop(file);
            Err(format!("the RDB file {name} is empty: remove it to start without data"))
        }
        Ok((file, len)) => {
            let source = Box::new(std::io::BufReader::new(file));
            node.begin_loading(source, len).map_err(|error| format!("the RDB file {name} was not loaded: {error}"))
        }
    }
}

/// `supervised`: the sockets are open, so whoever connects from now on is served.
fn tell_supervisor(host: &OsHost, settings: &Settings) {
    match settings.general.supervised {
        Supervision::Systemd | Supervision::Auto => match runtime::notify_systemd() {
            Ok(true) => host.log_line(LogLevel::Notice, "systemd was told that the server is ready"),
            Ok(false) if settings.general.supervised == Supervision::Auto => {}
            Ok(false) => {
                host.log_line(LogLevel::Warning, "systemd supervision requested, but NOTIFY_SOCKET not found!");
            }
            Err(error) => host.log_line(LogLevel::Warning, &format!("Cannot notify systemd: {error}")),
        },
        Supervision::Upstart => {
            host.log_line(
                LogLevel::Warning,
                "supervised upstart: upstart has ended in 2014 and is not told; use systemd or auto",
            );
        }
        Supervision::No => {}
    }
}

fn announce(host: &OsHost, settings: &Settings, config: &Config) {
    let threads = settings.general.threads;
    host.log_line(
        LogLevel::Notice,
        &format!("Ochre {} is starting, compatible with Redis {}", server::OCHRE_VERSION, server::REDIS_VERSION),
    );
    match config.file() {
        Some(file) => host.log_line(LogLevel::Notice, &format!("Configuration loaded from {}", file.display())),
        None => host.log_line(
            LogLevel::Notice,
            "No config file given, using the defaults (ochre server /path/to/redis.conf takes one)",
        ),
    }
    host.log_line(
        LogLevel::Notice,
        &format!(
            "Running mode=standalone, port={}, threads={threads}, pid={}",
            settings.network.port,
            std::process::id()
        ),
    );
    let unused: Vec<String> = config.unused().iter().map(|(name, why)| format!("{name} ({why})")).collect();
    if !unused.is_empty() {
        host.log_line(
            LogLevel::Warning,
            &format!("Accepted, but without effect in this version: {}", unused.join(", ")),
        );
    }
}

fn open_log(settings: &Settings) -> Result<Log, String> {
    let target = match &settings.general.logfile {
        None if settings.general.daemonize => LogTarget::File(PathBuf::from("/dev/null")),
        None => LogTarget::Stdout,
        Some(path) => LogTarget::File(path.clone()),
    };
    Log::open(&target, runtime::log_level(settings.general.loglevel))
        .map_err(|error| format!("cannot open the log file {}: {error}", text(settings.general.logfile.as_ref())))
}

fn pid_file(settings: &Settings) -> Option<PathBuf> {
    match &settings.general.pidfile {
        Some(path) => Some(path.clone()),
        None if settings.general.daemonize => Some(PathBuf::from("/var/run/redis.pid")),
        None => None,
    }
}

fn executable() -> String {
    std::env::current_exe().map(|path| path.display().to_string()).unwrap_or_default()
}

fn text(path: Option<&PathBuf>) -> String {
    path.map(|path| path.display().to_string()).unwrap_or_default()
}

/// Opens every socket that the settings name.
fn listen(settings: &Settings) -> Result<Listeners, String> {
    let mut listeners = Listeners::new().map_err(|error| format!("cannot catch signals: {error}"))?;
    let network = &settings.network;
    listeners.add_tcp(runtime::open_all_tcp(network)?);
    if let Some(path) = &network.unixsocket {
        listeners.bind_unix(path, network.unixsocket_mode).map_err(|error| error.to_string())?;
    }
    if listeners.is_empty() {
        return Err("nothing to listen on: port is 0 and there is no unixsocket".into());
    }
    Ok(listeners)
}
