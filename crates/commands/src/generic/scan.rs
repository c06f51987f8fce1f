//! SCAN, KEYS, RANDOMKEY, DBSIZE: what looks at keys it does not name.
//!
//! SCAN, RANDOMKEY and DBSIZE walk stripe by stripe and hold up nobody; KEYS answers for one moment and stops everybody.

use command_api::{Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, Reply, Scope};
use stdx::{glob, num};

pub(super) const SCAN: Command = Command::new("scan", scan)
    .since("2.8.0")
    .arity(-2)
    .readonly()
    .acl(&[Acl::Keyspace])
    .scope(Scope::Walk)
    .tips(&["nondeterministic_output", "request_policy:special", "response_policy:special"])
    .docs(&SCAN_DOCS);

pub(super) const KEYS: Command = Command::new("keys", keys)
    .since("1.0.0")
    .arity(2)
    .readonly()
    .acl(&[Acl::Keyspace, Acl::Dangerous])
    .scope(Scope::All)
    .tips(&["request_policy:all_shards", "nondeterministic_output_order"])
    .docs(&KEYS_DOCS);

pub(super) const RANDOMKEY: Command = Command::new("randomkey", randomkey)
    .since("1.0.0")
    .arity(1)
    .readonly()
    .acl(&[Acl::Keyspace])
    .scope(Scope::Walk)
    .tips(&["request_policy:all_shards", "response_policy:special", "nondeterministic_output"])
    .docs(&RANDOMKEY_DOCS);

pub(super) const DBSIZE: Command = Command::new("dbsize", dbsize)
    .since("1.0.0")
    .arity(1)
    .readonly()
    .fast()
    .acl(&[Acl::Keyspace])
    .scope(Scope::Walk)
    .tips(&["request_policy:all_shards", "response_policy:agg_sum"])
    .docs(&DBSIZE_DOCS);

/// How many keys SCAN looks at when nobody says.
pub(crate) const DEFAULT_COUNT: usize = 10;

fn scan(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let cursor = parse_cursor(args.bytes()?).ok_or(CommandError::InvalidCursor)?;
    let options = ScanOptions::parse(args)?;

    // The cursor stands before the keys, but is known only after them.
    let mut found = Vec::new();
    let mut keys = Reply::new(&mut found, reply.protocol());
    let mut count = 0;
    let next = cx.db.scan(cursor, options.count, |entry| {
        if options.wants_type(entry.value_type().name()) && is_match(options.pattern, entry.key()) {
            keys.bulk(entry.key());
            count += 1;
        }
    });
    reply.array(2);
    reply.bulk(next.to_string().as_bytes());
    reply.array(count);
    reply.encoded(&found);
    Ok(Flow::Done)
}

/// What SCAN is asked for besides where to go on.
#[derive(Clone, Copy, Debug)]
struct ScanOptions<'a> {
    pattern: &'a [u8],
    /// How many keys to look at, about.
    count: usize,
    type_name: Option<&'a [u8]>,
}

impl<'a> ScanOptions<'a> {
    fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        let mut options = Self { pattern: b"*", count: DEFAULT_COUNT, type_name: None };
        while !args.is_empty() {
            let has_value = args.remaining() > 1;
            if has_value && args.accept("COUNT") {
                let count = args.int()?;
                if count < 1 {
                    return Err(CommandError::Syntax);
                }
                options.count = usize::try_from(count).unwrap_or(usize::MAX);
            } else if has_value && args.accept("MATCH") {
                options.pattern = args.bytes()?;
            } else if has_value && args.accept("TYPE") {
                options.type_name = Some(args.bytes()?);
            } else if args.accept("NOVALUES") {
                return Err(CommandError::other("ERR NOVALUES option can only be used in HSCAN"));
            } else {
                return Err(CommandError::Syntax);
            }
        }
        Ok(options)
    }

    fn wants_type(&self, name: &str) -> bool {
        self.type_name.is_none_or(|wanted| wanted.eq_ignore_ascii_case(name.as_bytes()))
    }
}

