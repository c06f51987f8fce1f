//! Bytes -> commands or an error, and the shape of batches.

use super::connection::{Connection, PING, check, check_error, check_with, then_ping};
use crate::request::{Batch, Limits, ProtocolError, RequestParser};

#[test]
fn multibulk_commands_are_taken_by_length_and_not_by_content() {
    check(PING, &[&[b"PING"]]);
    check(b"*2\r\n$3\r\nGET\r\n$0\r\n\r\n", &[&[b"GET", b""]]);
    check(b"*3\r\n$3\r\nSET\r\n$2\r\n\r\n\r\n$4\r\n*1\r\n\r\n", &[&[b"SET", b"\r\n", b"*1\r\n"]]);
    check(b"*2\r\n$4\r\nECHO\r\n$13\r\n\x00\xff$*\"' {}[]\r\n\r\n", &[&[b"ECHO", b"\x00\xff$*\"' {}[]\r\n"]]);
    check(b"*1\r\n$0\r\n\r\n", &[&[b""]]);
}

#[test]
fn pipelines_mix_both_forms() {
    check(&[PING, b"PING\r\nGET k\n", PING].concat(), &[&[b"PING"], &[b"PING"], &[b"GET", b"k"], &[b"PING"]]);
    check(&PING.repeat(7), &[&[b"PING" as &[u8]] as &[&[u8]]; 7]);
}

#[test]
fn empty_commands_leave_no_trace() {
    for nothing in [
        &b"*0\r\n"[..],
        b"*-1\r\n",
        b"*-5\r\n",
        b"*-99999999999\r\n",
        b"\r\n",
        b"\n",
        b"  \t \r\n",
        b"\r\r\n",
        b"\x0b\x0c\n",
    ] {
        check(nothing, &[]);
        check(&then_ping(&nothing.repeat(3)), &[&[b"PING"]]);
    }
}

#[test]
fn line_ends_of_headers_and_bulks_are_not_looked_at() {
    check(&then_ping(b"*1\rX$4\rXPINGXY"), &[&[b"PING"], &[b"PING"]]);
    check(&then_ping(b"*1\r\r$4\r\rPING\r\r"), &[&[b"PING"], &[b"PING"]]);
}

#[test]
fn counts_of_arguments_are_canonical_and_at_most_i32_max() {
    for count in
        ["", "01", "+1", "1 ", " 1", "-0", "00", "-01", "abc", "1\n", "2147483648", "4294967297", "9223372036854775808"]
    {
        check_error(format!("*{count}\r\n").as_bytes(), &[], ProtocolError::InvalidMultibulkLength);
    }
    for count in ["1", "1048576", "1048577", "2147483647"] {
        check(format!("*{count}\r\n").as_bytes(), &[]);
    }
}

#[test]
fn argument_lengths_are_canonical_and_within_the_limit() {
    for len in [
        "-1",
        "-2",
        "",
        "abc",
        "01",
        "+4",
        "4 ",
        "0x4",
        "-0",
        "536870913",
        "9223372036854775807",
        "99999999999999999999",
    ] {
        check_error(format!("*1\r\n${len}\r\n").as_bytes(), &[], ProtocolError::InvalidBulkLength);
    }
    check(b"*1\r\n$536870912\r\n", &[]);
    let limits = Limits { max_bulk_len: 5, ..Limits::default() };
    check_with(limits, b"*1\r\n$5\r\nhello\r\n", &[&[b"hello"]], None);
    check_with(limits, b"*1\r\n$6\r\nhello!\r\n", &[], Some(ProtocolError::InvalidBulkLength));
}

#[test]
fn arguments_start_with_a_dollar_which_is_only_checked_at_the_end_of_the_line() {
    for got in [0, 1, b'\t', b'\n', b'\r', 0x1b, b' ', b'*', b':', b'f', 0x7f, 0x80, 0xff] {
        check_error(&[b"*1\r\n", &[got][..], b"\r\n"].concat(), &[], ProtocolError::ExpectedBulk(got));
    }
    check_error(b"*2\r\n$4\r\nECHO\r\n*0\r\n", &[], ProtocolError::ExpectedBulk(b'*'));
    for unfinished in [&b"*1\r\nX"[..], b"*1\r\nfoo\r", b"*1\r\nPING\n"] {
        check(unfinished, &[]);
    }
}

