//! A socket and the session behind it.

use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, RawFd};

use mio::event::Source;
use mio::net::{TcpStream, UnixStream};
use mio::{Interest, Registry, Token};
use server::Session;

/// A client's socket of either family.
#[derive(Debug)]
pub(crate) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Stream {
    pub(crate) fn fd(&self) -> RawFd {
        match self {
            Self::Tcp(stream) => stream.as_raw_fd(),
            Self::Unix(stream) => stream.as_raw_fd(),
        }
    }
}

impl Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(into),
            Self::Unix(stream) => stream.read(into),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.write(bytes),
            Self::Unix(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Source for Stream {
    fn register(&mut self, registry: &Registry, token: Token, interests: Interest) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.register(registry, token, interests),
            Self::Unix(stream) => stream.register(registry, token, interests),
        }
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interests: Interest) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.reregister(registry, token, interests),
            Self::Unix(stream) => stream.reregister(registry, token, interests),
        }
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.deregister(registry),
            Self::Unix(stream) => stream.deregister(registry),
        }
    }
}

/// A connection on a reactor.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) stream: Stream,
    pub(crate) session: Session,
    /// The socket may hold more to read: a read filled the buffer, or the session was not ready to take it.
    pub(crate) readable: bool,
    /// The poller told that the peer sends no more: it will not tell again, so reading goes on up to the end.
    pub(crate) hung_up: bool,
    /// The end was read. What the peer said before is still run and answered: `printf 'PING\r\n' | nc -N` works.
    pub(crate) ended: bool,
    /// The input may hold complete commands: the output was full, or clients were paused. Nothing more is read until they have run.
    pub(crate) unrun: bool,
    /// Already in the reactor's queue of connections to serve.
    pub(crate) in_ready: bool,
    /// Waits for a pause of all clients to end.
    pub(crate) paused: bool,
    /// Already in the reactor's list of connections to flush.
    pub(crate) in_flush: bool,
}

/// What a transfer left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transfer {
    /// Nothing more to do for now.
    Done,
    /// There is more.
    More,
    /// The peer sends no more; it may still read.
    Ended,
    /// The peer is gone.
    Closed,
}

impl Connection {
    pub(crate) fn new(stream: Stream, session: Session) -> Self {
        Self {
            stream,
            session,
            readable: true,
            hung_up: false,
            ended: false,
            unrun: false,
            in_ready: false,
            paused: false,
            in_flush: false,
        }
    }

    /// Reads once into the free part of the input buffer.
    pub(crate) fn receive(&mut self, scratch: &mut [u8]) -> (Transfer, usize) {
        loop {
            return match self.stream.read(scratch) {
                Ok(0) => (Transfer::Ended, 0),
                Ok(count) => {
                    self.session.input.extend_from_slice(scratch.get(..count).unwrap_or_default());
                    // A short read has drained the socket: the poller tells when there is more.
                    (if count == scratch.len() || self.hung_up { Transfer::More } else { Transfer::Done }, count)
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => (Transfer::Done, 0),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => (Transfer::Closed, 0),
            };
        }
    }

    /// Sends as much of the output as the socket takes.
    pub(crate) fn send(&mut self) -> Transfer {
        while self.session.sent < self.session.output.len() {
            match self.stream.write(&self.session.output[self.session.sent..]) {
                Ok(0) => return Transfer::Closed,
                Ok(count) => self.session.sent += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.drop_sent();
                    return Transfer::More;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Transfer::Closed,
            }
        }
        self.session.output.clear();
        self.session.sent = 0;
        Transfer::Done
    }

    /// Moves the rest to the front once most of the buffer is sent.
    fn drop_sent(&mut self) {
        if self.session.sent > self.session.output.len() / 2 {
            self.session.output.drain(..self.session.sent);
            self.session.sent = 0;
        }
    }
}
