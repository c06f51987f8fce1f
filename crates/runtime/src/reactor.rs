//! One event loop: a poller, its connections, and the worker that runs their commands to completion.
//!
//! A turn of the loop: wait; read and run every ready connection; look at the clock; send everything at once. Reactors share
//! nothing but the node; lane 0 also accepts, hands connections to the reactor that has fewest, and keeps the timers of expiry
//! and pauses.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use mio::{Events, Interest, Poll, Token};
use server::{Endpoint, Event, LogLevel, Node, Session, Stopped, Worker};
use slab::Slab;
use stdx::UnixMs;

use crate::buffers::{BUFFER_BYTES, Buffers};
use crate::connection::{Connection, Stream, Transfer};
use crate::host::{Message, OsHost};
use crate::listen::{Accepted, Listeners};

/// Readiness events taken from the poller at once.
const EVENTS: usize = 1024;

/// Tokens below this are connections; those above are listeners, the waker and signals.
const FIRST_SPECIAL: usize = usize::MAX - 1024;
const WAKER: Token = Token(usize::MAX - 1);
const SIGNALS: Token = Token(usize::MAX - 2);

/// How much a client may send ahead while it waits for a key; the rest stays in its socket.
const WAITING_INPUT_BYTES: usize = 1 << 20;

/// The longest sleep: housekeeping happens at least so often.
const TICK_MS: i64 = 100;

/// After a connection could not be accepted: how long until the next try.
const ACCEPT_AGAIN_MS: i64 = 100;

/// Serves until the node is told to shut down. Lane 0 runs on the calling thread.
///
/// # Errors
/// When a poller or a thread cannot be had.
pub fn serve(node: &Arc<Node>, host: &Arc<OsHost>, listeners: Listeners) -> io::Result<()> {
    let mut inboxes = host.take_inboxes();
    let mut reactors = Vec::new();
    for (lane, (poll, inbox)) in inboxes.drain(..).enumerate() {
        reactors.push(Reactor::new(Arc::clone(node), Arc::clone(host), lane, poll, inbox));
    }
    let mut threads = Vec::new();
    let mut reactors = reactors.into_iter();
    let Some(mut first) = reactors.next() else { return Ok(()) };
    for mut reactor in reactors {
        let name = format!("ochre-{}", reactor.lane);
        let ends = EndsTogether(Arc::clone(host));
        let run = move || {
            let _ends = ends;
            reactor.run()
        };
        threads.push(std::thread::Builder::new().name(name).spawn(run)?);
    }
    first.listen(listeners)?;
    if !node.is_loading() {
        host.log_line(LogLevel::Notice, server::READY);
    }
    let mut result = first.run();
    host.stop();
    for thread in threads {
        let ended = thread.join().unwrap_or_else(|_| Err(io::Error::other("a reactor thread panicked")));
        result = result.and(ended);
    }
    result
}

/// One reactor ends all: without it a part of the clients would wait for ever, and new ones would be sent there too.
struct EndsTogether(Arc<OsHost>);

impl Drop for EndsTogether {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// One event loop.
struct Reactor {
    lane: usize,
    node: Arc<Node>,
    host: Arc<OsHost>,
    poll: Poll,
    inbox: Receiver<Message>,
    worker: Worker,
    connections: Slab<Connection>,
    /// By client id, for events that name a client.
    tokens: std::collections::BTreeMap<u64, usize>,
    /// Connections that have more to read or to run.
    ready: VecDeque<usize>,
    /// Connections with output.
    flush: Vec<usize>,
    buffers: Buffers,
    scratch: Vec<u8>,
    listeners: Option<Listeners>,
    last_sweep_ms: i64,
    /// When to look again for connections that could not be accepted.
    accept_again: Option<UnixMs>,
}

impl Reactor {
    fn new(node: Arc<Node>, host: Arc<OsHost>, lane: usize, poll: Poll, inbox: Receiver<Message>) -> Self {
        Self {
            lane,
            worker: Worker::new(Arc::clone(&node), lane),
            node,
            host,
            poll,
            inbox,
            connections: Slab::new(),
            tokens: std::collections::BTreeMap::new(),
            ready: VecDeque::new(),
            flush: Vec::new(),
            buffers: Buffers::default(),
            scratch: vec![0; BUFFER_BYTES],
            listeners: None,
            last_sweep_ms: 0,
            accept_again: None,
        }
    }

