//! Dialects: whose bytes to write. Stamps: whose bytes are being read.
//!
//! A stamp is the version number in a payload's footer or a file's header. Redis counts 1 to 15 so far; Valkey shared that count up to 11,
//! then jumped to 80. The numbers between are Redis's future (Valkey calls 12 to 79 foreign and refuses them all). The stamp alone
//! tells how to read, because type codes from 22 on mean different things on the two sides of the jump.
//!
//! A dialect is a server release to please. Several share a stamp: what decides is the oldest release that reads it.

use std::fmt;
use std::str::FromStr;

/// Whose format it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Vendor {
    Redis,
    Valkey,
}

impl Vendor {
    /// The greatest stamp of this vendor that can be read.
    #[must_use]
    pub const fn newest_stamp(self) -> u16 {
        match self {
            Self::Redis => 15,
            Self::Valkey => 81,
        }
    }
}

impl fmt::Display for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Redis => "Redis",
            Self::Valkey => "Valkey",
        })
    }
}

/// A version number that can be read.
///
/// ```
/// use rdb::{Stamp, Vendor};
/// assert_eq!(Stamp::new(80).unwrap().vendor(), Vendor::Valkey);
/// assert_eq!(Stamp::new(16), Err(Vendor::Redis));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stamp(u16);

impl Stamp {
    /// Version 1.
    pub(crate) const OLDEST: Self = Self(1);

    /// The stamp `number`.
    ///
    /// # Errors
    /// If it is newer than anything known; the error says whose it must be.
    pub const fn new(number: u16) -> Result<Self, Vendor> {
        match number {
            // No server has written 0, but all of Redis since 3.2 read it as "older than 1".
            0..=15 | 80..=81 => Ok(Self(number)),
            16..=79 => Err(Vendor::Redis),
            82.. => Err(Vendor::Valkey),
        }
    }

    /// Who writes this stamp. 11 and below, which the vendors share, count as Redis's.
    #[must_use]
    pub const fn vendor(self) -> Vendor {
        if self.0 < 80 { Vendor::Redis } else { Vendor::Valkey }
    }

    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }

    /// Whether modules may have noted something in front of keys (opcode 243): in Redis from 8.6 on.
    pub(crate) const fn has_key_metadata(self) -> bool {
        matches!(self.0, 13..=79)
    }
}

/// A form to write values in. See `docs/formats/dump.md` for what each can hold.
///
/// ```
/// use rdb::Dialect;
/// assert_eq!("redis-7.2".parse(), Ok(Dialect::Redis7_2));
/// assert_eq!(Dialect::Valkey9.to_string(), "valkey-9");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// The lowest stamp from 10 up that can hold the value: what the greatest number of servers can read.
    #[default]
    Portable,
    Redis6_2,
    Redis7_0,
    Redis7_2,
    Redis7_4,
    Redis8_0,
    Redis8_6,
    Redis8_8,
    Redis8_10,
    Valkey7_2,
    Valkey8,
    Valkey9,
}

impl Dialect {
    /// All of them, in the order in which documentation and errors list them.
    pub const ALL: [Self; 12] = [
        Self::Portable,
        Self::Redis6_2,
        Self::Redis7_0,
        Self::Redis7_2,
        Self::Redis7_4,
        Self::Redis8_0,
        Self::Redis8_6,
        Self::Redis8_8,
        Self::Redis8_10,
        Self::Valkey7_2,
        Self::Valkey8,
        Self::Valkey9,
    ];

