//! The gate: lets every reactor in at once, or one of them alone.
//!
//! Each reactor owns a lane, a flag on a cache line of its own, and raises it while it runs commands; nobody else writes that
//! line, so coming and going costs two uncontended stores per batch of commands and shares nothing. Whoever needs the whole
//! keyspace to stand still (KEYS, FLUSHALL, SWAPDB, a script whose keys cannot be known) closes the gate and waits until every
//! lane is down.
//!
//! A lane whose owner waits at the gate, or has closed it, is down but not free: nobody else may raise it meanwhile. Otherwise two
//! threads could take themselves for its owner, and the first to leave would lower the flag under the other's feet.
//!
//! Whoever has closed the gate may say that it will take long ([`Closed::announce_busy`]). Those who sleep before the gate then go
//! away without having been inside, and so do those who come while it is busy: they have clients to answer meanwhile.
//!
//! The order that makes it safe is Dekker's: a reactor raises its flag and then looks at `closed`; the closer sets `closed` and
//! then looks at the flags. With sequentially consistent accesses at least one of the two sees the other. `loom` checks it
//! (`tests::loom_*`, run with `--cfg loom`); it knows that order only of fences, hence [`in_one_order`].
//!
//! Rejected: a reader-writer lock (every batch would write one shared line: two reactors lost a third of their throughput to
//! it), and epochs (exclusive work would have to wait for a grace period it cannot bound).

#[cfg(loom)]
use loom::sync::{
    Condvar, Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicU8, Ordering::SeqCst},
};
#[cfg(not(loom))]
use std::sync::{
    Condvar, Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicU8, Ordering::SeqCst},
};

/// Admits the lanes' owners together or one caller alone.
#[derive(Debug)]
pub struct Gate {
    lanes: Box<[Lane]>,
    /// Set under `sleep`; looked at without.
    closed: AtomicBool,
    /// Closed, and for long. Set under `sleep`.
    busy: AtomicBool,
    /// Guards no data: it orders the sleepers' last look with the wake-up.
    sleep: Mutex<()>,
    wake: Condvar,
}

/// Whether to wait for a gate that is busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// Until it opens, however long that takes.
    Endless,
    /// As long as it is not busy.
    UnlessBusy,
}

/// One reactor's flag. Two lines, because processors fetch them in pairs.
#[derive(Debug)]
#[repr(align(128))]
struct Lane(AtomicU8);

/// Nobody owns the lane.
const FREE: u8 = 0;
/// Its owner is inside.
const INSIDE: u8 = 1;
/// Its owner waits at the gate or has closed it.
const OUTSIDE: u8 = 2;

impl Gate {
    /// A gate with `lanes` lanes, all outside.
    #[must_use]
    pub fn new(lanes: usize) -> Self {
        Self {
            lanes: (0..lanes).map(|_| Lane(AtomicU8::new(FREE))).collect(),
            closed: AtomicBool::new(false),
            busy: AtomicBool::new(false),
            sleep: Mutex::new(()),
            wake: Condvar::new(),
        }
    }

    /// Takes `lane` and goes in; waits while the gate is closed.
    ///
    /// # Panics
    /// When the lane does not exist or has an owner already.
    pub fn enter(&self, lane: usize) {
        let inside = self.try_enter(lane, Patience::Endless);
        assert!(inside, "endless patience ends inside");
    }

    /// As [`Gate::enter`], but with patience that may end: then the lane is free again, and `false` is returned.
    ///
    /// # Panics
    /// When the lane does not exist or has an owner already.
    #[must_use]
    pub fn try_enter(&self, lane: usize, patience: Patience) -> bool {
        let taken = self.lanes[lane].0.compare_exchange(FREE, INSIDE, SeqCst, SeqCst);
        assert!(taken.is_ok(), "lane {lane} has two owners");
        in_one_order();
        if !self.closed.load(SeqCst) || self.wait(lane, patience) {
            return true;
        }
        self.lower(lane, FREE);
        false
    }

    /// Goes out and gives the lane up.
    pub fn leave(&self, lane: usize) {
        self.lower(lane, FREE);
    }

    /// Goes out, and keeps the lane for [`Gate::come_back`].
    pub(crate) fn step_out(&self, lane: usize) {
        self.lower(lane, OUTSIDE);
    }

    /// Goes in again after [`Gate::step_out`]; waits while the gate is closed. Returns whether it is inside: with patience at an end it
    /// stays outside, and keeps the lane.
    #[must_use]
    pub(crate) fn come_back(&self, lane: usize, patience: Patience) -> bool {
        self.lanes[lane].0.store(INSIDE, SeqCst);
        in_one_order();
        !self.closed.load(SeqCst) || self.wait(lane, patience)
    }