    fn listen(&mut self, mut listeners: Listeners) -> io::Result<()> {
        listeners.register(self.poll.registry(), FIRST_SPECIAL, SIGNALS)?;
        self.host.remember_listening(listeners.tcp_handles()?);
        self.listeners = Some(listeners);
        Ok(())
    }

    /// CONFIG SET port or bind: the new TCP sockets are open already, the old ones close.
    fn listen_elsewhere(&mut self, sockets: Vec<std::net::TcpListener>) {
        // Whoever already knocked at an old one is let in.
        self.accept_all();
        let Some(listeners) = &mut self.listeners else { return };
        if let Err(error) = listeners.replace_tcp(self.poll.registry(), FIRST_SPECIAL, sockets) {
            self.host.log_line(LogLevel::Warning, &format!("Cannot poll the new listening sockets: {error}"));
        }
    }

    fn run(&mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(EVENTS);
        while !self.host.is_stopping() {
            let timeout = self.timeout();
            match self.poll.poll(&mut events, Some(timeout)) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            for event in &events {
                match event.token() {
                    WAKER => {}
                    SIGNALS => self.take_signals(),
                    Token(token) if token >= FIRST_SPECIAL => self.accept(token - FIRST_SPECIAL),
                    Token(token) => self.on_ready(token, event),
                }
            }
            self.take_messages();
            for _ in 0..self.ready.len() {
                if let Some(token) = self.ready.pop_front() {
                    self.serve(token);
                }
            }
            self.housekeeping();
            self.flush_all();
        }
        self.flush_all();
        Ok(())
    }

    /// How long to sleep: not at all with work left, else until the next deadline or tick.
    fn timeout(&mut self) -> Duration {
        let turn = self.worker.tick();
        let wait_ms = if self.ready.is_empty() {
            turn.wake_at.map_or(TICK_MS, |at| at.ms_since(turn.now).clamp(0, TICK_MS))
        } else {
            0
        };
        Duration::from_millis(u64::try_from(wait_ms).unwrap_or(0))
    }

    fn take_signals(&mut self) {
        if let Some(listeners) = &mut self.listeners
            && let Some(signal) = listeners.take_signal()
        {
            self.host.log_line(LogLevel::Warning, &format!("Received {signal} scheduling shutdown..."));
            self.host.stop();
        }
    }

    fn take_messages(&mut self) {
        while let Ok(message) = self.inbox.try_recv() {
            match message {
                Message::Connection(connection) => self.adopt(connection.0, connection.1),
                Message::Event(Event::Kill { client }) => {
                    if let Some(&token) = self.tokens.get(&client) {
                        self.close(token);
                    }
                }
                Message::Event(Event::Wake { client }) => self.wake(client),
                Message::Event(Event::Deliver(delivery)) => self.deliver(&delivery),
                Message::Event(Event::Resume) => self.resume_paused(),
                Message::Event(Event::Deadline) => {}
                Message::Listen(sockets) => self.listen_elsewhere(sockets),
            }
        }
    }

    /// A client that waited has its answer.
    fn wake(&mut self, client: u64) {
        let Some(&token) = self.tokens.get(&client) else { return };
        let Some(connection) = self.connections.get_mut(token) else { return };
        self.buffers.lend(&mut connection.session.output);
        if self.worker.end_wait(&mut connection.session) {
            // What came behind the command that waited runs when the answer is sent.
            connection.unrun = true;
            if !connection.in_flush {
                connection.in_flush = true;
                self.flush.push(token);
            }
        }
    }

    /// A published message for some of the clients here.
    fn deliver(&mut self, delivery: &server::Delivery) {
        for client in &delivery.to {
            let Some(&token) = self.tokens.get(client) else { continue };
            let Some(connection) = self.connections.get_mut(token) else { continue };
            self.buffers.lend(&mut connection.session.output);
            self.worker.deliver(&mut connection.session, &delivery.message);
            if !connection.in_flush {
                connection.in_flush = true;
                self.flush.push(token);
            }
        }
    }

