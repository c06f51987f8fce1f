//! `Reply`: one method per kind of answer, each appending its wire form to the connection's buffer.
//!
//! | method | RESP2 | RESP3 |
//! | --- | --- | --- |
//! | `int(7)` | `:7\r\n` | `:7\r\n` |
//! | `bulk(b"ab")`, `bulk_int(7)` | `$2\r\nab\r\n`, `$1\r\n7\r\n` | the same |
//! | `status("OK")`, `error("ERR no")` | `+OK\r\n`, `-ERR no\r\n` | the same |
//! | `null()`, `null_array()` | `$-1\r\n`, `*-1\r\n` | `_\r\n`, `_\r\n` |
//! | `bool(true)` | `:1\r\n` | `#t\r\n` |
//! | `double(0.5)` | `$3\r\n0.5\r\n` | `,0.5\r\n` |
//! | `big_number("12")` | `$2\r\n12\r\n` | `(12\r\n` |
//! | `verbatim(b"txt", b"ab")` | `$2\r\nab\r\n` | `=6\r\ntxt:ab\r\n` |
//! | `array(2)`, `set(2)`, `push(2)` | `*2\r\n` | `*2\r\n`, `~2\r\n`, `>2\r\n` |
//! | `map(2)` | `*4\r\n` | `%2\r\n` |
//! | `pairs(2)`, `pair()` | `*4\r\n`, nothing | `*2\r\n`, `*2\r\n` |
//! | `attribute(1)` | nothing, answers `false` | `\|1\r\n` |
//!
//! A collection is its length followed by that many answers; the caller writes exactly as many as it announced. Where the count
//! is known only at the end, see [`Reply::array_later`].
//!
//! Left out: a reply tree (an allocation for every answer), `io::Write` (no error to handle: the buffer grows), and chains of
//! buffers as Redis has them (one flush per turn of the loop writes one piece).

use stdx::num::DoubleText;

use crate::Protocol;

/// Writes one command's answer into `out`, the connection's output buffer, in the connection's protocol.
///
/// ```
/// use resp::{Protocol, Reply};
/// let mut out = Vec::new();
/// let mut reply = Reply::new(&mut out, Protocol::Resp3);
/// reply.map(1);
/// reply.bulk(b"field");
/// reply.int(7);
/// assert_eq!(out, b"%1\r\n$5\r\nfield\r\n:7\r\n");
/// ```
#[derive(Debug)]
pub struct Reply<'a> {
    pub(super) out: &'a mut Vec<u8>,
    protocol: Protocol,
    /// Deferred lengths not settled yet.
    pub(super) open: u32,
}

/// A place in the answer to [`Reply::rewind`] to.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    len: usize,
    open: u32,
}

impl<'a> Reply<'a> {
    /// Answers are appended to `out`; what it holds already is left alone.
    #[must_use]
    pub const fn new(out: &'a mut Vec<u8>, protocol: Protocol) -> Self {
        Self { out, protocol, open: 0 }
    }

    /// The protocol this answer is written in. For HELLO and the like: a handler has no need to ask.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// What follows is written in `protocol`: HELLO answers in the protocol it has just chosen.
    pub const fn set_protocol(&mut self, protocol: Protocol) {
        self.protocol = protocol;
    }

    // Scalars

    /// `:7`
    #[inline]
    pub fn int(&mut self, int: i64) {
        match int {
            0 => self.out.extend_from_slice(b":0\r\n"),
            1 => self.out.extend_from_slice(b":1\r\n"),
            int => self.line(b':', itoa::Buffer::new().format(int).as_bytes()),
        }
    }

    /// A count or a length as an integer; one past `i64::MAX` cannot be.
    #[inline]
    pub fn len(&mut self, len: usize) {
        self.int(i64::try_from(len).unwrap_or(i64::MAX));
    }

    /// `$2 ab`: any bytes, with their length.
    #[inline]
    pub fn bulk(&mut self, bytes: &[u8]) {
        self.out.reserve(bytes.len().saturating_add(BULK_FRAME_BYTES));
        self.header(b'$', bytes.len());
        self.out.extend_from_slice(bytes);
        self.out.extend_from_slice(b"\r\n");
    }

