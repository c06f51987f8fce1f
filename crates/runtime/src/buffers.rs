//! Buffers on loan: a connection has one only while it has bytes to keep, so an idle connection costs none.

/// Capacity of a fresh buffer, in bytes: what one read takes at most.
pub(crate) const BUFFER_BYTES: usize = 64 * 1024;

/// A buffer that grew beyond this is given back to the allocator.
const KEEP_BYTES: usize = 2 * BUFFER_BYTES;

/// So many are kept for the next loans.
const KEEP_COUNT: usize = 64;

/// A reactor's spare buffers.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    spare: Vec<Vec<u8>>,
}

impl Buffers {
    /// An empty buffer with some capacity.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        self.spare.pop().unwrap_or_else(|| Vec::with_capacity(BUFFER_BYTES))
    }

    /// Lends a buffer to `slot` if it has none.
    pub(crate) fn lend(&mut self, slot: &mut Vec<u8>) {
        if slot.capacity() == 0 {
            *slot = self.take();
        }
    }

    /// Takes the buffer back from `slot` if it is empty; what is left in it goes to a buffer of its own size.
    pub(crate) fn reclaim(&mut self, slot: &mut Vec<u8>) {
        if slot.is_empty() {
            let buffer = std::mem::take(slot);
            if (BUFFER_BYTES..=KEEP_BYTES).contains(&buffer.capacity()) && self.spare.len() < KEEP_COUNT {
                self.spare.push(buffer);
            }
        } else if slot.capacity() == BUFFER_BYTES && slot.len() < BUFFER_BYTES / 4 {
            let rest = slot.as_slice().to_vec();
            let mut buffer = std::mem::replace(slot, rest);
            buffer.clear();
            self.spare.push(buffer);
        }
    }
}
