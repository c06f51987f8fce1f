//! What the harness drives: anything that takes request bytes on connections and gives reply bytes back.
//!
//! The trait speaks bytes and not commands, because the protocol itself is under test: how input is cut into arrivals, what
//! a reply looks like under RESP2 and RESP3, what happens to a connection after a protocol error. It is object safe, so that
//! the harness is compiled once and not for each server. Async was rejected: a test wants one order of events.

use std::io;

/// One connection of a subject. Numbers are the subject's own and are not reused before [`Subject::reset`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnId(pub u64);

/// How long a subject behind a real socket should wait for bytes. One in memory has them or does not, and ignores this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Only what is already here.
    Poll,
    /// A short while, to be fairly sure that nothing comes: for `(blocked)`.
    Settle,
    /// As long as a slow server may take: a reply is owed.
    Reply,
}

/// What came from a connection since it was last asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    pub bytes: Vec<u8>,
    /// The other side has closed, and nothing comes after `bytes`.
    pub closed: bool,
}

/// A server as seen by its clients.
///
/// An `Err` means the subject itself broke (a refused connection, a dead server), never a refused command: that is a reply.
pub trait Subject {
    /// Opens a connection. It starts as every Redis connection does: RESP2, database 0.
    ///
    /// # Errors
    /// When the server cannot be reached.
    fn connect(&mut self) -> io::Result<ConnId>;

    /// Hands `bytes` over as one arrival: an in-memory server parses and runs what it can before this returns, so that
    /// input split at every byte really meets the parser byte by byte.
    ///
    /// # Errors
    /// When the server is gone. Writing to a connection that the server closed is no error: [`Received::closed`] tells.
    fn send(&mut self, conn: ConnId, bytes: &[u8]) -> io::Result<()>;

    /// Takes the bytes produced for `conn` so far.
    ///
    /// # Errors
    /// When the server is gone.
    fn receive(&mut self, conn: ConnId, wait: Wait) -> io::Result<Received>;

    /// Moves the subject's clock forward and lets what became due happen: timeouts of blocked clients, the expiry cycle.
    /// `false` if its clock cannot be moved; the harness then sleeps for real.
    fn advance_clock(&mut self, ms: u64) -> bool;

    /// Closes a connection from the client's side.
    fn close(&mut self, conn: ConnId);

    /// Back to an empty server: no keys, functions or connections, the parameters as they were at start.
    ///
    /// # Errors
    /// When the server is gone or refuses.
    fn reset(&mut self) -> io::Result<()>;

    /// Sets a configuration parameter by other means than CONFIG SET, for a subject that has no such command (one that runs
    /// only data commands). `false`: the harness sends CONFIG SET.
    fn configure(&mut self, name: &str, value: &str) -> bool {
        let _ = (name, value);
        false
    }

    /// From now on keeps the commands that leave for replicas. `false`: this subject has no way to tell them, and `@stream` lines are not
    /// compared.
    ///
    /// # Errors
    /// When the server is gone or refuses.
    fn listen(&mut self) -> io::Result<bool> {
        Ok(false)
    }

    /// The commands that left for replicas since it was asked last, as words.
    ///
    /// # Errors
    /// When the server is gone.
    fn take_stream(&mut self) -> io::Result<Vec<Vec<Vec<u8>>>> {
        Ok(Vec::new())
    }

    /// Whether all is as it should be inside, where no reply tells: for [`Lens::REPLICA`](crate::Lens::REPLICA).
    ///
    /// # Errors
    /// What is not.
    fn audit(&mut self) -> Result<(), String> {
        Ok(())
    }

    /// Another server that must hold what this one holds by now: its replica, or one that has just loaded its files. For
    /// [`Lens::TWIN`](crate::Lens::TWIN).
    fn twin(&mut self) -> Option<&mut dyn Subject> {
        None
    }
}
