//! One event loop: a poller, its connections, and the worker that runs their commands to completion.
//!
//! A turn of the loop: wait; read and run every ready connection; look at the clock; send everything at once. Reactors share
//! nothing but the node; lane 0 also accepts, hands connections to the reactor that has fewest, and keeps the timers of expiry
//! and pauses.
//!
//! While a connection runs, its session and the worker are out of the reactor's [`Room`]. A script that runs for long serves the others
//! from there, again and again ([`Beside`]): it polls, reads, runs and sends like a turn of the loop, without waiting. What concerns
//! the connection that runs stays in its flags, or among the deferred messages, until the script ends.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use mio::{Events, Interest, Poll, Token};
use server::{Bystanders, Endpoint, Event, LogLevel, Node, Session, Stopped, Worker};
use slab::Slab;
use stdx::UnixMs;

use crate::buffers::{BUFFER_BYTES, Buffers};
use crate::connection::{Connection, Stream, Transfer};
use crate::host::{Message, OsHost};
use crate::listen::{Accepted, Listeners, Signal};

/// Readiness events taken from the poller at once.
const EVENTS: usize = 1024;
/// And while a script runs for long.
const EVENTS_BESIDE: usize = 256;

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
    let mut threads = Vec::new();
    let mut lanes = inboxes.drain(..).enumerate();
    let Some((_, (poll, inbox))) = lanes.next() else { return Ok(()) };
    for (lane, (poll, inbox)) in lanes {
        let ends = EndsTogether(Arc::clone(host));
        let (node, host) = (Arc::clone(node), Arc::clone(host));
        let run = move || {
            let _ends = ends;
            Reactor::new(node, host, lane, poll, inbox).run()
        };
        threads.push(std::thread::Builder::new().name(format!("ochre-{lane}")).spawn(run)?);
    }
    let mut first = Reactor::new(Arc::clone(node), Arc::clone(host), 0, poll, inbox);
    first.room.borrow_mut().listen(listeners)?;
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

/// One event loop. It stays on its thread.
struct Reactor {
    worker: Worker,
    room: Rc<RefCell<Room>>,
}

/// What a reactor has beside its worker.
#[derive(Debug)]
struct Room {
    lane: usize,
    node: Arc<Node>,
    host: Arc<OsHost>,
    poll: Poll,
    inbox: Receiver<Message>,
    /// Messages for the connection that ran when they came.
    deferred: VecDeque<Message>,
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

/// The room, for a script that runs for long.
#[derive(Debug)]
struct Beside {
    room: Weak<RefCell<Room>>,
    events: Events,
}

impl Bystanders for Beside {
    fn serve(&mut self, worker: &mut Worker) {
        let Some(room) = self.room.upgrade() else { return };
        let mut room = room.borrow_mut();
        // A poller that fails will tell the loop itself, when the script has ended.
        if room.poll.poll(&mut self.events, Some(Duration::ZERO)).is_ok() {
            room.turn_beside(worker, &self.events);
        }
    }
}

impl Reactor {
    fn new(node: Arc<Node>, host: Arc<OsHost>, lane: usize, poll: Poll, inbox: Receiver<Message>) -> Self {
        let mut worker = Worker::new(Arc::clone(&node), lane);
        let room = Rc::new(RefCell::new(Room {
            lane,
            node,
            host,
            poll,
            inbox,
            deferred: VecDeque::new(),
            connections: Slab::new(),
            tokens: std::collections::BTreeMap::new(),
            ready: VecDeque::new(),
            flush: Vec::new(),
            buffers: Buffers::default(),
            scratch: vec![0; BUFFER_BYTES],
            listeners: None,
            last_sweep_ms: 0,
            accept_again: None,
        }));
        let others = Beside { room: Rc::downgrade(&room), events: Events::with_capacity(EVENTS_BESIDE) };
        worker.set_bystanders(Box::new(others));
        Self { worker, room }
    }

