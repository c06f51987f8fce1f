use super::*;

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
        ("[OK, (error) ERR x, 1]", Pattern::Array(items(vec![status("OK"), Pattern::Error(b"ERR x".to_vec()), Pattern::Int(1)]))),
        ("[(error) 'ERR a, b'..., *]", Pattern::Array(items(vec![Pattern::ErrorPrefix(b"ERR a, b".to_vec()), Pattern::Any]))),
        ("['a', ...]", Pattern::Array(Items { list: vec![bulk("a")], rest: Rest::Any })),
        ("{'k': 1, v: [2]}", Pattern::Map(vec![(bulk("k"), Pattern::Int(1)), (status("v"), Pattern::Array(items(vec![Pattern::Int(2)])))], Rest::None)),
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
