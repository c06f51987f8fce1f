//! What a script or function says about itself: `#!lua flags=no-writes,allow-stale`.

/// The flags of a script or function.
///
/// ```
/// use script::Flags;
/// let flags = Flags::NO_WRITES.with(Flags::ALLOW_STALE);
/// assert!(flags.has(Flags::NO_WRITES));
/// assert_eq!(flags.names().collect::<Vec<_>>(), ["no-writes", "allow-stale"]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(u8);

impl Flags {
    pub const NONE: Self = Self(0);
    /// Never writes: may run on a read-only replica and through `EVAL_RO`, `EVALSHA_RO` and `FCALL_RO`.
    pub const NO_WRITES: Self = Self(1);
    /// May run when memory is over `maxmemory`.
    pub const ALLOW_OOM: Self = Self(2);
    /// May run on a replica that has lost its primary.
    pub const ALLOW_STALE: Self = Self(4);
    /// Refuses to run in a cluster.
    pub const NO_CLUSTER: Self = Self(8);
    /// May touch keys of several slots.
    pub const ALLOW_CROSS_SLOT_KEYS: Self = Self(16);

    const NAMES: [(Self, &'static str); 5] = [
        (Self::NO_WRITES, "no-writes"),
        (Self::ALLOW_OOM, "allow-oom"),
        (Self::ALLOW_STALE, "allow-stale"),
        (Self::NO_CLUSTER, "no-cluster"),
        (Self::ALLOW_CROSS_SLOT_KEYS, "allow-cross-slot-keys"),
    ];

    /// Whether all of `flags` are set.
    #[must_use]
    pub const fn has(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// Both sets together.
    #[must_use]
    pub const fn with(self, flags: Self) -> Self {
        Self(self.0 | flags.0)
    }

    /// The flag of this name, as scripts write it.
    #[must_use]
    pub fn named(name: &[u8]) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| known.as_bytes() == name).map(|(flag, _)| *flag)
    }

    /// The names of the set flags, in the order of FUNCTION LIST.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.into_iter().filter(move |(flag, _)| self.has(*flag)).map(|(_, name)| name)
    }
}
