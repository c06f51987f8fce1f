//! The operating system's side of the server: event loops, sockets, files, threads, signals, clocks, entropy.
//!
//! The only crate that makes system calls. It feeds [`server::Session`]s what their sockets bring and sends what they answer; it
//! knows nothing of commands.

mod buffers;
mod connection;
mod dial;
mod host;
mod listen;
mod log;
mod process;
mod reactor;
mod sys;

pub mod files;

pub use host::{OsHost, RESERVED_FILES, log_level};
pub use listen::{ListenError, Listeners, open_all_tcp};
pub use log::{Log, LogTarget};
pub use process::{daemonize, entropy, notify_systemd, stdin_bytes, write_pid_file};
pub use reactor::serve;
pub use sys::raise_file_limit;
