//! What a client may send, and what it can cost.

use super::connection::{Connection, check_with, outcome_in_pieces, words};
use crate::request::{Batch, Limits, ProtocolError, RequestParser};

#[test]
fn lines_longer_than_64_kb_are_refused() {
    const LIMIT: usize = 64 * 1024;
    for (start, too_long) in [
        (&b"*"[..], ProtocolError::MultibulkCountTooLong),
        (b"*1\r\n$", ProtocolError::BulkCountTooLong),
        (b"*1\r\nX", ProtocolError::BulkCountTooLong),
        (b"P", ProtocolError::InlineTooLong),
        (b"'", ProtocolError::InlineTooLong),
    ] {
        let line_start = start.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
        let mut input = start.to_vec();
        input.resize(line_start + LIMIT, b'1');
        for piece_len in [usize::MAX, 1000, 1] {
            assert_eq!(outcome_in_pieces(input.chunks(piece_len), Limits::default()), (vec![], None, input.clone()));
        }
        input.push(b'1');
        for piece_len in [usize::MAX, 1000, 1] {
            assert_eq!(outcome_in_pieces(input.chunks(piece_len), Limits::default()), (vec![], Some(too_long), vec![]));
        }
    }
    let longest = [&b"P".repeat(LIMIT)[..], b"\n"].concat();
    assert_eq!(outcome_in_pieces([&*longest], Limits::default()).0, [[b"P".repeat(LIMIT)]]);
}

#[test]
fn unauthenticated_clients_have_limits_of_their_own() {
    let limits = Limits { authenticated: false, ..Limits::default() };
    check_with(limits, b"*10\r\n", &[], None);
    check_with(limits, b"*11\r\n", &[], Some(ProtocolError::UnauthenticatedMultibulkLength));
    check_with(limits, b"*2147483648\r\n", &[], Some(ProtocolError::InvalidMultibulkLength));
    check_with(limits, b"*1\r\n$16384\r\n", &[], None);
    check_with(limits, b"*1\r\n$16385\r\n", &[], Some(ProtocolError::UnauthenticatedBulkLength));
    check_with(limits, b"*1\r\n$-1\r\n", &[], Some(ProtocolError::InvalidBulkLength));
    check_with(limits, b"*1\r\n$629145600\r\n", &[], Some(ProtocolError::InvalidBulkLength));
    check_with(
        limits,
        b"a b c d e f g h i j k\r\n",
        &[&[b"a", b"b", b"c", b"d", b"e", b"f", b"g", b"h", b"i", b"j", b"k"]],
        None,
    );
}

#[test]
fn what_follows_auth_is_parsed_with_the_limits_that_auth_gives() {
    let mut connection = Connection::new(32, Limits { authenticated: false, ..Limits::default() });
    let many = crate::encode_command(["x"; 11]);
    connection.input = [b"AUTH p\r\n", &many[..]].concat();
    let progress = connection.parser.parse(&connection.input, &mut connection.batch, &connection.limits);
    assert_eq!(progress.map(|progress| progress.consumed), Ok(8));
    connection.input.drain(..8);
    connection.limits.authenticated = true;
    connection.receive(b"");
    assert_eq!(connection.outcome(), (vec![words(&[b"x" as &[u8]; 11])], None, vec![]));
}

#[test]
fn a_command_that_spans_cannot_describe_is_refused_before_it_arrives() {
    let limits = Limits { max_bulk_len: u64::MAX, ..Limits::default() };
    for len in ["4294967280", "4294967295", "4294967296", "9223372036854775807"] {
        let input = format!("PING\r\n*1\r\n${len}\r\n");
        check_with(limits, input.as_bytes(), &[&[b"PING"]], Some(ProtocolError::CommandTooLong));
    }
    check_with(limits, b"*1\r\n$4294967000\r\n", &[], None);
}

#[test]
fn announced_counts_take_no_memory() {
    let (mut parser, mut batch) = (RequestParser::new(), Batch::new(8));
    parser.parse(b"*2147483647\r\n$536870912\r\n", &mut batch, &Limits::default()).unwrap();
    assert_eq!(parser.heap_bytes(), 0);
    parser.parse(b"*2147483647\r\n$536870912\r\nabc", &mut batch, &Limits::default()).unwrap();
    assert_eq!(parser.heap_bytes(), 0);
    assert_eq!(batch.heap_bytes(), 0);
}

/// Were anything looked at again with each piece, these would not end.
#[test]
fn the_cost_does_not_depend_on_the_number_of_pieces() {
    let args = vec!["element"; 200_000];
    let input = crate::encode_command(&args);
    let (mut parser, mut batch) = (RequestParser::new(), Batch::new(8));
    for end in (0..input.len()).step_by(7) {
        assert_eq!(parser.parse(&input[..end], &mut batch, &Limits::default()).unwrap().consumed, 0);
        assert!(batch.is_empty());
    }
    parser.parse(&input, &mut batch, &Limits::default()).unwrap();
    assert!(batch.argv(0, &input).unwrap().iter().eq(args.iter().map(|arg| arg.as_bytes())));
    assert!(parser.heap_bytes() <= 64 * 8, "the connection does not keep the room of its longest command");
    batch.clear();
    assert!(batch.heap_bytes() <= 256 * 1024, "nor does the thread");

    let bulk = crate::encode_command([vec![b'x'; 32 << 20]]);
    for end in (0..bulk.len()).step_by(100) {
        parser.parse(&bulk[..end], &mut batch, &Limits::default()).unwrap();
        assert!(batch.is_empty());
    }
}

#[test]
fn nothing_is_allocated_once_warm() {
    let input = [&crate::encode_command(["SET", "key", "value"]).repeat(20)[..], b"GET 'key'\r\nPING\r\n"].concat();
    let (mut parser, mut batch) = (RequestParser::new(), Batch::new(32));
    let mut room = Vec::new();
    for _ in 0..4 {
        for cut in 0..input.len() {
            let consumed = parser.parse(&input[..cut], &mut batch, &Limits::default()).unwrap().consumed;
            parser.parse(&input[consumed..], &mut batch, &Limits::default()).unwrap();
        }
        room.push((batch.heap_bytes(), parser.heap_bytes()));
    }
    assert_eq!(room[1..3], room[2..4]);
}
