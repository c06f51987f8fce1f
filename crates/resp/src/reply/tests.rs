//! The wire form of every answer, as Redis 7.0.15 and 8.0.6 write it, and deferred lengths.

use super::{DeferredLen, Reply};
use crate::Protocol;

fn written(protocol: Protocol, answer: impl FnOnce(&mut Reply<'_>)) -> String {
    let mut out = b"before".to_vec();
    let mut reply = Reply::new(&mut out, protocol);
    answer(&mut reply);
    assert!(reply.is_settled());
    String::from_utf8(out.strip_prefix(b"before").unwrap().to_vec()).unwrap()
}

#[track_caller]
fn check(answer: impl Fn(&mut Reply<'_>), resp2: &str, resp3: &str) {
    assert_eq!(written(Protocol::Resp2, &answer), resp2);
    assert_eq!(written(Protocol::Resp3, &answer), resp3);
}

#[track_caller]
fn check_same(answer: impl Fn(&mut Reply<'_>), both: &str) {
    check(answer, both, both);
}

#[test]
fn scalars_of_both_protocols() {
    check_same(|reply| reply.int(0), ":0\r\n");
    check_same(|reply| reply.int(1), ":1\r\n");
    check_same(|reply| reply.int(-1), ":-1\r\n");
    check_same(|reply| reply.int(i64::MIN), ":-9223372036854775808\r\n");
    check_same(|reply| reply.len(12), ":12\r\n");
    check_same(|reply| reply.bulk(b""), "$0\r\n\r\n");
    check_same(|reply| reply.bulk(b"a\r\nb\0"), "$5\r\na\r\nb\0\r\n");
    check_same(|reply| reply.bulk(&[b'x'; 10]), "$10\r\nxxxxxxxxxx\r\n");
    check_same(|reply| reply.bulk_int(-42), "$3\r\n-42\r\n");
    check_same(|reply| reply.bulk_double(0.1), "$3\r\n0.1\r\n");
    check_same(|reply| reply.ok(), "+OK\r\n");
    check_same(|reply| reply.status("QUEUED"), "+QUEUED\r\n");
    check_same(|reply| reply.error("ERR syntax error"), "-ERR syntax error\r\n");
    check_same(|reply| reply.error(b"ERR bytes"), "-ERR bytes\r\n");
    check_same(|reply| reply.encoded(b"+AS IT IS\r\n"), "+AS IT IS\r\n");
}

#[test]
fn scalars_that_resp2_lacks() {
    check(|reply| reply.null(), "$-1\r\n", "_\r\n");
    check(|reply| reply.null_array(), "*-1\r\n", "_\r\n");
    check(|reply| reply.bool(true), ":1\r\n", "#t\r\n");
    check(|reply| reply.bool(false), ":0\r\n", "#f\r\n");
    check(|reply| reply.double(3.25), "$4\r\n3.25\r\n", ",3.25\r\n");
    check(|reply| reply.double(1e17), "$18\r\n100000000000000000\r\n", ",100000000000000000\r\n");
    check(|reply| reply.double(f64::NEG_INFINITY), "$4\r\n-inf\r\n", ",-inf\r\n");
    check(|reply| reply.double(f64::NAN), "$3\r\nnan\r\n", ",nan\r\n");
    check(
        |reply| reply.double_text(b"13.36138933897018433"),
        "$20\r\n13.36138933897018433\r\n",
        ",13.36138933897018433\r\n",
    );
    check(
        |reply| reply.big_number("1234567999999999999"),
        "$19\r\n1234567999999999999\r\n",
        "(1234567999999999999\r\n",
    );
    check(|reply| reply.big_number("12\r\n3"), "$5\r\n12\r\n3\r\n", "(12  3\r\n");
    check(
        |reply| reply.verbatim(b"txt", b"This is a verbatim\nstring"),
        "$25\r\nThis is a verbatim\nstring\r\n",
        "=29\r\ntxt:This is a verbatim\nstring\r\n",
    );
}

#[test]
fn collections_announce_their_length() {
    check_same(|reply| reply.array(0), "*0\r\n");
    check_same(|reply| reply.array(9), "*9\r\n");
    check_same(|reply| reply.array(10), "*10\r\n");
    check_same(|reply| reply.array(1_000_000), "*1000000\r\n");
    check(|reply| reply.map(0), "*0\r\n", "%0\r\n");
    check(|reply| reply.map(6), "*12\r\n", "%6\r\n");
    check(|reply| reply.set(3), "*3\r\n", "~3\r\n");
    check(|reply| reply.push(3), "*3\r\n", ">3\r\n");
    check(
        |reply| {
            if reply.attribute(1) {
                reply.bulk(b"ttl");
                reply.int(3600);
            }
            reply.ok();
        },
        "+OK\r\n",
        "|1\r\n$3\r\nttl\r\n:3600\r\n+OK\r\n",
    );
}

/// The answers of both servers to scripts that return such texts.
#[test]
fn line_ends_in_errors_and_statuses_become_spaces() {
    check_same(|reply| reply.error("ERR My\r\nErr\r\n"), "-ERR My  Err\r\n");
    check_same(|reply| reply.error("a b\n\n"), "-a b\r\n");
    check_same(|reply| reply.error("a b \r\n"), "-a b \r\n");
    check_same(|reply| reply.error("x\r\ny\r\n\r\n"), "-x  y\r\n");
    check_same(|reply| reply.error("\r\n"), "-\r\n");
    check_same(|reply| reply.status("a\r\nb\r\n"), "+a  b  \r\n");
    check_same(
        |reply| reply.error(crate::ProtocolError::ExpectedBulk(b'\r').to_reply()),
        "-ERR Protocol error: expected '$', got ' '\r\n",
    );
}

#[test]
fn lengths_said_afterwards_are_the_same_bytes() {
    for len in [0, 1, 9, 10, 11, 99, 100, 12_345] {
        for protocol in [Protocol::Resp2, Protocol::Resp3] {
            type Settle = fn(&mut Reply<'_>, DeferredLen, usize);
            type Announce = fn(&mut Reply<'_>, usize);
            let kinds: [(Settle, Announce); 3] = [
                (|reply, later, len| reply.settle_array(later, len), |reply, len| reply.array(len)),
                (|reply, later, pairs| reply.settle_map(later, pairs), |reply, pairs| reply.map(pairs)),
                (|reply, later, len| reply.settle_set(later, len), |reply, len| reply.set(len)),
            ];
            for (settle, announce) in kinds {
                let items = |reply: &mut Reply<'_>| (0..len).for_each(|item| reply.len(item));
                let later = written(protocol, |reply| {
                    let later = reply.array_later();
                    items(reply);
                    settle(reply, later, len);
                    reply.ok();
                });
                let at_once = written(protocol, |reply| {
                    announce(reply, len);
                    items(reply);
                    reply.ok();
                });
                assert_eq!(later, at_once);
            }
        }
    }
}

#[test]
fn deferred_lengths_nest() {
    let wire = written(Protocol::Resp3, |reply| {
        let outer = reply.array_later();
        for inner_len in [12, 1] {
            let inner = reply.array_later();
            (0..inner_len).for_each(|_| reply.null());
            reply.settle_set(inner, inner_len);
        }
        assert!(!reply.is_settled());
        reply.settle_array(outer, 2);
    });
    assert_eq!(wire, format!("*2\r\n~12\r\n{}~1\r\n_\r\n", "_\r\n".repeat(12)));
}

#[test]
fn rewinding_takes_back_deferred_lengths_too() {
    let wire = written(Protocol::Resp2, |reply| {
        reply.array(1);
        let mark = reply.mark();
        let _abandoned = reply.array_later();
        reply.bulk(b"half an answer");
        assert_eq!(reply.written_since(mark), b"*0\r\n$14\r\nhalf an answer\r\n");
        reply.rewind(mark);
        assert_eq!(reply.written_since(mark), b"");
        reply.error("ERR no");
    });
    assert_eq!(wire, "*1\r\n-ERR no\r\n");
}

#[test]
fn the_protocol_may_change_within_a_buffer() {
    let wire = written(Protocol::Resp2, |reply| {
        reply.null();
        reply.set_protocol(Protocol::Resp3);
        assert_eq!(reply.protocol(), Protocol::Resp3);
        reply.null();
    });
    assert_eq!(wire, "$-1\r\n_\r\n");
}

#[test]
#[cfg_attr(debug_assertions, should_panic(expected = "innermost first"))]
fn settling_the_outer_length_first_is_a_bug_that_leaves_the_buffer_alone() {
    let mut out = Vec::new();
    let mut reply = Reply::new(&mut out, Protocol::Resp2);
    let outer = reply.array_later();
    let _inner = reply.array_later();
    reply.settle_array(outer, 100);
    assert_eq!(out, b"*0\r\n*0\r\n");
}
