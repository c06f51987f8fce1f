use arbitrary::Unstructured;
use resp::reader::NullKind;
use resp::{Protocol, Reader, Value};

use super::*;
use crate::notation::print;
use crate::transcript::{Outcome, Transcript};
use crate::wrap::wrap;

fn bulk(text: &str) -> Pattern {
    Pattern::Bulk(text.as_bytes().to_vec())
}

fn items(list: Vec<Pattern>) -> Items {
    Items { list, rest: Rest::None }
}

#[test]
fn the_notation_reads_as_documented() {
    let status = |text: &str| Pattern::Status(text.as_bytes().to_vec());
    let table = [
        ("42", Pattern::Int(42)),
        ("-9223372036854775808", Pattern::Int(i64::MIN)),
        ("OK", status("OK")),
        ("Background saving started", status("Background saving started")),
        ("(status) '1, 2'", status("1, 2")),
        ("''", bulk("")),
        (r"'it\'s \x00\n\\ \xff'", Pattern::Bulk(b"it's \0\n\\ \xff".to_vec())),
        ("(nil)", Pattern::Nil),
        ("(error) ERR it's [bad], 'x'", Pattern::Error(b"ERR it's [bad], 'x'".to_vec())),
        ("(error) 'ERR x...'", Pattern::Error(b"ERR x...".to_vec())),
        ("(error) ERR no...", Pattern::ErrorPrefix(b"ERR no".to_vec())),
        ("(error) ...", Pattern::ErrorPrefix(Vec::new())),
        ("[]", Pattern::Array(items(vec![]))),
        ("['a', 2, (nil),]", Pattern::Array(items(vec![bulk("a"), Pattern::Int(2), Pattern::Nil]))),
        (
            "[OK, (error) ERR x, 1]",
            Pattern::Array(items(vec![status("OK"), Pattern::Error(b"ERR x".to_vec()), Pattern::Int(1)])),
        ),
        (
            "[(error) 'ERR a, b'..., *]",
            Pattern::Array(items(vec![Pattern::ErrorPrefix(b"ERR a, b".to_vec()), Pattern::Any])),
        ),
        ("['a', ...]", Pattern::Array(Items { list: vec![bulk("a")], rest: Rest::Any })),
        (
            "{'k': 1, v: [2]}",
            Pattern::Map(
                vec![(bulk("k"), Pattern::Int(1)), (status("v"), Pattern::Array(items(vec![Pattern::Int(2)])))],
                Rest::None,
            ),
        ),
        ("{'k': 1, ...}", Pattern::Map(vec![(bulk("k"), Pattern::Int(1))], Rest::Any)),
        ("~{'a'}", Pattern::Set(items(vec![bulk("a")]))),
        (">['message', 'c']", Pattern::Push(items(vec![bulk("message"), bulk("c")]))),
        ("(double) 1.5", Pattern::Double("1.5".to_owned())),
        ("[(double) -inf]", Pattern::Array(items(vec![Pattern::Double("-inf".to_owned())]))),
        ("(true)", Pattern::Bool(true)),
        ("(false)", Pattern::Bool(false)),
        ("(big) 123", Pattern::Big("123".to_owned())),
        ("(verbatim txt) 'a'", Pattern::Verbatim { format: "txt".to_owned(), text: b"a".to_vec() }),
        ("flat [['a', 1]]", Pattern::Flat(vec![Pattern::Array(items(vec![bulk("a"), Pattern::Int(1)]))])),
        ("unordered ['a', ...]", Pattern::Unordered(Items { list: vec![bulk("a")], rest: Rest::Any })),
        ("one of ['a', (nil)]", Pattern::OneOf(vec![bulk("a"), Pattern::Nil])),
        ("*", Pattern::Any),
        ("(int)", Pattern::IntBetween(i64::MIN, i64::MAX)),
        ("(int -1..9)", Pattern::IntBetween(-1, 9)),
        ("~'*abc*'", Pattern::Glob(b"*abc*".to_vec())),
        ("${id}", Pattern::Capture("id".to_owned())),
        ("unordered", status("unordered")),
    ];
    for (text, pattern) in table {
        assert_eq!(Pattern::parse(text), Ok(pattern), "{text}");
    }
}

