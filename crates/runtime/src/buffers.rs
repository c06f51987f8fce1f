//! Buffers on loan: a connection has one only while it has bytes to keep, so an idle connection costs none.

/// Capacity of a fresh buffer, in bytes: what one read takes at most.
pub(crate) const BUFFER_BYTES: usize = 64 * 1024;

/// A buffer that grew beyond this is given back to the allocator.
const KEEP_BYTES: usize = 2 * BUFFER_BYTES;

/// A buffer larger than this does not stay with a connection that uses little of it.
const LARGE_BYTES: usize = 4 << 20;

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
        let is_ours = slot.capacity() == BUFFER_BYTES || slot.capacity() > LARGE_BYTES;
        if !(slot.is_empty() || is_ours && slot.len() < slot.capacity() / 4) {
            return;
        }
        // Of an empty slice this makes a vector without an allocation.
        let rest = slot.as_slice().to_vec();
        let mut buffer = std::mem::replace(slot, rest);
        if (BUFFER_BYTES..=KEEP_BYTES).contains(&buffer.capacity()) && self.spare.len() < KEEP_COUNT {
            buffer.clear();
            self.spare.push(buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_in_a_buffer_moves_to_one_of_its_size() {
        let mut buffers = Buffers::default();
        let mut slot = Vec::new();
        buffers.lend(&mut slot);
        slot.extend_from_slice(b"half a command");
        buffers.reclaim(&mut slot);
        assert_eq!(slot, b"half a command");
        assert!(slot.capacity() < BUFFER_BYTES);
        assert_eq!(buffers.spare.len(), 1);

        let mut huge = Vec::with_capacity(LARGE_BYTES + 1);
        huge.push(b'*');
        buffers.reclaim(&mut huge);
        assert_eq!(huge, b"*");
        assert!(huge.capacity() < BUFFER_BYTES);
        assert_eq!(buffers.spare.len(), 1, "the allocator has it back");
    }

    #[test]
    fn only_so_many_buffers_are_kept() {
        let mut buffers = Buffers::default();
        let mut slots: Vec<Vec<u8>> = (0..3 * KEEP_COUNT).map(|_| buffers.take()).collect();
        slots.iter_mut().step_by(2).for_each(|slot| slot.push(b'x'));
        slots.iter_mut().for_each(|slot| buffers.reclaim(slot));
        assert_eq!(buffers.spare.len(), KEEP_COUNT);
        assert!(buffers.spare.iter().all(Vec::is_empty));
    }
}
