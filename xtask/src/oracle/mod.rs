//! `cargo xtask oracle`: asks a real server every question that the tests ask Ochre.
//!
//! A transcript in a test says what we believe the family's servers answer. Here each of them is replayed, on an emptied server
//! and a fresh connection, under RESP2 and RESP3, against redis-server or valkey-server, and what differs is listed with the
//! line of the test. A difference that we want is accepted in writing (`testdata/oracle-accepted.txt`); an acceptance that no
//! difference needs any more is reported too, so the file cannot outlive its reasons.
//!
//! The transcripts are read out of the sources (`testkit::extract`: the string literals of `check*(...)` calls) rather than
//! dumped by running tests: nothing needs to compile, a test that is filtered out or fails is still asked, and line numbers
//! come free. What this cannot see is a transcript that a program puts together; tests have none.

mod accepted;
mod args;
mod ask;
mod corpus;
mod wildcard;

pub(crate) use args::{OracleArgs, run};
