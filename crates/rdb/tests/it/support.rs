//! Golden rows as the tests see them.

use rdb::Dialect;
use serde_json::Value as Json;
use stdx::num::IntText;
use value::Value;

pub(crate) const STRINGS: &str = include_str!("../../../../testdata/golden/strings.jsonl");

pub(crate) const SETS: &str = include_str!("../../../../testdata/golden/sets.jsonl");

pub(crate) fn rows(text: &str) -> Vec<Json> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Bytes from a row: hexadecimal, or one of the forms the README of the data explains.
pub(crate) fn bytes(expression: &Json) -> Vec<u8> {
    if let Some(text) = expression.as_str() {
        return hex(text);
    }
    if let Some(parts) = expression["cat"].as_array() {
        return parts.iter().flat_map(bytes).collect();
    }
    let len = usize::try_from(expression["n"].as_u64().unwrap()).unwrap();
    if let Some(factor) = expression["mulseq"].as_u64() {
        let numbers = (0..).map(|index: u64| u16::try_from(index * factor % 65536).unwrap());
        return numbers.flat_map(u16::to_be_bytes).take(len).collect();
    }
    hex(expression["rep"].as_str().unwrap()).into_iter().cycle().take(len).collect()
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2), "{text}");
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// The text of a string value.
pub(crate) fn text(value: &Value) -> Vec<u8> {
    let Value::String(string) = value else { panic!("not a string: {value:?}") };
    string.as_ref().bytes(&mut IntText::new()).to_vec()
}

/// The dialect that writes what `server` writes; `None` for those older than any dialect.
pub(crate) fn dialect_of(server: &str) -> Option<Dialect> {
    Some(match server {
        "redis-6.2.16" => Dialect::Redis6_2,
        "redis-7.0.15" => Dialect::Redis7_0,
        "redis-7.2.6" => Dialect::Redis7_2,
        "redis-7.4.1" => Dialect::Redis7_4,
        "redis-8.0.6" => Dialect::Redis8_0,
        "valkey-8.0.1" => Dialect::Valkey8,
        "valkey-9.1.2" => Dialect::Valkey9,
        _ => return None,
    })
}
