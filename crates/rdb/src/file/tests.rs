use std::io::{self, Read};

use stdx::UnixMs;
use value::{StringRef, ValueRef};

use super::{FileError, FileErrorKind, FileOptions, FileReader, FileWriter, KeyFacts, Record, ValueError};
use crate::{DecodeError, DecodeErrorKind, Dialect, RestoreOptions, Vendor};

fn options(dialect: Dialect) -> FileOptions {
    FileOptions { dialect, compress: true, checksum: true, least_stamp: 1 }
}

fn sample(dialect: Dialect) -> Vec<u8> {
    let mut file = FileWriter::new(Vec::new(), options(dialect)).unwrap();
    file.aux(b"redis-bits", b"64").unwrap();
    file.function(b"#!lua name=f\n").unwrap();
    file.select_db(0, 2, 1).unwrap();
    file.key(b"plain", ValueRef::String(StringRef::new(b"v")), KeyFacts::default()).unwrap();
    let facts = KeyFacts { deadline: Some(UnixMs(1_700_000_000_000)), idle_s: Some(70), frequency: Some(9) };
    file.key(b"facts", ValueRef::String(StringRef::new(&[b'x'; 300])), facts).unwrap();
    file.select_db(9, 1, 0).unwrap();
    file.key(b"12", ValueRef::String(StringRef::Int(-5)), KeyFacts::default()).unwrap();
    file.finish().unwrap()
}

fn read_all(bytes: impl Read) -> Result<Vec<Record>, FileError> {
    let mut file = FileReader::new(bytes, RestoreOptions::default())?;
    let mut records = Vec::new();
    while let Some(record) = file.next()? {
        records.push(record);
    }
    assert!(matches!(file.next(), Ok(None)));
    Ok(records)
}

/// A source that gives one byte at a time.
struct Trickle<'a>(&'a [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
        let Some(slot) = into.first_mut() else { return Ok(0) };
        *slot = *first;
        self.0 = rest;
        Ok(1)
    }
}

#[test]
fn what_was_written_is_read_back_in_every_dialect() {
    for dialect in Dialect::ALL {
        let bytes = sample(dialect);
        let records = read_all(&bytes[..]).unwrap();
        assert_eq!(records, read_all(Trickle(&bytes)).unwrap());
        let keys: Vec<_> =
            records.iter().filter_map(|record| if let Record::Key(key) = record { Some(key) } else { None }).collect();
        assert_eq!(keys.len(), 3, "{dialect}");
        let facts = keys[1];
        assert_eq!((&facts.key[..], facts.deadline), (&b"facts"[..], Some(UnixMs(1_700_000_000_000))));
        assert_eq!((facts.idle_s, facts.frequency), (Some(70), Some(9)));
        assert_eq!(facts.value.as_ref().unwrap().as_ref(), ValueRef::String(StringRef::Raw(&[b'x'; 300])));
        assert_eq!(keys[2].key, b"12");
        assert!(records.contains(&Record::Function(b"#!lua name=f\n".to_vec())));
        assert!(records.contains(&Record::SelectDb(9)));
        assert!(records.contains(&Record::ResizeDb { keys: 2, volatile_keys: 1 }));
    }
}

#[test]
fn a_file_cut_anywhere_is_an_error() {
    let bytes = sample(Dialect::Redis8_0);
    for len in 0..bytes.len() {
        let error = read_all(&bytes[..len]).unwrap_err();
        assert!(matches!(error.kind, FileErrorKind::NotRdb | FileErrorKind::EndsEarly), "{len}: {error}");
    }
}

#[test]
fn a_changed_byte_never_goes_unnoticed() {
    let bytes = sample(Dialect::Valkey9);
    for at in 0..bytes.len() - 8 {
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        let records = read_all(&changed[..]);
        assert!(records.is_err(), "{at}");
    }
}

#[test]
fn eight_zeros_are_no_checksum() {
    let mut bytes = sample(Dialect::Redis7_0);
    let end = bytes.len() - 8;
    bytes[end..].fill(0);
    assert!(read_all(&bytes[..]).is_ok());
    bytes[end] = 1;
    let error = read_all(&bytes[..]).unwrap_err();
    assert!(matches!(error.kind, FileErrorKind::ChecksumDiffers));
    let mut file = FileReader::new(&bytes[..], RestoreOptions::default()).unwrap();
    file.ignore_checksum();
    while file.next().unwrap().is_some() {}
}

