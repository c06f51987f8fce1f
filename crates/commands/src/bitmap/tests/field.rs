//! BITFIELD and BITFIELD_RO.

use server::testing::check;

#[test]
fn integers_are_set_read_and_increased() {
    check(
        r#"
        > BITFIELD k SET u8 0 200 GET u8 0 INCRBY u8 0 5     => [0, 200, 205]
        > BITFIELD k GET i8 0 GET u4 0 GET u4 4 GET u1 0     => [-51, 12, 13, 1]
        > BITFIELD k set u5 7 23                             => [16]
        > GET k                                              => '\xcd\x70'
        > BITFIELD k GET u5 7 GET i5 7                       => [23, -9]
        > BITFIELD k INCRBY i5 100 1 GET u4 0                => [1, 12]
        > STRLEN k                                           => 14
        > SET s "\x01\x02\x03\x04\x05\x06\x07\x08\x09"       => OK
        > BITFIELD s GET i64 0 GET i64 8 GET u63 1           => [72623859790382856, 144964032628459529, 72623859790382856]
        > BITFIELD s GET i64 3 GET u63 9                     => [580990878323062848, 144964032628459529]
        > BITFIELD s SET i64 4 -1 GET i64 4                  => [1161981756646125696, -1]
        > GET s                                              => '\x0f\xff\xff\xff\xff\xff\xff\xff\xf9'
    "#,
    );
}

#[test]
fn a_hash_sign_counts_fields() {
    check(
        r#"
        > BITFIELD k SET i8 #0 100 SET i8 #1 200             => [0, 0]
        > GET k                                              => 'd\xc8'
        > BITFIELD k GET i8 #1 GET u4 #1 GET u16 #0 GET u3 #2 => [-56, 4, 25800, 1]
        > BITFIELD k GET u8 #536870911                       => [0]
        > BITFIELD k GET u8 #536870912                       => (error) ERR bit offset is not an integer or out of range
        > BITFIELD k GET u8 #-1                              => (error) ERR bit offset is not an integer or out of range
        > BITFIELD k GET u8 #                                => (error) ERR bit offset is not an integer or out of range
        > BITFIELD k GET u8 ##1                              => (error) ERR bit offset is not an integer or out of range
        > BITFIELD k GET u8 #x                               => (error) ERR bit offset is not an integer or out of range
        > BITFIELD k GET u63 #9223372036854775807            => (error) ERR bit offset is not an integer or out of range
    "#,
    );
}

#[test]
fn calls_that_only_read_make_no_key() {
    check(
        r"
        > BITFIELD k                                         => []
        > BITFIELD k GET u8 0                                => [0]
        > BITFIELD k GET u8 0 GET i64 4294967295             => [0, 0]
        > BITFIELD k OVERFLOW SAT                            => []
        > BITFIELD k OVERFLOW SAT OVERFLOW FAIL GET u2 3     => [0]
        > BITFIELD_RO k GET u8 0                             => [0]
        > EXISTS k                                           => 0
        > SET k a                                            => OK
        > BITFIELD k                                         => []
        > BITFIELD k GET u8 #5                               => [0]
        > BITFIELD k GET u16 4                               => [4096]
        > OBJECT ENCODING k                                  => 'embstr'
        > STRLEN k                                           => 1
    ",
    );
}

#[test]
fn writes_lengthen_the_string_as_far_as_they_reach() {
    check(
        r"
        > BITFIELD k SET u8 0 0                              => [0]
        > GET k                                              => '\x00'
        > BITFIELD k GET u8 900 INCRBY u8 300 1 SET u4 301 3 => [0, 1, 0]
        > STRLEN k                                           => 39
        > GETRANGE k 37 38                                   => '\x01\x90'
        > BITFIELD k SET u1 312 0                            => [0]
        > STRLEN k                                           => 40
        > BITFIELD k SET i64 321 0                           => [0]
        > STRLEN k                                           => 49
    ",
    );
}

#[test]
fn a_string_is_lengthened_for_a_write_that_then_fails() {
    check(
        r"
        > BITFIELD k OVERFLOW FAIL SET u8 100 256            => [(nil)]
        > STRLEN k                                           => 14
        > BITFIELD k OVERFLOW FAIL SET u8 200 256            => [(nil)]
        > STRLEN k                                           => 26
    ",
    );
}