    fn run(&mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(EVENTS);
        let host = Arc::clone(&self.room.borrow().host);
        while !server::Host::is_stopping(&*host) {
            let timeout = self.timeout();
            let polled = self.room.borrow_mut().poll.poll(&mut events, Some(timeout));
            match polled {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            let woken_ns = server::Host::monotonic_ns(&*host);
            for event in &events {
                let served = self.room.borrow_mut().take_event(event);
                if let Some(token) = served {
                    self.serve(token);
                }
            }
            self.room.borrow_mut().take_messages(&mut self.worker);
            let queued = self.room.borrow().ready.len();
            for _ in 0..queued {
                let next = self.room.borrow_mut().ready.pop_front();
                if let Some(token) = next {
                    self.serve(token);
                }
            }
            let mut room = self.room.borrow_mut();
            room.housekeeping(&self.worker);
            room.flush_all();
            let ns = server::Host::monotonic_ns(&*host).saturating_sub(woken_ns);
            room.node.count_cycle(room.lane, ns);
        }
        self.room.borrow_mut().flush_all();
        Ok(())
    }

    /// How long to sleep: not at all with work left, else until the next deadline or tick.
    fn timeout(&mut self) -> Duration {
        let turn = self.worker.tick();
        let room = self.room.borrow();
        let wait_ms = if room.ready.is_empty() && room.deferred.is_empty() {
            turn.wake_at.map_or(TICK_MS, |at| at.ms_since(turn.now).clamp(0, TICK_MS))
        } else {
            0
        };
        Duration::from_millis(u64::try_from(wait_ms).unwrap_or(0))
    }

    /// Reads what a connection sent and runs it.
    fn serve(&mut self, token: usize) {
        let begun = self.room.borrow_mut().begin_to_serve(token);
        let Some(mut session) = begun else { return };
        let stopped = self.worker.run(&mut session);
        self.room.borrow_mut().end_to_serve(token, session, stopped);
    }
}

impl Room {
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

    /// What the poller tells. Returns the connection to serve now, if any.
    fn take_event(&mut self, event: &mio::event::Event) -> Option<usize> {
        match event.token() {
            WAKER => None,
            SIGNALS => {
                self.take_signals();
                None
            }
            Token(token) if token >= FIRST_SPECIAL => {
                self.accept(token - FIRST_SPECIAL);
                None
            }
            Token(token) => self.on_ready(token, event),
        }
    }

    /// A turn of the loop for everybody but the connection that runs, by the worker that runs it.
    fn turn_beside(&mut self, worker: &mut Worker, events: &Events) {
        for event in events {
            if let Some(token) = self.take_event(event) {
                self.serve_beside(worker, token);
            }
        }
        self.take_messages(worker);
        for _ in 0..self.ready.len() {
            if let Some(token) = self.ready.pop_front() {
                self.serve_beside(worker, token);
            }
        }
        self.flush_all();
    }

    fn serve_beside(&mut self, worker: &mut Worker, token: usize) {
        if let Some(mut session) = self.begin_to_serve(token) {
            let stopped = worker.run_beside(&mut session);
            self.end_to_serve(token, session, stopped);
        }
    }

    fn take_signals(&mut self) {
        match self.listeners.as_mut().and_then(Listeners::take_signal) {
            Some(Signal::Stop(name)) => {
                self.host.log_line(LogLevel::Warning, &format!("Received {name} scheduling shutdown..."));
                self.host.stop();
            }
            Some(Signal::Reload) => self.node.ask_to_reload(),
            None => {}
        }
    }

    fn take_messages(&mut self, worker: &mut Worker) {
        // What was deferred comes first, and no message overtakes another on its way to the same client.
        for _ in 0..self.deferred.len() {
            if let Some(message) = self.deferred.pop_front() {
                self.take_message(worker, message);
            }
        }
        while let Ok(message) = self.inbox.try_recv() {
            self.take_message(worker, message);
        }
    }

    fn take_message(&mut self, worker: &mut Worker, message: Message) {
        match message {
            Message::Connection(connection) => self.adopt(connection.0, connection.1),
            Message::Event(Event::Kill { client }) => match self.tokens.get(&client) {
                Some(&token) if self.runs(token) => self.deferred.push_back(message),
                Some(&token) => self.close(token),
                None => {}
            },
            Message::Event(Event::Wake { client }) => self.wake(worker, client),
            Message::Event(Event::Deliver(delivery)) => self.deliver(worker, &delivery),
            Message::Event(Event::Resume) => self.resume_paused(),
            Message::Event(Event::Deadline) => {}
            Message::Listen(sockets) => self.listen_elsewhere(sockets),
        }
    }

    /// Whether the worker runs this connection now.
    fn runs(&self, token: usize) -> bool {
        self.connections.get(token).is_some_and(|connection| connection.session.is_none())
    }

