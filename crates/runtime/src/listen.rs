//! Where connections come in: TCP addresses, a Unix socket, and the signals that end the process or have it read files again.

use std::fmt;
use std::io::{self, Read as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _};
use std::os::unix::net::UnixStream as StdUnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use mio::net::{TcpListener, UnixListener, UnixStream};
use mio::{Interest, Registry, Token};
use server::Endpoint;
use server::config::Network;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};

use crate::connection::Stream;
use crate::{files, sys};

/// Why an address cannot be listened on.
#[derive(Debug)]
pub struct ListenError {
    pub address: String,
    pub error: io::Error,
}

impl fmt::Display for ListenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.error.kind() == io::ErrorKind::AddrInUse {
            write!(
                f,
                "{} is taken: another server listens there. Stop it, or choose another port with --port.",
                self.address
            )
        } else {
            write!(f, "cannot listen on {}: {}", self.address, self.error)
        }
    }
}

impl std::error::Error for ListenError {}

impl ListenError {
    /// Whether this machine just does not have the address, or the kind of address.
    fn is_absent_address(&self) -> bool {
        self.error.kind() == io::ErrorKind::AddrNotAvailable
            || matches!(
                self.error.raw_os_error(),
                Some(libc::EAFNOSUPPORT | libc::EPROTONOSUPPORT | libc::ENOPROTOOPT | libc::EPFNOSUPPORT)
            )
    }
}

/// The addresses that a word of `bind` stands for.
fn resolve(name: &str) -> io::Result<Vec<IpAddr>> {
    match name {
        "*" => return Ok(vec![Ipv4Addr::UNSPECIFIED.into()]),
        "::*" => return Ok(vec![Ipv6Addr::UNSPECIFIED.into()]),
        _ => {}
    }
    if let Ok(ip) = name.parse() {
        return Ok(vec![ip]);
    }
    let mut found: Vec<IpAddr> = (name, 0_u16).to_socket_addrs()?.map(|address| address.ip()).collect();
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// A connection that has just come in.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) stream: Stream,
    pub(crate) endpoint: Endpoint,
}

#[derive(Debug)]
enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener, PathBuf),
}

/// All that is listened on.
#[derive(Debug)]
pub struct Listeners {
    listeners: Vec<Listener>,
    signals: UnixStream,
    /// SIGINT came.
    interrupted: Arc<AtomicBool>,
    /// SIGTERM came.
    terminated: Arc<AtomicBool>,
    /// SIGHUP came and was not taken.
    hung_up: Arc<AtomicBool>,
}

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// To end; the signal's name.
    Stop(&'static str),
    /// To read files again.
    Reload,
}

impl Listeners {
    /// Listens on nothing yet, but catches SIGTERM, SIGINT and SIGHUP.
    ///
    /// # Errors
    /// When the signals cannot be caught.
    pub fn new() -> io::Result<Self> {
        let (receiver, sender) = StdUnixStream::pair()?;
        receiver.set_nonblocking(true)?;
        let [interrupted, terminated, hung_up] = [(); 3].map(|()| Arc::new(AtomicBool::new(false)));
        // The flag stands before the byte that tells to look at it: actions run in the order of their registration.
        for (signal, flag) in [(SIGINT, &interrupted), (SIGTERM, &terminated), (SIGHUP, &hung_up)] {
            signal_hook::flag::register(signal, Arc::clone(flag))?;
            signal_hook::low_level::pipe::register(signal, sender.try_clone()?)?;
        }
        Ok(Self { listeners: Vec::new(), signals: UnixStream::from_std(receiver), interrupted, terminated, hung_up })
    }

    /// Listens on TCP sockets that are open already; see [`open_all_tcp`].
    pub fn add_tcp(&mut self, sockets: Vec<std::net::TcpListener>) {
        self.listeners.extend(sockets.into_iter().map(|socket| Listener::Tcp(TcpListener::from_std(socket))));
    }

