//! The incremental parser: a state of a few words, and spans.
//!
//! ```text
//! *2\r\n$3\r\nGET\r\n$5\r\nkey:1\r\n        multibulk: 2 arguments, each with its length
//! GET "key:1"\r\n                           inline: words, for people with telnet
//! ```
//!
//! Nothing is copied and no byte is looked at twice but a header's last few. A command that is complete in the input, nearly
//! always, goes straight into the batch; of one that is not, the parser keeps how far it has come and the spans found so far,
//! relative to the command's first byte, so that the caller may drop whatever lies before it. Thus a command of a million
//! arguments, or one of 512 MB, costs the same in one piece and in a thousand.
//!
//! The result depends on the bytes alone, where Redis's depends on where its reads of 16 KB happen to end:
//! - a line is too long at 64 KB + 1 bytes without its end, even if the end is in the same read;
//! - a NUL is a byte like any other, where Redis waits for ever for the end of a line that holds one.
//!
//! Rejected: one command per call (no batch to prefetch for), owned arguments (an allocation for each), checking the CR LF after
//! each argument (Redis 7 and 8 do not, so some client may depend on it; Valkey 9 does).

use std::mem;

use super::header::{Header, MAX_LINE_LEN, header};
use super::{Batch, ProtocolError};
use crate::{Span, words};

/// What a client may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest argument: `proto-max-bulk-len`. Not for a primary, whose commands somebody has accepted already.
    pub max_bulk_len: u64,
    /// A client that has yet to authenticate may send 10 arguments of 16384 bytes each, and is parsed one command at a time,
    /// since that one may be AUTH.
    pub authenticated: bool,
}

impl Default for Limits {
    /// An authenticated client, with Redis's default of 512 MB.
    fn default() -> Self {
        Self { max_bulk_len: 512 * 1024 * 1024, authenticated: true }
    }
}

const MAX_ARGS: i64 = i32::MAX as i64;
const MAX_UNAUTHENTICATED_ARGS: i64 = 10;
const MAX_UNAUTHENTICATED_BULK_LEN: u64 = 16384;
/// Spans are 32 bits wide: no more input than this is looked at in one call.
const MAX_INPUT_LEN: usize = u32::MAX as usize;
/// Room for this many spans stays with the connection after a command that came in pieces.
const KEPT_SPANS: usize = 64;

/// How far parsing has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// So many bytes belong to the batch's commands; the input of the next call starts after them.
    pub consumed: usize,
    /// So many bytes are missing from the argument that the input ends in, its CR LF included: room to reserve before reading
    /// on. 0 where that is not known. It is the client's word only: an announced 512 MB may never come.
    pub missing: usize,
}

/// The state of one connection's requests.
#[derive(Debug, Default)]
pub struct RequestParser {
    /// So many bytes of the unfinished command are understood.
    at: usize,
    /// So many bytes after `at` are known to hold no line end.
    searched: usize,
    /// So many arguments are still missing from the unfinished command; 0 while its first line is.
    args_left: u32,
    /// The length of the argument that starts at `at`, once its header is read.
    bulk_len: Option<u32>,
    /// The unfinished command's arguments, relative to its first byte.
    partial: Vec<Span>,
}

/// What one command's worth of parsing came to.
enum Step {
    /// The command, complete or empty, ends here.
    End(usize),
    /// The input ends first; see [`Progress::missing`].
    Unfinished { missing: usize },
}

impl RequestParser {
    #[must_use]
    pub const fn new() -> Self {
        Self { at: 0, searched: 0, args_left: 0, bulk_len: None, partial: Vec::new() }
    }

    /// Whether the input ended within a command.
    #[must_use]
    pub const fn is_mid_command(&self) -> bool {
        self.at > 0 || self.searched > 0
    }

    /// Memory the unfinished command takes, apart from its bytes and the parser itself.
    #[must_use]
    pub const fn heap_bytes(&self) -> usize {
        self.partial.capacity().saturating_mul(size_of::<Span>())
    }

    /// Forgets an unfinished command: the next input starts with the first byte of one.
    pub fn reset(&mut self) {
        *self = Self::new();
    }

