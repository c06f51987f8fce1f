//! Starting: what lines mean, what is refused and how the refusal reads.

use expect_test::expect;

use super::fixture::{Disk, command_line, start, start_with, value};
use crate::config::{BindAddress, Config, EvictionPolicy, LogLevel, NotifyFlags, OutputLimit, SavePoint, Settings};

/// The last line of the report.
fn refusal(text: &str) -> String {
    match start_with(text) {
        Ok(_) => "OK".to_owned(),
        Err(error) => error.report("Redis 7.0.15").lines().last().unwrap_or_default().to_owned(),
    }
}

#[test]
fn a_report_reads_as_redis_prints_it() {
    let report = start_with("# c\n\nport \"70\n").unwrap_err().report("Redis 7.0.15");
    expect![[r#"

        *** FATAL CONFIG FILE ERROR (Redis 7.0.15) ***
        Reading the configuration file, at line 3 of redis.conf
        >>> 'port "70'
        Unbalanced quotes in configuration line
    "#]]
    .assert_eq(&report);
    let report = start(&["--hz", "10", "--prot", "1"], &[]).unwrap_err().report("Redis 7.0.15");
    expect![[r#"

        *** FATAL CONFIG FILE ERROR (Redis 7.0.15) ***
        Reading the configuration file, at line 2 of the command line
        >>> 'prot "1"'
        Bad directive or wrong number of arguments. Did you mean 'port'?
    "#]]
    .assert_eq(&report);
    let report = start(&["other.conf"], &[]).unwrap_err().report("Redis 7.0.15");
    expect![[r#"
        Fatal error, can't open config file 'other.conf': No such file or directory
    "#]]
    .assert_eq(&report);
    let report = start_with("cluster-enabled yes\nreplicaof h 1").unwrap_err().report("Redis 8.0.6");
    expect![[r#"

        *** FATAL CONFIG FILE ERROR (Redis 8.0.6) ***
        replicaof directive not allowed in cluster mode
    "#]]
    .assert_eq(&report);
}

#[test]
fn lines_are_refused_for_the_reasons_that_redis_gives() {
    // Answers of redis-server 7.0.15, but for the last group.
    let cases = [
        ("foo bar", "Bad directive or wrong number of arguments"),
        ("  port  7000  \n\tzoo 1\n", "Bad directive or wrong number of arguments"),
        ("port 7000 # x", "wrong number of arguments"),
        ("port '7000' x", "wrong number of arguments"),
        ("port '7\\'1'", "argument couldn't be parsed into an integer"),
        ("\"port\" x", "argument couldn't be parsed into an integer"),
        ("PORT x", "argument couldn't be parsed into an integer"),
        ("port \"7000\"x", "Unbalanced quotes in configuration line"),
        ("port \"70\"\r\n\r\nfoo 1\r\n", "Bad directive or wrong number of arguments"),
        ("port 7000\rfoo", "wrong number of arguments"),
        ("port", "wrong number of arguments"),
        ("\"\"", "Bad directive or wrong number of arguments"),
        ("include", "Bad directive or wrong number of arguments"),
        ("include a b", "Bad directive or wrong number of arguments"),
        ("include none*.conf", "OK"),
        ("save", "OK"),
        ("save \"\"", "OK"),
        ("save 1 2 \"\"", "Invalid save parameters"),
        ("save \"\" 1", "Invalid save parameters"),
        ("save \"900 1\" \"60 2\"", "Invalid save parameters"),
        ("client-output-buffer-limit normal 1", "Wrong number of arguments in buffer limit configuration."),
        ("client-output-buffer-limit", "OK"),
        ("latency-tracking-info-percentiles \"1 2\" 3", "Invalid latency-tracking-info-percentiles parameters"),
        ("latency-tracking-info-percentiles", "OK"),
        ("oom-score-adj-values 1 2", "wrong number of arguments"),
        ("rename-command GET", "Bad directive or wrong number of arguments"),
        ("rename-command GET a b", "Bad directive or wrong number of arguments"),
        ("user", "Bad directive or wrong number of arguments"),
        (
            "user a on\nuser a off",
            "Error in user declaration 'a': Duplicate user found. A user can only be defined once in config files",
        ),
        ("loadmodule", "Bad directive or wrong number of arguments"),
        ("replicaof a", "wrong number of arguments"),
        ("replicaof a 70000", "Invalid master port"),
        ("replicaof no one", "OK"),
        ("shutdown-on-sigint save nosave", "shutdown options SAVE and NOSAVE can't be used simultaneously"),
        ("shutdown-on-sigint nosave now force", "OK"),
        ("unixsocketperm 778", "argument couldn't be parsed as an octal number"),
        ("unixsocketperm 1777", "argument must be between 0 and 777 inclusive"),
        ("dir /missing", "No such file or directory"),
        ("dir \"\"", "No such file or directory"),
        ("list-max-ziplist-entries 5", "OK"),
        ("list-max-ziplist-entries 5 6", "Bad directive or wrong number of arguments"),
        ("sentinel monitor x", "sentinel directive while not in sentinel mode"),
        ("vm-enabled no", "Bad directive or wrong number of arguments"),
        // Ours: parameters of modules pass, and a C string's end is no line's end.
        ("search-workers 4", "OK"),
        ("mymodule.depth 3", "OK"),
        ("port 70\x0000", "A NUL byte in configuration line"),
        ("incldue x", "Bad directive or wrong number of arguments. Did you mean 'include'?"),
    ];
    for (text, reason) in cases {
        assert_eq!(refusal(text), reason, "{text:?}");
    }
}

#[test]
fn values_are_those_that_redis_reads() {
    // Text of the file, parameter, and what CONFIG GET of redis-server 7.0.15 answers.
    let cases = [
        ("save 900 1\nsave 300 10", "save", "900 1 300 10"),
        ("save 900 1 60 5\nsave 300 10", "save", "900 1 60 5 300 10"),
        ("save 900 1\nsave \"\"\nsave 60 2", "save", "60 2"),
        ("save 900 1\nsave", "save", "900 1"),
        ("save \"900 1 60 2\"", "save", "900 1 60 2"),
        ("hz 20", "save", "3600 1 300 100 60 10000"),
        ("bind 1.1.1.1\nbind 127.0.0.1 -::1", "bind", "127.0.0.1 -::1"),
        ("bind \"127.0.0.1 ::1\"", "bind", "127.0.0.1 ::1"),
        ("bind \"\"", "bind", ""),
        ("bind", "bind", ""),
        (
            "client-output-buffer-limit normal 1 2 3\nclient-output-buffer-limit replica 4 5 6",
            "client-output-buffer-limit",
            "normal 1 2 3 slave 4 5 6 pubsub 33554432 8388608 60",
        ),
        ("shutdown-on-sigint \"nosave force\"", "shutdown-on-sigint", "nosave force"),
        ("oom-score-adj-values \"1 2 3\"", "oom-score-adj-values", "1 2 3"),
        ("replicaof \"h 1\"", "replicaof", "h 1"),
        ("replicaof h 1\nslaveof no one", "replicaof", ""),
        ("replicaof h 01", "slaveof", "h 1"),
        ("unixsocketperm 0700", "unixsocketperm", "700"),
        ("unixsocketperm 070", "unixsocketperm", "70"),
        ("syslog-facility LOCAL3", "syslog-facility", "local3"),
        ("masterauth \"a\\x41\\q\"", "masterauth", "aAq"),
        ("io-threads 4\nio-threads-do-reads yes", "io-threads", "4"),
        ("hz 0", "hz", "1"),
        ("port 1\nport 2\nPort 3", "port", "3"),
        ("slave-priority 7", "replica-priority", "7"),
        ("hash-max-ziplist-value 1kb", "hash-max-listpack-value", "1024"),
    ];
    for (text, name, expected) in cases {
        assert_eq!(value(&start_with(text).unwrap(), name), expected, "{text:?}");
    }
}

#[test]
fn options_follow_the_file_and_add_to_it() {
    let save = |args: &[&str]| {
        let args: Vec<&str> = [&["redis.conf"], args].concat();
        let config = start(&args, &[("/srv/redis.conf", "save 900 1\nhz 20\n")]).unwrap();
        (value(&config, "save"), value(&config, "hz"))
    };
    assert_eq!(save(&["--save", "60", "10"]), ("900 1 60 10".into(), "20".into()));
    assert_eq!(save(&["--save", "60 10", "--save", "70 11"]), ("900 1 60 10 70 11".into(), "20".into()));
    assert_eq!(save(&["--save", ""]), (String::new(), "20".into()));
    assert_eq!(save(&["--save"]), (String::new(), "20".into()));
    assert_eq!(save(&["--save", "--hz", "30"]), (String::new(), "30".into()));
    let mut disk = Disk::with(&[("/srv/redis.conf", "hz 20")]);
    disk.stdin = b"hz 30\nmasterauth q".to_vec();
    let config = Config::load(&command_line(&["redis.conf", "--masterauth", "z", "-"]), 1, &mut disk).unwrap();
    assert_eq!((value(&config, "hz"), value(&config, "masterauth")), ("30".into(), "z".into()));
}

#[test]
fn includes_are_read_in_their_place() {
    let files = [
        ("/srv/redis.conf", "hz 11\ninclude one.conf\ninclude parts/*.conf\ninclude none/*.conf\n"),
        ("/srv/one.conf", "hz 33\ntimeout 1\n"),
        ("/srv/parts/b.conf", "hz 35\n"),
        ("/srv/parts/a.conf", "hz 34\ntimeout 7\n"),
    ];
    let config = start(&["redis.conf"], &files).unwrap();
    assert_eq!((value(&config, "hz"), value(&config, "timeout")), ("35".into(), "7".into()));

    let error = start(&["redis.conf"], &[("/srv/redis.conf", "include a"), ("/srv/a", "\n\nfoo 33")]).unwrap_err();
    assert_eq!(error.to_string(), "line 3 of a, 'foo 33': Bad directive or wrong number of arguments");
    let error = start_with("include /none.conf").unwrap_err();
    assert_eq!(error.to_string(), "can't open config file '/none.conf': No such file or directory");
}

#[test]
fn dir_takes_effect_at_once() {
    let files = [
        ("/srv/redis.conf", "dir data\ndir ./deep\ninclude more.conf\n"),
        ("/srv/data/deep/more.conf", "hz 20\n"),
        ("/srv/more.conf", "hz 30\n"),
    ];
    let config = start(&["redis.conf"], &files).unwrap();
    assert_eq!((value(&config, "hz"), value(&config, "dir")), ("20".into(), "/srv/data/deep".into()));
    assert_eq!(config.file().unwrap().to_str(), Some("/srv/redis.conf"), "CONFIG REWRITE finds it from anywhere");
    assert_eq!(value(&start(&[], &[]).unwrap(), "dir"), "/srv", "without the directive, where the server was started");
}

#[test]
fn the_file_itself_has_the_last_word_on_users_of_included_files() {
    for main in ["include more.conf\nuser a off\n", "user a off\ninclude more.conf\n"] {
        let config = start(&["redis.conf"], &[("/srv/redis.conf", main), ("/srv/more.conf", "user a on\nuser b on\n")]);
        let config = config.unwrap();
        let users: Vec<_> = config.settings().startup.users.iter().collect();
        let said = |name: &[u8]| {
            users.iter().find(|user| user.name == name).map(|user| (user.rules.concat(), user.is_included))
        };
        assert_eq!(
            (users.len(), said(b"a"), said(b"b")),
            (2, Some((b"off".to_vec(), false)), Some((b"on".to_vec(), true)))
        );
    }
    let twice = [("/srv/redis.conf", "include a\ninclude b\n"), ("/srv/a", "user a on"), ("/srv/b", "user a on")];
    assert!(start(&["redis.conf"], &twice).unwrap_err().to_string().contains("Duplicate user found"));
}

#[test]
fn files_that_include_each_other_are_refused() {
    let twice = "include redis.conf\ninclude redis.conf\n";
    let error = start(&["redis.conf"], &[("/srv/redis.conf", twice)]).unwrap_err();
    assert_eq!(error.to_string(), "line 1 of redis.conf, 'include redis.conf': Too many files include each other");

    let wide = "include *.part\n".repeat(50);
    let mut files: Vec<(String, &str)> = (0..30).map(|part| (format!("/srv/{part}.part"), "hz 20")).collect();
    files.push(("/srv/redis.conf".to_owned(), &wide));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    assert!(start(&["redis.conf"], &files).unwrap_err().to_string().ends_with("Too many files include each other"));
}

#[test]
fn a_whole_file_loads_into_typed_fields() {
    let config = start_with(include_str!("data/sample.conf")).unwrap();
    let settings: &Settings = config.settings();
    let network = &settings.network;
    assert_eq!(
        network.bind,
        [
            BindAddress { address: "127.0.0.1".into(), optional: false },
            BindAddress { address: "::1".into(), optional: true }
        ]
    );
    assert_eq!((network.port, network.unixsocket_mode, network.timeout_s), (7000, 0o770, 300));
    assert_eq!(network.unixsocket.as_deref().and_then(|path| path.to_str()), Some("/run/ochre/a socket"));
    assert_eq!(settings.general.threads, 4);
    assert_eq!(settings.general.loglevel, LogLevel::Verbose);
    assert_eq!(settings.clients.maxclients, 500);
    let limit = OutputLimit { hard_bytes: 1 << 28, soft_bytes: 1 << 26, soft_s: 60 };
    assert_eq!((settings.clients.output_limits.replica, settings.clients.output_limits.pubsub.soft_s), (limit, 5));
    assert_eq!(settings.memory.maxmemory_bytes, 100 << 20);
    assert_eq!(settings.memory.policy, EvictionPolicy::AllkeysLfu);
    assert!(settings.memory.lazyfree_user_del && !settings.memory.lazyfree_expire);
    assert_eq!(
        settings.persistence.save,
        [SavePoint { seconds: 900, changes: 1 }, SavePoint { seconds: 60, changes: 10_000 }]
    );
    assert_eq!((settings.dialects.dump, settings.dialects.rdb), ("valkey-9", "redis-7.2"));
    assert_eq!(settings.encodings.hash_max_listpack_entries, 1024);
    assert_eq!(settings.monitoring.latency_percentiles, [50.0, 99.9]);
    assert_eq!(
        settings.monitoring.notify_keyspace_events,
        NotifyFlags::KEYEVENT.union(NotifyFlags::EXPIRED).union(NotifyFlags::GENERIC)
    );
    assert_eq!(settings.security.requirepass, b"fo\"o \xe9");
    let startup = &settings.startup;
    assert_eq!(startup.renames.len(), 2);
    assert_eq!((startup.renames[0].from.as_slice(), &startup.renames[0].to), (&b"FLUSHALL"[..], &None));
    assert_eq!(startup.renames[1].to.as_deref(), Some(&b"CONFIG-7f3a"[..]));
    assert_eq!((startup.users[0].name.as_slice(), startup.users[0].rules.len()), (&b"worker"[..], 4));
    assert_eq!((startup.modules[0].path.as_slice(), startup.modules[0].args.len()), (&b"/usr/lib/mod.so"[..], 2));
    let unused: Vec<&str> = config.unused().iter().map(|(name, _)| *name).collect();
    assert_eq!(unused, ["activerehashing", "appendfsync", "repl-backlog-size", "loadmodule"]);
}

#[test]
fn a_refusal_names_the_place_of_what_the_server_checks_itself() {
    let config = start_with("\n\nrename-command nosuch x\n").unwrap();
    let rename = &config.settings().startup.renames[0];
    let error = crate::config::ConfigError::at(&rename.place, "No such command in rename-command");
    assert_eq!(error.to_string(), "line 3 of redis.conf, 'rename-command nosuch x': No such command in rename-command");
}

#[test]
fn the_files_that_packages_install_are_taken_as_they_are() {
    let rows: Vec<(&str, &str)> =
        include_str!("data/stock.tsv").lines().filter_map(|line| line.split_once('\t')).collect();
    for server in ["redis-7.0.15", "redis-8.0.6", "valkey-9.1.2"] {
        let lines: Vec<&str> = rows.iter().filter(|(of, _)| *of == server).map(|(_, line)| *line).collect();
        assert!(lines.len() > 50, "{server}");
        let text = lines.join("\n");
        let config = start_with(&text).unwrap_or_else(|error| panic!("{server}: {}", error.report(server)));
        for line in &lines {
            let (name, wanted) = line.split_once(' ').unwrap_or_else(|| panic!("{line:?}"));
            // One word, no unit, and not a list of lines: it is answered as it was written.
            if wanted.bytes().all(|byte| byte.is_ascii_digit()) || ["yes", "no"].contains(&wanted) {
                assert_eq!(value(&config, name), wanted, "{server}: {line}");
            }
        }
    }
}
