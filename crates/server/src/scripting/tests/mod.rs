//! Tests of more than one file of this folder.

mod busy;
mod eval;
mod functions;
mod payloads;
