//! Payloads of RESTORE: the input is a stamp, then a body. The footer is made right, since a fuzzer that has to guess a CRC-64 finds nothing
//! behind it; the input is also tried as a whole payload.
//!
//! A survey must accept the same. What is accepted must come back from every dialect that can hold it, and the second dump must equal the first where there is an order.
//! A server that has restored it answers every command of its type, and what these made of it is dumped and restored the same.

use std::cell::RefCell;

use rdb::{Dialect, RestoreOptions, Stamp, ValueDigest, append_footer, dump, restore, survey};
use value::{Type, Value};

use crate::memory_server::{Client, with_client};

thread_local! {
    static PLACE: RefCell<Option<Client>> = const { RefCell::new(None) };
}

/// RESTORE and DUMP.
pub fn check(input: &[u8]) {
    let options = RestoreOptions { max_string_bytes: 1 << 20, ..RestoreOptions::default() };
    drop(restore(input, options));
    let Some((&[low, high], body)) = input.split_first_chunk::<2>() else { return };
    let Ok(stamp) = Stamp::new(u16::from_le_bytes([low, high])) else { return };
    let mut payload = body.to_vec();
    append_footer(&mut payload, 0, stamp);
    let restored = restore(&payload, options);
    assert_eq!(survey(&payload, options).is_ok(), restored.is_ok(), "the survey sees what the decoder does");
    let Ok(value) = restored else { return };
    comes_back(&value, options);
    with_client(&PLACE, |client| is_used(client, &payload));
}

fn comes_back(value: &Value, options: RestoreOptions) {
    for dialect in Dialect::ALL {
        let mut first = Vec::new();
        if dump(value.as_ref(), dialect, &mut first).is_err() {
            continue;
        }
        let restored = restore(&first, options).expect("what was dumped is restored");
        // Older forms of streams have no room for some times and counters, and that is told.
        if rdb::left_out(value.as_ref(), dialect).is_none() {
            let digest = |value: &Value| ValueDigest::of(value.as_ref());
            assert_eq!(digest(&restored), digest(value), "{dialect}");
        }
        let mut second = Vec::new();
        dump(restored.as_ref(), dialect, &mut second).expect("what was dumped once is dumped again");
        // Members and fields may come in another order from another encoding.
        if !matches!(value.value_type(), Type::Set | Type::Hash) {
            assert_eq!(first, second, "{dialect}");
        }
    }
}

/// A server restores it, works with it and dumps it.
fn is_used(client: &mut Client, payload: &[u8]) {
    let reply = client.ask(&[&b"restore"[..], b"k", b"0", payload]);
    assert_eq!(reply.escape_ascii().to_string(), "+OK\\r\\n", "the codec took it");
    let kind = client.tell("type k");
    for line in commands(&kind).split(", ") {
        // Some of them may have taken the last element away.
        if client.tell("type k") == kind {
            client.tell(line);
        }
    }
    for line in ANY.split(", ") {
        client.tell(line);
    }
    if let Some(dumped) = dumped(client, "k") {
        let reply = client.ask(&[&b"restore"[..], b"again", b"0", &dumped]);
        assert_eq!(reply.escape_ascii().to_string(), "+OK\\r\\n", "what was dumped is restored");
        let digest = |payload: &[u8]| {
            let value = restore(payload, RestoreOptions::default()).expect("what was dumped is restored");
            ValueDigest::of(value.as_ref())
        };
        let again = self::dumped(client, "again").expect("it was dumped before");
        assert_eq!(digest(&again), digest(&dumped));
    }
    client.tell("del k again copied");
    assert_eq!(client.tell("dbsize"), b":0\r\n");
}

