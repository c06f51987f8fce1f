//! The whole string: header and registers in either encoding.

use super::estimate::{Histogram, estimate};
use super::registers::{REGISTERS, Registers, place};
use super::sparse::{self, Raised, Run};

const MAGIC: &[u8; 4] = b"HYLL";
const HEADER_BYTES: usize = 16;
const DENSE: u8 = 0;
const SPARSE: u8 = 1;
const DENSE_BYTES: usize = HEADER_BYTES + REGISTERS * 6 / 8;
/// Set in the last byte of the cached count when registers changed since.
const STALE: u8 = 0x80;

/// Why a string is no HyperLogLog. Its `Display` is what commands answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HllError {
    /// The header says something else.
    NotHll,
    /// The header is right, the runs are not.
    Corrupted,
}

impl std::fmt::Display for HllError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NotHll => "WRONGTYPE Key is not a valid HyperLogLog string value.",
            Self::Corrupted => "INVALIDOBJ Corrupted HLL object detected",
        })
    }
}

impl std::error::Error for HllError {}

/// A HyperLogLog where it lies, checked.
#[derive(Clone, Copy, Debug)]
pub struct SketchRef<'a> {
    bytes: &'a [u8],
}

impl<'a> SketchRef<'a> {
    /// # Errors
    /// When the bytes are no HyperLogLog.
    pub fn new(bytes: &'a [u8]) -> Result<Self, HllError> {
        let registers = Self::check_header(bytes)?;
        if bytes.get(4) == Some(&SPARSE) && !sparse::is_valid(registers) {
            return Err(HllError::Corrupted);
        }
        Ok(Self { bytes })
    }

    /// Looks at the header only, and returns the registers' bytes: enough for a count that is cached.
    fn check_header(bytes: &[u8]) -> Result<&[u8], HllError> {
        let Some((header, registers)) = bytes.split_first_chunk::<HEADER_BYTES>() else { return Err(HllError::NotHll) };
        let encoded = match header[4] {
            DENSE => bytes.len() == DENSE_BYTES,
            SPARSE => true,
            _ => false,
        };
        if header.starts_with(MAGIC) && encoded { Ok(registers) } else { Err(HllError::NotHll) }
    }

    /// The count that the header holds, if it is up to date. The registers are not looked at.
    ///
    /// # Errors
    /// When the header is not that of a HyperLogLog.
    pub fn cached_count(bytes: &[u8]) -> Result<Option<u64>, HllError> {
        Self::check_header(bytes)?;
        let count = bytes.get(8..HEADER_BYTES).and_then(<[u8]>::first_chunk::<8>);
        Ok(count.filter(|count| count[7] & STALE == 0).map(|count| u64::from_le_bytes(*count)))
    }

    #[must_use]
    pub fn is_dense(self) -> bool {
        self.bytes.get(4) == Some(&DENSE)
    }

    /// The runs of a sparse one.
    pub fn runs(self) -> Option<impl Iterator<Item = Run> + use<'a>> {
        if self.is_dense() { None } else { Some(sparse::runs(self.body())) }
    }

    /// Counts anew.
    #[must_use]
    pub fn estimate(self) -> u64 {
        let mut histogram: Histogram = [0; 64];
        if self.is_dense() {
            for value in dense_values(self.body()) {
                histogram[usize::from(value)] += 1;
            }
        } else {
            for run in sparse::runs(self.body()) {
                histogram[usize::from(run.value())] += u32::try_from(run.len()).unwrap_or(u32::MAX);
            }
        }
        estimate(&histogram)
    }

    /// Raises the registers of `into` to these.
    pub fn merge_into(self, into: &mut Registers) {
        if self.is_dense() {
            for (index, value) in dense_values(self.body()).enumerate() {
                into.raise(index, value);
            }
        } else {
            let mut index = 0;
            for run in sparse::runs(self.body()) {
                (index..index + run.len()).for_each(|index| into.raise(index, run.value()));
                index += run.len();
            }
        }
    }

    fn body(self) -> &'a [u8] {
        self.bytes.get(HEADER_BYTES..).unwrap_or_default()
    }
}

/// The registers packed in six bits each, four in three bytes.
fn dense_values(packed: &[u8]) -> impl Iterator<Item = u8> {
    packed.as_chunks::<3>().0.iter().flat_map(|&[a, b, c]| {
        let word = u32::from_le_bytes([a, b, c, 0]);
        [word, word >> 6, word >> 12, word >> 18].map(|value| (value & 63).to_le_bytes()[0])
    })
}

fn pack(values: &[u8; REGISTERS], packed: &mut Vec<u8>) {
    for &[a, b, c, d] in values.as_chunks::<4>().0 {
        let word = u32::from(a) | u32::from(b) << 6 | u32::from(c) << 12 | u32::from(d) << 18;
        packed.extend_from_slice(&word.to_le_bytes()[..3]);
    }
}

