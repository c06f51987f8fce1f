//! A real server over TCP as a subject: the oracle, and end-to-end runs of our own binary.
//!
//! Nobody can see from outside that a server is done, so silence is measured: a reply may take seconds, and nothing within a
//! short while counts as `(blocked)`. A wrong guess there shows as a difference, never as a pass of what is not so, because
//! what comes late is then refused as stray. Plain blocking sockets: one thread asks one question at a time.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use resp::Value;

use crate::feed::Feed;
use crate::link::Link;
use crate::peer::{Peer, Vendor, Version};
use crate::subject::{ConnId, Received, Subject, Wait};

/// A server at an address.
pub struct TcpSubject {
    address: String,
    streams: BTreeMap<ConnId, TcpStream>,
    next_id: u64,
    /// The connection that asks for resets.
    admin: Option<Link>,
    /// Every parameter as it was when the server was first reached.
    parameters: Vec<(Vec<u8>, Vec<u8>)>,
    /// A reset was asked for, so the server is ours to leave as it was found.
    in_use: bool,
    /// What it sends to its replicas, while a transcript looks at it.
    feed: Option<Feed>,
    reply_wait: Duration,
    settle_wait: Duration,
}

impl TcpSubject {
    /// Reaches the server at `address` (`host:port`) and remembers its parameters, which every reset, and dropping this after
    /// one, restores.
    ///
    /// **[`Subject::reset`] empties that server**: keys, functions, users, statistics.
    ///
    /// # Errors
    /// When it cannot be reached, or does not answer CONFIG GET.
    pub fn connect(address: &str) -> io::Result<Self> {
        let mut subject = Self {
            address: address.to_owned(),
            streams: BTreeMap::new(),
            next_id: 0,
            admin: None,
            parameters: Vec::new(),
            in_use: false,
            feed: None,
            reply_wait: Duration::from_secs(5),
            settle_wait: Duration::from_millis(40),
        };
        subject.parameters = subject.read_parameters()?;
        Ok(subject)
    }

    /// How long a reply may take, and how long nothing must come until a client counts as blocked.
    #[must_use]
    pub fn with_waits(mut self, reply: Duration, settle: Duration) -> Self {
        self.reply_wait = reply;
        self.settle_wait = settle;
        self
    }

    /// Who answers there.
    ///
    /// # Errors
    /// When INFO does not say.
    pub fn peer(&mut self) -> io::Result<Peer> {
        let info = self.call(&[b"INFO", b"server"])?;
        let text = info.as_bytes().map(String::from_utf8_lossy).unwrap_or_default();
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        // All of them claim a redis_version; the others say their own as well.
        let all =
            [(Vendor::Ochre, "ochre_version"), (Vendor::Valkey, "valkey_version"), (Vendor::Redis, "redis_version")];
        let found = all
            .into_iter()
            .find_map(|(vendor, name)| field(name).and_then(Version::parse).map(|version| Peer { vendor, version }));
        found.ok_or_else(|| io::Error::other("INFO server names no version"))
    }

    /// Sends a command on a connection apart from all transcripts.
    ///
    /// # Errors
    /// When no reply comes.
    pub fn call(&mut self, words: &[&[u8]]) -> io::Result<Value> {
        self.aside(|link, subject| link.call(subject, words))
    }

    /// As [`Self::call`], for what must not be refused.
    fn order(&mut self, words: &[&[u8]]) -> io::Result<()> {
        self.aside(|link, subject| link.ask(subject, words)).map(|_| ())
    }

    fn aside<T>(&mut self, call: impl FnOnce(&mut Link, &mut Self) -> io::Result<T>) -> io::Result<T> {
        let mut admin = match self.admin.take() {
            Some(admin) => admin,
            None => Link::open(self)?,
        };
        let reply = call(&mut admin, self)?;
        self.admin = Some(admin);
        Ok(reply)
    }

    fn read_parameters(&mut self) -> io::Result<Vec<(Vec<u8>, Vec<u8>)>> {
        let Value::Array(flat) = self.call(&[b"CONFIG", b"GET", b"*"])? else {
            return Err(io::Error::other("CONFIG GET is refused"));
        };
        let text = |value: &Value| value.as_bytes().unwrap_or_default().to_vec();
        Ok(flat.chunks_exact(2).map(|pair| (text(&pair[0]), text(&pair[1]))).collect())
    }

