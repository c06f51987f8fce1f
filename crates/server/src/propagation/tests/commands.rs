//! What each family of commands sends to replicas, beside Redis and Valkey: `cargo xtask oracle` asks them too, as one of their replicas.

use crate::testing::check;

#[test]
fn strings_say_what_came_of_them() {
    check(
        r"
        @config lazyfree-lazy-expire no
        > SET n 10                          => OK
        @stream SELECT 0
        @stream SET n 10
        > INCR n                            => 11
        > INCRBYFLOAT n 1.5                 => '12.5'
        > APPEND n x                        => 5
        @stream INCR n
        @stream SET n 12.5 KEEPTTL
        @stream APPEND n x
        > GETSET n 5                        => '12.5x'
        > GETDEL n                          => '5'
        > SETNX n 1                         => 1
        > SETNX n 2                         => 0
        > SET n 5 NX GET                    => '1'
        @stream SET n 5
        @stream DEL n
        @stream SETNX n 1
        > SETEX n 100 x                     => OK
        > PSETEX n 100000 x                 => OK
        > SET n x EX 100                    => OK
        > SET n y KEEPTTL                   => OK
        @stream SET n x PXAT *
        @stream SET n x PXAT *
        @stream SET n x PXAT *
        @stream SET n y KEEPTTL
        > GETEX n EX 100                    => 'y'
        > GETEX n                           => 'y'
        > GETEX n PERSIST                   => 'y'
        > GETEX n PERSIST                   => 'y'
        > GETEX n PXAT 1                    => 'y'
        @stream PEXPIREAT n *
        @stream PERSIST n
        @stream DEL n
        > MSET a 1 b 2                      => OK
        > MSETNX a 1 c 2                    => 0
        > MSETNX c 1 d 2                    => 1
        > SETRANGE a 3 x                    => 4
        > GETRANGE a 0 1                    => '1\x00'
        > DECRBY b 5                        => -3
        @stream MSET a 1 b 2
        @stream MSETNX c 1 d 2
        @stream SETRANGE a 3 x
        @stream DECRBY b 5
    ",
    );
}

#[test]
fn keys_and_databases() {
    check(
        r"
        @config lazyfree-lazy-expire no
        > SET k v                           => OK
        > EXPIRE k 100                      => 1
        > EXPIRE k 200 GT                   => 1
        > EXPIRE k 100 GT                   => 0
        > PEXPIREAT k 9999999999999         => 1
        > PERSIST k                         => 1
        > PERSIST k                         => 0
        > EXPIRE k -1                       => 1
        > EXPIRE k 10                       => 0
        @stream SELECT 0
        @stream SET k v
        @stream PEXPIREAT k *
        @stream PEXPIREAT k * GT
        @stream PEXPIREAT k 9999999999999
        @stream PERSIST k
        @stream DEL k
        > MSET a 1 b 2                      => OK
        > RENAME a c                        => OK
        > RENAMENX c b                      => 0
        > COPY c d                          => 1
        > COPY c d                          => 0
        > COPY c d DB 3                     => 1
        > MOVE b 4                          => 1
        > TOUCH d                           => 1
        > UNLINK d nosuch                   => 1
        > DEL nosuch                        => 0
        > DEL c                             => 1
        @stream MSET a 1 b 2
        @stream RENAME a c
        @stream COPY c d
        @stream COPY c d DB 3
        @stream MOVE b 4
        @stream UNLINK d nosuch
        @stream DEL c
        > SWAPDB 0 3                        => OK
        > FLUSHDB                           => OK
        > FLUSHDB ASYNC                     => OK
        > FLUSHALL                          => OK
        > FLUSHALL                          => OK
        @stream SWAPDB 0 3
        @stream FLUSHDB
        @stream FLUSHDB ASYNC
        @stream FLUSHALL
        @stream FLUSHALL
        > SELECT 5                          => OK
        > SET k v                           => OK
        > RPUSH l 2 1                       => 2
        > SORT l STORE sorted               => 2
        > SORT nosuch STORE sorted          => 0
        @stream SELECT 5
        @stream SET k v
        @stream RPUSH l 2 1
        @stream SORT l STORE sorted
        @stream SORT nosuch STORE sorted
    ",
    );
}

