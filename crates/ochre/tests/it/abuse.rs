//! Clients that mean no good, or do no good: memory stays bounded, others are served, the log does not fill.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use crate::client::Client;
use crate::server::{Server, eventually};

const MIB: u64 = 1 << 20;

/// Connections of the large crowd, and those of them that work.
const CROWD: usize = 2000;
const BUSY: usize = 50;

/// A process that may not open more files still tests with so many.
const CROWD_AT_LEAST: usize = 800;

fn peak(client: &mut Client) -> u64 {
    client.info("used_memory_peak").parse().unwrap()
}

fn lines_of_log(server: &Server) -> usize {
    server.log().lines().count()
}

#[test]
fn subscribers_that_do_not_read_are_closed_and_cost_little() {
    let server = Server::start(&["--threads", "2", "--client-output-buffer-limit", "pubsub 2mb 0 0"]);
    let mut publisher = server.connect();
    let mut deaf: Vec<Client> = (0..8).map(|_| server.connect()).collect();
    let mut reader = server.connect();
    for subscriber in deaf.iter_mut().chain([&mut reader]) {
        assert_eq!(subscriber.ask("SUBSCRIBE news"), "[subscribe, news, 1]");
    }
    let before = lines_of_log(&server);
    let message = "x".repeat(256 << 10);
    for _ in 0..200 {
        publisher.ask_words(&["PUBLISH", "news", &message]);
        assert_eq!(reader.reply().len(), message.len() + "[message, news, ]".len());
    }
    eventually("the deaf are closed", || publisher.ask("PUBSUB NUMSUB news") == "[news, 1]");
    assert!(peak(&mut publisher) < 48 * MIB, "8 subscribers of 2 MiB each");
    assert_eq!(lines_of_log(&server) - before, 8, "one line for each");
}

#[test]
fn clients_that_never_read_cost_a_bounded_amount() {
    let server = Server::start(&["--threads", "2"]);
    let mut other = server.connect();
    assert_eq!(other.ask_words(&["SET", "big", &"x".repeat(1 << 20)]), "OK");
    let script = resp::encode_command(["GET", "big"]).repeat(20_000);
    let before = lines_of_log(&server);
    let mut deaf: Vec<Client> = (0..16).map(|_| server.connect()).collect();
    for client in &mut deaf {
        client.send(&script);
    }
    for _ in 0..100 {
        assert_eq!(other.ask("INCR counter").parse::<u64>().map(|_| ()), Ok(()));
    }
    // 1 MiB at which it stops, one reply beyond, and growth of the buffer by doubling.
    assert!(peak(&mut other) < 16 * 5 * MIB + 16 * MIB, "{}", peak(&mut other));
    drop(deaf);
    eventually("their memory is free again", || other.info("used_memory").parse::<u64>().unwrap() < 16 * MIB);
    assert_eq!(lines_of_log(&server), before);
}

#[test]
fn garbage_is_answered_once_and_not_kept() {
    let server = Server::start(&["--threads", "2"]);
    let mut other = server.connect();
    let before = lines_of_log(&server);
    // Without any structure, without an end of line, as short words, as arrays of nothing, and as lengths that promise much.
    let noise: Vec<u8> = (0..1_u32 << 16).map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect();
    let kinds: [&[u8]; 5] = [
        &noise,
        b"AAAAAAAAAAAAAAAA",
        b"nosuch command\r\n",
        b"*0\r\n*-1\r\n",
        b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$400000000\r\n",
    ];
    for kind in kinds {
        let piece = kind.repeat((1 << 20) / kind.len());
        let mut client = server.connect();
        std::thread::scope(|scope| {
            let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port)).unwrap();
            stream.set_write_timeout(Some(Duration::from_secs(2))).unwrap();
            scope.spawn(move || {
                // Until the server hangs up, or stops reading.
                for _ in 0..64 {
                    if std::io::Write::write_all(&mut &stream, &piece).is_err() {
                        break;
                    }
                }
            });
            for _ in 0..50 {
                assert_eq!(client.ask("PING"), "PONG");
            }
        });
    }
    eventually("they are gone", || other.info("connected_clients").parse::<u64>().unwrap() <= 6);
    // The last kind announces 400 MB, of which 64 MiB came: they are kept as the argument that they may become.
    assert!(peak(&mut other) < 160 * MIB, "{}", peak(&mut other));
    assert!(lines_of_log(&server) - before <= 1);
}

