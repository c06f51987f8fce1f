//! The connections of one run, by name, and what is known of each.

use std::collections::BTreeMap;
use std::io;
use std::thread;
use std::time::Duration;

use resp::{Protocol, Value};

use crate::lens::script::Manner;
use crate::lens::{Feed, Lens};
use crate::link::{Link, Observed};
use crate::subject::{Subject, Wait};
use crate::transcript::{Step, Transcript};

/// What the hooks of a [`Lens`] may look at and do between lines.
pub struct Stage<'s> {
    subject: &'s mut dyn Subject,
    pub(crate) lens: Lens,
    conns: BTreeMap<String, Conn>,
    /// The lens's own connection, opened when it is first needed.
    aside: Option<Link>,
    uses_databases: bool,
    /// A client sees every key that changes, for the rest of the run.
    is_observed: bool,
}

/// One of the transcript's connections.
struct Conn {
    link: Link,
    protocol: Protocol,
    /// It was last seen `(blocked)`.
    waits: bool,
    /// It has a WATCH that no EXEC, DISCARD or UNWATCH has ended.
    watches: bool,
    /// It is between MULTI and EXEC.
    queues: bool,
    /// It has subscribed, or monitors.
    listens: bool,
}

impl<'s> Stage<'s> {
    pub(crate) fn new(subject: &'s mut dyn Subject, lens: Lens, transcript: &Transcript) -> Self {
        Self {
            subject,
            lens,
            conns: BTreeMap::new(),
            aside: None,
            uses_databases: names_databases(transcript),
            is_observed: false,
        }
    }

    /// Sends a command on a connection of the lens's own (RESP2, never seen by the transcript) and returns its reply.
    ///
    /// # Errors
    /// When no reply comes.
    pub fn call(&mut self, words: &[&[u8]]) -> Result<Value, String> {
        self.aside(|link, subject| link.call(subject, words))
    }

    /// As [`Self::call`], for what must not be refused.
    ///
    /// # Errors
    /// When no reply comes, or one that is an error.
    pub fn ask(&mut self, words: &[&[u8]]) -> Result<Value, String> {
        self.aside(|link, subject| link.ask(subject, words))
    }

    fn aside<T>(&mut self, call: impl FnOnce(&mut Link, &mut dyn Subject) -> io::Result<T>) -> Result<T, String> {
        if self.aside.is_none() {
            self.aside = Some(Link::open(self.subject).map_err(|error| error.to_string())?);
        }
        let link = self.aside.as_mut().ok_or("a connection that was just opened")?;
        call(link, self.subject).map_err(|error| error.to_string())
    }

    /// Sets a parameter, by the subject's own means or with CONFIG SET. `false` if the server refuses.
    ///
    /// # Errors
    /// When no reply comes.
    pub fn configure(&mut self, name: &str, value: &str) -> Result<bool, String> {
        if self.subject.configure(name, value) {
            return Ok(true);
        }
        let reply = self.call(&[b"CONFIG", b"SET", name.as_bytes(), value.as_bytes()])?;
        Ok(matches!(reply, Value::Status(_)))
    }

    /// The server itself.
    pub fn subject(&mut self) -> &mut dyn Subject {
        self.subject
    }

