//! Everything that touches Lua's C API, and all of this crate's `unsafe`.
//!
//! mlua's safe surface was the first choice and does not carry the script engine, for three reasons that are all in the border
//! between Lua and a function of ours. `redis.call` must raise a Lua table, and its place; a callback of mlua raises only an object
//! of mlua's own. Each argument of a callback is parked in an auxiliary thread and each closure lent to a script is made anew per
//! run, which is several times the work of the command itself. And the functions that guard holes in Lua's library must run the
//! original in their own frame, or every message names the guard. So mlua builds, owns and bounds the state, and serves the
//! small functions of the libraries; what runs on every EVAL, and what walks tables ([`libs`]), is written to the C API, in files of one
//! subject each over the thin [`state::State`].
//!
//! What makes it sound:
//! - one [`Interpreter`](interpreter::Interpreter) owns a state and is used by one thread at a time;
//! - a native function keeps nothing: it sees the run through a pointer that is set only during it (`run`);
//! - an error leaves a native function by `longjmp`, so no value with a destructor lives across a call that can raise;
//! - a panic of the server's is caught before it reaches Lua's frames and goes on behind them.
#![allow(unsafe_code, reason = "calls of Lua's C API, each wrapped once in `state`")]

mod api;
mod guards;
mod incoming;
mod interpreter;
mod libs;
mod outgoing;
mod random;
mod readonly;
mod register;
mod run;
mod sandbox;
mod state;
mod strings;
mod tables;
mod texts;

pub(crate) use interpreter::{Chunk, Interpreter, Kind};
pub(crate) use libs::{Instance, Native, native};
