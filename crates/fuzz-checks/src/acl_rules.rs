//! Users: any bytes are a file of users or are refused, and what is written of one reads back the same.

use server::testing::rewritten_users;

pub fn check(bytes: &[u8]) {
    if let Some(written) = rewritten_users(bytes) {
        assert_eq!(rewritten_users(&written), Some(written));
    }
}
