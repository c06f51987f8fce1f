//! Starting: names, arguments, sockets, and what is said when it cannot be done.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use crate::client::Client;
use crate::server::{BINARY, Server, TempDir, free_port, run, run_as};

#[test]
fn a_server_announces_itself_and_answers() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    assert_eq!(client.ask("PING"), "PONG");
    assert_eq!(client.ask("SET greeting hello"), "OK");
    assert_eq!(client.ask("GET greeting"), "hello");
    assert_eq!(client.ask("HELLO 3").split(',').next(), Some("{server: redis"));
    let log = server.log();
    assert_is_log_line(log.lines().last().unwrap(), server.pid(), "Ready to accept connections");
}

/// `1234:M 21 Nov 2026 12:00:00.123 * Ready to accept connections`
#[track_caller]
fn assert_is_log_line(line: &str, pid: u32, text: &str) {
    let rest = line.strip_prefix(&format!("{pid}:M ")).unwrap_or_else(|| panic!("no pid and role: {line}"));
    let digits: String = rest.chars().map(|char| if char.is_ascii_digit() { '0' } else { char }).collect();
    let (day, digits) = digits.split_at(3);
    let (month, digits) = digits.split_at(3);
    assert_eq!(day, "00 ", "{line}");
    assert!(month.chars().all(|char| char.is_ascii_alphabetic()), "{line}");
    assert_eq!(digits, format!(" 0000 00:00:00.000 * {text}"), "{line}");
}

#[test]
fn the_version_line_begins_as_that_of_redis_server() {
    for args in [["--version"], ["-v"]] {
        let output = run(&args, b"");
        let line = String::from_utf8(output.stdout).unwrap();
        let version = line.strip_prefix("Redis server v=").unwrap_or_else(|| panic!("{line}"));
        let (number, rest) = version.split_once(' ').unwrap();
        assert!(number.split('.').all(|part| part.parse::<u32>().is_ok()), "{line}");
        assert!(rest.contains(" bits=64") && line.lines().count() == 1, "{line}");
        assert!(output.status.success());
    }
}

#[test]
fn under_the_name_of_redis_server_it_is_one() {
    let dir = TempDir::new();
    let program = dir.path().join("redis-server");
    symlink(BINARY, &program).unwrap();
    let output = run_as(&program, &["--version"], b"");
    assert!(output.stdout.starts_with(b"Redis server v="));

    let port = free_port();
    let server = Server::start_with(&program, &["--port", &port.to_string(), "--bind", "127.0.0.1"], port, &dir);
    assert_eq!(server.connect().ask("PING"), "PONG");
}

#[test]
fn a_unix_socket_serves_without_a_port() {
    let dir = TempDir::new();
    let path = dir.path().join("sock");
    let text = path.to_str().unwrap();
    let args = ["server", "--port", "0", "--unixsocket", text, "--unixsocketperm", "700"];
    let _server = Server::start_with(Path::new(BINARY), &args, 0, &dir);
    let mode = path.symlink_metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let mut client = Client::unix(&path);
    assert_eq!(client.ask("PING"), "PONG");
    let list = client.ask("CLIENT LIST");
    assert!(list.contains(&format!("addr={text}:0 ")) && list.contains(" flags=U "), "{list}");
}

#[test]
fn without_port_and_socket_there_is_nothing_to_do() {
    let output = run(&["server", "--port", "0"], b"");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "ochre: nothing to listen on: port is 0 and there is no unixsocket\n"
    );
}

#[test]
fn a_taken_port_is_told_in_one_line() {
    let server = Server::start(&[]);
    let port = server.port.to_string();
    let output = run(&["server", "--port", &port, "--bind", "127.0.0.1"], b"");
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.contains(&format!("127.0.0.1:{port} is taken")) && error.contains("--port"), "{error}");
    // Also for one that goes to the background: whoever started it is told.
    let output = run(&["server", "--port", &port, "--bind", "127.0.0.1", "--daemonize", "yes"], b"");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn what_is_no_command_is_answered_with_the_usage() {
    let output = run(&["sever"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("ochre server [CONFIG_FILE|-]"));
    let output = run(&["--help"], b"");
    assert!(output.status.success() && output.stderr.is_empty() && !output.stdout.is_empty());
}