#[test]
fn what_does_not_read_is_refused_with_a_reason() {
    let table = [
        ("", "missing"),
        ("'a", "not closed"),
        ("'a' 'b'", "after the end"),
        (r"'\q'", "no known escape"),
        (r"'\x4'", "two hex digits"),
        ("['a'", "belongs before"),
        ("['a' 'b']", "belongs before"),
        ("[..., 'a']", "comes last"),
        ("['a', , 'b']", "missing"),
        ("{'a', 'b'}", "a `:` belongs"),
        ("~x", "quoted string belongs"),
        ("(double", "lacks its"),
        ("(nope) 1", "is no reply"),
        ("(int 1-9)", "no range"),
        ("(verbatim text) 'a'", "is no reply"),
        ("(error)", "missing"),
        ("(blocked)", "is no reply"),
        ("01", "no integer"),
        ("1.5", "no integer"),
        ("\"a\"", "no integer"),
        ("$id", "is no ${name}"),
        ("one of ['a', ...]", "no meaning"),
    ];
    for (text, message) in table {
        let error = Pattern::parse(text).expect_err(text);
        assert!(error.contains(message), "{text}: {error}");
    }
    assert_eq!(Pattern::parse(&"[".repeat(100_000)), Err("nested too deep".to_owned()));
}

/// What `bytes` are on the wire.
fn read(bytes: &str) -> Value {
    Reader::default().read(&mut bytes.as_bytes()).unwrap().unwrap_or_else(|| panic!("{bytes:?} is no whole reply"))
}

fn matches(pattern: &str, protocol: Protocol, bytes: &str) -> bool {
    Pattern::parse(pattern).unwrap().matches(&read(bytes), protocol, &Captures::default())
}

#[test]
fn one_notation_stands_for_the_replies_of_both_protocols() {
    let table = [
        ("42", ":42\r\n", ":42\r\n"),
        ("OK", "+OK\r\n", "+OK\r\n"),
        ("'ab'", "$2\r\nab\r\n", "$2\r\nab\r\n"),
        ("(nil)", "$-1\r\n", "_\r\n"),
        ("(nil)", "*-1\r\n", "_\r\n"),
        ("(nil array)", "*-1\r\n", "_\r\n"),
        ("(error) ERR x", "-ERR x\r\n", "-ERR x\r\n"),
        ("(error) ERR x", "-ERR x\r\n", "!5\r\nERR x\r\n"),
        ("[1, 'a']", "*2\r\n:1\r\n$1\r\na\r\n", "*2\r\n:1\r\n$1\r\na\r\n"),
        (
            "{'a': 1, 'b': [2]}",
            "*4\r\n$1\r\nb\r\n*1\r\n:2\r\n$1\r\na\r\n:1\r\n",
            "%2\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n*1\r\n:2\r\n",
        ),
        ("{}", "*0\r\n", "%0\r\n"),
        ("~{1, 2}", "*2\r\n:2\r\n:1\r\n", "~2\r\n:2\r\n:1\r\n"),
        (">['x']", "*1\r\n$1\r\nx\r\n", ">1\r\n$1\r\nx\r\n"),
        ("(double) 1.5", "$3\r\n1.5\r\n", ",1.5\r\n"),
        ("(double) inf", "$3\r\ninf\r\n", ",inf\r\n"),
        ("(true)", ":1\r\n", "#t\r\n"),
        ("(false)", ":0\r\n", "#f\r\n"),
        ("(big) 12", "$2\r\n12\r\n", "(12\r\n"),
        ("(verbatim txt) 'a'", "$1\r\na\r\n", "=5\r\ntxt:a\r\n"),
        (
            "flat [['m', (double) 1], ['n', (double) 2]]",
            "*4\r\n$1\r\nm\r\n$1\r\n1\r\n$1\r\nn\r\n$1\r\n2\r\n",
            "*2\r\n*2\r\n$1\r\nm\r\n,1\r\n*2\r\n$1\r\nn\r\n,2\r\n",
        ),
        ("pairs {'a': [1]}", "*1\r\n*2\r\n$1\r\na\r\n*1\r\n:1\r\n", "%1\r\n$1\r\na\r\n*1\r\n:1\r\n"),
        ("~'a*'", "$2\r\nab\r\n", "=6\r\ntxt:ab\r\n"),
        ("one of [1, 'a']", "$1\r\na\r\n", ":1\r\n"),
        ("7", ":7\r\n", "|1\r\n+k\r\n+v\r\n:7\r\n"),
    ];
    for (pattern, resp2, resp3) in table {
        assert!(matches(pattern, Protocol::Resp2, resp2), "{pattern} under RESP2");
        assert!(matches(pattern, Protocol::Resp3, resp3), "{pattern} under RESP3");
    }
}