    fn resume_paused(&mut self) {
        for (token, connection) in self.connections.iter_mut().filter(|(_, connection)| connection.paused) {
            connection.paused = false;
            enqueue(&mut self.ready, token, connection);
        }
    }

    fn accept_all(&mut self) {
        for listener in 0..self.listeners.as_ref().map_or(0, Listeners::len) {
            self.accept(listener);
        }
    }

    fn accept(&mut self, listener: usize) {
        let Some(listeners) = self.listeners.take() else { return };
        let keepalive_s = self.node.live().settings.network.tcp_keepalive_s;
        loop {
            match listeners.accept(listener, keepalive_s) {
                Ok(Some(accepted)) => self.admit(accepted),
                Ok(None) => break,
                Err(error) => {
                    self.host.log_line(LogLevel::Warning, &format!("Accepting client connection: {error}"));
                    let now = server::Host::unix_ms(&*self.host);
                    self.accept_again = now.checked_add_ms(ACCEPT_AGAIN_MS);
                    break;
                }
            }
        }
        self.listeners = Some(listeners);
    }

    /// Turns a new connection away or gives it to the reactor with the fewest. It is registered with the node here, so that the
    /// next one's `maxclients` counts it.
    fn admit(&mut self, accepted: Accepted) {
        let Accepted { mut stream, endpoint } = accepted;
        if let Some(refusal) = self.node.refusal(&endpoint, self.host.connections()) {
            // The peer may already be gone; there is nobody to tell then.
            let _ = io::Write::write(&mut stream, refusal.as_bytes());
            return;
        }
        let lane = self.host.least_loaded_lane();
        self.host.lane_load(lane).fetch_add(1, Relaxed);
        let session = Session::new(&self.node, lane, Endpoint { fd: stream.fd(), ..endpoint });
        if lane == self.lane {
            self.adopt(stream, session);
        } else {
            self.host.hand_over(lane, stream, session);
        }
    }

    fn adopt(&mut self, mut stream: Stream, mut session: Session) {
        let vacant = self.connections.vacant_entry();
        let token = vacant.key();
        if self.poll.registry().register(&mut stream, Token(token), Interest::READABLE | Interest::WRITABLE).is_err() {
            self.node.forget(&mut session);
            self.host.lane_load(self.lane).fetch_sub(1, Relaxed);
            return;
        }
        self.tokens.insert(session.id(), token);
        let connection = vacant.insert(Connection::new(stream, session));
        enqueue(&mut self.ready, token, connection);
    }

    fn on_ready(&mut self, token: usize, event: &mio::event::Event) {
        let Some(connection) = self.connections.get_mut(token) else { return };
        connection.hung_up |= event.is_read_closed();
        if event.is_writable() && !connection.session.output.is_empty() && !connection.in_flush {
            connection.in_flush = true;
            self.flush.push(token);
        }
        if event.is_readable() || event.is_read_closed() {
            connection.readable = true;
            // One that is queued is served in this turn, and nobody is served twice.
            if !connection.in_ready {
                self.serve(token);
            }
        }
    }

    /// Reads what a connection sent and runs it.
    fn serve(&mut self, token: usize) {
        let Some(connection) = self.connections.get_mut(token) else { return };
        connection.in_ready = false;
        if connection.paused || connection.session.is_closing() {
            return;
        }
        if connection.session.is_waiting() {
            self.listen_for_the_end(token);
            return;
        }
        // A peer that does not read its replies is not read either: what it sends waits in its socket, not in our memory.
        if connection.unrun && !connection.session.output.is_empty() {
            return;
        }
        if connection.readable && !connection.ended && !connection.unrun {
            self.buffers.lend(&mut connection.session.input);
            let (transfer, count) = connection.receive(&mut self.scratch);
            self.node.count_received(self.lane, &connection.session, count);
            if transfer == Transfer::Closed {
                self.close(token);
                return;
            }
            connection.readable = transfer == Transfer::More;
            connection.ended = transfer == Transfer::Ended;
        }
        self.buffers.lend(&mut connection.session.output);
        let stopped = self.worker.run(&mut connection.session);
        connection.unrun = matches!(stopped, Stopped::OutputFull | Stopped::Paused);
        match stopped {
            Stopped::Drained | Stopped::Waiting if connection.ended => connection.session.close(),
            Stopped::Drained | Stopped::Closing | Stopped::Waiting => {}
            Stopped::Paused => connection.paused = true,
            // The flush below makes room; what is left of the input runs then.
            Stopped::OutputFull => {}
        }
        self.buffers.reclaim(&mut connection.session.input);
        if connection.readable && !connection.unrun {
            enqueue(&mut self.ready, token, connection);
        }
        if connection.session.output.is_empty() && !connection.session.is_closing() {
            self.buffers.reclaim(&mut connection.session.output);
            connection.session.note_buffers();
        } else if !connection.in_flush {
            connection.in_flush = true;
            self.flush.push(token);
        }
    }

