//! SADD, SREM, SMOVE and the questions to one set.

use server::testing::check;

use crate::told::{check_changes, check_counted, check_told};

#[test]
fn members_come_and_go() {
    check(
        r"
        > SADD s a b a c                => 3
        > SADD s a                      => 0
        > SADD s a d                    => 1
        > SCARD s                       => 4
        > SMEMBERS s                    => ~{'a', 'b', 'c', 'd'}
        > SISMEMBER s a                 => 1
        > SISMEMBER s z                 => 0
        > SMISMEMBER s b zz c b         => [1, 0, 1, 1]
        > SREM s a zz                   => 1
        > SREM s zz                     => 0
        > SREM s b c d                  => 3
        > EXISTS s                      => 0
        > SREM s a                      => 0
        > TYPE s                        => none
        > SCARD s                       => 0
        > SMEMBERS s                    => ~{}
        > SISMEMBER s a                 => 0
        > SMISMEMBER s a b              => [0, 0]
        > SADD s ''                     => 1
        > SISMEMBER s ''                => 1
        > TYPE s                        => set
        > SADD n 10 010 -0 0 9223372036854775807 9223372036854775808  => 6
        > SISMEMBER n 10                => 1
        > SISMEMBER n +10               => 0
        > SISMEMBER n -0                => 1
        > SREM n 010                    => 1
        > SISMEMBER n 10                => 1
        ",
    );
}

#[test]
fn the_deadline_stays() {
    check(
        r"
        > SADD s a                      => 1
        > EXPIRE s 100                  => 1
        > SADD s b                      => 1
        > SREM s a                      => 1
        > TTL s                         => 100
        @now +101s
        > SCARD s                       => 0
        > SADD s c                      => 1
        > TTL s                         => -1
        > SMEMBERS s                    => ~{'c'}
        ",
    );
}

#[test]
fn compact_sets_have_an_order() {
    check(
        r"
        @since 7.2
        @resp2
        @skip-lens encodings a hash table has no order
        > SADD i 3 1 2 -5               => 4
        > SMEMBERS i                    =>2 ['-5', '1', '2', '3']
        > SADD l b 3 a 1                => 4
        > SMEMBERS l                    =>2 ['b', '3', 'a', '1']
        > SADD m 3 1 a                  => 3
        > SMEMBERS m                    =>2 ['1', '3', 'a']
        ",
    );
}

#[test]
fn a_member_moves_to_another_set() {
    check(
        r"
        > SADD s a b c                  => 3
        > SMOVE s t a                   => 1
        > SMEMBERS t                    => ~{'a'}
        > SMOVE s t zz                  => 0
        > SMOVE s s b                   => 1
        > SMOVE s s zz                  => 0
        > SADD t b                      => 1
        > SMOVE s t b                   => 1
        > SMEMBERS s                    => ~{'c'}
        > SMOVE s t c                   => 1
        > EXISTS s                      => 0
        > SMOVE s t c                   => 0
        > SCARD t                       => 3
        > SET str x                     => OK
        > SMOVE s str a                 => 0
        > SMOVE t str zz                => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > SMOVE t str a                 => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > SMOVE str t a                 => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > SMOVE str str a               => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > SMEMBERS t                    => ~{'a', 'b', 'c'}
        > SMOVE s t                     => (error) ERR wrong number of arguments for 'smove' command
        ",
    );
}

#[test]
fn wrong_types_and_numbers_of_arguments_are_refused() {
    check(
        r"
        > SET str x                     => OK
        > SADD str a                    => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > SREM str a                    => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > SISMEMBER str a               => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > SMISMEMBER str a              => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > SCARD str                     => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > SMEMBERS str                  => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > GET str                       => 'x'
        > SADD s a                      => 1
        > GET s                         => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > SADD s                        => (error) ERR wrong number of arguments for 'sadd' command
        > SREM s                        => (error) ERR wrong number of arguments for 'srem' command
        > SISMEMBER s                   => (error) ERR wrong number of arguments for 'sismember' command
        > SISMEMBER s a b               => (error) ERR wrong number of arguments for 'sismember' command
        > SMISMEMBER s                  => (error) ERR wrong number of arguments for 'smismember' command
        > SCARD s s                     => (error) ERR wrong number of arguments for 'scard' command
        > SMEMBERS                      => (error) ERR wrong number of arguments for 'smembers' command
        ",
    );
}

#[test]
fn changes_are_told_and_counted() {
    check_told(&[
        ("SADD s a b c", "sadd:s", "="),
        ("SADD s a", "", ""),
        ("SREM s zz", "", ""),
        ("SREM s a zz", "srem:s", "="),
        ("SREM s b c", "srem:s del:s", "="),
        ("SADD s a b c", "sadd:s", "="),
        ("SMOVE s t a", "srem:s sadd:t", "="),
        ("SMOVE s t zz", "", ""),
        ("SMOVE s s b", "", ""),
        ("SADD t b", "sadd:t", "="),
        ("SMOVE s t b", "srem:s", "="),
        ("SMOVE s t c", "srem:s del:s sadd:t", "="),
        ("SMOVE nosuch t c", "", ""),
    ]);
    check_changes(&[("SADD s a b c", 3), ("SADD s a d", 1), ("SREM s a b zz", 2), ("SMOVE s t c", 2), ("SREM t c", 1)]);
    check_counted(&[
        ("SADD s a b", 0, 0),
        ("SREM s a", 0, 0),
        ("SMEMBERS s", 1, 0),
        ("SCARD nosuch", 0, 1),
        ("SISMEMBER s a", 1, 0),
        ("SMISMEMBER nosuch a", 0, 1),
        ("SMOVE s t b", 0, 0),
    ]);
}
