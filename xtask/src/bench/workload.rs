//! The commands to measure, and the data each of them needs first.
//!
//! Everything is sent as a custom command of the load generator (its own `-t` tests differ between Redis and Valkey, and some
//! prepare their data inside the measured run). `__rand_int__` becomes a random twelve-digit number below the keyspace size,
//! `__index__` (only while filling) each such number in turn, and `__data__` a value of the chosen size.

use anyhow::{Context, Result, bail};

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
    command: String,
    fill: Option<(String, FillCount)>,
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
    ("incr", "INCR counter:__rand_int__", Some(("SET counter:__index__ 0", FillCount::Keyspace)), false),
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
            command: (*command).to_owned(),
            fill: fill.map(|(template, count)| (template.to_owned(), count)),
            consumes: *consumes,
        })
    }

    /// A command line of the user's, after one `fill` command per key of the keyspace.
    pub(super) fn custom(command: &str, fill: Option<&str>) -> Result<Workload> {
        if command.split_whitespace().next().is_none() {
            bail!("an empty --command");
        }
        Ok(Workload {
            name: command.to_owned(),
            command: command.to_owned(),
            fill: fill.map(|fill| (fill.to_owned(), FillCount::Keyspace)),
            consumes: false,
        })
    }

    /// The words to hand to the load generator.
    pub(super) fn words(&self, data: &str) -> Vec<String> {
        self.command.split_whitespace().map(|word| word.replace("__data__", data)).collect()
    }

    /// Whether there must be data before a run.
    pub(super) fn has_data(&self) -> bool {
        self.fill.is_some()
    }

    /// The fill command's words and how often to send it.
    pub(super) fn fill(&self, data: &str, keyspace: u64, requests: u64) -> Option<(Vec<String>, u64)> {
        let (template, count) = self.fill.as_ref()?;
        let words = template.split_whitespace().map(|word| word.replace("__data__", data)).collect();
        let count = match count {
            FillCount::Keyspace => keyspace,
            FillCount::Requests => requests,
            FillCount::Fixed(count) => *count,
        };
        Some((words, count))
    }
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
}
