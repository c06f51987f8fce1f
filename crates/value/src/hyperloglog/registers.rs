//! Registers laid open, a byte each: to merge into and to count with.

use super::estimate::{Histogram, estimate};
use super::murmur::hash;

/// How many registers there are.
pub const REGISTERS: usize = 1 << INDEX_BITS;

const INDEX_BITS: u32 = 14;

/// The greatest value that a hash gives.
pub(super) const MAX_VALUE: u8 = (64 - INDEX_BITS + 1).to_le_bytes()[0];

/// The register of an element and the value it asks for.
pub(super) fn place(element: &[u8]) -> (usize, u8) {
    let hash = hash(element);
    let index = usize::try_from(hash).unwrap_or(usize::MAX) & (REGISTERS - 1);
    // The bit above all others ends the run of zeros.
    let rest = hash >> INDEX_BITS | 1 << (64 - INDEX_BITS);
    (index, (rest.trailing_zeros() + 1).to_le_bytes()[0])
}

/// All registers, a byte each.
///
/// ```
/// use value::hyperloglog::Registers;
/// let mut registers = Registers::new();
/// for element in 0..1000_u32 {
///     registers.add(&element.to_le_bytes());
/// }
/// assert!((980..1020).contains(&registers.estimate()));
/// ```
#[derive(Clone, Debug)]
pub struct Registers {
    values: Box<[u8; REGISTERS]>,
}

impl Default for Registers {
    fn default() -> Self {
        Self::new()
    }
}

impl Registers {
    /// Nothing was seen.
    #[must_use]
    pub fn new() -> Self {
        let values = vec![0; REGISTERS].into_boxed_slice();
        Self { values: values.try_into().unwrap_or_else(|_| unreachable!("as many as were asked for")) }
    }

    /// Sees an element.
    pub fn add(&mut self, element: &[u8]) {
        let (index, value) = place(element);
        self.raise(index, value);
    }

    /// Makes a register at least `value`.
    #[inline]
    pub fn raise(&mut self, index: usize, value: u8) {
        if let Some(register) = self.values.get_mut(index) {
            *register = value.max(*register);
        }
    }

    #[must_use]
    pub fn values(&self) -> &[u8; REGISTERS] {
        &self.values
    }

    /// About how many different elements were seen.
    #[must_use]
    pub fn estimate(&self) -> u64 {
        let mut histogram: Histogram = [0; 64];
        for value in self.values.iter() {
            histogram[usize::from(value & 63)] += 1;
        }
        estimate(&histogram)
    }
}
