//! A real server's replication stream: what it sends to its replicas, read as one of them.
//!
//! ```text
//! -> PSYNC ? -1          <- +FULLRESYNC 5e0c...40 hex digits... 1234      what follows begins at offset 1234
//!                        <- $EOF:40 bytes of a mark ...RDB... the mark    or $LENGTH ...RDB...
//! -> REPLCONF ACK 1234   <- *2 $6 SELECT ...                              commands, each byte counted by master_repl_offset
//! ```
//!
//! Whether all has come is known by counting: INFO tells how far the stream goes.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use resp::{Reader, Value, encode_command};

/// How long a server may take to send a snapshot of nothing.
const PATIENCE: Duration = Duration::from_secs(20);

/// No snapshot of an empty server is as long.
const MAX_SNAPSHOT_BYTES: usize = 1 << 20;

/// What a replica is sent to keep it awake, or to be asked how far it is.
const HOUSEKEEPING: [&[u8]; 2] = [b"PING", b"REPLCONF"];

/// A replica that only listens.
#[derive(Debug)]
pub(crate) struct Feed {
    stream: TcpStream,
    /// What came and was not read yet.
    input: Vec<u8>,
    reader: Reader,
    /// How much of the stream was read, as the server counts.
    offset: u64,
}

impl Feed {
    /// Becomes a replica of the server at `address`, which must hold next to nothing.
    pub(crate) fn open(address: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut feed = Self { stream, input: Vec::new(), reader: Reader::default(), offset: 0 };
        feed.stream.write_all(&encode_command(["PSYNC", "?", "-1"]))?;
        let answer = feed.line()?;
        let mut words = answer.split(' ');
        let offset = words.nth(2).filter(|_| answer.starts_with("+FULLRESYNC ")).and_then(|word| word.parse().ok());
        feed.offset = offset.ok_or_else(|| io::Error::other(format!("PSYNC is answered by {answer}")))?;
        feed.skip_snapshot()?;
        let offset = feed.offset.to_string();
        feed.stream.write_all(&encode_command(["REPLCONF", "ACK", &offset]))?;
        Ok(feed)
    }

    fn skip_snapshot(&mut self) -> io::Result<()> {
        let head = self.line()?;
        let mark = head.strip_prefix("$EOF:").map(str::as_bytes);
        let len: Option<usize> = head.strip_prefix('$').and_then(|len| len.parse().ok());
        loop {
            let end = match (mark, len) {
                (Some(mark), _) => self.input.windows(mark.len()).position(|at| at == mark).map(|at| at + mark.len()),
                (None, Some(len)) => (self.input.len() >= len).then_some(len),
                (None, None) => return Err(io::Error::other(format!("no snapshot but {head}"))),
            };
            if let Some(end) = end {
                self.input.drain(..end);
                return Ok(());
            }
            if self.input.len() > MAX_SNAPSHOT_BYTES {
                return Err(io::Error::other("the snapshot of an empty server does not end"));
            }
            self.receive()?;
        }
    }

    /// The next line that is not empty: while it prepares a snapshot a server sends newlines.
    fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = self.input.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.input.drain(..=end).collect();
                let line = String::from_utf8_lossy(&line).trim().to_owned();
                if !line.is_empty() {
                    return Ok(line);
                }
            } else {
                self.receive()?;
            }
        }
    }

    fn receive(&mut self) -> io::Result<()> {
        let mut bytes = [0; 4096];
        let len = self.stream.read(&mut bytes)?;
        if len == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.input.extend_from_slice(&bytes[..len]);
        Ok(())
    }

    /// The commands up to where the stream goes now.
    pub(crate) fn take_until(&mut self, offset: u64) -> io::Result<Vec<Vec<Vec<u8>>>> {
        while self.offset + (self.input.len() as u64) < offset {
            self.receive()?;
        }
        // The reader keeps what is no whole command yet.
        let commands = read_commands(&mut self.reader, &mut &self.input[..])?;
        self.offset += self.input.len() as u64;
        self.input.clear();
        let is_housekeeping = |command: &Vec<Vec<u8>>| {
            command.first().is_some_and(|name| HOUSEKEEPING.iter().any(|word| name.eq_ignore_ascii_case(word)))
        };
        Ok(commands.into_iter().filter(|command| !is_housekeeping(command)).collect())
    }
}

/// The commands of a stream that ends with a whole one, each as its words.
///
/// ```
/// let commands = testkit::stream_commands(b"*1\r\n$4\r\nEXEC\r\n").unwrap();
/// assert_eq!(commands, [[b"EXEC"]]);
/// ```
///
/// # Errors
/// When it is no such stream.
pub fn stream_commands(stream: &[u8]) -> io::Result<Vec<Vec<Vec<u8>>>> {
    read_commands(&mut Reader::default(), &mut &*stream)
}

fn read_commands(reader: &mut Reader, stream: &mut &[u8]) -> io::Result<Vec<Vec<Vec<u8>>>> {
    let mut commands = Vec::new();
    while let Some(value) = reader.read(stream).map_err(|error| io::Error::other(error.to_string()))? {
        let Value::Array(words) = value else { return Err(io::Error::other("a stream holds commands")) };
        commands.push(words.iter().map(|word| word.as_bytes().unwrap_or_default().to_vec()).collect());
    }
    Ok(commands)
}