#[test]
fn a_reply_of_another_kind_order_or_size_is_refused() {
    let (two, three) = (Protocol::Resp2, Protocol::Resp3);
    let table = [
        ("1", two, "$1\r\n1\r\n"),
        ("OK", two, "$2\r\nOK\r\n"),
        ("'OK'", two, "+OK\r\n"),
        ("'a'", three, "=5\r\ntxt:a\r\n"),
        ("(nil)", two, "_\r\n"),
        ("(nil)", three, "$-1\r\n"),
        ("(nil array)", two, "$-1\r\n"),
        ("(nil)", two, "*0\r\n"),
        ("[]", two, "*-1\r\n"),
        ("['a', 'b']", two, "*2\r\n$1\r\nb\r\n$1\r\na\r\n"),
        ("['a']", two, "*2\r\n$1\r\na\r\n$1\r\nb\r\n"),
        ("['a', 'b', ...]", two, "*1\r\n$1\r\na\r\n"),
        ("['a']", three, "~1\r\n$1\r\na\r\n"),
        ("{'a': 1}", three, "*2\r\n$1\r\na\r\n:1\r\n"),
        ("{'a': 1}", two, "*3\r\n$1\r\na\r\n:1\r\n:2\r\n"),
        ("{'a': 1, ...}", two, "*3\r\n$1\r\na\r\n:1\r\n:2\r\n"),
        ("{'a': 1}", two, "*2\r\n:1\r\n$1\r\na\r\n"),
        ("~{'a'}", three, "*1\r\n$1\r\na\r\n"),
        ("~{1, 1}", three, "~2\r\n:1\r\n:2\r\n"),
        (">['a']", three, "*1\r\n$1\r\na\r\n"),
        ("['a']", three, ">1\r\n$1\r\na\r\n"),
        ("(double) 1.5", three, "$3\r\n1.5\r\n"),
        ("(double) 1.5", two, "$4\r\n1.50\r\n"),
        ("(double) 1.5", three, ",1.50\r\n"),
        ("(true)", three, ":1\r\n"),
        ("(true)", two, ":0\r\n"),
        ("(verbatim mkd) 'a'", three, "=5\r\ntxt:a\r\n"),
        ("flat [['a', 1]]", three, "*2\r\n$1\r\na\r\n:1\r\n"),
        ("flat [['a', 1]]", two, "*1\r\n*2\r\n$1\r\na\r\n:1\r\n"),
        ("pairs {'a': 1}", two, "*2\r\n$1\r\na\r\n:1\r\n"),
        ("pairs {'a': 1}", three, "*1\r\n*2\r\n$1\r\na\r\n:1\r\n"),
        ("(error) ERR", two, "-ERR x\r\n"),
        ("(int 1..9)", two, ":10\r\n"),
        ("(int)", two, "$1\r\n1\r\n"),
        ("~'a*'", two, "$1\r\nb\r\n"),
        ("one of [1, 2]", two, ":3\r\n"),
    ];
    for (pattern, protocol, bytes) in table {
        assert!(!matches(pattern, protocol, bytes), "{pattern} for {bytes:?} under {protocol:?}");
    }
}

#[test]
fn matchers_take_what_they_describe() {
    let table = [
        ("*", "*-1\r\n"),
        ("(int)", ":-5\r\n"),
        ("(int -9..-1)", ":-9\r\n"),
        ("(error) ERR no...", "-ERR no such key\r\n"),
        ("(error) ...", "-X\r\n"),
        ("['a', ...]", "*3\r\n$1\r\na\r\n:1\r\n:2\r\n"),
        ("[...]", "*0\r\n"),
        ("{'b': 2, ...}", "*4\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n:2\r\n"),
        ("unordered ['a', 'b', ...]", "*3\r\n$1\r\nc\r\n$1\r\nb\r\n$1\r\na\r\n"),
        ("~'*b?'", "$3\r\nabc\r\n"),
        ("~'*'", "$0\r\n\r\n"),
        ("~'O*'", "+OK\r\n"),
        ("${x}", ":12\r\n"),
        // The first that fits `*` is the only one that fits 'a', and so on down.
        ("unordered [*, (int), 1]", "*3\r\n:1\r\n:2\r\n$1\r\na\r\n"),
        ("unordered [*, *, (int), 'a', 1]", "*5\r\n$1\r\na\r\n:1\r\n:2\r\n:3\r\n$1\r\nb\r\n"),
    ];
    for (pattern, bytes) in table {
        assert!(matches(pattern, Protocol::Resp2, bytes), "{pattern} for {bytes:?}");
    }
}

