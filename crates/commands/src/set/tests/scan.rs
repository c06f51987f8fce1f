//! SSCAN.

use server::testing::check;

#[test]
fn sscan_tells_the_members_that_match() {
    check(
        r"
        > SADD s a b ab 12              => 4
        > SSCAN s 0                     => ['0', unordered ['a', 'b', 'ab', '12']]
        > SSCAN s 0 COUNT 100           => ['0', unordered ['a', 'b', 'ab', '12']]
        > SSCAN s 0 MATCH a* COUNT 100  => ['0', unordered ['a', 'ab']]
        > SSCAN s 0 match 1?            => ['0', ['12']]
        > SSCAN s 0 COUNT 9223372036854775807   => ['0', unordered ['a', 'b', 'ab', '12']]
        > SSCAN nosuch 0                => ['0', []]
        > SSCAN nosuch 5                => ['0', []]
        ",
    );
}

#[test]
fn a_missing_key_is_answered_before_the_options_are_read() {
    check(
        r"
        > SET str x                     => OK
        > SADD s a                      => 1
        > SSCAN nosuch x                => (error) ERR invalid cursor
        > SSCAN nosuch 0 COUNT x        => ['0', []]
        > SSCAN nosuch 0 FOO            => ['0', []]
        > SSCAN str x                   => (error) ERR invalid cursor
        > SSCAN str 0 FOO               => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > SSCAN s 0 FOO                 => (error) ERR syntax error
        > SSCAN s 0 TYPE string         => (error) ERR syntax error
        > SSCAN s 0 COUNT               => (error) ERR syntax error
        > SSCAN s 0 COUNT 0             => (error) ERR syntax error
        > SSCAN s 0 COUNT x             => (error) ERR value is not an integer or out of range
        > SSCAN s                       => (error) ERR wrong number of arguments for 'sscan' command
        ",
    );
    check(
        r"
        @since 8.0 valkey 9.0
        > SADD s a                      => 1
        > SSCAN s -1                    => (error) ERR invalid cursor
        > SSCAN s 18446744073709551616  => (error) ERR invalid cursor
        > SSCAN s 0 NOVALUES            => (error) ERR NOVALUES option can only be used in HSCAN
        ",
    );
}
