//! The codec against payloads and answers of real servers.

use crate::support::{STRINGS, bytes, dialect_of, hex, rows, text};
use rdb::{
    DecodeErrorKind as Kind, Dialect, DumpOptions, FOOTER_BYTES, FrameError, RestoreError, RestoreOptions, Stamp,
    Vendor, append_footer, dump_with, restore,
};
use stdx::lzf::LzfError;
use value::{StringValue, Value};

const ERRORS: &str = include_str!("../../../../testdata/golden/string-payload-errors.jsonl");

#[test]
fn every_servers_string_is_restored_to_its_value() {
    let mut count = 0;
    for row in rows(STRINGS) {
        let value = Value::String(StringValue::new(&bytes(&row["value"])));
        for (servers, footer) in row["footers"].as_object().unwrap() {
            let payload = [bytes(&row["body"]), bytes(footer)].concat();
            assert_eq!(
                restore(&payload, RestoreOptions::default()).as_ref(),
                Ok(&value),
                "{} of {servers}",
                row["case"]
            );
            count += servers.split(' ').count();
        }
    }
    assert_eq!(count, 1537);
}

#[test]
fn every_servers_string_is_dumped_to_the_same_bytes() {
    let mut count = 0;
    // Blobs of the compressor before liblzf 3.6 are read, not written.
    for row in rows(STRINGS).iter().filter(|row| row["lzf"] != "old") {
        let value = Value::String(StringValue::new(&bytes(&row["value"])));
        for (servers, footer) in row["footers"].as_object().unwrap() {
            let expected = [bytes(&row["body"]), bytes(footer)].concat();
            for server in servers.split(' ') {
                let dialect = dialect_of(server);
                let compress = row["compress"] != false;
                let options = DumpOptions { dialect: dialect.unwrap_or(Dialect::Portable), compress };
                let mut payload = Vec::new();
                dump_with(value.as_ref(), options, &mut payload).unwrap();
                if dialect.is_none() {
                    payload.truncate(payload.len() - FOOTER_BYTES);
                    let stamp = u16::from_le_bytes([expected[expected.len() - 10], expected[expected.len() - 9]]);
                    append_footer(&mut payload, 0, Stamp::new(stamp).unwrap());
                }
                assert_eq!(payload, expected, "{} of {server}", row["case"]);
                count += 1;
            }
        }
    }
    assert_eq!(count, 1537 - 4);
}

/// Where this codec and the servers part: the case, and why.
const DIFFERENCES: &[(&str, &str)] = &[
    ("bad/frame/type-only", "the servers take the footer for the value"),
    ("bad/string/declared-longer", "the servers read on into the footer"),
    ("bad/string/int8-missing", "the servers read on into the footer"),
    ("bad/string/int16-short", "the servers read on into the footer"),
    ("bad/trailing/1-byte", "bytes left over are refused: decoding is validation"),
    ("bad/trailing/second-object", "bytes left over are refused: decoding is validation"),
];

#[test]
fn payloads_are_taken_and_refused_as_redis_8_0_does_but_for_the_listed() {
    let rows = rows(ERRORS);
    for row in &rows {
        let case = row["case"].as_str().unwrap();
        let result = restore(&bytes(&row["payload"]), RestoreOptions::default());
        let replies = row["replies"].as_object().unwrap();
        let (_, reply) = replies.iter().find(|(servers, _)| servers.contains("redis-8.0.6")).unwrap();
        let reply = reply.as_str().unwrap();
        let same = match &result {
            Ok(_) => reply.starts_with("+OK string/"),
            Err(error) => {
                error.to_string().starts_with(reply.strip_prefix("-ERR ").unwrap_or("only an error is refused"))
            }
        };
        let differs = DIFFERENCES.iter().any(|(name, _)| *name == case);
        // Later versions of Redis than 8.0 have more stamps.
        let newer = case == "bad/version/13";
        assert_eq!(same, !differs && !newer, "{case}: {reply}, here {result:?}");
        if case.ends_with("-ok") {
            assert!(result.is_ok(), "{case}");
        }
    }
    assert!(DIFFERENCES.iter().all(|(name, _)| rows.iter().any(|row| row["case"] == *name)));
    assert_eq!(rows.len(), 64);
}

#[test]
fn refusals_name_the_fault() {
    let frame = |error| Err(RestoreError::Frame(error));
    let body = |offset, kind| Err(RestoreError::Body(rdb::DecodeError { offset, kind }));
    let limit = RestoreOptions::default().max_string_bytes;
    for (case, expected) in [
        ("bad/frame/empty", frame(FrameError::Truncated { len: 0 })),
        ("bad/frame/truncated-half", frame(FrameError::Truncated { len: 6 })),
        ("bad/frame/flip-body-bit", frame(FrameError::ChecksumDiffers { len: 13 })),
        ("bad/frame/crc-big-endian", frame(FrameError::ChecksumDiffers { len: 13 })),
        ("bad/version/0", Ok(Value::String(StringValue::Int(10)))),
        ("bad/version/13", Ok(Value::String(StringValue::Int(10)))),
        ("bad/version/100", frame(FrameError::NewerStamp { stamp: 100, vendor: Vendor::Valkey })),
        ("bad/trailing/1-byte", body(3, Kind::TrailingBytes { count: 1 })),
        ("bad/frame/type-only", body(1, Kind::Truncated { missing: 1 })),
        ("bad/type/60", body(0, Kind::UnsupportedType(60))),
        ("bad/function/opcode-in-restore", body(0, Kind::FunctionLibrary)),
        ("bad/string/declared-longer", body(2, Kind::Truncated { missing: 5 })),
        ("bad/string/len-64bit-1TB", body(1, Kind::StringTooLong { len: 1 << 40, limit })),
        ("bad/string/len-truncated", body(2, Kind::Truncated { missing: 2 })),
        ("bad/string/enc-31", body(1, Kind::UnknownStringEncoding(31))),
        ("bad/lzf/good", Ok(Value::String(StringValue::Raw(b"a".repeat(64))))),
        ("bad/lzf/ulen-bigger", body(1, Kind::Lzf(LzfError::WrongLength))),
        ("bad/lzf/ulen-smaller", body(1, Kind::Lzf(LzfError::WrongLength))),
        ("bad/lzf/clen-zero", body(1, Kind::Lzf(LzfError::WrongLength))),
        ("bad/lzf/backref-before-start", body(1, Kind::Lzf(LzfError::OffsetBeforeStart))),
        ("bad/lzf/ulen-4GB", body(1, Kind::StringTooLong { len: 0xffff_ffff, limit })),
    ] {
        let row = rows(ERRORS).into_iter().find(|row| row["case"] == case).unwrap();
        let result = restore(&hex(row["payload"].as_str().unwrap()), RestoreOptions::default());
        assert_eq!(result, expected, "{case}");
        let values_bytes_in_text = result.err().is_some_and(|error| !error.to_string().is_ascii());
        assert!(!values_bytes_in_text, "{case}");
    }
}

#[test]
fn values_survive_a_journey_through_every_dialect() {
    for row in rows(STRINGS) {
        let value = Value::String(StringValue::new(&bytes(&row["value"])));
        for dialect in Dialect::ALL {
            let mut payload = Vec::new();
            dump_with(value.as_ref(), DumpOptions::from(dialect), &mut payload).unwrap();
            let restored = restore(&payload, RestoreOptions::default()).unwrap();
            assert_eq!(text(&restored), text(&value), "{} in {dialect}", row["case"]);
        }
    }
}
