//! Sets against payloads and answers of real servers.

use serde_json::Value as Json;
use value::{EncodingLimits, Set, Value};

use crate::support::{SETS, bytes, dialect_of, hex, rows};
use rdb::{Dialect, DumpOptions, RestoreOptions, dump_with, restore};

const ERRORS: &str = include_str!("../../../../testdata/golden/set-payload-errors.jsonl");

/// The servers whose limits and forms are those of today.
const MODERN: &[&str] = &["redis-7.2.6", "redis-7.4.1", "redis-8.0.6", "valkey-8.0.1", "valkey-9.1.2"];

fn options(row: &Json) -> RestoreOptions {
    let limit = |name: &str, default: u64| {
        row["config"][name].as_str().map_or(default, |text| text.parse().expect("a configured number"))
    };
    let default = EncodingLimits::default();
    let encodings = EncodingLimits {
        set_max_intset_entries: limit("set-max-intset-entries", default.set_max_intset_entries),
        set_max_listpack_entries: limit("set-max-listpack-entries", default.set_max_listpack_entries),
        ..default
    };
    RestoreOptions { encodings, ..RestoreOptions::default() }
}

fn set_of(row: &Json) -> Set {
    match restore(&bytes(&row["dump"]), options(row)) {
        Ok(Value::Set(set)) => *set,
        other => panic!("{} of {}: {other:?}", row["case"], row["server"]),
    }
}

#[test]
fn every_servers_set_is_restored_to_its_members() {
    let rows = rows(SETS);
    for row in &rows {
        let set = set_of(row);
        let mut members: Vec<_> = set.iter().map(value::set::Member::to_vec).collect();
        members.sort();
        let expected: Vec<_> = row["members"].as_array().unwrap().iter().map(bytes).collect();
        assert_eq!(members, expected, "{} of {}", row["case"], row["server"]);
        if MODERN.contains(&row["server"].as_str().unwrap()) {
            assert_eq!(set.encoding().name(), row["encoding"], "{} of {}", row["case"], row["server"]);
        }
    }
    assert_eq!(rows.len(), 228);
}

#[test]
fn every_servers_set_is_dumped_to_the_same_bytes_where_they_have_an_order() {
    let (mut same, mut same_but_for_order) = (0, 0);
    for row in rows(SETS) {
        let Some(dialect) = dialect_of(row["server"].as_str().unwrap()) else { continue };
        let set = set_of(&row);
        let mut payload = Vec::new();
        dump_with(Value::Set(Box::new(set.clone())).as_ref(), DumpOptions::from(dialect), &mut payload).unwrap();
        let expected = bytes(&row["dump"]);
        if row["ordered"] == true || set.encoding().name() != "hashtable" {
            assert_eq!(payload, expected, "{} of {}", row["case"], row["server"]);
            same += 1;
        } else {
            assert_eq!(payload.len(), expected.len(), "{} of {}", row["case"], row["server"]);
            assert_eq!(restore(&payload, options(&row)), Ok(Value::Set(Box::new(set))));
            same_but_for_order += 1;
        }
    }
    assert!(same > 100 && same_but_for_order > 20, "{same} {same_but_for_order}");
}

#[test]
fn sets_survive_a_journey_through_every_dialect() {
    for row in rows(SETS) {
        let set = Value::Set(Box::new(set_of(&row)));
        for dialect in Dialect::ALL {
            let mut payload = Vec::new();
            dump_with(set.as_ref(), DumpOptions::from(dialect), &mut payload).unwrap();
            assert_eq!(restore(&payload, options(&row)).as_ref(), Ok(&set), "{} in {dialect}", row["case"]);
        }
    }
}

/// Where this codec and the servers part: the case, and why.
const DIFFERENCES: &[(&str, &str)] = &[("bad/set/len-1-no-data", "the servers read on into the footer")];

#[test]
fn payloads_are_taken_and_refused_as_redis_8_0_does_but_for_the_listed() {
    let rows = rows(ERRORS);
    for row in &rows {
        let case = row["case"].as_str().unwrap();
        let result = restore(&hex(row["payload"].as_str().unwrap()), RestoreOptions::default());
        let replies = row["replies"].as_array().unwrap();
        let asked = |reply: &&Json| reply["servers"].as_array().unwrap().iter().any(|server| server == "redis-8.0.6");
        let reply = &replies.iter().find(asked).unwrap()["reply"];
        let reply = reply["*"].as_str().or_else(|| reply["yes"].as_str()).unwrap();
        let expected = match &result {
            Ok(value) => format!("+OK set/{}", value.as_ref().encoding().name()),
            Err(error) => format!("-ERR {}", error.to_string().split(':').next().unwrap_or_default()),
        };
        let differs = DIFFERENCES.iter().any(|(name, _)| *name == case);
        assert_eq!(expected == reply, !differs, "{case}: {reply}, here {result:?}");
    }
    assert_eq!(rows.len(), 41);
}
