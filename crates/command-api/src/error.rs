//! Everything a command can refuse with, in Redis's words to the letter.
//!
//! Clients and tests match on these texts, so each stands here once. What only one command ever says is [`CommandError::Other`]
//! with its text beside that command.

use std::borrow::Cow;
use std::fmt;

/// Why a command was refused. Its `Display` is the error line without the leading `-`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandError {
    /// Full name of the command, with `|` before a subcommand.
    Arity(Cow<'static, str>),
    Syntax,
    NotInteger,
    NotIntegerOf(&'static str),
    NotFloat,
    WrongType,
    NoSuchKey,
    IncrOverflow,
    IncrNanOrInfinity,
    OutOfRange,
    IndexOutOfRange,
    /// A string would grow past `proto-max-bulk-len`.
    StringTooLong,
    /// Full name of the command.
    InvalidExpire(&'static str),
    DbIndexOutOfRange,
    InvalidDbIndex,
    SameObject,
    BusyKey,
    InvalidCursor,
    /// The whole line, code included.
    Other(Cow<'static, str>),
}

impl CommandError {
    /// An error that one command alone says; `text` is the whole line with its code: `ERR ...`.
    #[must_use]
    pub const fn other(text: &'static str) -> Self {
        Self::Other(Cow::Borrowed(text))
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arity(name) => write!(f, "ERR wrong number of arguments for '{name}' command"),
            Self::Syntax => f.write_str("ERR syntax error"),
            Self::NotInteger => f.write_str("ERR value is not an integer or out of range"),
            Self::NotIntegerOf(what) => write!(f, "ERR {what} is not an integer or out of range"),
            Self::NotFloat => f.write_str("ERR value is not a valid float"),
            Self::WrongType => f.write_str("WRONGTYPE Operation against a key holding the wrong kind of value"),
            Self::NoSuchKey => f.write_str("ERR no such key"),
            Self::IncrOverflow => f.write_str("ERR increment or decrement would overflow"),
            Self::IncrNanOrInfinity => f.write_str("ERR increment would produce NaN or Infinity"),
            Self::OutOfRange => f.write_str("ERR value is out of range"),
            Self::IndexOutOfRange => f.write_str("ERR index out of range"),
            Self::StringTooLong => f.write_str("ERR string exceeds maximum allowed size (proto-max-bulk-len)"),
            Self::InvalidExpire(name) => write!(f, "ERR invalid expire time in '{name}' command"),
            Self::DbIndexOutOfRange => f.write_str("ERR DB index is out of range"),
            Self::InvalidDbIndex => f.write_str("ERR invalid DB index"),
            Self::SameObject => f.write_str("ERR source and destination objects are the same"),
            Self::BusyKey => f.write_str("BUSYKEY Target key name already exists."),
            Self::InvalidCursor => f.write_str("ERR invalid cursor"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for CommandError {}

impl From<keyspace::WrongType> for CommandError {
    fn from(_: keyspace::WrongType) -> Self {
        Self::WrongType
    }
}
