//! What a match answers: a place, captures, or a fault of the pattern.

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    EndsWithEscape,
    MissingBracket,
    MissingBracketAfterFrontier,
    Unbalanced,
    InvalidCaptureIndex,
    UnfinishedCapture,
    InvalidCapture,
    TooManyCaptures,
    /// Nested deeper than the matcher goes. Lua's own matcher has no such bound.
    TooComplex,
    /// The question whether to go on was answered with no.
    Stopped,
}

impl Fault {
    /// The words of Lua 5.1.5.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::EndsWithEscape => "malformed pattern (ends with '%')",
            Self::MissingBracket => "malformed pattern (missing ']')",
            Self::MissingBracketAfterFrontier => "missing '[' after '%f' in pattern",
            Self::Unbalanced => "unbalanced pattern",
            Self::InvalidCaptureIndex => "invalid capture index",
            Self::UnfinishedCapture => "unfinished capture",
            Self::InvalidCapture => "invalid pattern capture",
            Self::TooManyCaptures => "too many captures",
            Self::TooComplex => "pattern too complex",
            Self::Stopped => "stopped",
        }
    }
}

/// Where a match stands: from `start` up to, not including, `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// What a capture holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Captured<'a> {
    Text(&'a [u8]),
    /// `()`: a place in the subject, of which the first is 1.
    Position(usize),
}
