//! Function libraries against payloads and answers of real servers, and hostile ones.

use std::borrow::Cow;

use rdb::functions::{self, FunctionsError};
use rdb::{
    DecodeError, DecodeErrorKind as Kind, Dialect, DumpOptions, EncodeError, FrameError, RestoreError, RestoreOptions,
    Stamp, append_footer,
};
use serde_json::Value as Json;

use crate::allocation::allocated_by;
use crate::mutate::Numbers;
use crate::support::{dialect_of, hex, rows};

pub(crate) const FUNCTIONS: &str = include_str!("../../../../testdata/golden/functions.jsonl");
const ERRORS: &str = include_str!("../../../../testdata/golden/function-payload-errors.jsonl");

/// Sources from a row: text, or hexadecimal where it is none.
fn sources(list: &Json) -> Vec<Vec<u8>> {
    let one = |source: &Json| match source.as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => hex(source["hex"].as_str().unwrap()),
    };
    list.as_array().unwrap().iter().map(one).collect()
}

fn read(payload: &[u8]) -> Result<Vec<Vec<u8>>, FunctionsError> {
    Ok(functions::read(payload, RestoreOptions::default())?.map(Cow::into_owned).collect())
}

fn sealed(body: &[u8]) -> Vec<u8> {
    let mut payload = body.to_vec();
    append_footer(&mut payload, 0, Stamp::new(10).unwrap());
    payload
}

#[test]
fn every_servers_libraries_are_read_and_written_to_the_same_bytes() {
    let rows = rows(FUNCTIONS);
    for row in &rows {
        let server = row["server"].as_str().unwrap();
        let payload = hex(row["dump"].as_str().unwrap());
        let ordered = sources(if row["ordered"] == true { &row["libs"] } else { &row["dump_order"] });
        assert_eq!(read(&payload).as_ref(), Ok(&ordered), "{} of {server}", row["case"]);
        let again = functions::write(ordered.iter().map(|source| &source[..]), dialect_of(server).unwrap()).unwrap();
        assert_eq!(again, payload, "{} of {server}", row["case"]);
    }
    assert_eq!(rows.len(), 116);
}

#[test]
fn names_are_those_that_function_list_tells() {
    for (source, name) in [
        (&b"#!lua name=mylib\nreturn"[..], Some(&b"mylib"[..])),
        (b"#!lua name=l\r\nreturn", Some(b"l")),
        (b"#!LUA  \t name=with_2", Some(b"with_2")),
        (b"#!lua\nname=x", None),
        (b"#!lua name=a-b\n", None),
        (b"#!lua name=\n", None),
        (b"-- #!lua name=x", None),
        (b"", None),
    ] {
        assert_eq!(functions::library_name(source), name, "{}", source.escape_ascii());
    }
}

#[test]
fn payloads_are_taken_and_refused_as_the_servers_do() {
    let rows = rows(ERRORS);
    for row in &rows {
        let case = row["case"].as_str().unwrap();
        let replies = row["replies"].as_array().unwrap();
        let is_framed = |reply: &Json| {
            let reply = reply["reply"].as_str().unwrap();
            reply.contains("DUMP payload")
                || reply.contains("Failed loading library payload")
                || reply.contains("given type")
        };
        match read(&hex(row["payload"].as_str().unwrap())) {
            // Errors about the sources come later. Stamps that one of the servers takes are taken; later than 8.0's are, too.
            Ok(_) => {
                let newer = ["version 13", "version 81"].iter().any(|version| case.contains(version));
                assert!(newer || replies.iter().any(|reply| !is_framed(reply)), "{case}");
            }
            Err(error) => {
                let text = format!("-ERR {error}");
                let begins = |reply: &Json| text.starts_with(reply["reply"].as_str().unwrap());
                assert!(replies.iter().all(begins), "{case}: {text}");
            }
        }
    }
    assert_eq!(rows.len(), 25);
}

#[test]
fn dialects_have_stamps_of_their_own_and_the_oldest_none() {
    let source: &[u8] = b"#!lua name=x\nreturn 1";
    for dialect in Dialect::ALL {
        let written = functions::write([source, source], dialect);
        if dialect == Dialect::Redis6_2 {
            assert_eq!(written, Err(EncodeError { feature: "functions", dialect }));
            assert!(functions::write([], dialect).is_ok());
            continue;
        }
        let payload = written.unwrap();
        let stamp = dialect.stamp().map_or(10, Stamp::number);
        assert_eq!(payload[payload.len() - 10..][..2], stamp.to_le_bytes(), "{dialect}");
        assert_eq!(read(&payload), Ok(vec![source.to_vec(); 2]));
    }
    let plain = DumpOptions { dialect: Dialect::Portable, compress: false };
    let long: &[u8] = &[b'x'; 100];
    assert_eq!(read(&functions::write([long], plain).unwrap()), Ok(vec![long.to_vec()]));
}

