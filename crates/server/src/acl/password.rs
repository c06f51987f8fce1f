//! Passwords: only their SHA-256 is kept, as in the user lists and files of Redis, and two hashes are compared in constant time.
//!
//! A plain hash without salt is what the file format fixes. It protects long random passwords (ACL GENPASS), not short words.

use std::fmt;

use sha2::{Digest as _, Sha256};

const HASH_BYTES: usize = 32;

/// What is kept of a password.
#[derive(Clone, Copy)]
pub(super) struct PasswordHash([u8; HASH_BYTES]);

impl PasswordHash {
    pub(super) fn of(password: &[u8]) -> Self {
        Self(Sha256::digest(password).into())
    }

    /// The hash that 64 lower-case hexadecimal digits spell.
    pub(super) fn parse(digits: &[u8]) -> Option<Self> {
        let (pairs, rest) = digits.as_chunks::<2>();
        if pairs.len() != HASH_BYTES || !rest.is_empty() {
            return None;
        }
        let mut hash = [0; HASH_BYTES];
        for (byte, [high, low]) in hash.iter_mut().zip(pairs) {
            *byte = nibble(*high)? << 4 | nibble(*low)?;
        }
        Some(Self(hash))
    }

    pub(super) fn hex(&self) -> String {
        stdx::hex::<{ HASH_BYTES * 2 }>(&self.0).into_iter().map(char::from).collect()
    }

    /// Whether both are of one password; takes the same time whatever the answer.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let differing = self.0.iter().zip(&other.0).fold(0, |differing, (left, right)| differing | (left ^ right));
        std::hint::black_box(differing) == 0
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl PartialEq for PasswordHash {
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other)
    }
}

impl Eq for PasswordHash {}

/// Hashes have no place in logs and panics.
impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_that_of_sha256_and_reads_back() {
        let abc = PasswordHash::of(b"abc");
        assert_eq!(abc.hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(PasswordHash::parse(abc.hex().as_bytes()), Some(abc));
        assert_ne!(abc, PasswordHash::of(b"abd"));
    }

    #[test]
    fn only_64_lower_case_digits_are_a_hash() {
        let upper = PasswordHash::of(b"abc").hex().to_ascii_uppercase();
        for text in ["", "abc", &"g".repeat(64), &"0".repeat(63), &"0".repeat(65), &upper] {
            assert_eq!(PasswordHash::parse(text.as_bytes()), None, "{text}");
        }
    }
}
