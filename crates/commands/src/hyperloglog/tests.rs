//! Sessions with `HyperLogLog`s.

use server::testing::check;

use crate::told::{check_counted, check_told};

#[test]
fn elements_are_seen_counted_and_merged() {
    check(
        r"
        > PFADD h                       => 1
        > PFADD h                       => 0
        > PFCOUNT h                     => 0
        > PFADD h a b c                 => 1
        > PFADD h a c                   => 0
        > PFCOUNT h                     => 3
        > PFCOUNT h                     => 3
        > PFADD g c d e                 => 1
        > PFCOUNT h g                   => 5
        > PFCOUNT h nosuch              => 3
        > PFCOUNT nosuch                => 0
        > PFCOUNT nosuch nosuch         => 0
        > PFMERGE d h g nosuch          => OK
        > PFCOUNT d                     => 5
        > PFMERGE h g                   => OK
        > PFCOUNT h                     => 5
        > PFMERGE e                     => OK
        > PFCOUNT e                     => 0
        > TYPE e                        => string
        > PFADD                         => (error) ERR wrong number of arguments for 'pfadd' command
        > PFCOUNT                       => (error) ERR wrong number of arguments for 'pfcount' command
        > PFMERGE                       => (error) ERR wrong number of arguments for 'pfmerge' command
        ",
    );
}

#[test]
fn the_bytes_are_those_of_redis() {
    check(
        r#"
        > PFMERGE d                     => OK
        > GET d                         => 'HYLL\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x7f\xff'
        > PFCOUNT d                     => 0
        > GET d                         => 'HYLL\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x7f\xff'
        > PFADD s a b c                 => 1
        > PFDEBUG DECODE s              => 'Z:8436 v:1,1 Z:4274 v:2,1 Z:3068 v:1,1 Z:603'
        > PFDEBUG ENCODING s            => sparse
        > PFDEBUG TODENSE s             => 1
        > PFDEBUG TODENSE s             => 0
        > PFDEBUG ENCODING s            => dense
        > STRLEN s                      => 12304
        > PFCOUNT s                     => 3
        > PFADD s a                     => 0
        > PFADD s d                     => 1
        > PFCOUNT s                     => 4
        > PFDEBUG DECODE s              => (error) ERR HLL encoding is not sparse
        > PFMERGE t s                   => OK
        > PFDEBUG ENCODING t            => dense
        > PFCOUNT t                     => 4
        > PFDEBUG GETREG d              => [0, 0, ...]
        > PFDEBUG ENCODING d            => dense
        > PFSELFTEST                    => OK
        "#,
    );
}

#[test]
fn a_sparse_one_becomes_dense_at_its_limit() {
    check(
        r"
        @skip-lens replica the limit is no part of the data, and its bytes show it
        @config hll-sparse-max-bytes 30
        > PFADD h a b c                 => 1
        > PFDEBUG ENCODING h            => sparse
        > PFADD h d e f g               => 1
        > PFDEBUG ENCODING h            => dense
        > PFCOUNT h                     => 7
        ",
    );
}

#[test]
fn other_strings_and_types_are_refused() {
    check(
        r#"
        > SET str x                     => OK
        > SET int 12                    => OK
        > SADD s a                      => 1
        > PFADD str a                   => (error) WRONGTYPE Key is not a valid HyperLogLog string value.
        > PFADD int a                   => (error) WRONGTYPE Key is not a valid HyperLogLog string value.
        > PFCOUNT str                   => (error) WRONGTYPE Key is not a valid HyperLogLog string value.
        > PFCOUNT nosuch str            => (error) WRONGTYPE Key is not a valid HyperLogLog string value.
        > PFMERGE d str                 => (error) WRONGTYPE Key is not a valid HyperLogLog string value.
        > PFMERGE str                   => (error) WRONGTYPE Key is not a valid HyperLogLog string value.
        > PFADD s a                     => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > PFCOUNT s                     => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > PFCOUNT nosuch s              => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > PFMERGE s d                   => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > EXISTS d                      => 0
        > PFDEBUG GETREG nosuch         => (error) ERR The specified key does not exist
        > PFDEBUG FOO nosuch            => (error) ERR The specified key does not exist
        > PFDEBUG GETREG str            => (error) WRONGTYPE Key is not a valid HyperLogLog string value.
        > PFDEBUG GETREG                => (error) ERR wrong number of arguments for 'pfdebug' command
        > PFADD h a                     => 1
        > PFDEBUG FOO h                 => (error) ERR Unknown PFDEBUG subcommand 'FOO'
        > SETRANGE h 17 "\xfe"          => (int)
        > PFCOUNT h                     => (error) INVALIDOBJ Corrupted HLL object detected
        > PFMERGE d h                   => (error) INVALIDOBJ Corrupted HLL object detected
        > SET z "HYLL\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80"  => OK
        > PFADD z a                     => (error) INVALIDOBJ Corrupted HLL object detected
        > PFCOUNT z                     => (error) INVALIDOBJ Corrupted HLL object detected
        > SET y "HYLL\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x7f\xff"  => OK
        > PFADD y a                     => (error) WRONGTYPE Key is not a valid HyperLogLog string value.
        "#,
    );
}

#[test]
fn changes_are_told() {
    check_told(&[
        ("PFADD h a b", "pfadd:h", "="),
        ("PFADD h a", "", ""),
        ("PFADD g", "pfadd:g", "="),
        ("PFADD g", "", ""),
        ("PFCOUNT h", "", "="),
        ("PFCOUNT h", "", ""),
        ("PFCOUNT h g nosuch", "", ""),
        ("PFMERGE d h g", "pfadd:d", "="),
        ("PFDEBUG TODENSE d", "", "="),
        ("PFDEBUG TODENSE d", "", ""),
        ("PFADD d a", "", ""),
        ("PFADD d x", "pfadd:d", "="),
        ("PFDEBUG GETREG g", "", "="),
        ("PFDEBUG GETREG g", "", ""),
    ]);
    check_counted(&[
        ("PFADD h a", 0, 0),
        ("PFCOUNT h", 1, 0),
        ("PFCOUNT h nosuch", 1, 1),
        ("PFMERGE d h", 1, 1),
        ("PFDEBUG ENCODING d", 0, 0),
    ]);
}
