//! Intersections, unions, differences: listed, stored, counted.

use server::testing::check;

use crate::told::{check_changes, check_counted, check_told};

#[test]
fn sets_are_combined() {
    check(
        r"
        > SADD a 1 2 3 x y              => 5
        > SADD b 2 3 4 x                => 4
        > SADD c 3 x z                  => 3
        > SADD i 1 2 3                  => 3
        > SINTER a                      => ~{'1', '2', '3', 'x', 'y'}
        > SINTER a b                    => ~{'2', '3', 'x'}
        > SINTER a b c                  => ~{'3', 'x'}
        > SINTER a i                    => ~{'1', '2', '3'}
        > SINTER a nosuch               => ~{}
        > SINTER nosuch a               => ~{}
        > SINTER a a                    => ~{'1', '2', '3', 'x', 'y'}
        > SUNION a                      => ~{'1', '2', '3', 'x', 'y'}
        > SUNION a b                    => ~{'1', '2', '3', '4', 'x', 'y'}
        > SUNION i b c nosuch a         => ~{'1', '2', '3', '4', 'x', 'y', 'z'}
        > SUNION i i                    => ~{'1', '2', '3'}
        > SUNION nosuch                 => ~{}
        > SDIFF a                       => ~{'1', '2', '3', 'x', 'y'}
        > SDIFF a b                     => ~{'1', 'y'}
        > SDIFF b a                     => ~{'4'}
        > SDIFF a b c i                 => ~{'y'}
        > SDIFF a c c c c c c           => ~{'1', '2', 'y'}
        > SDIFF a a                     => ~{}
        > SDIFF a nosuch                => ~{'1', '2', '3', 'x', 'y'}
        > SDIFF nosuch a                => ~{}
        > SINTER                        => (error) ERR wrong number of arguments for 'sinter' command
        > SUNION                        => (error) ERR wrong number of arguments for 'sunion' command
        > SDIFF                         => (error) ERR wrong number of arguments for 'sdiff' command
        ",
    );
}

#[test]
fn results_are_stored_in_place_of_anything() {
    check(
        r"
        > SADD a 1 2 3                  => 3
        > SADD b 2 3 4                  => 3
        > SET d x EX 100                => OK
        > SINTERSTORE d a b             => 2
        > TTL d                         => -1
        > SMEMBERS d                    => ~{'2', '3'}
        > SUNIONSTORE d a b             => 4
        > SMEMBERS d                    => ~{'1', '2', '3', '4'}
        > SDIFFSTORE d a b              => 1
        > SMEMBERS d                    => ~{'1'}
        > SDIFFSTORE a a b              => 1
        > SMEMBERS a                    => ~{'1'}
        > SUNIONSTORE b a b             => 4
        > SINTERSTORE d a nosuch        => 0
        > EXISTS d                      => 0
        > SET d x                       => OK
        > SDIFFSTORE d nosuch a         => 0
        > EXISTS d                      => 0
        > SUNIONSTORE d nosuch          => 0
        > SINTERSTORE d                 => (error) ERR wrong number of arguments for 'sinterstore' command
        > SUNIONSTORE d                 => (error) ERR wrong number of arguments for 'sunionstore' command
        > SDIFFSTORE d                  => (error) ERR wrong number of arguments for 'sdiffstore' command
        ",
    );
}

#[test]
fn every_key_is_looked_at() {
    check(
        r"
        @since 7.0
        > SET str x                     => OK
        > SADD s a                      => 1
        > SINTER nosuch str             => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > SINTER s nosuch str           => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > SUNION nosuch str             => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > SDIFF nosuch str              => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > SDIFF str nosuch              => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > SINTERSTORE d nosuch str      => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > SUNIONSTORE s str             => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > SDIFFSTORE s s str            => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > SINTERCARD 2 nosuch str       => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > SMEMBERS s                    => ~{'a'}
        ",
    );
}