#[test]
fn what_follows_the_end_is_noticed_and_not_read() {
    for (behind, has_more) in [(&b""[..], false), (b"*1", true)] {
        let bytes = [&sample(Dialect::Redis7_0)[..], behind].concat();
        for trickle in [false, true] {
            let source: Box<dyn Read> = if trickle { Box::new(Trickle(&bytes)) } else { Box::new(&bytes[..]) };
            let mut file = FileReader::new(source, RestoreOptions::default()).unwrap();
            while file.next().unwrap().is_some() {}
            assert_eq!(file.has_more().unwrap(), has_more);
            assert_eq!(file.offset(), (bytes.len() - behind.len()) as u64);
        }
    }
}

#[test]
fn headers_say_whose_file_it_is() {
    let stamp = |header: &[u8]| FileReader::new(header, RestoreOptions::default()).map(|file| file.stamp().number());
    assert_eq!(stamp(b"REDIS0012").unwrap(), 12);
    assert_eq!(stamp(b"VALKEY080").unwrap(), 80);
    for header in [&b""[..], b"REDIS001", b"REDISabcd", b"VALKEY08x", b"redis0009", b"#!lua name"] {
        assert!(matches!(stamp(header).unwrap_err().kind, FileErrorKind::NotRdb), "{header:?}");
    }
    for (header, newer) in [
        (&b"REDIS0016"[..], Vendor::Redis),
        (b"REDIS0080", Vendor::Redis),
        (b"VALKEY082", Vendor::Valkey),
        (b"VALKEY012", Vendor::Valkey),
    ] {
        let FileErrorKind::NewerStamp { vendor, .. } = stamp(header).unwrap_err().kind else { panic!("{header:?}") };
        assert_eq!(vendor, newer);
    }
}

#[test]
fn a_damaged_value_is_passed_over_and_named() {
    // A string whose compressed block is no LZF, then a whole key.
    let bytes = b"REDIS0003\xfe\x00\x00\x03bad\xc3\x02\x0a\xff\xff\x00\x04good\x01v\xff";
    let records = read_all(&bytes[..]).unwrap();
    let [_, Record::Key(bad), Record::Key(good)] = &records[..] else { panic!("{records:?}") };
    assert_eq!((&bad.key[..], bad.offset, bad.encoded_bytes), (&b"bad"[..], 11, 10));
    assert!(matches!(bad.value, Err(ValueError::Damaged { offset: 16, .. })), "{:?}", bad.value);
    assert_eq!(good.key, b"good");
    assert!(good.value.is_ok());
}

#[test]
fn values_of_modules_are_passed_over() {
    let mut bytes = b"REDIS0003\xfe\x00\x07\x01m".to_vec();
    bytes.extend_from_slice(b"\x81\x01\x02\x03\x04\x05\x06\x07\x08");
    bytes.extend_from_slice(b"\x02\x05\x05\x03abc\x03\0\0\0\0\x04\0\0\0\0\0\0\0\0\x00");
    bytes.extend_from_slice(b"\x00\x01k\x01v\xff");
    let records = read_all(&bytes[..]).unwrap();
    let [_, Record::Key(module), Record::Key(_)] = &records[..] else { panic!("{records:?}") };
    let Err(ValueError::Module(id)) = module.value else { panic!("{module:?}") };
    assert_eq!(id.0, 0x0102_0304_0506_0708);
    assert_eq!(id.version(), 0x308);
}

#[test]
fn lengths_that_lie_cost_no_memory() {
    for lie in [&b"\x00\x81\xff\xff\xff\xff\xff\xff\xff\xffabc"[..], b"\xfa\x80\x7f\xff\xff\xffx", b"\x0a\x01k\x81\xff"]
    {
        let bytes = [b"REDIS0003\xfe\x00", lie].concat();
        let error = read_all(&bytes[..]).unwrap_err();
        assert!(matches!(error.kind, FileErrorKind::EndsEarly | FileErrorKind::Record(_)), "{error}");
    }
}

