//! The offline tools: what they print, what they write, and how they end.

#![expect(clippy::disallowed_methods, reason = "these tests stand outside the program: they have files of their own")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::server::{BINARY, TempDir};

/// A file of a real server.
fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/golden/rdb").join(name)
}

fn ochre(args: &[&dyn AsRef<std::ffi::OsStr>]) -> Output {
    Command::new(BINARY).args(args.iter().map(AsRef::as_ref)).stdin(Stdio::null()).output().unwrap()
}

fn ochre_with_stdin(args: &[&str], stdin: &[u8]) -> Output {
    let mut child = Command::new(BINARY)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(stdin).unwrap();
    child.wait_with_output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[track_caller]
fn check_code(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "{}\n{}", stdout(output), stderr(output));
}

const TEN: &[u8] = b"\x00\xc0\n\n\x00n\x9fWE\x0e\xaec\xbb";

#[test]
fn inspect_lists_keys_with_their_facts() {
    let output = ochre(&[&"inspect", &golden("redis-7.0.15.lfu.rdb"), &"--match", &"key:0[01]"]);
    check_code(&output, 0);
    let text = stdout(&output);
    let row = text.lines().find(|line| line.ends_with("key:00")).unwrap();
    let words: Vec<_> = row.split_whitespace().collect();
    assert_eq!(words[..4], ["0", "string", "embstr", "7"], "{text}");
    assert_eq!(words[6], "2100-01-01T00:00:00Z");
    assert!(text.contains("redis-ver 7.0.15"), "{text}");
    assert!(text.lines().last().unwrap().starts_with("2 keys, "), "{text}");
}

#[test]
fn inspect_prints_json_that_tells_every_record() {
    let output = ochre(&[&"inspect", &"--json", &"--digest", &golden("redis-8.0.6.cluster.rdb")]);
    check_code(&output, 0);
    let lines: Vec<serde_json::Value> =
        stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["record"], &lines[0]["stamp"]), (&"file".into(), &12.into()));
    let count = |kind: &str| lines.iter().filter(|line| line["record"] == kind).count();
    assert_eq!((count("key"), count("slot"), count("function"), count("end")), (18, 5, 1, 1));
    let key = lines.iter().find(|line| line["record"] == "key").unwrap();
    for field in
        ["db", "key", "type", "rdb_type", "encoding", "elements", "file_bytes", "memory_bytes", "offset", "digest"]
    {
        assert!(!key[field].is_null(), "{field}: {key}");
    }
    assert_eq!((&lines.last().unwrap()["keys"], &lines.last().unwrap()["whole"]), (&18.into(), &true.into()));
}

#[test]
fn inspect_reports_memory_by_prefix_and_the_largest_keys() {
    let output =
        ochre(&[&"inspect", &"--memory", &"--top", &"3", &"--separator", &"/", &golden("redis-7.2.6.mixed-a.rdb")]);
    check_code(&output, 0);
    let text = stdout(&output);
    assert!(text.contains("  prefix\n") && text.contains("(others)") && text.contains("largest keys"), "{text}");
    let json = ochre(&[&"inspect", &"--memory", &"--json", &"--separator", &"/", &golden("redis-7.2.6.mixed-a.rdb")]);
    let sum: u64 = stdout(&json)
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter(|line| line["record"] == "prefix")
        .map(|line| line["keys"].as_u64().unwrap())
        .sum();
    assert_eq!(sum, 220);
}

#[test]
fn inspect_reads_payloads_and_standard_input() {
    let output = ochre_with_stdin(&["inspect", "-"], TEN);
    check_code(&output, 0);
    assert!(stdout(&output).contains("payload of DUMP of Redis, version 10"), "{}", stdout(&output));
    let output = ochre_with_stdin(&["inspect", "-"], &[TEN, b"\n"].concat());
    check_code(&output, 1);
    assert!(stderr(&output).contains("one line break too many"), "{}", stderr(&output));
}