#[test]
fn numbers_wrap_by_default() {
    check(
        r"
        > BITFIELD k SET u8 0 256 GET u8 0                   => [0, 0]
        > BITFIELD k SET u8 0 -1 GET u8 0                    => [0, 255]
        > BITFIELD k INCRBY u8 0 1                           => [0]
        > BITFIELD k INCRBY u8 0 -1                          => [255]
        > BITFIELD k INCRBY u8 0 300                         => [43]
        > BITFIELD k INCRBY u8 0 -300                        => [255]
        > BITFIELD k SET i8 0 128 GET i8 0                   => [-1, -128]
        > BITFIELD k SET i8 0 -129 GET i8 0                  => [-128, 127]
        > BITFIELD k INCRBY i8 0 1                           => [-128]
        > BITFIELD k INCRBY i8 0 -1                          => [127]
        > BITFIELD k INCRBY i8 0 9223372036854775807         => [126]
        > BITFIELD k INCRBY i8 0 -9223372036854775808        => [126]
        > BITFIELD k SET i64 0 9223372036854775807 INCRBY i64 0 1 INCRBY i64 0 -1 => [9079256848778919936, -9223372036854775808, 9223372036854775807]
        > BITFIELD k SET u63 1 9223372036854775807 INCRBY u63 1 1 INCRBY u63 1 -1 => [9223372036854775807, 0, 9223372036854775807]
        > BITFIELD k SET i1 0 0 INCRBY i1 0 1 INCRBY i1 0 1  => [0, -1, 0]
        > BITFIELD k SET u1 0 3 INCRBY u1 0 1                => [0, 0]
    ",
    );
}

#[test]
fn numbers_saturate_if_told() {
    check(
        r"
        > BITFIELD k OVERFLOW SAT SET u8 0 256 SET u8 8 -1 GET u16 0              => [0, 0, 65535]
        > BITFIELD k OVERFLOW sat INCRBY u8 0 -1000 INCRBY u8 0 100 INCRBY u8 0 1000 => [0, 100, 255]
        > BITFIELD k OVERFLOW SAT SET i8 0 128 GET i8 0 SET i8 0 -129 GET i8 0    => [-1, 127, 127, -128]
        > BITFIELD k OVERFLOW SAT INCRBY i8 0 1000 INCRBY i8 0 -1000              => [127, -128]
        > BITFIELD k OVERFLOW SAT SET i64 0 5 INCRBY i64 0 9223372036854775807    => [-9151595917793558528, 9223372036854775807]
        > BITFIELD k OVERFLOW SAT INCRBY i64 0 -9223372036854775808 INCRBY i64 0 -9223372036854775808 => [-1, -9223372036854775808]
        > BITFIELD k OVERFLOW SAT INCRBY u63 1 9223372036854775807 INCRBY u63 1 1 INCRBY u63 1 -9223372036854775808 => [9223372036854775807, 9223372036854775807, 0]
        > BITFIELD k OVERFLOW SAT SET u63 1 -1 SET i1 0 1 GET i64 0               => [0, -1, 9223372036854775807]
    ",
    );
}

#[test]
fn a_number_too_far_below_a_signed_field_saturates_at_its_greatest() {
    check(
        r"
        > BITFIELD k OVERFLOW SAT SET i8 0 -9223372036854775680 GET i8 0    => [0, -128]
        > BITFIELD k OVERFLOW SAT SET i8 0 -9223372036854775681 GET i8 0    => [-128, 127]
        > BITFIELD k OVERFLOW SAT SET i8 0 -9223372036854775808 GET i8 0    => [127, 127]
        > BITFIELD k OVERFLOW SAT SET i63 0 -4611686018427387905 GET i63 0  => [4575657221408423936, 4611686018427387903]
        > BITFIELD k OVERFLOW SAT SET i1 0 -9223372036854775807 GET i1 0    => [0, -1]
        > BITFIELD k OVERFLOW SAT SET i1 0 -9223372036854775808 GET i1 0    => [-1, 0]
        > BITFIELD k OVERFLOW SAT SET i64 0 -9223372036854775808 GET i64 0  => [9223372036854775806, -9223372036854775808]
        > BITFIELD k OVERFLOW SAT INCRBY i8 0 -9223372036854775808          => [-128]
    ",
    );
}

#[test]
fn numbers_that_overflow_fail_if_told() {
    check(
        r"
        > BITFIELD k SET u8 0 255 SET i8 8 -128                                   => [0, 0]
        > BITFIELD k OVERFLOW FAIL INCRBY u8 0 1 SET u8 0 256 SET u8 0 -1         => [(nil), (nil), (nil)]
        > BITFIELD k OVERFLOW fail INCRBY i8 8 -1 SET i8 8 128 SET i8 8 -129      => [(nil), (nil), (nil)]
        > BITFIELD k OVERFLOW FAIL INCRBY i64 0 9223372036854775807 INCRBY u63 1 -9223372036854775808 => [9187343239835811839, (nil)]
        > BITFIELD k SET i64 0 -36028797018963968                                 => [9187343239835811839]
        > BITFIELD k OVERFLOW FAIL INCRBY u8 0 -1 GET u8 0 INCRBY u8 0 2 SET u8 0 7 => [254, 254, (nil), 254]
        > BITFIELD k GET u8 0                                                     => [7]
    ",
    );
}

