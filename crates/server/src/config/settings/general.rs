//! The process: threads, supervision, logging.

use std::path::PathBuf;

use super::choice::choice;

/// The process and its log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a parameter of its own")]
pub struct General {
    /// Reactor threads, at least 1 (`threads`, `io-threads`). Not set: one per core.
    pub threads: usize,
    pub databases: usize,
    pub daemonize: bool,
    pub supervised: Supervision,
    pub pidfile: Option<PathBuf>,
    pub loglevel: LogLevel,
    /// None: standard output.
    pub logfile: Option<PathBuf>,
    pub syslog_enabled: bool,
    pub syslog_ident: String,
    pub syslog_facility: SyslogFacility,
    pub always_show_logo: bool,
    pub set_proc_title: bool,
    pub proc_title_template: String,
    /// Background passes a second, 1 to 500.
    pub hz: u32,
    /// Whether `hz` follows the number of clients.
    pub dynamic_hz: bool,
    /// Milliseconds a script may run before other clients are told BUSY (`busy-reply-threshold`, `lua-time-limit`); 0: never.
    pub busy_reply_threshold_ms: u64,
    /// Whether what a killed script has written is undone, so that one that has written can be killed.
    pub script_kill_rollback: bool,
    /// Where `*.lua` files with function libraries are; relative to `dir`. Read at start, on CONFIG SET and on SIGHUP, all or nothing:
    /// what it brings takes the place of what it brought before. Where a data file has a library of the same name, or one with a
    /// function of the same name, the directory wins; with what FUNCTION LOAD brought, such a name is an error.
    pub functions_dir: Option<PathBuf>,
}

choice! {
    /// Who may use something that is off by default.
    Allow {
        #[default]
        No = "no",
        Yes = "yes",
        /// Connections from this machine.
        Local = "local",
    }
}

choice! {
    /// What is worth a line of the log.
    LogLevel {
        Debug = "debug",
        Verbose = "verbose",
        #[default]
        Notice = "notice",
        Warning = "warning",
        Nothing = "nothing",
    }
}

choice! {
    /// Who is told when the server is ready.
    Supervision {
        Upstart = "upstart",
        Systemd = "systemd",
        /// What the environment suggests.
        Auto = "auto",
        #[default]
        No = "no",
    }
}

choice! {
    /// The syslog facility.
    SyslogFacility {
        User = "user",
        #[default]
        Local0 = "local0",
        Local1 = "local1",
        Local2 = "local2",
        Local3 = "local3",
        Local4 = "local4",
        Local5 = "local5",
        Local6 = "local6",
        Local7 = "local7",
    }
}
