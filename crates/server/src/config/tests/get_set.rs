//! CONFIG GET and SET, in transcripts of what redis-server 7.0.15, 8.0.6 and valkey-server 9.1.2 all answer.

use super::fixture::{set, start_with, value};
use crate::config::{Config, Peer, SetError, find};

fn get(config: &Config, patterns: &[&str]) -> Vec<(String, String)> {
    let patterns: Vec<&[u8]> = patterns.iter().map(|pattern| pattern.as_bytes()).collect();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    config.get(&patterns).into_iter().map(|answer| (text(answer.name), text(answer.value))).collect()
}

fn names(config: &Config, patterns: &[&str]) -> Vec<String> {
    get(config, patterns).into_iter().map(|(name, _)| name).collect()
}

#[test]
fn names_are_answered_once_and_as_they_were_asked() {
    let config = Config::new(1);
    let cases: &[(&[&str], &[&str])] = &[
        (&["MAXMEMORY"], &["MAXMEMORY"]),
        (&["MaxMemory", "maxmemory"], &["MaxMemory"]),
        (&["MAXMEM*ORY"], &["maxmemory"]),
        (&["MAXMEMORY", "maxmemor[y]"], &["MAXMEMORY"]),
        (&["*-priority"], &["replica-priority", "slave-priority"]),
        (&["slave-priority", "slave-priorit?"], &["slave-priority"]),
        (&["nosuch"], &[]),
        (&[""], &[]),
        (&["max\\memory"], &[]),
        (&["*y-size"], &[]),
        (&["key-load-delay"], &["key-load-delay"]),
        (&["key-load-dela[y]"], &[]),
        (&["user", "include", "loadmodule", "rename-command"], &[]),
    ];
    for (patterns, expected) in cases {
        assert_eq!(names(&config, patterns), *expected, "{patterns:?}");
    }
}

#[test]
fn a_star_answers_all_that_is_not_hidden_in_alphabetical_order() {
    let config = Config::new(1);
    let names = names(&config, &["*"]);
    assert!(names.is_sorted() && names.len() > 240, "{}", names.len());
    assert!(names.iter().all(|name| !find(name.as_bytes()).unwrap().flags.hidden));
}

#[test]
fn config_set_is_refused_in_the_words_of_redis() {
    let mut config = Config::new(1);
    let failed = |name, reason| format!("ERR CONFIG SET failed (possibly related to argument '{name}') - {reason}");
    let unknown = |name| format!("ERR Unknown option or number of arguments for CONFIG SET - '{name}'");
    let immutable = "can't set immutable config";
    let cases: &[(&[&str], String)] = &[
        (&["maxmemory"], "ERR syntax error".into()),
        (&["port", "7290", "nosuch"], "ERR syntax error".into()),
        (&["nosuch", "1"], unknown("nosuch")),
        (&["nosuch", "1", "nosuch2", "2"], unknown("nosuch")),
        (&["maxmemory\n", "1"], unknown("maxmemory ")),
        (&["rename-command", "a b"], unknown("rename-command")),
        (&["databases", "32"], failed("databases", immutable)),
        (&["DATABASES", "16"], failed("DATABASES", immutable)),
        (&["maxmemory", "1", "databases", "3", "nosuch", "1"], failed("databases", immutable)),
        (&["maxmemory", "abc", "databases", "3"], failed("databases", immutable)),
        (&["databases", "1", "dir", "/tmp"], failed("databases", immutable)),
        (&["dir", "/tmp", "databases", "1"], failed("dir", "can't set protected config")),
        (&["maxmemory", "abc", "maxmemory", "1"], failed("maxmemory", "duplicate parameter")),
        (&["maxmemory", "1", "MAXMEMORY", "2"], failed("MAXMEMORY", "duplicate parameter")),
        (&["hz", "0", "hz", "10"], failed("hz", "duplicate parameter")),
        (&["timeout", "5", "maxmemory", "abc", "hz", "x"], failed("maxmemory", "argument must be a memory value")),
        // As Redis 8.10; older ones take both and keep the last.
        (&["slave-priority", "1", "replica-priority", "2"], failed("replica-priority", "duplicate parameter")),
    ];
    for (pairs, reply) in cases {
        assert_eq!(set(&mut config, pairs), *reply, "{pairs:?}");
    }
    assert_eq!(config.settings(), Config::new(1).settings(), "a refusal changes nothing");
}

#[test]
fn config_set_tells_what_changed() {
    let config = Config::new(1);
    let changed = |args: &[&[u8]]| {
        let change = config.prepare(args, Peer::Remote).unwrap();
        change.params.iter().map(|param| param.name).collect::<Vec<_>>()
    };
    assert_eq!(changed(&[b"maxmemory", b"1gb", b"timeout", b"0", b"HZ", b"20"]), ["maxmemory", "hz"]);
    assert_eq!(changed(&[b"maxmemory", b"0kb"]), [""; 0]);
    assert_eq!(changed(&[b"slave-lazy-flush", b"yes"]), ["replica-lazy-flush"]);
    assert_eq!(changed(&[b"repl-timeout", b"7"]), ["repl-timeout"], "also when nothing acts on it");
}

#[test]
fn several_parameters_change_together() {
    let mut config = Config::new(1);
    assert_eq!(set(&mut config, &["maxmemory", "1gb", "slave-priority", "3", "save", "60 5 900 1"]), "OK");
    assert_eq!(value(&config, "maxmemory"), "1073741824");
    assert_eq!(value(&config, "replica-priority"), "3");
    assert_eq!(value(&config, "save"), "60 5 900 1");
    assert_eq!(set(&mut config, &["save", "1 1"]), "OK");
    assert_eq!(value(&config, "save"), "1 1", "CONFIG SET replaces the list");
}

#[test]
fn protected_parameters_change_as_far_as_the_file_allows() {
    for (allowed, peer, is_set) in [
        ("no", Peer::Local, false),
        ("local", Peer::Local, true),
        ("local", Peer::Remote, false),
        ("yes", Peer::Remote, true),
    ] {
        let config = start_with(&format!("enable-protected-configs {allowed}")).unwrap();
        let change = config.prepare(&[b"dbfilename", b"x.rdb"], peer);
        assert_eq!(change.is_ok(), is_set, "{allowed} {peer:?}");
    }
}

#[test]
fn the_server_can_refuse_a_prepared_change() {
    let port = find(b"port").unwrap();
    assert_eq!(
        SetError::refused(port, "Unable to listen on this port. Check server logs.").to_string(),
        "ERR CONFIG SET failed (possibly related to argument 'port') - Unable to listen on this port. Check server logs."
    );
}

#[test]
fn secrets_are_marked() {
    let secret: Vec<&str> =
        crate::config::params().filter(|param| param.flags.sensitive).map(|param| param.name).collect();
    assert_eq!(secret, ["requirepass", "masterauth", "masteruser", "tls-key-file-pass", "tls-client-key-file-pass"]);
}
