//! What the hash commands tell: events, what goes to the AOF and to replicas, hits, changes.

use crate::told::{check_changes, check_counted, check_told};

#[test]
fn setting_and_removing_tell_what_redis_tells() {
    check_told(&[
        ("HSET h a 1 b 2 c 3", "hset:h", "="),
        ("HMSET h a 1", "hset:h", "="),
        ("HSETNX h a 1", "", ""),
        ("HSETNX h d 1", "hset:h", "="),
        ("HINCRBY h a 5", "hincrby:h", "="),
        ("HINCRBYFLOAT h a 1.5", "hincrbyfloat:h", "HSETEX h KEEPTTL FIELDS 1 a 7.5"),
        ("HDEL h zz", "", ""),
        ("HDEL h a zz", "hdel:h", "="),
        ("HGETDEL h FIELDS 1 zz", "", ""),
        ("HGETDEL h FIELDS 2 b zz", "hdel:h", "HDEL h b zz"),
        ("HDEL h c d", "hdel:h del:h", "="),
        ("HSET h a 1", "hset:h", "="),
        ("HGETDEL h FIELDS 1 a", "hdel:h del:h", "HDEL h a"),
    ]);
}

#[test]
fn deadlines_are_propagated_as_absolute_times() {
    check_told(&[
        ("HSET h a 1 b 2 c 3", "hset:h", "="),
        ("HEXPIRE h 10 FIELDS 2 a zz", "hexpire:h", "HPEXPIREAT h 1010000 FIELDS 1 a"),
        ("HPEXPIRE h 10 NX FIELDS 2 a b", "hexpire:h", "HPEXPIREAT h 1000010 NX FIELDS 1 b"),
        ("HEXPIRE h 10 NX FIELDS 1 a", "", ""),
        ("HEXPIREAT h 2000 FIELDS 1 zz", "", ""),
        ("HPERSIST h FIELDS 2 a c", "hpersist:h", "="),
        ("HPERSIST h FIELDS 1 c", "", ""),
        ("HGETEX h EX 10 FIELDS 2 a zz", "hexpire:h", "HPEXPIREAT h 1010000 FIELDS 2 a zz"),
        ("HGETEX h PERSIST FIELDS 2 a c", "hpersist:h", "HPERSIST h FIELDS 2 a c"),
        ("HGETEX h FIELDS 1 a", "", ""),
        ("HGETEX h EX 10 FIELDS 1 zz", "", ""),
        ("HSETEX h EX 10 FIELDS 2 a 1 d 2", "hset:h hexpire:h", "HSETEX h PXAT 1010000 FIELDS 2 a 1 d 2"),
        ("HSETEX h FXX PX 10 FIELDS 1 a 1", "hset:h hexpire:h", "HSETEX h FXX PXAT 1000010 FIELDS 1 a 1"),
        ("HSETEX h KEEPTTL FIELDS 1 a 1", "hset:h", "="),
        ("HSETEX h FNX FIELDS 1 a 1", "", ""),
        ("HSETEX h EX 0 FIELDS 2 a 1 d 2", "hset:h hdel:h", "HDEL h a d"),
        ("HEXPIRE h 0 FIELDS 2 b zz", "hdel:h", "HDEL h b"),
        ("HGETEX h PXAT 1 FIELDS 2 c zz", "hdel:h del:h", "HDEL h c"),
        ("HSET h a 1 b 2", "hset:h", "="),
        ("HPEXPIREAT h 1 FIELDS 2 a b", "hdel:h del:h", "HDEL h a b"),
    ]);
}

#[test]
fn changes_are_counted_by_field() {
    check_changes(&[
        ("HSET h a 1 b 2", 2),
        ("HSET h a 1", 1),
        ("HSETNX h a 1", 0),
        ("HDEL h a zz", 1),
        ("HEXPIRE h 100 FIELDS 2 b zz", 1),
        ("HPERSIST h FIELDS 1 b", 1),
        ("HGETEX h EX 100 FIELDS 1 b", 1),
        ("HGETEX h PERSIST FIELDS 1 b", 1),
        ("HGETEX h PERSIST FIELDS 1 b", 0),
        ("HSETEX h EX 100 FIELDS 2 a 1 c 1", 2),
        ("HSETEX h EX 0 FIELDS 1 a 1", 1),
        ("HINCRBY h n 1", 1),
        ("HGETDEL h FIELDS 3 b c n", 3),
    ]);
}

#[test]
fn reading_counts_hits_and_misses_and_writing_does_not() {
    check_counted(&[
        ("HSET h a 1 b 2", 0, 0),
        ("HGET h a", 1, 0),
        ("HGET none a", 0, 1),
        ("HMGET h a b", 1, 0),
        ("HGETALL none", 0, 1),
        ("HKEYS h", 1, 0),
        ("HVALS none", 0, 1),
        ("HLEN none", 0, 1),
        ("HEXISTS h a", 1, 0),
        ("HSTRLEN h a", 1, 0),
        ("HRANDFIELD h", 1, 0),
        ("HRANDFIELD none 2", 0, 1),
        ("HSCAN h 0", 1, 0),
        ("HSCAN none 0", 0, 1),
        ("HTTL h FIELDS 1 a", 1, 0),
        ("HPEXPIRETIME none FIELDS 1 a", 0, 1),
        ("HPERSIST none FIELDS 1 a", 0, 0),
        ("HDEL none a", 0, 0),
        ("HSETNX h a 1", 0, 0),
        ("HINCRBY h a 1", 0, 0),
        ("HEXPIRE none 10 FIELDS 1 a", 0, 0),
        ("HGETDEL h FIELDS 1 zz", 0, 0),
        ("HGETEX none FIELDS 1 a", 0, 0),
        ("HSETEX h FXX FIELDS 1 zz 1", 0, 0),
    ]);
}