    /// Fills `batch`, which is cleared first, with the complete commands at the start of `input`, as many as it may hold.
    ///
    /// `input` must start where the last call stopped, [`Progress::consumed`] bytes on, and end with new bytes, if any. When
    /// the batch stays empty, nothing more is to be had without new bytes. Empty commands (`*0`, `*-1`, blank lines) are
    /// consumed and leave no trace.
    ///
    /// # Errors
    /// When the first command of `input` breaks the protocol; complete ones before it come first, in a batch of their own.
    /// There is no way to go on.
    pub fn parse(&mut self, input: &[u8], batch: &mut Batch, limits: &Limits) -> Result<Progress, ProtocolError> {
        batch.clear();
        let window = input.get(..MAX_INPUT_LEN).unwrap_or(input);
        let mut consumed = 0;
        while !batch.is_full() && (limits.authenticated || batch.is_empty()) {
            match self.command(window, consumed, batch, limits) {
                Ok(Step::End(end)) => consumed = end,
                Ok(Step::Unfinished { missing }) => return Ok(Progress { consumed, missing }),
                Err(error) => {
                    self.reset();
                    if batch.is_empty() {
                        return Err(error);
                    }
                    break;
                }
            }
        }
        Ok(Progress { consumed, missing: 0 })
    }

    /// One command, which starts at `start` of `input`; its spans are relative to `input`.
    #[inline]
    fn command(
        &mut self,
        input: &[u8],
        start: usize,
        batch: &mut Batch,
        limits: &Limits,
    ) -> Result<Step, ProtocolError> {
        if self.args_left > 0 {
            return self.resume(input, batch, limits);
        }
        let line = input.get(start..).unwrap_or_default();
        match line.first() {
            Some(b'*') => {}
            Some(_) => return self.inline(line, start, batch),
            None => return Ok(Step::Unfinished { missing: 0 }),
        }
        let len = match header(line, b'*', mem::take(&mut self.searched)) {
            Header::Count(..=0, len) => return Ok(Step::End(start.wrapping_add(len))),
            Header::Count(count, len) => {
                self.args_left = arg_count(count, limits)?;
                len
            }
            Header::Unfinished { searched } => {
                self.searched = searched;
                return Ok(Step::Unfinished { missing: 0 });
            }
            Header::TooLong => return Err(ProtocolError::MultibulkCountTooLong),
            Header::WrongKind(_) | Header::Malformed => return Err(ProtocolError::InvalidMultibulkLength),
        };
        self.at = start.wrapping_add(len);
        let step = self.args(input, batch.spans_mut(), limits)?;
        match step {
            Step::End(end) => batch.finish_command(end),
            Step::Unfinished { missing } => {
                self.set_aside(start, batch);
                in_reach(input.len().saturating_sub(start), missing)?;
            }
        }
        Ok(step)
    }

    /// Goes on with a command whose first arguments are known; it starts at the input's first byte.
    #[inline(never)]
    fn resume(&mut self, input: &[u8], batch: &mut Batch, limits: &Limits) -> Result<Step, ProtocolError> {
        let mut partial = mem::take(&mut self.partial);
        let step = self.args(input, &mut partial, limits)?;
        match step {
            Step::End(end) => {
                batch.spans_mut().extend_from_slice(&partial);
                batch.finish_command(end);
                partial.clear();
                partial.shrink_to(KEPT_SPANS);
            }
            Step::Unfinished { missing } => in_reach(input.len(), missing)?,
        }
        self.partial = partial;
        Ok(step)
    }

    /// Takes the unfinished command's spans out of the batch, and makes all offsets relative to the command's start.
    #[inline(never)]
    fn set_aside(&mut self, start: usize, batch: &mut Batch) {
        let settled = batch.settled_spans();
        let shift = narrow(start);
        self.at = self.at.saturating_sub(start);
        self.partial.clear();
        let spans = batch.spans_mut().drain(settled..);
        self.partial.extend(spans.map(|span| Span { start: span.start.saturating_sub(shift), len: span.len }));
    }

