//! Connections to other servers, and which of them are kept.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};

use parking_lot::Mutex;
use resp::{ReadLimits, Reader, Value};
use stdx::UnixMs;

/// How long an idle connection is kept, and how many are.
const KEEP_MS: i64 = 10_000;
const MOST_LINKS: usize = 64;

/// Bytes asked for at once.
const READ_BYTES: usize = 16 << 10;

/// A connection to another server. Reading and writing end in an error when its time is over.
pub trait Link: Read + Write + Send {
    /// Sets how long one read or write may take from now on.
    ///
    /// # Errors
    /// Whatever the system says.
    fn set_timeout_ms(&mut self, ms: u64) -> io::Result<()>;
}

/// Kept connections by host and port.
#[derive(Default)]
pub(crate) struct Links {
    kept: Mutex<BTreeMap<Target, Peer>>,
}

type Target = (Box<[u8]>, Box<[u8]>);

/// A server at the other end.
pub(super) struct Peer {
    link: Box<dyn Link>,
    reader: Reader,
    /// Read and not yet understood.
    input: Vec<u8>,
    /// The database that was selected last.
    pub(super) db: Option<i64>,
    used_at: UnixMs,
}

impl Links {
    /// How many are kept.
    pub(crate) fn len(&self) -> usize {
        self.kept.lock().len()
    }

    /// Takes the kept connection to a server, if there is one.
    pub(super) fn take(&self, host: &[u8], port: &[u8], now: UnixMs) -> Option<Peer> {
        let mut kept = self.kept.lock();
        kept.retain(|_, peer| now.ms_since(peer.used_at) < KEEP_MS);
        kept.remove(&(Box::from(host), Box::from(port)))
    }

    /// Keeps a connection that is in order.
    pub(super) fn keep(&self, host: &[u8], port: &[u8], mut peer: Peer, now: UnixMs) {
        peer.used_at = now;
        let mut kept = self.kept.lock();
        if kept.len() < MOST_LINKS {
            kept.insert((Box::from(host), Box::from(port)), peer);
        }
    }
}

impl Peer {
    pub(super) fn new(link: Box<dyn Link>, now: UnixMs) -> Self {
        Self { link, reader: Reader::new(ReadLimits::default()), input: Vec::new(), db: None, used_at: now }
    }

    pub(super) fn set_timeout_ms(&mut self, ms: u64) -> io::Result<()> {
        self.link.set_timeout_ms(ms)
    }

    pub(super) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.link.write_all(bytes)?;
        self.link.flush()
    }

    /// The next reply.
    pub(super) fn reply(&mut self) -> io::Result<Value> {
        let mut chunk = [0; READ_BYTES];
        loop {
            let mut rest = &self.input[..];
            let found = self.reader.read(&mut rest).map_err(io::Error::other)?;
            let consumed = self.input.len() - rest.len();
            self.input.drain(..consumed);
            if let Some(value) = found {
                return Ok(value);
            }
            let count = self.link.read(&mut chunk)?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.input.extend_from_slice(chunk.get(..count).unwrap_or_default());
        }
    }
}