#[test]
fn a_reader_that_stops_early_is_no_error() {
    let mut child = Command::new(BINARY)
        .args(["inspect", "--json"])
        .arg(golden("redis-8.0.6.mixed-a.rdb"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    check_code(&output, 0);
    assert_eq!(stderr(&output), "");
}

#[test]
fn what_cannot_be_read_at_all_ends_with_two() {
    let dir = TempDir::new();
    let commands = dir.path().join("appendonly.aof");
    fs::write(&commands, "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n").unwrap();
    for (args, text) in [
        (vec!["inspect", "no-such-file.rdb"], "no-such-file.rdb: "),
        (vec!["inspect", commands.to_str().unwrap()], "it is an append-only file of commands"),
        (vec!["inspect", dir.path().to_str().unwrap()], "a directory without a manifest"),
        (vec!["inspect"], "required"),
        (vec!["convert", "a", "b", "--to", "redis-1"], "dialect must be one of: portable, redis-6.2"),
        (vec!["inspect", "--type", "text", "x"], "possible values: string, list"),
    ] {
        let output = Command::new(BINARY).args(&args).output().unwrap();
        check_code(&output, 2);
        assert!(stderr(&output).contains(text), "{args:?}: {}", stderr(&output));
    }
}

#[test]
fn converted_files_hold_the_same_in_every_dialect_that_can() {
    let dir = TempDir::new();
    let original = golden("redis-7.2.6.mixed-a.rdb");
    for dialect in ["portable", "redis-7.2", "redis-8.0", "redis-8.10", "valkey-8", "valkey-9"] {
        let to = dir.path().join(dialect);
        check_code(&ochre(&[&"convert", &original, &to, &"--to", &dialect]), 0);
        let verified = ochre(&[&"verify", &original, &to]);
        check_code(&verified, 0);
        assert_eq!(stdout(&verified), "223 the same, 0 different\n", "{dialect}");
    }
    // The lowest version that holds it all: 11, for streams with consumers.
    assert!(fs::read(dir.path().join("portable")).unwrap().starts_with(b"REDIS0011"));
    assert!(fs::read(dir.path().join("valkey-9")).unwrap().starts_with(b"VALKEY080"));
    let inspected = ochre(&[&"inspect", &dir.path().join("redis-8.0"), &"--memory"]);
    assert!(stdout(&inspected).contains("redis-ver 7.2.6"), "{}", stdout(&inspected));
}

#[test]
fn convert_names_what_a_dialect_cannot_hold_and_leaves_no_file() {
    let dir = TempDir::new();
    let (original, to) = (golden("redis-8.0.6.mixed-a.rdb"), dir.path().join("out.rdb"));
    let output = ochre(&[&"convert", &original, &to, &"--to", &"redis-7.2"]);
    check_code(&output, 1);
    let error = stderr(&output);
    assert!(
        error.contains("key '") && error.contains("hash field expiry cannot be written in the dialect redis-7.2"),
        "{error}"
    );
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);

    let output = ochre(&[&"convert", &original, &to, &"--to", &"redis-7.2", &"--skip-unsupported"]);
    check_code(&output, 0);
    let left_out = stderr(&output).lines().filter(|line| line.starts_with("left out: key '")).count();
    assert!(left_out > 0, "{}", stderr(&output));
    let verified = ochre(&[&"verify", &original, &to]);
    check_code(&verified, 1);
    let missing = stdout(&verified).lines().filter(|line| line.starts_with("only in A  db ")).count();
    assert_eq!(missing, left_out);
}

#[test]
fn convert_tells_which_streams_become_less() {
    let dir = TempDir::new();
    let (original, to) = (golden("redis-7.2.6.mixed-a.rdb"), dir.path().join("out.rdb"));
    let output = ochre(&[&"convert", &original, &to, &"--to", &"redis-7.0"]);
    check_code(&output, 0);
    let told: Vec<_> =
        stderr(&output).lines().filter(|line| line.starts_with("reduced: ")).map(str::to_owned).collect();
    let verified = stdout(&ochre(&[&"verify", &original, &to]));
    let differing: Vec<_> = verified.lines().filter(|line| line.starts_with("differs ")).collect();
    assert_eq!(differing, ["differs    db 0 'stream/group-consumer-idle': the stream differs"]);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("key 'stream/group-consumer-idle' of database 0"), "{told:?}");
}

