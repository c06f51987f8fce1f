//! INFO against the fields that redis-server has: each in its section, once, with a value of the same kind.

use std::collections::BTreeMap;

use resp::{Reader, encode_command};
use testkit::{Subject as _, Wait};

use crate::testing::MemoryServer;

/// Section, name, kind.
const FIELDS: &str = include_str!("fields.txt");

/// Whose subject is not built yet, by the beginning of the name.
const NOT_YET: &[(&str, &str)] = &[
    ("used_memory_lua", "scripts are"),
    ("used_memory_vm_", "scripts are"),
    ("used_memory_scripts", "scripts are"),
    ("used_memory_functions", "functions are"),
    ("number_of_cached_scripts", "scripts are"),
    ("number_of_functions", "functions are"),
    ("number_of_libraries", "functions are"),
];

/// The fields of every section that a server answers with, in its order.
fn ask(sections: &[&str]) -> BTreeMap<String, Vec<(String, String)>> {
    let mut server = MemoryServer::new(1);
    let conn = server.connect().unwrap();
    let words: Vec<&[u8]> = ["INFO"].iter().chain(sections).map(|word| word.as_bytes()).collect();
    server.send(conn, &encode_command(&words)).unwrap();
    let bytes = server.receive(conn, Wait::Reply).unwrap().bytes;
    let value = Reader::default().read(&mut bytes.as_slice()).unwrap().expect("a whole reply");
    let text = String::from_utf8(value.as_bytes().expect("a text").to_vec()).unwrap();
    let mut answered: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    let mut section = String::new();
    for line in text.split("\r\n").filter(|line| !line.is_empty()) {
        if let Some(title) = line.strip_prefix("# ") {
            section = title.to_lowercase();
            assert!(answered.insert(section.clone(), Vec::new()).is_none(), "{section} twice");
        } else {
            let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("{line:?} is no field"));
            answered.get_mut(&section).expect("a section before its fields").push((name.into(), value.into()));
        }
    }
    answered
}

fn fits(kind: &str, value: &str) -> bool {
    match kind {
        "int" => value.parse::<i64>().is_ok(),
        "decimal" => value.parse::<f64>().is_ok_and(f64::is_finite) && value.contains('.'),
        _ => true,
    }
}

#[test]
fn every_field_of_redis_is_there_once_with_a_value_of_its_kind() {
    let answered = ask(&["everything"]);
    let mut wrong = Vec::new();
    for row in FIELDS.lines().filter(|line| !line.starts_with('#')) {
        let [section, name, kind] = row.split(' ').collect::<Vec<_>>()[..] else { panic!("{row:?}") };
        let fields = answered.get(section).map(Vec::as_slice).unwrap_or_default();
        let values: Vec<&str> =
            fields.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect();
        match values[..] {
            [value] if fits(kind, value) => {}
            [] if NOT_YET.iter().any(|(start, _)| name.starts_with(start)) => {}
            _ => wrong.push(format!("{section} {name}: {values:?}, wanted one {kind}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let names: Vec<&String> = answered.values().flatten().map(|(name, _)| name).collect();
    let distinct: std::collections::BTreeSet<&&String> = names.iter().collect();
    assert_eq!(names.len(), distinct.len(), "a field stands twice: {names:?}");
}

#[test]
fn sections_are_those_of_redis() {
    let default = [
        "server",
        "clients",
        "memory",
        "persistence",
        "threads",
        "stats",
        "replication",
        "cpu",
        "modules",
        "errorstats",
        "cluster",
        "keyspace",
    ];
    let on_request = ["commandstats", "latencystats"];
    for (asked, on_top) in
        [(&[][..], &[][..]), (&["default"], &[]), (&["all"], &on_request), (&["everything"], &on_request)]
    {
        let mut wanted: Vec<&str> = default.iter().chain(on_top).copied().collect();
        wanted.sort_unstable();
        assert_eq!(ask(asked).into_keys().collect::<Vec<_>>(), wanted, "{asked:?}");
    }
    for by_name in ["keysizes", "debug", "commandstats"] {
        assert_eq!(ask(&[by_name]).into_keys().collect::<Vec<_>>(), [by_name]);
    }
}
