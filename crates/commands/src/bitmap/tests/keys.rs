//! Bitmaps are strings: what holds of keys in general, and what string commands see.

use server::testing::check;

#[test]
fn changing_bits_keeps_the_time_to_live() {
    check(
        r"
        > SET k a EX 100                  => OK
        > SETBIT k 6 1                    => 0
        > TTL k                           => 100
        > SETBIT k 30 1                   => 0
        > TTL k                           => 100
        > BITFIELD k SET u8 0 1 INCRBY u8 #9 1 => [99, 1]
        > TTL k                           => 100
        > SETBIT fresh 0 1                => 0
        > TTL fresh                       => -1
        > BITFIELD fresh2 SET u8 0 1      => [0]
        > TTL fresh2                      => -1
    ",
    );
}

#[test]
fn bitop_clears_the_time_to_live_and_copies_none() {
    check(
        r"
        > SET a abc EX 100                => OK
        > SET d old EX 50                 => OK
        > BITOP NOT d a                   => 3
        > TTL d                           => -1
        > TTL a                           => 100
        > BITOP OR a a d                  => 3
        > TTL a                           => -1
    ",
    );
}

#[test]
fn an_expired_bitmap_is_gone() {
    check(
        r"
        > SET k abc PX 500                => OK
        @now +1s
        > GETBIT k 1                      => 0
        > BITCOUNT k                      => 0
        > BITPOS k 1                      => -1
        > BITPOS k 0 2                    => 0
        > BITFIELD k GET u8 0             => [0]
        > BITFIELD_RO k GET u8 0          => [0]
        > SET k abc PX 500                => OK
        @now +1s
        > BITOP NOT d k                   => 0
        > EXISTS d                        => 0
        > SET k abc PX 500                => OK
        @now +1s
        > SETBIT k 7 1                    => 0
        > GET k                           => '\x01'
        > TTL k                           => -1
        > SET k abc PX 500                => OK
        @now +1s
        > BITFIELD k INCRBY u8 8 1        => [1]
        > GET k                           => '\x00\x01'
        > TTL k                           => -1
    ",
    );
}

#[test]
fn string_commands_see_the_bytes() {
    check(
        r"
        > SETBIT k 1 1                    => 0
        > SETBIT k 2 1                    => 0
        > SETBIT k 10 1                   => 0
        > SETBIT k 11 1                   => 0
        > GET k                           => '`0'
        > APPEND k !                      => 3
        > GETBIT k 18                     => 1
        > SETRANGE k 5 x                  => 6
        > BITPOS k 1 3                    => 41
        > GETRANGE k 0 1                  => '`0'
        > STRLEN k                        => 6
        > SET k 7                         => OK
        > SETBIT k 7 0                    => 1
        > GET k                           => '6'
        > INCR k                          => 7
        > OBJECT ENCODING k               => 'int'
        > GETSET k abc                    => '7'
        > BITCOUNT k                      => 10
        > GETDEL k                        => 'abc'
        > BITCOUNT k                      => 0
    ",
    );
}

#[test]
fn a_bitmap_moves_as_other_keys_do() {
    check(
        r"
        > SETBIT k 9 1                    => 0
        > EXPIRE k 100                    => 1
        > RENAME k other                  => OK
        > GETBIT other 9                  => 1
        > GETBIT k 9                      => 0
        > TTL other                       => 100
        > COPY other k                    => 1
        > SETBIT k 9 0                    => 1
        > GETBIT other 9                  => 1
        > BITCOUNT k                      => 0
        > DEL k other                     => 2
        > BITPOS k 1                      => -1
    ",
    );
}

#[test]
fn the_source_of_a_copy_keeps_its_bits() {
    check(
        r"
        > SET a ${a*300}                  => OK
        > COPY a b                        => 1
        > BITFIELD b SET u8 #299 98       => [97]
        > GETRANGE a -1 -1                => 'a'
        > GETRANGE b -1 -1                => 'b'
        > BITOP OR c a                    => 300
        > SETBIT c 7 0                    => 1
        > GETBIT a 7                      => 1
    ",
    );
}

#[test]
fn databases_have_bits_of_their_own() {
    check(
        r"
        > SETBIT k 3 1                    => 0
        > SELECT 1                        => OK
        > GETBIT k 3                      => 0
        > SETBIT k 4 1                    => 0
        > BITCOUNT k                      => 1
        > SELECT 0                        => OK
        > BITPOS k 1                      => 3
        > MOVE k 2                        => 1
        > BITCOUNT k                      => 0
        > SELECT 2                        => OK
        > BITPOS k 1                      => 3
    ",
    );
}

#[test]
fn a_key_may_hold_any_bytes_and_be_empty() {
    check(
        r#"
        > SETBIT "a\r\n\x00b" 3 1         => 0
        > GETBIT "a\r\n\x00b" 3           => 1
        > SETBIT "" 0 1                   => 0
        > GETBIT "" 0                     => 1
        > BITOP OR "" "" "a\r\n\x00b"     => 1
        > GET ""                          => '\x90'
    "#,
    );
}

#[test]
fn a_bitmap_survives_being_dumped_in_every_size() {
    check(
        r"
        > SETBIT small 3 1                => 0
        > SETBIT middle 700 1             => 0
        > SETBIT large 80000 1            => 0
        > BITOP NOT full large            => 10001
        > BITCOUNT full                   => 80007
        > BITPOS full 0                   => 80000
        > BITPOS large 1                  => 80000
        > BITPOS middle 1                 => 700
        > GET small                       => '\x10'
    ",
    );
}
