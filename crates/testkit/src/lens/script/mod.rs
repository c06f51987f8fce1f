//! Every command that a script may call is called from one, and answers the same.
//!
//! ```text
//! > MGET a b      => ['1', (nil)]      is sent as   EVAL "return redis.pcall(unpack(ARGV))" 0 MGET a b
//! ```
//!
//! Over RESP3 the script asks for RESP3 answers (`redis.setresp(3)`), and its words come as KEYS and not as ARGV, so that
//! declared keys and undeclared ones are both tried. `redis.pcall`, because the error of `redis.call` names the script's place.
//!
//! Which commands those are is what the server itself says of them: COMMAND INFO tells flags and arity ([`catalogue`]). What is
//! sent as it is although it has no `noscript` stands in [`call`], with reasons. What a reply loses on its way through Lua
//! stands in [`expect`].
//!
//! Rejected: asking a second server plainly and comparing the two replies. What clients are told at random, by time or by their own
//! number would differ, and a transcript already says what is right.

mod call;
mod catalogue;
mod expect;
#[cfg(test)]
mod tests;

pub use call::Words;
pub(crate) use call::{Call, Manner};
pub(crate) use catalogue::Catalogue;
