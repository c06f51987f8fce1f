//! A transcript: what clients send and what they get back, as text that reads like a session.
//!
//! ```text
//! # a comment
//! @since 6.2                              a directive (below)
//! > SET k 'a b'            => OK          a command, quoted as redis-cli has it, and its reply
//! > GET k                  => 'a b'       replies: the notation of `Pattern`
//! > CONFIG GET save        =>2 ['save', '']
//!                          =>3 {'save': ''}   where the protocols differ beyond the usual
//! > SUBSCRIBE a b          => >['subscribe', 'a', 1]
//!                          => >['subscribe', 'b', 2]   several replies, in order
//! > LRANGE l 0 -1          => [           a bracket left open continues the reply
//!     'a',
//!   ]
//! A> BLPOP l 0             => (blocked)   another connection; a word before `>` names it
//! > RPUSH l x              => 1
//! A: => ['l', 'x']                        what came later
//! > CLIENT REPLY OFF       => (silent)    no reply, and none is owed
//! > QUIT                   => OK
//!                          => (closed)    the server hung up
//! >> "*1\r\n$-5\r\n"       => (error) ERR Protocol error: ...   the bytes of the words, as they are
//! ```
//!
//! A command without `=>` fails until `UPDATE_EXPECT=1` has filled it in; `=> *` takes anything. Commands and replies may
//! hold `${x*65}` (65 times x), `${200: f# v#}` (`f1 v1 f2 v2` up to 200), `${0..9: #}`, and `${name}`, which a reply binds
//! and later commands use.
//!
//! ```text
//! @now +5s                         move the clock: ms, s, m, h, d
//! @config NAME VALUE               set a parameter
//! @close A                         hang up
//! @since 8.4 [valkey 9.1]          only servers from there on are asked (never a reason to skip Ochre)
//! @only redis valkey               only these servers are asked
//! @resp2  @resp3                   only under this protocol
//! @skip-lens NAME REASON           not under this lens
//! @skip-encodings NAME REASON      OBJECT ENCODING is not compared under this lens
//! @skip-line NAME REASON           the next line's reply is not compared under this lens
//! ```

mod expand;
mod parse;
#[cfg(test)]
mod tests;

use std::ops::Range;

use resp::Protocol;

use crate::pattern::Pattern;
use crate::peer::{Peer, Since, Vendor};

pub use parse::ParseError;

/// A parsed transcript.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    pub lines: Vec<Line>,
    pub since: Since,
    /// The servers it may be put to; empty for all.
    pub only: Vec<Vendor>,
    /// The only protocol it holds under.
    pub only_protocol: Option<Protocol>,
    pub skips: Vec<Skip>,
}

/// One line, or several if its reply goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Of its first line in the text, from 1.
    pub number: usize,
    /// The first line without indentation or expectation: what a report shows.
    pub text: String,
    pub step: Step,
    pub expect: Vec<Expectation>,
    /// The bytes of the transcript's text from the first `=>` to the end of the last reply. Empty, at the end of the line,
    /// if nothing is expected yet.
    pub expect_span: Range<usize>,
    /// The lenses under which the reply is not compared.
    pub skips: Vec<Skip>,
}

/// What a line does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Sends a command. Words still hold `${name}`s.
    Command {
        conn: String,
        words: Vec<Vec<u8>>,
    },
    /// Sends bytes as they are.
    Raw {
        conn: String,
        bytes: Vec<u8>,
    },
    /// Looks at what arrived meanwhile.
    Later {
        conn: String,
    },
    Now {
        ms: u64,
    },
    Config {
        name: String,
        value: String,
    },
    Close {
        conn: String,
    },
}

/// What follows one `=>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// As it is written.
    pub text: String,
    /// `=>2` and `=>3` hold under one protocol only.
    pub protocol: Option<Protocol>,
    pub outcome: Outcome,
}

/// What is expected to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Reply(Pattern),
    /// Nothing yet: the client waits.
    Blocked,
    /// Nothing at all.
    Silent,
    /// The server closes the connection.
    Closed,
}

/// A lens a transcript, or one line of it, is not compared under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    pub lens: String,
    pub scope: SkipScope,
    pub reason: String,
}

/// How much a [`Skip`] leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkipScope {
    Everything,
    Encodings,
    Line,
}

impl Line {
    /// What this line expects under `protocol`, in order.
    pub fn expected(&self, protocol: Protocol) -> impl Iterator<Item = &Expectation> {
        let holds = move |expectation: &&Expectation| expectation.protocol.is_none_or(|only| only == protocol);
        self.expect.iter().filter(holds)
    }
}

impl Transcript {
    /// Why this transcript cannot be put to `peer`: `@since` or `@only`. `None` if it can.
    #[must_use]
    pub fn refuses(&self, peer: Peer) -> Option<String> {
        if !self.only.is_empty() && !self.only.contains(&peer.vendor) {
            return Some(format!("not for {}", peer.vendor.name()));
        }
        self.since.refuses(peer)
    }

    /// How far all `@now` lines together move the clock. A server whose clock is real takes that long.
    #[must_use]
    pub fn clock_ms(&self) -> u64 {
        self.lines.iter().map(|line| if let Step::Now { ms } = line.step { ms } else { 0 }).sum()
    }

    /// Why it is not run under the lens of this name.
    #[must_use]
    pub fn skips_lens(&self, lens: &str) -> Option<&str> {
        self.skip(lens, SkipScope::Everything)
    }

    pub(crate) fn skips_encodings(&self, lens: &str) -> bool {
        self.skip(lens, SkipScope::Encodings).is_some()
    }

    fn skip(&self, lens: &str, scope: SkipScope) -> Option<&str> {
        self.skips.iter().find(|skip| skip.scope == scope && skip.lens == lens).map(|skip| skip.reason.as_str())
    }
}
