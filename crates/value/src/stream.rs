//! Stream: entries ordered by id.

use crate::Encoding;

/// Entries ordered by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stream {
    elements: Vec<Box<[u8]>>,
}

impl Stream {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    #[must_use]
    pub fn encoding(&self) -> Encoding {
        Encoding::Stream
    }

    /// Bytes of heap that dropping the value gives back, about.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.elements.iter().map(|element| element.len()).sum()
    }
}
