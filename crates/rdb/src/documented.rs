//! Holds the examples of `docs/formats/dump.md` to the code.

use stdx::lzf;
use value::{StringValue, Value};

use crate::reader::{Length, Reader};
use crate::strings::RdbString;
use crate::writer::Writer;
use crate::{Dialect, DumpOptions, RestoreOptions, dump, restore};

const PAGE: &str = include_str!("../../../docs/formats/dump.md");

/// The lines of each fenced block of a kind.
fn blocks(kind: &str) -> Vec<Vec<&'static str>> {
    let fence = format!("```{kind}\n");
    PAGE.split(&fence).skip(1).map(|rest| rest.split("\n```").next().unwrap().lines().collect()).collect()
}

/// The two cells of each row of the table whose first heading is `heading`, backquotes taken off.
fn table(heading: &str) -> Vec<(&'static str, &'static str)> {
    let start = PAGE.find(&format!("\n| {heading} *(checked)* |")).unwrap();
    let rows = PAGE[start..].lines().skip(3).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let (first, second) = row.trim_matches('|').split_once('|').unwrap();
        (first.trim().trim_matches('`'), second.trim().trim_matches('`'))
    })
    .collect()
}

/// Hexadecimal bytes up to two spaces, behind which a remark may stand.
fn bytes(line: &str) -> Vec<u8> {
    let hex = line.split("  ").next().unwrap();
    hex.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

/// `"text"` or `"text" * times`.
fn text(expression: &str) -> Vec<u8> {
    let (quoted, times) = expression.split_once(" * ").unwrap_or((expression, "1"));
    let text = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap();
    text.repeat(times.parse().unwrap()).into_bytes()
}

#[test]
fn dumps_are_written_and_read_as_documented() {
    let blocks = blocks("dump");
    assert!(blocks.len() >= 3);
    for block in blocks {
        let (string, dialect) = block[0].split_once(" in ").unwrap();
        let value = Value::String(StringValue::new(&text(string)));
        let documented: Vec<u8> = block[1..].iter().flat_map(|line| bytes(line)).collect();
        let mut payload = Vec::new();
        dump(value.as_ref(), dialect.parse().unwrap(), &mut payload).unwrap();
        assert_eq!(payload, documented, "{}", block[0]);
        assert_eq!(restore(&documented, RestoreOptions::default()), Ok(value));
    }
}

#[test]
fn refusals_read_as_documented() {
    let blocks = blocks("refused");
    assert!(blocks.len() >= 5);
    for block in blocks {
        let error = restore(&bytes(block[0]), RestoreOptions::default()).unwrap_err();
        assert_eq!(error.to_string(), block[1]);
    }
}

#[test]
fn dialects_have_the_documented_stamps() {
    let rows = table("dialect");
    assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), Dialect::ALL.map(Dialect::name));
    for (name, stamp) in rows {
        let dialect: Dialect = name.parse().unwrap();
        assert_eq!(dialect.stamp().map(|stamp| stamp.number()), stamp.parse().ok(), "{name}");
    }
}

#[test]
fn lengths_have_the_documented_bytes() {
    let rows = table("length");
    assert!(rows.len() >= 8);
    for (len, hex) in rows {
        let len = len.parse().unwrap();
        let mut out = Vec::new();
        Writer::new(&mut out, DumpOptions::from(Dialect::Portable)).length(len);
        assert_eq!(out, bytes(hex), "{len}");
        let read = Reader::new(&out, RestoreOptions::default()).length_or_encoding();
        assert_eq!(read, Ok(Length::Plain(len)));
    }
}

#[test]
fn strings_have_the_documented_bytes() {
    let rows = table("string");
    assert!(rows.len() >= 12);
    for (expression, hex) in rows {
        let string = text(expression);
        let mut out = Vec::new();
        Writer::new(&mut out, DumpOptions::from(Dialect::Portable)).string(&string);
        assert_eq!(out, bytes(hex), "{expression}");
        match Reader::new(&out, RestoreOptions::default()).string().unwrap() {
            RdbString::Int(int) => assert_eq!(int.to_string().as_bytes(), string),
            RdbString::Bytes(bytes) => assert_eq!(bytes, string),
        }
    }
}

#[test]
fn blocks_are_compressed_as_documented() {
    let blocks = blocks("lzf");
    assert!(!blocks.is_empty());
    for block in blocks {
        let string = text(block[0]);
        let documented: Vec<u8> = block[1..].iter().flat_map(|line| bytes(line)).collect();
        assert_eq!(lzf::compress(&string, string.len() - 4).as_ref(), Some(&documented));
        assert_eq!(lzf::decompress(&documented, string.len()), Ok(string));
    }
}
