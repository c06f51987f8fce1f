//! The parts of a transcript.

use std::ops::Range;

use resp::Protocol;

use crate::pattern::Pattern;
use crate::peer::{Peer, Since, Vendor};

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
    /// Looks at what left for replicas: one command, `*` for any word; without words, that nothing did.
    Stream {
        words: Vec<Vec<u8>>,
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

    /// Whether it looks at what leaves for replicas.
    #[must_use]
    pub fn watches_stream(&self) -> bool {
        self.lines.iter().any(|line| matches!(line.step, Step::Stream { .. }))
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
