//! Lists against payloads and answers of real servers.

use pack::Listpack;
use rdb::{DecodeErrorKind as Kind, Dialect, DumpOptions, RestoreError, RestoreOptions, dump, dump_with, restore};
use value::{EncodingLimits, List, ListEnd, Value};

use crate::support::{bytes, hex, rows};

pub(crate) const LISTS: &str = include_str!("../../../../testdata/golden/lists.jsonl");
const ERRORS: &str = include_str!("../../../../testdata/golden/list-payload-errors.jsonl");

fn elements(value: &Value) -> Vec<Vec<u8>> {
    let Value::List(list) = value else { panic!("not a list: {value:?}") };
    let mut elements = Vec::new();
    list.visit(0, ListEnd::Left, list.len(), |element| elements.push(element.to_vec()));
    elements
}

fn dialect_of(server: &str) -> Option<Dialect> {
    Some(match server {
        "redis-6.2.16" => Dialect::Redis6_2,
        "redis-7.0.15" => Dialect::Redis7_0,
        "redis-7.2.6" => Dialect::Redis7_2,
        "redis-7.4.1" => Dialect::Redis7_4,
        "redis-8.0.6" => Dialect::Redis8_0,
        "valkey-8.0.1" => Dialect::Valkey8,
        "valkey-9.1.2" => Dialect::Valkey9,
        _ => return None,
    })
}

#[test]
fn every_servers_list_is_restored_to_its_elements_and_dumped_to_the_same_bytes() {
    let (mut read, mut written) = (0, 0);
    for row in rows(LISTS) {
        let name = format!("{} of {}", row["case"], row["server"]);
        let payload = bytes(&row["dump_hex"]);
        for depth in [0, 1] {
            let encodings = EncodingLimits { list_compress_depth: depth, ..EncodingLimits::default() };
            let options = RestoreOptions { encodings, ..RestoreOptions::default() };
            let value = restore(&payload, options).unwrap_or_else(|error| panic!("{name}: {error}"));
            let expected: Vec<_> = row["value"]["v"].as_array().unwrap().iter().map(bytes).collect();
            assert!(elements(&value) == expected, "{name}");
            read += 1;
            if let Some(dialect) = dialect_of(row["server"].as_str().unwrap()) {
                let mut dumped = Vec::new();
                dump_with(value.as_ref(), DumpOptions { dialect, compress: true }, &mut dumped).unwrap();
                assert!(dumped == payload, "{name}");
                written += 1;
            }
        }
    }
    assert_eq!((read, written), (2 * 346, 2 * 229));
}

/// Where this codec and the servers part: the case, and why.
const DIFFERENCES: &[(&str, &str)] = &[
    ("bad/list/len-1-no-data", "the servers read on into the footer"),
    (
        "bad/quicklist2/plain",
        "a short element that is a node by itself joins others: its node would be larger than its bytes",
    ),
    ("bad/quicklist2/plain-int-string", "a short element that is a node by itself joins others"),
];

#[test]
fn payloads_are_taken_and_refused_as_redis_8_0_does_but_for_the_listed() {
    let rows = rows(ERRORS);
    for row in &rows {
        let case = row["case"].as_str().unwrap();
        let reply = row["redis-8.0.6"].as_str().unwrap();
        let result = restore(&bytes(&row["payload"]), RestoreOptions::default());
        let same = match &result {
            Ok(value) => reply == format!("+OK list/{}", value.as_ref().encoding().name()),
            Err(error) => reply.strip_prefix("-ERR ").is_some_and(|reply| error.to_string().starts_with(reply)),
        };
        let differs = DIFFERENCES.iter().any(|(name, _)| *name == case);
        assert_eq!(same, !differs, "{case}: {reply}, here {result:?}");
    }
    assert_eq!(rows.len(), 36);
}

#[test]
fn refusals_name_the_fault() {
    for (case, expected) in [
        ("bad/list/len-0", Kind::NoElements),
        ("bad/list/len-encoded", Kind::EncodingForLength),
        ("bad/list/len-2^40-no-data", Kind::TooManyElements { count: 1 << 40 }),
        ("bad/quicklist2/container-0", Kind::UnknownContainer(0)),
        ("bad/quicklist2/only-empty-node", Kind::NoElements),
    ] {
        let row = rows(ERRORS).into_iter().find(|row| row["case"] == case).unwrap();
        let result = restore(&hex(row["payload"].as_str().unwrap()), RestoreOptions::default());
        let Err(RestoreError::Body(error)) = result else { panic!("{case}: {result:?}") };
        assert_eq!(error.kind, expected, "{case}");
    }
}

#[test]
fn any_list_comes_back_from_any_dialect() {
    arbtest::arbtest(|u| {
        let encodings = EncodingLimits {
            list_max_listpack_size: *u.choose(&[-2, -1, 1, 3])?,
            list_compress_depth: *u.choose(&[0, 1])?,
            ..EncodingLimits::default()
        };
        let mut list = List::default();
        while !u.is_empty() {
            let element: Vec<u8> = u.arbitrary()?;
            let element = element.repeat(u.int_in_range(1..=90)?);
            list.push(ListEnd::Right, std::iter::once(element.as_slice()), &encodings);
        }
        if list.is_empty() {
            return Ok(());
        }
        let value = Value::List(Box::new(list));
        for dialect in Dialect::ALL {
            let mut payload = Vec::new();
            dump(value.as_ref(), dialect, &mut payload).unwrap();
            let options = RestoreOptions { encodings, ..RestoreOptions::default() };
            let restored = restore(&payload, options).unwrap();
            assert_eq!(elements(&restored), elements(&value), "{dialect}");
        }
        Ok(())
    });
}

#[test]
fn a_node_of_a_dump_is_a_listpack_as_it_lies_in_memory() {
    let mut listpack = Listpack::new();
    listpack.push(b"a");
    listpack.push(b"10");
    let mut list = List::default();
    list.push(ListEnd::Right, [&b"a"[..], b"10"].into_iter(), &EncodingLimits::default());
    let mut payload = Vec::new();
    dump(Value::List(Box::new(list)).as_ref(), Dialect::Redis8_0, &mut payload).unwrap();
    let len = u8::try_from(listpack.as_bytes().len()).unwrap();
    assert!(payload.starts_with(&[&[18, 1, 2, len], listpack.as_bytes()].concat()));
}