#[test]
fn bits_and_sketches() {
    check(
        r"
        > SETBIT b 7 1                      => 0
        > BITFIELD b SET u8 0 5             => [1]
        > BITFIELD b GET u8 0               => [5]
        > BITOP NOT c b                     => 1
        > PFADD p a b                       => 1
        > PFADD p a                         => 0
        > PFMERGE q p                       => OK
        @stream SELECT 0
        @stream SETBIT b 7 1
        @stream BITFIELD b SET u8 0 5
        @stream BITOP NOT c b
        @stream PFADD p a b
        @stream PFMERGE q p
    ",
    );
}

#[test]
fn lists_say_which_end_was_popped() {
    check(
        r"
        > RPUSH l 1 2 3 4 5 6 7 8           => 8
        > LPOP l                            => '1'
        > LPOP l 2                          => ['2', '3']
        > LMPOP 1 l RIGHT COUNT 2           => ['l', ['8', '7']]
        > LMOVE l m LEFT RIGHT              => '4'
        > RPOPLPUSH l m                     => '6'
        > BRPOPLPUSH l m 0                  => '5'
        > BLMOVE m l LEFT LEFT 0            => '5'
        > LINSERT m BEFORE 4 x              => 3
        > LREM m 0 x                        => 1
        > LREM m 0 x                        => 0
        > LTRIM m 0 0                       => OK
        > LSET m 0 9                        => OK
        > BLPOP m 0                         => ['m', '9']
        > LPUSHX m 1                        => 0
        @stream SELECT 0
        @stream RPUSH l 1 2 3 4 5 6 7 8
        @stream LPOP l
        @stream LPOP l 2
        @stream RPOP l 2
        @stream LMOVE l m LEFT RIGHT
        @stream RPOPLPUSH l m
        @stream RPOPLPUSH l m
        @stream LMOVE m l LEFT LEFT
        @stream LINSERT m BEFORE 4 x
        @stream LREM m 0 x
        @stream LTRIM m 0 0
        @stream LSET m 0 9
        @stream LPOP m
    ",
    );
}

#[test]
fn who_waited_is_told_of_behind_who_made_it_ready() {
    check(
        r"
        A> BLPOP l 0                        => (blocked)
        B> RPUSH l a b                      => 2
        A:                                  => ['l', 'a']
        @stream SELECT 0
        @stream RPUSH l a b
        @stream LPOP l
        A> BLMOVE m n LEFT RIGHT 0          => (blocked)
        B> MULTI                            => OK
        B> RPUSH m x                        => QUEUED
        B> SET k v                          => QUEUED
        B> EXEC                             => [1, OK]
        A:                                  => 'x'
        @stream MULTI
        @stream RPUSH m x
        @stream SET k v
        @stream EXEC
        @stream LMOVE m n LEFT RIGHT
        A> BZPOPMIN z 0                     => (blocked)
        B> ZADD z 1 a 2 b                   => 2
        A:                                  => ['z', 'a', (double) 1]
        A> BLMPOP 0 2 q r LEFT COUNT 2      => (blocked)
        B> LPUSH r 1 2 3                    => 3
        A:                                  => ['r', ['3', '2']]
        @stream ZADD z 1 a 2 b
        @stream ZPOPMIN z
        @stream LPUSH r 1 2 3
        @stream LPOP r 2
    ",
    );
}

