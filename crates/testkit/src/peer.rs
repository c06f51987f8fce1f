//! Whose server is being asked, and which transcripts it can be asked at all: `@since` and `@only`.
//!
//! Redis and Valkey share their history up to 7.2 and count on separately from there. So `@since 6.2` holds for both, and
//! `@since 8.4` says nothing of Valkey unless it names a Valkey version too: `@since 8.4 valkey 9.1`.

use std::fmt;

/// Whose server answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vendor {
    Redis,
    Valkey,
    Ochre,
}

/// A release, as `8.4` or `8.4.1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    pub major: u16,
    pub minor: u16,
    pub patch: u16,
}

/// The server behind a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    pub vendor: Vendor,
    pub version: Version,
}

/// The oldest releases that know what a transcript asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Since {
    pub redis: Option<Version>,
    pub valkey: Option<Version>,
}

/// The last release both histories share.
const COMMON: Version = Version { major: 7, minor: 2, patch: u16::MAX };

impl Vendor {
    /// `redis`, `valkey` or `ochre`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "redis" => Some(Self::Redis),
            "valkey" => Some(Self::Valkey),
            "ochre" => Some(Self::Ochre),
            _ => None,
        }
    }

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Redis => "redis",
            Self::Valkey => "valkey",
            Self::Ochre => "ochre",
        }
    }
}

impl Version {
    #[must_use]
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self { major, minor, patch }
    }

    /// `8`, `8.4` or `8.4.1`; what is left out counts as 0.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(|part| part.parse::<u16>().ok());
        let version = Self {
            major: parts.next()??,
            minor: parts.next().unwrap_or(Some(0))?,
            patch: parts.next().unwrap_or(Some(0))?,
        };
        if parts.next().is_some() { None } else { Some(version) }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl Since {
    /// `8.4`, or `8.4 valkey 9.1`, or `valkey 9.1` alone.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut since = Self::default();
        let mut words = text.split_whitespace().peekable();
        if let Some(version) = words.peek().copied().and_then(Version::parse) {
            words.next();
            since.redis = Some(version);
        }
        if let Some(vendor) = words.next() {
            since.valkey = Some(Version::parse(words.next().filter(|_| vendor == "valkey")?)?);
        }
        if words.next().is_some() || since == Self::default() { None } else { Some(since) }
    }

    /// Why `peer` is too old, or of the wrong family; `None` if it is neither. Ochre never is.
    #[must_use]
    pub fn refuses(self, peer: Peer) -> Option<String> {
        let needed = match peer.vendor {
            Vendor::Ochre => return None,
            Vendor::Redis => self.redis,
            Vendor::Valkey => self.valkey.or_else(|| self.redis.filter(|version| *version <= COMMON)),
        };
        match needed {
            Some(version) if peer.version >= version => None,
            Some(version) => Some(format!("since {} {version}", peer.vendor.name())),
            None if self == Self::default() => None,
            None => Some(format!("not in {}", peer.vendor.name())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(vendor: Vendor, version: &str) -> Peer {
        Peer { vendor, version: Version::parse(version).unwrap() }
    }

    #[test]
    fn a_version_has_one_to_three_numbers() {
        assert_eq!(Version::parse("8"), Some(Version::new(8, 0, 0)));
        assert_eq!(Version::parse("7.0.15"), Some(Version::new(7, 0, 15)));
        for bad in ["", "8.", "8.x", "1.2.3.4", "-1", "70000"] {
            assert_eq!(Version::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn since_counts_redis_and_valkey_apart_after_their_fork() {
        let table = [
            ("6.2", Vendor::Redis, "6.0.9", false),
            ("6.2", Vendor::Redis, "7.0.15", true),
            ("6.2", Vendor::Valkey, "7.2.0", true),
            ("7.2", Vendor::Valkey, "7.2.0", true),
            ("8.0", Vendor::Valkey, "9.1.2", false),
            ("8.0 valkey 9.0", Vendor::Valkey, "8.1.0", false),
            ("8.0 valkey 9.0", Vendor::Valkey, "9.1.2", true),
            ("valkey 9.0", Vendor::Valkey, "9.1.2", true),
            ("valkey 9.0", Vendor::Redis, "8.6.0", false),
            ("valkey 9.0", Vendor::Ochre, "0.1", true),
        ];
        for (since, vendor, version, asked) in table {
            let refusal = Since::parse(since).unwrap().refuses(peer(vendor, version));
            assert_eq!(refusal.is_none(), asked, "@since {since}, {} {version}: {refusal:?}", vendor.name());
        }
        assert_eq!(Since::default().refuses(peer(Vendor::Redis, "2.0")), None);
    }

    #[test]
    fn since_takes_nothing_else() {
        for bad in ["", "x", "8.0 redis 8.1", "8.0 valkey", "8.0 valkey 9.0 more", "valkey"] {
            assert_eq!(Since::parse(bad), None, "{bad}");
        }
    }
}
