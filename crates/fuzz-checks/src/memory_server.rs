//! A whole server in memory and one client of it. It lives as long as its thread, since a server takes a thousand times longer to make
//! than to ask; who uses it leaves it as it was found, and checks that.

use std::cell::RefCell;
use std::thread::LocalKey;

use server::testing::MemoryServer;
use testkit::{ConnId, Subject, Wait};

#[derive(Debug)]
pub(crate) struct Client {
    server: MemoryServer,
    conn: ConnId,
}

/// A place for one.
pub(crate) type Place = LocalKey<RefCell<Option<Client>>>;

/// Lends the client at `place`. It is a new one after a check that failed.
pub(crate) fn with_client(place: &'static Place, act: impl FnOnce(&mut Client)) {
    let mut client = place.take().unwrap_or_else(Client::new);
    act(&mut client);
    place.set(Some(client));
}

impl Client {
    fn new() -> Self {
        let mut server = MemoryServer::new(1);
        let conn = server.connect().expect("a server in memory");
        Self { server, conn }
    }

    /// The reply to one command.
    pub(crate) fn ask<W: AsRef<[u8]>>(&mut self, words: &[W]) -> Vec<u8> {
        let command = resp::encode_command(words.iter().map(AsRef::as_ref));
        self.server.send(self.conn, &command).expect("a server in memory");
        let received = self.server.receive(self.conn, Wait::Poll).expect("a server in memory");
        assert!(!received.closed && !received.bytes.is_empty(), "no answer to {}", command.escape_ascii());
        received.bytes
    }

    /// The reply to a command written as a line. It is about what the command says, not about how it was called.
    pub(crate) fn tell(&mut self, line: &str) -> Vec<u8> {
        let words: Vec<&str> = line.split(' ').collect();
        let reply = self.ask(&words);
        for mistake in ["-WRONGTYPE Operation", "-ERR unknown", "-ERR wrong number", "-ERR syntax"] {
            assert!(!reply.starts_with(mistake.as_bytes()), "{line}: {}", reply.escape_ascii());
        }
        reply
    }
}
