//! What a lens is, and all there are.

use resp::Protocol;

use super::{Words, encodings, replica, restore, twin};
use crate::session::Stage;
use crate::transcript::Transcript;

/// A way to replay a transcript.
#[derive(Clone, Copy, Debug)]
pub struct Lens {
    /// What `@skip-lens` and reports call it.
    pub name: &'static str,
    pub protocol: Protocol,
    pub feed: Feed,
    /// Whether the encodings of values are what they would be without the lens.
    pub encodings: Encodings,
    /// Before the first line.
    pub prepare: Hook,
    /// Before every line (under [`Feed::Pipelined`], before every batch).
    pub before: Hook,
    /// After every line (or batch).
    pub after: Hook,
    /// What is sent in place of a command.
    pub rewrite: fn(Vec<Vec<u8>>) -> Vec<Vec<u8>>,
    /// Commands are called from a script, which gets their words so.
    pub script: Option<Words>,
}

/// Something a lens does between lines. An error is a difference of the line.
pub type Hook = fn(&mut Stage<'_>) -> Result<(), String>;

/// How commands arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feed {
    /// One command, one arrival.
    Whole,
    /// One byte, one arrival.
    ByByte,
    /// All commands up to the next one that depends on what happened before, in one arrival.
    Pipelined,
}

/// Whether OBJECT ENCODING is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encodings {
    Compared,
    Ignored,
}

impl Lens {
    /// One command after the other, over RESP2.
    pub const RESP2: Self = Self {
        name: "resp2",
        protocol: Protocol::Resp2,
        feed: Feed::Whole,
        encodings: Encodings::Compared,
        prepare: nothing,
        before: nothing,
        after: nothing,
        rewrite: as_it_is,
        script: None,
    };

    /// One command after the other, over RESP3.
    pub const RESP3: Self = Self { name: "resp3", protocol: Protocol::Resp3, ..Self::RESP2 };

    /// Input split at every byte.
    pub const SPLIT: Self = Self { name: "split", feed: Feed::ByByte, ..Self::RESP2 };

    /// Many commands in one arrival.
    pub const PIPELINED: Self = Self { name: "pipelined", feed: Feed::Pipelined, ..Self::RESP2 };

    /// Every key through DUMP and RESTORE between lines.
    pub const RESTORE: Self = Self { name: "restore", after: restore::round_trip, ..Self::RESP2 };

    /// Commands are called from a script that declares no key.
    pub const SCRIPT: Self = Self { name: "script", script: Some(Words::Args), ..Self::RESP2 };

    /// Commands are called from a script that asks for RESP3 answers and declares every word as a key.
    pub const SCRIPT_RESP3: Self = Self { name: "script-resp3", script: Some(Words::Keys), ..Self::RESP3 };

    /// Compact encodings off. Not among the standard ones: it needs the parameters that turn them off.
    pub const NOT_COMPACT: Self =
        Self { name: "not-compact", prepare: encodings::turn_off, encodings: Encodings::Ignored, ..Self::RESP2 };

    /// A second server holds the same keys after every line. For a subject that has a twin; of one lens several are made,
    /// `Lens { name: "replica", ..Lens::TWIN }` and one with another factory for reloads.
    pub const TWIN: Self = Self { name: "twin", after: twin::compare, ..Self::RESP2 };

    /// The subject looks at itself after every line: [`Subject::audit`](crate::Subject::audit). For one that feeds a replica.
    pub const REPLICA: Self = Self { name: "replica", after: replica::audit, ..Self::RESP2 };

    /// This lens as it applies to `transcript`: over the protocol that the transcript insists on, or not at all.
    #[must_use]
    pub fn for_transcript(&self, transcript: &Transcript) -> Option<Self> {
        // What a script does leaves for replicas as one transaction.
        let others_stream = self.script.is_some() && transcript.watches_stream();
        if others_stream || transcript.skips_lens(self.name).is_some() {
            return None;
        }
        match transcript.only_protocol {
            // The two lenses that are nothing but a protocol have nothing to say about the other one.
            Some(only) if only != self.protocol && [Self::RESP2.name, Self::RESP3.name].contains(&self.name) => None,
            Some(only) => Some(self.over(only)),
            None => Some(*self),
        }
    }

    /// This lens over another protocol.
    #[must_use]
    pub const fn over(mut self, protocol: Protocol) -> Self {
        self.protocol = protocol;
        self
    }
}

/// The lenses every transcript is held under.
pub const STANDARD: &[Lens] =
    &[Lens::RESP2, Lens::RESP3, Lens::SPLIT, Lens::PIPELINED, Lens::RESTORE, Lens::SCRIPT, Lens::SCRIPT_RESP3];

fn nothing(_: &mut Stage<'_>) -> Result<(), String> {
    Ok(())
}

fn as_it_is(words: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    words
}