#[test]
fn sets_leave_nothing_to_chance() {
    check(
        r"
        > SADD s a                          => 1
        > SPOP s                            => 'a'
        > SADD s a b                        => 2
        > SPOP s 5                          => ~{'a', 'b'}
        > SADD s a b                        => 2
        > SADD s a                          => 0
        > SMOVE s t a                       => 1
        > SMOVE s t a                       => 0
        > SUNIONSTORE u s t                 => 2
        > SINTERSTORE u s t                 => 0
        > SINTERSTORE u s t                 => 0
        > SREM s b                          => 1
        @stream SELECT 0
        @stream SADD s a
        @stream SREM s a
        @stream SADD s a b
        @stream * s
        @stream SADD s a b
        @stream SMOVE s t a
        @stream SUNIONSTORE u s t
        @stream SINTERSTORE u s t
        @stream SREM s b
    ",
    );
}

#[test]
fn sorted_sets_and_places() {
    check(
        r"
        > ZADD z 1 a 2 b 3 c 4 d 5 e 6 f    => 6
        > ZADD z XX GT 1 a                  => 0
        > ZINCRBY z 1.5 a                   => (double) 2.5
        > ZADD z INCR 2 a                   => (double) 4.5
        > ZPOPMAX z                         => ['f', (double) 6]
        > ZMPOP 1 z MIN COUNT 1             => ['z', [['b', (double) 2]]]
        > BZPOPMIN z 0                      => ['z', 'c', (double) 3]
        > BZMPOP 0 1 z MAX                  => ['z', [['e', (double) 5]]]
        > ZUNIONSTORE y 1 z                 => 2
        > ZRANGESTORE x z 0 -1              => 2
        > ZREMRANGEBYRANK z 0 0             => 1
        > ZREM z nosuch                     => 0
        @stream SELECT 0
        @stream ZADD z 1 a 2 b 3 c 4 d 5 e 6 f
        @stream ZINCRBY z 1.5 a
        @stream ZADD z INCR 2 a
        @stream ZPOPMAX z
        @stream ZPOPMIN z 1
        @stream ZPOPMIN z
        @stream ZPOPMAX z 1
        @stream ZUNIONSTORE y 1 z
        @stream ZRANGESTORE x z 0 -1
        @stream ZREMRANGEBYRANK z 0 0
        > GEOADD g 13.361389 38.115556 P    => 1
        > GEOSEARCHSTORE h g FROMLONLAT 15 37 BYRADIUS 200 km => 1
        @stream ZADD g * P
        @stream GEOSEARCHSTORE h g FROMLONLAT 15 37 BYRADIUS 200 km
    ",
    );
}

#[test]
fn hashes_name_the_moment_at_which_fields_expire() {
    check(
        r"
        @since 8.0
        @only redis ochre
        > HSET h f 1 g 2                    => 2
        > HINCRBY h f 2                     => 3
        > HINCRBYFLOAT h f 0.5              => '3.5'
        > HSETNX h f 1                      => 0
        > HSETNX h i 1                      => 1
        > HMSET h a 1 b 2                   => OK
        > HDEL h a nosuch                   => 1
        @stream SELECT 0
        @stream HSET h f 1 g 2
        @stream HINCRBY h f 2
        @stream HSETEX h KEEPTTL FIELDS 1 f 3.5
        @stream HSETNX h i 1
        @stream HMSET h a 1 b 2
        @stream HDEL h a nosuch
        > HEXPIRE h 100 FIELDS 1 f          => [1]
        > HPEXPIREAT h 9999999999999 FIELDS 1 f => [1]
        > HEXPIRE h 100 FIELDS 1 nosuch     => [-2]
        > HPERSIST h FIELDS 1 f             => [1]
        > HEXPIRE h 0 FIELDS 1 f            => [2]
        > HSETEX h EX 100 FIELDS 1 q v      => 1
        > HGETEX h EX 200 FIELDS 1 q        => ['v']
        > HGETEX h PERSIST FIELDS 1 q       => ['v']
        > HGETDEL h FIELDS 1 q              => ['v']
        > HSETEX h FNX EX 100 FIELDS 2 x 1 y 2 => 1
        > HSETEX h EXAT 1 FIELDS 1 x 2      => 1
        @stream HPEXPIREAT h * FIELDS 1 f
        @stream HPEXPIREAT h 9999999999999 FIELDS 1 f
        @stream HPERSIST h FIELDS 1 f
        @stream HDEL h f
        @stream HSETEX h PXAT * FIELDS 1 q v
        @stream HPEXPIREAT h * FIELDS 1 q
        @stream HPERSIST h FIELDS 1 q
        @stream HDEL h q
        @stream HSETEX h FNX PXAT * FIELDS 2 x 1 y 2
        @stream HDEL h x
    ",
    );
}

