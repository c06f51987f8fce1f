//! A consumer's end of the stream.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use command_api::Targets;

use super::stream::Stream;
use crate::node::Node;

/// One who takes what the node's writes come to: an append-only file, a replication backlog, a test. Dropped, it takes no more.
///
/// What it is given begins with SELECT and is whole commands only; MULTI and its EXEC come together. An append-only file takes it at
/// the end of a reactor's turn, before the turn's replies go out, and so holds no more than the turns of all lanes bring.
#[derive(Debug)]
pub struct Tap {
    stream: Arc<Stream>,
    id: u64,
}

/// More came than the tap may hold, or the data set was replaced as a whole: what the tap missed is in the data set only, and it has to begin
/// anew with a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost;

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what was written could not be kept for this consumer, which has to begin anew")
    }
}

impl Error for Lost {}

impl Tap {
    pub(super) const fn new(stream: Arc<Stream>, id: u64) -> Self {
        Self { stream, id }
    }

    /// Moves what has come since the last call to the end of `into`.
    ///
    /// # Errors
    /// [`Lost`], from then on for ever, when more came than it may hold.
    pub fn take(&self, into: &mut Vec<u8>) -> Result<(), Lost> {
        self.stream.take(self.id, into)
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.stream.remove(self.id);
    }
}

impl Node {
    /// From now on, keeps the commands that `targets` are to obey, up to `max_bytes` of them. Waits until no lane runs a command: call it on
    /// the thread of `lane`, between two turns.
    #[must_use]
    pub fn tap(&self, lane: usize, targets: Targets, max_bytes: usize) -> Tap {
        let mut turn = self.keyspace.enter(lane);
        let alone = turn.lock_all();
        self.propagation.tap(&alone, targets, max_bytes)
    }
}