    /// Sets back every parameter that is not what it was.
    fn restore_parameters(&mut self) -> io::Result<()> {
        let current = self.read_parameters()?;
        let changed: Vec<_> =
            self.parameters.iter().filter(|parameter| !current.contains(parameter)).cloned().collect();
        for (name, value) in changed {
            // Some read back in a form that they do not take, or change by themselves: the order may be refused.
            self.call(&[b"CONFIG", b"SET", &name, &value])?;
        }
        Ok(())
    }

    /// Deletes every user a transcript has made, and lets the default one do everything again.
    fn restore_users(&mut self) -> io::Result<()> {
        let Value::Array(users) = self.call(&[b"ACL", b"USERS"])? else { return Ok(()) };
        for user in users.iter().filter_map(Value::as_bytes).filter(|user| *user != b"default") {
            self.call(&[b"ACL", b"DELUSER", user])?;
        }
        self.call(&[b"ACL", b"SETUSER", b"default", b"reset", b"on", b"nopass", b"~*", b"&*", b"+@all"])?;
        Ok(())
    }

    fn stream(&mut self, conn: ConnId) -> io::Result<&mut TcpStream> {
        self.streams.get_mut(&conn).ok_or_else(|| io::Error::other("the connection is not open"))
    }
}

impl Subject for TcpSubject {
    fn connect(&mut self) -> io::Result<ConnId> {
        let stream = TcpStream::connect(&self.address)?;
        stream.set_nodelay(true)?;
        self.next_id += 1;
        let id = ConnId(self.next_id);
        self.streams.insert(id, stream);
        Ok(id)
    }

    fn send(&mut self, conn: ConnId, bytes: &[u8]) -> io::Result<()> {
        match self.stream(conn)?.write_all(bytes) {
            Err(error) if is_hangup(error.kind()) => Ok(()),
            other => other,
        }
    }

    fn receive(&mut self, conn: ConnId, wait: Wait) -> io::Result<Received> {
        let (reply_wait, settle_wait) = (self.reply_wait, self.settle_wait);
        let stream = self.stream(conn)?;
        stream.set_nonblocking(wait == Wait::Poll)?;
        stream.set_read_timeout(Some(if wait == Wait::Settle { settle_wait } else { reply_wait }))?;
        let mut bytes = vec![0; 64 * 1024];
        let read = stream.read(&mut bytes);
        stream.set_nonblocking(false)?;
        match read {
            Ok(len) => {
                bytes.truncate(len);
                Ok(Received { closed: len == 0, bytes })
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                Ok(Received::default())
            }
            Err(error) if is_hangup(error.kind()) => Ok(Received { bytes: Vec::new(), closed: true }),
            Err(error) => Err(error),
        }
    }

    fn advance_clock(&mut self, _ms: u64) -> bool {
        false
    }

    fn close(&mut self, conn: ConnId) {
        self.streams.remove(&conn);
    }

    fn reset(&mut self) -> io::Result<()> {
        self.in_use = true;
        // A connection of its own each time: a transcript may have killed, paused or renamed the last one.
        self.admin = None;
        self.feed = None;
        self.streams.clear();
        self.order(&[b"FLUSHALL"])?;
        let since_various_versions: [&[&[u8]]; 6] = [
            &[b"FUNCTION", b"FLUSH"],
            &[b"SCRIPT", b"FLUSH"],
            &[b"CLIENT", b"UNPAUSE"],
            &[b"SLOWLOG", b"RESET"],
            &[b"LATENCY", b"RESET"],
            &[b"ACL", b"LOG", b"RESET"],
        ];
        for words in since_various_versions {
            self.call(words)?;
        }
        self.restore_users()?;
        self.restore_parameters()?;
        self.order(&[b"CONFIG", b"RESETSTAT"])
    }

