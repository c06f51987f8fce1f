//! Absolute time: milliseconds since 1970, as Redis's deadlines and RDB files have it.

/// A point in time, in milliseconds since the Unix epoch. Signed, because a deadline in the past is a legal argument.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMs(pub i64);

impl UnixMs {
    /// Whole seconds since the epoch, rounded down as Redis does for non-negative times.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The time `ms` later, or `None` past the end of the range.
    #[must_use]
    pub const fn checked_add_ms(self, ms: i64) -> Option<Self> {
        match self.0.checked_add(ms) {
            Some(at) => Some(Self(at)),
            None => None,
        }
    }

    /// Milliseconds from `earlier` until `self`; negative when `self` comes first. Saturates.
    #[must_use]
    pub const fn ms_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}
