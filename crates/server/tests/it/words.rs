//! Words thrown together at random: whatever a client says to a server of several lanes, it is answered and nothing panics. With one
//! lane a handler that touches a key which its spec does not declare goes unseen; with several it panics.

use arbtest::arbitrary::{Result, Unstructured};

use crate::host::{Client, node};

/// What arguments are made of: keys that meet, numbers at their ends, words of options, bytes that are neither.
const WORDS: &[&[u8]] = &[
    b"a",
    b"b",
    b"c",
    b"{x}y",
    b"",
    b"0",
    b"1",
    b"2",
    b"-1",
    b"3",
    b"100",
    b"9223372036854775807",
    b"-9223372036854775808",
    b"9223372036854775808",
    b"4294967295",
    b"4294967296",
    b"1.5",
    b"-0",
    b"inf",
    b"nan",
    b"1e400",
    b"NX",
    b"XX",
    b"GT",
    b"LT",
    b"EX",
    b"PX",
    b"EXAT",
    b"PXAT",
    b"KEEPTTL",
    b"PERSIST",
    b"GET",
    b"COUNT",
    b"MATCH",
    b"TYPE",
    b"string",
    b"*",
    b"[a-",
    b"DB",
    b"REPLACE",
    b"ABSTTL",
    b"IDLETIME",
    b"FREQ",
    b"LIMIT",
    b"LEN",
    b"IDX",
    b"MINMATCHLEN",
    b"WITHMATCHLEN",
    b"u8",
    b"i64",
    b"u63",
    b"#1",
    b"INCRBY",
    b"SET",
    b"OVERFLOW",
    b"SAT",
    b"WRAP",
    b"FAIL",
    b"BIT",
    b"BYTE",
    b"AND",
    b"OR",
    b"NOT",
    b"XOR",
    b"DIFF",
    b"ONE",
    b"ANDOR",
    b"DIFF1",
    b"ASYNC",
    b"SYNC",
    b"ENCODING",
    b"HELP",
    b"IFEQ",
    b"IFNE",
    b"FIELDS",
    b"ID",
    b"KEYS",
    b"NUMKEYS",
    b"\xff\x00\r\n",
    b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    b"+inf",
    b"WEIGHTS",
];

/// Offsets of bits and bytes that make a string of half a gigabyte.
const LONG: [&[u8]; 2] = [b"4294967295", b"4294967296"];

/// Commands that would only spoil the test: they end or silence the connection, or wait.
const LEFT_OUT: &[&str] = &["shutdown", "quit", "client", "debug", "hello", "auth", "reset", "monitor"];

#[test]
fn no_words_make_a_server_of_four_lanes_panic() {
    let mut lister = Client::new(&node(1), 0);
    let reply = lister.ask("COMMAND LIST");
    let names: Vec<String> = reply
        .lines()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_alphabetic()))
        .map(str::to_owned)
        .collect();
    assert!(names.len() > 50, "{reply}");
    // Subcommands are met through their containers.
    let names = names.into_iter().filter(|name| !name.contains('|'));
    let names: Vec<String> = names.filter(|name| !LEFT_OUT.contains(&&**name)).collect();
    arbtest::arbtest(|u| throw(u, &names)).budget_ms(2000);
}

fn throw(u: &mut Unstructured<'_>, names: &[String]) -> Result<()> {
    let node = node(4);
    let mut clients: Vec<Client> = (0..4).map(|lane| Client::new(&node, lane)).collect();
    while !u.is_empty() {
        let mut command: Vec<&[u8]> = vec![u.choose(names)?.as_bytes()];
        for _ in 0..u.int_in_range(0..=7)? {
            command.push(u.choose(WORDS)?);
        }
        // No string of a gigabyte for SETRANGE and SETBIT: the machine is not what is tested.
        if command[0].starts_with(b"set") || command[0] == b"bitfield" {
            command.retain(|word| !LONG.contains(word));
        }
        let client = u.choose_index(clients.len())?;
        let reply = clients[client].pipeline([&command[..]]);
        if clients[client].is_waiting() {
            // Left waiting, so that others serve it.
            clients[client] = Client::new(&node, client);
            continue;
        }
        assert!(!reply.is_empty(), "{command:?} was not answered");
        assert!(!clients[client].is_closing(), "{command:?} closed the connection");
    }
    Ok(())
}
