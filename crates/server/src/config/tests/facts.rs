//! The parameters as real servers have them. `data/` holds what redis-server 7.0.15 and 8.0.6 and valkey-server 9.1.2 answered;
//! every difference is listed here with its reason.

use std::collections::BTreeMap;

use super::fixture::{set, start, value};
use crate::config::{Config, Effect, Kind, Setting, Settings, find, params};

fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
}

/// Defaults that are not those of the newest Redis that knows the parameter.
const OTHER_DEFAULTS: &[(&str, &str)] =
    &[("sanitize-dump-payload", "payloads are always checked, so the answer is always yes")];

#[test]
fn every_parameter_of_the_family_is_known_and_has_its_default() {
    let config = Config::new(1);
    let mut wrong = Vec::new();
    for row in rows(include_str!("data/parameters.tsv")) {
        let [name, _, _, _] = row[..] else { panic!("{row:?}") };
        let Some(param) = find(name.as_bytes()) else {
            wrong.push(format!("{name}: unknown"));
            continue;
        };
        // Redis 8.0 decides; what it no longer or not yet knows, the other two.
        let newest = [row[2], row[3], row[1]].into_iter().find(|column| *column != "-").unwrap();
        let (flags, default) = newest.split_once(' ').unwrap();
        if value(&config, name) != default && !OTHER_DEFAULTS.iter().any(|(other, _)| *other == name) {
            wrong.push(format!("{name}: default {:?}, not {default:?}", value(&config, name)));
        }
        let mutability = match (param.flags.immutable, param.flags.protected) {
            (true, _) => "i",
            (_, true) => "p",
            _ => "m",
        };
        let ours = format!("{mutability}{}", if param.flags.sensitive { "s" } else { "" });
        if ours != flags {
            wrong.push(format!("{name}: {ours}, not {flags}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Directives that are answered otherwise than by the server asked: the parameter, what our answer starts with, and why.
const OTHER_ANSWERS: &[(&str, &str, &str)] = &[
    ("cluster-announce-human-nodename", "OK", "shown to people only: any text will do"),
    ("cluster-slot-stats-enabled", "argument(s) must be one of", "Redis 8.6 also takes the names of resources"),
    ("dbfilename", "dbfilename can't be empty", "as Valkey: an empty name saves to nowhere"),
    ("io-threads", "argument must be between 1 and 256", "as Valkey, which takes more threads"),
    ("maxmemory-policy", "argument(s) must be one of", "Redis 8.6 has two policies more"),
    ("notify-keyspace-events", "Invalid event class character.", "Redis 8.8 has letters more"),
    ("repl-diskless-load", "argument(s) must be one of", "Redis 8.6 and Valkey have one name more each"),
    ("shutdown-on-sigint", "argument(s) must be one of", "Valkey has two names more"),
    ("shutdown-on-sigterm", "argument(s) must be one of", "Valkey has two names more"),
    ("slot-migration-max-failover-repl-bytes", "argument must be a memory value", "-1 is the only negative amount"),
];

/// More bytes than fit 64 bits: Redis takes the largest number instead, Valkey and we refuse.
const TOO_MANY_BYTES: &str = r#"["99999999999999999999999"]"#;

#[test]
fn directives_are_taken_and_refused_in_the_same_words() {
    let mut wrong = Vec::new();
    for row in rows(include_str!("data/directives.tsv")) {
        let [_, name, reason, ref directives @ ..] = row[..] else { panic!("{row:?}") };
        for directive in directives {
            let words: Vec<String> = serde_json::from_str(directive).unwrap();
            let option = format!("--{name}");
            let args: Vec<&str> = [option.as_str()].into_iter().chain(words.iter().map(String::as_str)).collect();
            let answer = match start(&args, &[]) {
                Ok(_) => "OK".to_owned(),
                Err(error) => error.report("x").lines().last().unwrap_or_default().to_owned(),
            };
            let is_known = OTHER_ANSWERS.iter().any(|(other, ours, _)| *other == name && answer.starts_with(ours));
            let is_overflow = *directive == TOO_MANY_BYTES && answer.ends_with(" value");
            if answer != reason && !is_known && !is_overflow {
                wrong.push(format!("{name} {directive}: {answer:?}, not {reason:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}

/// CONFIG SETs that are answered otherwise: parameter, value, and why.
const OTHER_REPLIES: &[(&str, &str, &str)] = &[
    ("maxmemory", "20000000000gb", "more than 64 bits: refused rather than wrapped around"),
    ("bind", "1 2 3", "listening is the server's part"),
    ("bind", "127.0.0.1 127.0.0.1", "listening is the server's part"),
    ("bind", "\"127.0.0.1\"", "listening is the server's part"),
    ("save", "1 99999999999", "kept rather than cut to 32 bits"),
    ("client-output-buffer-limit", "normal 1 2 99999999999", "refused rather than cut to 32 bits"),
    ("proc-title-template", "{title}", "the title is not empty here"),
    ("repl-backlog-size", "1", "the smallest backlog is replication's part"),
    ("repl-backlog-size", "16383", "the smallest backlog is replication's part"),
    ("maxclients", "1000000", "the limit of open files is the server's part"),
    ("notify-keyspace-events", "a", "the letter of arrays since Redis 8.8"),
    ("notify-keyspace-events", "KA o", "the refusal lists more letters"),
    ("notify-keyspace-events", " K", "the refusal lists more letters"),
    ("locale-collate", "xx_YY", "locales are not looked up"),
    ("oom-score-adj", "relative", "answered as it was set; Redis answers its other name, yes"),
    ("rdma-bind", "", "accepted without RDMA"),
    ("activedefrag", "yes", "accepted without defragmentation"),
    ("maxmemory-policy", "volatile-lru ", "the refusal lists more policies"),
    ("maxmemory-policy", "noeviction noeviction", "the refusal lists more policies"),
    ("shutdown-on-sigint", "now  force", "the refusal lists more names"),
    ("shutdown-on-sigint", "\"save\"", "the refusal lists more names"),
    ("shutdown-on-sigint", "force,now", "the refusal lists more names"),
];

#[test]
fn config_set_replies_and_leaves_values_as_a_real_server() {
    let mut config = Config::new(1);
    let mut wrong = Vec::new();
    for row in rows(include_str!("data/config-set.tsv")) {
        let [name, given, ref answers @ ..] = row[..] else { panic!("{row:?}") };
        let given: String = serde_json::from_str(given).unwrap();
        let reply = set(&mut config, &[name, &given]);
        let left = value(&config, name);
        let same = answers.iter().any(|answer| {
            let real: Option<(String, String)> = serde_json::from_str(answer).unwrap();
            real.is_some_and(|(real_reply, real_left)| {
                real_reply.strip_prefix('-').unwrap_or(&real_reply) == reply && (reply != "OK" || real_left == left)
            })
        });
        if !same && !OTHER_REPLIES.iter().any(|(other, value, _)| *other == name && *value == given) {
            wrong.push(format!("{name} {given:?}: {reply:?} {left:?}, not {answers:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_row_is_whole() {
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for param in params() {
        for name in param.names() {
            *names.entry(name).or_default() += 1;
        }
        let mut settings = Settings::new(1);
        let default: Vec<&[u8]> = if let Kind::Words { nothing, .. } = param.kind
            && param.default.is_empty()
        {
            nothing.iter().map(|word| word.as_bytes()).collect()
        } else {
            vec![param.default.as_bytes()]
        };
        assert_eq!(param.set(&mut settings, &default, Setting::Runtime), Ok(()), "{}", param.name);
        assert_eq!(String::from_utf8_lossy(&param.get(&settings)), param.default, "{}", param.name);
        let is_live = param.effect == Effect::Live;
        assert!(param.has_field() || !is_live, "{}: a parameter without a field acts on nothing", param.name);
    }
    assert!(names.values().all(|count| *count == 1), "{names:?}");
}
