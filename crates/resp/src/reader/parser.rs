//! The incremental reader: takes whatever bytes have arrived and keeps what it needs of them.
//!
//! Nesting is a stack of its own, not recursion, so a reply may be interrupted at any byte and a hostile one cannot end the
//! process; the trees it builds are at most [`ReadLimits::max_depth`] deep, so that dropping and comparing them recurses no deeper.
//! Memory grows with the bytes that have come, never with a number that was announced: a collection of 2^31 elements starts with
//! room for a few, and an element of 3 bytes on the wire takes 40 in the tree, which `max_tree_bytes` counts.
//!
//! RESP3's streamed strings and collections (`$?`, `*?`) are errors: no server of the family sends them.

use std::mem::size_of;

use stdx::num::parse_i64;

use super::error::ReadErrorKind;
use super::{NullKind, ReadError, Value};

/// What a server may make its client keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadLimits {
    /// Collections within collections.
    pub max_depth: usize,
    /// Bytes of one bulk.
    pub max_bulk_len: usize,
    /// Bytes of one line: a status, an error, a number.
    pub max_line_len: usize,
    /// Bytes of one reply in memory, all its texts, bulks and nodes together; what their vectors keep in reserve is not counted.
    pub max_tree_bytes: usize,
}

impl Default for ReadLimits {
    fn default() -> Self {
        Self { max_depth: 128, max_bulk_len: 512 << 20, max_line_len: 1 << 20, max_tree_bytes: 1 << 30 }
    }
}

/// Reads a stream of replies.
///
/// ```
/// use resp::{Reader, Value};
/// let mut reader = Reader::default();
/// let mut input = &b"*2\r\n:1\r\n$2\r\na"[..];
/// assert_eq!(reader.read(&mut input), Ok(None));
/// let mut input = &b"b\r\n+OK\r\n"[..];
/// assert_eq!(reader.read(&mut input), Ok(Some(Value::Array(vec![Value::Int(1), Value::Bulk(b"ab".to_vec())]))));
/// assert_eq!(input, b"+OK\r\n");
/// ```
#[derive(Debug, Default)]
pub struct Reader {
    limits: ReadLimits,
    /// Bytes of the stream read so far.
    offset: u64,
    /// The beginning of a line whose end has not come yet.
    line: Vec<u8>,
    bulk: Option<PartialBulk>,
    /// The collections around the value that comes next, the outermost first.
    stack: Vec<Frame>,
    /// Memory of the reply under construction.
    tree_bytes: usize,
}

#[derive(Debug)]
struct PartialBulk {
    kind: BulkKind,
    bytes: Vec<u8>,
    /// Bytes still to come, the CR LF included.
    left: usize,
}

#[derive(Clone, Copy, Debug)]
enum BulkKind {
    Bulk,
    Error,
    Verbatim,
}

/// A collection under construction.
#[derive(Debug)]
struct Frame {
    kind: FrameKind,
    items: Vec<Value>,
    left: usize,
}

#[derive(Debug)]
enum FrameKind {
    Array,
    Set,
    Push,
    Map,
    /// The pairs of an attribute.
    Attribute,
    /// The value after an attribute.
    Attributed(Vec<(Value, Value)>),
}

/// Room set aside on the word of the server.
const MAX_TRUSTED_ITEMS: usize = 64;
const MAX_TRUSTED_BYTES: usize = 64 * 1024;

type Found = Result<Option<Value>, ReadErrorKind>;

impl Reader {
    #[must_use]
    pub fn new(limits: ReadLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// The next reply, if its last byte is in `input`, which is advanced past all that was read. `None` takes all of `input`.
    ///
    /// A line feed of its own between replies is skipped: a primary sends some while it prepares a full resync.
    ///
    /// # Errors
    /// When the bytes are no reply, or one past the limits. The reader is of no use after that.
    pub fn read(&mut self, input: &mut &[u8]) -> Result<Option<Value>, ReadError> {
        while !input.is_empty() {
            let before = input.len();
            let found = self.step(input);
            self.offset = self.offset.saturating_add(before.saturating_sub(input.len()) as u64);
            let mut value = match found {
                Ok(Some(value)) => value,
                Ok(None) => continue,
                Err(kind) => return Err(ReadError { offset: self.offset, kind }),
            };
            loop {
                match self.place(value) {
                    Placed::Complete(whole) => {
                        self.tree_bytes = 0;
                        return Ok(Some(whole));
                    }
                    Placed::Closes(collection) => value = collection,
                    Placed::Open => break,
                }
            }
        }
        Ok(None)
    }

    /// Whether a reply has begun and not ended.
    #[must_use]
    pub const fn is_mid_reply(&self) -> bool {
        !self.line.is_empty() || self.bulk.is_some() || !self.stack.is_empty()
    }

    /// Memory of the reply under construction: lines, bulks and collections, the values that wait in them included.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let bulk = self.bulk.as_ref().map_or(0, |bulk| bulk.bytes.capacity().saturating_sub(bulk.bytes.len()));
        let items = self.stack.iter().map(|frame| frame.items.capacity().saturating_mul(size_of::<Value>()));
        let frames = self.stack.capacity().saturating_mul(size_of::<Frame>());
        let parts = [self.line.capacity(), bulk, frames, self.tree_bytes];
        items.chain(parts).fold(0, usize::saturating_add)
    }

