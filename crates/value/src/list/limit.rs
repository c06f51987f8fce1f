//! How much a node may hold.

/// Without a limit in bytes, a node of many elements stops here.
const SAFETY_BYTES: usize = 8192;
/// -1; each step down doubles it, to -5.
const LEAST_BYTES: usize = 4096;

/// `list-max-listpack-size`, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NodeLimit {
    bytes: usize,
    /// `None`: the limit is one of bytes.
    count: Option<usize>,
}

impl NodeLimit {
    /// Positive: so many elements; -1 to -5: 4, 8, 16, 32, 64 KiB. 0 counts as 1, and what is below -5 as -5.
    pub(super) fn new(list_max_listpack_size: i32) -> Self {
        match usize::try_from(list_max_listpack_size) {
            Ok(count) => Self { bytes: SAFETY_BYTES, count: Some(count.max(1)) },
            Err(_) => {
                let doublings = list_max_listpack_size.unsigned_abs().clamp(1, 5) - 1;
                Self { bytes: LEAST_BYTES << doublings, count: None }
            }
        }
    }

    /// Whether a node of `bytes` and `count` elements is within the limit.
    pub(super) fn holds(self, bytes: usize, count: usize) -> bool {
        bytes <= self.bytes && self.count.is_none_or(|limit| count <= limit)
    }

    /// Whether an element of `len` bytes more may join a node. The bytes around it are estimated as Redis does.
    pub(super) fn has_room(self, node_bytes: usize, node_count: usize, len: usize) -> bool {
        const FRAME_BYTES: usize = 8;
        self.holds(node_bytes.saturating_add(len).saturating_add(FRAME_BYTES), node_count + 1)
    }

    /// Whether an element of `len` bytes is a node by itself.
    pub(super) fn is_large(self, len: usize) -> bool {
        len > self.bytes
    }

    /// Whether a list that is a single node of this size is a listpack when it arrives. A limit of elements is all that counts then.
    pub(super) fn fits_listpack(self, bytes: usize, count: usize) -> bool {
        self.count.map_or(bytes <= self.bytes, |limit| count <= limit)
    }

    /// Whether a list that has shrunk to a single node of this size is a listpack from now on: at half the limit, so that a list
    /// around it does not change its form with every command.
    pub(super) fn shrinks_to_listpack(self, bytes: usize, count: usize) -> bool {
        self.count.map_or(bytes <= self.bytes / 2, |limit| count <= limit / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::NodeLimit;

    #[test]
    fn settings_are_read_as_redis_reads_them() {
        for (setting, bytes, count) in [
            (i32::MIN, 65536, None),
            (-6, 65536, None),
            (-5, 65536, None),
            (-2, 8192, None),
            (-1, 4096, None),
            (0, 8192, Some(1)),
            (1, 8192, Some(1)),
            (128, 8192, Some(128)),
        ] {
            assert_eq!(NodeLimit::new(setting), NodeLimit { bytes, count }, "{setting}");
        }
    }
}
