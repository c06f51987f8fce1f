//! The keyed hash of elements, and an element's position in its table.
//!
//! The hash is SipHash-1-3, as for keys and for the same reason: elements come from strangers. Its key belongs to the process,
//! for 16 bytes in every table would be dear in small ones.
//!
//! **Position.** A table walked in the order of hashes and poured into another one that orders by the same hashes fills the other from
//! one end: all elements of the moment belong to one page, and splitting it does not help. So each table multiplies the hash by an odd
//! number of its own, drawn from its first element: no state beyond the table, the same in every run.

use std::hash::Hasher;
use std::sync::OnceLock;

use siphasher::sip::SipHasher13;

static HASHER: OnceLock<SipHasher13> = OnceLock::new();

/// The hash key of a process in which nobody calls [`seed`]: tests and tools.
const UNSEEDED: [u8; 16] = *b"element table, 0";

/// Sets the secret of all element tables of this process, once, before the first of them is filled. False if it came too late: a secret
/// is in use already and stays.
///
/// ```
/// assert!(value::table::seed([7; 16]));
/// assert!(!value::table::seed([8; 16]));
/// ```
pub fn seed(seed: [u8; 16]) -> bool {
    HASHER.set(SipHasher13::new_with_key(&seed)).is_ok()
}

/// The hash of an element, for the functions named `_hashed`.
///
/// ```
/// # use value::table::{Table, hash_of};
/// let mut table = Table::new();
/// table.insert(b"a", b"", None);
/// assert!(table.get_hashed(hash_of(b"a"), b"a").is_some());
/// ```
#[must_use]
#[inline]
pub fn hash_of(key: &[u8]) -> u64 {
    HASHER.get_or_init(|| SipHasher13::new_with_key(&UNSEEDED)).hash(key)
}

/// [`hash_of`] of bytes that come in pieces.
///
/// ```
/// # use value::table::{PieceHasher, hash_of};
/// let mut hasher = PieceHasher::new();
/// hasher.write(b"ab");
/// hasher.write(b"c");
/// assert_eq!(hasher.finish(), hash_of(b"abc"));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct PieceHasher(SipHasher13);

impl PieceHasher {
    #[must_use]
    #[inline]
    pub fn new() -> Self {
        Self(*HASHER.get_or_init(|| SipHasher13::new_with_key(&UNSEEDED)))
    }

    #[inline]
    pub fn write(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }

    #[must_use]
    #[inline]
    pub fn finish(&self) -> u64 {
        self.0.finish()
    }
}

impl Default for PieceHasher {
    fn default() -> Self {
        Self::new()
    }
}

/// A table's own odd number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Salt(u64);

impl Salt {
    /// Of a table that had no element yet.
    pub(super) const NONE: Self = Self(0);

    pub(super) const fn is_none(self) -> bool {
        self.0 == 0
    }

    pub(super) const fn from_first(hash: u64) -> Self {
        Self(hash | 1)
    }

    #[inline]
    pub(super) fn position(self, hash: u64) -> u64 {
        let position = hash.wrapping_mul(self.0);
        #[cfg(test)]
        let position = position & MASK.get();
        position
    }
}

#[cfg(test)]
std::thread_local! {
    /// Bits of a position that come through: fewer make the collisions that tests need.
    pub(super) static MASK: std::cell::Cell<u64> = const { std::cell::Cell::new(u64::MAX) };
}
