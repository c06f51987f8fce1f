//! What the server says of its commands, against the facts of Redis's own (`testdata/reference/commands.json`), field by field,
//! through the real replies of COMMAND INFO and COMMAND DOCS. Every difference stands in [`ACCEPTED`] with its reason.

use std::collections::BTreeMap;

use resp::{Reader, Value, encode_command};
use serde_json::{Value as Json, json};
use testkit::{Subject as _, Wait};

use crate::table::CommandTable;
use crate::testing::MemoryServer;

const FACTS: &str = include_str!("../../../../testdata/reference/commands.json");

/// Command, field, and why it differs.
const ACCEPTED: &[(&str, &str, &str)] = &[
    ("client|capa", "command", "Valkey's"),
    ("client|import-source", "command", "Valkey's"),
    ("commandlog", "command", "Valkey's"),
    ("commandlog|get", "command", "Valkey's"),
    ("commandlog|help", "command", "Valkey's"),
    ("commandlog|len", "command", "Valkey's"),
    ("commandlog|reset", "command", "Valkey's"),
    ("dump", "arity", "ours takes AS dialect, to write for another server"),
    ("function|dump", "arity", "ours takes AS dialect and LIBRARY names"),
    ("function|dump", "arguments", "ours takes AS dialect and LIBRARY names"),
    ("script|show", "command", "Valkey has it"),
    ("dump", "arguments", "ours takes AS dialect, to write for another server"),
];

/// The fields of a command, named as in the facts; lists of names are one text, sorted.
type Fields = BTreeMap<&'static str, Json>;

#[test]
fn every_command_is_described_as_in_redis() {
    let facts: BTreeMap<String, Json> = serde_json::from_str(FACTS).unwrap();
    let mut asker = Asker::new();
    let mut differences = Vec::new();
    let mut unused: Vec<(&str, &str)> = ACCEPTED.iter().map(|(command, field, _)| (*command, *field)).collect();
    for entry in CommandTable::get().entries() {
        let name = entry.full_name;
        let Some(theirs) = facts.get(name) else {
            unused.retain(|accepted| *accepted != (name, "command"));
            if !ACCEPTED.iter().any(|(command, field, _)| (*command, *field) == (name, "command")) {
                differences.push(format!("{name}: Redis has no such command"));
            }
            continue;
        };
        for (field, ours) in asker.fields(name) {
            let wanted = theirs.get(field);
            // A fact that the reference leaves out is not known, except for lists: those are then empty.
            let is_list = !matches!(field, "since" | "group" | "arity");
            if wanted == Some(&ours) || wanted.is_none() && (!is_list || is_empty(&ours)) {
                continue;
            }
            if ACCEPTED.iter().any(|(command, accepted, _)| (*command, *accepted) == (name, field)) {
                unused.retain(|accepted| *accepted != (name, field));
                continue;
            }
            let wanted = wanted.map_or_else(|| "nothing".into(), Json::to_string);
            differences.push(format!("{name}: {field}\n    ours  {ours}\n    Redis {wanted}"));
        }
    }
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
    assert!(unused.is_empty(), "accepted, but no longer different: {unused:?}");
}

#[test]
fn every_command_has_a_summary() {
    let mut asker = Asker::new();
    let names: Vec<&str> = CommandTable::get().entries().iter().map(|entry| entry.full_name).collect();
    let silent: Vec<&str> =
        names.into_iter().filter(|name| text(asker.docs(name).get("summary")).trim().is_empty()).collect();
    assert!(silent.is_empty(), "without a summary: {silent:?}");
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Array(items) => items.is_empty(),
        Json::String(text) => text.is_empty(),
        Json::Null => true,
        Json::Bool(_) | Json::Number(_) | Json::Object(_) => false,
    }
}

/// A client of a server in memory that speaks RESP3.
struct Asker {
    server: MemoryServer,
    conn: testkit::ConnId,
}

impl Asker {
    fn new() -> Self {
        let mut server = MemoryServer::new(1);
        let conn = server.connect().unwrap();
        let mut asker = Self { server, conn };
        asker.ask(&["HELLO", "3"]);
        asker
    }

    fn ask(&mut self, words: &[&str]) -> Value {
        let words: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
        self.server.send(self.conn, &encode_command(&words)).unwrap();
        let bytes = self.server.receive(self.conn, Wait::Reply).unwrap().bytes;
        let mut rest = bytes.as_slice();
        let value = Reader::default().read(&mut rest).unwrap().expect("a whole reply");
        assert!(rest.is_empty() && value.as_error().is_none(), "{words:?}: {value:?}");
        value
    }

