//! The 24-bit access clock of a key: when it was used (LRU), when it was changed (LRM), or how often it was used (LFU).
//!
//! LRU and LRM keep seconds modulo 2^24 (194 days); under LRM reading a key leaves its clock alone, so one clock serves both. LFU keeps 16 bits of minutes and an 8-bit logarithmic counter that decays, as the
//! eviction page of the documentation describes: a counter of 5 for a new key, so that it is not evicted at once, a chance of
//! 1 / ((counter - 5) * factor + 1) to grow at each use, and one step down for every decay period.

use stdx::UnixMs;

const BITS: u32 = 24;
const MASK: u32 = (1 << BITS) - 1;
/// What a new key's LFU counter starts from.
const LFU_START: u8 = 5;

/// How accesses are recorded, and the time of the running command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessClock {
    Lru { now: UnixMs },
    Lrm { now: UnixMs },
    Lfu { now: UnixMs, log_factor: u32, decay_minutes: u32 },
}

impl AccessClock {
    /// The clock of a key made now.
    #[must_use]
    pub fn fresh(self) -> u32 {
        match self {
            Self::Lru { now } | Self::Lrm { now } => low_bits(now.seconds()),
            Self::Lfu { now, .. } => lfu(minutes(now), LFU_START),
        }
    }

    /// The clock of a key whose clock was `clock` and that is used now. `chance` is a random number.
    #[must_use]
    pub fn touched(self, clock: u32, chance: u32) -> u32 {
        match self {
            Self::Lru { .. } | Self::Lrm { .. } => self.fresh(),
            Self::Lfu { now, log_factor, .. } => {
                let counter = self.frequency(clock);
                let above = u64::from(counter.saturating_sub(LFU_START));
                let odds = above.saturating_mul(u64::from(log_factor)).saturating_add(1);
                let grows = counter < u8::MAX && u64::from(chance).saturating_mul(odds) < 1 << 32;
                lfu(minutes(now), counter + u8::from(grows))
            }
        }
    }

    /// Whether only changes count as uses.
    #[must_use]
    pub const fn counts_changes_only(self) -> bool {
        matches!(self, Self::Lrm { .. })
    }

    /// Seconds since the last use, or change; meaningful under LRU and LRM.
    #[must_use]
    pub fn idle_seconds(self, clock: u32) -> u32 {
        let (Self::Lru { now } | Self::Lrm { now } | Self::Lfu { now, .. }) = self;
        low_bits(now.seconds()).wrapping_sub(clock) & MASK
    }

    /// The LFU counter, decayed up to now.
    #[must_use]
    pub fn frequency(self, clock: u32) -> u8 {
        let counter = clock.to_le_bytes()[0];
        match self {
            Self::Lru { .. } | Self::Lrm { .. } => counter,
            Self::Lfu { now, decay_minutes, .. } => {
                let elapsed = minutes(now).wrapping_sub(clock >> 8) & 0xffff;
                let periods = elapsed.checked_div(decay_minutes).unwrap_or(0);
                counter.saturating_sub(u8::try_from(periods).unwrap_or(u8::MAX))
            }
        }
    }

    /// The clock of a key last used `idle` seconds ago.
    #[must_use]
    pub fn with_idle_seconds(self, idle: u64) -> u32 {
        let (Self::Lru { now } | Self::Lrm { now } | Self::Lfu { now, .. }) = self;
        low_bits(now.seconds().saturating_sub(i64::try_from(idle).unwrap_or(i64::MAX)))
    }

    /// The clock of a key with the LFU counter `frequency`.
    #[must_use]
    pub fn with_frequency(self, frequency: u8) -> u32 {
        let (Self::Lru { now } | Self::Lrm { now } | Self::Lfu { now, .. }) = self;
        lfu(minutes(now), frequency)
    }
}

fn lfu(minutes: u32, counter: u8) -> u32 {
    (minutes & 0xffff) << 8 | u32::from(counter)
}

fn minutes(now: UnixMs) -> u32 {
    low_bits(now.seconds().div_euclid(60))
}

fn low_bits(number: i64) -> u32 {
    u32::try_from(number & i64::from(MASK)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: i64 = 86_400_000;

    #[test]
    fn lru_tells_idle_seconds_across_the_wrap() {
        let wrap_s = i64::from(MASK) + 1;
        let then = AccessClock::Lru { now: UnixMs((wrap_s - 2) * 1000) }.fresh();
        assert_eq!(AccessClock::Lru { now: UnixMs((wrap_s + 3) * 1000) }.idle_seconds(then), 5);
        let now = AccessClock::Lru { now: UnixMs(20_000 * DAY_MS) };
        assert_eq!(now.idle_seconds(now.with_idle_seconds(1000)), 1000);
    }

    #[test]
    fn lfu_grows_by_chance_and_decays_with_time() {
        let at = |ms| AccessClock::Lfu { now: UnixMs(20_000 * DAY_MS + ms), log_factor: 10, decay_minutes: 1 };
        let fresh = at(0).fresh();
        assert_eq!(at(0).frequency(fresh), 5);
        // From 5 the odds are one: any chance grows it. From 6 they are 1 in 11.
        let six = at(0).touched(fresh, u32::MAX);
        assert_eq!(at(0).frequency(six), 6);
        assert_eq!(at(0).frequency(at(0).touched(six, u32::MAX)), 6);
        assert_eq!(at(0).frequency(at(0).touched(six, 0)), 7);
        assert_eq!(at(3 * 60_000).frequency(six), 3);
        assert_eq!(at(DAY_MS).frequency(six), 0);
        let steep = AccessClock::Lfu { now: UnixMs(0), log_factor: i32::MAX.unsigned_abs(), decay_minutes: 0 };
        let high = steep.with_frequency(200);
        assert_eq!(steep.frequency(steep.touched(high, u32::MAX)), 200, "odds beyond 64 bits");
        let full = at(0).with_frequency(255);
        assert_eq!(at(0).frequency(at(0).touched(full, 0)), 255);
    }
}
