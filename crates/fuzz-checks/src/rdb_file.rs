//! RDB files. The checksum at their end is not looked at, since a fuzzer that has to guess a CRC-64 finds nothing in front of it.
//!
//! Reading must not depend on how the bytes arrive; what is accepted must come back from every dialect that can hold it, and from a file.

use std::io::{self, Read};

use rdb::{
    Dialect, FileOptions, FileReader, FileWriter, KeyFacts, KeyRecord, Record, RestoreOptions, ValueDigest, dump,
    least_stamp, restore,
};

/// A source that gives a few bytes at a time.
struct Trickle<'a>(&'a [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let len = into.len().min(7).min(self.0.len());
        let (given, rest) = self.0.split_at(len);
        into[..len].copy_from_slice(given);
        self.0 = rest;
        Ok(len)
    }
}

const OPTIONS_BYTES: usize = 1 << 20;

/// Every record up to the end or the first that cannot be read, and what ended it.
fn read(source: impl Read) -> Option<(Vec<Record>, String)> {
    let options = RestoreOptions { max_string_bytes: OPTIONS_BYTES, ..RestoreOptions::default() };
    let mut file = FileReader::new(source, options).ok()?;
    file.ignore_checksum();
    let mut records = Vec::new();
    loop {
        match file.next() {
            Ok(Some(record)) => records.push(record),
            Ok(None) => return Some((records, String::new())),
            Err(error) => return Some((records, error.to_string())),
        }
    }
}

fn written_is_read(key: &KeyRecord) {
    let Ok(value) = &key.value else { return };
    let digest = ValueDigest::of(value.as_ref());
    for dialect in Dialect::ALL {
        let mut payload = Vec::new();
        if dump(value.as_ref(), dialect, &mut payload).is_err() {
            continue;
        }
        let restored = restore(&payload, RestoreOptions::default()).expect("what was dumped is restored");
        if dialect == Dialect::Portable || dialect == Dialect::Redis8_10 {
            assert_eq!(ValueDigest::of(restored.as_ref()), digest, "{dialect}");
        }
    }
    let options = FileOptions {
        dialect: Dialect::Portable,
        compress: true,
        checksum: true,
        least_stamp: least_stamp(value.as_ref()),
    };
    let mut file = FileWriter::new(Vec::new(), options).expect("a vector takes everything");
    let facts = KeyFacts { deadline: key.deadline, idle_s: key.idle_s, frequency: key.frequency };
    file.select_db(0, 1, 0).expect("a vector takes everything");
    if file.key(&key.key, value.as_ref(), facts).is_err() {
        return;
    }
    let bytes = file.finish().expect("a vector takes everything");
    let mut file = FileReader::new(&bytes[..], RestoreOptions::default()).expect("a header");
    let mut found = false;
    while let Some(record) = file.next().expect("a whole file") {
        if let Record::Key(again) = record {
            assert_eq!((&again.key, again.deadline, again.idle_s), (&key.key, key.deadline, key.idle_s));
            assert_eq!(ValueDigest::of(again.value.expect("a value").as_ref()), digest);
            found = true;
        }
    }
    assert!(found);
}

pub fn check(input: &[u8]) {
    let Some((records, end)) = read(input) else { return };
    let (trickled, trickled_end) = read(Trickle(input)).expect("the header is the same");
    assert_eq!((&records, &end), (&trickled, &trickled_end));
    for record in &records {
        if let Record::Key(key) = record {
            written_is_read(key);
        }
    }
}
