//! Payloads of FUNCTION DUMP of real servers: restored, listed, and dumped again to the same bytes.

use rdb::Dialect;
use resp::{ReadLimits, Reader, Value, encode_command};
use serde_json::{Value as Json, json};
use testkit::{ConnId, Subject, Wait};

use crate::testing::MemoryServer;

const FUNCTIONS: &str = include_str!("../../../../../testdata/golden/functions.jsonl");

struct Client {
    server: MemoryServer,
    conn: ConnId,
}

impl Client {
    fn new() -> Self {
        let mut server = MemoryServer::new(1);
        let conn = server.connect().unwrap();
        Self { server, conn }
    }

    fn ask(&mut self, words: &[&[u8]]) -> Value {
        self.server.send(self.conn, &encode_command(words)).unwrap();
        let bytes = self.server.receive(self.conn, Wait::Reply).unwrap().bytes;
        Reader::new(ReadLimits::default()).read(&mut &bytes[..]).unwrap().expect("a whole reply")
    }
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn dialect_of(server: &str) -> Dialect {
    match server {
        "redis-7.0.15" => Dialect::Redis7_0,
        "redis-7.2.6" => Dialect::Redis7_2,
        "redis-7.4.1" => Dialect::Redis7_4,
        "redis-8.0.6" => Dialect::Redis8_0,
        "valkey-8.0.1" => Dialect::Valkey8,
        "valkey-9.1.2" => Dialect::Valkey9,
        other => panic!("a row of {other}"),
    }
}

/// A source: text, or hexadecimal where it is none.
fn source(source: &Json) -> Vec<u8> {
    source.as_str().map_or_else(|| unhex(source["hex"].as_str().unwrap()), |text| text.as_bytes().to_vec())
}

fn text(value: &Value) -> String {
    String::from_utf8(value.as_bytes().expect("text").to_vec()).expect("UTF-8")
}

/// The value of a pair in a map as RESP2 has it.
fn of<'v>(map: &'v Value, key: &str) -> &'v Value {
    let pairs = items(map);
    let at = pairs.iter().step_by(2).position(|name| name.as_bytes() == Some(key.as_bytes())).expect("the key");
    &pairs[at * 2 + 1]
}

fn items(value: &Value) -> &[Value] {
    let Value::Array(items) = value else { panic!("no array: {value:?}") };
    items
}

/// A reply of FUNCTION LIST as the rows have it: sorted by name, flags too.
fn sorted(list: &Value) -> Json {
    let mut libraries: Vec<Json> = items(list).iter().map(library).collect();
    libraries.sort_by_key(|library| library["library_name"].to_string());
    Json::Array(libraries)
}

fn library(library: &Value) -> Json {
    let mut functions: Vec<Json> = items(of(library, "functions")).iter().map(function).collect();
    functions.sort_by_key(|function| function["name"].to_string());
    json!({
        "library_name": text(of(library, "library_name")),
        "engine": text(of(library, "engine")),
        "functions": functions,
    })
}

fn function(function: &Value) -> Json {
    let description = of(function, "description");
    let mut flags: Vec<String> = items(of(function, "flags")).iter().map(text).collect();
    flags.sort();
    json!({
        "name": text(of(function, "name")),
        "description": description.as_bytes().map(|_| text(description)),
        "flags": flags,
    })
}

#[test]
fn libraries_of_every_server_are_restored_listed_and_dumped_for_it_again() {
    let mut client = Client::new();
    let rows: Vec<Json> = FUNCTIONS.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for row in &rows {
        let of_row = format!("{} of {}", row["case"], row["server"]);
        let payload = unhex(row["dump"].as_str().unwrap());
        let dialect = dialect_of(row["server"].as_str().unwrap()).to_string();
        let ok = Value::Status(b"OK".to_vec());
        assert_eq!(client.ask(&[b"FUNCTION", b"RESTORE", &payload, b"FLUSH"]), ok, "{of_row}");
        assert_eq!(sorted(&client.ask(&[b"FUNCTION", b"LIST"])), row["list"], "{of_row}");

        let mut codes: Vec<Vec<u8>> = row["libs"].as_array().unwrap().iter().map(source).collect();
        let list = client.ask(&[b"FUNCTION", b"LIST", b"WITHCODE"]);
        let listed = items(&list).iter().map(|library| of(library, "library_code").as_bytes().unwrap().to_vec());
        let mut listed: Vec<Vec<u8>> = listed.collect();
        codes.sort();
        listed.sort();
        assert_eq!(listed, codes, "{of_row}");

        // In the order of the payload, whatever the server that wrote it had loaded first.
        let again = client.ask(&[b"FUNCTION", b"DUMP", b"AS", dialect.as_bytes()]);
        assert_eq!(again.as_bytes(), Some(&payload[..]), "{of_row}");
    }
    assert_eq!(rows.len(), 116);
}
