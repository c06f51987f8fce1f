//! Lua 5.1's patterns (reference manual 5.4.1), matched step by counted step.
//!
//! A pattern such as `.-.-.-.-b` over a long text of `a` keeps Lua's own matcher busy for hours, in C and with no instruction in
//! between at which a script could be ended. This matcher gives the same captures, and the same messages for malformed patterns,
//! but asks every [`STEPS_PER_QUESTION`] steps whether to go on.
//!
//! Like Lua's it reads the pattern as it matches and goes back where a guess was wrong, because messages depend on it: a pattern is
//! malformed only if the match gets that far (`a[` does not find anything in `b`, and is an error in `a`). For that reason there is
//! no compiled form, and an automaton, which would take linear time, was never one: back references and `%b` are not regular.
//!
//! Knows nothing of Lua's states: subject and pattern are bytes.

mod answer;
mod class;
mod matcher;
mod plain;

pub(crate) use answer::{Captured, Fault, Found};
pub(crate) use matcher::{Matcher, STEPS_PER_QUESTION};
pub(crate) use plain::{find_plain, is_plain};
