//! Which keys cost most: a sketch of the heaviest, by processor time and by bytes on the wire, while somebody asks for it.
//!
//! Space-Saving (Metwally, Agrawal, El Abbadi, 2005) with weights: a fixed number of counters; a key without one takes that of the
//! lightest and adds its weight to what stood there. A key whose true weight is above total / counters is never missed, and what is
//! shown is too much by the weight that was taken over, at most. With [`SLACK`] counters for each key shown the heavy ones come out
//! exact in practice. Rejected: counting every key, which takes memory in proportion to the key space just when it is busy.
//!
//! A command that names several keys gives each an equal part of what it cost. While nobody tracks, a command costs one look at a flag.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use parking_lot::Mutex;
use resp::Argv;
use stdx::UnixMs;

use super::Cost;
use super::command_log::wire_bytes;
use crate::node::Node;
use crate::table::{Entry, NameHasher};

/// Counters for each key that is to be shown.
const SLACK: usize = 16;

/// How the tracking was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) cpu: bool,
    pub(super) net: bool,
    /// How many keys are shown.
    pub(super) count: usize,
    /// When it ends by itself.
    pub(super) until: Option<UnixMs>,
    /// One command in so many is looked at.
    pub(super) ratio: u32,
}

/// HOTKEYS: the running or the last tracking.
#[derive(Debug, Default)]
pub(crate) struct HotKeys {
    is_on: AtomicBool,
    session: Mutex<Option<Session>>,
}

/// A tracking and what it found.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) plan: Plan,
    pub(super) started_at: UnixMs,
    pub(super) stopped_at: Option<UnixMs>,
    /// The process's user and system time when it began, and while it ran once it has ended, in seconds.
    pub(super) cpu_s: [f64; 2],
    /// Of all commands, looked at or not.
    pub(super) command_ns: u64,
    pub(super) wire_bytes: u64,
    pub(super) by_cpu_ns: Heaviest,
    pub(super) by_bytes: Heaviest,
}

/// The heaviest keys.
#[derive(Clone, Debug, Default)]
pub(super) struct Heaviest {
    counters: HashMap<Box<[u8]>, u64, NameHasher>,
    capacity: usize,
}

impl Heaviest {
    fn new(count: usize) -> Self {
        Self { counters: HashMap::default(), capacity: count.saturating_mul(SLACK) }
    }

    fn add(&mut self, key: &[u8], weight: u64) {
        if let Some(known) = self.counters.get_mut(key) {
            *known = known.saturating_add(weight);
            return;
        }
        let mut inherited = 0;
        if self.counters.len() >= self.capacity {
            let lightest = self.counters.iter().min_by_key(|(_, weight)| **weight).map(|(key, _)| key.clone());
            inherited = lightest.and_then(|key| self.counters.remove(&key)).unwrap_or(0);
        }
        self.counters.insert(Box::from(key), weight.saturating_add(inherited));
    }

    /// The first `count`, heaviest first.
    pub(super) fn first(&self, count: usize) -> Vec<(&[u8], u64)> {
        let mut all: Vec<(&[u8], u64)> = self.counters.iter().map(|(key, weight)| (&**key, *weight)).collect();
        all.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        all.truncate(count);
        all
    }
}

impl HotKeys {
    pub(crate) fn is_on(&self) -> bool {
        self.is_on.load(Relaxed)
    }

    /// Starts a tracking; returns whether none was running.
    pub(super) fn start(&self, node: &Node, plan: Plan, now: UnixMs) -> bool {
        let mut session = self.current(node, now);
        if session.as_ref().is_some_and(|session| session.stopped_at.is_none()) {
            return false;
        }
        *session = Some(Session {
            plan,
            started_at: now,
            stopped_at: None,
            cpu_s: cpu_s(node),
            command_ns: 0,
            wire_bytes: 0,
            by_cpu_ns: Heaviest::new(plan.count),
            by_bytes: Heaviest::new(plan.count),
        });
        self.is_on.store(true, Relaxed);
        true
    }

    /// Ends the tracking; returns whether one was running.
    pub(super) fn stop(&self, node: &Node, now: UnixMs) -> bool {
        let mut session = self.current(node, now);
        let running = session.as_mut().filter(|session| session.stopped_at.is_none());
        let stopped = running.is_some();
        if let Some(running) = running {
            self.end(running, node, now);
        }
        stopped
    }

