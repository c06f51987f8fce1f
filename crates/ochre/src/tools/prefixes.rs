//! What keys weigh by the beginning of their names.
//!
//! The beginning of `user:42:name` is `user:`. Names can begin in as many ways as there are keys, so only so many beginnings have a row of
//! their own; what comes when all rows are taken is counted together, and said to be.

use std::collections::BTreeMap;

use super::largest::Largest;

/// Beginnings that are told apart.
const MOST_ROWS: usize = 100_000;
/// A longer beginning is cut.
const PREFIX_MAX_BYTES: usize = 100;

/// Sums over keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Weight {
    pub(super) keys: u64,
    pub(super) memory_bytes: u64,
    pub(super) file_bytes: u64,
}

impl Weight {
    pub(super) fn add(&mut self, memory_bytes: u64, file_bytes: u64) {
        self.keys += 1;
        self.memory_bytes += memory_bytes;
        self.file_bytes += file_bytes;
    }
}

/// Rows of weights.
#[derive(Default)]
pub(super) struct Prefixes {
    rows: BTreeMap<Box<[u8]>, Weight>,
    /// Keys without a separator.
    plain: Weight,
    rest: Weight,
}

/// Whose weight it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    Prefix(Box<[u8]>),
    /// Keys without a separator.
    Plain,
    /// Beginnings that found no room for a row of their own.
    Rest,
}

impl Prefixes {
    pub(super) fn add(&mut self, key: &[u8], separator: u8, memory_bytes: u64, file_bytes: u64) {
        let weight = match key.iter().position(|byte| *byte == separator) {
            None => &mut self.plain,
            Some(at) => {
                let prefix = key.get(..=at.min(PREFIX_MAX_BYTES)).unwrap_or(key);
                if self.rows.len() >= MOST_ROWS && !self.rows.contains_key(prefix) {
                    &mut self.rest
                } else {
                    self.rows.entry(Box::from(prefix)).or_default()
                }
            }
        };
        weight.add(memory_bytes, file_bytes);
    }

    /// The `room` heaviest rows, and the sum of all others if there are more.
    pub(super) fn heaviest(self, room: usize) -> (Vec<(Owner, Weight)>, Weight) {
        let mut largest = Largest::new(room);
        let mut others = Weight::default();
        let special = [(Owner::Plain, self.plain), (Owner::Rest, self.rest)];
        let rows = self.rows.into_iter().map(|(prefix, weight)| (Owner::Prefix(prefix), weight));
        for (owner, weight) in rows.chain(special).filter(|(_, weight)| weight.keys > 0) {
            others.keys += weight.keys;
            others.memory_bytes += weight.memory_bytes;
            others.file_bytes += weight.file_bytes;
            largest.offer(weight.memory_bytes, || (owner, weight));
        }
        let rows: Vec<_> = largest.into_sorted().into_iter().map(|(_, row)| row).collect();
        for (_, weight) in &rows {
            others.keys -= weight.keys;
            others.memory_bytes -= weight.memory_bytes;
            others.file_bytes -= weight.file_bytes;
        }
        (rows, others)
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_ROWS, Owner, Prefixes, Weight};

    fn weight(keys: u64, memory_bytes: u64, file_bytes: u64) -> Weight {
        Weight { keys, memory_bytes, file_bytes }
    }

    #[test]
    fn keys_are_summed_by_their_beginnings() {
        let mut prefixes = Prefixes::default();
        for (key, memory) in [(&b"a:1"[..], 10), (b"a:2:3", 5), (b"b:", 7), (b"lone", 1), (b":x", 2)] {
            prefixes.add(key, b':', memory, 1);
        }
        let (rows, others) = prefixes.heaviest(2);
        let prefix = |text: &str| Owner::Prefix(Box::from(text.as_bytes()));
        assert_eq!(rows, [(prefix("a:"), weight(2, 15, 2)), (prefix("b:"), weight(1, 7, 1))]);
        assert_eq!(others, weight(2, 3, 2));
    }

    #[test]
    fn beginnings_without_end_take_no_memory_without_end() {
        let mut prefixes = Prefixes::default();
        for number in 0..MOST_ROWS + 50 {
            prefixes.add(format!("{number}:x").as_bytes(), b':', 1, 1);
        }
        prefixes.add(b"7:y", b':', 1, 1);
        assert_eq!(prefixes.rows.len(), MOST_ROWS);
        let (rows, _) = prefixes.heaviest(1);
        assert_eq!(rows, [(Owner::Rest, weight(50, 50, 50))]);
    }
}
