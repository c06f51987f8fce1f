//! Any bytes are read or refused, and nothing else happens.

use std::path::PathBuf;

use arbtest::arbitrary::{self, Unstructured};
use arbtest::arbtest;

use super::fixture::{Disk, command_line};
use crate::config::{Config, Launch, Param, Peer, UserLines, params};

/// Something like a value: of a kind that some parameter takes, or anything.
fn any_value(u: &mut Unstructured<'_>) -> arbitrary::Result<Vec<u8>> {
    const COMMON: [&str; 24] = [
        "yes",
        "no",
        "",
        "0",
        "-1",
        "1",
        "9223372036854775807",
        "-9223372036854775808",
        "18446744073709551616",
        "1kb",
        "16gb",
        "99999999999999gb",
        "50%",
        "100%",
        "101%",
        "0777",
        "900 1",
        "normal 1 2 3",
        "local",
        "KEA",
        "a/b",
        "h 1",
        "\"",
        "\0",
    ];
    if u.ratio(2, 3)? { Ok(u.choose(&COMMON)?.as_bytes().to_vec()) } else { u.arbitrary() }
}

fn any_param(u: &mut Unstructured<'_>) -> arbitrary::Result<&'static Param> {
    let all: Vec<&Param> = params().collect();
    u.choose(&all).copied()
}

fn disk(main: Vec<u8>) -> Disk {
    let mut disk = Disk::default();
    disk.files.insert(PathBuf::from("/srv/redis.conf"), main);
    disk
}

#[test]
fn any_file_loads_or_is_refused() {
    arbtest(|u| {
        let text: Vec<u8> = u.arbitrary()?;
        let _ = Config::load(&command_line(&["redis.conf"]), 1, &mut disk(text));
        Ok(())
    });
}

#[test]
fn any_directives_load_or_are_refused_and_rewrite_to_the_same() {
    arbtest(|u| {
        let mut text = Vec::new();
        for _ in 0..u.int_in_range(0..=8)? {
            text.extend_from_slice(any_param(u)?.name.as_bytes());
            for _ in 0..u.int_in_range(0..=4)? {
                text.push(b' ');
                text.extend_from_slice(crate::config::quote(&any_value(u)?).as_bytes());
            }
            text.push(b'\n');
        }
        let line = command_line(&["redis.conf"]);
        if let Ok(config) = Config::load(&line, 1, &mut disk(text.clone())) {
            let no_users = UserLines { lines: Vec::new(), is_current: &|_, _| false };
            let written = config.rewrite(&text, &no_users);
            let again = Config::load(&line, 1, &mut disk(written.clone())).unwrap();
            assert_eq!(again.settings(), config.settings(), "{}", String::from_utf8_lossy(&written));
        }
        Ok(())
    });
}

#[test]
fn any_command_line_is_read_or_refused() {
    arbtest(|u| {
        let mut args: Vec<String> = Vec::new();
        for _ in 0..u.int_in_range(0..=6)? {
            let arg = match u.int_in_range(0..=3)? {
                0 => format!("--{}", any_param(u)?.name),
                1 => String::from_utf8_lossy(&any_value(u)?).into_owned(),
                2 => u.choose(&["-", "--", "redis.conf", "--save", "--include redis.conf"])?.to_string(),
                _ => u.arbitrary()?,
            };
            args.push(arg);
        }
        if let Launch::Serve(line) = Launch::parse(&args) {
            let _ = Config::load(&line, 1, &mut disk(b"hz 20".to_vec()));
        }
        Ok(())
    });
}

#[test]
fn config_set_changes_all_or_nothing() {
    arbtest(|u| {
        let mut config = Config::new(2);
        for _ in 0..u.int_in_range(1..=4)? {
            let mut args: Vec<Vec<u8>> = Vec::new();
            for _ in 0..u.int_in_range(1..=3)? {
                args.push(any_param(u)?.name.as_bytes().to_vec());
                args.push(any_value(u)?);
            }
            let args: Vec<&[u8]> = args.iter().map(Vec::as_slice).collect();
            let before = config.clone();
            match config.prepare(&args, Peer::Local) {
                Err(error) => assert!(!error.to_string().contains(['\r', '\n'])),
                Ok(change) => {
                    for param in params() {
                        let changed = param.get(before.settings()) != param.get(&change.settings);
                        let told = change.params.iter().any(|other| other.name == param.name);
                        assert_eq!(changed, told, "{}", param.name);
                    }
                    config.commit(change);
                }
            }
        }
        // What CONFIG GET answers, CONFIG SET takes back.
        for param in params().filter(|param| !param.flags.immutable && !param.flags.protected) {
            let value = param.get(config.settings());
            let change = config.prepare(&[param.name.as_bytes(), &value], Peer::Remote).unwrap();
            assert!(change.params.is_empty(), "{}", param.name);
        }
        Ok(())
    });
}

#[test]
fn any_pattern_is_answered() {
    let config = Config::new(1);
    arbtest(|u| {
        let patterns: Vec<Vec<u8>> = u.arbitrary()?;
        let patterns: Vec<&[u8]> = patterns.iter().map(Vec::as_slice).collect();
        let answers = config.get(&patterns);
        assert!(answers.len() <= patterns.len() + 300);
        Ok(())
    });
}