    fn listen(&mut self) -> io::Result<bool> {
        // A snapshot is not to wait for other replicas. Set back with all parameters at the next reset.
        if self.call(&[b"CONFIG", b"SET", b"repl-diskless-sync-delay", b"0"])?.as_error().is_some() {
            return Ok(false);
        }
        match Feed::open(&self.address) {
            Ok(feed) => {
                self.feed = Some(feed);
                // What was changed before the snapshot was taken is in it; what is left of it comes first.
                self.take_stream()?;
                Ok(true)
            }
            // A server that has no replicas yet.
            Err(error) if error.kind() == ErrorKind::Other => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn take_stream(&mut self) -> io::Result<Vec<Vec<Vec<u8>>>> {
        let info = self.call(&[b"INFO", b"replication"])?;
        let text = info.as_bytes().map(String::from_utf8_lossy).unwrap_or_default();
        let offset = text.lines().find_map(|line| line.strip_prefix("master_repl_offset:")?.trim().parse().ok());
        let offset = offset.ok_or_else(|| io::Error::other("INFO replication names no offset"))?;
        match &mut self.feed {
            Some(feed) => feed.take_until(offset),
            None => Ok(Vec::new()),
        }
    }
}

impl Drop for TcpSubject {
    /// Leaves the server empty, with the parameters it was found with. If that fails, nobody is left to be told.
    fn drop(&mut self) {
        if self.in_use {
            let _ = self.reset();
        }
    }
}

fn is_hangup(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::BrokenPipe | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// Serves one connection after the other at a port of its own: reads until `asked` has come, answers, and hangs up after
    /// the last. `body` gets the address.
    fn serve(exchanges: &[(&str, &str)], body: impl FnOnce(&str)) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        thread::scope(|scope| {
            scope.spawn(|| {
                let (mut stream, _) = listener.accept().unwrap();
                for (asked, answer) in exchanges {
                    let mut seen = vec![0; asked.len()];
                    stream.read_exact(&mut seen).unwrap();
                    assert_eq!(String::from_utf8(seen).unwrap(), *asked);
                    stream.write_all(answer.as_bytes()).unwrap();
                }
            });
            body(&address);
        });
    }

    fn bare(address: &str) -> TcpSubject {
        TcpSubject {
            address: address.to_owned(),
            streams: BTreeMap::new(),
            next_id: 0,
            admin: None,
            parameters: Vec::new(),
            in_use: false,
            feed: None,
            reply_wait: Duration::from_secs(5),
            settle_wait: Duration::from_millis(5),
        }
    }

    const INFO: &str = "*2\r\n$4\r\nINFO\r\n$6\r\nserver\r\n";

    #[test]
    fn bytes_come_and_go_and_a_hangup_is_told() {
        serve(&[("ab", "cd"), ("ef", "")], |address| {
            let mut subject = bare(address);
            let conn = subject.connect().unwrap();
            assert_eq!(subject.receive(conn, Wait::Poll).unwrap(), Received::default());
            assert_eq!(subject.receive(conn, Wait::Settle).unwrap(), Received::default());
            subject.send(conn, b"a").unwrap();
            subject.send(conn, b"b").unwrap();
            let mut bytes = Vec::new();
            while bytes.len() < 2 {
                bytes.extend(subject.receive(conn, Wait::Reply).unwrap().bytes);
            }
            assert_eq!(bytes, b"cd");
            subject.send(conn, b"ef").unwrap();
            assert_eq!(subject.receive(conn, Wait::Reply).unwrap(), Received { bytes: Vec::new(), closed: true });
            subject.close(conn);
            assert!(subject.send(conn, b"x").is_err());
        });
    }

    #[test]
    fn info_tells_the_family() {
        let table = [
            ("redis_version:7.0.15\r\n", Vendor::Redis, Version::new(7, 0, 15)),
            (
                "redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:9.1.2\r\n",
                Vendor::Valkey,
                Version::new(9, 1, 2),
            ),
            ("redis_version:8.10.0\r\nochre_version:0.1.0\r\n", Vendor::Ochre, Version::new(0, 1, 0)),
        ];
        for (info, vendor, version) in table {
            let reply = format!("${}\r\n{info}\r\n", info.len());
            serve(&[(INFO, &reply)], |address| {
                assert_eq!(bare(address).peer().unwrap(), Peer { vendor, version });
            });
        }
        serve(&[(INFO, "-NOAUTH\r\n")], |address| assert!(bare(address).peer().is_err()));
        assert!(TcpSubject::connect("127.0.0.1:1").is_err());
    }
}