    /// Listens on a Unix socket; one left behind by an earlier process is replaced.
    ///
    /// # Errors
    /// When the socket cannot be made.
    pub fn bind_unix(&mut self, path: &Path, mode: u32) -> Result<(), ListenError> {
        let bind = || -> io::Result<UnixListener> {
            match files::remove(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
            let listener = UnixListener::bind(path)?;
            if mode != 0 {
                sys::set_mode(path, mode)?;
            }
            Ok(listener)
        };
        let listener = bind().map_err(|error| ListenError { address: path.display().to_string(), error })?;
        self.listeners.push(Listener::Unix(listener, path.to_owned()));
        Ok(())
    }

    /// Second handles on the TCP sockets, for [`open_all_tcp_beside`].
    pub(crate) fn tcp_handles(&self) -> io::Result<Vec<std::net::TcpListener>> {
        let tcp = self.listeners.iter().filter_map(|listener| match listener {
            Listener::Tcp(listener) => Some(listener),
            Listener::Unix(..) => None,
        });
        tcp.map(|listener| Ok(SockRef::from(listener).try_clone()?.into())).collect()
    }

    pub(crate) const fn len(&self) -> usize {
        self.listeners.len()
    }

    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.listeners.is_empty()
    }

    /// Registers all with a poller: listener n under token `first + n`.
    pub(crate) fn register(&mut self, registry: &Registry, first: usize, signals: Token) -> io::Result<()> {
        registry.register(&mut self.signals, signals, Interest::READABLE)?;
        self.register_listeners(registry, first)
    }

    /// Listens on other TCP sockets instead, opened by [`open_all_tcp_beside`].
    pub(crate) fn replace_tcp(
        &mut self,
        registry: &Registry,
        first: usize,
        sockets: Vec<std::net::TcpListener>,
    ) -> io::Result<()> {
        for listener in &mut self.listeners {
            match listener {
                Listener::Tcp(listener) => registry.deregister(listener)?,
                Listener::Unix(listener, _) => registry.deregister(listener)?,
            }
        }
        self.listeners.retain(|listener| matches!(listener, Listener::Unix(..)));
        self.listeners.extend(sockets.into_iter().map(|socket| Listener::Tcp(TcpListener::from_std(socket))));
        self.register_listeners(registry, first)
    }

    fn register_listeners(&mut self, registry: &Registry, first: usize) -> io::Result<()> {
        for (index, listener) in self.listeners.iter_mut().enumerate() {
            let token = Token(first + index);
            match listener {
                Listener::Tcp(listener) => registry.register(listener, token, Interest::READABLE)?,
                Listener::Unix(listener, _) => registry.register(listener, token, Interest::READABLE)?,
            }
        }
        Ok(())
    }

    /// What a signal that came asks for, if one did.
    pub(crate) fn take_signal(&mut self) -> Option<Signal> {
        let mut bytes = [0; 16];
        // The poller tells only once: all of them are read.
        while self.signals.read(&mut bytes).is_ok_and(|count| count > 0) {}
        if self.interrupted.load(Relaxed) {
            Some(Signal::Stop("SIGINT"))
        } else if self.terminated.load(Relaxed) {
            Some(Signal::Stop("SIGTERM"))
        } else {
            self.hung_up.swap(false, Relaxed).then_some(Signal::Reload)
        }
    }

    /// The next connection waiting at a listener, or `None`: the poller tells when there is one.
    ///
    /// # Errors
    /// When the process has no descriptor or the system no memory to spare. The poller does not tell again about those who wait
    /// meanwhile.
    pub(crate) fn accept(&self, listener: usize, keepalive_s: u32) -> io::Result<Option<Accepted>> {
        loop {
            let accepted = match self.listeners.get(listener) {
                None => return Ok(None),
                Some(Listener::Tcp(listener)) => accept_tcp(listener, keepalive_s),
                Some(Listener::Unix(listener, path)) => accept_unix(listener, path),
            };
            let Err(error) = accepted else { return accepted.map(Some) };
            if error.kind() == io::ErrorKind::WouldBlock {
                return Ok(None);
            }
            // A peer that hung up before it was accepted is nobody's loss: look at the next.
            if !matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::ConnectionAborted) {
                return Err(error);
            }
        }
    }
}

impl Drop for Listeners {
    fn drop(&mut self) {
        for listener in &self.listeners {
            if let Listener::Unix(_, path) = listener {
                // Already gone is as good as removed.
                let _ = files::remove(path);
            }
        }
    }
}