    /// The arguments still missing, from `self.at` of `input` on. This is the hot loop.
    #[inline]
    fn args(&mut self, input: &[u8], spans: &mut Vec<Span>, limits: &Limits) -> Result<Step, ProtocolError> {
        let max_len = if limits.authenticated { limits.max_bulk_len } else { MAX_UNAUTHENTICATED_BULK_LEN };
        let mut at = self.at;
        let mut searched = mem::take(&mut self.searched);
        let mut known_len = self.bulk_len.take();
        let mut left = self.args_left;
        let missing = loop {
            let len = match known_len.take() {
                Some(len) => len,
                None => match header(input.get(at..).unwrap_or_default(), b'$', mem::take(&mut searched)) {
                    Header::Count(count, header_len) => {
                        at = at.wrapping_add(header_len);
                        match u32::try_from(count) {
                            Ok(len) if u64::from(len) <= max_len => len,
                            Ok(_) | Err(_) => return Err(refused_len(count, limits)),
                        }
                    }
                    Header::Unfinished { searched } => {
                        self.searched = searched;
                        break 0;
                    }
                    Header::TooLong => return Err(ProtocolError::BulkCountTooLong),
                    Header::WrongKind(got) => return Err(ProtocolError::ExpectedBulk(got)),
                    Header::Malformed => return Err(ProtocolError::InvalidBulkLength),
                },
            };
            let end = at.saturating_add(len as usize).saturating_add(CRLF_LEN);
            if end > input.len() {
                self.bulk_len = Some(len);
                break end.wrapping_sub(input.len());
            }
            spans.push(Span { start: narrow(at), len });
            at = end;
            left = left.wrapping_sub(1);
            if left == 0 {
                self.at = 0;
                self.args_left = 0;
                return Ok(Step::End(at));
            }
        };
        self.at = at;
        self.args_left = left;
        Ok(Step::Unfinished { missing })
    }

    /// An inline command: a line of words.
    #[inline(never)]
    fn inline(&mut self, line: &[u8], start: usize, batch: &mut Batch) -> Result<Step, ProtocolError> {
        let window = line.get(..=MAX_LINE_LEN).unwrap_or(line);
        let searched = mem::take(&mut self.searched);
        let found = memchr::memchr(b'\n', window.get(searched..).unwrap_or_default());
        let Some(newline) = found.map(|at| at.saturating_add(searched)) else {
            if window.len() > MAX_LINE_LEN {
                return Err(ProtocolError::InlineTooLong);
            }
            self.searched = window.len();
            return Ok(Step::Unfinished { missing: 0 });
        };
        let text = window.get(..newline).unwrap_or_default();
        let end = start.saturating_add(newline).saturating_add(1);
        if memchr::memchr2(b'"', b'\'', text).is_some() {
            batch.push_quoted(text, end)?;
        } else {
            let words = words::unquoted(text);
            batch.spans_mut().extend(
                words.map(|(at, word)| Span { start: narrow(start.saturating_add(at)), len: narrow(word.len()) }),
            );
            batch.finish_command(end);
        }
        Ok(Step::End(end))
    }
}

const CRLF_LEN: usize = 2;

#[inline]
fn arg_count(count: i64, limits: &Limits) -> Result<u32, ProtocolError> {
    match u32::try_from(count) {
        Ok(args) if count <= MAX_ARGS => {
            if !limits.authenticated && count > MAX_UNAUTHENTICATED_ARGS {
                return Err(ProtocolError::UnauthenticatedMultibulkLength);
            }
            Ok(args)
        }
        Ok(_) | Err(_) => Err(ProtocolError::InvalidMultibulkLength),
    }
}

/// Whether a command of which `read` bytes are there and `missing` are awaited can be described by spans.
fn in_reach(read: usize, missing: usize) -> Result<(), ProtocolError> {
    if read.saturating_add(missing) >= MAX_INPUT_LEN { Err(ProtocolError::CommandTooLong) } else { Ok(()) }
}

/// Why an argument may not be `count` bytes long.
#[cold]
fn refused_len(count: i64, limits: &Limits) -> ProtocolError {
    match u64::try_from(count) {
        Ok(len) if len <= limits.max_bulk_len => {
            if limits.authenticated {
                ProtocolError::CommandTooLong
            } else {
                ProtocolError::UnauthenticatedBulkLength
            }
        }
        Ok(_) | Err(_) => ProtocolError::InvalidBulkLength,
    }
}

/// An offset or length within [`MAX_INPUT_LEN`].
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "the input is cut to MAX_INPUT_LEN before anything is measured in it"
)]
pub(crate) const fn narrow(offset: usize) -> u32 {
    offset as u32
}
