//! A survey takes what RESTORE takes, and nothing else.
//!
//! Small payloads are built without one, so nothing but this would tell that the two have come apart.

use rdb::{Dialect, FOOTER_BYTES, FileReader, Record, RestoreOptions, Stamp, append_footer, dump, restore, survey};
use value::{EncodingLimits, ValueRef};

use crate::mutate::Numbers;
use crate::support::{hex, rows};

/// Everything above these limits becomes a table.
const SMALL: EncodingLimits = EncodingLimits {
    hash_max_listpack_entries: 1,
    set_max_intset_entries: 1,
    set_max_listpack_entries: 1,
    zset_max_listpack_entries: 1,
    list_compress_depth: 1,
    ..EncodingLimits::DEFAULT
};

/// Whether both take the body.
#[track_caller]
fn compare(body: &[u8], stamp: u16) -> bool {
    let mut payload = body.to_vec();
    append_footer(&mut payload, 0, Stamp::new(stamp).unwrap());
    let mut taken = Vec::new();
    for encodings in [EncodingLimits::DEFAULT, SMALL] {
        for ignore_trailing_bytes in [false, true] {
            let options = RestoreOptions { encodings, ignore_trailing_bytes, ..RestoreOptions::default() };
            let (surveyed, restored) = (survey(&payload, options), restore(&payload, options).map(drop));
            assert_eq!(surveyed.is_ok(), restored.is_ok(), "{surveyed:?} {restored:?} stamp {stamp} {body:02x?}");
            taken.push(restored.is_ok());
        }
    }
    taken[0]
}

/// Bodies with the stamps they were made for: damaged ones, all of the golden files, and forms that no server of those wrote.
#[expect(clippy::disallowed_methods, reason = "a test reads the golden files")]
fn bodies() -> Vec<(Vec<u8>, u16)> {
    let split = |payload: Vec<u8>| {
        let (body, footer) = payload.split_at(payload.len().checked_sub(FOOTER_BYTES)?);
        Some((body.to_vec(), u16::from_le_bytes([footer[0], footer[1]])))
    };
    let bad = rows(include_str!("../../../../testdata/golden/bad-payloads.jsonl"));
    let mut bodies: Vec<_> = bad.iter().filter_map(|row| split(hex(row["payload_hex"].as_str().unwrap()))).collect();
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/golden/rdb")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let Ok(mut file) = FileReader::new(&bytes[..], RestoreOptions::default()) else { continue };
        while let Ok(Some(record)) = file.next() {
            let Record::Key(key) = record else { continue };
            let Ok(value) = key.value else { continue };
            for dialect in Dialect::ALL {
                let mut payload = Vec::new();
                if dump(value.as_ref(), dialect, &mut payload).is_ok() {
                    bodies.extend(split(payload));
                }
            }
        }
    }
    let mut array = value::Array::default();
    for (index, text) in [(0, &b"ok"[..]), (5, b"12"), (6, b"1.50"), (65536, b"a longer text")] {
        array.set(index, text, &EncodingLimits::default());
    }
    let mut payload = Vec::new();
    dump(ValueRef::Array(&array), Dialect::Redis8_10, &mut payload).unwrap();
    bodies.extend(split(payload));
    let names = b"\x0f\x0f\0\0\0\x02\0\x81a\x02\x82bb\x03\xff";
    let values = b"\x0e\x0e\0\0\0\x03\0\x07\x01\x01\x01\x81x\x02\xff";
    bodies.push((b"\x1f\x01\x02\x01a\x02bb\xc0\x01\x01x".to_vec(), 15));
    bodies.push(([&b"\x1d\0"[..], names, values].concat(), 15));
    bodies.push((b"\x02\x03\x015\xc0\x06\xc1\x07\0".to_vec(), 10));
    bodies.push((b"\x03\x02\x01a\xff\x01b\x032.5".to_vec(), 10));
    bodies.push((b"\x09\x0c\x02\x01a\x01\0b\x01c\x01\0d\xff".to_vec(), 10));
    // A group with a pending entry of each consumer, one handed back; a producer with two messages.
    let id = |number: u8| [0, 0, 0, 0, 0, 0, 0, number, 0, 0, 0, 0, 0, 0, 0, 0];
    let pending = |number| [&id(number)[..], &[0; 8], &[1]].concat();
    let consumer = |name: u8, number| [&[1, name][..], &[0; 16], &[1], &id(number)].concat();
    let group = [
        &b"\x01\x01g\x3f\x3f\0\x03"[..],
        &pending(1),
        &pending(2),
        &pending(3),
        b"\x02",
        &consumer(b'x', 1),
        &consumer(b'y', 2),
        b"\x01",
        &id(3),
    ];
    let known = [&b"\x3f\x3f\x01\x01p\x02\x01m"[..], &id(1), b"\x01n", &id(2), b"\x02\0"].concat();
    bodies.retain(|(_, stamp)| Stamp::new(*stamp).is_ok());
    bodies.push(([&b"\x1b\0\0\x3f\x3f\0\0\0\0\0"[..], &group.concat(), &known].concat(), 15));
    bodies
}

