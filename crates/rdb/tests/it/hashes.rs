//! Hashes against payloads of real servers.

use std::collections::BTreeMap;

use crate::support::{bytes, hex, rows};
use rdb::{Dialect, DumpOptions, FOOTER_BYTES, RestoreOptions, Stamp, append_footer, dump, dump_with, restore};
use value::{EncodingLimits, FieldTtl, Hash, Value};

pub(crate) const HASHES: &str = include_str!("../../../../testdata/golden/hash.jsonl");
const ERRORS: &str = include_str!("../../../../testdata/golden/hash-payload-errors.jsonl");

/// Fields with their values and deadlines.
type Model = BTreeMap<Vec<u8>, (Vec<u8>, Option<i64>)>;

fn model_of(value: &Value) -> Model {
    let Value::Hash(hash) = value else { panic!("no hash: {value:?}") };
    let entry =
        |entry: value::HashEntry<'_>| (entry.field.to_vec(), (entry.value.to_vec(), entry.deadline.map(|at| at.0)));
    let model: Model = hash.iter().map(entry).collect();
    assert_eq!(model.len(), hash.len());
    model
}

fn expected(row: &serde_json::Value) -> Model {
    let entry = |entry: &serde_json::Value| (bytes(&entry[0]), (bytes(&entry[1]), entry[2].as_i64()));
    row["value"]["v"].as_array().unwrap().iter().map(entry).collect()
}

