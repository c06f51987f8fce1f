//! The keyed hash of keys, and which of its bits belong to whom.
//!
//! ```text
//!  63        37 36       24 23          8 7      0
//! +------------+-----------+-------------+--------+
//! | prefix, 27 | owner, 13 | home, 16    | tag, 8 |
//! +------------+-----------+-------------+--------+
//! prefix  which segment: as many of its high bits as the directory is deep
//! owner   no table looks at these: they choose among tables (stripes)
//! home    which bucket of the segment: home * buckets / 65536
//! tag     what the bucket remembers of the hash
//! ```
//!
//! **Why SipHash-1-3.** Keys come from strangers, and one who can make keys collide makes every operation linear. SipHash is the
//! family's own answer (Redis and Valkey use SipHash-1-2) and has a proof sketch and a decade of attempts behind it. Measured (one core of the
//! test machine, ns for keys of 16 and 40 bytes, independent hashes): siphasher 8.9 and 13.6, a hand-unrolled one 11.2 and 13.8,
//! aHash's fallback without AES instructions 1.7 and 3.8, foldhash 1.4 and 3.4. The two fast ones claim no more than to make
//! attacks harder, aHash is faster still with AES but a portable binary may not assume it, and what SipHash
//! costs more is hidden: hashes of a batch overlap with each other and with the cache misses around them.

#![expect(clippy::cast_possible_truncation, reason = "bit fields are cut out of words")]

use siphasher::sip::SipHasher13;

const TAG_BITS: u32 = 8;
const HOME_BITS: u32 = 16;
const HOME_SHIFT: u32 = TAG_BITS;
const OWNER_SHIFT: u32 = HOME_SHIFT + HOME_BITS;
const PREFIX_SHIFT: u32 = OWNER_SHIFT + STRIPE_BITS;

/// How many hash bits the table leaves to its owner for choosing among tables.
pub const STRIPE_BITS: u32 = 13;

/// How many hash bits can choose the segment: the greatest depth of a directory.
pub(super) const PREFIX_BITS: u32 = u64::BITS - PREFIX_SHIFT;

/// Homes are given in units of 1/65536 of a segment, so that segments of different sizes order their buckets alike.
pub(super) const HOME_UNITS: u64 = 1 << HOME_BITS;

/// The bits of `hash` that no table looks at, as a number below `2^STRIPE_BITS`: choose the stripe from these, for a table whose
/// keys share any other bits would split in vain.
#[must_use]
pub const fn stripe_of(hash: u64) -> usize {
    ((hash >> OWNER_SHIFT) & ((1 << STRIPE_BITS) - 1)) as usize
}

pub(super) const fn prefix(hash: u64) -> u64 {
    hash >> PREFIX_SHIFT
}

/// The least hash with this prefix.
pub(super) const fn first_with_prefix(prefix: u64) -> u64 {
    prefix << PREFIX_SHIFT
}

/// How many prefixes a segment of this depth covers.
pub(super) const fn span(depth: u32) -> u64 {
    1 << (PREFIX_BITS - depth)
}

/// The home bucket among `buckets`.
#[inline]
pub(super) const fn home(hash: u64, buckets: usize) -> usize {
    // Below `buckets`.
    (((hash >> HOME_SHIFT & (HOME_UNITS - 1)) * buckets as u64) >> HOME_BITS) as usize
}

/// The first home unit that belongs to bucket `home` of `buckets`; for `home == buckets`, one past the last unit.
pub(super) const fn first_unit(home: usize, buckets: usize) -> u64 {
    ((home as u64) << HOME_BITS).div_ceil(buckets as u64)
}

/// The bucket among `buckets` that a home unit belongs to.
pub(super) const fn bucket_of_unit(unit: u64, buckets: usize) -> usize {
    ((unit * buckets as u64) >> HOME_BITS) as usize
}

/// Never 0, which marks an empty slot.
#[inline]
pub(super) const fn tag(hash: u64) -> u8 {
    let low = hash as u8;
    if low == 0 { 1 } else { low }
}

/// The hash of a key under a secret of 16 bytes.
///
/// ```
/// use keyspace::table::KeyHasher;
///
/// let hasher = KeyHasher::new(*b"sixteen byte key");
/// assert_eq!(hasher.hash(b"a"), hasher.hash(b"a"));
/// assert_ne!(hasher.hash(b"a"), KeyHasher::new([0; 16]).hash(b"a"));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct KeyHasher {
    sip: SipHasher13,
    /// Bits that come through: fewer make the collisions that tests need.
    #[cfg(test)]
    mask: u64,
}

impl KeyHasher {
    #[must_use]
    pub fn new(seed: [u8; 16]) -> Self {
        Self {
            sip: SipHasher13::new_with_key(&seed),
            #[cfg(test)]
            mask: u64::MAX,
        }
    }

    #[cfg(test)]
    pub(super) fn masked(seed: [u8; 16], mask: u64) -> Self {
        Self { mask, ..Self::new(seed) }
    }

    #[must_use]
    #[inline]
    pub fn hash(&self, key: &[u8]) -> u64 {
        let hash = if cfg!(miri) { quick_hash(key) } else { self.sip.hash(key) };
        #[cfg(test)]
        let hash = hash & self.mask;
        hash
    }
}

/// A hash for Miri, under which SipHash would take most of a test's time.
fn quick_hash(key: &[u8]) -> u64 {
    let mix = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23);
    let sum = key.iter().fold(0x243f_6a88_85a3_08d3, mix);
    (sum ^ sum >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93) ^ sum >> 29
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_belongs_to_exactly_one() {
        for bit in 0..64 {
            let hash = 1_u64 << bit;
            let takers =
                [prefix(hash) != 0, stripe_of(hash) != 0, home(hash, 1 << 16) != 0, tag(hash) != 1 || bit == 0];
            assert_eq!(takers.iter().filter(|taken| **taken).count(), 1, "bit {bit}");
        }
    }

    #[test]
    fn a_bucket_owns_the_units_from_its_first_to_the_next_ones_first() {
        for buckets in [1, 5, 13, 60, 215, 255] {
            assert_eq!(first_unit(0, buckets), 0);
            assert_eq!(first_unit(buckets, buckets), HOME_UNITS);
            for bucket in 0..buckets {
                let (first, end) = (first_unit(bucket, buckets), first_unit(bucket + 1, buckets));
                for unit in [first, end - 1] {
                    assert_eq!(bucket_of_unit(unit, buckets), bucket);
                    assert_eq!(home(unit << HOME_SHIFT, buckets), bucket);
                }
            }
        }
    }

    /// The published test vector of SipHash-1-3 would need its own key and message; what matters here is that stored dumps of
    /// nothing depend on the hash, and that it is keyed.
    #[test]
    #[cfg(not(miri))]
    fn another_seed_gives_another_hash() {
        let (one, other) = (KeyHasher::new([1; 16]), KeyHasher::new([2; 16]));
        assert!((0..100_u8).all(|byte| one.hash(&[byte]) != other.hash(&[byte])));
    }
}
