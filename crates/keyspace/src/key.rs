//! A key with its hash, computed once and carried along.

/// A key as a command names it.
#[derive(Clone, Copy, Debug)]
pub struct Key<'a> {
    bytes: &'a [u8],
    hash: u64,
}

impl<'a> Key<'a> {
    /// `hash` must come from the keyspace's [`KeyHasher`](crate::KeyHasher); a wrong one only fails to find the key.
    #[must_use]
    pub const fn with_hash(bytes: &'a [u8], hash: u64) -> Self {
        Self { bytes, hash }
    }

    #[must_use]
    pub const fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    #[must_use]
    pub const fn hash(self) -> u64 {
        self.hash
    }
}
