//! What becomes ready by time alone: the waiter's own lane notices and runs the handler again.
//!
//! XREADGROUP with CLAIM waits for entries that others have left lying, and says when the first of them will have lain for long enough. A
//! change of the stream may move that time; whoever serves the change notes the new one and wakes the lane.

use std::sync::Arc;

use command_api::Retry;
use keyspace::{Changes, Mode, Touched, Turn};
use stdx::UnixMs;

use super::{Answer, KeyName, Waiter};
use crate::node::{Live, Node};
use crate::worker::Worker;

/// How often it is looked whether a script that runs for long has ended.
const BUSY_RETRY_MS: i64 = 10;

impl Worker {
    /// Keeps a waiter of this lane in mind if time may answer it.
    pub(super) fn note_retry(&mut self, waiter: &Arc<Waiter>) {
        if waiter.block.retry != Retry::Never {
            self.timed_waiters.retain(|waiter| *waiter.answer.lock() == Answer::None);
            self.timed_waiters.push(Arc::clone(waiter));
        }
    }

    /// Runs those again whose time has come. Returns when the next one's is.
    pub(crate) fn retry_waiters(&mut self, node: &Node, live: &Live, now: UnixMs) -> Option<UnixMs> {
        if self.timed_waiters.is_empty() {
            return None;
        }
        if node.scripting.busy.is_busy() {
            // Nobody is served while a script runs.
            return now.checked_add_ms(BUSY_RETRY_MS);
        }
        self.timed_waiters.retain(|waiter| *waiter.answer.lock() == Answer::None);
        let mut next = None;
        for waiter in self.timed_waiters.clone() {
            if waiter.retry_at().is_some_and(|at| at <= now) {
                // Once: the run says when it wants the next.
                waiter.retry_as(Retry::Later);
                let keys: Vec<KeyName> = waiter.keys.iter().map(|(name, _)| name.clone()).collect();
                self.serve_keys(node, live, now, keys);
            }
            let again = waiter.retry_at().map(|at| UnixMs(at.0.max(now.0.saturating_add(1))));
            next = next.into_iter().chain(again).min();
        }
        next
    }

    /// Serves those who wait for these keys, which nobody here has locked.
    pub(crate) fn serve_keys(&mut self, node: &Node, live: &Live, now: UnixMs, names: Vec<KeyName>) {
        let mut turn = node.keyspace.enter(self.lane);
        let Err(names) = self.serve_keys_within(&mut turn, node, live, now, names) else { return };
        // A script began just now, and runs for long: the way in opens when it has ended.
        drop(turn);
        self.serve_keys(node, live, now, names);
    }

    /// As [`Self::serve_keys`], in a turn that has locked nothing.
    ///
    /// # Errors
    /// The names again, when a script began just now that runs for long.
    pub(crate) fn serve_keys_within(
        &mut self,
        turn: &mut Turn<'_>,
        node: &Node,
        live: &Live,
        now: UnixMs,
        names: Vec<KeyName>,
    ) -> Result<(), Vec<KeyName>> {
        let keys: Vec<(u64, Mode)> = names.iter().map(|name| (name.hash, Mode::Write)).collect();
        let Ok(mut access) = node.widen_for_waiters(turn.lock_keys(keys.iter().copied()), &keys) else {
            return Err(names);
        };
        let touched = names.into_iter().map(|KeyName { hash, db, key }| Touched { db, hash, key });
        let mut changes = Changes { touched: touched.collect(), ..Changes::default() };
        self.serve_waiters(&mut access, node, live, now, &mut changes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn claiming_reader_is_answered_when_an_entry_has_lain_for_long_enough() {
        check(
            r"
            @since 8.4
            @only redis ochre
            A> XADD s 1-1 f v                                      => '1-1'
            A> XGROUP CREATE s g 0                                 => OK
            A> XREADGROUP GROUP g a STREAMS s >                    => pairs {'s': [['1-1', ['f', 'v']]]}
            B> XREADGROUP GROUP g b BLOCK 0 CLAIM 1000 STREAMS s > => (blocked)
            @now +500ms
            A> XCLAIM s g a 0 1-1 JUSTID                           => ['1-1']
            @now +700ms
            A> XPENDING s g - + 10 b                               => []
            @now +400ms
            B:                                                     => pairs {'s': [['1-1', ['f', 'v'], (int 1000..1200), 1]]}
            C> XREADGROUP GROUP g c BLOCK 0 CLAIM 9000 STREAMS s > => (blocked)
            A> XADD s 2-1 f w                                      => '2-1'
            C:                                                     => pairs {'s': [['2-1', ['f', 'w'], 0, 0]]}
        ",
        );
    }
}
