//! Hashes of templates in files of Redis 8.10, made from the format's description: no server that writes them was at hand.

use rdb::{DecodeErrorKind as Kind, FileErrorKind, FileReader, KeyRecord, Record, RestoreOptions, ValueError};
use value::{EncodingLimits, Hash, Value};

/// A file of version 15 without a checksum, with these records.
fn file(records: &[&[u8]]) -> Vec<u8> {
    [&b"REDIS0015"[..], &records.concat(), b"\xff\0\0\0\0\0\0\0\0"].concat()
}

fn keys(bytes: &[u8], options: RestoreOptions) -> Result<Vec<KeyRecord>, rdb::FileError> {
    let mut file = FileReader::new(bytes, options)?;
    let mut keys = Vec::new();
    while let Some(record) = file.next()? {
        if let Record::Key(key) = record {
            keys.push(*key);
        }
    }
    Ok(keys)
}

fn fault(record: &KeyRecord) -> Kind {
    match &record.value {
        Err(ValueError::Damaged { error, .. }) => error.kind,
        other => panic!("{other:?}"),
    }
}

const TEMPLATE: &[u8] = b"\xf2\x07\x02\x01a\x02id";
const PACKED: &[u8] = b"\x1e\x01p\x0e\x0e\0\0\0\x03\0\x07\x01\x01\x01\x81x\x02\xff";
const ARRAY: &[u8] = b"\x20\x01q\x07\xc0\x01\x01x";
const PLAIN: &[u8] = b"\0\x01k\x01v";

#[test]
fn hashes_get_the_names_of_their_template() {
    let bytes = file(&[TEMPLATE, PACKED, ARRAY, PLAIN]);
    for entries in [128, 1] {
        let encodings = EncodingLimits { hash_max_listpack_entries: entries, ..EncodingLimits::default() };
        let keys = keys(&bytes, RestoreOptions { encodings, ..RestoreOptions::default() }).unwrap();
        assert_eq!(keys.len(), 3);
        let template = |at: usize| match &keys[at].value {
            Ok(Value::Hash(hash)) => hash.template().unwrap(),
            other => panic!("{other:?}"),
        };
        assert!(std::sync::Arc::ptr_eq(template(0), template(1)), "one for all");
        for key in &keys[..2] {
            let Ok(Value::Hash(hash)) = &key.value else { panic!("{key:?}") };
            let mut fields: Vec<_> = hash.iter().map(|entry| (entry.field.to_vec(), entry.value.to_vec())).collect();
            fields.sort();
            assert_eq!(fields, [(b"a".to_vec(), b"1".to_vec()), (b"id".to_vec(), b"x".to_vec())]);
            let encoding = if entries == 128 { "template-listpack" } else { "template-array" };
            assert_eq!(key.value.as_ref().unwrap().as_ref().encoding().name(), encoding);
        }
    }
}

#[test]
fn a_template_of_many_names_makes_hashes_of_as_many_fields() {
    let count = 5000_u32;
    let mut names: Vec<_> = (0..count).map(|number| format!("field {number}")).collect();
    names.sort_by_key(|name| (name.len(), name.clone()));
    let mut records = b"\xf2\x40\x64\x53\x88".to_vec();
    for name in &names {
        records.push(u8::try_from(name.len()).unwrap());
        records.extend_from_slice(name.as_bytes());
    }
    for key in [b'a', b'b'] {
        records.extend_from_slice(&[0x20, 1, key, 0x40, 0x64]);
        records.extend((0..count).flat_map(|_| [1, key]));
    }
    let keys = keys(&file(&[&records]), RestoreOptions::default()).unwrap();
    for record in &keys {
        let Ok(Value::Hash(hash)) = &record.value else { panic!() };
        assert_eq!(hash.len(), 5000);
        assert!(names.iter().all(|name| has(hash, name.as_bytes(), &record.key)));
    }
    assert_eq!(keys.len(), 2);
}

fn has(hash: &Hash, field: &[u8], value: &[u8]) -> bool {
    hash.get(field).is_some_and(|(element, _)| element.to_vec() == value)
}

#[test]
fn a_hash_that_does_not_fit_its_template_is_damaged_and_the_rest_is_read() {
    let other_id = b"\x1e\x01p\x0e\x0e\0\0\0\x03\0\x08\x01\x01\x01\x81x\x02\xff";
    let too_few = b"\x1e\x01p\x0b\x0b\0\0\0\x02\0\x07\x01\x01\x01\xff";
    let no_listpack = b"\x1e\x01p\x03abc";
    let unsorted: &[u8] = b"\xf2\x07\x02\x02id\x01a";
    let twice: &[u8] = b"\xf2\x07\x02\x01a\x01a";
    let empty: &[u8] = b"\xf2\x07\0";
    let is_damaged = |template: &[u8], record: &[u8]| {
        let keys = keys(&file(&[template, record, PLAIN]), RestoreOptions::default()).unwrap();
        assert!(keys.len() == 2 && keys[1].value.is_ok());
        fault(&keys[0])
    };
    assert_eq!(is_damaged(TEMPLATE, other_id), Kind::UnknownTemplate(8));
    assert_eq!(is_damaged(TEMPLATE, too_few), Kind::Hash(value::NotAHash::Uneven));
    assert!(matches!(is_damaged(TEMPLATE, no_listpack), Kind::Pack(_)));
    for record in [PACKED, &b"\x20\x01q\x07\xc0\x01\x01x"[..]] {
        assert_eq!(is_damaged(unsorted, record), Kind::TemplateOrder);
        assert_eq!(is_damaged(twice, record), Kind::TemplateOrder);
    }
    assert_eq!(is_damaged(empty, PACKED), Kind::NoElements);
    // How many values follow, only the template tells.
    let error = keys(&file(&[ARRAY, PLAIN]), RestoreOptions::default()).unwrap_err();
    assert!(matches!(error.kind, FileErrorKind::Record(Kind::UnknownTemplate(7))), "{error}");
}

#[test]
fn templates_are_redis_s_alone() {
    for (header, code) in [(&b"VALKEY080"[..], 242), (b"VALKEY080", 30)] {
        let bytes = [header, if code == 242 { TEMPLATE } else { PACKED }, b"\xff\0\0\0\0\0\0\0\0"].concat();
        assert!(keys(&bytes, RestoreOptions::default()).is_err(), "{code}");
    }
}

#[test]
fn damage_anywhere_is_an_error_or_another_hash() {
    let bytes = file(&[TEMPLATE, PACKED, ARRAY, PLAIN]);
    for at in 9..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            drop(keys(&changed, RestoreOptions::default()));
        }
        assert!(keys(&bytes[..at], RestoreOptions::default()).is_err(), "{at}");
    }
}