    /// Takes one line or one piece of a bulk from `input`; answers the value that it completes, if any.
    fn step(&mut self, input: &mut &[u8]) -> Found {
        if self.bulk.is_some() {
            return self.bulk_piece(input);
        }
        let available = *input;
        let newline = memchr::memchr(b'\n', available);
        let (piece, rest) =
            newline.and_then(|at| available.split_at_checked(at.saturating_add(1))).unwrap_or((available, b""));
        if self.line.len().saturating_add(piece.len()) > self.limits.max_line_len.saturating_add(LINE_FRAME_LEN) {
            return Err(ReadErrorKind::LineTooLong);
        }
        *input = rest;
        if newline.is_none() {
            self.line.extend_from_slice(piece);
            return Ok(None);
        }
        if self.line.is_empty() {
            return self.whole_line(piece);
        }
        let mut line = std::mem::take(&mut self.line);
        line.extend_from_slice(piece);
        let found = self.whole_line(&line);
        line.clear();
        line.shrink_to(MAX_TRUSTED_BYTES);
        self.line = line;
        found
    }

    fn whole_line(&mut self, line: &[u8]) -> Found {
        if line == b"\n" && self.stack.is_empty() {
            return Ok(None);
        }
        let [kind, text @ .., b'\r', b'\n'] = line else {
            return Err(ReadErrorKind::MissingLineEnd);
        };
        self.charge(size_of::<Value>())?;
        match kind {
            b'+' => self.text(text).map(Value::Status),
            b'-' => self.text(text).map(Value::Error),
            b':' => int(text).map(Value::Int),
            b',' if is_double(text) => self.text(text).map(Value::Double),
            b'(' if is_integer(text) => self.text(text).map(Value::BigNumber),
            b'#' if text == b"t" => Ok(Value::Bool(true)),
            b'#' if text == b"f" => Ok(Value::Bool(false)),
            b'_' if text.is_empty() => Ok(Value::Null(NullKind::Resp3)),
            b'$' if text == b"-1" => Ok(Value::Null(NullKind::Bulk)),
            b'*' if text == b"-1" => Ok(Value::Null(NullKind::Array)),
            b'$' => return self.open_bulk(BulkKind::Bulk, text),
            b'!' => return self.open_bulk(BulkKind::Error, text),
            b'=' => return self.open_bulk(BulkKind::Verbatim, text),
            b'*' => return self.open(FrameKind::Array, text, 1),
            b'~' => return self.open(FrameKind::Set, text, 1),
            b'>' => return self.open(FrameKind::Push, text, 1),
            b'%' => return self.open(FrameKind::Map, text, 2),
            b'|' => return self.open(FrameKind::Attribute, text, 2),
            b',' | b'(' | b'#' | b'_' => Err(ReadErrorKind::MalformedLine),
            &other => Err(ReadErrorKind::UnknownType(other)),
        }
        .map(Some)
    }

    // Bulks

    fn open_bulk(&mut self, kind: BulkKind, len: &[u8]) -> Found {
        let len = length(len)?;
        if len > self.limits.max_bulk_len {
            return Err(ReadErrorKind::BulkTooLong);
        }
        self.check_room(len)?;
        let bytes = Vec::with_capacity(len.min(MAX_TRUSTED_BYTES));
        self.bulk = Some(PartialBulk { kind, bytes, left: len.saturating_add(2) });
        Ok(None)
    }

    fn bulk_piece(&mut self, input: &mut &[u8]) -> Found {
        let Some(mut bulk) = self.bulk.take() else { return Ok(None) };
        let body_left = bulk.left.saturating_sub(2);
        let (body, rest) = input.split_at_checked(body_left).unwrap_or((*input, b""));
        self.charge(body.len())?;
        bulk.bytes.extend_from_slice(body);
        bulk.left = bulk.left.saturating_sub(body.len());
        *input = rest;
        while let (1..=2, [byte, rest @ ..]) = (bulk.left, *input) {
            *input = rest;
            if *byte != (if bulk.left == 2 { b'\r' } else { b'\n' }) {
                return Err(ReadErrorKind::MissingLineEnd);
            }
            bulk.left = bulk.left.saturating_sub(1);
        }
        if bulk.left > 0 {
            self.bulk = Some(bulk);
            return Ok(None);
        }
        match bulk.kind {
            BulkKind::Bulk => Ok(Some(Value::Bulk(bulk.bytes))),
            BulkKind::Error => Ok(Some(Value::BulkError(bulk.bytes))),
            BulkKind::Verbatim => {
                let [a, b, c, b':', ..] = *bulk.bytes else { return Err(ReadErrorKind::MalformedBulk) };
                bulk.bytes.drain(..4);
                Ok(Some(Value::Verbatim { format: [a, b, c], text: bulk.bytes }))
            }
        }
    }

