//! `libFuzzer`'s bytes for `fuzz_checks::rdb_file`, which says what must hold.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz_checks::rdb_file(input));