#[test]
fn convert_takes_what_passes_the_filter() {
    let dir = TempDir::new();
    let (original, to) = (golden("redis-7.0.15.mixed-a.rdb"), dir.path().join("out.rdb"));
    check_code(&ochre(&[&"convert", &original, &to, &"--type", &"set,zset", &"--db", &"0", &"--match", &"*s*"]), 0);
    let lines = stdout(&ochre(&[&"inspect", &"--json", &to]));
    let keys: Vec<serde_json::Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &serde_json::Value| line["record"] == "key")
        .collect();
    assert!(keys.len() > 3);
    assert!(keys.iter().all(|key| key["db"] == 0 && (key["type"] == "set" || key["type"] == "zset")));
    assert!(keys.iter().all(|key| key["key"].as_str().is_none_or(|key| key.contains('s'))));
    // The sizes in front of the keys are those of the new file.
    let verified = ochre(&[&"verify", &original, &to, &"--type", &"set,zset", &"--db", &"0", &"--match", &"*s*"]);
    check_code(&verified, 0);
}

#[test]
fn convert_makes_a_payload_of_a_payload() {
    let dir = TempDir::new();
    let (from, to) = (dir.path().join("ten"), dir.path().join("ten-valkey"));
    fs::write(&from, TEN).unwrap();
    check_code(&ochre(&[&"convert", &from, &to, &"--to", &"valkey-9"]), 0);
    assert_eq!(fs::read(&to).unwrap(), b"\x00\xc0\nP\x00\xa1\xb5\x9e\xd4\x90\xfc\x04O");
    check_code(&ochre(&[&"verify", &from, &to]), 0);
}

#[test]
fn convert_streams_from_standard_input_to_standard_output() {
    let original = fs::read(golden("redis-7.2.6.mixed-a.rdb")).unwrap();
    let output = ochre_with_stdin(&["convert", "-", "-", "--to", "redis-8.0"], &original);
    check_code(&output, 0);
    assert!(output.stdout.starts_with(b"REDIS0012"));
    let dir = TempDir::new();
    let to = dir.path().join("out.rdb");
    fs::write(&to, &output.stdout).unwrap();
    check_code(&ochre(&[&"verify", &golden("redis-7.2.6.mixed-a.rdb"), &to]), 0);
    let twice = ochre_with_stdin(&["convert", "-", "-"], &original);
    check_code(&twice, 2);
    assert!(stderr(&twice).contains("takes two readings"), "{}", stderr(&twice));
}

#[test]
fn verify_tells_each_difference() {
    let dir = TempDir::new();
    let write = |name: &str, body: &[u8]| {
        let path = dir.path().join(name);
        fs::write(&path, [b"REDIS0003\xfe\x00", body, b"\xff"].concat()).unwrap();
        path
    };
    let a = write("a", b"\x00\x01x\x01v\x00\x01y\x01v\x00\x01z\x01v\x00\x01t\x01v\x00\x01s\xc0\x05");
    let b =
        write("b", b"\x00\x01s\x015\x00\x01y\x01w\xfd\x00\x94\x35\x77\x00\x01z\x01v\x01\x01t\x01\x01v\x00\x01n\x01v");
    let output = ochre(&[&"verify", &a, &b]);
    check_code(&output, 1);
    let mut lines: Vec<_> = stdout(&output).lines().map(str::to_owned).collect();
    assert_eq!(lines.pop().unwrap(), "1 the same, 5 different");
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "differs    db 0 't': string in A, list in B",
            "differs    db 0 'y': the string differs",
            "differs    db 0 'z': deadline none in A, 2033-05-18T03:33:20Z in B",
            "only in A  db 0 'x'",
            "only in B  db 0 'n'",
        ]
    );
    check_code(&ochre(&[&"verify", &a, &a]), 0);
}

