//! Holds the examples of `docs/formats/rdb.md` to the code.

use stdx::UnixMs;
use value::Type;

use crate::{
    Dialect, FileError, FileOptions, FileReader, FileWriter, KeyFacts, KeyRecord, Record, RestoreOptions, ValueError,
    type_of_code,
};

const PAGE: &str = include_str!("../../../docs/formats/rdb.md");

/// The lines of each fenced block of a kind.
fn blocks(kind: &str) -> Vec<Vec<&'static str>> {
    let fence = format!("```{kind}\n");
    PAGE.split(&fence).skip(1).map(|rest| rest.split("\n```").next().unwrap().lines().collect()).collect()
}

/// Bytes and the remark behind them.
fn parts(line: &'static str) -> (Vec<u8>, &'static str) {
    let (hex, remark) = line.split_once("  ").unwrap_or((line, ""));
    let bytes = hex.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
    (bytes, remark.trim())
}

/// A record in the words of the page.
fn words(record: &Record) -> String {
    let text = |bytes: &[u8]| bytes.escape_ascii().to_string();
    match record {
        Record::Aux { name, value } => format!("aux {} = {}", text(name), text(value)),
        Record::Function(source) => format!("function, {} bytes", source.len()),
        Record::FunctionPreGa(library) => format!("function '{}' of a pre-release", text(&library.name)),
        Record::SelectDb(db) => format!("database {db}"),
        Record::ResizeDb { keys, volatile_keys } => format!("{keys} keys, {volatile_keys} with a deadline"),
        Record::SlotInfo { slot, keys, volatile_keys } => {
            format!("slot {slot}: {keys} keys, {volatile_keys} with a deadline")
        }
        Record::ModuleAux(id) => format!("data of module {}", id.name()),
        Record::HashTemplate { id, fields } => format!("template {id} of {fields} names"),
        Record::SlotImport { job, slots } => format!("slots {} being imported by '{}'", text(slots), text(job)),
        Record::Key(key) => key_words(key),
    }
}

fn key_words(key: &KeyRecord) -> String {
    let name = key.key.escape_ascii();
    if let Err(ValueError::Module(id)) = &key.value {
        return format!("value '{name}' of module {}", id.name());
    }
    let value = key.value.as_ref().unwrap();
    assert_eq!(type_of_code(key.code), Some(value.value_type()));
    let mut words = format!("{} '{name}'", value.value_type().name());
    if let Some(UnixMs(at)) = key.deadline {
        words.push_str(&format!(", until {at}"));
    }
    if let Some(idle) = key.idle_s {
        words.push_str(&format!(", idle {idle} s"));
    }
    if let Some(frequency) = key.frequency {
        words.push_str(&format!(", frequency {frequency}"));
    }
    if key.metadata > 0 {
        words.push_str(&format!(", {} metadata left out", key.metadata));
    }
    words
}

fn read(bytes: &[u8]) -> Result<Vec<Record>, FileError> {
    let mut file = FileReader::new(bytes, RestoreOptions::default())?;
    let mut records = Vec::new();
    while let Some(record) = file.next()? {
        records.push(record);
    }
    Ok(records)
}

#[test]
fn files_are_read_as_documented_record_by_record() {
    let blocks = blocks("file");
    assert!(blocks.len() >= 3);
    for block in blocks {
        let lines: Vec<_> = block.into_iter().map(parts).collect();
        let bytes: Vec<u8> = lines.iter().flat_map(|(bytes, _)| bytes.clone()).collect();
        let mut file = FileReader::new(&bytes[..], RestoreOptions::default()).unwrap();
        let stamp = file.stamp();
        let mut remarks = lines.into_iter();
        let (header, remark) = remarks.next().unwrap();
        assert_eq!(remark, format!("{}, version {}", stamp.vendor(), stamp.number()));
        let mut end = header.len() as u64;
        while let Some(record) = file.next().unwrap() {
            let (bytes, remark) = remarks.next().unwrap();
            end += bytes.len() as u64;
            assert_eq!((words(&record).as_str(), file.offset()), (remark, end));
        }
        assert_eq!(remarks.next().unwrap().1, "end");
        assert_eq!(remarks.next().map(|(_, remark)| remark), (stamp.number() >= 5).then_some("checksum"));
    }
}

#[test]
fn files_are_written_as_documented() {
    let dialects = [Dialect::Redis7_0, Dialect::Valkey9];
    for (block, dialect) in blocks("file").into_iter().zip(dialects) {
        let bytes: Vec<u8> = block.into_iter().flat_map(|line| parts(line).0).collect();
        let options = FileOptions { dialect, compress: true, checksum: true, least_stamp: 0 };
        let mut file = FileWriter::new(Vec::new(), options).unwrap();
        let mut db = 0;
        for record in read(&bytes).unwrap() {
            match record {
                Record::Aux { name, value } => file.aux(&name, &value).unwrap(),
                Record::Function(source) => file.function(&source).unwrap(),
                Record::SelectDb(number) => db = number,
                Record::ResizeDb { keys, volatile_keys } => file.select_db(db, keys, volatile_keys).unwrap(),
                Record::Key(key) => {
                    let facts = KeyFacts { deadline: key.deadline, idle_s: key.idle_s, frequency: key.frequency };
                    file.key(&key.key, key.value.unwrap().as_ref(), facts).unwrap();
                }
                Record::FunctionPreGa(_)
                | Record::SlotInfo { .. }
                | Record::ModuleAux(_)
                | Record::HashTemplate { .. }
                | Record::SlotImport { .. } => panic!("nobody writes {record:?}"),
            }
        }
        assert_eq!(file.finish().unwrap(), bytes, "{dialect}");
    }
}

#[test]
fn records_are_read_as_documented() {
    let blocks = blocks("record");
    assert!(blocks.len() >= 7);
    for block in blocks {
        let (record, remark) = parts(block[1]);
        let bytes = [block[0].as_bytes(), &record[..], b"\xff\0\0\0\0\0\0\0\0"].concat();
        let records = read(&bytes).unwrap();
        assert_eq!(records.iter().map(words).collect::<Vec<_>>(), [remark]);
    }
}

#[test]
fn damage_is_told_as_documented() {
    let blocks = blocks("damaged");
    assert!(blocks.len() >= 6);
    for block in blocks {
        assert_eq!(read(&parts(block[0]).0).unwrap_err().to_string(), block[1]);
    }
}

#[test]
fn type_bytes_and_records_do_not_overlap() {
    let types: Vec<_> = (0..=255).filter(|code| type_of_code(*code).is_some()).collect();
    assert!(types.iter().all(|code| *code < 128));
    assert_eq!(type_of_code(0), Some(Type::String));
}
