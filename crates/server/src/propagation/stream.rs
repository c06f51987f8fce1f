//! The stream itself: where units of all lanes come one after the other.
//!
//! One mutex, held for the copy of a unit into each tap's buffer. Encoding is done before, by the lane.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use command_api::Targets;
use keyspace::Access;
use parking_lot::Mutex;
use resp::write_command;

use super::tap::{Lost, Tap};
use super::unit::Unit;

/// What a node's writes leave by.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    /// Whether anybody takes it. Turned on only with the gate closed, so that no command runs that has not seen it.
    is_on: AtomicBool,
    feeds: Mutex<Vec<Feed>>,
}

/// Whether a unit that is several commands is to be obeyed as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Between MULTI and EXEC.
    Together,
    /// Each by itself: keys that expired on time or made room have nothing to do with each other.
    Apart,
}

/// What one tap has yet to take.
#[derive(Debug)]
struct Feed {
    id: u64,
    targets: Targets,
    /// The database that was selected last; `None`: nothing was said yet.
    db: Option<usize>,
    buffer: Vec<u8>,
    max_bytes: usize,
    lost: bool,
}

impl Stream {
    /// Whether writes are to be recorded.
    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        self.is_on.load(Relaxed)
    }

    /// From now on, keeps what `targets` take, up to `max_bytes` that were not taken. `_alone` is the closed gate: what a snapshot
    /// taken under it holds and what the tap brings make the whole.
    pub(crate) fn tap(self: &Arc<Self>, _alone: &Access<'_>, targets: Targets, max_bytes: usize) -> Tap {
        let mut feeds = self.feeds.lock();
        let id = feeds.last().map_or(0, |last| last.id + 1);
        feeds.push(Feed { id, targets, db: None, buffer: Vec::new(), max_bytes, lost: false });
        self.is_on.store(true, Relaxed);
        Tap::new(Arc::clone(self), id)
    }

    /// Puts a unit behind all that came before it, and empties it. Call it under the locks that the changes were made under.
    pub(crate) fn append(&self, unit: &mut Unit, shape: Shape) {
        for feed in self.feeds.lock().iter_mut() {
            feed.append(unit, shape);
        }
        unit.clear();
    }

    /// The data set became another in a way that no command tells: every consumer has to begin anew.
    pub(crate) fn break_off(&self) {
        self.feeds.lock().iter_mut().for_each(Feed::lose);
    }

    pub(super) fn take(&self, id: u64, into: &mut Vec<u8>) -> Result<(), Lost> {
        let mut feeds = self.feeds.lock();
        let Some(feed) = feeds.iter_mut().find(|feed| feed.id == id) else { return Ok(()) };
        if feed.lost {
            return Err(Lost);
        }
        if into.is_empty() {
            std::mem::swap(into, &mut feed.buffer);
        } else {
            into.append(&mut feed.buffer);
        }
        Ok(())
    }

    pub(super) fn remove(&self, id: u64) {
        let mut feeds = self.feeds.lock();
        feeds.retain(|feed| feed.id != id);
        self.is_on.store(!feeds.is_empty(), Relaxed);
    }
}

impl Feed {
    fn lose(&mut self) {
        self.lost = true;
        self.buffer = Vec::new();
    }

    fn append(&mut self, unit: &Unit, shape: Shape) {
        let commands = unit.commands_for(self.targets);
        let (count, bytes) = commands.clone().fold((0, 0), |(count, bytes), (_, one)| (count + 1, bytes + one.len()));
        if count == 0 || self.lost {
            return;
        }
        if self.buffer.len().saturating_add(bytes) > self.max_bytes {
            self.lose();
            return;
        }
        let is_wrapped = shape == Shape::Together && count > 1;
        for (index, (db, command)) in commands.enumerate() {
            if self.db != Some(db) {
                self.db = Some(db);
                write_command(&mut self.buffer, [&b"SELECT"[..], stdx::num::IntText::new().format(to_i64(db))]);
            }
            if is_wrapped && index == 0 {
                write_command(&mut self.buffer, ["MULTI"]);
            }
            self.buffer.extend_from_slice(command);
        }
        if is_wrapped {
            write_command(&mut self.buffer, ["EXEC"]);
        }
    }
}

fn to_i64(db: usize) -> i64 {
    i64::try_from(db).unwrap_or(i64::MAX)
}
