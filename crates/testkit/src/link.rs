//! One connection to a subject, seen from the client: commands go in, whole replies come out.

use std::io;

use resp::{Protocol, Reader, Value, encode_command};

use crate::notation::print;
use crate::subject::{ConnId, Subject, Wait};

/// What a connection shows when it is looked at.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Observed {
    Reply(Value),
    Nothing,
    Closed,
    /// Bytes that are no reply; nothing after them can be read.
    Malformed(String),
}

/// A connection and the bytes of it that are no whole reply yet.
pub(crate) struct Link {
    pub(crate) id: ConnId,
    reader: Reader,
    /// What has come and was not read yet.
    input: Vec<u8>,
    /// How much of `input` was read.
    taken: usize,
    closed: bool,
    malformed: Option<String>,
}

impl Link {
    pub(crate) fn open(subject: &mut dyn Subject) -> io::Result<Self> {
        Ok(Self {
            id: subject.connect()?,
            reader: Reader::default(),
            input: Vec::new(),
            taken: 0,
            closed: false,
            malformed: None,
        })
    }

    /// The next reply, waiting for it as `wait` says.
    pub(crate) fn observe(&mut self, subject: &mut dyn Subject, wait: Wait) -> io::Result<Observed> {
        loop {
            if let Some(message) = &self.malformed {
                return Ok(Observed::Malformed(message.clone()));
            }
            let mut rest = &self.input[self.taken..];
            let read = self.reader.read(&mut rest);
            self.taken = self.input.len() - rest.len();
            match read {
                Ok(Some(value)) => return Ok(Observed::Reply(value)),
                Ok(None) if self.closed => return Ok(Observed::Closed),
                Ok(None) => {}
                Err(error) => {
                    self.malformed = Some(error.to_string());
                    continue;
                }
            }
            let received = subject.receive(self.id, wait)?;
            if received.bytes.is_empty() && !received.closed {
                return Ok(Observed::Nothing);
            }
            self.closed = received.closed;
            // Without a whole reply the reader has taken all there was.
            self.input = received.bytes;
            self.taken = 0;
        }
    }

    /// Sends a command and returns its reply.
    pub(crate) fn call(&mut self, subject: &mut dyn Subject, words: &[&[u8]]) -> io::Result<Value> {
        subject.send(self.id, &encode_command(words))?;
        match self.observe(subject, Wait::Reply)? {
            Observed::Reply(value) => Ok(value),
            Observed::Nothing => Err(no_reply(words, "no reply")),
            Observed::Closed => Err(no_reply(words, "the connection was closed")),
            Observed::Malformed(message) => Err(no_reply(words, &message)),
        }
    }

    /// As [`Self::call`], for what must not be refused.
    pub(crate) fn ask(&mut self, subject: &mut dyn Subject, words: &[&[u8]]) -> io::Result<Value> {
        let reply = self.call(subject, words)?;
        if reply.as_error().is_none() {
            return Ok(reply);
        }
        let shown: Vec<String> = words.iter().map(|word| word.escape_ascii().to_string()).collect();
        Err(io::Error::other(format!("{}: {}", shown.join(" "), print(&reply))))
    }

    /// Switches to `protocol` with HELLO.
    pub(crate) fn hello(&mut self, subject: &mut dyn Subject, protocol: Protocol) -> io::Result<()> {
        match protocol {
            Protocol::Resp2 => Ok(()),
            Protocol::Resp3 => self.ask(subject, &[b"HELLO", b"3"]).map(|_| ()),
        }
    }
}

fn no_reply(words: &[&[u8]], what: &str) -> io::Error {
    let name = words.first().copied().unwrap_or_default().escape_ascii();
    io::Error::other(format!("{name}: {what}"))
}
