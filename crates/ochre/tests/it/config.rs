//! Configuration: files, standard input, the command line, and CONFIG REWRITE.

use std::path::Path;

use crate::server::{BINARY, Server, TempDir, eventually, free_port, is_listening, run};

#[test]
fn a_file_is_read_with_its_includes_and_options_win_over_it() {
    let dir = TempDir::new();
    let port = free_port();
    let included = dir.file("included.conf", "maxclients 77\ntimeout 12\n");
    let text = format!(
        "# a comment\n\
         \n\
         include {included}\n\
         \x20 bind 127.0.0.1\n\
         PORT {port}\n\
         timeout 34\n\
         timeout 35\n\
         save 60 1\n\
         save 3600 2\n\
         requirepass \"quo\\x74ed \\\"word\\\"\"\n\
         hz '33'\n\
         slowlog-max-len 1\n"
    );
    let file = dir.file("redis.conf", text);
    let args = ["server", &file, "--slowlog-max-len", "99", "--tcp-keepalive", "111"];
    let server = Server::start_with(Path::new(BINARY), &args, port, &dir);
    let mut client = server.connect();
    assert_eq!(client.ask_words(&["AUTH", "quoted \"word\""]), "OK");
    for (name, value) in [
        ("maxclients", "77"),
        ("timeout", "35"),
        ("save", "60 1 3600 2"),
        ("hz", "33"),
        ("slowlog-max-len", "99"),
        ("tcp-keepalive", "111"),
    ] {
        assert_eq!(client.ask(&format!("CONFIG GET {name}")), format!("[{name}, {value}]"));
    }
    assert_eq!(client.info("config_file"), file);
}

/// Redis 7.0.15 writes all users of included files down as well, and does not start again.
#[test]
fn changes_of_users_of_an_included_file_are_rewritten_and_the_server_starts_with_them() {
    let dir = TempDir::new();
    let port = free_port();
    let included = dir.file("users.conf", "user alice on nopass ~a* +get\nuser bob on nopass ~b* +get\n");
    let file = dir.file("redis.conf", format!("bind 127.0.0.1\nport {port}\ninclude {included}\n"));
    let start = || Server::start_with(Path::new(BINARY), &["server", &file], port, &dir);
    let lines = || -> Vec<String> {
        dir.read("redis.conf").lines().filter(|line| line.starts_with("user ")).map(str::to_owned).collect()
    };
    let server = start();
    let mut client = server.connect();
    assert_eq!(client.ask("CONFIG REWRITE"), "OK");
    assert_eq!(lines(), Vec::<String>::new(), "nothing has changed");
    assert_eq!(client.ask("ACL SETUSER alice +set"), "OK");
    assert_eq!(client.ask("CONFIG REWRITE"), "OK");
    let [alice] = &lines()[..] else { panic!("{:?}", lines()) };
    assert!(alice.starts_with("user alice on nopass ") && alice.ends_with(" +get +set"), "{alice}");
    drop(server);
    let server = start();
    let mut client = server.connect();
    assert!(client.ask("ACL GETUSER alice").contains("+set"));
    assert_eq!(client.ask("CONFIG REWRITE"), "OK");
    assert_eq!(lines().concat(), *alice, "and it stays so");
    assert!(dir.read("users.conf").starts_with("user alice on nopass ~a* +get\n"));
}

#[test]
fn a_configuration_comes_from_standard_input() {
    let dir = TempDir::new();
    let port = free_port();
    dir.file("stdin", format!("port {port}\nbind 127.0.0.1\ntimeout 5\n"));
    let server = Server::start_with(Path::new(BINARY), &["server", "-", "--timeout", "7"], port, &dir);
    assert_eq!(server.connect().ask("CONFIG GET timeout"), "[timeout, 7]");
}

#[test]
fn a_directive_that_cannot_be_obeyed_ends_the_start() {
    let dir = TempDir::new();
    let file = dir.file("bad.conf", "port 0\n\nmaxclients many\n");
    let output = run(&["server", &file], b"");
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(error.contains("FATAL CONFIG FILE ERROR"), "{error}");
    assert!(error.contains(&format!("at line 3 of {file}\n>>> 'maxclients many'\n")), "{error}");
    assert!(error.lines().last().is_some_and(|reason| reason.contains("couldn't be parsed")), "{error}");

    let output = run(&["server", "-"], b"prot 7000\n");
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("at line 1 of standard input\n>>> 'prot 7000'"), "{error}");

    let output = run(&["server", "/no/such/redis.conf"], b"");
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(error.contains("'/no/such/redis.conf'"), "{error}");
}

