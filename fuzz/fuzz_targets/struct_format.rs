//! `libFuzzer`'s bytes for `fuzz_checks::struct_format`, which says what must hold.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz_checks::struct_format(input));
