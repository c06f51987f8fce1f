//! SHA1, the name of a script.

use sha1::{Digest, Sha1};

/// The SHA1 of `bytes` as 40 lower-case hex digits.
pub(crate) fn sha1_hex(bytes: &[u8]) -> [u8; 40] {
    stdx::hex(&Sha1::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_nothing_and_of_a_script() {
        assert_eq!(&sha1_hex(b""), b"da39a3ee5e6b4b0d3255bfef95601890afd80709");
        assert_eq!(&sha1_hex(b"return 1"), b"e0e1f9fabfc9d4800c877a703b823ac0578ff8db");
    }
}