    fn lower(&self, lane: usize, state: u8) {
        self.lanes[lane].0.store(state, SeqCst);
        in_one_order();
        if self.closed.load(SeqCst) {
            let _asleep = lock(&self.sleep);
            self.wake.notify_all();
        }
    }

    /// Raised its flag before a closed gate: lowers it again and waits for its turn. Returns whether it is inside.
    #[cold]
    fn wait(&self, lane: usize, patience: Patience) -> bool {
        let flag = &self.lanes[lane].0;
        while self.closed.load(SeqCst) {
            flag.store(OUTSIDE, SeqCst);
            let mut asleep = lock(&self.sleep);
            self.wake.notify_all();
            while self.closed.load(SeqCst) {
                if patience == Patience::UnlessBusy && self.busy.load(SeqCst) {
                    return false;
                }
                asleep = self.wake.wait(asleep).unwrap_or_else(std::sync::PoisonError::into_inner);
            }
            drop(asleep);
            flag.store(INSIDE, SeqCst);
            in_one_order();
        }
        true
    }

    /// Closes the gate and waits until every lane is down. The caller must be outside. The gate opens when the guard drops. `None`:
    /// somebody else has closed it, and the caller's patience is at an end.
    #[must_use]
    pub fn close(&self, patience: Patience) -> Option<Closed<'_>> {
        let mut asleep = lock(&self.sleep);
        while self.closed.load(SeqCst) {
            if patience == Patience::UnlessBusy && self.busy.load(SeqCst) {
                return None;
            }
            asleep = self.wake.wait(asleep).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
        self.closed.store(true, SeqCst);
        in_one_order();
        while self.lanes.iter().any(|lane| lane.0.load(SeqCst) == INSIDE) {
            asleep = self.wake.wait(asleep).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
        drop(asleep);
        Some(Closed { gate: self })
    }

    /// Whether the gate is closed for long.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.busy.load(SeqCst)
    }
}

/// A closed gate.
#[derive(Debug)]
pub struct Closed<'g> {
    gate: &'g Gate,
}

impl Closed<'_> {
    /// Sends away those who have no patience for a long wait, until the gate opens.
    pub fn announce_busy(&self) {
        let _asleep = lock(&self.gate.sleep);
        self.gate.busy.store(true, SeqCst);
        self.gate.wake.notify_all();
    }
}

impl Drop for Closed<'_> {
    fn drop(&mut self) {
        let _asleep = lock(&self.gate.sleep);
        self.gate.busy.store(false, SeqCst);
        self.gate.closed.store(false, SeqCst);
        self.gate.wake.notify_all();
    }
}

/// Between raising one's own flag and looking at the other's. The accesses are sequentially consistent and need no more, but loom
/// takes them for acquire and release, which would let both sides miss each other.
#[inline]
fn in_one_order() {
    #[cfg(loom)]
    loom::sync::atomic::fence(SeqCst);
}

/// The mutexes guard no data, so a panic while one is held leaves nothing broken behind.
fn lock(mutex: &Mutex<()>) -> MutexGuard<'_, ()> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(all(test, loom))]
mod tests {
    use loom::sync::{Arc, atomic::AtomicUsize};

    use super::*;

    struct Shared {
        gate: Gate,
        inside: AtomicUsize,
        alone: AtomicUsize,
    }

    fn shared() -> Arc<Shared> {
        Arc::new(Shared { gate: Gate::new(2), inside: AtomicUsize::new(0), alone: AtomicUsize::new(0) })
    }

    fn stay(shared: &Shared, lane: usize) {
        shared.gate.enter(lane);
        shared.inside.fetch_add(1, SeqCst);
        assert_eq!(shared.alone.load(SeqCst), 0);
        shared.inside.fetch_sub(1, SeqCst);
        shared.gate.leave(lane);
    }

    fn stay_twice(shared: &Shared, lane: usize) {
        shared.gate.enter(lane);
        shared.gate.step_out(lane);
        close(shared);
        assert!(shared.gate.come_back(lane, Patience::Endless));
        assert_eq!(shared.alone.load(SeqCst), 0);
        shared.gate.leave(lane);
    }

    fn close(shared: &Shared) {
        let _closed = shared.gate.close(Patience::Endless);
        assert_eq!(shared.alone.fetch_add(1, SeqCst), 0);
        assert_eq!(shared.inside.load(SeqCst), 0);
        shared.alone.fetch_sub(1, SeqCst);
    }

    #[test]
    fn loom_nobody_is_inside_while_the_gate_is_closed() {
        loom::model(|| {
            let ours = shared();
            let theirs = Arc::clone(&ours);
            let thread = loom::thread::spawn(move || stay(&theirs, 1));
            close(&ours);
            thread.join().unwrap();
        });
    }

