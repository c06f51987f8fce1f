//! Replays a transcript against a subject.

/// One reply that is not what a transcript says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The lens it was seen under.
    pub lens: String,
    /// The line of the transcript, from 1.
    pub line: usize,
    /// The line as it is written, without its expectation.
    pub command: String,
    pub expected: String,
    pub got: String,
}
