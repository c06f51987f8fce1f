//! Passwords that ACL GENPASS makes.
//!
//! Hashes of a secret and a counter: the secret is made of the node's whole seed, which comes from the operating system's entropy, so
//! nothing below the runtime asks for more and a node with a fixed seed repeats itself. What a caller sees tells nothing of the
//! secret, nor of the passwords of others.

use sha2::{Digest as _, Sha256};

/// Makes passwords.
pub(super) struct Passwords {
    secret: [u8; 32],
    counter: u64,
}

impl Passwords {
    pub(super) fn new(seed: &[u8]) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"acl genpass");
        hash.update(seed);
        Self { secret: hash.finalize().into(), counter: 0 }
    }

    /// So many hexadecimal digits.
    pub(super) fn digits(&mut self, count: usize) -> String {
        let mut text = String::with_capacity(count);
        while text.len() < count {
            self.counter += 1;
            let mut hash = Sha256::new();
            hash.update(self.secret);
            hash.update(self.counter.to_le_bytes());
            for byte in <[u8; 32]>::from(hash.finalize()) {
                text.push_str(&format!("{byte:02x}"));
            }
        }
        text.truncate(count);
        text
    }
}

impl std::fmt::Debug for Passwords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passwords(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_as_long_as_asked_and_never_the_same() {
        let mut passwords = Passwords::new(&[7; 32]);
        let first = passwords.digits(64);
        assert_eq!((first.len(), passwords.digits(1).len(), passwords.digits(1024).len()), (64, 1, 1024));
        assert_ne!(first, passwords.digits(64));
        assert_eq!(first, Passwords::new(&[7; 32]).digits(64), "a seed decides them");
        assert_ne!(first, Passwords::new(&[8; 32]).digits(64));
    }
}
