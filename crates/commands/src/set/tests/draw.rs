//! SPOP and SRANDMEMBER.

use server::testing::check;

use crate::told::{check_changes, check_told};

#[test]
fn spop_takes_members_away() {
    check(
        r"
        > SPOP s                        => (nil)
        > SPOP s 1                      => ~{}
        > SPOP s 0                      => ~{}
        > SADD s a                      => 1
        > SPOP s                        => 'a'
        > EXISTS s                      => 0
        > SADD s a b c                  => 3
        > SPOP s 0                      => ~{}
        > SCARD s                       => 3
        > SPOP s 2                      => ~{one of ['a', 'b', 'c'], one of ['a', 'b', 'c']}
        > SCARD s                       => 1
        > SADD s a b c                  => 2
        > SPOP s 9223372036854775807    => ~{'a', 'b', 'c'}
        > EXISTS s                      => 0
        > SADD s 1 2 3                  => 3
        > SPOP s 3                      => ~{'1', '2', '3'}
        > EXISTS s                      => 0
        ",
    );
}

#[test]
fn spop_reads_its_count_before_it_looks_at_the_key() {
    check(
        r"
        > SET str x                     => OK
        > SPOP str                      => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > SPOP str 0                    => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > SPOP str 1                    => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > SPOP str -1                   => (error) ERR value is out of range, must be positive
        > SPOP str x                    => (error) ERR value is out of range, must be positive
        > SPOP nosuch -1                => (error) ERR value is out of range, must be positive
        > SPOP nosuch 9223372036854775808   => (error) ERR value is out of range, must be positive
        > SPOP nosuch 1 2               => (error) ERR syntax error
        > SPOP nosuch x 2               => (error) ERR syntax error
        > SPOP                          => (error) ERR wrong number of arguments for 'spop' command
        ",
    );
}

#[test]
fn what_spop_drew_is_propagated_as_srem() {
    check_told(&[
        ("SPOP s", "", ""),
        ("SPOP s 2", "", ""),
        ("SADD s a", "sadd:s", "="),
        ("SPOP s", "spop:s del:s", "SREM s a"),
        ("SADD s a b", "sadd:s", "="),
        ("SPOP s 0", "", ""),
        ("SPOP s 2", "spop:s del:s", "DEL s"),
        ("SADD s 7", "sadd:s", "="),
        ("SPOP s 1", "spop:s del:s", "DEL s"),
    ]);
    check_changes(&[("SADD s a b c d", 4), ("SPOP s 2", 2), ("SPOP s", 1), ("SPOP s 9", 1), ("SPOP s 9", 0)]);
}

#[test]
fn srandmember_leaves_them() {
    check(
        r"
        > SRANDMEMBER s                 => (nil)
        > SRANDMEMBER s 3               => []
        > SRANDMEMBER s -3              => []
        > SADD s a b                    => 2
        > SRANDMEMBER s                 => one of ['a', 'b']
        > SRANDMEMBER s 1               => [one of ['a', 'b']]
        > SRANDMEMBER s 0               => []
        > SRANDMEMBER s 5               => unordered ['a', 'b']
        > SRANDMEMBER s 9223372036854775807  => unordered ['a', 'b']
        > SREM s b                      => 1
        > SRANDMEMBER s -3              => ['a', 'a', 'a']
        > SCARD s                       => 1
        ",
    );
}

#[test]
fn srandmember_reads_its_count_before_it_looks_at_the_key() {
    check(
        r"
        > SET str x                     => OK
        > SRANDMEMBER str               => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > SRANDMEMBER str 1             => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > SRANDMEMBER str x             => (error) ERR value is not an integer or out of range
        > SRANDMEMBER nosuch x          => (error) ERR value is not an integer or out of range
        > SRANDMEMBER nosuch 1 2        => (error) ERR syntax error
        > SRANDMEMBER                   => (error) ERR wrong number of arguments for 'srandmember' command
        ",
    );
    check(
        r"
        @since 7.0
        > SRANDMEMBER nosuch -9223372036854775808   => (error) ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807
        ",
    );
}

#[test]
fn srandmember_refuses_what_no_memory_would_hold() {
    check(
        r"
        @only ochre
        > SADD s a                      => 1
        > SRANDMEMBER s -268435457      => (error) ERR value is out of range
        > SRANDMEMBER s -4611686018427387904  => (error) ERR value is out of range
        ",
    );
}
