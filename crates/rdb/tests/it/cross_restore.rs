//! Who restores whose payloads: every payload that some real server took is taken here, and what is written in a server's dialect has the
//! form that this server gave the same payload when it wrote it again.

use std::collections::{BTreeMap, BTreeSet};

use rdb::{DecodeError, DecodeErrorKind, Dialect, RestoreError, RestoreOptions, ValueDigest, dump, functions, restore};
use serde_json::Value as Json;

use crate::functions::FUNCTIONS;
use crate::hashes::HASHES;
use crate::lists::LISTS;
use crate::streams::STREAMS;
use crate::support::{SETS, STRINGS, bytes, dialect_of, rows};
use crate::zset::ZSETS;

const CROSS: &str = include_str!("../../../../testdata/golden/cross-restore.jsonl");
const VECTOR_SETS: &str = include_str!("../../../../testdata/golden/vectorsets.jsonl");

/// The type of values that modules own.
const MODULE: u64 = 7;

/// Every payload of a value that the corpus has, by its server and type.
fn payloads() -> BTreeMap<(String, u64), Vec<Vec<u8>>> {
    let mut payloads = BTreeMap::<_, Vec<Vec<u8>>>::new();
    let mut add = |server: &str, payload: Vec<u8>| {
        payloads.entry((server.to_owned(), u64::from(payload[0]))).or_default().push(payload);
    };
    for row in rows(STRINGS) {
        for (servers, footer) in row["footers"].as_object().unwrap() {
            for server in servers.split(' ') {
                add(server, [bytes(&row["body"]), bytes(footer)].concat());
            }
        }
    }
    let of_types =
        [(SETS, "dump"), (LISTS, "dump_hex"), (ZSETS, "dump_hex"), (HASHES, "dump_hex"), (STREAMS, "payload")];
    for (text, column) in of_types.into_iter().chain([(VECTOR_SETS, "dump_hex")]) {
        for row in rows(text) {
            add(row["server"].as_str().unwrap(), bytes(&row[column]));
        }
    }
    payloads
}

/// A row: who made payloads of a type, who was given them, how many there were, how many were taken.
fn parties(row: &Json) -> (&str, &str, u64, u64) {
    let number = |name: &str| row[name].as_u64().unwrap();
    (row["producer"].as_str().unwrap(), row["consumer"].as_str().unwrap(), number("cases"), number("restored"))
}

#[test]
fn what_any_server_takes_is_taken_and_written_again_as_it_does() {
    let payloads = payloads();
    let (mut taken, mut written) = (BTreeSet::new(), 0);
    for row in rows(CROSS).iter().filter(|row| row["kind"] == "key") {
        let (producer, consumer, cases, restored) = parties(row);
        let code = row["rdb_type"].as_u64().unwrap();
        let of_producer = &payloads[&(producer.to_owned(), code)];
        // Payloads over 12 kB were given to the servers, and are kept of some only.
        assert!(of_producer.len() as u64 <= cases, "{producer} {code}");
        assert!(restored == 0 || restored == cases, "no server takes only some");
        if restored == 0 || code == MODULE {
            continue;
        }
        let mut codes = BTreeMap::<u8, u64>::new();
        for payload in of_producer {
            let value = restore(payload, RestoreOptions::default())
                .unwrap_or_else(|error| panic!("type {code} of {producer} for {consumer}: {error}"));
            taken.insert(payload.clone());
            let Some(dialect) = dialect_of(consumer) else { continue };
            let mut again = Vec::new();
            dump(value.as_ref(), dialect, &mut again).unwrap();
            *codes.entry(again[0]).or_default() += 1;
            let back = restore(&again, RestoreOptions::default()).unwrap();
            if rdb::left_out(value.as_ref(), dialect).is_none() {
                let digest = |value: &value::Value| ValueDigest::of(value.as_ref());
                assert_eq!(digest(&back), digest(&value), "type {code} of {producer} for {consumer}");
            }
            written += 1;
        }
        let theirs = row["redump_types"].as_object().unwrap().iter();
        let theirs: BTreeMap<u8, u64> =
            theirs.map(|(code, count)| (code.parse().unwrap(), count.as_u64().unwrap())).collect();
        let same = codes.iter().all(|(code, count)| theirs.get(code).is_some_and(|theirs| count <= theirs));
        assert!(same, "type {code} of {producer} for {consumer}: {theirs:?}, here {codes:?}");
    }
    assert_eq!((taken.len(), written), (1927, 14297));
}

#[test]
fn a_dialect_has_a_stamp_that_its_server_takes() {
    let rows = rows(CROSS);
    for (consumer, dialect) in
        ["redis-6.2.16", "redis-7.0.15", "redis-7.2.6", "redis-7.4.1", "redis-8.0.6", "valkey-8.0.1", "valkey-9.1.2"]
            .map(|server| (server, dialect_of(server).unwrap()))
    {
        let takes = |row: &&Json| {
            let (producer, other, _, restored) = parties(row);
            other == consumer
                && restored > 0
                && dialect_of(producer).is_some_and(|other| other.stamp() == dialect.stamp())
        };
        assert!(rows.iter().any(|row| takes(&row)), "{dialect}");
        // What portable writes of a plain value, every server from Redis 7.0 on takes.
        let ten =
            |row: &&Json| row["producer"] == "redis-7.0.15" && row["consumer"] == consumer && row["rdb_type"] == 0;
        let taken = rows.iter().find(ten).is_some_and(|row| row["restored"].as_u64() > Some(0));
        assert_eq!(taken, dialect != Dialect::Redis6_2, "{dialect}");
    }
}

#[test]
fn values_of_modules_are_refused_by_name() {
    for row in rows(VECTOR_SETS) {
        let refused = restore(&bytes(&row["dump_hex"]), RestoreOptions::default());
        let kind = DecodeErrorKind::UnsupportedType(7);
        assert_eq!(refused, Err(RestoreError::Body(DecodeError { offset: 0, kind })));
    }
}

#[test]
fn functions_that_any_server_takes_are_taken() {
    let functions_of: BTreeMap<_, u64> = rows(FUNCTIONS).iter().fold(BTreeMap::new(), |mut counts, row| {
        assert!(functions::read(&bytes(&row["dump"]), RestoreOptions::default()).is_ok());
        *counts.entry(row["server"].as_str().unwrap().to_owned()).or_default() += 1;
        counts
    });
    let mut count = 0;
    for row in rows(CROSS).iter().filter(|row| row["kind"] == "function") {
        let (producer, _, cases, restored) = parties(row);
        assert!(functions_of[producer] <= cases, "{producer}");
        count += u64::from(restored > 0);
    }
    assert_eq!(count, 27);
}