/// Opens every TCP address that the settings name; addresses marked optional may be missing from this machine.
///
/// # Errors
/// The address that cannot be listened on, or the name that is not known.
pub fn open_all_tcp(network: &Network) -> Result<Vec<std::net::TcpListener>, String> {
    open_all(network, Sharing::Refuse)
}

/// As [`open_all_tcp`], while the sockets of `current` still listen, perhaps on the same port. If it fails, they go on.
///
/// Two sockets share an address only if both allow it when the second is bound. It is allowed for that moment alone: at other
/// times a taken port must be an error. Closing the old sockets first was rejected, since they would have to come back after
/// an error, and could fail to.
pub(crate) fn open_all_tcp_beside(
    network: &Network,
    current: &[std::net::TcpListener],
) -> Result<Vec<std::net::TcpListener>, String> {
    let same_port = |socket: &std::net::TcpListener| socket.local_addr().is_ok_and(|addr| addr.port() == network.port);
    if !current.iter().any(same_port) {
        return open_all_tcp(network);
    }
    share(current, true).map_err(|error| error.to_string())?;
    let opened = open_all(network, Sharing::Allow);
    let unshared = share(current, false).and_then(|()| opened.as_ref().map_or(Ok(()), |opened| share(opened, false)));
    unshared.map_err(|error| error.to_string())?;
    opened
}

fn share(sockets: &[std::net::TcpListener], allow: bool) -> io::Result<()> {
    sockets.iter().try_for_each(|socket| SockRef::from(socket).set_reuse_port(allow))
}

/// Whether a socket may have the address of another one of this user that allows it too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sharing {
    Refuse,
    Allow,
}

fn open_all(network: &Network, sharing: Sharing) -> Result<Vec<std::net::TcpListener>, String> {
    let backlog = i32::try_from(network.tcp_backlog).unwrap_or(i32::MAX);
    let mut sockets = Vec::new();
    if network.port == 0 {
        return Ok(sockets);
    }
    for address in &network.bind {
        let name = &address.address;
        for ip in resolve(name).map_err(|error| format!("cannot find the address '{name}' of bind: {error}"))? {
            let ip_and_port = SocketAddr::new(ip, network.port);
            match tcp_listener(ip_and_port, backlog, sharing) {
                Ok(socket) => sockets.push(socket),
                Err(error) => {
                    let error = ListenError { address: ip_and_port.to_string(), error };
                    if !(address.optional && error.is_absent_address()) {
                        return Err(error.to_string());
                    }
                }
            }
        }
    }
    Ok(sockets)
}

fn tcp_listener(address: SocketAddr, backlog: i32, sharing: Sharing) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_reuse_address(true)?;
    if sharing == Sharing::Allow {
        socket.set_reuse_port(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(backlog)?;
    Ok(socket.into())
}

fn accept_tcp(listener: &TcpListener, keepalive_s: u32) -> io::Result<Accepted> {
    let (stream, peer) = listener.accept()?;
    let socket = SockRef::from(&stream);
    // Some systems refuse options of a connection whose peer has gone already; reading will tell.
    let _ = socket.set_tcp_nodelay(true);
    if keepalive_s > 0 {
        let interval = Duration::from_secs(u64::from(keepalive_s / 3).max(1));
        let keepalive = TcpKeepalive::new()
            .with_time(Duration::from_secs(u64::from(keepalive_s)))
            .with_interval(interval)
            .with_retries(3);
        let _ = socket.set_tcp_keepalive(&keepalive);
    }
    let endpoint = Endpoint {
        addr: peer.to_string(),
        laddr: stream.local_addr().map(|addr| addr.to_string()).unwrap_or_default(),
        fd: -1,
        is_local: peer.ip().to_canonical().is_loopback(),
        is_unix: false,
    };
    Ok(Accepted { stream: Stream::Tcp(stream), endpoint })
}

fn accept_unix(listener: &UnixListener, path: &Path) -> io::Result<Accepted> {
    let (stream, _) = listener.accept()?;
    let addr = format!("{}:0", path.display());
    let endpoint = Endpoint { addr: addr.clone(), laddr: addr, fd: -1, is_local: true, is_unix: true };
    Ok(Accepted { stream: Stream::Unix(stream), endpoint })
}
