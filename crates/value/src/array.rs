//! Array: elements by index.

use crate::Encoding;

/// Elements by index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Array {
    elements: Vec<Box<[u8]>>,
}

impl Array {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    #[must_use]
    pub fn encoding(&self) -> Encoding {
        Encoding::Array
    }

    /// Bytes of heap that dropping the value gives back, about.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.elements.iter().map(|element| element.len()).sum()
    }
}