#[test]
fn an_overflow_rule_holds_until_the_next() {
    check(
        r"
        > BITFIELD k INCRBY u2 100 1 OVERFLOW SAT INCRBY u2 102 1                 => [1, 1]
        > BITFIELD k INCRBY u2 100 1 OVERFLOW SAT INCRBY u2 102 1                 => [2, 2]
        > BITFIELD k INCRBY u2 100 1 OVERFLOW SAT INCRBY u2 102 1                 => [3, 3]
        > BITFIELD k INCRBY u2 100 1 OVERFLOW SAT INCRBY u2 102 1                 => [0, 3]
        > BITFIELD k OVERFLOW FAIL INCRBY u2 102 1                                => [(nil)]
        > BITFIELD k OVERFLOW FAIL INCRBY u2 102 1 OVERFLOW WRAP INCRBY u2 102 1 GET u2 102 => [(nil), 0, 0]
    ",
    );
}

#[test]
fn types_offsets_and_values_are_told_in_this_order() {
    check(
        r#"
        > BITFIELD k GET u64 0          => (error) ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.
        > BITFIELD k GET i65 0          => (error) ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.
        > BITFIELD k GET u0 0           => (error) ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.
        > BITFIELD k GET U8 0           => (error) ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.
        > BITFIELD k GET i08 0          => (error) ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.
        > BITFIELD k GET i 0            => (error) ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.
        > BITFIELD k GET "" 0           => (error) ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.
        > BITFIELD k SET v8 x y         => (error) ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.
        > BITFIELD k SET u8 x y         => (error) ERR bit offset is not an integer or out of range
        > BITFIELD k GET u8 -1          => (error) ERR bit offset is not an integer or out of range
        > BITFIELD k GET u8 ""          => (error) ERR bit offset is not an integer or out of range
        > BITFIELD k GET u8 01          => (error) ERR bit offset is not an integer or out of range
        > BITFIELD k GET u1 4294967296  => (error) ERR bit offset is not an integer or out of range
        > BITFIELD k SET u8 0 x         => (error) ERR value is not an integer or out of range
        > BITFIELD k SET u8 0 9223372036854775808 => (error) ERR value is not an integer or out of range
        > BITFIELD k INCRBY u8 0 ""     => (error) ERR value is not an integer or out of range
        > EXISTS k                      => 0
    "#,
    );
}

#[test]
fn missing_arguments_are_a_syntax_error_before_wrong_ones() {
    check(
        r"
        > BITFIELD k GET                => (error) ERR syntax error
        > BITFIELD k GET v8             => (error) ERR syntax error
        > BITFIELD k SET v8 x           => (error) ERR syntax error
        > BITFIELD k INCRBY u8 0        => (error) ERR syntax error
        > BITFIELD k FOO                => (error) ERR syntax error
        > BITFIELD k FOO u8 0 1         => (error) ERR syntax error
        > BITFIELD k OVERFLOW           => (error) ERR syntax error
        > BITFIELD k OVERFLOW FOO       => (error) ERR Invalid OVERFLOW type specified
        > BITFIELD k SET u8 0 1 GET     => (error) ERR syntax error
        > BITFIELD k SET u8 0 1 OVERFLOW FOO => (error) ERR Invalid OVERFLOW type specified
        > BITFIELD                      => (error) ERR wrong number of arguments for 'bitfield' command
        > EXISTS k                      => 0
    ",
    );
}

#[test]
fn the_read_only_form_takes_get_alone() {
    check(
        r"
        > SET k abc                              => OK
        > BITFIELD_RO k                          => []
        > BITFIELD_RO k GET u8 0 get u8 #1       => [97, 98]
        > BITFIELD_RO k OVERFLOW SAT GET u8 0    => [97]
        > BITFIELD_RO k GET u8 0 SET u8 0 1      => (error) ERR BITFIELD_RO only supports the GET subcommand
        > BITFIELD_RO k INCRBY u8 0 1            => (error) ERR BITFIELD_RO only supports the GET subcommand
        > BITFIELD_RO k SET u8 0 x               => (error) ERR value is not an integer or out of range
        > BITFIELD_RO k SET u8 0 1 FOO           => (error) ERR syntax error
        > BITFIELD_RO k SET u8 0 1 GET x8 0      => (error) ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.
        > BITFIELD_RO k OVERFLOW FOO             => (error) ERR Invalid OVERFLOW type specified
        > BITFIELD_RO                            => (error) ERR wrong number of arguments for 'bitfield_ro' command
        > GET k                                  => 'abc'
    ",
    );
}

#[test]
fn an_integer_has_the_bits_of_its_digits_and_is_raw_once_written() {
    check(
        r"
        @skip-encodings restore a restored string is int or embstr where it can be
        > SET k 100                              => OK
        > BITFIELD k GET u8 0 GET u8 #2 GET u16 #1 => [49, 48, 12288]
        > OBJECT ENCODING k                      => 'int'
        > BITFIELD k SET u8 0 49                 => [49]
        > OBJECT ENCODING k                      => 'raw'
        > GET k                                  => '100'
        > BITFIELD k INCRBY u8 0 1               => [50]
        > GET k                                  => '200'
        > SET k 100                              => OK
        > BITFIELD k OVERFLOW FAIL SET u8 0 500  => [(nil)]
        > OBJECT ENCODING k                      => 'raw'
    ",
    );
}
