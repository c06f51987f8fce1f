//! Replies of the real server, byte for byte.

use resp::Protocol;
use serde_json::Value;

use super::{FakeHost, call, eval_with, scripts, settings};
use crate::Functions;

fn cases() -> Vec<Value> {
    let text = include_str!("../../../../testdata/script-engine/cases.jsonl");
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

/// Differences that are meant.
fn accepted(what: &str) -> bool {
    [
        // Ours has `SERVER_NAME` and `SERVER_VERSION` in it, as Valkey's has.
        "pairs(redis)",
        // The other name of `redis`, of Valkey's scripts.
        "local a=server",
        // `load` gives the error of its reader as `pcall` would; there it is a table.
        "load(function() error('x') end)",
        // Two functions are taken: which one is named depends on the order of a hash table there; here it is the first.
        "#!lua name=b5\n",
    ]
    .iter()
    .any(|known| what.contains(known))
}

#[test]
fn scripts_answer_as_the_real_server_does() {
    let mut wrong = String::new();
    for case in cases() {
        let (Some(script), Some(resp)) = (case["script"].as_str(), case["resp"].as_i64()) else { continue };
        let protocol = if resp == 3 { Protocol::Resp3 } else { Protocol::Resp2 };
        let mut scripts = scripts();
        eval_with(&mut scripts, &mut FakeHost::default(), protocol, "math.randomseed(0)");
        let reply = eval_with(&mut scripts, &mut FakeHost::default(), protocol, script);
        let expected = case["reply"].as_str().unwrap_or_default();
        if reply != expected && !accepted(script) {
            wrong += &format!("RESP{resp} {script:?}\n  real {expected:?}\n  ours {reply:?}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn libraries_load_and_functions_answer_as_the_real_servers_do() {
    let mut functions = Functions::new(&settings()).expect("an interpreter");
    let mut wrong = String::new();
    for case in cases() {
        let expected = case["reply"].as_str().unwrap_or_default();
        let (what, reply) = if let Some(code) = case["library"].as_str() {
            let reply = match functions.load(code.as_bytes(), false, &mut FakeHost::default()) {
                Ok(name) => format!("${}\r\n{name}\r\n", name.len()),
                Err(error) => format!("-{error}\r\n"),
            };
            (code, reply)
        } else if let Some(name) = case["function"].as_str() {
            (name, call(&mut functions, &mut FakeHost::default(), name))
        } else {
            continue;
        };
        if reply != expected && !accepted(what) {
            wrong += &format!("{what:?}\n  real {expected:?}\n  ours {reply:?}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