    fn docs(&mut self, name: &str) -> BTreeMap<String, Value> {
        let Value::Map(mut replies) = self.ask(&["COMMAND", "DOCS", name]) else { panic!("{name}: DOCS is a map") };
        let (said, docs) = replies.pop().expect("one command asked for");
        assert_eq!((text(Some(&said)).as_str(), replies.len()), (name, 0));
        map(&docs)
    }

    fn fields(&mut self, name: &str) -> Fields {
        let mut infos = list(&self.ask(&["COMMAND", "INFO", name]));
        let info = list(&infos.pop().expect("one command asked for"));
        assert_eq!((text(info.first()).as_str(), info.len()), (name, 10));
        let docs = self.docs(name);
        let arguments: Vec<Json> = list_of(docs.get("arguments")).iter().map(argument).collect();
        let keys: Vec<String> = list(&info[8]).iter().map(key_spec).collect();
        Fields::from([
            ("arity", int(&info[1])),
            ("flags", sorted(&info[2]).into()),
            ("acl", sorted(&info[6]).into()),
            ("hints", sorted(&info[7]).into()),
            ("keys", keys.into()),
            ("since", text(docs.get("since")).into()),
            ("group", text(docs.get("group")).into()),
            ("deprecated", text(docs.get("deprecated_since")).into()),
            ("doc_flags", docs.get("doc_flags").map(sorted).unwrap_or_default().into()),
            ("arguments", arguments.into()),
        ])
    }
}

/// An argument as the facts write it: a display text equal to the name is left out.
fn argument(value: &Value) -> Json {
    let fields = map(value);
    let name = text(fields.get("name"));
    let mut out = serde_json::Map::new();
    for (theirs, ours) in [
        ("name", "name"),
        ("type", "type"),
        ("display_text", "display"),
        ("token", "token"),
        ("since", "since"),
        ("deprecated_since", "deprecated_since"),
    ] {
        if let Some(field) = fields.get(theirs) {
            out.insert(ours.into(), text(Some(field)).into());
        }
    }
    let is_group = matches!(out["type"].as_str(), Some("oneof" | "block"));
    if !is_group && out.get("display") == Some(&Json::String(name)) {
        out.remove("display");
    }
    if let Some(key) = fields.get("key_spec_index") {
        out.insert("key".into(), int(key));
    }
    if let Some(flags) = fields.get("flags") {
        out.insert("flags".into(), sorted(flags).into());
    }
    if let Some(arguments) = fields.get("arguments") {
        out.insert("arguments".into(), list(arguments).iter().map(argument).collect());
    }
    out.into()
}

/// `RW access update; index 1; range 0 1 0`
fn key_spec(value: &Value) -> String {
    let fields = map(value);
    let search = |name: &str, order: &[&str]| {
        let search = map(&fields[name]);
        let spec = map(&search["spec"]);
        let mut words = vec![text(search.get("type"))];
        words.extend(order.iter().filter_map(|name| spec.get(*name)).map(|value| text(Some(value))));
        words.join(" ")
    };
    let begin = search("begin_search", &["index", "keyword", "startfrom"]);
    let find = search("find_keys", &["keynumidx", "firstkey", "lastkey", "keystep", "limit"]);
    [sorted(&fields["flags"]), begin, find].join("; ")
}

fn sorted(value: &Value) -> String {
    let mut words: Vec<String> = list(value).iter().map(|word| text(Some(word))).collect();
    words.sort_unstable();
    words.join(" ")
}

fn int(value: &Value) -> Json {
    let Value::Int(int) = value else { panic!("{value:?} is no integer") };
    json!(int)
}

fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::Int(int)) => int.to_string(),
        Some(value) => {
            String::from_utf8(value.as_bytes().unwrap_or_else(|| panic!("{value:?} is no text")).to_vec()).unwrap()
        }
        None => String::new(),
    }
}

fn list_of(value: Option<&Value>) -> Vec<Value> {
    value.map(list).unwrap_or_default()
}

#[expect(clippy::wildcard_enum_match_arm, reason = "everything else is a mistake")]
fn list(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) | Value::Set(items) => items.clone(),
        other => panic!("{other:?} is no list"),
    }
}

fn map(value: &Value) -> BTreeMap<String, Value> {
    let Value::Map(pairs) = value else { panic!("{value:?} is no map") };
    pairs.iter().map(|(name, value)| (text(Some(name)), value.clone())).collect()
}
