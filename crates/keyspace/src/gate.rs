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
    closed: AtomicBool,
    /// Held by whoever has closed the gate.
    closer: Mutex<()>,
    /// Guards nothing: it orders the sleepers' last look with the wake-up.
    sleep: Mutex<()>,
    wake: Condvar,
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
            closer: Mutex::new(()),
            sleep: Mutex::new(()),
            wake: Condvar::new(),
        }
    }

    /// Takes `lane` and goes in; waits while the gate is closed.
    ///
    /// # Panics
    /// When the lane does not exist or has an owner already.
    pub fn enter(&self, lane: usize) {
        let taken = self.lanes[lane].0.compare_exchange(FREE, INSIDE, SeqCst, SeqCst);
        assert!(taken.is_ok(), "lane {lane} has two owners");
        in_one_order();
        if self.closed.load(SeqCst) {
            self.wait(lane);
        }
    }

    /// Goes out and gives the lane up.
    pub fn leave(&self, lane: usize) {
        self.lower(lane, FREE);
    }

    /// Goes out, and keeps the lane for [`Gate::come_back`].
    pub(crate) fn step_out(&self, lane: usize) {
        self.lower(lane, OUTSIDE);
    }

    /// Goes in again after [`Gate::step_out`]; waits while the gate is closed.
    pub(crate) fn come_back(&self, lane: usize) {
        self.lanes[lane].0.store(INSIDE, SeqCst);
        in_one_order();
        if self.closed.load(SeqCst) {
            self.wait(lane);
        }
    }

    fn lower(&self, lane: usize, state: u8) {
        self.lanes[lane].0.store(state, SeqCst);
        in_one_order();
        if self.closed.load(SeqCst) {
            let _asleep = lock(&self.sleep);
            self.wake.notify_all();
        }
    }

    /// Raised its flag before a closed gate: lowers it again and waits for its turn.
    #[cold]
    fn wait(&self, lane: usize) {
        let flag = &self.lanes[lane].0;
        while self.closed.load(SeqCst) {
            flag.store(OUTSIDE, SeqCst);
            let mut asleep = lock(&self.sleep);
            self.wake.notify_all();
            while self.closed.load(SeqCst) {
                asleep = self.wake.wait(asleep).unwrap_or_else(std::sync::PoisonError::into_inner);
            }
            drop(asleep);
            flag.store(INSIDE, SeqCst);
            in_one_order();
        }
    }

    /// Closes the gate and waits until every lane is down. The caller must be outside. The gate opens when the guard drops.
    #[must_use]
    pub fn close(&self) -> Closed<'_> {
        let closer = lock(&self.closer);
        self.closed.store(true, SeqCst);
        in_one_order();
        let mut asleep = lock(&self.sleep);
        while self.lanes.iter().any(|lane| lane.0.load(SeqCst) == INSIDE) {
            asleep = self.wake.wait(asleep).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
        drop(asleep);
        Closed { gate: self, _closer: closer }
    }
}

/// A closed gate.
#[derive(Debug)]
pub struct Closed<'g> {
    gate: &'g Gate,
    _closer: MutexGuard<'g, ()>,
}

impl Drop for Closed<'_> {
    fn drop(&mut self) {
        let _asleep = lock(&self.gate.sleep);
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
        shared.gate.come_back(lane);
        assert_eq!(shared.alone.load(SeqCst), 0);
        shared.gate.leave(lane);
    }

    fn close(shared: &Shared) {
        let _closed = shared.gate.close();
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
        drop(gate.close());
        gate.enter(0);
        gate.enter(1);
        gate.leave(0);
        gate.leave(1);
        drop(gate.close());
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
                            let _closed = gate.close();
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