/// The body with each of its strings of a kind that allows it compressed, which no server does with short ones: all literal.
fn compressed(body: &[u8]) -> Option<Vec<u8>> {
    // Only those of forms that are one string.
    let (&code, rest) = body.split_first()?;
    let (&len @ 4..=31, text) = rest.split_first()? else { return None };
    let is_one_string = matches!(code, 0 | 9..=13 | 16 | 17 | 20) && text.len() == usize::from(len);
    let block = [&[len - 1][..], text].concat();
    is_one_string.then(|| [&[code, 0xc3, len + 1, len][..], &block].concat())
}

#[test]
fn on_the_golden_data() {
    let mut taken = 0;
    let bodies = bodies();
    for (body, stamp) in &bodies {
        taken += usize::from(compare(body, *stamp));
    }
    assert!(bodies.len() > 1000 && taken > 700, "{taken} of {}", bodies.len());
}

#[test]
fn on_bodies_cut_anywhere() {
    for (body, stamp) in bodies().into_iter().filter(|(body, _)| body.len() <= 90).step_by(4) {
        for end in 0..body.len() {
            compare(&body[..end], stamp);
        }
    }
}

#[test]
fn on_bodies_with_a_flipped_bit() {
    let mut bodies: Vec<_> = bodies().into_iter().filter(|(body, _)| body.len() <= 60).collect();
    bodies.extend(bodies.clone().iter().filter_map(|(body, stamp)| Some((compressed(body)?, *stamp))));
    bodies.sort();
    bodies.dedup();
    for (body, stamp) in bodies.iter().step_by(7) {
        for bit in 0..body.len() * 8 {
            let mut flipped = body.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            compare(&flipped, *stamp);
        }
    }
}

#[test]
fn on_many_mutations() {
    let mut bodies: Vec<_> = bodies().into_iter().filter(|(body, _)| (1..=300).contains(&body.len())).collect();
    bodies.extend(bodies.clone().iter().filter_map(|(body, stamp)| Some((compressed(body)?, *stamp))));
    bodies.sort();
    bodies.dedup();
    // The rarest forms are met often enough.
    let rare: Vec<_> = bodies.iter().filter(|(body, _)| matches!(body[0], 3 | 9 | 26..=32)).cloned().collect();
    let mut numbers = Numbers(5);
    let mut taken = 0;
    for round in 0..60_000 {
        let of = if round % 4 == 0 { &rare } else { &bodies };
        let (mut body, stamp) = of[numbers.below(of.len())].clone();
        numbers.damage(&mut body);
        taken += usize::from(compare(&body, stamp));
    }
    assert!(taken > 2000 && taken < 40_000, "{taken}");
}
