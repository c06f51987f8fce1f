//! SortedSet: members ordered by score.

use crate::Encoding;

/// Members ordered by score.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SortedSet {
    elements: Vec<Box<[u8]>>,
}

impl SortedSet {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    #[must_use]
    pub fn encoding(&self) -> Encoding {
        Encoding::Listpack
    }

    /// Bytes of heap that dropping the value gives back, about.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.elements.iter().map(|element| element.len()).sum()
    }
}
