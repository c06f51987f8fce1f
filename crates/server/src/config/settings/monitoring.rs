//! What the server tells about itself: slow commands, latency, keyspace events.

use std::fmt;

/// Logs of slow commands and latency, and events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Monitoring {
    /// Microseconds from which on a command is logged; negative: none, 0: all.
    pub slowlog_log_slower_than_us: i64,
    pub slowlog_max_len: u64,
    /// Arguments of a command that its entry keeps.
    pub slowlog_entry_max_argc: u32,
    /// Bytes of an argument that its entry keeps.
    pub slowlog_entry_max_string_len_bytes: u64,
    /// Bytes from which on a request, or a reply, is logged; negative: none, 0: all.
    pub request_larger_than_bytes: i64,
    pub reply_larger_than_bytes: i64,
    pub large_request_max_len: u64,
    pub large_reply_max_len: u64,
    /// Milliseconds from which on an event is sampled; 0: none is.
    pub latency_monitor_threshold_ms: u64,
    pub latency_tracking: bool,
    /// What INFO latencystats prints, in percent.
    pub latency_percentiles: Vec<f64>,
    pub notify_keyspace_events: NotifyFlags,
}

/// Classes of keyspace events, as `notify-keyspace-events` spells them.
///
/// ```
/// use server::config::NotifyFlags;
/// let flags = NotifyFlags::parse(b"Ez$g").unwrap();
/// assert!(flags.intersects(NotifyFlags::STRING) && !flags.intersects(NotifyFlags::KEYSPACE));
/// assert_eq!(flags.to_string(), "g$zE");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NotifyFlags(u32);

/// A letter's place is its bit, and the order in which CONFIG GET prints them. The first [`IN_ALL`] are what `A` stands for.
/// Behind the letters of Redis 8.0: `a` arrays, `o` overwritten, `c` type changed, and `STIV` for events of hash fields.
const LETTERS: &[u8; 21] = b"g$lshzxetdanocKESTIVm";
const IN_ALL: u32 = 11;

impl NotifyFlags {
    /// What a refusal recommends.
    pub const ALPHABET: &'static str = "Ag$lshzxeKEtmdnaocSTIV";

    pub const GENERIC: Self = Self(1);
    pub const STRING: Self = Self(1 << 1);
    pub const LIST: Self = Self(1 << 2);
    pub const SET: Self = Self(1 << 3);
    pub const HASH: Self = Self(1 << 4);
    pub const ZSET: Self = Self(1 << 5);
    pub const EXPIRED: Self = Self(1 << 6);
    pub const EVICTED: Self = Self(1 << 7);
    pub const STREAM: Self = Self(1 << 8);
    pub const MODULE: Self = Self(1 << 9);
    pub const ARRAY: Self = Self(1 << 10);
    pub const NEW: Self = Self(1 << 11);
    pub const OVERWRITTEN: Self = Self(1 << 12);
    pub const TYPE_CHANGED: Self = Self(1 << 13);
    /// Publish to `__keyspace@DB__:KEY`.
    pub const KEYSPACE: Self = Self(1 << 14);
    /// Publish to `__keyevent@DB__:EVENT`.
    pub const KEYEVENT: Self = Self(1 << 15);
    /// Publish to `__subkeyspace@DB__:KEY`.
    pub const SUBKEYSPACE: Self = Self(1 << 16);
    /// Publish to `__subkeyevent@DB__:EVENT`.
    pub const SUBKEYEVENT: Self = Self(1 << 17);
    /// Publish to `__subkeyspaceitem@DB__:KEY\nSUBKEY`.
    pub const SUBKEYSPACE_ITEM: Self = Self(1 << 18);
    /// Publish to `__subkeyspaceevent@DB__:EVENT|KEY`.
    pub const SUBKEYSPACE_EVENT: Self = Self(1 << 19);
    pub const KEY_MISS: Self = Self(1 << 20);
    /// `A`.
    pub const ALL: Self = Self((1 << IN_ALL) - 1);

    /// The classes that `letters` name; `None` if one of them names none.
    #[must_use]
    pub fn parse(letters: &[u8]) -> Option<Self> {
        letters.iter().try_fold(Self::default(), |flags, letter| match letter {
            b'A' => Some(flags.union(Self::ALL)),
            letter => {
                let bit = LETTERS.iter().position(|known| known == letter)?;
                Some(flags.union(Self(1 << bit)))
            }
        })
    }

    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether any class of `other` is on.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for NotifyFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.0 & Self::ALL.0 == Self::ALL.0;
        if all {
            f.write_str("A")?;
        }
        let single = (0..).zip(LETTERS).filter(|(bit, _)| self.0 & 1 << bit != 0 && !(all && *bit < IN_ALL));
        single.into_iter().try_for_each(|(_, letter)| write!(f, "{}", char::from(*letter)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_printed_in_one_order() {
        // As redis-server 8.0.6 prints them, but for `A` with `n`, where it drops the `n`.
        for (given, printed) in [
            ("", ""),
            ("mnEKg", "gnKEm"),
            ("dtexKml", "lxetdKm"),
            ("AA", "A"),
            ("KEA", "AKE"),
            ("AnmEK", "AnKEm"),
            ("g$lshzxetdaK", "AK"),
        ] {
            assert_eq!(NotifyFlags::parse(given.as_bytes()).unwrap().to_string(), printed, "{given}");
        }
        assert_eq!(NotifyFlags::parse(b"Kb"), None);
        assert_eq!(NotifyFlags::parse(b" K"), None);
    }

    #[test]
    fn every_letter_has_the_bit_of_its_name() {
        let pairs = [
            (b'K', NotifyFlags::KEYSPACE),
            (b'E', NotifyFlags::KEYEVENT),
            (b't', NotifyFlags::STREAM),
            (b'x', NotifyFlags::EXPIRED),
            (b'm', NotifyFlags::KEY_MISS),
            (b'n', NotifyFlags::NEW),
            (b'a', NotifyFlags::ARRAY),
            (b'S', NotifyFlags::SUBKEYSPACE),
            (b'V', NotifyFlags::SUBKEYSPACE_EVENT),
            (b'c', NotifyFlags::TYPE_CHANGED),
        ];
        for (letter, flag) in pairs {
            assert_eq!(NotifyFlags::parse(&[letter]), Some(flag), "{}", char::from(letter));
        }
    }
}
