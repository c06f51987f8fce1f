//! Strings.

mod digest;
mod get;
mod incr;
mod increx;
mod lcs;
mod multi;
mod range;
mod set;

mod condition;
mod expiry;
mod subsequence;

use command_api::Command;

pub(crate) const TABLE: &[&Command] = &[
    &get::GET,
    &get::GETSET,
    &get::GETDEL,
    &get::GETEX,
    &set::SET,
    &set::SETNX,
    &set::SETEX,
    &set::PSETEX,
    &multi::MGET,
    &multi::MSET,
    &multi::MSETNX,
    &multi::MSETEX,
    &range::APPEND,
    &range::STRLEN,
    &range::GETRANGE,
    &range::SUBSTR,
    &range::SETRANGE,
    &incr::INCR,
    &incr::DECR,
    &incr::INCRBY,
    &incr::DECRBY,
    &incr::INCRBYFLOAT,
    &increx::INCREX,
    &lcs::LCS,
    &digest::DIGEST,
    &digest::DELEX,
];