    /// An integer as a bulk string, as GET answers a counter.
    pub fn bulk_int(&mut self, int: i64) {
        self.bulk(itoa::Buffer::new().format(int).as_bytes());
    }

    /// `+OK`
    #[inline]
    pub fn ok(&mut self) {
        self.out.extend_from_slice(b"+OK\r\n");
    }

    /// `+text`. CR and LF, which would end the line early, become spaces.
    pub fn status(&mut self, text: impl AsRef<[u8]>) {
        self.text_line(b'+', text.as_ref());
    }

    /// `-text`, where `text` starts with the error's code: `"ERR syntax error"`. CR and LF inside become spaces, those at the
    /// end are dropped.
    pub fn error(&mut self, text: impl AsRef<[u8]>) {
        self.text_line(b'-', text.as_ref().trim_suffix_line_ends());
    }

    /// No value: `$-1`, or `_` in RESP3.
    #[inline]
    pub fn null(&mut self) {
        match self.protocol {
            Protocol::Resp2 => self.out.extend_from_slice(b"$-1\r\n"),
            Protocol::Resp3 => self.out.extend_from_slice(b"_\r\n"),
        }
    }

    /// No value where an array was asked for: `*-1`, or `_` in RESP3.
    pub fn null_array(&mut self) {
        match self.protocol {
            Protocol::Resp2 => self.out.extend_from_slice(b"*-1\r\n"),
            Protocol::Resp3 => self.out.extend_from_slice(b"_\r\n"),
        }
    }

    /// `#t`, or `:1` in RESP2.
    pub fn bool(&mut self, truth: bool) {
        self.out.extend_from_slice(match (self.protocol, truth) {
            (Protocol::Resp2, false) => b":0\r\n",
            (Protocol::Resp2, true) => b":1\r\n",
            (Protocol::Resp3, false) => b"#f\r\n",
            (Protocol::Resp3, true) => b"#t\r\n",
        });
    }

    /// `,0.5`, or a bulk string of the same text in RESP2.
    pub fn double(&mut self, double: f64) {
        self.double_text(DoubleText::new().format(double));
    }

    /// A double in a text form of the caller's choice, such as GEOPOS's 17 digits after the point.
    pub fn double_text(&mut self, text: &[u8]) {
        match self.protocol {
            Protocol::Resp2 => self.bulk(text),
            Protocol::Resp3 => self.text_line(b',', text),
        }
    }

    /// A double as a bulk string in either protocol, as INCRBYFLOAT's family answers.
    pub fn bulk_double(&mut self, double: f64) {
        self.bulk(DoubleText::new().format(double));
    }

    /// `(12`, or a bulk string in RESP2. `digits` is a decimal integer of any size.
    pub fn big_number(&mut self, digits: impl AsRef<[u8]>) {
        match self.protocol {
            Protocol::Resp2 => self.bulk(digits.as_ref()),
            Protocol::Resp3 => self.text_line(b'(', digits.as_ref()),
        }
    }

    /// Text with its format (`txt`, `mkd`), or a bulk string without it in RESP2.
    pub fn verbatim(&mut self, format: &[u8; 3], text: &[u8]) {
        match self.protocol {
            Protocol::Resp2 => self.bulk(text),
            Protocol::Resp3 => {
                self.out.reserve(text.len().saturating_add(BULK_FRAME_BYTES));
                self.header(b'=', text.len().saturating_add(4));
                self.out.extend_from_slice(format);
                self.out.push(b':');
                self.out.extend_from_slice(text);
                self.out.extend_from_slice(b"\r\n");
            }
        }
    }

    // Collections: a length, then so many answers

    /// An array of `len` answers.
    #[inline]
    pub fn array(&mut self, len: usize) {
        self.header(b'*', len);
    }

    /// A map of `pairs` keys, each followed by its value; a flat array of twice as many in RESP2.
    pub fn map(&mut self, pairs: usize) {
        match self.protocol {
            Protocol::Resp2 => self.header(b'*', pairs.saturating_mul(2)),
            Protocol::Resp3 => self.header(b'%', pairs),
        }
    }

