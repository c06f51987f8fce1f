//! Running in the background, with files for the log and the process id.

use std::path::Path;
use std::process::Command;

use crate::client::Client;
use crate::server::{BINARY, Server, TempDir, eventually, free_port, is_listening, run, signal};

/// Ends a process that is not our child, by the id in its pid file.
struct Daemon<'a>(&'a TempDir);

impl Daemon<'_> {
    fn pid(&self) -> Option<u32> {
        self.0.read("pid").trim().parse().ok()
    }
}

impl Drop for Daemon<'_> {
    fn drop(&mut self) {
        if let Some(pid) = self.pid() {
            // It fails when the process has ended already.
            let _ = Command::new("kill").args(["-s", "KILL", &pid.to_string()]).status();
        }
    }
}

#[test]
fn a_daemon_leaves_its_starter_and_is_found_by_its_pid_file() {
    let dir = TempDir::new();
    let port = free_port();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (pidfile, logfile, directory) = (path("pid"), path("log"), path("."));
    let port_text = port.to_string();
    let daemon = Daemon(&dir);
    let output = run(
        &[
            "server",
            "--port",
            &port_text,
            "--bind",
            "127.0.0.1",
            "--daemonize",
            "yes",
            "--pidfile",
            &pidfile,
            "--logfile",
            &logfile,
            "--dir",
            &directory,
        ],
        b"",
    );
    assert!(output.status.success());
    eventually("the daemon is ready", || dir.read("log").contains("Ready to accept connections"));
    let mut client = Client::tcp(port);
    let pid = daemon.pid().expect("a pid in the pid file");
    assert_eq!(client.info("process_id"), pid.to_string());
    assert!(output.stdout.is_empty() && output.stderr.is_empty(), "a daemon says nothing to the terminal");
    signal(pid, "TERM");
    eventually("the port is closed", || !is_listening(port));
    eventually("the pid file is removed", || !dir.has("pid"));
    assert!(dir.read("log").trim_end().ends_with("bye bye..."), "{}", dir.read("log"));
}

#[test]
fn the_pid_file_names_the_process_and_goes_with_it() {
    let dir = TempDir::new();
    let port = free_port();
    let pidfile = dir.path().join("pid");
    let args = ["server", "--port", &port.to_string(), "--bind", "127.0.0.1", "--pidfile", pidfile.to_str().unwrap()];
    let mut server = Server::start_with(Path::new(BINARY), &args, port, &dir);
    assert_eq!(dir.read("pid"), format!("{}\n", server.pid()));
    server.signal("TERM");
    assert!(server.wait().success());
    assert!(!dir.has("pid"));
}
