//! Connections to other servers, for what waits for its answer: MIGRATE.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// A connected socket whose reads and writes end in time.
struct TcpLink(TcpStream);

/// Connects to `host` and `port` within `timeout_ms`.
///
/// # Errors
/// [`io::ErrorKind::NotFound`] when the name stands for no address, otherwise what the system says.
pub(crate) fn dial(host: &[u8], port: &[u8], timeout_ms: u64) -> io::Result<Box<dyn server::Link>> {
    let unknown = || io::Error::from(io::ErrorKind::NotFound);
    let host = std::str::from_utf8(host).map_err(|_| unknown())?;
    // What is no port is nobody's port.
    let port = std::str::from_utf8(port).ok().and_then(|port| port.parse::<u16>().ok()).unwrap_or(0);
    let timeout = Duration::from_millis(timeout_ms.max(1));
    let mut last = unknown();
    for address in (host, port).to_socket_addrs().map_err(|_| unknown())? {
        match TcpStream::connect_timeout(&address, timeout) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                return Ok(Box::new(TcpLink(stream)));
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

impl Read for TcpLink {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

impl Write for TcpLink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl server::Link for TcpLink {
    fn set_timeout_ms(&mut self, ms: u64) -> io::Result<()> {
        let timeout = Some(Duration::from_millis(ms.max(1)));
        self.0.set_read_timeout(timeout)?;
        self.0.set_write_timeout(timeout)
    }
}