    /// Forgets what was found; returns whether no tracking was running.
    pub(super) fn reset(&self, node: &Node, now: UnixMs) -> bool {
        let mut session = self.current(node, now);
        let is_idle = session.as_ref().is_none_or(|session| session.stopped_at.is_some());
        if is_idle {
            *session = None;
        }
        is_idle
    }

    /// A copy of what was found; its processor times are those of the tracking.
    pub(super) fn get(&self, node: &Node, now: UnixMs) -> Option<Session> {
        let mut found = self.current(node, now).clone()?;
        if found.stopped_at.is_none() {
            found.cpu_s = since(cpu_s(node), found.cpu_s);
        }
        Some(found)
    }

    /// The session, ended if its time is over.
    fn current(&self, node: &Node, now: UnixMs) -> parking_lot::MutexGuard<'_, Option<Session>> {
        let mut session = self.session.lock();
        if let Some(running) = session.as_mut().filter(|session| session.stopped_at.is_none())
            && let Some(until) = running.plan.until.filter(|until| *until <= now)
        {
            self.end(running, node, until);
        }
        session
    }

    fn end(&self, session: &mut Session, node: &Node, at: UnixMs) {
        session.stopped_at = Some(at);
        session.cpu_s = since(cpu_s(node), session.cpu_s);
        self.is_on.store(false, Relaxed);
    }

    /// Adds what a command cost to its keys.
    pub(super) fn note(
        &self,
        node: &Node,
        entry: &Entry,
        argv: Argv<'_>,
        cost: Cost,
        chance: impl FnOnce(u32) -> bool,
    ) {
        let now = node.host.unix_ms();
        let mut session = self.current(node, now);
        let Some(session) = session.as_mut().filter(|session| session.stopped_at.is_none()) else { return };
        let bytes = wire_bytes(argv).saturating_add(cost.reply_bytes as u64);
        session.command_ns = session.command_ns.saturating_add(cost.ns);
        session.wire_bytes = session.wire_bytes.saturating_add(bytes);
        if !entry.has_keys || session.plan.ratio > 1 && !chance(session.plan.ratio) {
            return;
        }
        let mut keys = Vec::new();
        // A command whose keys cannot be told has used none.
        if entry.find_keys(argv, &mut keys).is_err() || keys.is_empty() {
            return;
        }
        let parts = keys.len() as u64;
        for position in &keys {
            let Some(key) = argv.get(position.index as usize) else { continue };
            if session.plan.cpu {
                session.by_cpu_ns.add(key, cost.ns / parts);
            }
            if session.plan.net {
                session.by_bytes.add(key, bytes / parts);
            }
        }
    }
}

fn cpu_s(node: &Node) -> [f64; 2] {
    let process = node.host.process();
    [process.cpu_user_s, process.cpu_sys_s]
}

fn since(now: [f64; 2], then: [f64; 2]) -> [f64; 2] {
    [(now[0] - then[0]).max(0.0), (now[1] - then[1]).max(0.0)]
}

#[cfg(test)]
mod tests {
    use arbtest::arbtest;

    use super::*;

    #[test]
    fn a_heavy_key_is_never_missed_and_never_shown_too_light() {
        arbtest(|u| {
            let mut sketch = Heaviest::new(1);
            let mut truth: HashMap<Vec<u8>, u64> = HashMap::new();
            let mut total = 0;
            for _ in 0..u.int_in_range(0..=400)? {
                let key = vec![u.int_in_range(0..=99_u8)?];
                let weight = u.int_in_range(0..=50)?;
                sketch.add(&key, weight);
                *truth.entry(key).or_default() += weight;
                total += weight;
            }
            assert!(sketch.counters.len() <= SLACK);
            for (key, weight) in &truth {
                match sketch.counters.get(key.as_slice()) {
                    Some(shown) => assert!(shown >= weight && *shown - weight <= total / SLACK as u64, "{key:?}"),
                    None => assert!(*weight <= total / SLACK as u64, "{key:?} is missed"),
                }
            }
            let first = sketch.first(3);
            assert!(first.windows(2).all(|pair| pair[0].1 >= pair[1].1) && first.len() <= 3);
            Ok(())
        });
    }
}