#[test]
fn complete_commands_come_before_an_error() {
    check_error(&then_ping(&[PING, b"*1\r\nX\r\n"].concat()), &[&[b"PING"]], ProtocolError::ExpectedBulk(b'X'));
    check_error(&then_ping(&[PING, b"PING 'a\r\n"].concat()), &[&[b"PING"]], ProtocolError::UnbalancedQuotes);
    check_error(
        &[&PING.repeat(4)[..], b"*x\r\n"].concat(),
        &[&[b"PING" as &[u8]] as &[&[u8]]; 4],
        ProtocolError::InvalidMultibulkLength,
    );
}

#[test]
fn inline_commands_are_lines_of_words() {
    check(b"PING\r\n", &[&[b"PING"]]);
    check(b"PING\n", &[&[b"PING"]]);
    check(b"PING\r\r\n", &[&[b"PING"]]);
    check(b"   PING \t  x  \r\n", &[&[b"PING", b"x"]]);
    check(b"ECHO a\rb\r\n", &[&[b"ECHO", b"a", b"b"]]);
    check(b"ECHO\x0bx \xff\xc3\xa9\n", &[&[b"ECHO\x0bx", b"\xff\xc3\xa9"]]);
    check(b"\"PING\" 'a b' \"\\x00\\n\"\r\nPING\n'x'\n", &[&[b"PING", b"a b", b"\0\n"], &[b"PING"], &[b"x"]]);
    check(b"''\n", &[&[b""]]);
    check(b"PING", &[]);
    check_error(b"SET k \"a\"b\r\n", &[], ProtocolError::UnbalancedQuotes);
}

/// Redis never finds the end of such a line: it waits until 64 KB have come and then closes the connection.
#[test]
fn a_nul_in_an_inline_command_is_a_byte_like_any_other() {
    check(b"ECHO a\0b\r\nPING\r\n", &[&[b"ECHO", b"a\0b"], &[b"PING"]]);
    check(b"ECHO \"a\0b\"\r\n", &[&[b"ECHO", b"a\0b"]]);
}

#[test]
fn a_batch_holds_no_more_commands_than_it_was_made_for() {
    let input = PING.repeat(5);
    let (mut parser, mut batch) = (RequestParser::new(), Batch::new(2));
    let progress = parser.parse(&input, &mut batch, &Limits::default()).unwrap();
    assert_eq!((batch.len(), batch.is_full(), progress.consumed), (2, true, 2 * PING.len()));
    let progress = parser.parse(&input[4 * PING.len()..], &mut batch, &Limits::default()).unwrap();
    assert_eq!((batch.len(), batch.is_full(), progress.consumed), (1, false, PING.len()));
}

#[test]
fn the_tail_of_a_batch_can_be_given_back() {
    let input = [PING, b"GET k\r\n", PING, b"*1\r\n$4\r\nPI"].concat();
    let (mut parser, mut batch) = (RequestParser::new(), Batch::new(8));
    parser.parse(&input, &mut batch, &Limits::default()).unwrap();
    assert_eq!(batch.len(), 3);
    let rest = &input[batch.end(0).unwrap()..];
    parser.reset();
    let progress = parser.parse(rest, &mut batch, &Limits::default()).unwrap();
    assert_eq!(batch.argv(0, rest).and_then(|argv| argv.get(1)), Some(&b"k"[..]));
    assert_eq!((batch.len(), progress.consumed, progress.missing), (2, 7 + PING.len(), 4));
}

#[test]
fn the_missing_bytes_of_an_argument_are_counted_to_its_end() {
    let mut connection = Connection::new(1, Limits::default());
    connection.receive(b"*2\r\n$3\r\nSET\r\n$100");
    assert_eq!(connection.missing, 0);
    connection.receive(b"0000\r\n");
    assert_eq!(connection.missing, 1_000_002);
    for received in 1..100 {
        connection.receive(&[b'v'; 10_000]);
        assert_eq!(connection.missing, 1_000_002 - received * 10_000);
    }
    connection.receive(&[b'v'; 10_000]);
    assert_eq!(connection.missing, 2);
    connection.receive(b"\r");
    assert_eq!((connection.missing, connection.commands.len()), (1, 0));
    connection.receive(b"\n");
    assert_eq!((connection.missing, connection.commands.len()), (0, 1));
}
