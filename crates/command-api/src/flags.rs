//! A command's flags, with the names that COMMAND INFO prints.

/// A set of command flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags(u32);

impl Flags {
    pub const NONE: Self = Self(0);
    pub const WRITE: Self = Self(1 << 0);
    pub const READONLY: Self = Self(1 << 1);
    pub const DENYOOM: Self = Self(1 << 2);
    pub const MODULE: Self = Self(1 << 3);
    pub const ADMIN: Self = Self(1 << 4);
    pub const PUBSUB: Self = Self(1 << 5);
    pub const NOSCRIPT: Self = Self(1 << 6);
    pub const BLOCKING: Self = Self(1 << 7);
    pub const LOADING: Self = Self(1 << 8);
    pub const STALE: Self = Self(1 << 9);
    pub const SKIP_MONITOR: Self = Self(1 << 10);
    pub const SKIP_SLOWLOG: Self = Self(1 << 11);
    pub const ASKING: Self = Self(1 << 12);
    pub const FAST: Self = Self(1 << 13);
    pub const NO_AUTH: Self = Self(1 << 14);
    /// Reaches replicas or changes how a value is kept though it writes none. COMMAND INFO does not print it.
    pub const MAY_REPLICATE: Self = Self(1 << 15);
    pub const NO_MANDATORY_KEYS: Self = Self(1 << 16);
    pub const PROTECTED: Self = Self(1 << 17);
    pub const NO_ASYNC_LOADING: Self = Self(1 << 18);
    pub const NO_MULTI: Self = Self(1 << 19);
    pub const ALLOW_BUSY: Self = Self(1 << 20);
    pub const SCRIPT_RUNNER: Self = Self(1 << 22);
    /// Computed from the key specs, never declared.
    pub const MOVABLEKEYS: Self = Self(1 << 21);

    /// Flags that COMMAND INFO prints, in its order.
    pub const NAMES: &'static [(Self, &'static str)] = &[
        (Self::WRITE, "write"),
        (Self::READONLY, "readonly"),
        (Self::DENYOOM, "denyoom"),
        (Self::MODULE, "module"),
        (Self::ADMIN, "admin"),
        (Self::PUBSUB, "pubsub"),
        (Self::NOSCRIPT, "noscript"),
        (Self::BLOCKING, "blocking"),
        (Self::LOADING, "loading"),
        (Self::STALE, "stale"),
        (Self::SKIP_MONITOR, "skip_monitor"),
        (Self::SKIP_SLOWLOG, "skip_slowlog"),
        (Self::ASKING, "asking"),
        (Self::FAST, "fast"),
        (Self::NO_AUTH, "no_auth"),
        (Self::NO_MANDATORY_KEYS, "no_mandatory_keys"),
        (Self::NO_ASYNC_LOADING, "no_async_loading"),
        (Self::NO_MULTI, "no_multi"),
        (Self::MOVABLEKEYS, "movablekeys"),
        (Self::ALLOW_BUSY, "allow_busy"),
        (Self::SCRIPT_RUNNER, "script_runner"),
    ];

    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The names of the flags set, in COMMAND INFO's order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.iter().filter(move |(flag, _)| self.contains(*flag)).map(|(_, name)| *name)
    }
}
