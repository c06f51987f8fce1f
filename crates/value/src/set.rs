//! Set: distinct members without order.

use crate::Encoding;

/// Distinct members without order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Set {
    elements: Vec<Box<[u8]>>,
}

impl Set {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    #[must_use]
    pub fn encoding(&self) -> Encoding {
        Encoding::Intset
    }

    /// Bytes of heap that dropping the value gives back, about.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.elements.iter().map(|element| element.len()).sum()
    }
}
