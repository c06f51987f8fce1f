//! Transcripts: tests of a server that read as a session, replayed under every lens.
//!
//! ```text
//! > HSET h n 9223372036854775807    => 1
//! > HINCRBY h n 1                   => (error) ERR increment or decrement would overflow
//! > HGET h n                        => '9223372036854775807'
//! ```
//!
//! The format of the lines is described in [`transcript`], the notation of replies in [`pattern`], the
//! ways to replay in [`lens`].
//!
//! Knows protocol bytes through `resp` and nothing of commands or of the server: each hands itself in as a [`Subject`], so
//! there is no cycle and an edit rebuilds one crate.
//!
//! For a test (`commands`, `server`): [`check`]`(&factory, text)` runs `text` under all lenses and panics with a report.
//! `UPDATE_EXPECT=1` writes what the server answered into the source instead.
//!
//! For a tool (`cargo xtask oracle`), which asks real servers:
//!
//! ```text
//! extract(source) -> Vec<Found { line, function, text }>      the transcripts of a source file
//! Transcript::parse(text) -> Result<Transcript, ParseError>
//! transcript.refuses(Peer { vendor, version }) -> Option<why> @since, @only
//! transcript.clock_ms() -> u64                                how long it sleeps on a real server
//! lens.for_transcript(&transcript) -> Option<Lens>            @skip-lens, @resp2, @resp3
//! TcpSubject::connect("127.0.0.1:6379") -> io::Result<TcpSubject>   EMPTIES that server; restores parameters when dropped
//! subject.peer() -> io::Result<Peer>
//! run(&transcript, &mut subject, &Lens::RESP2) -> Vec<Difference>      resets the server first
//! ```

mod check;
mod digest;
#[cfg(test)]
mod fake;
mod feed;
pub mod lens;
mod link;
mod notation;
pub mod pattern;
mod peer;
mod report;
mod run;
mod session;
mod source;
mod subject;
mod tcp;
pub mod transcript;
mod update;
mod wrap;

pub use check::{Factory, check, check_under};
pub use digest::Digest;
pub use feed::stream_commands;
pub use lens::{Encodings, Feed, Hook, Lens, STANDARD, Words};
pub use pattern::{Captures, Items, Pattern, Rest};
pub use peer::{Peer, Since, Vendor, Version};
pub use run::{Difference, run};
pub use session::Stage;
pub use source::{Found, extract};
pub use subject::{ConnId, Received, Subject, Wait};
pub use tcp::TcpSubject;
pub use transcript::{Expectation, Line, Outcome, ParseError, Skip, SkipScope, Step, Transcript};
