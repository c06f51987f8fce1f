//! One command as COMMAND INFO describes it: ten fields, the last of them its subcommands in the same form.

use command_api::{Begin, Find, KeySpec, Reply};

use crate::table::{CommandTable, Entry, spec};

/// Appends the description of `entry`.
pub(super) fn write_info(reply: &mut Reply<'_>, entry: &Entry) {
    reply.array(10);
    reply.bulk(entry.full_name.as_bytes());
    reply.int(i64::from(entry.arity));
    reply.set(entry.flags.names().count());
    for flag in entry.flags.names() {
        reply.status(flag);
    }
    for number in legacy_range(entry.keys()) {
        reply.int(i64::from(number));
    }
    let categories: Vec<&str> = spec!(entry.spec, spec => spec.categories().map(|category| category.name()).collect());
    reply.set(categories.len());
    for category in categories {
        reply.status(format!("@{category}"));
    }
    let tips = spec!(entry.spec, spec => spec.tips);
    reply.set(tips.len());
    for tip in tips {
        reply.bulk(tip.as_bytes());
    }
    reply.set(entry.keys().len());
    for key in entry.keys() {
        write_key_spec(reply, key);
    }
    let subcommands = CommandTable::get().subcommands(entry);
    reply.array(subcommands.len());
    for subcommand in subcommands {
        write_info(reply, subcommand);
    }
}

/// First key, last key and step, as far as one range can tell: the plain ranges that follow each other without a gap.
fn legacy_range(keys: &[KeySpec]) -> [i32; 3] {
    let mut range: Option<[i32; 3]> = None;
    for key in keys {
        let (Begin::Index(first), Find::Range { last, step, .. }) = (key.begin, key.find) else { continue };
        let first = i32::try_from(first).unwrap_or(i32::MAX);
        let step = i32::try_from(step).unwrap_or(i32::MAX);
        let last = if last >= 0 { first.saturating_add(last) } else { last };
        match &mut range {
            None => range = Some([first, last, step]),
            Some([_, end, 1]) if *end >= 0 && first == end.saturating_add(1) && step == 1 => *end = last,
            Some(_) => {}
        }
    }
    range.unwrap_or([0, 0, 0])
}

fn write_key_spec(reply: &mut Reply<'_>, key: &KeySpec) {
    reply.map(3 + usize::from(!key.notes.is_empty()));
    if !key.notes.is_empty() {
        reply.bulk(b"notes");
        reply.bulk(key.notes.as_bytes());
    }
    reply.bulk(b"flags");
    reply.set(key.flags.names().count());
    for flag in key.flags.names() {
        reply.status(flag);
    }
    reply.bulk(b"begin_search");
    match key.begin {
        Begin::Index(index) => write_search(reply, "index", &[("index", Word::Int(i64::from(index)))]),
        Begin::Keyword { word, start_from } => write_search(
            reply,
            "keyword",
            &[("keyword", Word::Text(word)), ("startfrom", Word::Int(i64::from(start_from)))],
        ),
        Begin::Unknown => write_search(reply, "unknown", &[]),
    }
    reply.bulk(b"find_keys");
    match key.find {
        Find::Range { last, step, limit } => write_search(
            reply,
            "range",
            &[
                ("lastkey", Word::Int(i64::from(last))),
                ("keystep", Word::Int(i64::from(step))),
                ("limit", Word::Int(i64::from(limit))),
            ],
        ),
        Find::KeyNum { count, first, step } => write_search(
            reply,
            "keynum",
            &[
                ("keynumidx", Word::Int(i64::from(count))),
                ("firstkey", Word::Int(i64::from(first))),
                ("keystep", Word::Int(i64::from(step))),
            ],
        ),
        Find::Unknown => write_search(reply, "unknown", &[]),
    }
}

#[derive(Clone, Copy)]
enum Word {
    Int(i64),
    Text(&'static str),
}

fn write_search(reply: &mut Reply<'_>, kind: &str, fields: &[(&str, Word)]) {
    reply.map(2);
    reply.bulk(b"type");
    reply.bulk(kind.as_bytes());
    reply.bulk(b"spec");
    reply.map(fields.len());
    for (name, word) in fields {
        reply.bulk(name.as_bytes());
        match word {
            Word::Int(int) => reply.int(*int),
            Word::Text(text) => reply.bulk(text.as_bytes()),
        }
    }
}
