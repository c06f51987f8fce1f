//! What a value is to a client, in the JSON of the golden data: elements in order, members and fields sorted, bytes in hexadecimal.

use serde_json::{Value as Json, json};
use stdx::num::IntText;
use value::{ARRAY_MAX_INDEX, Element, ElementText, Entry, Group, ListEnd, Pending, Stream, StreamId, ValueRef};

use crate::support::{bytes, hex};

/// The value as the golden data has it, every byte expression in hexadecimal and scores as their bits.
pub(crate) fn logical(value: ValueRef<'_>) -> Json {
    match value {
        ValueRef::String(string) => json!({"t": "string", "v": hex_of(string.bytes(&mut IntText::new()))}),
        ValueRef::List(list) => {
            let mut elements = Vec::new();
            list.visit(0, ListEnd::Left, list.len(), |element| elements.push(text(element)));
            json!({"t": "list", "v": elements})
        }
        ValueRef::Set(set) => {
            let mut members: Vec<_> = set.iter().map(text).collect();
            members.sort_unstable();
            json!({"t": "set", "v": members})
        }
        ValueRef::SortedSet(zset) => {
            let members: Vec<_> = zset.iter().map(|(member, score)| json!([text(member), bits(score)])).collect();
            json!({"t": "zset", "v": members})
        }
        ValueRef::Array(array) => {
            let mut scratch = ElementText::new();
            let elements: Vec<_> = array
                .range(0, ARRAY_MAX_INDEX)
                .map(|(index, element)| json!([index, hex_of(element.text(&mut scratch))]))
                .collect();
            json!({"t": "array", "v": elements, "last_insert": array.last_insert()})
        }
        ValueRef::Hash(hash) => {
            let mut fields: Vec<_> = hash
                .iter()
                .map(|entry| {
                    let mut field = vec![json!(text(entry.field)), json!(text(entry.value))];
                    field.extend(entry.deadline.map(|at| json!(at.0)));
                    Json::Array(field)
                })
                .collect();
            fields.sort_unstable_by_key(|field| field[0].as_str().unwrap().to_owned());
            json!({"t": "hash", "v": fields})
        }
        ValueRef::Stream(stream) => logical_stream(stream),
    }
}

fn logical_stream(stream: &Stream) -> Json {
    let entry = |entry: Entry<'_>| {
        let fields: Vec<_> = entry.fields.map(|(field, value)| json!([text(field), text(value)])).collect();
        json!([id(entry.id), fields])
    };
    let entries: Vec<_> = stream.range(StreamId::ZERO, StreamId::MAX).map(entry).collect();
    let groups: Vec<_> = stream.groups().map(|(name, group)| logical_group(name, group)).collect();
    json!({
        "t": "stream",
        "entries": entries,
        "length": stream.len(),
        "last_id": id(stream.last_id()),
        "first_id": id(stream.first_id()),
        "max_deleted_id": id(stream.max_deleted_id()),
        "entries_added": stream.entries_added(),
        "groups": groups,
    })
}

fn logical_group(name: &[u8], group: &Group) -> Json {
    let pending = |(at, pending): (StreamId, &Pending)| {
        json!([id(at), hex_of(group.holder_name(pending)), pending.delivered_at().0, pending.deliveries])
    };
    let pel: Vec<_> = group.pending(..).map(pending).collect();
    let mut consumers: Vec<_> = group.consumers().collect();
    consumers.sort_unstable_by_key(|consumer| consumer.name());
    let consumers: Vec<_> = consumers
        .into_iter()
        .map(|consumer| {
            let active_ms = consumer.active_at.map_or(-1, |at| at.0);
            json!({"name": hex_of(consumer.name()), "seen_ms": consumer.seen_at.0, "active_ms": active_ms})
        })
        .collect();
    json!({
        "name": hex_of(name),
        "last_id": id(group.last_id()),
        "entries_read": group.entries_read(),
        "pel": pel,
        "consumers": consumers,
    })
}

fn id(id: StreamId) -> String {
    format!("{}-{}", id.ms, id.seq)
}

/// A value of the golden data in the form that [`logical`] gives.
pub(crate) fn expected(value: &Json) -> Json {
    let list = |value: &Json| value.as_array().unwrap().clone();
    let text = |expression: &Json| json!(hex_of(&bytes(expression)));
    let v = &value["v"];
    let v: Json = match value["t"].as_str().unwrap() {
        "string" => text(v),
        "list" | "set" => list(v).iter().map(text).collect(),
        "hash" => list(v)
            .iter()
            .map(|field| {
                let mut field = list(field);
                (field[0], field[1]) = (text(&field[0]), text(&field[1]));
                Json::Array(field)
            })
            .collect(),
        "zset" => list(v)
            .iter()
            .map(|pair| json!([text(&pair[0]), bits(pair[1].as_str().unwrap().parse().unwrap())]))
            .collect(),
        "stream" => return expected_stream(value),
        other => panic!("type {other}"),
    };
    json!({"t": value["t"], "v": v})
}

/// A stream's texts are few forms deep; the rest is numbers and ids.
fn expected_stream(value: &Json) -> Json {
    let mut stream = value.clone();
    for entry in stream["entries"].as_array_mut().unwrap() {
        for pair in entry[1].as_array_mut().unwrap() {
            for part in pair.as_array_mut().unwrap() {
                *part = json!(hex_of(&bytes(part)));
            }
        }
    }
    stream
}

/// Whether everything that `expected` says is so in `actual`, which may say more: older versions know less.
pub(crate) fn agrees(expected: &Json, actual: &Json) -> bool {
    match (expected, actual) {
        (Json::Object(expected), Json::Object(actual)) => {
            expected.iter().all(|(name, part)| actual.get(name).is_some_and(|other| agrees(part, other)))
        }
        (Json::Array(expected), Json::Array(actual)) => {
            expected.len() == actual.len() && expected.iter().zip(actual).all(|(part, other)| agrees(part, other))
        }
        (Json::String(expected), Json::String(actual)) => expected == actual,
        (expected, actual) => expected == actual,
    }
}

/// Text that stands for itself where it is UTF-8, else in hexadecimal.
pub(crate) fn plain(text: &Json) -> Vec<u8> {
    text.as_str().map_or_else(|| hex(text["hex"].as_str().unwrap()), |text| text.as_bytes().to_vec())
}

fn text(element: Element<'_>) -> String {
    hex_of(element.bytes(&mut IntText::new()))
}

fn bits(score: f64) -> String {
    format!("{:016x}", score.to_bits())
}

pub(crate) fn hex_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
