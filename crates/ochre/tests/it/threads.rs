//! One thread and several give the same answers.

use crate::server::Server;

/// A session of commands whose replies depend on nothing but what came before.
const SESSION: &str = "\
SET a 1
INCR a
APPEND a 34
GET a
STRLEN a
SETRANGE a 6 tail
GETRANGE a 0 -1
MSET k1 v1 k2 v2 k3 v3 k4 v4 k5 v5
MGET k1 k2 nothing k4 k5
MSETNX k5 x k6 y
EXISTS k1 k2 k3 k4 k5 k6
SETBIT bits 100 1
BITCOUNT bits
BITOP NOT other bits
BITPOS other 0
BITFIELD bits SET u8 0 255 GET u4 2 INCRBY i8 16 -7
RENAME k1 k9
RENAMENX k9 k2
COPY k2 k10 REPLACE
TYPE k10
OBJECT ENCODING a
EXPIRE k2 1000
PERSIST k2
TTL k2
DEL k1 k2 k3
UNLINK k4
DBSIZE
SELECT 3
SET a other
MOVE a 4
SWAPDB 4 5
SELECT 5
GET a
LPUSH a 1
GETDEL a
NOSUCH
SET a 1 EX 0
INCR
FLUSHALL
DBSIZE
RANDOMKEY";

#[test]
fn one_thread_and_several_give_the_same_answers() {
    let answers = |threads: &str| {
        let server = Server::start(&["--threads", threads]);
        let mut clients: Vec<_> = (0..4).map(|_| server.connect()).collect();
        let mut answers = Vec::new();
        for (index, line) in SESSION.lines().enumerate() {
            // SELECT is a connection's own affair: the commands behind it stay on that connection.
            let client = if index < 27 { index % 4 } else { 0 };
            answers.push(format!("{line} => {}", clients[client].ask(line)));
        }
        assert_eq!(clients[0].info("io_threads_active").as_str(), if threads == "1" { "0" } else { "1" });
        answers
    };
    let one = answers("1");
    assert_eq!(one, answers("4"));
    assert_eq!(one[3], "GET a => 234");
    assert_eq!(one.last().unwrap(), "RANDOMKEY => (nil)");
}

#[test]
fn no_increment_is_lost_between_threads() {
    let server = Server::start(&["--threads", "4"]);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut client = server.connect();
                let script: Vec<u8> = (0..2000).flat_map(|_| resp::encode_command(["INCR", "counter"])).collect();
                client.send(&script);
                let mut last = 0;
                for _ in 0..2000 {
                    let now: i64 = client.reply().parse().unwrap();
                    assert!(now > last, "a counter that only grows");
                    last = now;
                }
            });
        }
    });
    assert_eq!(server.connect().ask("GET counter"), "16000");
}

#[test]
fn no_reader_sees_half_of_a_command_with_many_keys() {
    let server = Server::start(&["--threads", "4"]);
    let keys: Vec<String> = (0..20).map(|index| format!("key:{index}")).collect();
    std::thread::scope(|scope| {
        for writer in 0..2 {
            let (keys, server) = (&keys, &server);
            scope.spawn(move || {
                let mut client = server.connect();
                for round in 0..300 {
                    let value = format!("{writer}-{round}");
                    let words: Vec<&str> =
                        std::iter::once("MSET").chain(keys.iter().flat_map(|key| [key.as_str(), &value])).collect();
                    assert_eq!(client.ask_words(&words), "OK");
                }
            });
        }
        for _ in 0..2 {
            scope.spawn(|| {
                let mut client = server.connect();
                let words: Vec<&str> = std::iter::once("MGET").chain(keys.iter().map(String::as_str)).collect();
                for _ in 0..300 {
                    let reply = client.ask_words(&words);
                    let values: Vec<&str> = reply.trim_matches(['[', ']']).split(", ").collect();
                    assert!(values.iter().all(|value| *value == values[0]), "{reply}");
                }
            });
        }
    });
}