    /// Whether some client waits for keys, watches them or is told when they change: rewriting a key would be noticed.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        self.is_observed || self.conns.values().any(|conn| conn.waits || conn.watches)
    }

    /// How many databases may have keys, from 0 on: as many as a server has unless told otherwise, or one if the transcript
    /// has no way into the others.
    #[must_use]
    pub const fn databases(&self) -> u32 {
        if self.uses_databases { 16 } else { 1 }
    }

    /// The connection of this name, opened if it is new.
    fn conn(&mut self, name: &str) -> io::Result<&mut Conn> {
        if !self.conns.contains_key(name) {
            let mut link = Link::open(self.subject)?;
            link.hello(self.subject, self.lens.protocol)?;
            let protocol = self.lens.protocol;
            let conn = Conn { link, protocol, waits: false, watches: false, queues: false, listens: false };
            self.conns.insert(name.to_owned(), conn);
        }
        self.conns.get_mut(name).ok_or_else(|| io::Error::other("a connection that was just opened"))
    }

    /// The names of the open connections.
    pub(crate) fn names(&self) -> Vec<String> {
        self.conns.keys().cloned().collect()
    }

    pub(crate) fn is_open(&self, name: &str) -> bool {
        self.conns.contains_key(name)
    }

    pub(crate) fn set_waits(&mut self, name: &str) {
        if let Some(conn) = self.conns.get_mut(name) {
            conn.waits = true;
        }
    }

    /// The protocol a connection speaks, or will.
    pub(crate) fn protocol(&self, name: &str) -> Protocol {
        self.conns.get(name).map_or(self.lens.protocol, |conn| conn.protocol)
    }

    pub(crate) fn manner(&self, name: &str) -> Manner {
        let protocol = self.protocol(name);
        let conn = self.conns.get(name);
        Manner {
            protocol,
            queues: conn.is_some_and(|conn| conn.queues),
            listens: conn.is_some_and(|conn| conn.listens),
        }
    }

    pub(crate) fn close(&mut self, name: &str) {
        if let Some(conn) = self.conns.remove(name) {
            self.subject.close(conn.link.id);
        }
    }

    /// Writes to a connection, cut as the lens has it.
    pub(crate) fn send(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let id = self.conn(name)?.link.id;
        match self.lens.feed {
            Feed::Whole | Feed::Pipelined => self.subject.send(id, bytes),
            Feed::ByByte => bytes.chunks(1).try_for_each(|byte| self.subject.send(id, byte)),
        }
    }

    /// What a connection shows next.
    pub(crate) fn observe(&mut self, name: &str, wait: Wait) -> io::Result<Observed> {
        self.conn(name)?;
        let Some(conn) = self.conns.get_mut(name) else { return Ok(Observed::Nothing) };
        let observed = conn.link.observe(self.subject, wait)?;
        if observed != Observed::Nothing {
            conn.waits = false;
        }
        Ok(observed)
    }

    /// Lets time pass: the subject's if it can, else ours.
    pub(crate) fn pass(&mut self, ms: u64) {
        if !self.subject.advance_clock(ms) {
            thread::sleep(Duration::from_millis(ms));
        }
    }

    /// Takes note of what a command and its reply say of the connection.
    pub(crate) fn note(&mut self, name: &str, words: &[Vec<u8>], observed: &Observed) {
        let Observed::Reply(reply) = observed else { return };
        if let (Some(name), Some(conn)) = (words.first(), self.conns.get_mut(name)) {
            // Whatever it answers, a transaction is over.
            conn.queues &= !["EXEC", "DISCARD", "RESET"].iter().any(|end| name.eq_ignore_ascii_case(end.as_bytes()));
        }
        if matches!(reply, Value::Error(_)) {
            return;
        }
        let word = |index: usize| words.get(index).map(|word| word.to_ascii_uppercase()).unwrap_or_default();
        let is_event = |word: &Vec<u8>| word.starts_with(b"__key");
        match word(0).as_slice() {
            b"MONITOR" => self.is_observed = true,
            b"CLIENT" if word(1) == b"TRACKING" => self.is_observed = true,
            b"SUBSCRIBE" | b"PSUBSCRIBE" if words.iter().any(is_event) => self.is_observed = true,
            _ => {}
        }
        let Some(conn) = self.conns.get_mut(name) else { return };
        match word(0).as_slice() {
            b"MULTI" => conn.queues = true,
            b"MONITOR" => conn.listens = true,
            b"SUBSCRIBE" | b"PSUBSCRIBE" | b"SSUBSCRIBE" => conn.listens |= conn.protocol == Protocol::Resp2,
            b"WATCH" => conn.watches = true,
            b"EXEC" | b"DISCARD" | b"UNWATCH" => conn.watches = false,
            b"RESET" => {
                conn.watches = false;
                conn.listens = false;
                conn.protocol = Protocol::Resp2;
            }
            b"HELLO" if word(1) == b"3" => conn.protocol = Protocol::Resp3,
            b"HELLO" if word(1) == b"2" => conn.protocol = Protocol::Resp2,
            _ => {}
        }
    }
}

/// Whether some command could put a key into a database other than 0.
fn names_databases(transcript: &Transcript) -> bool {
    const WORDS: [&str; 4] = ["SELECT", "MOVE", "SWAPDB", "COPY"];
    transcript.lines.iter().any(|line| match &line.step {
        Step::Command { .. } | Step::Raw { .. } => {
            // Anywhere in the line: a script can select a database too.
            let text = line.text.to_ascii_uppercase();
            WORDS.iter().any(|word| text.contains(word))
        }
        Step::Later { .. } | Step::Now { .. } | Step::Config { .. } | Step::Close { .. } | Step::Stream { .. } => false,
    })
}