    /// A client that waited has its answer.
    fn wake(&mut self, worker: &mut Worker, client: u64) {
        let Some(&token) = self.tokens.get(&client) else { return };
        let Some(connection) = self.connections.get_mut(token) else { return };
        // One that runs does not wait.
        let Some(session) = &mut connection.session else { return };
        self.buffers.lend(&mut session.output);
        if worker.end_wait(session) {
            // What came behind the command that waited runs when the answer is sent.
            connection.unrun = true;
            if !connection.in_flush {
                connection.in_flush = true;
                self.flush.push(token);
            }
        }
    }

    /// A published message for some of the clients here.
    fn deliver(&mut self, worker: &Worker, delivery: &server::Delivery) {
        for client in &delivery.to {
            let Some(&token) = self.tokens.get(client) else { continue };
            let Some(connection) = self.connections.get_mut(token) else { continue };
            let Some(session) = &mut connection.session else {
                let later = server::Delivery { message: Arc::clone(&delivery.message), to: vec![*client] };
                self.deferred.push_back(Message::Event(Event::Deliver(later)));
                continue;
            };
            self.buffers.lend(&mut session.output);
            worker.deliver(session, &delivery.message);
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
        // One that was killed on its way here is known to nobody whom the order to close it could have reached.
        let is_killed = session.is_killed();
        let connection = vacant.insert(Connection::new(stream, session));
        enqueue(&mut self.ready, token, connection);
        if is_killed {
            self.close(token);
        }
    }

    /// Returns the connection if it is to be served now.
    fn on_ready(&mut self, token: usize, event: &mio::event::Event) -> Option<usize> {
        let connection = self.connections.get_mut(token)?;
        connection.hung_up |= event.is_read_closed();
        if event.is_writable() && connection.has_output() && !connection.in_flush {
            connection.in_flush = true;
            self.flush.push(token);
        }
        if event.is_readable() || event.is_read_closed() {
            connection.readable = true;
            // One that is queued is served in this turn, and nobody is served twice.
            return (!connection.in_ready).then_some(token);
        }
        None
    }

    /// Reads what a connection sent and hands its session out, if there is something to run.
    fn begin_to_serve(&mut self, token: usize) -> Option<Box<Session>> {
        let connection = self.connections.get_mut(token)?;
        connection.in_ready = false;
        let session = connection.session.as_mut()?;
        if connection.paused || session.is_closing() {
            return None;
        }
        if session.is_waiting() {
            self.listen_for_the_end(token);
            return None;
        }
        // A peer that does not read its replies is not read either: what it sends waits in its socket, not in our memory.
        if connection.unrun && !session.output.is_empty() {
            return None;
        }
        if connection.readable && !connection.ended && !connection.unrun {
            self.buffers.lend(&mut session.input);
            let (transfer, count) = connection.receive(&mut self.scratch);
            if let Some(session) = &connection.session {
                self.node.count_received(self.lane, session, count);
            }
            if transfer == Transfer::Closed {
                self.close(token);
                return None;
            }
            connection.readable = transfer == Transfer::More;
            connection.ended = transfer == Transfer::Ended;
        }
        let mut session = connection.session.take()?;
        self.buffers.lend(&mut session.output);
        Some(session)
    }

    /// Takes a session back when the worker has run it.
    fn end_to_serve(&mut self, token: usize, mut session: Box<Session>, stopped: Stopped) {
        let Some(connection) = self.connections.get_mut(token) else { return };
        connection.unrun = matches!(stopped, Stopped::OutputFull | Stopped::Paused);
        match stopped {
            Stopped::Drained | Stopped::Waiting if connection.ended => session.close(),
            Stopped::Drained | Stopped::Closing | Stopped::Waiting => {}
            Stopped::Paused => connection.paused = true,
            // The flush below makes room; what is left of the input runs then.
            Stopped::OutputFull => {}
        }
        self.buffers.reclaim(&mut session.input);
        if connection.readable && !connection.unrun {
            enqueue(&mut self.ready, token, connection);
        }
        if session.output.is_empty() && !session.is_closing() {
            self.buffers.reclaim(&mut session.output);
            session.note_buffers();
        } else if !connection.in_flush {
            connection.in_flush = true;
            self.flush.push(token);
        }
        connection.session = Some(session);
    }

    /// Reads from a client that waits for a key, to learn when it goes away. What it sends runs after the answer.
    fn listen_for_the_end(&mut self, token: usize) {
        let Some(connection) = self.connections.get_mut(token) else { return };
        let Some(session) = &mut connection.session else { return };
        if !connection.readable || session.input.len() > WAITING_INPUT_BYTES {
            return;
        }
        self.buffers.lend(&mut session.input);
        let (transfer, count) = connection.receive(&mut self.scratch);
        if let Some(session) = &connection.session {
            self.node.count_received(self.lane, session, count);
        }
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
            let (sent, count) = connection.send();
            // One that runs comes here again when it has run.
            let Some(session) = &mut connection.session else { continue };
            self.node.count_sent(self.lane, session, count);
            match sent {
                Transfer::Closed => self.close(token),
                Transfer::More | Transfer::Ended => session.note_buffers(),
                Transfer::Done if session.is_closing() => self.close(token),
                Transfer::Done => {
                    self.buffers.reclaim(&mut session.output);
                    session.note_buffers();
                    if (connection.readable || connection.unrun) && !connection.paused {
                        enqueue(&mut self.ready, token, connection);
                    }
                }
            }
        }
    }

