//! Streams against payloads of real servers.

use rdb::{Dialect, DumpOptions, FOOTER_BYTES, RestoreOptions, Stamp, append_footer, dump_with, restore};
use value::Value;

use crate::support::{hex, rows};

pub(crate) const STREAMS: &str = include_str!("../../../../testdata/golden/streams.jsonl");

fn dialect_of(server: &str) -> Dialect {
    match server {
        // Both write type 15 and stamp 9.
        "redis-5.0.14" | "redis-6.2.16" => Dialect::Redis6_2,
        "redis-7.0.15" => Dialect::Redis7_0,
        "redis-7.2.6" => Dialect::Redis7_2,
        "redis-7.4.1" => Dialect::Redis7_4,
        "redis-8.0.6" => Dialect::Redis8_0,
        "valkey-8.0.1" => Dialect::Valkey8,
        "valkey-9.1.2" => Dialect::Valkey9,
        other => panic!("no dialect for {other}"),
    }
}

#[test]
fn every_servers_stream_is_read_and_written_to_the_same_bytes() {
    let rows = rows(STREAMS);
    for row in &rows {
        let server = row["server"].as_str().unwrap();
        let payload = hex(row["payload"].as_str().unwrap());
        let value = restore(&payload, RestoreOptions::default()).unwrap();
        let Value::Stream(stream) = &value else { panic!("{} of {server} is no stream", row["case"]) };
        assert_eq!(Some(stream.len()), row["len"].as_u64(), "{} of {server}", row["case"]);
        let mut again = Vec::new();
        dump_with(value.as_ref(), DumpOptions::from(dialect_of(server)), &mut again).unwrap();
        assert_eq!(again, payload, "{} of {server}", row["case"]);
    }
    assert_eq!(rows.len(), 203);
}

#[test]
fn what_an_older_form_leaves_out_is_told() {
    let mut told = 0;
    for row in rows(STREAMS) {
        let value = restore(&hex(row["payload"].as_str().unwrap()), RestoreOptions::default()).unwrap();
        for dialect in Dialect::ALL {
            let mut payload = Vec::new();
            if dump_with(value.as_ref(), DumpOptions::from(dialect), &mut payload).is_err() {
                continue;
            }
            let again = restore(&payload, RestoreOptions::default()).unwrap();
            let left_out = rdb::left_out(value.as_ref(), dialect);
            assert_eq!(left_out.is_some(), again != value, "{} in {dialect}: {left_out:?}", row["case"]);
            assert!(left_out.is_none() || matches!(dialect, Dialect::Redis6_2 | Dialect::Redis7_0), "{dialect}");
            told += usize::from(left_out.is_some());
        }
    }
    assert_eq!(told, 85);
}

#[test]
fn every_stream_survives_a_journey_through_the_newer_forms() {
    for row in rows(STREAMS) {
        let value = restore(&hex(row["payload"].as_str().unwrap()), RestoreOptions::default()).unwrap();
        for dialect in [Dialect::Portable, Dialect::Redis7_2, Dialect::Redis8_6, Dialect::Redis8_8, Dialect::Valkey9] {
            let mut payload = Vec::new();
            dump_with(value.as_ref(), DumpOptions::from(dialect), &mut payload).unwrap();
            assert_eq!(restore(&payload, RestoreOptions::default()).as_ref(), Ok(&value), "{} {dialect}", row["case"]);
        }
    }
}

#[test]
fn a_stream_cut_or_flipped_anywhere_is_refused_or_read() {
    for row in rows(STREAMS).iter().filter(|row| row["payload"].as_str().unwrap().len() < 600) {
        let payload = hex(row["payload"].as_str().unwrap());
        let body = &payload[..payload.len() - FOOTER_BYTES];
        for end in 1..body.len() {
            let mut cut = body[..end].to_vec();
            append_footer(&mut cut, 0, Stamp::new(11).unwrap());
            assert!(restore(&cut, RestoreOptions::default()).is_err(), "{end} bytes of {}", row["case"]);
        }
        for bit in 0..body.len() * 8 {
            let mut flipped = body.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            append_footer(&mut flipped, 0, Stamp::new(11).unwrap());
            if let Ok(Value::Stream(stream)) = restore(&flipped, RestoreOptions::default()) {
                let forward = stream.range(value::StreamId::ZERO, value::StreamId::MAX).count() as u64;
                let backward = stream.rev_range(value::StreamId::ZERO, value::StreamId::MAX).count() as u64;
                assert_eq!((forward, backward), (stream.len(), stream.len()));
            }
        }
    }
}