    /// The name in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Redis6_2 => "redis-6.2",
            Self::Redis7_0 => "redis-7.0",
            Self::Redis7_2 => "redis-7.2",
            Self::Redis7_4 => "redis-7.4",
            Self::Redis8_0 => "redis-8.0",
            Self::Redis8_6 => "redis-8.6",
            Self::Redis8_8 => "redis-8.8",
            Self::Redis8_10 => "redis-8.10",
            Self::Valkey7_2 => "valkey-7.2",
            Self::Valkey8 => "valkey-8",
            Self::Valkey9 => "valkey-9",
        }
    }

    /// The stamp that this server writes on everything; `None` if it depends on the value.
    #[must_use]
    pub const fn stamp(self) -> Option<Stamp> {
        match self {
            Self::Portable => None,
            Self::Redis6_2 => Some(Stamp(9)),
            Self::Redis7_0 => Some(Stamp(10)),
            Self::Redis7_2 | Self::Valkey7_2 | Self::Valkey8 => Some(Stamp(11)),
            Self::Redis7_4 | Self::Redis8_0 => Some(Stamp(12)),
            Self::Redis8_6 => Some(Stamp(13)),
            Self::Redis8_8 => Some(Stamp(14)),
            Self::Redis8_10 => Some(Stamp(15)),
            Self::Valkey9 => Some(Stamp(80)),
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text names no dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownDialect;

impl fmt::Display for UnknownDialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("dialect must be one of")?;
        for (position, dialect) in Dialect::ALL.iter().enumerate() {
            write!(f, "{} {dialect}", if position == 0 { ":" } else { "," })?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownDialect {}

impl FromStr for Dialect {
    type Err = UnknownDialect;

    /// Reads a name as the configuration has it, in either case.
    fn from_str(text: &str) -> Result<Self, UnknownDialect> {
        Self::ALL.into_iter().find(|dialect| dialect.name().eq_ignore_ascii_case(text)).ok_or(UnknownDialect)
    }
}

/// A dialect with its stamp settled: what a type's writer is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) dialect: Dialect,
    pub(crate) stamp: Stamp,
}

impl Target {
    /// Settles the stamp. `least` is the lowest Redis stamp that can hold the value in full.
    pub(crate) fn settle(dialect: Dialect, least: u16) -> Self {
        let portable = Stamp(least.clamp(10, Vendor::Redis.newest_stamp()));
        let stamp = dialect.stamp().unwrap_or(portable);
        Self { dialect, stamp }
    }
}

#[cfg(test)]
mod tests {
    use super::{Dialect, Stamp, Target, UnknownDialect, Vendor};

    #[test]
    fn names_are_read_back_and_others_refused() {
        for dialect in Dialect::ALL {
            assert_eq!(dialect.name().parse(), Ok(dialect));
            assert_eq!(dialect.name().to_uppercase().parse(), Ok(dialect));
        }
        for name in ["", "redis", "redis-7", "valkey-9.1", "redis-7.0 "] {
            assert_eq!(name.parse::<Dialect>(), Err(UnknownDialect), "{name}");
        }
        assert!(UnknownDialect.to_string().starts_with("dialect must be one of: portable, redis-6.2, "));
    }

    #[test]
    fn every_dialect_writes_a_stamp_that_is_read() {
        for dialect in Dialect::ALL {
            let Some(stamp) = dialect.stamp() else { continue };
            assert_eq!(Stamp::new(stamp.number()), Ok(stamp));
            assert_eq!(stamp.vendor() == Vendor::Valkey, dialect == Dialect::Valkey9);
        }
    }

    #[test]
    fn stamps_beyond_the_known_are_refused_with_their_vendor() {
        for (number, expected) in [
            (0, Ok(Vendor::Redis)),
            (15, Ok(Vendor::Redis)),
            (16, Err(Vendor::Redis)),
            (79, Err(Vendor::Redis)),
            (80, Ok(Vendor::Valkey)),
            (81, Ok(Vendor::Valkey)),
            (82, Err(Vendor::Valkey)),
            (u16::MAX, Err(Vendor::Valkey)),
        ] {
            assert_eq!(Stamp::new(number).map(Stamp::vendor), expected, "{number}");
        }
        for vendor in [Vendor::Redis, Vendor::Valkey] {
            assert!(Stamp::new(vendor.newest_stamp()).is_ok());
            assert_eq!(Stamp::new(vendor.newest_stamp() + 1), Err(vendor));
        }
    }

    #[test]
    fn portable_takes_the_lowest_stamp_from_10_up() {
        assert_eq!(Target::settle(Dialect::Portable, 0).stamp, Stamp(10));
        assert_eq!(Target::settle(Dialect::Portable, 12).stamp, Stamp(12));
        assert_eq!(Target::settle(Dialect::Redis6_2, 12).stamp, Stamp(9));
    }
}
