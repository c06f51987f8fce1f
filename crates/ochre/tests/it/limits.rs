//! Limits on clients: how many, how long, how much.

use std::time::Duration;

use crate::server::{Server, eventually};

#[test]
fn a_password_is_asked_for() {
    let server = Server::start(&["--requirepass", "secret"]);
    let mut client = server.connect();
    assert_eq!(client.ask("GET a"), "(error) NOAUTH Authentication required.");
    let wrong = "(error) WRONGPASS invalid username-password pair or user is disabled.";
    assert_eq!(client.ask("AUTH wrong"), wrong);
    assert_eq!(client.ask("AUTH secret"), "OK");
    assert_eq!(client.ask("GET a"), "(nil)");
    assert_eq!(server.connect().ask("AUTH default secret"), "OK");
    // A stranger cannot make the server reserve memory.
    let mut stranger = server.connect();
    stranger.send(b"*2\r\n$3\r\nGET\r\n$1000000\r\n");
    assert_eq!(stranger.rest(), ["(error) ERR Protocol error: unauthenticated bulk length"]);
}

#[test]
fn clients_beyond_the_limit_are_turned_away() {
    let server = Server::start(&["--maxclients", "3", "--threads", "2"]);
    let mut first: Vec<_> = (0..3).map(|_| server.connect()).collect();
    for client in &mut first {
        assert_eq!(client.ask("PING"), "PONG");
    }
    assert_eq!(server.connect().rest(), ["(error) ERR max number of clients reached"]);
    assert_eq!(first[0].info("rejected_connections"), "1");
    first.pop();
    eventually("there is room again", || {
        let mut client = server.connect();
        client.try_send(b"PING\r\n").is_ok() && client.first().as_deref() == Some("PONG")
    });
}

#[test]
fn a_crowd_that_comes_at_once_is_counted_too() {
    let server = Server::start(&["--maxclients", "10", "--threads", "4"]);
    server.signal("STOP");
    let mut crowd: Vec<_> = (0..100).map(|_| server.connect()).collect();
    for client in &mut crowd {
        client.send(b"PING\r\n");
    }
    server.signal("CONT");
    // Whoever is turned away may see the refusal or, having sent something, only the end.
    let admitted = crowd.iter_mut().filter_map(|client| client.first()).filter(|reply| reply == "PONG").count();
    assert_eq!(admitted, 10);
}

#[test]
fn an_idle_client_is_closed_when_its_time_is_over() {
    let server = Server::start(&["--timeout", "1", "--threads", "2"]);
    let mut idle: Vec<_> = (0..4).map(|_| server.connect()).collect();
    for client in &mut idle {
        assert_eq!(client.ask("PING"), "PONG");
    }
    for client in &mut idle {
        assert!(client.is_closed());
    }
    assert_eq!(server.connect().ask("PING"), "PONG");
}

#[test]
fn an_argument_longer_than_allowed_is_refused_when_it_is_announced() {
    let server = Server::start(&["--proto-max-bulk-len", "1mb"]);
    let mut client = server.connect();
    let longest = "x".repeat(1 << 20);
    assert_eq!(client.ask_words(&["SET", "a", &longest]), "OK");
    assert_eq!(client.ask("STRLEN a"), "1048576");
    assert_eq!(
        client.ask("SETRANGE a 1048576 x"),
        "(error) ERR string exceeds maximum allowed size (proto-max-bulk-len)"
    );
    client.send(b"*2\r\n$3\r\nGET\r\n$1048577\r\n");
    assert_eq!(client.rest(), ["(error) ERR Protocol error: invalid bulk length"]);
}

#[test]
fn a_client_whose_input_outgrows_the_limit_is_closed() {
    let server = Server::start(&["--client-query-buffer-limit", "1mb"]);
    let mut client = server.connect();
    assert_eq!(client.ask("PING"), "PONG");
    // One command larger than the limit. It may be closed before everything is sent.
    let command = resp::encode_command(["SET", "a", &"x".repeat(8 << 20)]);
    let sent = client.try_send(&command);
    assert!(sent.is_err() || client.is_closed());
    assert_eq!(server.connect().ask("EXISTS a"), "0");
    // Many small commands at once are not.
    let mut client = server.connect();
    let script: Vec<u8> = (0..100_000).flat_map(|_| resp::encode_command(["INCR", "counter"])).collect();
    client.send(&script);
    for _ in 0..99_999 {
        client.reply();
    }
    assert_eq!(client.reply(), "100000");
}

#[test]
fn a_client_that_does_not_read_its_replies_is_not_read_either() {
    let server = Server::start(&["--threads", "2"]);
    let (mut deaf, mut other) = (server.connect(), server.connect());
    let id = deaf.ask("CLIENT ID");
    assert_eq!(other.ask_words(&["SET", "big", &"x".repeat(1 << 20)]), "OK");
    // Several times what the sockets' buffers hold.
    let script = resp::encode_command(["GET", "big"]).repeat(3 << 20);
    std::thread::scope(|scope| {
        let sender = scope.spawn(move || deaf.try_send(&script));
        let mut before = String::new();
        eventually("the server stops reading", || {
            std::thread::sleep(Duration::from_millis(300));
            let line = other.ask(&format!("CLIENT LIST ID {id}"));
            let read =
                line.split(' ').find(|field| field.starts_with("tot-net-in=")).expect("it is still sending").to_owned();
            std::mem::replace(&mut before, read) == before
        });
        assert_eq!(other.ask(&format!("CLIENT KILL ID {id}")), "1");
        assert!(sender.join().unwrap().is_err(), "the server took in all of it");
    });
    assert_eq!(other.ask("PING"), "PONG");
}