    fn housekeeping(&mut self, worker: &Worker) {
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
            .filter(|(_, connection)| {
                connection.session.as_ref().is_some_and(|session| self.node.is_idle_too_long(session, now))
            })
            .map(|(token, _)| token)
            .collect();
        for token in idle {
            self.close(token);
        }
        for (_, connection) in &mut self.connections {
            if let Some(session) = &mut connection.session {
                worker.limit_output(session);
            }
        }
    }

    fn close(&mut self, token: usize) {
        let Some(mut connection) = self.connections.try_remove(token) else { return };
        // What can still be sent is sent; the peer may be gone, then there is nobody to tell.
        let (_, count) = connection.send();
        self.host.lane_load(self.lane).fetch_sub(1, Relaxed);
        // A socket that cannot be taken from the poller is closed with it all the same.
        let _ = self.poll.registry().deregister(&mut connection.stream);
        // Nobody closes a connection while it runs.
        let Some(mut session) = connection.session else { return };
        self.node.count_sent(self.lane, &session, count);
        self.tokens.remove(&session.id());
        self.node.forget(&mut session);
        self.buffers.reclaim(&mut session.input);
        self.buffers.reclaim(&mut session.output);
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

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::os::unix::net::UnixStream as StdUnixStream;

    use server::SEED_BYTES;
    use server::config::Config;

    use super::*;
    use crate::log::{Log, LogTarget};

    #[test]
    fn a_connection_killed_on_its_way_to_its_reactor_is_closed_there() {
        let log = Log::open(&LogTarget::Stdout, LogLevel::Nothing).unwrap();
        let host = OsHost::new(2, log, String::new(), String::new()).unwrap();
        let shared: Arc<dyn server::Host> = Arc::clone(&host) as Arc<dyn server::Host>;
        let node = Arc::new(Node::new(Config::new(2), shared, [7; SEED_BYTES]).unwrap());
        let (poll, inbox) = host.take_inboxes().pop().unwrap();
        let mut reactor = Reactor::new(Arc::clone(&node), Arc::clone(&host), 1, poll, inbox);

        // Lane 0 has let it in; before it hands it over, another client has it killed.
        let (ours, mut theirs) = StdUnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        let victim = Session::new(&node, 1, Endpoint::default());
        host.lane_load(1).fetch_add(1, Relaxed);
        let mut killer = Session::new(&node, 0, Endpoint::default());
        killer.input = format!("CLIENT KILL ID {}\r\n", victim.id()).into_bytes();
        Worker::new(Arc::clone(&node), 0).run(&mut killer);
        assert_eq!(killer.output, b":1\r\n");
        reactor.room.borrow_mut().take_messages(&mut reactor.worker);
        host.hand_over(1, Stream::Unix(mio::net::UnixStream::from_std(ours)), victim);
        reactor.room.borrow_mut().take_messages(&mut reactor.worker);

        assert!(reactor.room.borrow().connections.is_empty() && reactor.room.borrow().tokens.is_empty());
        assert_eq!(host.connections(), 0);
        assert_eq!(theirs.read(&mut [0; 1]).unwrap(), 0, "the peer sees the end");
        let ready = std::mem::take(&mut reactor.room.borrow_mut().ready);
        for token in ready {
            reactor.serve(token);
        }
    }
}
