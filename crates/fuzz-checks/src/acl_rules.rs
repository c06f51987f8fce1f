//! Users: any bytes are a file of users or are refused, and what is written of one reads back the same.
//!
//! The bytes are also the rules of one user, as lines of a file and as arguments of ACL SETUSER. A user made of what ACL LIST says of
//! another may do the same, and is a line of a file.

use std::cell::RefCell;

use server::testing::rewritten_users;

use crate::memory_server::{Client, with_client};

thread_local! {
    static PLACE: RefCell<Option<Client>> = const { RefCell::new(None) };
}

/// What a user may or may not: commands with keys of each kind, channels, subcommands, databases.
const TRIED: &[&str] = &[
    "get key",
    "set key value",
    "mset key value app:1 value",
    "getex read:1 persist",
    "copy read:1 write:1",
    "sort app:1 store write:1",
    "publish news.1 text",
    "psubscribe news.*",
    "config get maxmemory",
    "config set maxmemory 0",
    "client list",
    "acl whoami",
    "select 1",
    "object freq key",
    "flushall",
    "eval script 1 key",
    "ping",
];

/// Files of users, and ACL SETUSER.
pub fn check(input: &[u8]) {
    for file in [input.to_vec(), [b"user fuzzed ", input].concat()] {
        if let Some(written) = rewritten_users(&file) {
            assert_eq!(rewritten_users(&written), Some(written));
        }
    }
    let rules: Vec<&[u8]> = input.split(|byte| *byte == b' ').take(100).collect();
    with_client(&PLACE, |client| {
        if let Some(first) = powers(client, &rules) {
            let line = listed(client);
            let file = rewritten_users(&[&line[..], b"\n"].concat()).expect("what is listed is a line of a file");
            let lines: Vec<&[u8]> = file.split(|byte| *byte == b'\n').collect();
            assert!(lines.contains(&&line[..]), "{}: {}", line.escape_ascii(), file.escape_ascii());
            let rules = line.strip_prefix(b"user fuzzed ").expect("a user's line");
            let rules: Vec<&[u8]> = rules.split(|byte| *byte == b' ').collect();
            let second = powers(client, &rules).expect("what is listed is obeyed");
            assert_eq!(second, first);
            assert_eq!(listed(client).escape_ascii().to_string(), line.escape_ascii().to_string());
        }
        client.tell("acl deluser fuzzed");
        assert_eq!(client.tell("acl users"), b"*1\r\n$7\r\ndefault\r\n");
    });
}

/// Makes the user anew; what it may do, or nothing if a rule is refused.
fn powers(client: &mut Client, rules: &[&[u8]]) -> Option<Vec<String>> {
    client.tell("acl deluser fuzzed");
    let command: Vec<&[u8]> = [&b"acl"[..], b"setuser", b"fuzzed"].into_iter().chain(rules.iter().copied()).collect();
    let reply = client.ask(&command);
    if reply != b"+OK\r\n" {
        assert!(reply.starts_with(b"-ERR"), "{}", reply.escape_ascii());
        assert_eq!(client.tell("acl getuser fuzzed"), b"$-1\r\n", "what is refused makes no user");
        return None;
    }
    let tried = TRIED.iter().map(|line| client.tell(&format!("acl dryrun fuzzed {line}")).escape_ascii().to_string());
    Some(tried.collect())
}

/// The line of ACL LIST.
fn listed(client: &mut Client) -> Vec<u8> {
    let reply = client.tell("acl list");
    let mut rest = &reply[..];
    let value = resp::Reader::new(resp::ReadLimits::default()).read(&mut rest).expect("a reply").expect("a whole one");
    let resp::Value::Array(lines) = value else { panic!("{}", reply.escape_ascii()) };
    let lines = lines.iter().filter_map(resp::Value::as_bytes);
    let mut ours = lines.filter(|line| line.starts_with(b"user fuzzed "));
    ours.next().expect("a line").to_vec()
}
