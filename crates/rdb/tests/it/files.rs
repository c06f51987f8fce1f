//! RDB files of real servers, read whole and written again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rdb::{
    Dialect, FileOptions, FileReader, FileWriter, KeyFacts, KeyRecord, Record, RestoreOptions, ValueDigest, ValueError,
    Vendor,
};
use serde_json::{Value as Json, json};

use crate::logical::{agrees, expected, logical, plain};
use crate::support::{hex, rows};

const VECTOR_SETS: &str = include_str!("../../../../testdata/golden/vectorsets.jsonl");
/// Which server loads which file.
const LOADS: &str = include_str!("../../../../testdata/golden/rdb-load.jsonl");

/// Every file with its description, by name.
fn files() -> Vec<(String, Vec<u8>, Json)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/golden/rdb");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "rdb"));
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let description = read(&path.with_extension("json"));
            (
                path.file_name().unwrap().to_str().unwrap().to_owned(),
                read(path),
                serde_json::from_slice(&description).unwrap(),
            )
        })
        .collect()
}

#[expect(clippy::disallowed_methods, reason = "tests read their data")]
fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

/// Keys that lose the sign of a zero: their form has it, and the listpack that they get on loading, here as on the servers, has not.
/// Those that the newest servers name.
fn lost_signs(file: &str) -> BTreeSet<String> {
    rows(LOADS)
        .iter()
        .filter(|row| {
            row["file"] == file && ["redis-8.0.6", "valkey-9.1.2"].iter().any(|name| row["consumer"] == *name)
        })
        .flat_map(|row| row["keys_that_differ"].as_array().cloned().unwrap_or_default())
        .map(|key| key.as_str().unwrap().to_owned())
        .filter(|key| key.contains("negzero"))
        .collect()
}

/// What a file holds.
#[derive(Default)]
struct Contents {
    aux: Vec<(Vec<u8>, Vec<u8>)>,
    functions: Vec<Vec<u8>>,
    slots: Vec<[u64; 3]>,
    sizes: BTreeMap<u64, [u64; 2]>,
    keys: BTreeMap<(u64, Vec<u8>), KeyRecord>,
}

fn contents(name: &str, bytes: &[u8]) -> Contents {
    let mut file = FileReader::new(bytes, RestoreOptions::default()).unwrap();
    let (mut contents, mut db) = (Contents::default(), 0);
    while let Some(record) = file.next().unwrap_or_else(|error| panic!("{name}: {error}")) {
        match record {
            Record::Aux { name, value } => contents.aux.push((name, value)),
            Record::Function(source) => contents.functions.push(source),
            Record::SelectDb(number) => db = number,
            Record::ResizeDb { keys, volatile_keys } => drop(contents.sizes.insert(db, [keys, volatile_keys])),
            Record::SlotInfo { slot, keys, volatile_keys } => contents.slots.push([slot, keys, volatile_keys]),
            Record::Key(key) => {
                let before = contents.keys.insert((db, key.key.clone()), *key);
                assert_eq!(before, None, "{name}: a key twice");
            }
            other @ (Record::FunctionPreGa { .. }
            | Record::ModuleAux(_)
            | Record::HashTemplate { .. }
            | Record::SlotImport { .. }) => panic!("{name}: {other:?}"),
        }
    }
    assert_eq!(file.offset(), bytes.len() as u64, "{name}");
    assert!(!file.has_more().unwrap(), "{name}");
    contents
}

#[test]
fn every_servers_file_is_read_whole() {
    let (mut files_read, mut keys_read, mut signs_lost) = (0, 0, 0);
    for (name, bytes, description) in files() {
        let file = FileReader::new(&bytes[..], RestoreOptions::default()).unwrap();
        let stamp = file.stamp();
        let vendor = if description["magic"] == "VALKEY" { Vendor::Valkey } else { Vendor::Redis };
        assert_eq!((stamp.vendor(), json!(stamp.number())), (vendor, description["rdb_version"].clone()), "{name}");

        let contents = contents(&name, &bytes);
        let pairs = |pair: &Json| (plain(&pair[0]), plain(&pair[1]));
        let aux: Vec<_> = description["aux"].as_array().unwrap().iter().map(pairs).collect();
        assert_eq!(contents.aux, aux, "{name}");
        // Several libraries come in the order of the writer's hash table.
        let functions: BTreeSet<_> = description["functions"].as_array().unwrap().iter().map(plain).collect();
        assert_eq!(contents.functions.into_iter().collect::<BTreeSet<_>>(), functions, "{name}");
        let slots = description["slot_info"].as_array().map_or(json!([]), |slots| json!(slots));
        assert_eq!(json!(contents.slots), slots, "{name}");

        let lost_signs = lost_signs(&name);
        let mut left = contents.keys;
        for (db, described) in description["dbs"].as_object().unwrap() {
            let db: u64 = db.parse().unwrap();
            let sizes = contents.sizes.get(&db).map_or(Json::Null, |sizes| json!(sizes));
            assert_eq!(sizes, described["resizedb"], "{name}");
            for key in described["keys"].as_array().unwrap() {
                let read = left.remove(&(db, plain(&key["key"])));
                let loses_sign = key["key"].as_str().is_some_and(|key| lost_signs.contains(key));
                check_key(&format!("{name}: {}", key["key"]), &read.unwrap(), key, loses_sign);
                signs_lost += usize::from(loses_sign);
                keys_read += 1;
            }
        }
        assert!(left.is_empty(), "{name}: {:?}", left.keys());
        files_read += 1;
    }
    assert_eq!((files_read, keys_read, signs_lost), (75, 3935, 32));
}

