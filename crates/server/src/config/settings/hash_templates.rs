//! When plain hashes come to share their field names.

/// A range of field counts. Zeros: none, and no upper bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FieldCounts {
    pub min: u64,
    pub max: u64,
}

impl FieldCounts {
    /// Whether any hash is meant.
    #[must_use]
    pub const fn is_on(self) -> bool {
        self.min > 0
    }

    /// Whether a hash of so many fields is meant.
    #[must_use]
    pub const fn contains(self, count: usize) -> bool {
        let count = count as u64;
        self.min > 0 && count >= self.min && (self.max == 0 || count <= self.max)
    }
}

/// Which plain hashes are given templates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HashTemplates {
    /// Those that a command writes to.
    pub on_write: FieldCounts,
    /// Those of a file without templates that is loaded.
    pub on_load: FieldCounts,
    /// So many keys must share a template that loading made; otherwise they get their names back. 0: it is kept.
    pub least_keys: u64,
}
