//! A server and its replica, for tests: what the one writes the other is fed, and both must hold the same.
//!
//! The lens `replica` replays every transcript on such a pair, so that a command whose effect is not the same elsewhere is found by
//! whatever test it has. Two things are held: after each line a replica fed at once has the primary's keys, types, values and deadlines; and
//! in the end one that is fed everything ten years later, as an append-only file would be, has them too.

use std::collections::BTreeMap;
use std::io;

use command_api::Targets;
use keyspace::Db;
use keyspace::table::Entry;
use rdb::ValueDigest;
use resp::{Reader, Value as Reply};
use stdx::UnixMs;
use testkit::{ConnId, Received, Subject, Wait};
use value::{Stream, ValueRef};

use super::Tap;
use crate::testing::MemoryServer;
use crate::{Endpoint, Node, Session, Stopped, Worker};

/// More than any test writes.
const TAP_BYTES: usize = 1 << 30;

/// How much later the stream is read again.
const LATER_US: u64 = 10 * 366 * 86_400 * 1_000_000;

/// A server in memory whose stream another obeys.
#[derive(Debug)]
pub struct Replicated {
    primary: MemoryServer,
    replica: Replica,
    tap: Tap,
    /// All that came so far.
    stream: Vec<u8>,
    /// What came and no test has taken, if one listens.
    untaken: Option<Vec<u8>>,
    /// A difference was told.
    differed: bool,
}

/// A server that obeys a stream.
#[derive(Debug)]
struct Replica {
    server: MemoryServer,
    worker: Worker,
    session: Session,
}

/// What a node holds: keys by database and name, and libraries.
#[derive(Debug, Default, PartialEq, Eq)]
struct Content {
    keys: BTreeMap<(usize, Box<[u8]>), Held>,
    libraries: Vec<Vec<u8>>,
}

/// What a key holds.
#[derive(Debug, PartialEq, Eq)]
struct Held {
    kind: &'static str,
    digest: ValueDigest,
    deadline: Option<UnixMs>,
}

impl Replicated {
    /// Both empty.
    #[must_use]
    pub fn new() -> Self {
        let primary = MemoryServer::new(1);
        let tap = primary.node().tap(0, Targets::REPLICAS, TAP_BYTES);
        Self { primary, replica: Replica::new(), tap, stream: Vec::new(), untaken: None, differed: false }
    }

    /// Keys and fields whose time has passed are removed only when a writer meets them.
    #[cfg(test)]
    pub(super) fn let_expired_lie(&self) {
        self.primary.set_active_expire(false);
    }

    /// What was propagated since the last call, commands as words.
    fn take(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        assert_eq!(self.tap.take(&mut bytes), Ok(()), "no test writes that much");
        self.stream.extend_from_slice(&bytes);
        if let Some(untaken) = &mut self.untaken {
            untaken.extend_from_slice(&bytes);
        }
        bytes
    }

    fn compare(&mut self) -> Result<(), String> {
        let bytes = self.take();
        let now = self.primary.node().host().unix_ms();
        self.replica.set_clock(now);
        self.replica.obey(&bytes)?;
        self.primary.content().differences(&self.replica.server.content())
    }

    /// Whether who reads the whole stream much later comes to the same.
    fn compare_later(&mut self) -> Result<(), String> {
        let _ = self.take();
        let mut later = Replica::new();
        later.server.node().host().sleep_us(LATER_US);
        later.obey(&self.stream)?;
        let now = self.primary.node().host().unix_ms();
        self.primary
            .content()
            .differences(&later.server.content_at(now))
            .map_err(|text| format!("ten years later: {text}"))
    }
}

impl Default for Replicated {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Replicated {
    fn drop(&mut self) {
        if !self.differed
            && !std::thread::panicking()
            && let Err(text) = self.compare_later()
        {
            panic!("{text}");
        }
    }
}

impl Replica {
    fn new() -> Self {
        let server = MemoryServer::new(1);
        let endpoint = Endpoint {
            addr: "127.0.0.1:6379".into(),
            laddr: "127.0.0.1:50000".into(),
            fd: 8,
            is_local: true,
            is_unix: false,
        };
        let worker = Worker::new(server.node().clone(), 0);
        let session = Session::from_primary(server.node(), 0, endpoint);
        Self { server, worker, session }
    }

    fn set_clock(&self, now: UnixMs) {
        let host = self.server.node().host();
        let ms = now.ms_since(host.unix_ms());
        host.sleep_us(u64::try_from(ms).unwrap_or(0) * 1000);
    }

