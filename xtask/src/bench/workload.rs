//! The commands to measure, and the data each of them needs first.
//!
//! Everything is sent as a custom command of the load generator (its own `-t` tests differ between Redis and Valkey, and some
//! prepare their data inside the measured run). Words are separated and quoted as in redis-cli. `__rand_int__` becomes a random twelve-digit number below the keyspace size,
//! `__index__` (only while filling) each such number in turn, and `__data__` a value of the chosen size.

use anyhow::{Context, Result, anyhow, bail};

/// How many fill commands a workload wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FillCount {
    /// One per key of the keyspace.
    Keyspace,
    /// One per request, so that popping never meets an empty key.
    Requests,
    Fixed(u64),
}

/// A command and its data.
#[derive(Clone, Debug)]
pub(super) struct Workload {
    pub(super) name: String,
    command: Vec<String>,
    fill: Option<(Vec<String>, FillCount)>,
    /// Whether a run changes how much data there is, so that each round must start anew.
    pub(super) consumes: bool,
}

const MSET: &str = "MSET key:__rand_int__ __data__ key:__rand_int__ __data__ key:__rand_int__ __data__ \
    key:__rand_int__ __data__ key:__rand_int__ __data__ key:__rand_int__ __data__ key:__rand_int__ __data__ \
    key:__rand_int__ __data__ key:__rand_int__ __data__ key:__rand_int__ __data__";
const MGET: &str = "MGET key:__rand_int__ key:__rand_int__ key:__rand_int__ key:__rand_int__ key:__rand_int__ \
    key:__rand_int__ key:__rand_int__ key:__rand_int__ key:__rand_int__ key:__rand_int__";

const STRINGS: Option<(&str, FillCount)> = Some(("SET key:__index__ __data__", FillCount::Keyspace));
const LIST: Option<(&str, FillCount)> = Some(("RPUSH mylist __data__", FillCount::Fixed(600)));
const QUEUE: Option<(&str, FillCount)> = Some(("RPUSH mylist __data__", FillCount::Requests));
const SET: Option<(&str, FillCount)> = Some(("SADD myset element:__index__", FillCount::Keyspace));
const HASH: Option<(&str, FillCount)> = Some(("HSET myhash field:__index__ __data__", FillCount::Keyspace));
const ZSET: Option<(&str, FillCount)> = Some(("ZADD myzset __index__ element:__index__", FillCount::Keyspace));
const COUNTERS: Option<(&str, FillCount)> = Some(("SET counter:__index__ 0", FillCount::Keyspace));

const EVAL: &str = r#"EVAL "return redis.call('incr',KEYS[1])" 1 counter:__rand_int__"#;
/// Loaded once; FLUSHALL leaves it there, so it replaces itself.
const LIBRARY: Option<(&str, FillCount)> = Some((
    r##"FUNCTION LOAD REPLACE "#!lua name=bench\nredis.register_function('add_one', function(keys) return redis.call('incr',keys[1]) end)""##,
    FillCount::Fixed(1),
));

