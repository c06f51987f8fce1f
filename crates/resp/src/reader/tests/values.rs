//! Every kind of reply, as real servers write it.

use crate::reader::{NullKind, Reader, Value};

fn bulk(bytes: &[u8]) -> Value {
    Value::Bulk(bytes.to_vec())
}

/// `wire` is exactly one reply, however it is cut: nothing is said before its last byte and nothing taken after it.
#[track_caller]
fn check(wire: &[u8], expected: &Value) {
    const NEXT: &[u8] = b":1\r\n";
    let followed = [wire, NEXT].concat();
    for cut in 0..wire.len() {
        let mut reader = Reader::default();
        let (mut before, mut after) = followed.split_at(cut);
        assert_eq!(reader.read(&mut before), Ok(None), "{} cut at {cut}", wire.escape_ascii());
        assert!(before.is_empty() && reader.is_mid_reply() == (cut > 0));
        assert_eq!(
            reader.read(&mut after).as_ref(),
            Ok(&Some(expected.clone())),
            "{} cut at {cut}",
            wire.escape_ascii()
        );
        assert!(!reader.is_mid_reply());
        assert_eq!(after, NEXT);
    }
    let mut reader = Reader::default();
    let mut read = wire.chunks(1).filter_map(|mut byte| reader.read(&mut byte).unwrap());
    assert_eq!(read.next().as_ref(), Some(expected));
    assert_eq!(read.next(), None);
}

#[test]
fn scalars() {
    check(b"+OK\r\n", &Value::Status(b"OK".to_vec()));
    check(b"+\r\n", &Value::Status(vec![]));
    check(b"-ERR no\r\n", &Value::Error(b"ERR no".to_vec()));
    check(b"!6\r\na\r\nb c\r\n", &Value::BulkError(b"a\r\nb c".to_vec()));
    check(b":0\r\n", &Value::Int(0));
    check(b":+7\r\n", &Value::Int(7));
    check(b":-9223372036854775808\r\n", &Value::Int(i64::MIN));
    check(b"$0\r\n\r\n", &bulk(b""));
    check(b"$4\r\n\r\n\0+\r\n", &bulk(b"\r\n\0+"));
    check(
        b"=29\r\ntxt:This is a verbatim\nstring\r\n",
        &Value::Verbatim { format: *b"txt", text: b"This is a verbatim\nstring".to_vec() },
    );
    check(b"=4\r\nmkd:\r\n", &Value::Verbatim { format: *b"mkd", text: vec![] });
    for double in ["3.141", "0", "-0", "1e+20", "1.5e-7", "inf", "-inf", "nan", "-nan", "13.36138933897018433"] {
        check(format!(",{double}\r\n").as_bytes(), &Value::Double(double.into()));
    }
    check(
        b"(-1234567999999999999999999999999999999\r\n",
        &Value::BigNumber(b"-1234567999999999999999999999999999999".to_vec()),
    );
    check(b"#t\r\n", &Value::Bool(true));
    check(b"#f\r\n", &Value::Bool(false));
    check(b"$-1\r\n", &Value::Null(NullKind::Bulk));
    check(b"*-1\r\n", &Value::Null(NullKind::Array));
    check(b"_\r\n", &Value::Null(NullKind::Resp3));
}

#[test]
fn collections() {
    check(b"*0\r\n", &Value::Array(vec![]));
    check(b"~0\r\n", &Value::Set(vec![]));
    check(b"%0\r\n", &Value::Map(vec![]));
    check(b">0\r\n", &Value::Push(vec![]));
    check(
        b"*3\r\n:1\r\n*0\r\n*1\r\n$1\r\nx\r\n",
        &Value::Array(vec![Value::Int(1), Value::Array(vec![]), Value::Array(vec![bulk(b"x")])]),
    );
    check(b"~2\r\n#t\r\n_\r\n", &Value::Set(vec![Value::Bool(true), Value::Null(NullKind::Resp3)]));
    check(
        b"%2\r\n+k\r\n%1\r\n:1\r\n:2\r\n:3\r\n*0\r\n",
        &Value::Map(vec![
            (Value::Status(b"k".to_vec()), Value::Map(vec![(Value::Int(1), Value::Int(2))])),
            (Value::Int(3), Value::Array(vec![])),
        ]),
    );
    check(b">2\r\n$16\r\nserver-cpu-usage\r\n:42\r\n", &Value::Push(vec![bulk(b"server-cpu-usage"), Value::Int(42)]));
}

#[test]
fn attributes_belong_to_the_value_that_follows() {
    let popular = Value::Attributed {
        attributes: vec![(bulk(b"key-popularity"), Value::Array(vec![bulk(b"key:123"), Value::Int(90)]))],
        value: Box::new(bulk(b"reply")),
    };
    let wire = b"|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n$5\r\nreply\r\n";
    check(wire, &popular);
    check(&[b"*2\r\n", &wire[..], b":1\r\n"].concat(), &Value::Array(vec![popular, Value::Int(1)]));
    check(
        b"|0\r\n|0\r\n*0\r\n",
        &Value::Attributed {
            attributes: vec![],
            value: Box::new(Value::Attributed { attributes: vec![], value: Box::new(Value::Array(vec![])) }),
        },
    );
}

#[test]
fn replies_follow_each_other() {
    let mut reader = Reader::default();
    let mut input = &b"+a\r\n*1\r\n:1\r\n$1\r\nb\r\n$1"[..];
    let mut replies = Vec::new();
    while let Some(reply) = reader.read(&mut input).unwrap() {
        replies.push(reply);
    }
    assert_eq!(replies, [Value::Status(b"a".to_vec()), Value::Array(vec![Value::Int(1)]), bulk(b"b")]);
    assert!(reader.is_mid_reply());
}

/// A primary that is busy with a snapshot sends line feeds until it can answer PSYNC.
#[test]
fn a_primarys_line_feeds_between_replies_are_skipped() {
    let mut reader = Reader::default();
    let mut input = &b"\n\n\n+CONTINUE\r\n\n"[..];
    assert_eq!(reader.read(&mut input), Ok(Some(Value::Status(b"CONTINUE".to_vec()))));
    assert_eq!(reader.read(&mut input), Ok(None));
    assert!(!reader.is_mid_reply());
}

#[test]
fn values_tell_what_they_hold() {
    let attributed = |value| Value::Attributed { attributes: vec![], value: Box::new(value) };
    assert_eq!(attributed(Value::Error(b"ERR no".to_vec())).as_error(), Some(&b"ERR no"[..]));
    assert_eq!(attributed(Value::Verbatim { format: *b"txt", text: b"a".to_vec() }).as_bytes(), Some(&b"a"[..]));
    assert_eq!((Value::Int(1).as_error(), Value::Error(vec![]).as_bytes()), (None, None));
    assert!(Value::Null(NullKind::Array).is_null() && !bulk(b"").is_null());
}