    // Collections

    /// Starts a collection of so many times `values_each` values.
    fn open(&mut self, kind: FrameKind, count: &[u8], values_each: usize) -> Found {
        let left = length(count)?.saturating_mul(values_each);
        self.check_room(left.saturating_mul(size_of::<Value>()))?;
        if self.stack.len() >= self.limits.max_depth {
            return Err(ReadErrorKind::TooDeep);
        }
        let frame = Frame { kind, items: Vec::with_capacity(left.min(MAX_TRUSTED_ITEMS)), left };
        if left > 0 {
            self.stack.push(frame);
            return Ok(None);
        }
        match frame.close() {
            Ok(value) => Ok(Some(value)),
            Err(attributed) => {
                self.stack.push(attributed);
                Ok(None)
            }
        }
    }

    /// Puts a value where it belongs: into the innermost collection, if there is one.
    fn place(&mut self, value: Value) -> Placed {
        let Some(mut frame) = self.stack.pop() else { return Placed::Complete(value) };
        frame.items.push(value);
        frame.left = frame.left.saturating_sub(1);
        if frame.left > 0 {
            self.stack.push(frame);
            return Placed::Open;
        }
        match frame.close() {
            Ok(collection) => Placed::Closes(collection),
            Err(attributed) => {
                self.stack.push(attributed);
                Placed::Open
            }
        }
    }

    fn text(&mut self, text: &[u8]) -> Result<Vec<u8>, ReadErrorKind> {
        self.charge(text.len())?;
        Ok(text.to_vec())
    }

    /// Whether so many bytes more may come; what was announced is refused before it arrives.
    const fn check_room(&self, bytes: usize) -> Result<(), ReadErrorKind> {
        if self.tree_bytes.saturating_add(bytes) > self.limits.max_tree_bytes {
            Err(ReadErrorKind::TooLarge)
        } else {
            Ok(())
        }
    }

    fn charge(&mut self, bytes: usize) -> Result<(), ReadErrorKind> {
        self.check_room(bytes)?;
        self.tree_bytes = self.tree_bytes.saturating_add(bytes);
        Ok(())
    }
}

/// Where a value went.
enum Placed {
    /// It is a whole reply.
    Complete(Value),
    /// It was the last one of this collection.
    Closes(Value),
    /// Its collection wants more.
    Open,
}

impl Frame {
    /// The collection, or, after the pairs of an attribute, the frame for the value they are said of.
    fn close(self) -> Result<Value, Self> {
        let mut items = self.items;
        match self.kind {
            FrameKind::Array => Ok(Value::Array(items)),
            FrameKind::Set => Ok(Value::Set(items)),
            FrameKind::Push => Ok(Value::Push(items)),
            FrameKind::Map => Ok(Value::Map(pairs(items))),
            FrameKind::Attribute => Err(Self { kind: FrameKind::Attributed(pairs(items)), items: Vec::new(), left: 1 }),
            FrameKind::Attributed(attributes) => {
                let value = items.pop().unwrap_or(Value::Null(NullKind::Resp3));
                Ok(Value::Attributed { attributes, value: Box::new(value) })
            }
        }
    }
}

fn pairs(items: Vec<Value>) -> Vec<(Value, Value)> {
    let mut items = items.into_iter();
    std::iter::from_fn(|| Some((items.next()?, items.next()?))).collect()
}

/// A kind byte, CR and LF.
const LINE_FRAME_LEN: usize = 3;

fn int(text: &[u8]) -> Result<i64, ReadErrorKind> {
    let unsigned = text.strip_prefix(b"+").unwrap_or(text);
    parse_i64(unsigned).ok_or(ReadErrorKind::MalformedLine)
}

fn length(text: &[u8]) -> Result<usize, ReadErrorKind> {
    parse_i64(text).and_then(|len| usize::try_from(len).ok()).ok_or(ReadErrorKind::MalformedLine)
}

/// `inf`, `-inf`, `nan` or a decimal number.
fn is_double(text: &[u8]) -> bool {
    str::from_utf8(text).is_ok_and(|text| text.parse::<f64>().is_ok())
}

fn is_integer(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}