/// Reads a cursor as liberally as Redis 8 does: what is no canonical integer is read the way of C's `strtoull`, which takes spaces
/// in front, a sign (a negative number counts from the top), zeros, and stops at a NUL.
pub(crate) fn parse_cursor(text: &[u8]) -> Option<u64> {
    if let Some(int) = num::parse_i64(text) {
        return u64::try_from(int).ok();
    }
    let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
    let spaces = text.iter().take_while(|byte| matches!(byte, b' ' | b'\t'..=b'\r')).count();
    let (negative, digits) = match text.get(spaces..).unwrap_or_default() {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() {
        return None;
    }
    let number = digits.iter().try_fold(0_u64, |sum, &byte| {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 { None } else { sum.checked_mul(10)?.checked_add(u64::from(digit)) }
    })?;
    Some(if negative { number.wrapping_neg() } else { number })
}

/// A bare star takes every key, the empty one too, which no other pattern with a star does.
pub(crate) fn is_match(pattern: &[u8], key: &[u8]) -> bool {
    pattern == b"*" || glob::matches(pattern, key)
}

fn keys(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let pattern = args.bytes()?;
    args.finish()?;

    let keys = reply.array_later();
    let mut count = 0;
    if glob::is_literal(pattern) {
        if cx.db.contains(args.key_of(pattern)) {
            reply.bulk(pattern);
            count = 1;
        }
    } else {
        cx.db.for_each(|entry| {
            if is_match(pattern, entry.key()) {
                reply.bulk(entry.key());
                count += 1;
            }
        });
    }
    reply.settle_array(keys, count);
    Ok(Flow::Done)
}

fn randomkey(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    args.finish()?;

    let rng = &mut *cx.rng;
    if cx.db.random_key(&mut || rng.u64(..), |key| reply.bulk(key)).is_none() {
        reply.null();
    }
    Ok(Flow::Done)
}

fn dbsize(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    args.finish()?;

    reply.len(cx.db.size().keys);
    Ok(Flow::Done)
}

const SCAN_DOCS: Docs = Docs::new(
    "Walks through the keys of the database, some at each call.",
    Group::Generic,
    "O(1) for a call, O(N) for all calls from cursor 0 to cursor 0, with N keys",
)
.history(&[("6.0.0", "The `TYPE` option.")])
.arguments(&[
    Arg::integer("cursor"),
    Arg::pattern("pattern").token("MATCH").optional(),
    Arg::integer("count").token("COUNT").optional(),
    Arg::string("type").token("TYPE").since("6.0.0").optional(),
]);

const KEYS_DOCS: Docs = Docs::new(
    "Lists all keys whose names match a pattern.",
    Group::Generic,
    "O(N) with N keys in the database; O(1) when the pattern is a plain name",
)
.arguments(&[Arg::pattern("pattern")]);

const RANDOMKEY_DOCS: Docs = Docs::new("Picks a key, each being equally likely.", Group::Generic, "O(1)");

const DBSIZE_DOCS: Docs = Docs::new("Counts the keys of the database.", Group::Server, "O(1)");

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use resp::{ReadLimits, Reader, Value};
    use server::testing::{MemoryServer, check};
    use testkit::{Subject, Wait};

    use crate::told::check_counted;

    #[test]
    fn scan_answers_the_keys_that_pass_all_filters() {
        check(
            r"
            > SCAN 0                        => ['0', []]
            > MSET a 1 b 2 ab 3             => OK
            > SCAN 0                        => ['0', unordered ['a', 'ab', 'b']]
            > SCAN 0 MATCH a*               => ['0', unordered ['a', 'ab']]
            > SCAN 0 match a                => ['0', ['a']]
            > SCAN 0 MATCH a MATCH b        => ['0', ['b']]
            > SCAN 0 TYPE string            => ['0', unordered ['a', 'ab', 'b']]
            > SCAN 0 type STRING match ?b   => ['0', ['ab']]
            > SCAN 0 TYPE list              => ['0', []]
            > SCAN 0 TYPE list TYPE string COUNT 1 COUNT 100   => ['0', unordered ['a', 'ab', 'b']]
            > SCAN 0 COUNT 9223372036854775807                 => ['0', unordered ['a', 'ab', 'b']]
            > SET gone 1 PX 10              => OK
            @now +20ms
            > SCAN 0 MATCH g*               => ['0', []]
        ",
        );
    }

    #[test]
    fn a_type_that_does_not_exist_is_a_type_no_key_has() {
        check(
            r"
            @only redis ochre
            > SET a 1                       => OK
            > SCAN 0 TYPE nosuch            => ['0', []]
            > SCAN 0 TYPE none              => ['0', []]
            > SCAN 0 TYPE ''                => ['0', []]
            > SCAN 0 TYPE nosuch FOO        => (error) ERR syntax error
        ",
        );
    }

    #[test]
    fn the_cursor_is_read_before_the_options_and_they_in_order() {
        check(
            r"
            > SCAN                          => (error) ERR wrong number of arguments for 'scan' command
            > SCAN x                        => (error) ERR invalid cursor
            > SCAN x FOO                    => (error) ERR invalid cursor
            > SCAN x COUNT 0                => (error) ERR invalid cursor
            > SCAN 0 FOO                    => (error) ERR syntax error
            > SCAN 0 FOO 1                  => (error) ERR syntax error
            > SCAN 0 COUNT                  => (error) ERR syntax error
            > SCAN 0 MATCH                  => (error) ERR syntax error
            > SCAN 0 TYPE                   => (error) ERR syntax error
            > SCAN 0 COUNT 0                => (error) ERR syntax error
            > SCAN 0 COUNT -1               => (error) ERR syntax error
            > SCAN 0 COUNT x FOO            => (error) ERR value is not an integer or out of range
            > SCAN 0 COUNT 010              => (error) ERR value is not an integer or out of range
            > SCAN 0 FOO 1 COUNT x          => (error) ERR syntax error
            > SCAN 0 COUNT 9223372036854775808   => (error) ERR value is not an integer or out of range
        ",
        );
        check(
            r"
            @since 8.0 valkey 9.0
            > SCAN 0 NOVALUES               => (error) ERR NOVALUES option can only be used in HSCAN
            > SCAN 0 COUNT x NOVALUES       => (error) ERR value is not an integer or out of range
        ",
        );
    }

    #[test]
    fn cursors_are_read_the_way_of_strtoull() {
        check(
            r#"
            @since 8.0 valkey 9.0
            > SCAN 0x0                      => (error) ERR invalid cursor
            > SCAN 0.0                      => (error) ERR invalid cursor
            > SCAN ""                       => (error) ERR invalid cursor
            > SCAN " "                      => (error) ERR invalid cursor
            > SCAN "\x00"                   => (error) ERR invalid cursor
            > SCAN "0 "                     => (error) ERR invalid cursor
            > SCAN "+-1"                    => (error) ERR invalid cursor
            > SCAN -1                       => (error) ERR invalid cursor
            > SCAN -9223372036854775808     => (error) ERR invalid cursor
            > SCAN -18446744073709551616    => (error) ERR invalid cursor
            > SCAN 18446744073709551616     => (error) ERR invalid cursor
            > SCAN 18446744073709551615     => ['0', []]
            > SCAN -18446744073709551615    => ['0', []]
            > SCAN -9223372036854775809     => ['0', []]
            > SCAN 9223372036854775808      => ['0', []]
            > SCAN " -1"                    => ['0', []]
            > SCAN "\t\x0b\x0c\r\n0"        => ['0', []]
            > SCAN "0\x00x"                 => ['0', []]
            > SCAN +0                       => ['0', []]
            > SCAN -0                       => ['0', []]
            > SCAN 0000000000000000000000000001   => ['0', []]
        "#,
        );
    }

    #[test]
    fn calls_from_cursor_to_cursor_visit_every_key_that_stays() {
        for lanes in [1, 4] {
            let mut server = MemoryServer::new(lanes);
            for key in 0..1000 {
                ask(&mut server, &format!("SET key:{key} 1"));
            }
            let (mut cursor, mut seen, mut calls) = (String::from("0"), BTreeSet::new(), 0);
            loop {
                let Value::Array(answer) = ask(&mut server, &format!("SCAN {cursor} COUNT 7")) else {
                    panic!("no array")
                };
                let [Value::Bulk(next), Value::Array(keys)] = &answer[..] else { panic!("{answer:?}") };
                assert!(keys.len() < 100, "{} keys in one call", keys.len());
                seen.extend(keys.iter().filter_map(Value::as_bytes).map(<[u8]>::to_vec));
                cursor = String::from_utf8(next.clone()).unwrap();
                calls += 1;
                // The keyspace shrinks and grows meanwhile.
                ask(&mut server, &format!("DEL key:{}", 500 + calls));
                ask(&mut server, &format!("MSET other:{calls} 1 other:{calls}:{calls} 1"));
                if cursor == "0" {
                    break;
                }
                assert!(calls < 1000, "no end in sight");
            }
            let missed = (0..500).filter(|key| !seen.contains(format!("key:{key}").as_bytes())).count();
            assert_eq!(missed, 0, "of 500 keys, {lanes} lanes");
        }
    }

    fn ask(server: &mut MemoryServer, line: &str) -> Value {
        let conn = server.connect().unwrap();
        server.send(conn, format!("{line}\r\n").as_bytes()).unwrap();
        let answer = server.receive(conn, Wait::Reply).unwrap().bytes;
        server.close(conn);
        Reader::new(ReadLimits::default()).read(&mut &answer[..]).unwrap().unwrap()
    }

    #[test]
    fn a_bare_star_takes_the_empty_key_too() {
        check(
            r"
            > MSET '' 1 a 2                 => OK
            > SCAN 0 MATCH *                => ['0', unordered ['', 'a']]
            > SCAN 0 MATCH **               => ['0', ['a']]
            > SCAN 0 MATCH ''               => ['0', ['']]
            > KEYS *                        => unordered ['', 'a']
            > KEYS **                       => ['a']
            > KEYS ''                       => ['']
        ",
        );
    }

    #[test]
    fn keys_lists_what_matches() {
        check(
            r"
            > KEYS *                        => []
            > MSET a 1 b 2 ab 3 [a 4        => OK
            > KEYS *                        => unordered ['a', 'b', 'ab', '[a']
            > KEYS a                        => ['a']
            > KEYS none                     => []
            > KEYS ?                        => unordered ['a', 'b']
            > KEYS [ab]                     => unordered ['a', 'b']
            > KEYS \[a                      => ['[a']
            > KEYS *b*                      => unordered ['b', 'ab']
            > PEXPIRE a 10                  => 1
            > PEXPIRE b 10                  => 1
            @now +20ms
            > KEYS a                        => []
            > KEYS ?                        => []
            > KEYS                          => (error) ERR wrong number of arguments for 'keys' command
            > KEYS a b                      => (error) ERR wrong number of arguments for 'keys' command
        ",
        );
    }

    #[test]
    fn a_random_key_is_one_that_lives() {
        check(
            r"
            > RANDOMKEY                     => (nil)
            > SET a 1                       => OK
            > RANDOMKEY                     => 'a'
            > SET b 1                       => OK
            > RANDOMKEY                     => one of ['a', 'b']
            > PEXPIRE b 10                  => 1
            @now +20ms
            > RANDOMKEY                     => 'a'
            > SELECT 1                      => OK
            > RANDOMKEY                     => (nil)
            > RANDOMKEY a                   => (error) ERR wrong number of arguments for 'randomkey' command
        ",
        );
    }

    #[test]
    fn dbsize_counts_the_selected_database() {
        check(
            r"
            > DBSIZE                        => 0
            > MSET a 1 b 2                  => OK
            > DBSIZE                        => 2
            > SELECT 1                      => OK
            > DBSIZE                        => 0
            > DBSIZE 1                      => (error) ERR wrong number of arguments for 'dbsize' command
        ",
        );
    }

    #[test]
    fn looking_around_counts_neither_hits_nor_misses() {
        check_counted(&[
            ("SET k v", 0, 0),
            ("SCAN 0", 0, 0),
            ("KEYS *", 0, 0),
            ("KEYS k", 0, 0),
            ("KEYS none", 0, 0),
            ("RANDOMKEY", 0, 0),
            ("DBSIZE", 0, 0),
        ]);
    }
}
