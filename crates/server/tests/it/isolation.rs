//! What four threads see of each other's commands: each command whole or not at all, and those of one connection in order.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use crate::host::{Client, node, on_all_lanes};

const LANES: usize = 4;
const ROUNDS: usize = 1500;

/// Calls `work` until `writers` threads have counted themselves done.
fn until_done(done: &AtomicUsize, writers: usize, mut work: impl FnMut()) {
    while done.load(SeqCst) < writers {
        work();
    }
}

#[test]
fn increments_from_all_threads_add_up_with_whole_keyspace_commands_in_between() {
    let node = node(LANES);
    on_all_lanes(&node, LANES, |lane, client| {
        for round in 0..ROUNDS {
            client.int(&format!("INCR shared:{}", round % 7));
            client.int(&format!("INCRBY own:{lane} 2"));
            if round % 100 == lane {
                assert!(client.ask("KEYS own:*").starts_with('*'));
                // Others count on in the other database: the sum over both is what holds.
                assert_eq!(client.ask("SWAPDB 0 1"), "+OK\r\n");
            }
            if round % 200 == 50 {
                client.tick();
            }
        }
    });
    let mut client = Client::new(&node, 0);
    let mut sum = |key: String| -> i64 {
        (0..2)
            .map(|db| {
                assert_eq!(client.ask(&format!("SELECT {db}")), "+OK\r\n");
                client.int(&format!("INCRBY {key} 0"))
            })
            .sum()
    };
    let rounds = i64::try_from(ROUNDS).unwrap();
    assert_eq!((0..7).map(|at| sum(format!("shared:{at}"))).sum::<i64>(), rounds * 4);
    for lane in 0..LANES {
        assert_eq!(sum(format!("own:{lane}")), rounds * 2);
    }
}

#[test]
fn a_reader_never_sees_half_an_mset() {
    let (node, done) = (node(LANES), AtomicUsize::new(0));
    Client::new(&node, 0).ask("MSET a 0 b 0 c 0 d 0");
    on_all_lanes(&node, LANES, |lane, client| {
        if lane < 2 {
            for round in 0..ROUNDS {
                let value = round * 2 + lane;
                let keys = if lane == 0 { ["a", "b", "c", "d"] } else { ["d", "b", "a", "c"] };
                let pairs: Vec<String> = keys.map(|key| format!("{key} {value}")).to_vec();
                assert_eq!(client.ask(&format!("MSET {}", pairs.join(" "))), "+OK\r\n");
            }
            done.fetch_add(1, SeqCst);
        } else {
            until_done(&done, 2, || {
                let reply = client.ask("MGET a b c d");
                let values: Vec<&str> = reply.split("\r\n").skip(2).step_by(2).take(4).collect();
                assert!(values.windows(2).all(|pair| pair[0] == pair[1]), "{reply}");
            });
        }
    });
}

#[test]
fn a_key_that_is_renamed_or_moved_is_always_in_one_place() {
    let (node, done) = (node(LANES), AtomicUsize::new(0));
    Client::new(&node, 0).ask("SET here token");
    on_all_lanes(&node, LANES, |lane, client| match lane {
        0 => {
            for _ in 0..ROUNDS {
                assert_eq!(client.ask("RENAME here there"), "+OK\r\n");
                assert_eq!(client.ask("RENAME there here"), "+OK\r\n");
            }
            done.fetch_add(1, SeqCst);
        }
        1 => {
            client.ask("SET traveller 1");
            for round in 0..ROUNDS {
                client.ask(&format!("SELECT {}", round % 2));
                assert_eq!(client.int(&format!("MOVE traveller {}", 1 - round % 2)), 1);
            }
            done.fetch_add(1, SeqCst);
        }
        _ => until_done(&done, 2, || assert_eq!(client.int("EXISTS here there"), 1)),
    });
}

#[test]
fn a_copy_is_of_one_moment_and_flushall_of_all_keys() {
    let (node, done) = (node(LANES), AtomicUsize::new(0));
    on_all_lanes(&node, LANES, |lane, client| match lane {
        0 => {
            for round in 0..ROUNDS {
                let text = format!("{round}:").repeat(1 + round % 40);
                assert_eq!(client.ask(&format!("MSET source {text} twin {text}")), "+OK\r\n");
                if round % 20 == 0 {
                    assert_eq!(client.ask("FLUSHALL"), "+OK\r\n");
                }
            }
            done.fetch_add(1, SeqCst);
        }
        1 => until_done(&done, 1, || {
            let reply = client.ask("COPY source copy REPLACE");
            assert!(matches!(&*reply, ":0\r\n" | ":1\r\n"), "{reply}");
        }),
        2 => until_done(&done, 1, || {
            let reply = client.ask("GET copy");
            if let Some(text) = reply.split("\r\n").nth(1).filter(|text| !text.is_empty()) {
                let first = text.split(':').next().unwrap();
                assert!(text.split_terminator(':').all(|part| part == first), "{reply}");
            }
        }),
        _ => until_done(&done, 1, || {
            // Both or neither, before and after FLUSHALL.
            let both = client.int("EXISTS source twin");
            assert!(both == 0 || both == 2, "{both}");
            let keys = client.ask("KEYS *");
            assert_eq!(keys.contains("\r\nsource\r\n"), keys.contains("\r\ntwin\r\n"), "{keys}");
        }),
    });
}

#[test]
fn the_replies_of_a_pipeline_come_in_its_order() {
    let node = node(LANES);
    on_all_lanes(&node, LANES, |lane, client| {
        let key = format!("counter:{lane}").into_bytes();
        let (mut next, mut expected) = (0, Vec::new());
        for length in [1, 2, 63, 64, 65, 200, 1000] {
            let incr: [&[u8]; 2] = [b"INCR", &key];
            let mut commands: Vec<&[&[u8]]> = vec![&incr; length];
            // A command on everything in the middle of those on one key.
            commands.insert(length / 2, &[b"DBSIZE"]);
            let replies = client.pipeline(commands);
            expected.clear();
            for at in 0..length {
                if at == length / 2 {
                    expected.push(None);
                }
                next += 1;
                expected.push(Some(next));
            }
            let text = String::from_utf8(replies).unwrap();
            let got: Vec<i64> = text.lines().map(|line| line[1..].parse().unwrap()).collect();
            assert_eq!(got.len(), expected.len());
            assert!(got.iter().zip(&expected).all(|(got, want)| want.is_none_or(|want| want == *got)), "{text}");
        }
    });
}

#[test]
fn keys_of_all_threads_expire_by_the_timer_of_one() {
    let node = node(LANES);
    on_all_lanes(&node, LANES, |lane, client| {
        for round in 0..ROUNDS {
            let reply = client.ask(&format!("SET k:{lane}:{round} v PX {}", 1 + round % 3));
            assert_eq!(reply, "+OK\r\n");
            if lane == 0 {
                client.tick();
            }
        }
    });
    let mut client = Client::new(&node, 0);
    node.host().sleep_us(10_000);
    for _ in 0..LANES * ROUNDS {
        client.tick();
    }
    assert_eq!(client.int("DBSIZE"), 0);
    let lost = client.ask("INFO stats");
    assert!(lost.contains(&format!("expired_keys:{}", LANES * ROUNDS)), "{lost}");
}
