//! The complete commands found in a connection's input: one flat arena of spans and one short entry per command.
//!
//! A batch, not one command at a time, so that the keys of all its commands can be hashed and their buckets prefetched before
//! the first one runs. It belongs to the thread, not to the connection, and allocates nothing once warm.

use super::parser::narrow;
use crate::words::{self, UnbalancedQuotes};
use crate::{Argv, Span};

/// Complete commands, in order of arrival. Filled by [`RequestParser::parse`](super::RequestParser::parse); valid as long as the
/// input that was parsed keeps its first byte where it was.
#[derive(Debug)]
pub struct Batch {
    commands: Vec<Command>,
    spans: Vec<Span>,
    /// The words of inline commands that hold quotes, without them: these cannot be spans of the input.
    unquoted: Vec<u8>,
    max_commands: usize,
}

#[derive(Clone, Copy, Debug)]
struct Command {
    first_span: u32,
    span_count: u32,
    /// Where the command's bytes end in the input.
    end: u32,
    source: Source,
}

/// What a command's spans are relative to.
#[derive(Clone, Copy, Debug)]
enum Source {
    Input,
    Unquoted,
}

/// A batch that grew past this many spans, or bytes of unquoted words, gives the memory back when it is cleared.
const KEPT_SPANS: usize = 16 * 1024;
const KEPT_BYTES: usize = 64 * 1024;

impl Batch {
    /// Room for `max_commands` at a time, at least one.
    #[must_use]
    pub fn new(max_commands: usize) -> Self {
        Self { commands: Vec::new(), spans: Vec::new(), unquoted: Vec::new(), max_commands: max_commands.max(1) }
    }

    #[must_use]
    pub const fn len(&self) -> usize {
        self.commands.len()
    }

    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    /// Whether parsing stopped because the batch holds as many commands as it may: there may be more in the input.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.commands.len() >= self.max_commands
    }

    /// Command `index`, whose arguments lie in `input`, the bytes that were parsed.
    #[must_use]
    #[inline]
    pub fn argv<'a>(&'a self, index: usize, input: &'a [u8]) -> Option<Argv<'a>> {
        self.commands.get(index).map(|command| self.argv_of(command, input))
    }

    /// All commands; see [`Self::argv`].
    pub fn iter<'a>(&'a self, input: &'a [u8]) -> impl ExactSizeIterator<Item = Argv<'a>> + Clone {
        self.commands.iter().map(move |command| self.argv_of(command, input))
    }

    /// Where command `index` ends in the input. To give back the commands after it, consume so many bytes only and
    /// [`reset`](super::RequestParser::reset) the parser.
    #[must_use]
    pub fn end(&self, index: usize) -> Option<usize> {
        self.commands.get(index).map(|command| command.end as usize)
    }

    pub fn clear(&mut self) {
        self.commands.clear();
        self.spans.clear();
        self.unquoted.clear();
        if self.spans.capacity() > KEPT_SPANS {
            self.spans.shrink_to(KEPT_SPANS);
        }
        if self.unquoted.capacity() > KEPT_BYTES {
            self.unquoted.shrink_to(KEPT_BYTES);
        }
    }

    /// Memory the batch holds on to, apart from itself.
    #[must_use]
    pub const fn heap_bytes(&self) -> usize {
        let commands = self.commands.capacity().saturating_mul(size_of::<Command>());
        let spans = self.spans.capacity().saturating_mul(size_of::<Span>());
        commands.saturating_add(spans).saturating_add(self.unquoted.capacity())
    }

    #[inline]
    fn argv_of<'a>(&'a self, command: &Command, input: &'a [u8]) -> Argv<'a> {
        let first = command.first_span as usize;
        let spans = self.spans.get(first..).and_then(|from| from.get(..command.span_count as usize));
        let bytes = match command.source {
            Source::Input => input,
            Source::Unquoted => &self.unquoted,
        };
        Argv::new(bytes, spans.unwrap_or_default())
    }

    // For the parser: first the arguments of a command, then the command itself

    /// The arena, to which the next command's arguments are appended.
    #[inline]
    pub(super) const fn spans_mut(&mut self) -> &mut Vec<Span> {
        &mut self.spans
    }

    /// How many spans belong to complete commands: those after them are arguments of the next one.
    #[inline]
    pub(super) fn settled_spans(&self) -> usize {
        self.commands.last().map_or(0, |last| (last.first_span as usize).saturating_add(last.span_count as usize))
    }

    /// The spans appended since the last command are the arguments of one more, which ends at `end`. None is no command.
    #[inline]
    pub(super) fn finish_command(&mut self, end: usize) {
        self.finish(end, Source::Input);
    }

    /// Splits an inline command with quotes in it and appends it.
    pub(super) fn push_quoted(&mut self, line: &[u8], end: usize) -> Result<(), UnbalancedQuotes> {
        words::split_into(line, &mut self.unquoted, &mut self.spans)?;
        self.finish(end, Source::Unquoted);
        Ok(())
    }

    #[inline]
    fn finish(&mut self, end: usize, source: Source) {
        let first = self.settled_spans();
        let span_count = narrow(self.spans.len().saturating_sub(first));
        if span_count > 0 {
            self.commands.push(Command { first_span: narrow(first), span_count, end: narrow(end), source });
        }
    }
}