    /// Executes commands of a stream, none of which may be refused.
    fn obey(&mut self, stream: &[u8]) -> Result<(), String> {
        self.session.input.extend_from_slice(stream);
        let mut refusals = Vec::new();
        let mut replies = Reader::default();
        loop {
            let stopped = self.worker.run(&mut self.session);
            let output = std::mem::take(&mut self.session.output);
            let mut rest = &output[..];
            while let Some(reply) = replies.read(&mut rest).map_err(|error| error.to_string())? {
                note_refusals(&reply, &mut refusals);
            }
            match stopped {
                Stopped::OutputFull => {}
                Stopped::Drained if self.session.input.is_empty() => break,
                Stopped::Drained | Stopped::Waiting | Stopped::Paused | Stopped::Closing => {
                    refusals.push(format!("the replica stopped: {stopped:?}"));
                    break;
                }
            }
        }
        if refusals.is_empty() {
            return Ok(());
        }
        Err(format!("{} of '{}'", refusals.join("; "), stream.escape_ascii()))
    }
}

fn note_refusals(reply: &Reply, refusals: &mut Vec<String>) {
    if let Some(text) = reply.as_error() {
        refusals.push(format!("the replica refused: {}", text.escape_ascii()));
    }
    if let Reply::Array(items) = reply {
        items.iter().for_each(|item| note_refusals(item, refusals));
    }
}

impl MemoryServer {
    /// What there is now: what has expired is not, whether or not it was removed.
    fn content(&self) -> Content {
        self.content_at(self.node().host().unix_ms())
    }

    fn content_at(&self, now: UnixMs) -> Content {
        let node: &Node = self.node();
        let live = node.live();
        let mut content = Content { libraries: node.library_sources(&[]), ..Content::default() };
        content.libraries.sort();
        let mut turn = node.keyspace.enter(0);
        for db in 0..node.keyspace.databases() {
            let view = Db::new(turn.lock_all(), db, now, live.clock(now), false, 0);
            view.for_each(|entry| {
                if entry.deadline().is_none_or(|at| at >= now) {
                    content.keys.insert((db, Box::from(entry.key())), held(entry));
                }
            });
        }
        content
    }
}

fn held(entry: Entry<'_>) -> Held {
    let value = entry.value();
    let digest = if let ValueRef::Stream(stream) = value {
        ValueDigest::of(ValueRef::Stream(&without_sightings(stream)))
    } else {
        ValueDigest::of(value)
    };
    Held { kind: value.value_type().name(), digest, deadline: entry.deadline() }
}

/// The stream but for what nobody propagates: when its consumers were seen, and how many messages came twice.
fn without_sightings(stream: &Stream) -> Stream {
    let mut stream = stream.clone();
    if stream.idempotency().is_some() {
        stream.idempotency_mut().duplicates = 0;
    }
    let names: Vec<Vec<u8>> = stream.groups().map(|(name, _)| name.to_vec()).collect();
    for name in names {
        let Some(group) = stream.group_mut(&name) else { continue };
        let consumers: Vec<Vec<u8>> = group.consumers().map(|consumer| consumer.name().to_vec()).collect();
        for consumer in consumers {
            let Some(id) = group.find_consumer(&consumer) else { continue };
            let consumer = group.consumer_mut(id);
            consumer.seen_at = UnixMs::default();
            consumer.active_at = None;
        }
    }
    stream
}

impl Content {
    fn differences(&self, replica: &Self) -> Result<(), String> {
        let mut lines = Vec::new();
        let names = self.keys.keys().chain(replica.keys.keys().filter(|name| !self.keys.contains_key(*name)));
        for name in names {
            let (here, there) = (self.keys.get(name), replica.keys.get(name));
            if here != there {
                lines.push(format!(
                    "db {} key '{}': {here:?}, but {there:?} on the replica",
                    name.0,
                    name.1.escape_ascii()
                ));
            }
        }
        if self.libraries != replica.libraries {
            lines.push("libraries differ".to_owned());
        }
        if lines.is_empty() { Ok(()) } else { Err(lines.join("; ")) }
    }
}

impl Subject for Replicated {
    fn connect(&mut self) -> io::Result<ConnId> {
        self.primary.connect()
    }

    fn send(&mut self, conn: ConnId, bytes: &[u8]) -> io::Result<()> {
        self.primary.send(conn, bytes)
    }

    fn receive(&mut self, conn: ConnId, wait: Wait) -> io::Result<Received> {
        self.primary.receive(conn, wait)
    }

    fn advance_clock(&mut self, ms: u64) -> bool {
        self.primary.advance_clock(ms)
    }

    fn close(&mut self, conn: ConnId) {
        self.primary.close(conn);
    }

    fn reset(&mut self) -> io::Result<()> {
        *self = Self::new();
        Ok(())
    }

    fn listen(&mut self) -> io::Result<bool> {
        self.untaken = Some(Vec::new());
        Ok(true)
    }

    fn take_stream(&mut self) -> io::Result<Vec<Vec<Vec<u8>>>> {
        // The replica is to have it too.
        self.audit().map_err(io::Error::other)?;
        let bytes = self.untaken.as_mut().map(std::mem::take).unwrap_or_default();
        testkit::stream_commands(&bytes)
    }

    fn audit(&mut self) -> Result<(), String> {
        let compared = self.compare();
        self.differed |= compared.is_err();
        compared
    }
}