fn check_key(name: &str, read: &KeyRecord, described: &Json, loses_sign: bool) {
    assert_eq!(json!(read.code), described["rdb_type"], "{name}");
    let optional = |value: Option<i64>| value.map_or(Json::Null, |value| json!(value));
    assert_eq!(optional(read.deadline.map(|at| at.0)), described["expire_ms"], "{name}");
    assert_eq!(read.idle_s.map_or(Json::Null, |idle| json!(idle)), described["idle_s"], "{name}");
    assert_eq!(read.frequency.map_or(Json::Null, |frequency| json!(frequency)), described["freq"], "{name}");
    let value = read.value.as_ref().unwrap_or_else(|error| panic!("{name}: {error:?}"));
    let (mut expected, actual) = (expected(&described["value"]), logical(value.as_ref()));
    if loses_sign {
        assert!(!agrees(&expected, &actual), "{name}");
        expected = serde_json::from_str(&expected.to_string().replace("8000000000000000", "0000000000000000")).unwrap();
    }
    assert!(agrees(&expected, &actual), "{name}:\n{expected}\n{actual}");
}

/// Reading a file, writing its keys in a dialect that has a form for all of them, and reading that gives the same keys.
#[test]
fn every_servers_file_survives_being_written_again() {
    for (name, bytes, _) in files() {
        let before = contents(&name, &bytes);
        let values = || before.keys.values().filter_map(|key| key.value.as_ref().ok());
        let least_stamp = values().map(|value| rdb::least_stamp(value.as_ref())).max().unwrap_or(0);
        for dialect in [Dialect::Portable, Dialect::Redis8_10, Dialect::Valkey9] {
            let options = FileOptions { dialect, compress: true, checksum: true, least_stamp };
            let mut file = FileWriter::new(Vec::new(), options).unwrap();
            let mut selected = None;
            for ((db, key), record) in &before.keys {
                if selected != Some(*db) {
                    file.select_db(*db, 0, 0).unwrap();
                    selected = Some(*db);
                }
                let facts = KeyFacts { deadline: record.deadline, idle_s: record.idle_s, frequency: record.frequency };
                let value = record.value.as_ref().unwrap();
                file.key(key, value.as_ref(), facts).unwrap_or_else(|error| panic!("{name} in {dialect}: {error}"));
            }
            let after = contents(&name, &file.finish().unwrap());
            assert_eq!(after.keys.len(), before.keys.len());
            for ((place, before), after) in before.keys.iter().zip(after.keys.values()) {
                let digest = |record: &KeyRecord| ValueDigest::of(record.value.as_ref().unwrap().as_ref());
                assert_eq!(digest(before), digest(after), "{name} in {dialect}: {place:?}");
                assert_eq!((before.deadline, before.idle_s), (after.deadline, after.idle_s), "{name}: {place:?}");
                assert_eq!(before.frequency, after.frequency, "{name}: {place:?}");
            }
        }
    }
}

#[test]
fn every_file_that_some_server_loads_is_among_those() {
    let rows = rows(LOADS);
    let loaded: BTreeSet<_> =
        rows.iter().filter(|row| row["loads"] == true).map(|row| row["file"].as_str().unwrap().to_owned()).collect();
    let ours: BTreeSet<_> = files().into_iter().map(|(name, _, _)| name).collect();
    // Files without keys were not tried.
    assert!(loaded.is_subset(&ours), "{:?}", loaded.difference(&ours));
    assert!(loaded.len() > 50, "{}", loaded.len());
}

/// Vector sets are values of a module: passed over by their marks, and named.
#[test]
fn vector_sets_are_given_out_as_values_of_their_module() {
    for row in rows(VECTOR_SETS) {
        let payload = hex(row["dump_hex"].as_str().unwrap());
        let value = &payload[1..payload.len() - 10];
        let file = [b"REDIS0012\xfe\x00\x07\x01v", value, b"\x00\x01k\x01v\xff\0\0\0\0\0\0\0\0"].concat();
        let contents = contents("vector set", &file);
        let Err(ValueError::Module(id)) = contents.keys[&(0, b"v".to_vec())].value else { panic!() };
        assert_eq!((id.name().as_str(), id.version()), ("vectorset", 0));
        assert!(contents.keys[&(0, b"k".to_vec())].value.is_ok());
    }
}