#[test]
fn sintercard_counts_up_to_its_limit() {
    check(
        r"
        @since 7.0
        > SADD a 1 2 3 x                => 4
        > SADD b 2 3 x y                => 4
        > SINTERCARD 1 a                => 4
        > SINTERCARD 2 a b              => 3
        > SINTERCARD 2 a b LIMIT 0      => 3
        > SINTERCARD 2 a b limit 2      => 2
        > SINTERCARD 2 a b LIMIT 100    => 3
        > SINTERCARD 2 a b LIMIT 1 LIMIT 2  => 2
        > SINTERCARD 2 a nosuch         => 0
        > SINTERCARD                    => (error) ERR wrong number of arguments for 'sintercard' command
        > SINTERCARD 0 a                => (error) ERR numkeys should be greater than 0
        > SINTERCARD x a                => (error) ERR numkeys should be greater than 0
        > SINTERCARD -1 a               => (error) ERR numkeys should be greater than 0
        > SINTERCARD 2 a                => (error) ERR Number of keys can't be greater than number of args
        > SINTERCARD 9223372036854775807 a   => (error) ERR Number of keys can't be greater than number of args
        > SINTERCARD 1 a LIMIT          => (error) ERR syntax error
        > SINTERCARD 1 a LIMIT x        => (error) ERR LIMIT can't be negative
        > SINTERCARD 1 a LIMIT -1       => (error) ERR LIMIT can't be negative
        > SINTERCARD 1 a b              => (error) ERR syntax error
        > SINTERCARD 1 a FOO 1          => (error) ERR syntax error
        ",
    );
}

#[test]
fn unions_and_differences_are_counted_too() {
    check(
        r"
        @since 8.10
        @only redis ochre
        > SADD a 1 2 3 x                => 4
        > SADD b 2 3 x y                => 4
        > SUNIONCARD 2 a b              => 5
        > SUNIONCARD 2 a b LIMIT 3      => 3
        > SUNIONCARD 2 a b APPROX       => 5
        > SUNIONCARD 2 a b APPROX LIMIT 2   => 2
        > SUNIONCARD 2 a b LIMIT 2 approx   => 2
        > SUNIONCARD 2 a nosuch         => 4
        > SDIFFCARD 2 a b               => 1
        > SDIFFCARD 2 b a               => 1
        > SDIFFCARD 1 a                 => 4
        > SDIFFCARD 1 a LIMIT 2         => 2
        > SDIFFCARD 2 nosuch a          => 0
        > SDIFFCARD 1 a APPROX          => (error) ERR syntax error
        > SDIFFCARD 0 a                 => (error) ERR numkeys should be greater than 0
        > SUNIONCARD 3 a b              => (error) ERR Number of keys can't be greater than number of args
        > SUNIONCARD 1 a LIMIT -1       => (error) ERR LIMIT can't be negative
        > SUNIONCARD 1 a LIMIT          => (error) ERR syntax error
        > SET str x                     => OK
        > SUNIONCARD 2 a str            => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > SDIFFCARD 2 nosuch str        => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        ",
    );
}

#[test]
fn stores_are_told_and_counted() {
    check_told(&[
        ("SADD u a b", "sadd:u", "="),
        ("SADD v b", "sadd:v", "="),
        ("SINTERSTORE d u v", "sinterstore:d", "="),
        ("SINTERSTORE d u nosuch", "del:d", "="),
        ("SINTERSTORE d u nosuch", "", ""),
        ("SUNIONSTORE d u v", "sunionstore:d", "="),
        ("SDIFFSTORE d u v", "sdiffstore:d", "="),
        ("SDIFFSTORE d v u", "del:d", "="),
        ("SINTER u v", "", ""),
    ]);
    check_changes(&[("SADD u a b", 2), ("SUNIONSTORE d u", 1), ("SINTERSTORE d u nosuch", 1), ("SDIFFSTORE d d", 0)]);
    check_counted(&[
        ("SADD u a b", 0, 0),
        ("SINTERSTORE d u nosuch", 1, 1),
        ("SUNIONSTORE d u u", 2, 0),
        ("SINTER nosuch u", 1, 1),
        ("SINTERCARD 2 u nosuch", 1, 1),
        ("SDIFF nosuch u", 1, 1),
    ]);
}
