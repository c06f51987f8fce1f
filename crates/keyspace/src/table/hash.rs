//! The keyed hash of keys, and which of its bits belong to whom.

use siphasher::sip::SipHasher13;

/// How many hash bits the table leaves to its owner for choosing among tables.
pub const STRIPE_BITS: u32 = 13;

/// The bits of `hash` that no table looks at, as a number below `2^STRIPE_BITS`: choose the stripe from these, for a table whose
/// keys share any other bits would split in vain.
#[must_use]
pub const fn stripe_of(hash: u64) -> usize {
    ((hash >> 24) & ((1 << STRIPE_BITS) - 1)) as usize
}

/// The hash of a key under a secret of 16 bytes.
#[derive(Clone, Copy, Debug)]
pub struct KeyHasher {
    sip: SipHasher13,
}

impl KeyHasher {
    #[must_use]
    pub fn new(seed: [u8; 16]) -> Self {
        Self { sip: SipHasher13::new_with_key(&seed) }
    }

    #[must_use]
    pub fn hash(&self, key: &[u8]) -> u64 {
        self.sip.hash(key)
    }
}
