//! Requests that break the protocol: the connection gets the error's text and is closed.

use std::fmt;

use crate::words::UnbalancedQuotes;

/// Why a request cannot be read. [`Self::to_reply`] is the text a client gets, the same as Redis's byte for byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProtocolError {
    /// `*` is not followed by a canonical integer of at most [`i32::MAX`].
    InvalidMultibulkLength,
    /// No line end within 64 KB after `*`.
    MultibulkCountTooLong,
    /// An argument does not start with `$` but with this byte.
    ExpectedBulk(u8),
    /// `$` is not followed by a canonical integer from 0 to the greatest length allowed.
    InvalidBulkLength,
    /// No line end within 64 KB after `$`.
    BulkCountTooLong,
    /// No line end within 64 KB of an inline command.
    InlineTooLong,
    /// An inline command's quotes are not closed, or a closing one is not followed by a space.
    UnbalancedQuotes,
    /// More arguments than a client may send before it has authenticated.
    UnauthenticatedMultibulkLength,
    /// A longer argument than a client may send before it has authenticated.
    UnauthenticatedBulkLength,
    /// One command of 4 GiB or more, which spans of 32 bits cannot describe. Not an error of Redis, which would take it.
    CommandTooLong,
}

impl ProtocolError {
    /// The error reply's text: the code `ERR` and the message.
    ///
    /// ```
    /// use resp::ProtocolError;
    /// assert_eq!(ProtocolError::ExpectedBulk(b'x').to_reply(), b"ERR Protocol error: expected '$', got 'x'");
    /// assert_eq!(ProtocolError::ExpectedBulk(0xff).to_reply(), b"ERR Protocol error: expected '$', got '\xff'");
    /// ```
    #[must_use]
    pub fn to_reply(self) -> Vec<u8> {
        let mut text = b"ERR Protocol error: ".to_vec();
        text.extend_from_slice(self.message().as_bytes());
        if let Self::ExpectedBulk(got) = self {
            // The byte itself, printable or not; `Reply::error` turns CR and LF into spaces.
            text.extend_from_slice(&[got, b'\'']);
        }
        text
    }

    const fn message(self) -> &'static str {
        match self {
            Self::InvalidMultibulkLength => "invalid multibulk length",
            Self::MultibulkCountTooLong => "too big mbulk count string",
            Self::ExpectedBulk(_) => "expected '$', got '",
            Self::InvalidBulkLength => "invalid bulk length",
            Self::BulkCountTooLong => "too big bulk count string",
            Self::InlineTooLong => "too big inline request",
            Self::UnbalancedQuotes => "unbalanced quotes in request",
            Self::UnauthenticatedMultibulkLength => "unauthenticated multibulk length",
            Self::UnauthenticatedBulkLength => "unauthenticated bulk length",
            Self::CommandTooLong => "too big request",
        }
    }
}

impl fmt::Display for ProtocolError {
    /// For logs: [`Self::to_reply`] without the code, and with an unprintable byte escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Protocol error: {}", self.message())?;
        if let Self::ExpectedBulk(got) = self {
            write!(f, "{}'", got.escape_ascii())?;
        }
        Ok(())
    }
}

impl std::error::Error for ProtocolError {}

impl From<UnbalancedQuotes> for ProtocolError {
    fn from(_: UnbalancedQuotes) -> Self {
        Self::UnbalancedQuotes
    }
}
