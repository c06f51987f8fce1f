//! Four threads write, and what leaves must come to what they have written: one order over all lanes.

use std::sync::Arc;

use server::{Endpoint, Node, Session, Stopped, Targets, Worker};

use crate::host::{Client, node, on_all_lanes};

const LANES: usize = 4;
const ROUNDS: usize = 2500;

/// Executes what a tap brought on a node of its own.
fn obey(stream: &[u8]) -> Arc<Node> {
    let replica = node(1);
    let endpoint = Endpoint {
        addr: "127.0.0.1:6379".into(),
        laddr: "127.0.0.1:50000".into(),
        fd: 8,
        is_local: true,
        is_unix: false,
    };
    let mut session = Session::from_primary(&replica, 0, endpoint);
    let mut worker = Worker::new(Arc::clone(&replica), 0);
    session.input.extend_from_slice(stream);
    loop {
        let stopped = worker.run(&mut session);
        let text = String::from_utf8_lossy(&session.output);
        let refused = text.lines().find(|line| line.starts_with('-'));
        assert_eq!(refused, None);
        session.output.clear();
        if stopped != Stopped::OutputFull {
            assert_eq!((stopped, session.input.len()), (Stopped::Drained, 0));
            return replica;
        }
    }
}

/// Everything that the node answers about its keys.
fn content(node: &Arc<Node>) -> Vec<String> {
    let mut client = Client::new(node, 0);
    let mut all = Vec::new();
    for db in 0..2 {
        client.ask(&format!("SELECT {db}"));
        let names = client.ask("KEYS *");
        for name in names.split("\r\n").filter(|name| name.contains(':') && !name.starts_with(['*', '$'])) {
            let read = match name.split(':').next().unwrap() {
                "l" => format!("LRANGE {name} 0 -1"),
                "s" => format!("SORT {name} ALPHA"),
                "z" => format!("ZRANGE {name} 0 -1 WITHSCORES"),
                _ => format!("GET {name}"),
            };
            let (value, deadline) = (client.ask(&read), client.ask(&format!("PEXPIRETIME {name}")));
            all.push(format!("{db} {name} {deadline} {value}"));
        }
    }
    all.sort();
    all
}

#[test]
fn what_four_threads_write_is_repeated_by_one() {
    let node = node(LANES);
    let tap = node.tap(0, Targets::AOF, usize::MAX);
    on_all_lanes(&node, LANES, |lane, client| {
        let mut rng = fastrand::Rng::with_seed(lane as u64);
        for round in 0..ROUNDS {
            let (a, b) = (rng.u8(0..5), rng.u8(0..5));
            let line = match rng.u8(0..20) {
                0 => format!("INCR n:{a}"),
                1 => format!("APPEND t:{a} {}", lane),
                2 => format!("SET t:{a} {lane}.{round} PX {}", rng.u8(1..4)),
                3 => format!("PEXPIRE t:{a} {}", rng.u8(1..20)),
                4 => format!("RPUSH l:{a} {lane}.{round}"),
                5 => format!("LMOVE l:{a} l:{b} LEFT RIGHT"),
                6 => format!("LPOP l:{a} 2"),
                7 => format!("SADD s:{a} {round}"),
                8 => format!("SPOP s:{a}"),
                9 => format!("SUNIONSTORE s:{a} s:{b} s:{}", rng.u8(0..5)),
                10 => format!("ZINCRBY z:{a} 1 m{b}"),
                11 => format!("ZPOPMIN z:{a}"),
                12 => format!("RENAME t:{a} t:{b}"),
                13 => format!("MSET n:{a} {round} t:{b} {lane}"),
                14 => format!("INCRBYFLOAT n:{a} 0.5"),
                15 => {
                    client.ask("MULTI");
                    client.ask(&format!("RPUSH l:{a} x"));
                    client.ask(&format!("LPOP l:{b}"));
                    "EXEC".to_owned()
                }
                16 => format!("COPY t:{a} t:{b} REPLACE"),
                17 if round % 200 == 0 => "SWAPDB 0 1".to_owned(),
                18 if round % 200 == 0 => "FLUSHDB".to_owned(),
                17 => format!("EVAL redis.call('incr',KEYS[1])redis.call('lpush',KEYS[2],'s') 2 n:{a} l:{b}"),
                18 => format!("MOVE t:{a} 1"),
                _ => format!("DEL t:{a} l:{b}"),
            };
            let reply = client.ask(&line);
            assert!(!reply.starts_with("-ERR unknown") && !reply.starts_with("-ERR syntax"), "{line}: {reply}");
            if lane == 0 && round % 8 == 0 {
                client.tick();
            }
        }
    });
    let mut client = Client::new(&node, 0);
    node.host().sleep_us(100_000);
    (0..100).for_each(|_| client.tick());

    let mut stream = Vec::new();
    tap.take(&mut stream).unwrap();
    let replica = obey(&stream);
    let (here, there) = (content(&node), content(&replica));
    assert!(here.len() > 10, "something must be left: {here:?}");
    assert_eq!(here, there);
}
