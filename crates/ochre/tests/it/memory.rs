//! `maxmemory` and what clients may take, with the real allocator.

use crate::client::Client;
use crate::server::{Server, eventually};

const MIB: u64 = 1 << 20;

fn used(client: &mut Client) -> u64 {
    client.info("used_memory").parse().unwrap()
}

fn count(client: &mut Client, field: &str) -> u64 {
    client.info(field).parse().unwrap()
}

/// Sends `batches` times 50 writes of up to 8 KiB and returns the most memory seen in use between them.
fn write_and_watch(server: &Server, batches: u64, volatile: bool) -> u64 {
    let (mut writer, mut watcher) = (server.connect(), server.connect());
    let text = "x".repeat(8192);
    let mut most = 0;
    for batch in 0..batches {
        let mut script = Vec::new();
        for i in 0..50 {
            let number = batch * 50 + i;
            let size = usize::try_from(1 + number * 2_654_435_761 % 8192).unwrap();
            let (name, value) = (format!("k{number}"), &text[..size]);
            match number % 4 {
                0 => script.extend(resp::encode_command(["HSET", &name, "f", value])),
                1 => script.extend(resp::encode_command(["RPUSH", &name, value])),
                _ => script.extend(resp::encode_command(["SET", &name, value])),
            }
            let ttl = if volatile { format!("{}", 1000 + number % 1000) } else { "-1".into() };
            script.extend(match volatile {
                true => resp::encode_command(["EXPIRE", &name, &ttl]),
                false => resp::encode_command(["EXISTS", &name]),
            });
        }
        writer.send(&script);
        for _ in 0..100 {
            let reply = writer.reply();
            assert!(!reply.starts_with("(error)"), "{reply}");
        }
        most = most.max(used(&mut watcher));
    }
    most
}

#[test]
fn memory_stays_within_the_limit() {
    for (threads, policies) in [("1", ["allkeys-lru", "volatile-ttl"]), ("2", ["allkeys-lfu", "volatile-random"])] {
        let server = Server::start(&["--threads", threads, "--maxmemory", "40mb"]);
        let mut client = server.connect();
        for policy in policies {
            assert_eq!(client.ask(&format!("CONFIG SET maxmemory-policy {policy}")), "OK");
            let most = write_and_watch(&server, 400, policy.starts_with("volatile"));
            assert!(most > 36 * MIB, "{policy} filled only {most}");
            assert!(most < 41 * MIB, "{policy} reached {most}");
            assert!(count(&mut client, "evicted_keys") > 100);
            assert_eq!(client.ask("FLUSHALL SYNC"), "OK");
            assert_eq!(client.ask("CONFIG RESETSTAT"), "OK");
        }
    }
}

#[test]
fn a_lower_limit_is_reached_without_a_command() {
    let server = Server::start(&["--threads", "2", "--maxmemory-policy", "allkeys-random"]);
    let mut client = server.connect();
    write_and_watch(&server, 80, false);
    let keys = client.ask("DBSIZE").parse::<u64>().unwrap();
    // The last command of this batch is the only one: the rest is the timer's work.
    assert_eq!(client.ask("CONFIG SET maxmemory 8mb"), "OK");
    eventually("memory is within the limit", || count(&mut client, "used_memory") <= 8 * MIB);
    let (left, evicted) = (client.ask("DBSIZE").parse::<u64>().unwrap(), count(&mut client, "evicted_keys"));
    assert_eq!(left + evicted, keys);
    assert!(left > 100, "more went than had to: {left} are left");
}

#[test]
fn values_of_megabytes_come_and_go_within_the_limit() {
    let server = Server::start(&["--maxmemory", "32mb", "--maxmemory-policy", "allkeys-lru"]);
    let mut client = server.connect();
    let value = "x".repeat(3 << 20);
    for i in 0..40 {
        assert_eq!(client.ask_words(&["SET", &format!("k{i}"), &value]), "OK");
        assert_eq!(client.ask_words(&["GET", &format!("k{i}")]).len(), value.len());
    }
    let keys = client.ask("DBSIZE").parse::<u64>().unwrap();
    assert!((5..=10).contains(&keys), "{keys} keys of 3 MiB");
    // Input, output and the value itself: one command's data beyond the limit.
    assert!(count(&mut client, "used_memory_peak") < 48 * MIB);
}

#[test]
fn what_is_flushed_makes_room_at_once() {
    let server = Server::start(&["--maxmemory", "24mb"]);
    let mut client = server.connect();
    let value = "x".repeat(1 << 20);
    for _ in 0..3 {
        let mut kept = 0;
        while client.ask_words(&["SET", &format!("k{kept}"), &value]) == "OK" {
            kept += 1;
        }
        assert!(kept >= 10, "full after {kept} MiB");
        assert_eq!(client.ask("GET nosuch"), "(nil)");
        assert_eq!(client.ask("FLUSHALL"), "OK");
    }
    assert_eq!(client.info("errorstat_OOM"), "count=3");
}

