//! The memory of an encoding: bytes that grow and shrink in the middle.

/// Bytes, all of them initialized, of which the owner uses the first few: the encoding itself states its length.
#[derive(Clone)]
pub(crate) struct Block {
    bytes: Vec<u8>,
    /// The owner's to use.
    pub(crate) tag: u32,
}

impl Block {
    /// Room for `len` bytes, all zero.
    pub(crate) fn new(len: usize) -> Self {
        Self { bytes: vec![0; size_class(len)], tag: 0 }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    /// Makes `old` bytes at `at`, of `len` in use, into `new` bytes, and moves what follows. Returns those `new` bytes, whose content
    /// is arbitrary.
    pub(crate) fn splice(&mut self, len: usize, at: usize, old: usize, new: usize) -> &mut [u8] {
        let new_len = len - old + new;
        if new_len > self.bytes.len() {
            self.resize(new_len);
        }
        if new != old {
            self.bytes.copy_within(at + old..len, at + new);
        }
        if new_len < self.bytes.len() / 2 {
            self.resize(new_len);
        }
        &mut self.bytes[at..at + new]
    }

    fn resize(&mut self, len: usize) {
        let size = size_class(len);
        self.bytes.reserve_exact(size.saturating_sub(self.bytes.len()));
        self.bytes.resize(size, 0);
        self.bytes.shrink_to_fit();
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.bytes.capacity()
    }
}

/// The least size of an allocation for `len` bytes that wastes nothing: what an allocator of size classes would give out anyway.
/// Multiples of 16 up to 128, then four sizes for each doubling.
fn size_class(len: usize) -> usize {
    let step = match len.checked_ilog2() {
        Some(log) if len > 128 => 1_usize << (log - 2),
        _ => 16,
    };
    len.max(1).next_multiple_of(step)
}