#[test]
fn streams_name_ids_and_deliveries() {
    check(
        r"
        @since 8.0 valkey 9.0
        > XADD s 1-1 f v                    => '1-1'
        > XADD s MAXLEN ~ 1 2-1 f v         => '2-1'
        > XADD s MAXLEN 2 3-1 f v           => '3-1'
        > XADD s * f v                      => *
        > XDEL s 1-1                        => 0
        > XGROUP CREATE s g 0               => OK
        > XGROUP CREATE s g 0               => (error) BUSYGROUP Consumer Group name already exists
        > XGROUP CREATECONSUMER s g i       => 1
        > XGROUP DELCONSUMER s g i          => 0
        @stream SELECT 0
        @stream XADD s 1-1 f v
        @stream XADD s MAXLEN = 2 2-1 f v
        @stream XADD s MAXLEN 2 3-1 f v
        @stream XADD s * f v
        @stream XGROUP CREATE s g 0
        @stream XGROUP CREATECONSUMER s g i
        @stream XGROUP DELCONSUMER s g i
        > XREADGROUP GROUP g c COUNT 1 STREAMS s > => pairs {'s': [['2-1', ['f', 'v']]]}
        > XREADGROUP GROUP g d NOACK COUNT 1 STREAMS s > => pairs {'s': [['3-1', ['f', 'v']]]}
        > XACK s g 3-1                      => 0
        > XCLAIM s g e 0 2-1                => [['2-1', ['f', 'v']]]
        > XAUTOCLAIM s g i 0 0              => ['0-0', [['2-1', ['f', 'v']]], []]
        > XACK s g 2-1                      => 1
        @stream MULTI
        @stream XCLAIM s g c 0 2-1 TIME * RETRYCOUNT 1 FORCE JUSTID LASTID 2-1
        @stream XGROUP SETID s g 2-1 ENTRIESREAD 2
        @stream EXEC
        @stream MULTI
        @stream XGROUP CREATECONSUMER s g d
        @stream XGROUP SETID s g 3-1 ENTRIESREAD 3
        @stream EXEC
        @stream XCLAIM s g e 0 2-1 TIME * RETRYCOUNT 2 FORCE JUSTID LASTID 3-1
        @stream XCLAIM s g i 0 2-1 TIME * RETRYCOUNT 3 FORCE JUSTID LASTID 3-1
        @stream XACK s g 2-1
        > XGROUP CREATE t g $ MKSTREAM      => OK
        > XGROUP CREATECONSUMER t g c       => 1
        A> XREADGROUP GROUP g c BLOCK 0 STREAMS t > => (blocked)
        > XADD t 5-5 f v                    => '5-5'
        A:                                  => pairs {'t': [['5-5', ['f', 'v']]]}
        > XGROUP SETID t g $                => OK
        > XSETID t 9-9                      => OK
        > XTRIM t MAXLEN 0                  => 1
        > XTRIM t MAXLEN 0                  => 0
        > XGROUP DESTROY t g                => 1
        @stream XGROUP CREATE t g $ MKSTREAM
        @stream XGROUP CREATECONSUMER t g c
        @stream XADD t 5-5 f v
        @stream MULTI
        @stream XCLAIM t g c 0 5-5 TIME * RETRYCOUNT 1 FORCE JUSTID LASTID 5-5
        @stream XGROUP SETID t g 5-5 ENTRIESREAD 1
        @stream EXEC
        @stream XGROUP SETID t g $
        @stream XSETID t 9-9
        @stream XTRIM t MAXLEN 0
        @stream XGROUP DESTROY t g
    ",
    );
}

