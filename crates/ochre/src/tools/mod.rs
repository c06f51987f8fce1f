//! The offline tools: `ochre inspect`, `convert`, `verify` and `salvage`, which work on files and need no server.
//!
//! Each reads record by record, so its memory is that of the largest record, not of the file. They end with 0 when all is well, 1 when
//! they found damage, differences or something that a dialect cannot hold, and 2 when they could not do their work at all.

mod cli;
mod convert;
mod copy;
mod filter;
mod input;
mod inspect;
mod largest;
mod lines;
mod manifest;
mod output;
mod prefixes;
mod salvage;
mod survey;
mod text;
mod verify;

pub(crate) use cli::{is_tool, run};