#[test]
fn names_are_bound_in_what_has_an_order_and_in_maps() {
    let mut captures = Captures::default();
    let bind = |pattern: &str, bytes: &str, captures: &mut Captures| {
        Pattern::parse(pattern).unwrap().bind(&read(bytes), captures);
    };
    bind("['a', [${id}]]", "*2\r\n$1\r\na\r\n*1\r\n:7\r\n", &mut captures);
    bind("{'k': 1, 'v': ${v}}", "*4\r\n$1\r\nv\r\n$1\r\nx\r\n$1\r\nk\r\n:1\r\n", &mut captures);
    bind("unordered [${no}]", "*1\r\n:7\r\n", &mut captures);
    bind("${id}", ":8\r\n", &mut captures);
    let bound = ["id", "v", "no"].map(|name| captures.get(name));
    assert_eq!(bound, [Some(&b"7"[..]), Some(b"x"), None], "what is bound stays bound");
    let equals = |bytes: &str| Pattern::Capture("id".to_owned()).matches(&read(bytes), Protocol::Resp2, &captures);
    assert!(equals("$1\r\n7\r\n") && !equals("$1\r\n8\r\n") && !equals("*0\r\n"));
}

/// A reply that RESP3 could carry.
fn any_value(u: &mut Unstructured<'_>, depth: usize) -> arbitrary::Result<Value> {
    let kinds = if depth == 0 { 9 } else { 13 };
    let line = |u: &mut Unstructured<'_>| -> arbitrary::Result<Vec<u8>> {
        let text: Vec<u8> = u.arbitrary()?;
        Ok(text.into_iter().filter(|byte| !b"\r\n".contains(byte)).collect())
    };
    let list = |u: &mut Unstructured<'_>| -> arbitrary::Result<Vec<Value>> {
        let len = u.int_in_range(0..=4)?;
        (0..len).map(|_| any_value(u, depth - 1)).collect()
    };
    Ok(match u.int_in_range(1..=kinds)? {
        1 => Value::Status(line(u)?),
        2 => Value::Error(line(u)?),
        3 => Value::Int(u.arbitrary()?),
        4 => Value::Bulk(u.arbitrary()?),
        5 => Value::Verbatim { format: *b"txt", text: u.arbitrary()? },
        6 => Value::Double(u.arbitrary::<f64>()?.to_string().into_bytes()),
        7 => Value::BigNumber(u.arbitrary::<i128>()?.to_string().into_bytes()),
        8 => Value::Bool(u.arbitrary()?),
        9 => Value::Null(NullKind::Resp3),
        10 => Value::Array(list(u)?),
        11 => Value::Set(list(u)?),
        12 => Value::Push(list(u)?),
        _ => Value::Map(list(u)?.into_iter().map(|value| (Value::Int(1), value)).collect()),
    })
}

#[test]
fn what_is_printed_reads_back_and_matches() {
    arbtest::arbtest(|u| {
        let value = any_value(u, 3)?;
        let text = print(&value);
        assert!(text.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{text}");
        // Through a transcript, so that generators and continuation lines get their chance to misread it.
        let wrapped = wrap(&text, "    ", "  ").join("\n");
        for text in [&text, &wrapped] {
            let transcript =
                Transcript::parse(&format!("> X  => {text}\n> Y => 1")).unwrap_or_else(|e| panic!("{e}: {text}"));
            assert_eq!(transcript.lines.len(), 2);
            let Outcome::Reply(pattern) = &transcript.lines[0].expect[0].outcome else { panic!("{text}") };
            assert!(pattern.matches(&value, Protocol::Resp3, &Captures::default()), "{text}");
        }
        Ok(())
    });
}
