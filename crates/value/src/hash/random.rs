//! Fields by chance, each that is to be seen being equally likely.

use std::collections::BTreeSet;

use pack::Element;
use stdx::UnixMs;

use super::entries::Entry;
use super::fields::{Hash, Repr};

/// How often a large hash is asked for another field when it came up with one past its deadline, before all are counted.
const TRIES: usize = 100;

impl Hash {
    /// One field; `None` if none is to be seen at `now`.
    #[must_use]
    pub fn random(&self, now: UnixMs, rng: &mut fastrand::Rng) -> Option<Entry<'_>> {
        if let Repr::Large(large) = &self.repr {
            for _ in 0..TRIES {
                let entry = Entry::from(large.table.random(rng)?);
                if entry.is_live(now) {
                    return Some(entry);
                }
            }
        }
        let live = self.live_len(now);
        if live == 0 {
            return None;
        }
        self.iter().filter(|entry| entry.is_live(now)).nth(rng.usize(..live))
    }

    /// `count` different fields, or all if there are not so many; `visit` is told each.
    pub fn sample(&self, count: usize, now: UnixMs, rng: &mut fastrand::Rng, visit: &mut dyn FnMut(Entry<'_>)) {
        let live = self.live_len(now);
        if matches!(self.repr, Repr::Large(_)) && count.saturating_mul(3) < live {
            let mut chosen = BTreeSet::new();
            while chosen.len() < count {
                let Some(entry) = self.random(now, rng) else { return };
                // The fields of a large hash are bytes, whatever they spell.
                if let Element::Bytes(field) = entry.field
                    && chosen.insert(field)
                {
                    visit(entry);
                }
            }
            return;
        }
        // In one pass: of those left, so many are wanted; the next one is among them with just that chance.
        let (mut wanted, mut left) = (count.min(live), live);
        for entry in self.iter().filter(|entry| entry.is_live(now)) {
            if wanted == 0 {
                return;
            }
            if rng.usize(..left) < wanted {
                visit(entry);
                wanted -= 1;
            }
            left -= 1;
        }
    }

    /// `count` fields, each drawn from all of them, so that one may come several times; `visit` is told each and returns whether
    /// to go on.
    pub fn draw(&self, count: u64, now: UnixMs, rng: &mut fastrand::Rng, visit: &mut dyn FnMut(Entry<'_>) -> bool) {
        if matches!(self.repr, Repr::Large(_)) {
            for _ in 0..count {
                let Some(entry) = self.random(now, rng) else { return };
                if !visit(entry) {
                    return;
                }
            }
            return;
        }
        // Small: the fields are laid out once, then drawn by number.
        let live: Vec<Entry<'_>> = self.iter().filter(|entry| entry.is_live(now)).collect();
        if live.is_empty() {
            return;
        }
        for _ in 0..count {
            if !visit(live[rng.usize(..live.len())]) {
                return;
            }
        }
    }
}
