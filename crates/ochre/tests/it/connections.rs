//! Connections: how bytes arrive, who closes, and what the other threads may do to one.

use std::time::Duration;

use crate::server::{Server, eventually};

#[test]
fn input_may_be_cut_anywhere() {
    let server = Server::start(&[]);
    let mut script = Vec::new();
    for command in [&["SET", "key", "a\r\nb"][..], &["APPEND", "key", ""], &["GET", "key"], &["PING"]] {
        script.extend(resp::encode_command(command));
    }
    script.extend(b"PING inline\r\n");
    let mut client = server.connect();
    for cut in 0..script.len() {
        client.send(&script[..cut]);
        // The two parts are to arrive as two; when they do not, this cut is merely not tested.
        std::thread::sleep(Duration::from_millis(1));
        client.send(&script[cut..]);
        let replies: Vec<String> = (0..5).map(|_| client.reply()).collect();
        assert_eq!(replies, ["OK", "4", "a\r\nb", "PONG", "inline"], "cut at {cut}");
    }
    for byte in &script {
        client.send(&[*byte]);
    }
    let replies: Vec<String> = (0..5).map(|_| client.reply()).collect();
    assert_eq!(replies, ["OK", "4", "a\r\nb", "PONG", "inline"], "every byte alone");
}

#[test]
fn a_thousand_commands_at_once_are_answered_in_order() {
    for threads in ["1", "4"] {
        let server = Server::start(&["--threads", threads]);
        let mut client = server.connect();
        let mut script = Vec::new();
        for _ in 0..1000 {
            script.extend(resp::encode_command(["INCR", "counter"]));
        }
        client.send(&script);
        for expected in 1..=1000 {
            assert_eq!(client.reply(), expected.to_string());
        }
        assert_eq!(client.ask("PING"), "PONG");
    }
}

#[test]
fn replies_larger_than_every_buffer_arrive_whole() {
    let server = Server::start(&["--threads", "2"]);
    let mut client = server.connect();
    let value = "x".repeat(3 << 20);
    assert_eq!(client.ask_words(&["SET", "large", &value]), "OK");
    let script: Vec<u8> = (0..10).flat_map(|_| resp::encode_command(["GET", "large"])).collect();
    client.send(&script);
    client.send(&resp::encode_command(["PING"]));
    for _ in 0..10 {
        assert!(client.reply() == value);
    }
    assert_eq!(client.reply(), "PONG");
}

#[test]
fn whoever_ends_sending_is_answered_and_then_closed() {
    let server = Server::start(&["--threads", "2"]);
    for _ in 0..20 {
        let mut client = server.connect();
        client.send(b"PING\r\nPING again\r\nPING unfini");
        client.end_sending();
        assert_eq!(client.rest(), ["PONG", "again"]);
    }
    // Its last words and the end come to a server that looks at both at once.
    let mut client = server.connect();
    assert_eq!(client.ask("PING"), "PONG");
    server.signal("STOP");
    client.send(b"PING last\r\n");
    client.end_sending();
    server.signal("CONT");
    assert_eq!(client.rest(), ["last"]);
    let mut client = server.connect();
    client.end_sending();
    assert!(client.is_closed());
    // Nobody is left behind.
    let mut client = server.connect();
    eventually("only this client is connected", || client.info("connected_clients") == "1");
}

#[test]
fn quit_is_answered_and_ends_what_follows() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    client.send(b"SET a 1\r\nQUIT\r\nSET a 2\r\n");
    assert_eq!(client.rest(), ["OK", "OK"]);
    assert_eq!(server.connect().ask("GET a"), "1");
}

#[test]
fn what_breaks_the_protocol_is_answered_and_closed() {
    let server = Server::start(&[]);
    for (bytes, error) in [
        (&b"*1\r\nPING\r\n"[..], "(error) ERR Protocol error: expected '$', got 'P'"),
        (b"*-x\r\n", "(error) ERR Protocol error: invalid multibulk length"),
        (b"*1\r\n$-5\r\n", "(error) ERR Protocol error: invalid bulk length"),
        (b"PING 'open\r\n", "(error) ERR Protocol error: unbalanced quotes in request"),
    ] {
        let mut client = server.connect();
        client.send(bytes);
        assert_eq!(client.rest(), [error]);
    }
}

#[test]
fn a_web_browser_is_not_listened_to() {
    let server = Server::start(&[]);
    for head in ["POST / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: localhost:6379\r\n", "host: x\r\n"] {
        let mut browser = server.connect();
        browser.send(format!("{head}\r\nSET a 1\r\n").as_bytes());
        let replies = browser.rest();
        assert!(replies.iter().all(|reply| reply.starts_with("(error) ERR wrong number")), "{replies:?}");
    }
    assert_eq!(server.connect().ask("EXISTS a"), "0");
    let warnings = server.log().matches("SECURITY ATTACK").count();
    assert_eq!(warnings, 1, "{}", server.log());
}

#[test]
fn clients_are_killed_across_threads() {
    let server = Server::start(&["--threads", "4"]);
    let mut killer = server.connect();
    let mut victims: Vec<_> = (0..8).map(|_| server.connect()).collect();
    for (index, victim) in victims.iter_mut().enumerate() {
        assert_eq!(victim.ask(&format!("CLIENT SETNAME victim-{index}")), "OK");
    }
    let id = victims[0].ask("CLIENT ID");
    assert_eq!(killer.ask(&format!("CLIENT KILL ID {id}")), "1");
    assert!(victims[0].is_closed());
    assert_eq!(killer.ask("CLIENT KILL TYPE normal"), "7");
    for victim in &mut victims {
        assert!(victim.is_closed());
    }
    assert_eq!(killer.ask("PING"), "PONG");
    eventually("the list holds the killer alone", || killer.ask("CLIENT LIST").lines().count() == 1);
}

#[test]
fn a_pause_holds_every_thread_and_ends() {
    let server = Server::start(&["--threads", "4"]);
    let mut admin = server.connect();
    let mut clients: Vec<_> = (0..8).map(|_| server.connect()).collect();
    assert_eq!(admin.ask("CLIENT PAUSE 100000 WRITE"), "OK");
    for client in &mut clients {
        client.send(&resp::encode_command(["INCR", "counter"]));
    }
    assert_eq!(admin.ask("GET counter"), "(nil)");
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(admin.ask("GET counter"), "(nil)");
    assert_eq!(admin.ask("CLIENT UNPAUSE"), "OK");
    for client in &mut clients {
        client.reply();
    }
    assert_eq!(admin.ask("GET counter"), "8");
    assert_eq!(admin.ask("CLIENT PAUSE 50 ALL"), "OK");
    assert_eq!(clients[0].ask("INCR counter"), "9");
}
