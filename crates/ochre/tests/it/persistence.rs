//! The RDB file: saved, found again at the next start, and never passed over.

#![expect(clippy::disallowed_methods, reason = "these tests stand outside the program: they have files of their own")]

use crate::server::{Server, TempDir, run};

/// Starts in `dir`, which holds a file or gets one.
fn start_in(dir: &TempDir, options: &[&str]) -> Server {
    let mut all = vec!["--dir", dir.path().to_str().unwrap()];
    all.extend(options);
    Server::start(&all)
}

fn read(dir: &TempDir) -> Vec<u8> {
    std::fs::read(dir.path().join("dump.rdb")).unwrap()
}

#[test]
fn what_was_saved_is_there_after_a_restart() {
    let dir = TempDir::new();
    for threads in ["1", "2"] {
        for how in ["SAVE", "SHUTDOWN SAVE", "TERM"] {
            let mut server = start_in(&dir, &["--threads", threads, "--save", "3600 1"]);
            let mut client = server.connect();
            assert_eq!(client.ask("SET text hello"), "OK");
            assert_eq!(client.ask("SET gone x PX 1"), "OK");
            assert_eq!(client.ask("SELECT 5"), "OK");
            assert_eq!(client.ask("SET other 42 EX 1000"), "OK");
            match how {
                "SAVE" => {
                    assert_eq!(client.ask("SAVE"), "OK");
                    server.signal("KILL");
                    server.wait();
                }
                "TERM" => {
                    server.signal("TERM");
                    assert_eq!(server.wait().code(), Some(0));
                }
                shutdown => {
                    client.send(&resp::encode_command(shutdown.split(' ').collect::<Vec<_>>()));
                    assert_eq!(server.wait().code(), Some(0));
                }
            }
            let server = start_in(&dir, &["--threads", threads, "--save", ""]);
            let mut client = server.connect();
            assert_eq!(client.ask("GET text"), "hello", "{how}");
            assert_eq!(client.ask("EXISTS gone"), "0", "{how}");
            assert_eq!(client.ask("SELECT 5"), "OK");
            assert_eq!(client.ask("GET other"), "42", "{how}");
            assert!(client.ask("TTL other").parse::<i64>().unwrap() > 900, "{how}");
            assert!(client.ask("INFO persistence").contains("rdb_changes_since_last_save:0"), "{how}");
            std::fs::remove_file(dir.path().join("dump.rdb")).unwrap();
        }
    }
}

#[test]
fn without_save_points_nothing_is_written() {
    let dir = TempDir::new();
    let mut server = start_in(&dir, &["--save", ""]);
    assert_eq!(server.connect().ask("SET a 1"), "OK");
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
    assert!(!dir.path().join("dump.rdb").exists());
}

#[test]
fn a_file_that_cannot_be_read_keeps_the_server_from_starting() {
    let damaged = b"REDIS0003\xfe\x00\x00\x03bad\xc3\x02\x0a\xff\xff\x00\x04good\x01v\xff";
    for (content, said) in [
        (&b""[..], "is empty"),
        (b"no such thing", "does not begin as an RDB file"),
        (b"REDIS0099", "newer"),
        (b"REDIS0003\xfe\x00\x00\x01k\x05v", "ends early"),
        (damaged, "key 'bad' of database 0, byte 11"),
    ] {
        let dir = TempDir::new();
        dir.file("dump.rdb", content);
        let output = run(&["server", "--port", "0", "--unixsocket", "s", "--dir", dir.path().to_str().unwrap()], b"");
        assert_eq!(output.status.code(), Some(1), "{said}");
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text);
        assert!(text.contains(said), "{said}:\n{text}");
        assert_eq!(read(&dir), content, "{said}");
    }
    let dir = TempDir::new();
    dir.file("dump.rdb", damaged);
    let server = start_in(&dir, &["--rdb-on-damage", "quarantine", "--save", ""]);
    let mut client = server.connect();
    assert_eq!(client.ask("GET good"), "v");
    assert_eq!(client.ask("DBSIZE"), "1");
    assert!(client.ask("INFO persistence").contains("rdb_last_load_keys_skipped:1"));
}

/// A portable file begins in the lowest version; one value that needs more, wherever the walk meets it, decides for the whole file.
#[test]
fn a_portable_file_has_the_lowest_version_that_holds_all_of_it() {
    let dir = TempDir::new();
    let server = start_in(&dir, &["--enable-debug-command", "yes", "--save", ""]);
    let mut client = server.connect();
    for number in 0..2000 {
        assert_eq!(client.ask(&format!("SET key:{number} {number}")), "OK");
    }
    for (command, reply, header) in [
        ("PING", "PONG", "REDIS0010"),
        ("ARSET a 0 x", "1", "REDIS0014"),
        // The second such file is not begun twice.
        ("PING", "PONG", "REDIS0014"),
        ("DEL a", "1", "REDIS0010"),
        ("HSETEX h EX 1000 FIELDS 1 f v", "1", "REDIS0012"),
        ("DEBUG RELOAD", "OK", "REDIS0012"),
        ("DBSIZE", "2001", "REDIS0012"),
    ] {
        assert_eq!(client.ask(command), reply, "{command}");
        assert_eq!(client.ask("SAVE"), "OK");
        assert!(read(&dir).starts_with(header.as_bytes()), "{command}");
    }
}

#[test]
fn debug_reload_gives_the_same_data() {
    let server = Server::start(&["--enable-debug-command", "yes", "--save", ""]);
    let mut client = server.connect();
    for dialect in ["portable", "redis-6.2", "valkey-9"] {
        assert_eq!(client.ask(&format!("CONFIG SET rdb-dialect {dialect}")), "OK");
        assert_eq!(client.ask("SET k v EX 100"), "OK");
        assert_eq!(client.ask("DEBUG RELOAD"), "OK");
        assert_eq!(client.ask("GET k"), "v");
        assert_eq!(client.ask("DBSIZE"), "1");
    }
}

#[test]
fn migrate_moves_keys_to_another_server() {
    let [here, there] = [Server::start(&["--save", ""]), Server::start(&["--save", "", "--requirepass", "secret"])];
    let mut here = here.connect();
    let target = there.port;
    let mut there = there.connect();
    assert_eq!(there.ask("AUTH secret"), "OK");
    let refused = here.ask("SET k v EX 100").replace("OK", "");
    assert_eq!(refused, "");
    let answer = here.ask(&format!("MIGRATE 127.0.0.1 {target} k 3 5000"));
    assert!(answer.contains("ERR Target instance replied with error: NOAUTH"), "{answer}");
    assert_eq!(here.ask("EXISTS k"), "1");
    assert_eq!(here.ask(&format!("MIGRATE 127.0.0.1 {target} k 3 5000 AUTH secret")), "OK");
    assert_eq!(here.ask("EXISTS k"), "0");
    assert_eq!(there.ask("SELECT 3"), "OK");
    assert_eq!(there.ask("GET k"), "v");
    assert!(there.ask("TTL k").parse::<i64>().unwrap() > 90);
    assert_eq!(here.ask("MSET a 1 b 2 k 3"), "OK");
    let busy = here.ask(&format!("MIGRATE 127.0.0.1 {target}  3 5000 KEYS a k b").replace("  ", " \"\" "));
    assert!(busy.contains("BUSYKEY") || busy.contains("MIGRATE KEYS option"), "{busy}");
    assert_eq!(here.ask(&format!("MIGRATE 127.0.0.1 {target} k 3 5000 COPY REPLACE")), "OK");
    assert_eq!(here.ask("EXISTS k"), "1");
    assert_eq!(there.ask("GET k"), "3");
}