/// What DUMP answers; nothing if there is no such key, or if the configured dialect has no place for something that another one had.
fn dumped(client: &mut Client, key: &str) -> Option<Vec<u8>> {
    let reply = client.ask(&["dump", key]);
    let value = resp::Reader::new(resp::ReadLimits::default()).read(&mut &reply[..]).expect("a reply");
    let value = value.expect("a whole one");
    let dumped = value.as_bytes().filter(|_| value.as_error().is_none());
    let lacks = reply.starts_with(b"-ERR key") && reply.ends_with(b" cannot be written in the dialect portable\r\n");
    assert!(dumped.is_some() || value.is_null() || lacks, "{}", reply.escape_ascii());
    dumped.map(<[u8]>::to_vec)
}

/// For keys of every type.
const ANY: &str = "object encoding k, memory usage k samples 0, copy k copied, expire k 1000, persist k, scan 0, \
    rename copied copied";

// What a client may ask of a value of each type: readers, then writers, then those that take away.
const STRING: &str = "strlen k, get k, getrange k 1 -2, bitcount k, bitpos k 1, getbit k 100, lcs k k len, pfcount k, append k x, \
    setrange k 3 zz, setbit k 9 1, bitfield k incrby u8 4 7, incr k, incrbyfloat k 1.5, getex k persist";
const LIST: &str = "llen k, lrange k 0 -1, lindex k 1, lpos k a count 0, lpush k a 1, rpush k b -70000, linsert k before b c, \
    lset k 0 longer-than-it-was, lset k -1 9, sort k alpha, lmove k k left right, lrem k 1 a, lpop k 2, rpop k, \
    ltrim k 0 50";
const SET: &str = "scard k, smembers k, sismember k a, smismember k a 1, srandmember k -3, srandmember k 3, sscan k 0, sinter k k, \
    sunion k k, sdiff k none, sort k alpha, sadd k a 1 70000, srem k 1, spop k, spop k 3";
const HASH: &str = "hlen k, hgetall k, hget k f, hstrlen k f, hrandfield k -3 withvalues, hscan k 0, httl k fields 1 f, \
    hset k f v n 1, hincrby k n 5, hincrbyfloat k n 0.5, hexpire k 100 fields 1 n, hset k n 2, \
    hexpire k 100 fields 1 f, hpersist k fields 1 f, hgetdel k fields 1 n, hdel k f";
const ZSET: &str = "zcard k, zrange k 0 -1 withscores, zrange k 0 -1 rev, zrangebyscore k -inf +inf limit 0 5, zrangebylex k - +, \
    zcount k -1 (1, zlexcount k - +, zrank k m, zscore k m, zscan k 0, zrandmember k -3 withscores, \
    georadius k 0 0 100 km, zadd k 1.5 m, zadd k gt ch 2 m, zincrby k -3 m, zunion 2 k k, sort k alpha, zrem k m, \
    zremrangebyrank k 0 0, zpopmin k, zpopmax k";
const STREAM: &str = "xlen k, xrange k - +, xrevrange k + - count 3, xinfo stream k full, xinfo groups k, xread streams k 0, \
    xadd k * f v, xadd k * f v g w, xgroup create k g 0, xinfo consumers k g, \
    xreadgroup group g c count 2 streams k >, xpending k g, xpending k g - + 10, xack k g 0-1, xclaim k g d 0 0-1, \
    xautoclaim k g d 0 0, xgroup setid k g $, xtrim k maxlen 3, xdel k 0-1, xgroup delconsumer k g c, \
    xgroup destroy k g";
const ARRAY: &str = "arlen k, arcount k, arinfo k, arscan k 0 100, arget k 0, argetrange k 0 10, arlastitems k 3, arnext k, \
    arset k 3 v, arinsert k a, ardel k 3, ardelrange k 0 5";

fn commands(kind: &[u8]) -> &'static str {
    match kind {
        b"+string\r\n" => STRING,
        b"+list\r\n" => LIST,
        b"+set\r\n" => SET,
        b"+hash\r\n" => HASH,
        b"+zset\r\n" => ZSET,
        b"+stream\r\n" => STREAM,
        b"+array\r\n" => ARRAY,
        // All fields had expired.
        b"+none\r\n" => "exists k",
        _ => panic!("{}", kind.escape_ascii()),
    }
}