    #[test]
    fn loom_two_lanes_that_step_out_to_close_both_come_back() {
        loom::model(|| {
            let ours = shared();
            let theirs = Arc::clone(&ours);
            let thread = loom::thread::spawn(move || stay_twice(&theirs, 1));
            stay_twice(&ours, 0);
            thread.join().unwrap();
        });
    }

    /// Closes the gate for long.
    fn close_and_tell(shared: &Shared) {
        let closed = shared.gate.close(Patience::Endless).expect("endless patience");
        assert_eq!(shared.alone.fetch_add(1, SeqCst), 0);
        closed.announce_busy();
        assert_eq!(shared.inside.load(SeqCst), 0);
        shared.alone.fetch_sub(1, SeqCst);
    }

    #[test]
    fn loom_one_without_patience_goes_away_or_in_but_never_into_a_closed_gate() {
        loom::model(|| {
            let ours = shared();
            let theirs = Arc::clone(&ours);
            let thread = loom::thread::spawn(move || {
                if theirs.gate.try_enter(1, Patience::UnlessBusy) {
                    theirs.inside.fetch_add(1, SeqCst);
                    assert_eq!(theirs.alone.load(SeqCst), 0);
                    theirs.inside.fetch_sub(1, SeqCst);
                    theirs.gate.leave(1);
                }
                // Free in both cases.
                theirs.gate.enter(1);
                theirs.gate.leave(1);
            });
            close_and_tell(&ours);
            thread.join().unwrap();
        });
    }

    #[test]
    fn loom_a_closer_without_patience_excludes_the_others_or_gives_up() {
        loom::model(|| {
            let ours = shared();
            let theirs = Arc::clone(&ours);
            let thread = loom::thread::spawn(move || {
                theirs.gate.enter(1);
                theirs.gate.step_out(1);
                if let Some(_closed) = theirs.gate.close(Patience::UnlessBusy) {
                    assert_eq!(theirs.alone.load(SeqCst), 0);
                }
                if theirs.gate.come_back(1, Patience::UnlessBusy) {
                    assert_eq!(theirs.alone.load(SeqCst), 0);
                }
                theirs.gate.leave(1);
            });
            close_and_tell(&ours);
            thread.join().unwrap();
        });
    }

    #[test]
    fn loom_two_closers_exclude_each_other() {
        loom::model(|| {
            let ours = shared();
            let theirs = Arc::clone(&ours);
            let thread = loom::thread::spawn(move || close(&theirs));
            close(&ours);
            thread.join().unwrap();
        });
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn the_gate_opens_again_and_admits_all_lanes() {
        let gate = Gate::new(2);
        drop(gate.close(Patience::Endless));
        gate.enter(0);
        gate.enter(1);
        gate.leave(0);
        gate.leave(1);
        drop(gate.close(Patience::Endless));
    }

    #[test]
    fn a_busy_gate_sends_the_impatient_away() {
        let gate = Gate::new(2);
        gate.enter(0);
        gate.step_out(0);
        let closed = gate.close(Patience::UnlessBusy).expect("nobody else is there");
        assert!(!gate.is_busy());
        closed.announce_busy();
        assert!(gate.is_busy());
        assert!(!gate.try_enter(1, Patience::UnlessBusy));
        assert!(gate.close(Patience::UnlessBusy).is_none());
        drop(closed);
        assert!(!gate.is_busy());
        assert!(gate.come_back(0, Patience::UnlessBusy));
        assert!(gate.try_enter(1, Patience::UnlessBusy));
    }

    #[test]
    #[should_panic(expected = "two owners")]
    fn a_lane_has_one_owner() {
        let gate = Gate::new(1);
        gate.enter(0);
        gate.enter(0);
    }

    #[test]
    #[should_panic(expected = "two owners")]
    fn a_lane_stays_its_owners_while_they_are_outside() {
        let gate = Gate::new(1);
        gate.enter(0);
        gate.step_out(0);
        gate.enter(0);
    }

    #[test]
    fn threads_and_closers_never_overlap() {
        use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
        let gate = Gate::new(3);
        let inside = AtomicI64::new(0);
        std::thread::scope(|scope| {
            for lane in 0..3 {
                let (gate, inside) = (&gate, &inside);
                scope.spawn(move || {
                    for turn in 0..2000 {
                        if turn % 50 == 0 {
                            let _closed = gate.close(Patience::Endless);
                            assert_eq!(inside.load(Relaxed), 0);
                        } else {
                            gate.enter(lane);
                            inside.fetch_add(1, Relaxed);
                            inside.fetch_sub(1, Relaxed);
                            gate.leave(lane);
                        }
                    }
                });
            }
        });
    }
}