#[test]
fn refusals_name_the_fault() {
    let body = |offset, kind| Err(FunctionsError::Body(DecodeError { offset, kind }));
    for (bytes, expected) in [
        (&b"\xf5"[..], body(1, Kind::Truncated { missing: 1 })),
        (b"\xf5\x05abc", body(2, Kind::Truncated { missing: 2 })),
        (b"\xf5\x01x\x00\x01x", body(3, Kind::NotALibrary(0))),
        (b"\x10\x01x", body(0, Kind::ValueForLibrary(16))),
        (b"\x07\x01x", body(0, Kind::NotALibrary(7))),
        (b"\xf5\xc3\x02\x05\x00x", body(1, Kind::Lzf(stdx::lzf::LzfError::WrongLength))),
        (b"\xf6\x01-\x03LUA\x00\x01x", body(1, Kind::LibraryName)),
        (b"\xf6\x01a\x00\x00\x01x", body(3, Kind::LibraryName)),
        (b"\xf6\x01a\x03LUA\x00", body(8, Kind::Truncated { missing: 1 })),
    ] {
        assert_eq!(read(&sealed(bytes)), expected, "{bytes:x?}");
    }
    let good = sealed(b"\xf5\x01x");
    for (payload, expected) in [
        (good[..9].to_vec(), FrameError::Truncated { len: 9 }),
        ([&good[..], b"\n"].concat(), FrameError::TrailingNewline),
        (good.iter().flat_map(|byte| format!("\\x{byte:02x}").into_bytes()).collect(), FrameError::EscapedText),
        (b"REDIS0010\xf5\x01x".to_vec(), FrameError::RdbFile),
    ] {
        assert_eq!(read(&payload), Err(FunctionsError::Frame(expected)));
    }
    let of_a_key = rdb::restore(&good, RestoreOptions::default());
    assert_eq!(of_a_key, Err(RestoreError::Body(DecodeError { offset: 0, kind: Kind::FunctionLibrary })));
}

#[test]
fn a_payload_that_is_refused_at_its_end_has_cost_nothing() {
    // A megabyte that expands to 88, then a byte that is no library.
    let mut block = b"\x00a".to_vec();
    block.extend(b"\xe0\xff\x00".repeat(350_000));
    let len = u32::try_from(1 + 350_000 * 264).unwrap();
    let mut body = b"\xf5\xc3\x80".to_vec();
    body.extend(u32::try_from(block.len()).unwrap().to_be_bytes());
    body.push(0x80);
    body.extend(len.to_be_bytes());
    body.extend(block);
    let expanded = sealed(&body);
    assert_eq!(
        functions::read(&expanded, RestoreOptions::default()).unwrap().map(|it| it.len()).sum::<usize>(),
        len as usize
    );
    let refused = sealed(&[&body[..], b"\x00"].concat());
    let (result, bytes) = allocated_by(|| functions::read(&refused, RestoreOptions::default()).map(drop));
    assert!(result.is_err() && bytes < 4096, "{bytes}");
    // As is a name that expands.
    let named = sealed(&[b"\xf6", &body[1..], b"\x03LUA\x00\x01x"].concat());
    let (result, bytes) = allocated_by(|| functions::read(&named, RestoreOptions::default()).map(drop));
    assert!(result.is_err() && bytes < 4096, "{bytes}");
    // And many libraries are no more than their payload.
    let many = sealed(&b"\xf5\x00".repeat(500_000));
    let (count, bytes) = allocated_by(|| functions::read(&many, RestoreOptions::default()).unwrap().count());
    assert!(count == 500_000 && bytes < 4096, "{bytes}");
}

#[test]
fn bytes_changed_at_random_give_libraries_or_an_error() {
    let bodies: Vec<Vec<u8>> = rows(FUNCTIONS)
        .iter()
        .map(|row| hex(row["dump"].as_str().unwrap()))
        .filter(|payload| (11..300).contains(&payload.len()))
        .map(|payload| payload[..payload.len() - 10].to_vec())
        .chain([b"\xf6\x03lib\x03LUA\x01\x06counts\x08return 1".to_vec()])
        .collect();
    let mut numbers = Numbers(245);
    for body in &bodies {
        for _ in 0..200 {
            let mut changed = body.clone();
            numbers.damage(&mut changed);
            let Ok(sources) = read(&sealed(&changed)) else { continue };
            let again = functions::write(sources.iter().map(|source| &source[..]), Dialect::Portable).unwrap();
            assert_eq!(read(&again), Ok(sources));
        }
        for end in 1..body.len() {
            assert!(read(&sealed(&body[..end])).is_err() || body[end] == 0xf5, "{end} bytes of {body:x?}");
        }
    }
}