#[test]
fn the_port_can_be_changed_while_serving() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    let port = free_port();
    assert_eq!(client.ask(&format!("CONFIG SET port {port}")), "OK");
    eventually("the new port is open", || is_listening(port));
    eventually("the old port is closed", || !is_listening(server.port));
    assert_eq!(client.ask("PING"), "PONG");
    assert_eq!(client.info("tcp_port"), port.to_string());
    // Nothing is lost by asking for a port that is taken.
    let taken = Server::start(&[]);
    let refusal = client.ask(&format!("CONFIG SET port {}", taken.port));
    assert!(refusal.starts_with("(error) ERR CONFIG SET failed (possibly related to argument 'port')"), "{refusal}");
    assert_eq!(client.ask("CONFIG GET port"), format!("[port, {port}]"));
    assert!(is_listening(port));
}

#[test]
fn addresses_can_be_added_while_serving() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    assert_eq!(client.ask_words(&["CONFIG", "SET", "bind", "127.0.0.1 127.0.0.2"]), "OK");
    assert!(is_listening(server.port));
    assert_eq!(server.connect().ask("PING"), "PONG");
    assert_eq!(client.ask_words(&["CONFIG", "SET", "bind", "*"]), "OK");
    eventually("it listens everywhere", || is_listening(server.port));
    assert_eq!(server.connect().ask("PING"), "PONG");
}

#[test]
fn config_rewrite_changes_what_changed_and_leaves_the_rest() {
    let dir = TempDir::new();
    let port = free_port();
    let text = format!("# mine\nport {port}\nbind 127.0.0.1\n\n# how long\ntimeout 5\n");
    let file = dir.file("redis.conf", text);
    let server = Server::start_with(Path::new(BINARY), &["server", &file], port, &dir);
    let mut client = server.connect();
    assert_eq!(client.ask("CONFIG SET timeout 6 maxclients 123"), "OK");
    assert_eq!(client.ask("CONFIG REWRITE"), "OK");
    let after = dir.read("redis.conf");
    assert!(after.starts_with(&format!("# mine\nport {port}\nbind 127.0.0.1\n\n# how long\ntimeout 6\n")), "{after}");
    assert!(after.lines().any(|line| line == "maxclients 123"), "{after}");
    drop(client);
    drop(server);
    let server = Server::start_with(Path::new(BINARY), &["server", &file], port, &dir);
    assert_eq!(server.connect().ask("CONFIG GET maxclients"), "[maxclients, 123]");
}

#[test]
fn without_a_file_there_is_nothing_to_rewrite() {
    let server = Server::start(&[]);
    assert_eq!(server.connect().ask("CONFIG REWRITE"), "(error) ERR The server is running without a config file");
}

#[test]
fn the_files_that_packages_install_start_a_server() {
    const STOCK: &str = include_str!("../../../server/src/config/tests/data/stock.tsv");
    for of in ["redis-7.0.15", "redis-8.0.6", "valkey-9.1.2"] {
        let dir = TempDir::new();
        let port = free_port();
        let lines = STOCK.lines().filter_map(|line| line.split_once('\t')).filter(|(server, _)| *server == of);
        // A test may not write where a package may; all other directives stay as they are.
        let elsewhere = |line: &str| {
            ["dir ", "daemonize ", "logfile ", "pidfile ", "unixsocket"].iter().any(|name| line.starts_with(name))
        };
        let lines: Vec<&str> = lines.map(|(_, line)| line).filter(|line| !elsewhere(line)).collect();
        assert!(lines.len() > 50, "{of}");
        let file = dir.file("redis.conf", lines.join("\n"));
        let port_text = port.to_string();
        let args = ["server", &file, "--port", &port_text, "--dir", dir.path().to_str().unwrap()];
        let server = Server::start_with(Path::new(BINARY), &args, port, &dir);
        let mut client = server.connect();
        assert_eq!(client.ask("CONFIG GET tcp-keepalive"), "[tcp-keepalive, 300]", "{of}");
        assert_eq!(client.ask("SET k v"), "OK", "{of}");
    }
}