#[test]
fn half_a_command_waits_without_costing_anybody() {
    let server = Server::start(&["--threads", "2"]);
    let mut other = server.connect();
    let mut halves: Vec<Client> = (0..300).map(|_| server.connect()).collect();
    for client in &mut halves {
        client.send(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1000\r\nabc");
    }
    assert_eq!(other.ask("SET k other"), "OK");
    assert!(peak(&mut other) < 24 * MIB);
    for client in &mut halves {
        client.send(&[b'x'; 997]);
        client.send(b"\r\n");
    }
    for client in &mut halves {
        assert_eq!(client.reply(), "OK");
    }
    drop(halves);
    eventually("they are gone", || other.info("connected_clients") == "1");
}

#[test]
fn a_byte_at_a_time_is_as_good_as_all_at_once() {
    let server = Server::start(&["--threads", "1"]);
    let (mut slow, mut other) = (server.connect(), server.connect());
    let command = resp::encode_command(["SET", "k", &"x".repeat(500)]);
    for (sent, byte) in command.iter().enumerate() {
        slow.send(std::slice::from_ref(byte));
        if sent % 50 == 0 {
            assert_eq!(other.ask("EXISTS k"), "0");
        }
    }
    assert_eq!(slow.reply(), "OK");
    assert_eq!(other.ask("STRLEN k"), "500");
}

#[test]
fn guessing_passwords_leads_nowhere() {
    let server = Server::start(&["--threads", "2", "--requirepass", "right"]);
    let mut other = server.connect();
    assert_eq!(other.ask("AUTH right"), "OK");
    let before = lines_of_log(&server);
    for round in 0..20 {
        let mut guesser = server.connect();
        let guesses: Vec<u8> =
            (0..500).flat_map(|guess| resp::encode_command(["AUTH", &format!("{round}-{guess}")])).collect();
        guesser.send(&guesses);
        for _ in 0..500 {
            assert!(guesser.reply().starts_with("(error) WRONGPASS"));
        }
        // What it may say before it is known stays small.
        guesser.send(b"*1000000\r\n");
        assert_eq!(guesser.rest().len(), 1);
    }
    assert_eq!(other.info("errorstat_WRONGPASS"), "count=10000");
    assert!(peak(&mut other) < 24 * MIB);
    assert!(lines_of_log(&server) - before <= 1);
}

#[test]
fn one_thread_serves_a_crowd() {
    let server = Server::start(&["--threads", "1"]);
    let mut first = server.connect();
    let before: u64 = first.info("used_memory").parse().unwrap();
    let mut crowd = Vec::new();
    while crowd.len() < CROWD {
        match TcpStream::connect((Ipv4Addr::LOCALHOST, server.port)) {
            Ok(stream) => crowd.push(stream),
            Err(error) => {
                // The limit of open files of whoever runs the tests.
                assert!(crowd.len() >= CROWD_AT_LEAST && error.kind() != ErrorKind::ConnectionRefused, "{error}");
                crowd.truncate(crowd.len() - BUSY - 10);
                break;
            }
        }
    }
    let size = crowd.len();
    eventually("all are let in", || first.info("connected_clients").parse::<usize>().unwrap() > size);
    let mut busy: Vec<Client> = (0..BUSY).map(|_| server.connect()).collect();
    for _ in 0..40 {
        for client in &mut busy {
            client.send(&resp::encode_command(["INCR", "counter"]));
        }
        for client in &mut busy {
            assert!(client.reply().parse::<u64>().is_ok());
        }
    }
    assert_eq!(first.ask("GET counter"), (40 * BUSY).to_string());
    let each = (first.info("used_memory").parse::<u64>().unwrap() - before) / size as u64;
    assert!(each < 4096, "an idle connection takes {each} bytes");
    drop(crowd);
    eventually("they are gone", || first.info("connected_clients") == (1 + BUSY).to_string());
}
