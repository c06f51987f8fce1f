//! Servers that break the protocol, or mean harm.

use crate::reader::error::ReadErrorKind as E;
use crate::reader::{ReadError, ReadLimits, Reader, Value};

/// The error of `wire`, in one piece and byte by byte.
#[track_caller]
fn check_with(limits: ReadLimits, wire: &[u8], kind: E, offset: u64) {
    let mut reader = Reader::new(limits);
    let mut input = wire;
    let shown = wire.get(..60).unwrap_or(wire).escape_ascii();
    assert_eq!(reader.read(&mut input), Err(ReadError { offset, kind }), "{shown}");
    let mut reader = Reader::new(limits);
    let read = wire.chunks(1).find_map(|mut byte| reader.read(&mut byte).transpose());
    assert_eq!(read.unwrap().unwrap_err().kind, kind, "{shown} byte by byte");
}

#[track_caller]
fn check(wire: &[u8], kind: E, offset: usize) {
    check_with(ReadLimits::default(), wire, kind, offset as u64);
}

#[test]
fn malformed_replies_are_errors() {
    for wire in [
        &b":\r\n"[..],
        b":01\r\n",
        b":-0\r\n",
        b":x\r\n",
        b":++1\r\n",
        b":9223372036854775808\r\n",
        b"$\r\n",
        b"$-2\r\n",
        b"$?\r\n",
        b"$1x\r\n",
        b"*?\r\n",
        b"*-2\r\n",
        b"*01\r\n",
        b"~-1\r\n",
        b"%-1\r\n",
        b"!-1\r\n",
        b"=-1\r\n",
        b">x\r\n",
        b"|-1\r\n",
        b",\r\n",
        b",x\r\n",
        b",1,5\r\n",
        b", 1\r\n",
        b",0x1p3\r\n",
        b"(\r\n",
        b"(-\r\n",
        b"(1.5\r\n",
        b"(12 3\r\n",
        b"#\r\n",
        b"#x\r\n",
        b"#true\r\n",
        b"_x\r\n",
    ] {
        check(wire, E::MalformedLine, wire.len());
    }
    check(b"hello\r\n", E::UnknownType(b'h'), 7);
    check(b"HTTP/1.1 400 Bad Request\r\n", E::UnknownType(b'H'), 26);
    check(b";1\r\n", E::UnknownType(b';'), 4);
    check(b"+OK\n", E::MissingLineEnd, 4);
    check(b"\r\n", E::MissingLineEnd, 2);
    check(b"*1\r\n\n", E::MissingLineEnd, 5);
    check(b"$2\r\nabc\r\n", E::MissingLineEnd, 7);
    check(b"$2\r\nab\rx", E::MissingLineEnd, 8);
    check(b"=3\r\ntxt\r\n", E::MalformedBulk, 9);
    check(b"=4\r\ntxtx\r\n", E::MalformedBulk, 10);
}

#[test]
fn limits_hold() {
    let limits = ReadLimits { max_depth: 3, max_bulk_len: 10, max_line_len: 20, max_tree_bytes: 1000 };
    check_with(limits, b"$11\r\n", E::BulkTooLong, 5);
    check_with(limits, b"=11\r\n", E::BulkTooLong, 5);
    check_with(limits, b"*1\r\n*1\r\n*1\r\n*1\r\n", E::TooDeep, 16);
    check_with(limits, b"%1\r\n|1\r\n~1\r\n>0\r\n", E::TooDeep, 16);
    // The array itself is a node, too.
    let node = size_of::<Value>();
    let ints = 1000 / node;
    check_with(limits, format!("*{ints}\r\n").as_bytes(), E::TooLarge, 5);
    let bulks = (1000 - node) / (node + 9) + 1;
    check_with(
        limits,
        &[b"*20\r\n", &b"$9\r\n123456789\r\n".repeat(99)[..]].concat(),
        E::TooLarge,
        5 + 15 * (bulks as u64 - 1) + 4,
    );

    let mut reader = Reader::new(limits);
    let mut longest = &b"+12345678901234567890\r\n"[..];
    assert!(reader.read(&mut longest).unwrap().is_some());
    let mut too_long = &b"+123456789012345678901\r\n"[..];
    assert_eq!(reader.read(&mut too_long).unwrap_err().kind, E::LineTooLong);
    let endless = [b'+'; 30];
    assert_eq!(Reader::new(limits).read(&mut &endless[..]).unwrap_err().kind, E::LineTooLong);

    // The bounds are those of one reply, not of the stream.
    let mut reader = Reader::new(limits);
    let mut many = &b"*2\r\n$9\r\n123456789\r\n:1\r\n".repeat(100)[..];
    for _ in 0..100 {
        assert!(reader.read(&mut many).unwrap().is_some());
    }
}

#[test]
fn announced_lengths_take_no_memory() {
    let mut reader = Reader::default();
    let mut input = &b"*20000000\r\n~20000000\r\n$536870912\r\nab"[..];
    assert_eq!(reader.read(&mut input), Ok(None));
    assert!(reader.heap_bytes() < 100 * 1024, "{}", reader.heap_bytes());
    check(b"%9223372036854775807\r\n", E::TooLarge, 22);
}

#[test]
fn the_deepest_reply_is_dropped_and_compared_without_harm() {
    let depth = ReadLimits::default().max_depth;
    let wire = [b"*1\r\n".repeat(depth), b":1\r\n".to_vec()].concat();
    let read = || Reader::default().read(&mut &wire[..]).unwrap().unwrap();
    assert_eq!(read(), read());
    check(&[&b"*1\r\n"[..], &wire].concat(), E::TooDeep, 4 * depth + 4);
}

#[test]
fn any_bytes_are_read_or_refused_within_the_memory_they_pay_for() {
    const TOKENS: &[&[u8]] = &[
        b"*",
        b"$",
        b"+",
        b"-",
        b":",
        b"!",
        b"=",
        b",",
        b"(",
        b"#t\r\n",
        b"_\r\n",
        b"~",
        b"%",
        b">",
        b"|",
        b"\r\n",
        b"\n",
        b"0",
        b"1",
        b"2",
        b"9999",
        b"-1",
        b"*2\r\n",
        b"%1\r\n",
        b"|1\r\n",
        b"$2\r\nab\r\n",
        b":1\r\n",
        b"txt:",
        b"inf",
    ];
    arbtest::arbtest(|u| {
        let mut wire: Vec<u8> = Vec::new();
        for _ in 0..u.int_in_range(0..=60)? {
            if u.ratio(1, 20)? {
                wire.push(u.arbitrary()?);
            } else {
                wire.extend_from_slice(u.choose(TOKENS)?);
            }
        }
        let read_all = |pieces: &mut dyn Iterator<Item = &[u8]>| {
            let limits = ReadLimits { max_depth: 5, ..ReadLimits::default() };
            let (mut reader, mut values) = (Reader::new(limits), Vec::new());
            for mut piece in pieces {
                loop {
                    match reader.read(&mut piece) {
                        Ok(Some(value)) => values.push(value),
                        Ok(None) => break,
                        Err(error) => return (values, Some(error)),
                    }
                }
            }
            assert!(reader.heap_bytes() <= 5 * 64 * 64 + 64 * 1024 + 200 * wire.len(), "{}", reader.heap_bytes());
            (values, None)
        };
        let whole = read_all(&mut std::iter::once(&*wire));
        let piece_len = u.int_in_range(1..=9)?;
        assert_eq!(read_all(&mut wire.chunks(piece_len)), whole, "{} in pieces of {piece_len}", wire.escape_ascii());
        Ok(())
    });
}
