//! Why a start was refused: where the directive stands, what it says, and the reason, in the shape that Redis prints.

use std::fmt;
use std::path::PathBuf;

/// What a directive was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    File(PathBuf),
    Stdin,
    CommandLine,
}

/// Where a directive stands, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub source: Source,
    /// Counted from 1. On the command line every option is a line.
    pub line: u32,
    /// The line without blanks around it.
    pub directive: String,
}

/// A configuration the server must not start with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// A directive that cannot be obeyed.
    Directive { place: Place, reason: String },
    /// Directives that are each right but contradict each other.
    Conflict { reason: String },
    /// A configuration file that cannot be read.
    Unreadable { file: PathBuf, reason: String },
}

impl ConfigError {
    /// The error of the directive at `place`: for checks that only the server can make, such as a renamed command's name.
    #[must_use]
    pub fn at(place: &Place, reason: impl Into<String>) -> Self {
        Self::Directive { place: place.clone(), reason: reason.into() }
    }

    /// What to print before giving up. `server` names it and its version, as in `Redis 7.0.15`.
    ///
    /// ```text
    ///
    /// *** FATAL CONFIG FILE ERROR (Redis 7.0.15) ***
    /// Reading the configuration file, at line 3 of /etc/redis/redis.conf
    /// >>> 'prot 7000'
    /// Bad directive or wrong number of arguments. Did you mean 'port'?
    /// ```
    #[must_use]
    pub fn report(&self, server: &str) -> String {
        match self {
            Self::Unreadable { .. } => format!("Fatal error, {self}\n"),
            Self::Conflict { .. } => format!("\n*** FATAL CONFIG FILE ERROR ({server}) ***\n{self}\n"),
            Self::Directive { place, reason } => format!(
                "\n*** FATAL CONFIG FILE ERROR ({server}) ***\n\
                 Reading the configuration file, at line {} of {}\n>>> '{}'\n{reason}\n",
                place.line, place.source, place.directive
            ),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Stdin => f.write_str("standard input"),
            Self::CommandLine => f.write_str("the command line"),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directive { place, reason } => {
                write!(f, "line {} of {}, '{}': {reason}", place.line, place.source, place.directive)
            }
            Self::Conflict { reason } => f.write_str(reason),
            Self::Unreadable { file, reason } => write!(f, "can't open config file '{}': {reason}", file.display()),
        }
    }
}

impl std::error::Error for ConfigError {}