#[test]
fn salvage_copies_what_is_sound_and_lists_what_is_lost() {
    let dir = TempDir::new();
    let (from, to) = (dir.path().join("damaged.rdb"), dir.path().join("sound.rdb"));
    // A damaged block, a sound key, and a file that ends early.
    fs::write(&from, b"REDIS0011\xfe\x00\x00\x03bad\xc3\x02\x0a\xff\xff\x00\x04good\x01v\x00\x03cut\x09abc").unwrap();
    let output = ochre(&[&"inspect", &from]);
    check_code(&output, 1);
    assert!(
        stdout(&output).contains("DAMAGED: ") && stdout(&output).contains("it ends early, at byte 35"),
        "{}",
        stdout(&output)
    );
    check_code(&ochre(&[&"convert", &from, &to]), 1);
    assert!(!to.exists());
    let output = ochre(&[&"salvage", &from, &to]);
    check_code(&output, 1);
    let said = stderr(&output);
    assert!(said.contains("left out: key 'bad' of database 0, byte 11: "), "{said}");
    assert!(said.contains("lost: bytes 29 to 38 (9 bytes): it ends early, at byte 35"), "{said}");
    let salvaged = ochre(&[&"inspect", &to]);
    check_code(&salvaged, 0);
    assert!(
        stdout(&salvaged).ends_with("good\n1 keys, 0 with a deadline, about 29 bytes in memory\n"),
        "{}",
        stdout(&salvaged)
    );
}

#[test]
fn the_base_of_an_append_only_directory_is_found() {
    let dir = TempDir::new();
    fs::copy(golden("redis-7.2.6.mixed-a.rdb"), dir.path().join("a.1.base.rdb")).unwrap();
    fs::write(dir.path().join("a.1.incr.aof"), "*1\r\n$8\r\nFLUSHALL\r\n").unwrap();
    fs::write(dir.path().join("a.manifest"), "file a.1.base.rdb seq 1 type b\nfile a.1.incr.aof seq 1 type i\n")
        .unwrap();
    let output = ochre(&[&"inspect", &"--memory", &dir.path()]);
    check_code(&output, 0);
    assert!(stderr(&output).contains("a.1.incr.aof has 18 bytes of later commands"), "{}", stderr(&output));
    let other = TempDir::new();
    let to = other.path().join("out.rdb");
    check_code(&ochre(&[&"convert", &dir.path(), &to]), 2);
    check_code(&ochre(&[&"convert", &dir.path(), &to, &"--base-only"]), 0);
    check_code(&ochre(&[&"verify", &dir.path(), &to]), 0);
}

/// A payload of FUNCTION DUMP of Redis 7.0.15: two libraries, `two` and `one`.
fn two_libraries() -> Vec<u8> {
    let one: &[u8] = b"#!lua name=one\nredis.register_function('f1', function() return 1 end)";
    let two: &[u8] = b"#!lua name=two\nredis.register_function('f2', function() return 2 end)";
    rdb::functions::write([two, one], rdb::Dialect::Redis7_0).unwrap()
}

#[test]
fn payloads_of_functions_are_shown_converted_and_compared() {
    let dir = TempDir::new();
    let (a, b, c) = (dir.path().join("a"), dir.path().join("b"), dir.path().join("c"));
    fs::write(&a, two_libraries()).unwrap();
    let output = ochre(&[&"inspect", &a]);
    check_code(&output, 0);
    let text = stdout(&output);
    assert!(text.contains("payload of FUNCTION DUMP of Redis, version 10"), "{text}");
    assert!(text.contains("  function library two, 69 bytes\n  function library one, 69 bytes\n"), "{text}");
    check_code(&ochre(&[&"convert", &a, &b, &"--to", &"valkey-9"]), 0);
    let converted = fs::read(&b).unwrap();
    assert_eq!(converted[..converted.len() - 10], two_libraries()[..two_libraries().len() - 10]);
    assert_eq!(converted[converted.len() - 10..][..2], [80, 0]);
    check_code(&ochre(&[&"verify", &a, &b]), 0);
    let other: &[u8] = b"#!lua name=one\nredis.register_function('f1', function() return 3 end)";
    fs::write(&c, rdb::functions::write([other], rdb::Dialect::Portable).unwrap()).unwrap();
    let output = ochre(&[&"verify", &a, &c]);
    check_code(&output, 1);
    let text = stdout(&output);
    assert!(text.contains("differs    function library 'one': the source differs"), "{text}");
    assert!(text.contains("only in A  function library 'two'"), "{text}");
    let output = ochre(&[&"convert", &a, &"-", &"--to", &"redis-6.2"]);
    check_code(&output, 1);
    assert!(stderr(&output).contains("functions cannot be written in the dialect redis-6.2"), "{}", stderr(&output));
}

