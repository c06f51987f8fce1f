//! Damaged payloads, and legal ones that look damaged: what real servers answer to them, and what is answered here.

use rdb::{Dialect, RestoreError, RestoreOptions, ValueDigest, dump, restore};
use serde_json::Value as Json;
use value::Value;

use crate::support::{hex, rows};

const BAD: &str = include_str!("../../../../testdata/golden/bad-payloads.jsonl");

/// Cases that are taken here although no server with strict checks takes them, or refused although one does; and why.
const DIFFERENCES: &[(&str, &str)] = &[
    ("bad/frame/type-only", "the servers take the footer for the rest of the value"),
    ("bad/string/declared-longer", "the servers take the footer for the rest of the value"),
    ("bad/string/int8-missing", "the servers take the footer for the rest of the value"),
    ("bad/string/int16-short", "the servers take the footer for the rest of the value"),
    ("bad/list/len-1-no-data", "the servers take the footer for the rest of the value"),
    ("bad/set/len-1-no-data", "the servers take the footer for the rest of the value"),
    ("bad/hash/field-no-value", "the servers take the footer for the rest of the value"),
    ("bad/hash-meta/short", "the servers take the footer for the rest of the value"),
    ("bad/version/13", "version 13 came with Redis 8.6, and no server that new was asked"),
    ("bad/trailing/1-byte", "bytes left over are refused: decoding is validation"),
    ("bad/trailing/second-object", "bytes left over are refused: decoding is validation"),
    ("bad/trailing/after-list", "bytes left over are refused: decoding is validation"),
    ("bad/zset-ziplist/nan-score", "a score that is no number has no place in an order"),
    ("bad/zset-listpack/nan-score", "a score that is no number has no place in an order"),
    ("bad/zset-listpack/unsorted", "look-ups rely on the order of members"),
    ("bad/quicklist2/plain", "a short element that is a node by itself joins others"),
    ("bad/quicklist2/plain-int-string", "a short element that is a node by itself joins others"),
    ("bad/valkey-hash2/good", "Valkey has a hash table for what fits Redis's listpack with deadlines"),
    ("bad/valkey-hash2/past", "Valkey has a hash table for what fits Redis's listpack with deadlines"),
    ("bad/valkey-hash2/all-past", "Valkey has a hash table for what fits Redis's listpack with deadlines"),
    ("bad/valkey-hash2/zero-expiry", "Valkey has a hash table for what fits Redis's listpack with deadlines"),
    ("bad/valkey-hash2/good-version-6", "type 22 is Valkey's hash under Valkey's version only"),
    ("bad/stream15/length-wrong", "the stream has another number of entries than it says"),
    ("bad/stream19/length-wrong", "the stream has another number of entries than it says"),
    ("bad/stream19/nodes-unsorted", "nodes and ids in an order that no stream has"),
    ("bad/stream19/last-id-smaller", "nodes and ids in an order that no stream has"),
    ("bad/stream19/last-id-zero", "nodes and ids in an order that no stream has"),
    ("bad/stream21/nodes-unsorted", "nodes and ids in an order that no stream has"),
    ("bad/stream21/last-id-smaller", "nodes and ids in an order that no stream has"),
];

/// What the servers that know the type answer under strict checks: the type and encoding of the newest that takes the payload.
fn accepted_as(row: &Json) -> Option<String> {
    let reply_of = |server: &str| {
        let replies = row["replies"].as_array().unwrap();
        let reply =
            &replies.iter().find(|reply| reply["servers"].as_array().unwrap().contains(&Json::from(server)))?["reply"];
        let strict = reply.get("yes").or_else(|| reply.get("*"))?.as_str().unwrap();
        strict.strip_prefix("+OK ").map(str::to_owned)
    };
    ["redis-8.0.6", "valkey-9.1.2"].into_iter().find_map(reply_of)
}

/// What was accepted must be a value in full: it can be written, and comes back the same.
fn check_sound(case: &str, value: &Value) {
    let digest = ValueDigest::of(value.as_ref());
    assert!(value.as_ref().element_count() > 0 || matches!(value, Value::String(_) | Value::Stream(_)), "{case}");
    for dialect in Dialect::ALL {
        let mut payload = Vec::new();
        if dump(value.as_ref(), dialect, &mut payload).is_err() {
            continue;
        }
        let again = restore(&payload, RestoreOptions::default()).unwrap_or_else(|error| panic!("{case}: {error}"));
        let lossy = dialect == Dialect::Redis6_2 || dialect == Dialect::Redis7_0;
        if !(lossy && matches!(value, Value::Stream(_))) {
            assert_eq!(ValueDigest::of(again.as_ref()), digest, "{case} in {dialect}");
        }
    }
}

#[test]
fn damaged_payloads_are_refused_and_legal_ones_taken() {
    let rows = rows(BAD);
    let mut wrong = Vec::new();
    for row in &rows {
        let case = row["case"].as_str().unwrap();
        let result = restore(&hex(row["payload_hex"].as_str().unwrap()), RestoreOptions::default());
        let theirs = accepted_as(row);
        match &result {
            Ok(value) => check_sound(case, value),
            Err(RestoreError::Frame(_) | RestoreError::Body(_)) => {
                assert!(!case.ends_with("-ok"), "{case}: {result:?}");
            }
        }
        let ours = result.as_ref().ok().map(|value| {
            let value = value.as_ref();
            format!("{}/{}", value.value_type().name(), value.encoding().name())
        });
        if (ours == theirs) == DIFFERENCES.iter().any(|(name, _)| *name == case) {
            wrong.push(format!("{case}: theirs {theirs:?}, here {:?}", result.map(|_| ours)));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
    assert!(DIFFERENCES.iter().all(|(name, _)| rows.iter().any(|row| row["case"] == *name)));
    assert_eq!(rows.len(), 341);
}