/// A file of keys with names and values of several lengths.
fn many(count: usize) -> Vec<u8> {
    let mut file = FileWriter::new(Vec::new(), options(Dialect::Redis7_0)).unwrap();
    file.select_db(0, 0, 0).unwrap();
    for number in 0..count {
        let value = format!("value {number} ").repeat(number % 7 + 1);
        let facts = KeyFacts { deadline: (number % 3 == 0).then_some(UnixMs(1 << 41)), ..KeyFacts::default() };
        file.key(format!("key:{number}").as_bytes(), ValueRef::String(StringRef::new(value.as_bytes())), facts)
            .unwrap();
    }
    file.finish().unwrap()
}

#[test]
fn records_are_found_again_behind_a_length_that_lies() {
    let count = 500;
    let bytes = many(count);
    let whole: Vec<_> = read_all(&bytes[..]).unwrap();
    for at in [200, 1000, 7001, bytes.len() - 60] {
        let mut damaged = bytes.clone();
        damaged[at..at + 9].copy_from_slice(b"\x81\xff\xff\xff\xff\xff\xff\xff\xff");
        for trickle in [false, true] {
            let source: Box<dyn Read> = if trickle { Box::new(Trickle(&damaged)) } else { Box::new(&damaged[..]) };
            let mut file = FileReader::new(source, RestoreOptions::default()).unwrap();
            let mut keys = Vec::new();
            loop {
                match file.next() {
                    Ok(Some(Record::Key(key))) => keys.push(*key),
                    Ok(Some(_)) => {}
                    Ok(None) => panic!("the checksum differs"),
                    Err(FileError { kind: FileErrorKind::ChecksumDiffers, .. }) => break,
                    Err(error) => {
                        let found = file.resync().unwrap();
                        assert!(found.is_some_and(|found| found > error.offset.min(at as u64)), "{error}");
                    }
                }
            }
            assert!(keys.len() >= count - 4, "{at}: {}", keys.len());
            let sound = |key: &&super::KeyRecord| {
                whole.iter().any(|record| matches!(record, Record::Key(other) if **other == **key))
            };
            assert!(keys.iter().filter(sound).count() >= count - 4, "{at}");
        }
    }
}

#[test]
fn nothing_is_found_where_nothing_is() {
    for body in [vec![0; 3 << 20], vec![0xff; 100_000], b"\x81\xff only text, and no more than text ".repeat(9000)] {
        let bytes = [b"REDIS0010\xf3", &body[..]].concat();
        let mut file = FileReader::new(&bytes[..], RestoreOptions::default()).unwrap();
        assert!(file.next().is_err());
        if let Some(found) = file.resync().unwrap() {
            // The last nine bytes could always be an end.
            assert!(found >= bytes.len() as u64 - 9);
        }
    }
}

#[test]
fn metadata_of_modules_is_told_or_refused_and_the_next_key_is_read() {
    let noted = b"\xf3\x02\x01\x02\x03\x04\x02\x05\x00\x05\x06\x07\x08\x05\x01x\x00";
    let bytes = [&b"REDIS0013\xfe\x00"[..], noted, b"\x00\x01k\x01v\x00\x01l\x01w\xff\0\0\0\0\0\0\0\0"].concat();
    for refuse_metadata in [false, true] {
        let options = RestoreOptions { refuse_metadata, ..RestoreOptions::default() };
        let mut file = FileReader::new(&bytes[..], options).unwrap();
        assert!(matches!(file.next().unwrap(), Some(Record::SelectDb(0))));
        let Some(Record::Key(noted)) = file.next().unwrap() else { panic!() };
        assert_eq!((noted.metadata, noted.offset), (2, 11));
        let Some(Record::Key(plain)) = file.next().unwrap() else { panic!() };
        assert!(plain.value.is_ok() && plain.metadata == 0);
        let kind = DecodeErrorKind::KeyMetadata { pieces: 2 };
        let refused = ValueError::Damaged { offset: 11, error: DecodeError { offset: 0, kind } };
        assert_eq!(noted.value.err(), refuse_metadata.then_some(refused));
    }
}
