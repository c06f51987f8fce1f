//! Users: any bytes are a file of users or are refused, and what is written of one reads back the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use server::testing::rewritten_users;

fuzz_target!(|bytes: &[u8]| {
    if let Some(written) = rewritten_users(bytes) {
        assert_eq!(rewritten_users(&written), Some(written));
    }
});
