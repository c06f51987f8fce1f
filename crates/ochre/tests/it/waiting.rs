//! Clients that wait for keys, on several threads: each element goes to exactly one of them, in the order in which they came.

use std::collections::BTreeMap;

use crate::client::Client;
use crate::server::Server;

/// Elements that each producer pushes.
const EACH: usize = 400;
const PRODUCERS: usize = 3;

/// Says that there is no more.
const END: &str = "end";

#[test]
fn every_element_is_popped_once_whoever_waits_for_it() {
    for threads in ["1", "4"] {
        let server = Server::start(&["--threads", threads, "--save", ""]);
        // Each consumer waits in another way: one key, several, from both ends, by moving, by either kind of list pop.
        let ways = [
            "BLPOP a 0",
            "BLPOP a b c 0",
            "BRPOP c b a 0",
            "BLMPOP 0 3 b a c LEFT COUNT 2",
            "BLMOVE a moved LEFT RIGHT 0",
        ];
        let popped: Vec<Vec<String>> = std::thread::scope(|scope| {
            let consumers: Vec<_> = ways
                .iter()
                .map(|way| {
                    let mut client = server.connect();
                    scope.spawn(move || consume(&mut client, way))
                })
                .collect();
            let producers: Vec<_> = (0..PRODUCERS)
                .map(|producer| {
                    let mut client = server.connect();
                    scope.spawn(move || produce(&mut client, producer))
                })
                .collect();
            producers.into_iter().for_each(|producer| producer.join().unwrap());
            // One end for each that waits on any of the keys, until all have gone home.
            let mut closer = server.connect();
            while !consumers.iter().all(|consumer| consumer.is_finished()) {
                closer.ask(&format!("RPUSH a {END}"));
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            consumers.into_iter().map(|consumer| consumer.join().unwrap()).collect()
        });
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for element in popped.into_iter().flatten() {
            *counts.entry(element).or_default() += 1;
        }
        let mut client = server.connect();
        for key in ["a", "b", "c"] {
            assert!(!client.ask(&format!("LRANGE {key} 0 -1")).contains('-'), "elements are left, and clients waited");
        }
        assert_eq!(counts.len(), PRODUCERS * EACH, "{threads} threads");
        assert!(counts.values().all(|count| *count == 1), "{threads} threads: an element came twice");
        assert_eq!(client.info("blocked_clients"), "0");
        assert_eq!(client.info("total_blocking_keys"), "0");
    }
}

/// Pushes numbered elements to three keys in turn, also within transactions and by renaming a list into place.
fn produce(client: &mut Client, producer: usize) {
    for number in 0..EACH {
        let element = format!("{producer}-{number}");
        let key = ["a", "b", "c"][number % 3];
        match number % 7 {
            0 => {
                assert_eq!(client.ask("MULTI"), "OK");
                assert_eq!(client.ask(&format!("RPUSH {key} {element}")), "QUEUED");
                client.ask("EXEC");
            }
            1 => {
                // Where the key is there already, the element is pushed as usual.
                let beside = format!("beside-{producer}");
                client.ask(&format!("RPUSH {beside} {element}"));
                if client.ask(&format!("RENAMENX {beside} {key}")) == "0" {
                    client.ask(&format!("LMOVE {beside} {key} LEFT RIGHT"));
                }
            }
            _ => {
                client.ask(&format!("LPUSH {key} {element}"));
            }
        }
    }
}

/// What one consumer got.
fn consume(client: &mut Client, way: &str) -> Vec<String> {
    let mut got = Vec::new();
    loop {
        let reply = client.ask(way);
        let words: Vec<&str> = reply.split(|c: char| "[], ".contains(c)).filter(|word| !word.is_empty()).collect();
        got.extend(words.iter().filter(|word| word.contains('-')).map(|word| (*word).to_owned()));
        if words.contains(&END) {
            return got;
        }
    }
}

#[test]
fn those_who_came_first_are_served_first() {
    let server = Server::start(&["--threads", "4", "--save", ""]);
    let mut pusher = server.connect();
    let mut waiting: Vec<Client> = Vec::new();
    for index in 0..12 {
        let mut client = server.connect();
        client.send(&resp::encode_command(["BLPOP", "queue", "other", "0"]));
        waiting.push(client);
        while pusher.info("blocked_clients") != (index + 1).to_string() {}
    }
    for number in 0..12 {
        pusher.ask(&format!("RPUSH queue {number}"));
    }
    for (number, client) in waiting.iter_mut().enumerate() {
        assert_eq!(client.reply(), format!("[queue, {number}]"));
    }
}

#[test]
fn a_client_that_goes_away_waits_no_longer() {
    let server = Server::start(&["--threads", "2", "--save", ""]);
    let mut other = server.connect();
    {
        let mut gone = server.connect();
        gone.send(&resp::encode_command(["BLPOP", "queue", "0"]));
        while other.info("blocked_clients") != "1" {}
    }
    while other.info("blocked_clients") != "0" {}
    assert_eq!(other.ask("RPUSH queue x"), "1");
    assert_eq!(other.ask("LPOP queue"), "x");
}

#[test]
fn what_was_sent_behind_a_command_that_waits_runs_after_it() {
    let server = Server::start(&["--threads", "2", "--save", ""]);
    let mut client = server.connect();
    let mut other = server.connect();
    let mut bytes = resp::encode_command(["BLPOP", "queue", "0"]);
    bytes.extend(resp::encode_command(["SET", "after", "1"]));
    bytes.extend(resp::encode_command(["GET", "after"]));
    client.send(&bytes);
    while other.info("blocked_clients") != "1" {}
    assert_eq!(other.ask("EXISTS after"), "0");
    other.ask("RPUSH queue x");
    assert_eq!([client.reply(), client.reply(), client.reply()], ["[queue, x]", "OK", "1"]);
    // A timeout of a few milliseconds is one, and the connection goes on.
    assert_eq!(client.ask("BLPOP queue 0.01"), "(nil)");
    assert_eq!(client.ask("PING"), "PONG");
}