    /// Reads from a client that waits for a key, to learn when it goes away. What it sends runs after the answer.
    fn listen_for_the_end(&mut self, token: usize) {
        let Some(connection) = self.connections.get_mut(token) else { return };
        if !connection.readable || connection.session.input.len() > WAITING_INPUT_BYTES {
            return;
        }
        self.buffers.lend(&mut connection.session.input);
        let (transfer, count) = connection.receive(&mut self.scratch);
        self.node.count_received(self.lane, &connection.session, count);
        match transfer {
            Transfer::Closed | Transfer::Ended => self.close(token),
            Transfer::Done => connection.readable = false,
            Transfer::More => enqueue(&mut self.ready, token, connection),
        }
    }

    /// Sends what the turn produced.
    fn flush_all(&mut self) {
        for token in std::mem::take(&mut self.flush) {
            let Some(connection) = self.connections.get_mut(token) else { continue };
            connection.in_flush = false;
            match connection.send() {
                Transfer::Closed => self.close(token),
                Transfer::More | Transfer::Ended => connection.session.note_buffers(),
                Transfer::Done if connection.session.is_closing() => self.close(token),
                Transfer::Done => {
                    self.buffers.reclaim(&mut connection.session.output);
                    connection.session.note_buffers();
                    if (connection.readable || connection.unrun) && !connection.paused {
                        enqueue(&mut self.ready, token, connection);
                    }
                }
            }
        }
    }

    fn housekeeping(&mut self) {
        let now = server::Host::unix_ms(&*self.host);
        if self.lane == 0 && self.node.end_pause_if_over(now) {
            self.resume_paused();
            self.host.send_all_but(self.lane, &Event::Resume);
        }
        if self.accept_again.take_if(|at| *at <= now).is_some() {
            self.accept_all();
        }
        if now.0 - self.last_sweep_ms < 1000 {
            return;
        }
        self.last_sweep_ms = now.0;
        let idle: Vec<usize> = self
            .connections
            .iter()
            .filter(|(_, connection)| self.node.is_idle_too_long(&connection.session, now))
            .map(|(token, _)| token)
            .collect();
        for token in idle {
            self.close(token);
        }
        for (_, connection) in &mut self.connections {
            self.worker.limit_output(&mut connection.session);
        }
    }

    fn close(&mut self, token: usize) {
        let Some(mut connection) = self.connections.try_remove(token) else { return };
        // What can still be sent is sent; the peer may be gone, then there is nobody to tell.
        let _ = connection.send();
        self.tokens.remove(&connection.session.id());
        self.node.forget(&mut connection.session);
        self.host.lane_load(self.lane).fetch_sub(1, Relaxed);
        // A socket that cannot be taken from the poller is closed with it all the same.
        let _ = self.poll.registry().deregister(&mut connection.stream);
        self.buffers.reclaim(&mut connection.session.input);
        self.buffers.reclaim(&mut connection.session.output);
    }
}

/// Puts a connection into the queue unless it is there.
fn enqueue(ready: &mut VecDeque<usize>, token: usize, connection: &mut Connection) {
    if !connection.in_ready {
        connection.in_ready = true;
        ready.push_back(token);
    }
}

/// Used by `host` to make a poller with its waker.
pub(crate) fn new_poll() -> io::Result<(Poll, mio::Waker)> {
    let poll = Poll::new()?;
    let waker = mio::Waker::new(poll.registry(), WAKER)?;
    Ok((poll, waker))
}