#[test]
fn a_reply_beyond_the_hard_limit_ends_its_client() {
    let server = Server::start(&["--client-output-buffer-limit", "normal 2mb 0 0"]);
    let (mut client, mut other) = (server.connect(), server.connect());
    assert_eq!(other.ask_words(&["SET", "big", &"x".repeat(4 << 20)]), "OK");
    assert_eq!(other.ask_words(&["SET", "small", &"x".repeat(1 << 20)]), "OK");
    assert_eq!(client.ask("GET small").len(), 1 << 20);
    client.send(&resp::encode_command(["GET", "big"]));
    assert!(client.is_closed());
    assert_eq!(other.ask("STRLEN big"), "4194304");
    assert_eq!(count(&mut other, "client_output_buffer_limit_disconnections"), 1);
    assert_eq!(server.log().matches("overcoming of output buffer limits").count(), 1);
}

#[test]
fn output_above_the_soft_limit_may_stay_for_its_time_only() {
    let server = Server::start(&["--client-output-buffer-limit", "normal 0 1mb 1"]);
    let (mut deaf, mut other) = (server.connect(), server.connect());
    assert_eq!(other.ask_words(&["SET", "big", &"x".repeat(24 << 20)]), "OK");
    let id = deaf.ask("CLIENT ID");
    deaf.send(&resp::encode_command(["GET", "big"]));
    eventually("it is closed", || other.ask(&format!("CLIENT LIST ID {id}")).is_empty());
    // Whoever reads may ask for as much.
    assert_eq!(other.ask("GET big").len(), 24 << 20);
    assert_eq!(server.log().matches("overcoming of output buffer limits").count(), 1);
}

#[test]
fn the_largest_clients_go_first_when_all_take_too_much() {
    for limit in [["8mb", "0"], ["10%", "80mb"]] {
        let server = Server::start(&[
            "--threads",
            "2",
            "--maxmemory-clients",
            limit[0],
            "--maxmemory",
            limit[1],
            "--maxmemory-policy",
            "noeviction",
        ]);
        let [mut safe, mut small, mut large, mut watcher] = std::array::from_fn(|_| server.connect());
        assert_eq!(safe.ask("CLIENT NO-EVICT on"), "OK");
        let queue = |client: &mut Client, mib: usize| {
            assert_eq!(client.ask("MULTI"), "OK");
            for _ in 0..mib {
                // Whoever is closed may hear of it while he still sends.
                let sent = client.try_send(&resp::encode_command(["SET", "k", &"x".repeat(1 << 20)]));
                if sent.is_err() || client.first().is_none() {
                    return false;
                }
            }
            true
        };
        assert!(queue(&mut safe, 4));
        assert!(queue(&mut small, 1));
        queue(&mut large, 6);
        eventually("one is closed", || count(&mut watcher, "evicted_clients") == 1);
        assert!(large.first().is_none_or(|reply| reply == "QUEUED") && large.first().is_none());
        assert_eq!(small.ask("DISCARD"), "OK");
        assert_eq!(safe.ask("DISCARD"), "OK");
        assert_eq!(server.log().matches("Evicting client").count(), 1);
    }
}

#[test]
fn what_waits_for_a_client_is_told() {
    let server = Server::start(&["--threads", "2"]);
    let (mut deaf, mut other) = (server.connect(), server.connect());
    assert_eq!(other.ask_words(&["SET", "big", &"x".repeat(24 << 20)]), "OK");
    let id = deaf.ask("CLIENT ID");
    let line = |client: &mut Client| client.ask(&format!("CLIENT LIST ID {id}"));
    let field = |line: &str, name: &str| -> u64 {
        let value = line.split(' ').find_map(|field| field.strip_prefix(name)).unwrap_or_else(|| panic!("{line}"));
        value.parse().unwrap()
    };
    assert_eq!(field(&line(&mut other), "omem="), 0);
    deaf.send(&resp::encode_command(["GET", "big"]));
    deaf.send(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100\r\n");
    eventually("most of it waits", || field(&line(&mut other), "omem=") > 8 * MIB);
    let told = line(&mut other);
    assert!(field(&told, "tot-mem=") > field(&told, "omem="), "{told}");
    assert!(field(&told, "rbs=") >= field(&told, "omem="), "{told}");
    assert_eq!((field(&told, "obl="), field(&told, "oll=")), (0, 1), "{told}");
    assert!(count(&mut other, "mem_clients_normal") > 8 * MIB);
    assert_eq!(deaf.reply().len(), 24 << 20);
    eventually("it has read", || field(&line(&mut other), "tot-mem=") < 16 * 1024);
    assert!(count(&mut other, "mem_clients_normal") < MIB);
}

/// What MEMORY USAGE says of a sorted set is what it made memory grow by.
#[test]
fn memory_usage_of_a_sorted_set_is_what_it_takes() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    // The first time the connection takes memory of its own, and gives the key back.
    for (key, members, width) in [("warm", 1000, 70), ("short", 150_000_u64, 6), ("long", 60_000, 70)] {
        let before = used(&mut client);
        for batch in 0..members / 1000 {
            let mut words: Vec<String> = vec!["ZADD".into(), key.into()];
            for number in batch * 1000..(batch + 1) * 1000 {
                // In no order, and many with the same score.
                let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
                words.extend([(mixed % 5000).to_string(), format!("member:{mixed:08}:{number:0width$}")]);
            }
            client.send(&resp::encode_command(&words));
            assert_eq!(client.reply(), "1000");
        }
        let grown = used(&mut client).saturating_sub(before) as f64;
        let told: f64 = client.ask(&format!("MEMORY USAGE {key}")).parse().unwrap();
        assert!(key == "warm" || (told / grown - 1.0).abs() < 0.06, "{key}: {told} of {grown}");
    }
}