/// (name, command, fill, consumes)
type Row = (&'static str, &'static str, Option<(&'static str, FillCount)>, bool);

const TABLE: &[Row] = &[
    ("ping", "PING", None, false),
    ("set", "SET key:__rand_int__ __data__", STRINGS, false),
    ("setex", "SET key:__rand_int__ __data__ EX 1000", STRINGS, false),
    ("get", "GET key:__rand_int__", STRINGS, false),
    ("exists", "EXISTS key:__rand_int__", STRINGS, false),
    ("expire", "EXPIRE key:__rand_int__ 1000", STRINGS, false),
    ("append", "APPEND key:__rand_int__ x", STRINGS, true),
    ("incr", "INCR counter:__rand_int__", COUNTERS, false),
    ("mset", MSET, STRINGS, false),
    ("mget", MGET, STRINGS, false),
    ("lpush", "LPUSH mylist __data__", None, true),
    ("rpush", "RPUSH mylist __data__", None, true),
    ("lpop", "LPOP mylist", QUEUE, true),
    ("rpop", "RPOP mylist", QUEUE, true),
    ("lrange_100", "LRANGE mylist 0 99", LIST, false),
    ("lrange_300", "LRANGE mylist 0 299", LIST, false),
    ("lrange_500", "LRANGE mylist 0 499", LIST, false),
    ("lrange_600", "LRANGE mylist 0 599", LIST, false),
    ("sadd", "SADD myset element:__rand_int__", SET, false),
    ("sismember", "SISMEMBER myset element:__rand_int__", SET, false),
    ("spop", "SPOP myset", Some(("SADD myset element:__index__", FillCount::Requests)), true),
    ("hset", "HSET myhash field:__rand_int__ __data__", HASH, false),
    ("hget", "HGET myhash field:__rand_int__", HASH, false),
    ("hset_small", "HSET hash:__rand_int__ f1 __data__ f2 __data__ f3 __data__", None, false),
    ("zadd", "ZADD myzset __rand_int__ element:__rand_int__", ZSET, false),
    ("zscore", "ZSCORE myzset element:__rand_int__", ZSET, false),
    ("zrange_10", "ZRANGE myzset 0 9 WITHSCORES", ZSET, false),
    ("zrange_100", "ZRANGE myzset 0 99", ZSET, false),
    ("zpopmin", "ZPOPMIN myzset", Some(("ZADD myzset __index__ element:__index__", FillCount::Requests)), true),
    ("xadd", "XADD mystream * field __data__", None, true),
    ("eval", EVAL, COUNTERS, false),
    ("fcall", "FCALL add_one 1 counter:__rand_int__", LIBRARY, true),
];

impl Workload {
    /// A workload of the table above.
    pub(super) fn named(name: &str) -> Result<Workload> {
        let names = || TABLE.iter().map(|row| row.0).collect::<Vec<_>>().join(", ");
        let (name, command, fill, consumes) = TABLE
            .iter()
            .find(|row| row.0 == name)
            .with_context(|| format!("unknown test {name:?}: known are {}", names()))?;
        Ok(Workload {
            name: (*name).to_owned(),
            command: split(command)?,
            fill: fill.map(|(template, count)| Ok::<_, anyhow::Error>((split(template)?, count))).transpose()?,
            consumes: *consumes,
        })
    }

    /// A command line of the user's, after one `fill` command per key of the keyspace.
    pub(super) fn custom(command: &str, fill: Option<&str>) -> Result<Workload> {
        let words = split(command)?;
        if words.is_empty() {
            bail!("an empty --command");
        }
        let fill = fill.map(split).transpose()?;
        Ok(Workload {
            name: command.to_owned(),
            command: words,
            fill: fill.map(|fill| (fill, FillCount::Keyspace)),
            consumes: false,
        })
    }

    /// The words to hand to the load generator.
    pub(super) fn words(&self, data: &str) -> Vec<String> {
        with_data(&self.command, data)
    }

    /// Whether there must be data before a run.
    pub(super) fn has_data(&self) -> bool {
        self.fill.is_some()
    }

    /// The fill command's words and how often to send it.
    pub(super) fn fill(&self, data: &str, keyspace: u64, requests: u64) -> Option<(Vec<String>, u64)> {
        let (template, count) = self.fill.as_ref()?;
        let count = match count {
            FillCount::Keyspace => keyspace,
            FillCount::Requests => requests,
            FillCount::Fixed(count) => *count,
        };
        Some((with_data(template, data), count))
    }
}

/// The words of a line, which may be quoted.
fn split(line: &str) -> Result<Vec<String>> {
    let words = resp::split_words(line.as_bytes()).map_err(|_| anyhow!("unbalanced quotes in {line:?}"))?;
    words.into_iter().map(|word| String::from_utf8(word).context("a word that is no text")).collect()
}

fn with_data(words: &[String], data: &str) -> Vec<String> {
    words.iter().map(|word| word.replace("__data__", data)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_once() {
        for (name, ..) in TABLE {
            assert_eq!(TABLE.iter().filter(|row| row.0 == *name).count(), 1, "{name}");
            assert_eq!(Workload::named(name).unwrap().name, *name);
        }
        assert!(Workload::named("nonsense").is_err());
    }

    #[test]
    fn data_is_filled_in_and_pops_are_fed_per_request() {
        let set = Workload::named("set").unwrap();
        assert_eq!(set.words("xyz"), ["SET", "key:__rand_int__", "xyz"]);
        let (fill, count) = Workload::named("lpop").unwrap().fill("v", 10, 500).unwrap();
        assert_eq!((fill.join(" ").as_str(), count), ("RPUSH mylist v", 500));
    }

    #[test]
    fn words_may_be_quoted() {
        let eval = Workload::named("eval").unwrap();
        assert_eq!(eval.words("v"), ["EVAL", "return redis.call('incr',KEYS[1])", "1", "counter:__rand_int__"]);
        let (fill, count) = Workload::named("fcall").unwrap().fill("v", 10, 500).unwrap();
        assert_eq!((fill.len(), count), (4, 1));
        assert!(fill[3].starts_with("#!lua name=bench\nredis."), "{fill:?}");
        assert_eq!(Workload::custom("SET k ''", None).unwrap().words("v"), ["SET", "k", ""]);
        assert!(Workload::custom("SET k 'v", None).is_err());
        assert!(Workload::custom("  ", None).is_err());
    }
}
