//! A connection without a socket, and checks that an input means the same however it is cut.

use crate::request::{Batch, Limits, ProtocolError, RequestParser};

pub(super) type Words = Vec<Vec<u8>>;

/// A connection: the buffer its owner keeps, and what has come out of it.
pub(super) struct Connection {
    pub(super) parser: RequestParser,
    pub(super) batch: Batch,
    pub(super) limits: Limits,
    pub(super) input: Vec<u8>,
    pub(super) missing: usize,
    pub(super) commands: Vec<Words>,
    pub(super) error: Option<ProtocolError>,
}

impl Connection {
    pub(super) fn new(max_commands: usize, limits: Limits) -> Self {
        Self {
            parser: RequestParser::new(),
            batch: Batch::new(max_commands),
            limits,
            input: Vec::new(),
            missing: 0,
            commands: Vec::new(),
            error: None,
        }
    }

    pub(super) fn receive(&mut self, bytes: &[u8]) {
        self.input.extend_from_slice(bytes);
        while self.error.is_none() {
            match self.parser.parse(&self.input, &mut self.batch, &self.limits) {
                Ok(progress) => {
                    assert!(self.batch.end(self.batch.len().wrapping_sub(1)).unwrap_or(0) <= progress.consumed);
                    self.commands
                        .extend(self.batch.iter(&self.input).map(|argv| argv.iter().map(<[u8]>::to_vec).collect()));
                    self.input.drain(..progress.consumed);
                    self.missing = progress.missing;
                    if self.batch.is_empty() {
                        break;
                    }
                }
                Err(error) => {
                    assert!(self.batch.is_empty(), "complete commands come before an error");
                    self.error = Some(error);
                }
            }
        }
    }

    /// Everything that must not depend on where the input was cut.
    pub(super) fn outcome(self) -> (Vec<Words>, Option<ProtocolError>, Vec<u8>) {
        let rest = if self.error.is_some() { Vec::new() } else { self.input };
        (self.commands, self.error, rest)
    }
}

pub(super) fn outcome_in_pieces<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
    limits: Limits,
) -> (Vec<Words>, Option<ProtocolError>, Vec<u8>) {
    let mut connection = Connection::new(3, limits);
    pieces.into_iter().for_each(|piece| connection.receive(piece));
    connection.outcome()
}

pub(super) fn words(words: &[&[u8]]) -> Words {
    words.iter().map(|word| word.to_vec()).collect()
}

/// The outcome of `input`: in one piece, cut in two at every byte, and byte by byte.
#[track_caller]
pub(super) fn check_with(limits: Limits, input: &[u8], commands: &[&[&[u8]]], error: Option<ProtocolError>) {
    let whole = outcome_in_pieces([input], limits);
    let expected: Vec<Words> = commands.iter().map(|command| words(command)).collect();
    assert_eq!((&whole.0, whole.1), (&expected, error), "{}", input.escape_ascii());
    for cut in 0..=input.len() {
        let (before, after) = input.split_at(cut);
        assert_eq!(outcome_in_pieces([before, after], limits), whole, "{} cut at {cut}", input.escape_ascii());
    }
    assert_eq!(outcome_in_pieces(input.chunks(1), limits), whole, "{} byte by byte", input.escape_ascii());
}

#[track_caller]
pub(super) fn check(input: &[u8], commands: &[&[&[u8]]]) {
    check_with(Limits::default(), input, commands, None);
}

#[track_caller]
pub(super) fn check_error(input: &[u8], commands: &[&[&[u8]]], error: ProtocolError) {
    check_with(Limits::default(), input, commands, Some(error));
}

pub(super) const PING: &[u8] = b"*1\r\n$4\r\nPING\r\n";

pub(super) fn then_ping(input: &[u8]) -> Vec<u8> {
    [input, PING].concat()
}
