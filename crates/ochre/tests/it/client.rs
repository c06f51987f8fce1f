//! A client: blocking, one socket, replies in the notation of transcripts.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;

use resp::{Reader, Value};

use crate::server::PATIENCE;

/// A connection to a server.
pub(crate) struct Client {
    stream: Stream,
    reader: Reader,
    input: Vec<u8>,
}

enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Client {
    pub(crate) fn tcp(port: u16) -> Self {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Self { stream: Stream::Tcp(stream), reader: Reader::default(), input: Vec::new() }
    }

    pub(crate) fn unix(path: &Path) -> Self {
        let stream = UnixStream::connect(path).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Self { stream: Stream::Unix(stream), reader: Reader::default(), input: Vec::new() }
    }

    /// Sends a command, its words separated by blanks, and returns its reply as text.
    #[track_caller]
    pub(crate) fn ask(&mut self, command: &str) -> String {
        let words: Vec<&str> = command.split(' ').collect();
        self.ask_words(&words)
    }

    #[track_caller]
    pub(crate) fn ask_words(&mut self, words: &[&str]) -> String {
        self.send(&resp::encode_command(words));
        self.reply()
    }

    /// The value of an INFO field or of a `name=value` list.
    #[track_caller]
    pub(crate) fn info(&mut self, field: &str) -> String {
        let text = self.ask("INFO everything");
        let prefix = format!("{field}:");
        text.lines()
            .find_map(|line| line.strip_prefix(&prefix))
            .unwrap_or_else(|| panic!("no {field} in {text}"))
            .to_owned()
    }

    #[track_caller]
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.try_send(bytes).unwrap();
    }

    /// Sends what a server that hangs up may not take.
    pub(crate) fn try_send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        match &mut self.stream {
            Stream::Tcp(stream) => stream.write_all(bytes),
            Stream::Unix(stream) => stream.write_all(bytes),
        }
    }

    /// The next reply as text: `OK`, `(error) ERR ...`, `7`, a bulk as it is, `(nil)`, `[a, b]`.
    #[track_caller]
    pub(crate) fn reply(&mut self) -> String {
        match self.next() {
            Some(value) => show(&value),
            None => panic!("the connection was closed"),
        }
    }

    /// Whether the server closes the connection, with nothing sent before.
    #[track_caller]
    pub(crate) fn is_closed(&mut self) -> bool {
        let next = self.next();
        assert!(next.is_none(), "a reply came: {}", show(&next.unwrap()));
        true
    }

    /// Every reply up to the end of the connection.
    #[track_caller]
    pub(crate) fn rest(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.next()).map(|value| show(&value)).collect()
    }

    /// The first reply, or nothing when the connection is closed before one.
    pub(crate) fn first(&mut self) -> Option<String> {
        self.next().map(|value| show(&value))
    }

    /// Says that nothing more will be sent.
    pub(crate) fn end_sending(&self) {
        match &self.stream {
            Stream::Tcp(stream) => stream.shutdown(Shutdown::Write).unwrap(),
            Stream::Unix(stream) => stream.shutdown(Shutdown::Write).unwrap(),
        }
    }

    #[track_caller]
    fn next(&mut self) -> Option<Value> {
        loop {
            let mut rest = self.input.as_slice();
            let value = self.reader.read(&mut rest).expect("replies are well formed");
            let taken = self.input.len() - rest.len();
            self.input.drain(..taken);
            if value.is_some() {
                return value;
            }
            let mut bytes = vec![0; 64 * 1024];
            let count = match &mut self.stream {
                Stream::Tcp(stream) => stream.read(&mut bytes),
                Stream::Unix(stream) => stream.read(&mut bytes),
            };
            match count {
                Ok(0) => return None,
                Err(error) if matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe) => {
                    return None;
                }
                Ok(count) => self.input.extend_from_slice(&bytes[..count]),
                // A child of another test ended.
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => panic!("nothing came: {error}"),
            }
        }
    }
}

fn show(value: &Value) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let join = |items: &[Value]| items.iter().map(show).collect::<Vec<_>>().join(", ");
    let pairs = |pairs: &[(Value, Value)]| {
        pairs.iter().map(|(name, value)| format!("{}: {}", show(name), show(value))).collect::<Vec<_>>().join(", ")
    };
    match value {
        Value::Error(error) | Value::BulkError(error) => format!("(error) {}", text(error)),
        Value::Int(int) => int.to_string(),
        Value::Status(bytes) | Value::Bulk(bytes) | Value::Double(bytes) | Value::BigNumber(bytes) => text(bytes),
        Value::Verbatim { text: bytes, .. } => text(bytes),
        Value::Bool(bool) => bool.to_string(),
        Value::Null(_) => "(nil)".into(),
        Value::Array(items) | Value::Set(items) | Value::Push(items) => format!("[{}]", join(items)),
        Value::Map(map) => format!("{{{}}}", pairs(map)),
        Value::Attributed { value, .. } => show(value),
    }
}