/// Raises one register of packed ones. Returns whether it was lower.
fn raise_dense(packed: &mut [u8], index: usize, value: u8) -> bool {
    let (group, shift) = (index / 4, index % 4 * 6);
    let Some(bytes) = packed.as_chunks_mut::<3>().0.get_mut(group) else { return false };
    let word = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]);
    let old = word >> shift & 63;
    if old >= u32::from(value) {
        return false;
    }
    let word = word & !(63 << shift) | u32::from(value) << shift;
    bytes.copy_from_slice(&word.to_le_bytes()[..3]);
    true
}

/// A HyperLogLog to be changed.
///
/// ```
/// use value::hyperloglog::Sketch;
/// let mut sketch = Sketch::new();
/// assert!(sketch.add(b"a", 3000) && !sketch.add(b"a", 3000));
/// assert_eq!(sketch.as_ref().estimate(), 1);
/// ```
#[derive(Clone, Debug)]
pub struct Sketch {
    bytes: Vec<u8>,
}

impl Default for Sketch {
    fn default() -> Self {
        Self::new()
    }
}

impl Sketch {
    /// One that has seen nothing, sparse.
    #[must_use]
    pub fn new() -> Self {
        let mut bytes = header(SPARSE);
        bytes.extend(sparse::empty());
        Self { bytes }
    }

    /// A copy.
    ///
    /// # Errors
    /// When the bytes are no HyperLogLog.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, HllError> {
        SketchRef::new(bytes).map(|_| Self { bytes: bytes.to_vec() })
    }

    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    #[must_use]
    pub fn as_ref(&self) -> SketchRef<'_> {
        SketchRef { bytes: &self.bytes }
    }

    /// Sees an element. Returns whether a register was raised. A sparse one that would have more than `sparse_max_bytes`, header
    /// included, becomes dense.
    pub fn add(&mut self, element: &[u8], sparse_max_bytes: usize) -> bool {
        let (index, value) = place(element);
        self.raise(index, value, sparse_max_bytes)
    }

    fn raise(&mut self, index: usize, value: u8, sparse_max_bytes: usize) -> bool {
        if !self.as_ref().is_dense() {
            match sparse::raise(&mut self.bytes, HEADER_BYTES, index, value, sparse_max_bytes) {
                Raised::No => return false,
                Raised::Yes => return true,
                Raised::MustBeDense => {
                    self.make_dense();
                }
            }
        }
        self.bytes.get_mut(HEADER_BYTES..).is_some_and(|packed| raise_dense(packed, index, value))
    }

    /// Sees an element in the bytes of a dense one, in place; `None` if they are not that.
    #[must_use]
    pub fn add_in_place(bytes: &mut [u8], element: &[u8]) -> Option<bool> {
        SketchRef::check_header(bytes).ok().filter(|_| bytes.get(4) == Some(&DENSE))?;
        let (index, value) = place(element);
        let raised = raise_dense(bytes.get_mut(HEADER_BYTES..)?, index, value);
        if raised {
            mark_stale(bytes);
        }
        Some(raised)
    }

    /// Raises the registers to those given.
    pub fn merge(&mut self, registers: &Registers, sparse_max_bytes: usize) {
        if self.as_ref().is_dense() {
            let mut all = registers.clone();
            self.as_ref().merge_into(&mut all);
            self.bytes.truncate(HEADER_BYTES);
            pack(all.values(), &mut self.bytes);
        } else {
            for (index, value) in registers.values().iter().enumerate().filter(|(_, value)| **value > 0) {
                self.raise(index, *value, sparse_max_bytes);
            }
        }
    }

    /// Makes it dense. Returns whether it was not.
    pub fn make_dense(&mut self) -> bool {
        if self.as_ref().is_dense() {
            return false;
        }
        let mut registers = Registers::new();
        self.as_ref().merge_into(&mut registers);
        let mut bytes = header(DENSE);
        bytes.reserve_exact(DENSE_BYTES - HEADER_BYTES);
        // The cached count stays, and so does what it is worth.
        bytes[8..].copy_from_slice(&self.bytes[8..HEADER_BYTES]);
        pack(registers.values(), &mut bytes);
        self.bytes = bytes;
        true
    }

    /// Says that the cached count is none any more.
    pub fn mark_stale(&mut self) {
        mark_stale(&mut self.bytes);
    }

    /// Writes a count into the header of a HyperLogLog.
    pub fn cache_count(bytes: &mut [u8], count: u64) {
        if let Some(room) = bytes.get_mut(8..HEADER_BYTES) {
            room.copy_from_slice(&count.to_le_bytes());
        }
    }
}

fn mark_stale(bytes: &mut [u8]) {
    if let Some(last) = bytes.get_mut(HEADER_BYTES - 1) {
        *last |= STALE;
    }
}

fn header(encoding: u8) -> Vec<u8> {
    let mut header = vec![0; HEADER_BYTES];
    header[..4].copy_from_slice(MAGIC);
    header[4] = encoding;
    header
}
