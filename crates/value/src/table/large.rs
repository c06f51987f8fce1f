//! Records too long for a page: each in an allocation of its own, all in one list without holes. A page holds the number.

use stdx::UnixMs;

use super::Record;

#[derive(Clone, Debug)]
pub(super) struct Large {
    /// Key, then value.
    bytes: Box<[u8]>,
    key_len: usize,
    deadline: Option<UnixMs>,
    /// Where the table keeps the record that holds this number: the last of the list is renumbered when another one leaves.
    pub(super) position: u64,
}

impl Large {
    pub(super) fn new(record: Record<'_>, position: u64) -> Self {
        let Record { key, value, deadline } = record;
        Self { bytes: [key, value].concat().into_boxed_slice(), key_len: key.len(), deadline, position }
    }

    pub(super) fn record(&self) -> Record<'_> {
        let (key, value) = self.bytes.split_at(self.key_len);
        Record { key, value, deadline: self.deadline }
    }

    pub(super) fn value_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[self.key_len..]
    }

    pub(super) const fn set_deadline(&mut self, deadline: Option<UnixMs>) {
        self.deadline = deadline;
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.bytes.len()
    }
}