#[test]
fn every_servers_hash_is_restored_to_its_value() {
    let rows = rows(HASHES);
    for row in &rows {
        let payload = hex(row["dump_hex"].as_str().unwrap());
        let name = format!("{} of {}", row["case"], row["server"]);
        let value = restore(&payload, RestoreOptions::default()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(model_of(&value), expected(row), "{name}");
    }
    assert_eq!(rows.len(), 256);
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

/// Settings of the server that made a row.
fn limits(row: &serde_json::Value) -> EncodingLimits {
    let mut limits = EncodingLimits::default();
    let number = |name: &str| row["config"][name].as_str().and_then(|text| text.parse().ok());
    if let Some(entries) = number("hash-max-listpack-entries").or_else(|| number("hash-max-ziplist-entries")) {
        limits.hash_max_listpack_entries = entries;
    }
    if let Some(bytes) = number("hash-max-listpack-value").or_else(|| number("hash-max-ziplist-value")) {
        limits.hash_max_listpack_value_bytes = bytes;
    }
    limits
}

#[test]
fn a_hash_is_dumped_in_its_servers_dialect_to_the_same_bytes() {
    let mut count = 0;
    for row in rows(HASHES).iter().filter(|row| row["ordered"] == true) {
        let Some(dialect) = dialect_of(row["server"].as_str().unwrap()) else { continue };
        let payload = hex(row["dump_hex"].as_str().unwrap());
        let options = RestoreOptions { encodings: limits(row), ..RestoreOptions::default() };
        let value = restore(&payload, options).unwrap();
        let compress = row["config"]["rdbcompression"] != "no";
        let mut again = Vec::new();
        dump_with(value.as_ref(), DumpOptions { dialect, compress }, &mut again).unwrap();
        let (mut expected, mut got) = (payload.clone(), again);
        if payload[0] == 25 {
            // The earliest deadline is kept lazily there: it may be any earlier one.
            for bytes in [&mut expected, &mut got] {
                let end = bytes.len() - 8;
                bytes.truncate(end);
                bytes.drain(1..9);
            }
        }
        assert_eq!(got, expected, "{} of {}", row["case"], row["server"]);
        count += 1;
    }
    assert_eq!(count, 130);
}

#[test]
fn values_survive_a_journey_through_every_dialect_that_holds_them() {
    for row in rows(HASHES) {
        let value = restore(&hex(row["dump_hex"].as_str().unwrap()), RestoreOptions::default()).unwrap();
        let model = model_of(&value);
        let is_timed = model.values().any(|(_, deadline)| deadline.is_some());
        for dialect in Dialect::ALL {
            let mut payload = Vec::new();
            let written = dump_with(value.as_ref(), DumpOptions::from(dialect), &mut payload);
            let holds_deadlines = !matches!(
                dialect,
                Dialect::Redis6_2 | Dialect::Redis7_0 | Dialect::Redis7_2 | Dialect::Valkey7_2 | Dialect::Valkey8
            );
            assert_eq!(written.is_ok(), !is_timed || holds_deadlines, "{} in {dialect}", row["case"]);
            if let Err(error) = written {
                assert_eq!(error.feature, "hash field expiry");
                continue;
            }
            let restored = restore(&payload, RestoreOptions::default()).unwrap();
            assert_eq!(model_of(&restored), model, "{} in {dialect}", row["case"]);
        }
    }
}

/// Where this codec and both servers part: the case, and why.
const DIFFERENCES: &[(&str, &str)] = &[
    ("bad/hash/field-no-value", "the servers read on into the footer"),
    ("bad/hash-meta/short", "the servers read on into the footer"),
    ("bad/valkey-hash2/good-version-6", "22 in an old payload is Redis's: the stamp decides"),
];

#[test]
fn payloads_are_taken_and_refused_as_their_server_does_but_for_the_listed() {
    let rows = rows(ERRORS);
    for row in &rows {
        let case = row["case"].as_str().unwrap();
        let result = restore(&hex(row["payload"].as_str().unwrap()), RestoreOptions::default());
        let taken = ["redis", "valkey"].iter().any(|server| row[*server].as_str().unwrap().starts_with("+OK"));
        let differs = DIFFERENCES.iter().any(|(name, _)| *name == case);
        assert_eq!(result.is_ok() == taken, !differs, "{case}: {row}, here {result:?}");
    }
    assert!(DIFFERENCES.iter().all(|(name, _)| rows.iter().any(|row| row["case"] == *name)));
    assert_eq!(rows.len(), 75);
}

fn sealed(body: &[u8], stamp: u16) -> Vec<u8> {
    let mut payload = body.to_vec();
    append_footer(&mut payload, 0, Stamp::new(stamp).unwrap());
    payload
}

#[test]
fn hashes_of_templates_are_read_in_the_forms_that_are_known() {
    // Listpacks: of the names a and bb; of the id 7 and the values 1 and x.
    let names = b"\x0e\x00\x00\x00\x02\x00\x81a\x02\x82bb\x03\xff";
    let values = b"\x0e\x00\x00\x00\x03\x00\x07\x01\x01\x01\x81x\x02\xff";
    let string = |bytes: &[u8]| [&[u8::try_from(bytes.len()).unwrap()], bytes].concat();
    let model = Model::from([(b"a".to_vec(), (b"1".to_vec(), None)), (b"bb".to_vec(), (b"x".to_vec(), None))]);
    let packed = [&b"\x1d\x00"[..], &string(names), &string(values)].concat();
    let array = b"\x1f\x01\x02\x01a\x02bb\xc0\x01\x01x";
    let packed_strings = [&b"\x1d\x01\x02\x01a\x02bb"[..], &string(values)].concat();
    let array_listpack = [&b"\x1f\x00"[..], &string(names), b"\xc0\x01\x01x"].concat();
    for body in [&packed[..], array, &packed_strings, &array_listpack] {
        assert_eq!(model_of(&restore(&sealed(body, 15), RestoreOptions::default()).unwrap()), model);
        assert!(restore(&sealed(&body[..body.len() - 1], 15), RestoreOptions::default()).is_err());
        assert!(restore(&sealed(body, 80), RestoreOptions::default()).is_err(), "not Valkey's");
    }
    for body in [
        &b"\x1f\x01\x02\x02bb\x01a\xc0\x01\x01x"[..],
        b"\x1f\x01\x02\x01a\x01a\xc0\x01\x01x",
        b"\x1f\x00\x02\x01a\x02bb\xc0\x01\x01x",
        b"\x1f\x01\x00",
        b"\x1e\x01\x01",
        b"\x20\x01\x01",
    ] {
        assert!(restore(&sealed(body, 15), RestoreOptions::default()).is_err(), "{body:?}");
    }
}

#[test]
fn a_hash_that_was_not_canonical_is_written_so_that_it_is_taken_again() {
    let hash = |latest| {
        let mut hash = Hash::default();
        hash.set(b"a", b"1", FieldTtl::At(stdx::UnixMs(0)), &EncodingLimits::default());
        hash.set(b"b", b"2", FieldTtl::At(stdx::UnixMs(latest)), &EncodingLimits::default());
        Value::Hash(Box::new(hash))
    };
    let mut payload = Vec::new();
    let value = hash((1 << 48) - 1);
    dump(value.as_ref(), Dialect::Valkey9, &mut payload).unwrap();
    assert!(payload.len() > FOOTER_BYTES);
    assert_eq!(model_of(&restore(&payload, RestoreOptions::default()).unwrap()), model_of(&value));
    // Later ones are Valkey's alone.
    for dialect in [Dialect::Portable, Dialect::Valkey9] {
        assert!(dump(hash(1 << 48).as_ref(), dialect, &mut Vec::new()).is_err(), "{dialect}");
    }
}

/// Such a payload was taken, and no file could be written any more until the key was gone.
#[test]
fn a_deadline_that_no_other_dialect_holds_is_refused_of_valkey_too() {
    for (at, is_taken) in [((1_i64 << 48) - 1, true), (1 << 48, false), (i64::MAX, false)] {
        let body = [&b"\x16\x01\x01a\x011"[..], &at.to_le_bytes()].concat();
        assert_eq!(restore(&sealed(&body, 80), RestoreOptions::default()).is_ok(), is_taken, "{at}");
    }
}