    /// An array of `pairs` arrays of two, each begun by [`Self::pair`]; a flat array of twice as many answers in RESP2.
    pub fn pairs(&mut self, pairs: usize) {
        match self.protocol {
            Protocol::Resp2 => self.header(b'*', pairs.saturating_mul(2)),
            Protocol::Resp3 => self.header(b'*', pairs),
        }
    }

    /// One of the [`Self::pairs`].
    pub fn pair(&mut self) {
        match self.protocol {
            Protocol::Resp2 => {}
            Protocol::Resp3 => self.header(b'*', 2),
        }
    }

    /// A set of `len` answers; an array in RESP2.
    pub fn set(&mut self, len: usize) {
        match self.protocol {
            Protocol::Resp2 => self.header(b'*', len),
            Protocol::Resp3 => self.header(b'~', len),
        }
    }

    /// A message that answers no command (pub/sub, invalidation) of `len` parts; an array in RESP2.
    pub fn push(&mut self, len: usize) {
        match self.protocol {
            Protocol::Resp2 => self.header(b'*', len),
            Protocol::Resp3 => self.header(b'>', len),
        }
    }

    /// Attributes of the answer that follows, as `pairs` of a map. RESP2 has none: where this answers `false` the caller
    /// leaves the pairs out.
    #[must_use]
    pub fn attribute(&mut self, pairs: usize) -> bool {
        match self.protocol {
            Protocol::Resp2 => false,
            Protocol::Resp3 => {
                self.header(b'|', pairs);
                true
            }
        }
    }

    /// Appends an answer that is wire bytes already, such as one kept from another connection of the same protocol.
    pub fn encoded(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    // Going back

    /// Where the answer stands now.
    #[must_use]
    pub const fn mark(&self) -> Mark {
        Mark { len: self.out.len(), open: self.open }
    }

    /// Takes back all that was written since `mark`, deferred lengths included.
    pub fn rewind(&mut self, mark: Mark) {
        self.out.truncate(mark.len);
        self.open = mark.open;
    }

    /// What was written since `mark`.
    #[must_use]
    pub fn written_since(&self, mark: Mark) -> &[u8] {
        self.out.get(mark.len..).unwrap_or_default()
    }

    // Pieces of the wire form

    /// A kind byte, a length, CR LF. One digit, the usual case, is a single copy of four bytes.
    #[inline]
    pub(super) fn header(&mut self, kind: u8, len: usize) {
        match u8::try_from(len) {
            Ok(digit @ 0..=9) => self.out.extend_from_slice(&[kind, b'0'.wrapping_add(digit), b'\r', b'\n']),
            Ok(_) | Err(_) => self.line(kind, itoa::Buffer::new().format(len).as_bytes()),
        }
    }

    /// A kind byte, `text` that is known to hold no line end, CR LF.
    #[inline]
    fn line(&mut self, kind: u8, text: &[u8]) {
        self.out.reserve(text.len().saturating_add(3));
        self.out.push(kind);
        self.out.extend_from_slice(text);
        self.out.extend_from_slice(b"\r\n");
    }

    /// Like `line`, for text from anywhere: each CR and LF inside becomes a space.
    fn text_line(&mut self, kind: u8, text: &[u8]) {
        let start = self.out.len();
        self.line(kind, text);
        if memchr::memchr2(b'\r', b'\n', text).is_some() {
            let written = self.out.get_mut(start..).unwrap_or_default();
            let inside = written.len().saturating_sub(2);
            for byte in written.iter_mut().take(inside).filter(|byte| matches!(**byte, b'\r' | b'\n')) {
                *byte = b' ';
            }
        }
    }
}

/// `$`, the longest length, and two line ends.
const BULK_FRAME_BYTES: usize = 1 + 20 + 2 + 2;

trait TrimLineEnds {
    fn trim_suffix_line_ends(&self) -> &[u8];
}

impl TrimLineEnds for [u8] {
    fn trim_suffix_line_ends(&self) -> &[u8] {
        let mut text = self;
        while let [before @ .., b'\r' | b'\n'] = text {
            text = before;
        }
        text
    }
}
