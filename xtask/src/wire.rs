//! A blocking RESP2 client of some hundred lines, for the tools only.
//!
//! It trusts its peer (a server this tool started), so it has none of the limits of `resp`; it exists so that `xtask` builds
//! without the server crates and can still talk to a server when those do not compile.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// No answer of a test server takes longer; a silent one is a fault to report, not to wait for.
const REPLY_LIMIT: Duration = Duration::from_secs(120);

/// A RESP2 reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Status(String),
    Error(String),
    Int(i64),
    Bulk(Vec<u8>),
    Null,
    Array(Vec<Reply>),
}

/// One connection.
pub(crate) struct Client {
    reader: BufReader<TcpStream>,
}

impl Client {
    pub(crate) fn connect(addr: SocketAddr) -> Result<Client> {
        let stream = TcpStream::connect_timeout(&addr, Duration::from_secs(5))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(REPLY_LIMIT))?;
        stream.set_write_timeout(Some(REPLY_LIMIT))?;
        Ok(Client { reader: BufReader::with_capacity(1 << 16, stream) })
    }

    /// Sends one command, given as words, and reads its reply. An error reply is an `Err`.
    pub(crate) fn command(&mut self, words: &[&str]) -> Result<Reply> {
        let mut out = Vec::new();
        encode(words, &mut out);
        self.send(&out)?;
        match self.read_reply()? {
            Reply::Error(text) => bail!("{}: {text}", words.join(" ")),
            reply @ (Reply::Status(_) | Reply::Int(_) | Reply::Bulk(_) | Reply::Null | Reply::Array(_)) => Ok(reply),
        }
    }

    /// Sends one command of any bytes and reads its reply, whatever that is.
    pub(crate) fn call(&mut self, words: &[&[u8]]) -> Result<Reply> {
        let mut out = Vec::new();
        encode_bytes(words, &mut out);
        self.send(&out)?;
        self.read_reply()
    }

    /// Reads `count` replies of any kind; an error is an `Err`.
    pub(crate) fn read_replies(&mut self, count: usize) -> Result<()> {
        for _ in 0..count {
            if let Reply::Error(text) = self.read_reply()? {
                bail!("the server answered {text}");
            }
        }
        Ok(())
    }

    /// Like `command`, for commands that answer with an integer.
    pub(crate) fn int(&mut self, words: &[&str]) -> Result<i64> {
        match self.command(words)? {
            Reply::Int(value) => Ok(value),
            other @ (Reply::Status(_) | Reply::Error(_) | Reply::Bulk(_) | Reply::Null | Reply::Array(_)) => {
                bail!("{}: expected an integer, got {other:?}", words.join(" "))
            }
        }
    }

    /// One field of `INFO section`, if the server reports it.
    pub(crate) fn info(&mut self, section: &str, field: &str) -> Result<Option<String>> {
        let Reply::Bulk(text) = self.command(&["INFO", section])? else { return Ok(None) };
        let text = String::from_utf8_lossy(&text).into_owned();
        let prefix = format!("{field}:");
        Ok(text.lines().find_map(|line| line.strip_prefix(&prefix)).map(|value| value.trim().to_owned()))
    }

    /// Writes encoded commands as they are.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> Result<()> {
        self.reader.get_mut().write_all(bytes).context("writing to the server")
    }

    /// Reads `count` replies that are one line each (statuses, integers); an error line is an `Err`.
    pub(crate) fn read_lines(&mut self, count: usize, line: &mut Vec<u8>) -> Result<()> {
        for _ in 0..count {
            line.clear();
            if self.reader.read_until(b'\n', line)? == 0 {
                bail!("the server closed the connection");
            }
            if line.first() == Some(&b'-') {
                bail!("the server answered {}", String::from_utf8_lossy(line).trim_end());
            }
        }
        Ok(())
    }

    /// Reads one reply, an error reply too.
    pub(crate) fn read_reply(&mut self) -> Result<Reply> {
        let line = self.read_line()?;
        let mut chars = line.chars();
        let kind = chars.next().context("an empty reply line")?;
        let rest = chars.as_str();
        Ok(match kind {
            '+' => Reply::Status(rest.to_owned()),
            '-' => Reply::Error(rest.to_owned()),
            ':' => Reply::Int(rest.parse().with_context(|| format!("bad integer reply {rest:?}"))?),
            '$' => match length(rest)? {
                None => Reply::Null,
                Some(len) => {
                    let mut body = vec![0; len + 2];
                    self.reader.read_exact(&mut body)?;
                    body.truncate(len);
                    Reply::Bulk(body)
                }
            },
            '*' => match length(rest)? {
                None => Reply::Null,
                Some(len) => Reply::Array((0..len).map(|_| self.read_reply()).collect::<Result<_>>()?),
            },
            other => bail!("unexpected reply type {other:?}"),
        })
    }

    fn read_line(&mut self) -> Result<String> {
        let mut line = Vec::new();
        if self.reader.read_until(b'\n', &mut line)? == 0 {
            bail!("the server closed the connection");
        }
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    }
}

/// Appends `words` to `out` as one RESP command.
pub(crate) fn encode(words: &[&str], out: &mut Vec<u8>) {
    out.extend_from_slice(format!("*{}\r\n", words.len()).as_bytes());
    for word in words {
        out.extend_from_slice(format!("${}\r\n{word}\r\n", word.len()).as_bytes());
    }
}

/// Appends words of any bytes to `out` as one RESP command.
pub(crate) fn encode_bytes(words: &[&[u8]], out: &mut Vec<u8>) {
    out.extend_from_slice(format!("*{}\r\n", words.len()).as_bytes());
    for word in words {
        out.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        out.extend_from_slice(word);
        out.extend_from_slice(b"\r\n");
    }
}

fn length(text: &str) -> Result<Option<usize>> {
    if text == "-1" {
        return Ok(None);
    }
    Ok(Some(text.parse().with_context(|| format!("bad length {text:?}"))?))
}