#[test]
fn functions_of_a_pre_release_become_todays() {
    let mut payload = b"\xf6\x03lib\x03LUA\x01\x06counts\x08return 1".to_vec();
    rdb::append_footer(&mut payload, 0, rdb::Stamp::new(10).unwrap());
    let output = ochre_with_stdin(&["inspect", "-"], &payload);
    check_code(&output, 0);
    assert!(stdout(&output).contains("  function library lib of a pre-release, 33 bytes"), "{}", stdout(&output));
    let output = ochre_with_stdin(&["convert", "-", "-"], &payload);
    check_code(&output, 0);
    let source: &[u8] = b"#!lua name=lib\nreturn 1\n-- counts";
    assert_eq!(output.stdout, rdb::functions::write([source], rdb::Dialect::Portable).unwrap());
    // A file of them, too.
    let file = [&b"REDIS0010"[..], &payload[..payload.len() - 10], b"\xff\0\0\0\0\0\0\0\0"].concat();
    let output = ochre_with_stdin(&["convert", "-", "-", "--to", "redis-7.0"], &file);
    check_code(&output, 0);
    assert!(output.stdout.starts_with(b"REDIS0010\xf5"), "{}", output.stdout.escape_ascii());
    assert!(stderr(&output).contains("changed: function library 'lib' of a pre-release"), "{}", stderr(&output));
    let footer: &[u8] = b"\n\0]\x9b\\@\x0f\x7f\xa2\xda";
    check_code(&ochre_with_stdin(&["inspect", "-"], footer), 0);
    check_code(&ochre_with_stdin(&["inspect", "-"], b"\xf5\x01"), 1);
}

#[test]
fn what_has_no_place_here_is_told() {
    let noted = b"REDIS0013\xfe\0\xf3\x01\x01\x02\x03\x04\x02\x05\0\0\x01k\x01v\xff\0\0\0\0\0\0\0\0";
    let output = ochre_with_stdin(&["inspect", "-"], noted);
    check_code(&output, 0);
    assert!(stdout(&output).contains("      1 pieces of metadata of modules"), "{}", stdout(&output));
    let convert = |options: &[&str]| {
        ochre_with_stdin(&[&["convert", "-", "-", "--to", "redis-7.0", "--key-metadata"], options].concat(), noted)
    };
    let output = convert(&["ignore"]);
    check_code(&output, 0);
    let line = "key 'k' of database 0, byte 11: what modules noted of it (1 pieces)";
    assert!(stderr(&output).contains(&format!("reduced: {line} is not kept")), "{}", stderr(&output));
    assert!(output.stdout.windows(5).any(|bytes| bytes == b"\0\x01k\x01v"), "{}", output.stdout.escape_ascii());
    let output = convert(&["refuse"]);
    check_code(&output, 1);
    assert!(stderr(&output).contains(line), "{}", stderr(&output));
    let output = convert(&["refuse", "--skip-unsupported"]);
    check_code(&output, 0);
    assert!(!output.stdout.windows(5).any(|bytes| bytes == b"\0\x01k\x01v"), "{}", output.stdout.escape_ascii());
    let payload = b"\xf3\x01\x01\x02\x03\x04\x02\x05\x00\x00\x01v\x0d\x00D\x13\x91\xc4\xb8b\x14T";
    let output = ochre_with_stdin(&["inspect", "-"], payload);
    assert!(stdout(&output).contains("      1 pieces of metadata of modules"), "{}", stdout(&output));
    let output = ochre_with_stdin(&["convert", "-", "-", "--to", "redis-7.0"], payload);
    check_code(&output, 0);
    assert!(output.stdout.starts_with(b"\x00\x01v\x0a\x00"), "{}", output.stdout.escape_ascii());
    assert!(stderr(&output).contains("what modules noted of the key (1 pieces) is not kept"), "{}", stderr(&output));
    let importing = b"VALKEY080\xf3\x03job\x031-5\xff\0\0\0\0\0\0\0\0";
    let output = ochre_with_stdin(&["inspect", "-"], importing);
    assert!(stdout(&output).contains("  slots 1-5 being imported, work job"), "{}", stdout(&output));
    let output = ochre_with_stdin(&["convert", "-", "-", "--to", "valkey-9"], importing);
    check_code(&output, 0);
    assert!(stderr(&output).contains("left out: that slots 1-5 were being imported"), "{}", stderr(&output));
}
