//! Transcripts of the hash commands, by subject.

mod effects;
mod encoding;
mod errors;
mod expiry;
mod reading;