#[test]
fn what_scripts_and_transactions_did_is_one() {
    check(
        r##"
        > SELECT 5                          => OK
        > MULTI                             => OK
        > SET a 1                           => QUEUED
        > SELECT 6                          => QUEUED
        > SET b 1                           => QUEUED
        > EXEC                              => [OK, OK, OK]
        > MULTI                             => OK
        > SET b 2                           => QUEUED
        > GET b                             => QUEUED
        > EXEC                              => [OK, '2']
        > MULTI                             => OK
        > GET b                             => QUEUED
        > EXEC                              => ['2']
        @stream SELECT 5
        @stream MULTI
        @stream SET a 1
        @stream SELECT 6
        @stream SET b 1
        @stream EXEC
        @stream SET b 2
        > EVAL "redis.call('set','a',1)" 0 => (nil)
        > EVAL "redis.call('set','a',1) redis.call('spop','s') redis.call('set','b',1)" 0 => (nil)
        @stream set a 1
        @stream MULTI
        @stream set a 1
        @stream set b 1
        @stream EXEC
        > EVAL "redis.set_repl(redis.REPL_NONE) redis.call('set','a',1) redis.set_repl(redis.REPL_ALL) redis.call('set','a',1)" 0 => (nil)
        > EVAL "return redis.call('publish','c','m')" 0 => 0
        > MULTI                             => OK
        > EVAL "redis.call('set','a',1) redis.call('set','b',1)" 0 => QUEUED
        > SET q 1                           => QUEUED
        > EXEC                              => [(nil), OK]
        > SCRIPT LOAD 'return 1'            => 'e0e1f9fabfc9d4800c877a703b823ac0578ff8db'
        > SCRIPT FLUSH                      => OK
        @stream set a 1
        @stream publish c m
        @stream MULTI
        @stream set a 1
        @stream set b 1
        @stream SET q 1
        @stream EXEC
        > FUNCTION LOAD "#!lua name=l\nredis.register_function('f', function() redis.call('set', 'z', 1) end)" => 'l'
        > FCALL f 0                         => (nil)
        > FUNCTION DELETE l                 => OK
        > FUNCTION FLUSH                    => OK
        > PUBLISH c m                       => 0
        > SPUBLISH c m                      => 0
        @stream FUNCTION LOAD *
        @stream set z 1
        @stream FUNCTION DELETE l
        @stream FUNCTION FLUSH
        @stream PUBLISH c m
        @stream SPUBLISH c m
    "##,
    );
}

#[test]
fn what_expires_or_makes_room_is_removed_by_name() {
    check(
        r"
        @skip-lens restore its own commands are refused
        @config lazyfree-lazy-expire no
        @config lazyfree-lazy-eviction no
        > SET k v PX 50                     => OK
        @stream SELECT 0
        @stream SET k v PXAT *
        @now +400ms
        > PING                              => PONG
        @stream DEL k
        @config lazyfree-lazy-expire yes
        > SET k v PX 50                     => OK
        @now +400ms
        > PING                              => PONG
        @stream SET k v PXAT *
        @stream UNLINK k
        > SET k v                           => OK
        > CONFIG SET maxmemory-policy allkeys-lru => OK
        > CONFIG SET maxmemory 1            => OK
        > GET k                             => (nil)
        > CONFIG SET maxmemory 0            => OK
        @stream SET k v
        @stream DEL k
        @config lazyfree-lazy-eviction yes
        > SET k v                           => OK
        > CONFIG SET maxmemory 1            => OK
        > GET k                             => (nil)
        > CONFIG SET maxmemory 0            => OK
        @stream SET k v
        @stream UNLINK k
    ",
    );
}
